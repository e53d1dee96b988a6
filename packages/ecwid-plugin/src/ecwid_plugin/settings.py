"""What follows from declared settings: their JSON schema, defaults, and the check of their values.

The check has words of its own: messages of msgspec and of JSON schema validators repeat the value,
and the value can be the token.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import operator
from decimal import Decimal
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Literal,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from ecwid_api.errors import SettingError
from ecwid_api.settings import is_given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.settings import Settings

_CONTAINERS: Final[Mapping[Any, type]] = {list: list, dict: dict, collections.abc.Mapping: dict}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    """A declared setting: its name, type (without None), words and limits, and default."""

    name: str
    kind: Any
    meta: msgspec.Meta
    default: Any

    def schema(self) -> dict[str, Any]:
        """Its JSON schema."""
        found = msgspec.json.schema(Annotated[self.kind, self.meta])
        if get_origin(self.kind) is Literal:
            # msgspec sorts the values, and names no type.
            found |= {"type": "string", "enum": list(get_args(self.kind))}
        if "anyOf" in found:
            # Words that may stand in place of another type's value come first.
            kinds = sorted(found.pop("anyOf"), key=lambda one: "enum" not in one)
            found["type"] = [one.get("type", "string") for one in kinds]
        if found.pop("$defs", None):
            (group,) = get_args(self.kind)
            found["items"] = {**json_schema(group), "additionalProperties": False}
        if self.default is not None:
            found["default"] = self.default
        return found

    def fits(self, value: object) -> bool:
        """Whether a value is of its type and within limits. Only a check looks into containers."""
        check = self.extra["check"]
        container = _CONTAINERS.get(get_origin(self.kind))
        if container is not None:
            return isinstance(value, container) and (check is None or bool(check(value)))
        try:
            # A number of seconds may be text, and so may true and false where words fit too.
            strict = self.kind is not float and bool not in get_args(self.kind)
            converted = msgspec.convert(value, Annotated[self.kind, self.meta], strict=strict)
        except msgspec.ValidationError:
            return False
        return check is None or bool(check(converted))

    def refusal(self, value: object) -> SettingError:
        """The error about a value that doesn't fit; a secret's value is not in it."""
        rule = self.extra["rule"] or self._rule()
        shown = not self.extra["secret"] and get_origin(self.kind) not in _CONTAINERS
        return SettingError(self.name, f"is {value!r}, and {rule}" if shown else rule)

    @property
    def extra(self) -> Mapping[str, Any]:
        """What ``setting`` keeps for the check: ``rule``, ``check`` and ``secret``."""
        return self.meta.extra or {}

    def _rule(self) -> str:
        if get_origin(self.kind) is Literal:
            return f"should be {' or '.join(get_args(self.kind))}"
        if self.kind is bool:
            return "should be true or false"
        if self.kind in {int, float}:
            least, most = self.meta.ge, self.meta.le
            limits = f", {least} or more" if most is None else f" from {least} to {most}"
            return f"should be a number{limits if least is not None else ''}"
        return "should be text: put it in quotes"


def _declared(*groups: type[Settings]) -> Iterator[_Declared]:
    for group in groups:
        hints, defaults = get_type_hints(group), group()
        for one in dataclasses.fields(group):
            hint = hints[one.name]
            options = get_args(hint) if type(None) in get_args(hint) else (hint,)
            yield _Declared(
                name=one.name,
                kind=functools.reduce(operator.or_, (o for o in options if o is not type(None))),
                meta=one.metadata["meta"],
                default=getattr(defaults, one.name),
            )


def names_of(*groups: type[Settings]) -> frozenset[str]:
    """The names of the settings of all groups."""
    return frozenset(one.name for group in groups for one in dataclasses.fields(group))


def json_schema(*groups: type[Settings]) -> dict[str, Any]:
    """The JSON schema of an object that holds the settings of all groups, in their order."""
    return {
        "type": "object",
        "properties": {one.name: one.schema() for one in _declared(*groups)},
    }


def fill_in(config: dict[str, Any], *groups: type[Settings]) -> None:
    """Give settings that aren't set their defaults, and take those out that have none.

    Numbers with a fraction, which JSON readers give as decimals, become floats.

    Args:
        config: The settings; changed in place.
        groups: Those that are declared.
    """
    for one in _declared(*groups):
        value = config.get(one.name)
        if is_given(value):
            if isinstance(value, Decimal):
                config[one.name] = float(value)
            continue
        config.pop(one.name, None)
        if one.default is not None:
            config[one.name] = one.default


def declared_problems(config: Mapping[str, Any], *groups: type[Settings]) -> Iterator[SettingError]:
    """What is not of its type or outside its limits, one error a setting.

    Args:
        config: The settings.
        groups: Those that are declared.

    Yields:
        An error that says what to do; no value of a secret is in it.
    """
    for one in _declared(*groups):
        value = config.get(one.name)
        if is_given(value) and not one.fits(value):
            yield one.refusal(value)


_TYPES: Final[Mapping[str, type]] = {
    "array": list,
    "boolean": bool,
    "integer": int,
    "object": dict,
    "string": str,
}


def type_problems(
    config: Mapping[str, Any], properties: Mapping[str, Any]
) -> Iterator[SettingError]:
    """What is not of its type, of settings that are the SDK's.

    Args:
        config: The settings.
        properties: JSON schemas of those that are checked.

    Yields:
        An error a setting; the value is not in it.
    """
    for name, described in properties.items():
        value, declared = config.get(name), described.get("type", ())
        wanted = [declared] if isinstance(declared, str) else [t for t in declared if t != "null"]
        types = tuple(_TYPES[one] for one in wanted if one in _TYPES)
        if value is None or not types:
            continue
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            yield SettingError(name, f"should be of the type {' or '.join(wanted)}")
