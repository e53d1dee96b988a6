"""The setting ``streams``: what a single stream is asked for, and whether it makes sense.

Everything is checked against the API description before anything is sent.
"""

from __future__ import annotations

import datetime as dt
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin import expressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ecwid_api.description import Operation, Parameter
    from ecwid_api.entity import Entity

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Streams",
    "description": "Settings of single streams, by the stream's name: params and path (parameters "
    "of the request; a text that begins with = is an expression), page_size, max_pages.",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "params": {
                "type": "object",
                "title": "Parameters",
                "description": "Query parameters of the request that lists the stream's objects.",
            },
            "path": {
                "type": "object",
                "title": "Path parameters",
                "description": "Parameters of the path, such as productId: only what they name "
                "is read. A list of values asks for each.",
            },
            "page_size": {
                "type": "integer",
                "minimum": 1,
                "maximum": description.PAGE_LIMIT,
                "title": "Page size",
                "description": "Records a page.",
            },
            "max_pages": {
                "type": "integer",
                "minimum": 1,
                "title": "Pages at the most",
                "description": "1 switches paging off. What is cut short leaves no bookmark.",
            },
        },
    },
}
"""JSON schema of the setting."""

_OWN: Final = tuple(SCHEMA["additionalProperties"]["properties"])
# Who asks for pages sets them.
_RESERVED: Final[Mapping[str, str]] = {
    "limit": "page_size sets it",
    "offset": "the tap pages by itself; max_pages limits it",
    "responseFields": "the selection of fields in the catalog sets it",
}
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "string": (str, int, float),
    "array": (list, str),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamSettings:
    """What is set for a stream.

    Attributes:
        params: Query parameters: values or expressions.
        path: Path parameters likewise; with them only what they name is read.
        page_size: Rows a page.
        max_pages: Pages at the most; None for all.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Any] = field(default_factory=dict)
    page_size: int = description.PAGE_LIMIT
    max_pages: int | None = None


def settings_of(config: Mapping[str, Any], stream: str) -> StreamSettings:
    """What is set for a stream."""
    given = (config.get("streams") or {}).get(stream) or {}
    return StreamSettings(**{name: value for name, value in given.items() if value is not None})


def readers(entity: Entity) -> Iterator[Operation]:
    """The operations that can read an entity, the one that lists all first."""
    for name in (entity.read, *entity.by_path):
        if name is not None:
            yield description.operation(name, entity.group)


def _of_path(operation: Operation) -> frozenset[str]:
    return frozenset(p.name for p in operation.parameters if p.location == "path")


def reader_for(entity: Entity, path: Iterable[str]) -> Operation | None:
    """The operation whose path takes just these parameters; None if there is none."""
    wanted = frozenset(path)
    return next((o for o in readers(entity) if _of_path(o) == wanted), None)


def values(given: Mapping[str, Any], names: Mapping[str, Any], setting: str) -> dict[str, Any]:
    """Parameters as they are sent: expressions computed, times in unix seconds.

    Args:
        given: Values and expressions by parameter.
        names: What expressions may name.
        setting: Where they stand, for errors.

    Raises:
        SettingError: An expression can't be computed.
    """
    found = {}
    for name, value in given.items():
        try:
            found[name] = _plain(expressions.compute(value, names))
        except expressions.ExpressionError as error:
            raise SettingError(f"{setting}.{name}", f"is {value!r}, which {error}") from None
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a setting
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return int(moment.timestamp())
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the setting, one error each."""
    streams = config.get("streams")
    if streams is None:
        return
    if not isinstance(streams, dict):
        yield SettingError("streams", "should be an object: settings by name of stream")
        return
    for name, given in streams.items():
        setting = f"streams.{name}"
        if name not in ENTITIES:
            yield _unknown(setting, "stream", name, ENTITIES)
        elif not isinstance(given, dict):
            yield SettingError(setting, f"is {given!r}, and should be an object")
        else:
            yield from _problems_of(setting, ENTITIES[name], given)


def _unknown(setting: str, what: str, name: str, known: Iterable[str]) -> SettingError:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return SettingError(setting, f"is no {what}.{meant} There are: {', '.join(names) or 'none'}")


