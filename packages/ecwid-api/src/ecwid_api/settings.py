"""Settings as typed values: each is declared once, as a field of a group.

The field has the setting's name, type and default; ``setting`` adds the words for people and the
limits. JSON schema, checks and environment variables are derived from that.
"""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_LONGEST_PATH: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A group of settings. The value None means "not set"."""

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """Read the group from a configuration that has been checked.

        Args:
            config: Values by the settings' names. Other groups' settings are ignored; what is
                missing has its default.
        """
        names = [one.name for one in dataclasses.fields(cls)]
        given = {name: config[name] for name in names if is_given(config.get(name))}
        # Not strict: a number of seconds may be text.
        return msgspec.convert(given, cls, strict=False)


def is_given(value: object) -> bool:
    """Whether a setting has a value: empty text is none, as with an empty variable."""
    return value is not None and value != ""


def can_be_a_path(text: str) -> bool:
    """Whether a text can be the path of a file or a folder."""
    return "\0" not in text and len(text) < _LONGEST_PATH and text.isprintable()


def setting(
    title: str,
    description: str,
    *,
    default: T,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    secret: bool = False,
    rule: str | None = None,
    check: Callable[[Any], bool] | None = None,
    schema: Mapping[str, Any] | None = None,
) -> T:
    """Declare a setting.

    Args:
        title: A few words for people.
        description: What it does.
        default: Its value unless it is set; None for none.
        ge: The smallest number.
        gt: The number that it must be above.
        le: The largest number.
        secret: Whether its value must not be shown.
        rule: What an error says of a wrong value ("should be …"); by default, what follows from its
            type and limits.
        check: Whether a value of the right type makes sense.
        schema: What its JSON schema has besides.
    """
    # "secret" is the Singer SDK's extension of JSON schema.
    extra = {**(schema or {}), **({"secret": True, "writeOnly": True} if secret else {})}
    limits: dict[str, Any] = {"ge": ge, "gt": gt, "le": le}
    meta = msgspec.Meta(
        title=title,
        description=description,
        extra_json_schema=extra,
        extra={"rule": rule, "check": check, "secret": secret},
        **limits,
    )
    return field(
        default_factory=lambda: copy.copy(default), repr=not secret, metadata={"meta": meta}
    )
