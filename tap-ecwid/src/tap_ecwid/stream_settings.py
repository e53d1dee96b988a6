"""The setting ``streams``: parameters and limits of single streams.

Names and values are checked against the API description before a request is sent.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin import expressions
from ecwid_plugin.unknown_names import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ecwid_api.description import Operation, Parameter
    from ecwid_api.entity import Entity

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Streams",
    "description": "Settings of single streams by name: params and path (parameters of the "
    "request; a text that begins with = is an expression), page_size, max_pages.",
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
                "description": "Parameters of the path, such as productId: the stream reads only "
                "what they name. A list of values sends a request for each.",
            },
            "page_size": {
                "type": "integer",
                "minimum": 1,
                "maximum": description.PAGE_LIMIT,
                "title": "Page size",
                "description": "Records per page.",
            },
            "max_pages": {
                "type": "integer",
                "minimum": 1,
                "title": "Maximum pages",
                "description": "Stop after this many pages. A stream that is cut short leaves no "
                "bookmark.",
            },
        },
    },
}
"""JSON schema of the setting."""

_OWN: Final = tuple(SCHEMA["additionalProperties"]["properties"])
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
    """The settings of a stream.

    Attributes:
        params: Query parameters: values or expressions.
        path: Path parameters, likewise. With them, only what they name is read.
        page_size: Rows per page.
        max_pages: The most pages to read; None for all.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, Any] = field(default_factory=dict)
    page_size: int = description.PAGE_LIMIT
    max_pages: int | None = None

    @property
    def max_rows(self) -> int | None:
        """The most rows to read; None for all."""
        return None if self.max_pages is None else self.max_pages * self.page_size

    def names_values(self, entity: Entity) -> bool:
        """Whether they name the objects to read, in place of all."""
        each = entity.per_value
        return bool(self.path) or (each is not None and each.parameter in self.params)


def settings_of(config: Mapping[str, Any], stream: str) -> StreamSettings:
    """The settings of a stream."""
    given = (config.get("streams") or {}).get(stream) or {}
    return StreamSettings(**{name: value for name, value in given.items() if value is not None})


def reader_for(entity: Entity, path: Iterable[str]) -> Operation | None:
    """The operation whose path takes exactly these parameters; None if there is none."""
    wanted = frozenset(path)
    return next((o for o in entity.operations.reading if wanted == set(o.path_names)), None)


def computed(given: Mapping[str, Any], names: Mapping[str, Any], setting: str) -> dict[str, Any]:
    """Parameters as they are sent: expressions computed, times in unix seconds.

    Args:
        given: Values and expressions by parameter.
        names: Values by the names that expressions can use.
        setting: The setting that holds them, for errors.

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
    """The errors in the setting ``streams``, and streams of ``stream_maps`` that don't exist."""
    streams, maps = config.get("streams"), config.get("stream_maps")
    # What is no object is reported where the settings are declared.
    if isinstance(streams, dict):
        yield from _streams_problems(streams)
    if isinstance(maps, dict):
        yield from _maps_problems(maps)


def _maps_problems(maps: Mapping[str, Any]) -> Iterator[SettingError]:
    for name, given in maps.items():
        is_new = isinstance(given, dict) and "__source__" in given
        source = str(given["__source__"]) if is_new else name
        # The SDK reports other names that begin so.
        if not name.startswith("__") and not any(fnmatchcase(known, source) for known in ENTITIES):
            setting = f"stream_maps.{name}"
            yield unknown(
                f"{setting}.__source__" if is_new else setting, "no stream", source, ENTITIES
            )


def _streams_problems(streams: Mapping[str, Any]) -> Iterator[SettingError]:
    for name, given in streams.items():
        setting = f"streams.{name}"
        if name not in ENTITIES:
            yield unknown(setting, "no stream", name, ENTITIES)
        elif not isinstance(given, dict):
            yield SettingError(setting, f"is {given!r}, and should be an object")
        else:
            yield from _problems_of(setting, ENTITIES[name], given)


def _problems_of(setting: str, entity: Entity, given: Mapping[str, Any]) -> Iterator[SettingError]:
    for name, value in given.items():
        if name not in _OWN:
            yield unknown(f"{setting}.{name}", "no setting of a stream", name, _OWN)
        elif name in {"params", "path"}:
            if not isinstance(value, dict):
                yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be an object")
        elif value is not None:
            schema = SCHEMA["additionalProperties"]["properties"][name]
            maximum = schema.get("maximum")
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not whole or value < 1 or (maximum and value > maximum):
                wanted = f"from 1 to {maximum}" if maximum else "1 or more"
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
        known = [sorted(o.path_names) for o in entity.operations.reading if o.path_names]
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
    operation = reader_for(entity, path) if path else entity.operations.read
    if operation is None:
        return
    known = {p.name: p for p in operation.parameters if p.location == "query"}
    for name in params:
        parameter = known.get(name) or _of_template(name, known)
        if name in _RESERVED:
            yield SettingError(f"{setting}.{name}", f"can't be set: {_RESERVED[name]}")
        elif parameter is None:
            names = known.keys() - _RESERVED.keys()
            yield unknown(f"{setting}.{name}", f"no parameter of {operation.id}", name, names)
        else:
            many = entity.per_value is not None and entity.per_value.parameter == name
            yield from _value_problems(f"{setting}.{name}", parameter, params, many=many)


def _of_template(name: str, known: Mapping[str, Parameter]) -> Parameter | None:
    """The parameter whose name has room for a name from the shop, such as ``attribute_{…}``."""
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
            yield from expressions.problems(setting, single)
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
        # A number in a settings file may be in quotes.
        if name == "integer" and isinstance(value, str) and value.lstrip("-").isdecimal():
            return True
    return False