def _problems_of(setting: str, entity: Entity, given: Mapping[str, Any]) -> Iterator[SettingError]:
    for name, value in given.items():
        if name not in _OWN:
            yield _unknown(f"{setting}.{name}", "setting of a stream", name, _OWN)
        elif name in {"params", "path"}:
            if not isinstance(value, dict):
                yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be an object")
        elif value is not None:
            schema = SCHEMA["additionalProperties"]["properties"][name]
            most = schema.get("maximum")
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole or value < 1 or (most and value > most):
                wanted = f"from 1 to {most}" if most else "1 or more"
                yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be {wanted}")
    params, path = given.get("params") or {}, given.get("path") or {}
    if isinstance(params, dict) and isinstance(path, dict):
        yield from _problems_of_path(f"{setting}.path", entity, path)
        yield from _problems_of_params(f"{setting}.params", entity, params, path)


def _problems_of_path(
    setting: str, entity: Entity, path: Mapping[str, Any]
) -> Iterator[SettingError]:
    if not path:
        return
    operation = reader_for(entity, path)
    if operation is None:
        known = [sorted(_of_path(o)) for o in readers(entity) if _of_path(o)]
        ways = " or ".join(" and ".join(names) for names in known) or "none"
        yield SettingError(setting, f"names {', '.join(path)}; {entity.name} can be read by {ways}")
        return
    for parameter in operation.parameters:
        if parameter.name in path:
            yield from _value_problems(f"{setting}.{parameter.name}", parameter, path, many=True)


def _problems_of_params(
    setting: str, entity: Entity, params: Mapping[str, Any], path: Mapping[str, Any]
) -> Iterator[SettingError]:
    if not params:
        return
    if entity.read is None and not path:
        yield SettingError(
            setting, f"can't be set: {entity.name} come with {entity.parent}, set them there"
        )
        return
    operation = reader_for(entity, path) if path else next(readers(entity))
    if operation is None:
        return
    known = {p.name: p for p in operation.parameters if p.location == "query"}
    for name in params:
        parameter = known.get(name) or _of_template(name, known)
        if name in _RESERVED:
            yield SettingError(f"{setting}.{name}", f"can't be set: {_RESERVED[name]}")
        elif parameter is None:
            names = known.keys() - _RESERVED.keys()
            yield _unknown(f"{setting}.{name}", f"parameter of {operation.id}", name, names)
        else:
            many = entity.per_value is not None and entity.per_value.parameter == name
            yield from _value_problems(f"{setting}.{name}", parameter, params, many=many)


def _of_template(name: str, known: Mapping[str, Parameter]) -> Parameter | None:
    """A parameter whose name has a place for a name of the shop's: ``attribute_{…}``."""
    for template, parameter in known.items():
        prefix, brace, _ = template.partition("{")
        if brace and name.startswith(prefix) and len(name) > len(prefix):
            return parameter
    return None


def _value_problems(
    setting: str, parameter: Parameter, given: Mapping[str, Any], *, many: bool
) -> Iterator[SettingError]:
    value = given[setting.rpartition(".")[2]]
    for single in value if many and isinstance(value, list) else (value,):
        if expressions.is_expression(single):
            try:
                expressions.check(single)
            except expressions.ExpressionError as error:
                yield SettingError(setting, f"is {single!r}, which {error}")
        elif not _fits(single, parameter.schema.get("type")):
            kind = parameter.schema.get("type")
            wanted = " or ".join(kind) if isinstance(kind, list) else kind
            yield SettingError(setting, f"is {single!r}, and should be: {wanted}")


def _fits(value: object, kind: str | Sequence[str] | None) -> bool:
    if value is None or kind is None:
        return True
    kinds = (kind,) if isinstance(kind, str) else kind
    for name in kinds:
        types = _TYPES.get(name, (object,))
        if isinstance(value, types) and (name == "boolean" or not isinstance(value, bool)):
            return True
        # In a file of settings a number may stand in quotes.
        if name == "integer" and isinstance(value, str) and value.lstrip("-").isdecimal():
            return True
    return False
