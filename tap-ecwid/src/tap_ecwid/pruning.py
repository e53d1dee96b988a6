"""One function that makes a payload into a record, compiled from schema and selection.

It takes out what is not in the schema or not selected, and writes Ecwid's times
(``2024-05-12 10:11:12 +0000``) as ISO 8601 (``2024-05-12T10:11:12+00:00``). It works in place,
touches what it must and leaves the rest as it is: values are not checked, and nothing is copied.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

Prune: TypeAlias = "Callable[[Any], Any]"
Breadcrumb: TypeAlias = tuple[str, ...]


def iso_time(text: Any) -> Any:  # noqa: ANN401 - whatever stands in a date's place
    """Ecwid's time in ISO 8601, with seconds and offset; anything else as it is.

    Source: https://docs.ecwid.com/api-reference/rest-api (``yyyy-MM-dd HH:mm:ss Z``).
    """
    # The one form that Ecwid documents, without a parser: 2024-05-12 10:11:12 +0000.
    if isinstance(text, str):
        if len(text) == 25:  # noqa: PLR2004
            if text[10] == " " and text[19] == " ":
                return f"{text[:10]}T{text[11:19]}{text[20:23]}:{text[23:]}"
            if text[10] == "T":
                return text
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            return text
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).isoformat()
    return text


def text(value: Any) -> Any:  # noqa: ANN401 - a scalar of any type
    """A number as text, where text is expected; anything else as it is."""
    return str(value) if isinstance(value, int | float) else value


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a compilation is about; see ``compile_pruner``."""

    selected: Callable[[Breadcrumb], bool]
    unknown: Callable[[str], None]
    as_text: AbstractSet[str]
    keep_unknown: bool


def compile_pruner(
    schema: Mapping[str, Any],
    selected: Callable[[Breadcrumb], bool],
    unknown: Callable[[str], None],
    as_text: AbstractSet[str] = frozenset(),
    *,
    keep_unknown: bool = False,
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Make the function for a stream.

    Args:
        schema: The stream's schema.
        selected: Whether a field is wanted, by its Singer breadcrumb.
        unknown: Told the path of each field that is not in the schema, each time.
        as_text: Paths of fields that may come as numbers and shall be text.
        keep_unknown: Whether fields that are not in the schema stay.

    Returns:
        Payload -> record: the same dictionary.
    """
    made = _object(schema, (), "", _Plan(selected, unknown, as_text, keep_unknown))
    if made is None:
        raise TypeError(f"not a stream's schema: {schema.get('type')!r}")
    return made


def _value(
    schema: Mapping[str, Any],
    breadcrumb: Breadcrumb | None,
    path: str,
    plan: _Plan,
) -> Prune | None:
    """The function for a value; None where the value stays as it is."""
    if schema.get("format") == "date-time":
        return iso_time
    if path[:-1] in plan.as_text:
        return text
    if "properties" in schema:
        return _object(schema, breadcrumb, path, plan)
    inner = schema.get("items") or schema.get("additionalProperties")
    if not isinstance(inner, dict):
        return None
    # Singer has no breadcrumbs below arrays and maps: all of it is wanted.
    prune = _value(inner, None, path, plan)
    if prune is None:
        return None
    return _each_item(prune) if "items" in schema else _each_value(prune)


def _each_item(prune: Prune) -> Prune:
    def items(value: Any) -> Any:  # noqa: ANN401 - payloads are any JSON
        if isinstance(value, list):
            value[:] = map(prune, value)
        return value

    return items


def _each_value(prune: Prune) -> Prune:
    def values(value: Any) -> Any:  # noqa: ANN401 - payloads are any JSON
        if isinstance(value, dict):
            for name, inner in value.items():
                value[name] = prune(inner)
        return value

    return values


def _object(
    schema: Mapping[str, Any],
    breadcrumb: Breadcrumb | None,
    path: str,
    plan: _Plan,
) -> Prune | None:
    fields: dict[str, Prune | None] = {}
    dropped: set[str] = set()
    for name, child in schema.get("properties", {}).items():
        crumb = None if breadcrumb is None else (*breadcrumb, "properties", name)
        if crumb is not None and not plan.selected(crumb):
            dropped.add(name)
        else:
            fields[name] = _value(child, crumb, f"{path}{name}.", plan)
    changed = [(name, prune) for name, prune in fields.items() if prune is not None]
    known = fields.keys()
    take_out_strangers = _stranger_remover(schema, path, plan, known, dropped)

    def prune(value: Any) -> Any:  # noqa: ANN401 - payloads are any JSON
        if isinstance(value, dict):
            if not value.keys() <= known:
                take_out_strangers(value)
            for name, change in changed:
                if name in value:
                    value[name] = change(value[name])
        return value

    return prune


def _stranger_remover(
    schema: Mapping[str, Any],
    path: str,
    plan: _Plan,
    known: AbstractSet[str],
    dropped: AbstractSet[str],
) -> Callable[[dict[str, Any]], None]:
    """The function for fields that are not wanted: takes them out, or tells of them and keeps."""
    # A schema that takes any field has no unknown ones.
    told = None if schema.get("additionalProperties") else plan.unknown
    kept = told is None or plan.keep_unknown

    def take_out(value: dict[str, Any]) -> None:
        for name in value.keys() - known:
            stranger = name not in dropped
            if stranger and told is not None:
                told(path + name)
            if not (stranger and kept):
                del value[name]

    return take_out
