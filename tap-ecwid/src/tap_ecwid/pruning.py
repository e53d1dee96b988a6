"""One function that turns a payload into a record, compiled from schema and selection.

It leaves out what is not in the schema or not selected, and writes Ecwid's times
(``2024-05-12 10:11:12 +0000``) as ISO 8601 (``2024-05-12T10:11:12+00:00``). It touches what it
must and passes the rest on as it is: values are not checked, and nothing is copied that need not
change.
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
        if len(text) == 25 and text[10] == " " and text[19] == " ":  # noqa: PLR2004
            return f"{text[:10]}T{text[11:19]}{text[20:23]}:{text[23:]}"
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
        Payload -> record.
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
    if "items" in schema:
        return lambda value: [prune(v) for v in value] if isinstance(value, list) else value
    return lambda value: (
        {k: prune(v) for k, v in value.items()} if isinstance(value, dict) else value
    )


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
    changed = {name: prune for name, prune in fields.items() if prune is not None}
    known = fields.keys()
    without_strangers = _without_strangers(schema, path, plan, known, dropped)

    def prune(value: Any) -> Any:  # noqa: ANN401 - payloads are any JSON
        if not isinstance(value, dict):
            return value
        record = value.copy() if value.keys() <= known else without_strangers(value)
        for name in changed.keys() & record.keys():
            record[name] = changed[name](record[name])
        return record

    return prune


def _without_strangers(
    schema: Mapping[str, Any],
    path: str,
    plan: _Plan,
    known: AbstractSet[str],
    dropped: AbstractSet[str],
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The function that leaves out fields that aren't known, or tells of them and keeps them."""
    # A schema that takes any field has no unknown ones.
    told = None if schema.get("additionalProperties") else plan.unknown
    kept = told is None or plan.keep_unknown

    def copy(value: dict[str, Any]) -> dict[str, Any]:
        record = {}
        for name, inner in value.items():
            if name in known:
                record[name] = inner
            elif name not in dropped:
                if told is not None:
                    told(path + name)
                if kept:
                    record[name] = inner
        return record

    return copy
