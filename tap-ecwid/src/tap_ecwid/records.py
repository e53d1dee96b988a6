"""From a payload to a record: one function for each stream, compiled from schema and selection.

Every record passes through it, and what comes out is what targets get. It removes what is not in
the schema or not selected, and writes Ecwid's times (``2024-05-12 10:11:12 +0000``) as ISO 8601
(``2024-05-12T10:11:12+00:00``). It changes the payload in place, and only where it has to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tap_ecwid.moments import iso_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

Convert: TypeAlias = "Callable[[Any], Any]"
"""Gets a value of a payload, gives the record's."""
Breadcrumb: TypeAlias = tuple[str, ...]


def _text(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A number as text; anything else as it is."""
    return str(value) if isinstance(value, int | float) else value


@dataclass(frozen=True, slots=True)
class _Plan:
    """The arguments of ``compile_record``."""

    selected: Callable[[Breadcrumb], bool]
    report_unknown: Callable[[str], None]
    as_text: AbstractSet[str]
    keep_unknown: bool


def compile_record(
    schema: Mapping[str, Any],
    selected: Callable[[Breadcrumb], bool],
    report_unknown: Callable[[str], None],
    as_text: AbstractSet[str] = frozenset(),
    *,
    keep_unknown: bool = False,
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Make the function for a stream.

    Args:
        schema: The stream's schema.
        selected: Whether a field is selected, by its Singer breadcrumb.
        report_unknown: Gets the path of each field that is not in the schema, each time.
        as_text: Paths of fields whose numbers become text.
        keep_unknown: Whether fields that are not in the schema stay.

    Returns:
        A function that gets a payload and gives the record: the same dictionary, changed.
    """
    made = _object(schema, (), "", _Plan(selected, report_unknown, as_text, keep_unknown))
    if made is None:
        raise TypeError(f"not a stream's schema: {schema.get('type')!r}")
    return made


def _value(
    schema: Mapping[str, Any],
    breadcrumb: Breadcrumb | None,
    path: str,
    plan: _Plan,
) -> Convert | None:
    """The function for a value; None if the value stays as it is."""
    if schema.get("format") == "date-time":
        return iso_time
    if path[:-1] in plan.as_text:
        return _text
    if "properties" in schema:
        return _object(schema, breadcrumb, path, plan)
    inner = schema.get("items") or schema.get("additionalProperties")
    if not isinstance(inner, dict):
        return None
    # Singer has no breadcrumbs within arrays and maps: all of it is selected.
    convert = _value(inner, None, path, plan)
    if convert is None:
        return None
    return _each_item(convert) if "items" in schema else _each_value(convert)


def _each_item(convert: Convert) -> Convert:
    def items(value: Any) -> Any:  # noqa: ANN401 - payloads are any JSON
        if isinstance(value, list):
            value[:] = map(convert, value)
        return value

    return items


def _each_value(convert: Convert) -> Convert:
    def values(value: Any) -> Any:  # noqa: ANN401 - payloads are any JSON
        if isinstance(value, dict):
            for name, inner in value.items():
                value[name] = convert(inner)
        return value

    return values


def _object(
    schema: Mapping[str, Any],
    breadcrumb: Breadcrumb | None,
    path: str,
    plan: _Plan,
) -> Convert | None:
    fields: dict[str, Convert | None] = {}
    dropped: set[str] = set()
    for name, child in schema.get("properties", {}).items():
        crumb = None if breadcrumb is None else (*breadcrumb, "properties", name)
        if crumb is not None and not plan.selected(crumb):
            dropped.add(name)
        else:
            fields[name] = _value(child, crumb, f"{path}{name}.", plan)
    converted = [(name, convert) for name, convert in fields.items() if convert is not None]
    known = fields.keys()
    remove_others = _remover(schema, path, plan, known, dropped)

    def convert_object(value: Any) -> Any:  # noqa: ANN401 - payloads are any JSON
        if isinstance(value, dict):
            if not value.keys() <= known:
                remove_others(value)
            for name, convert in converted:
                if name in value:
                    value[name] = convert(value[name])
        return value

    return convert_object


def _remover(
    schema: Mapping[str, Any],
    path: str,
    plan: _Plan,
    known: AbstractSet[str],
    dropped: AbstractSet[str],
) -> Callable[[dict[str, Any]], None]:
    """The function that removes fields that aren't selected or known, and reports the unknown."""
    # A schema that takes any field has no unknown ones.
    report = None if schema.get("additionalProperties") else plan.report_unknown
    kept = report is None or plan.keep_unknown

    def remove(value: dict[str, Any]) -> None:
        for name in value.keys() - known:
            unknown = name not in dropped
            if unknown and report is not None:
                report(path + name)
            if not (unknown and kept):
                del value[name]

    return remove
