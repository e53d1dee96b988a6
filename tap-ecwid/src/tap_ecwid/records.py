"""From a payload to a record: one function for each stream, compiled from schema and selection.

Every record passes through it, and what comes out is what targets get:

* Fields that are not in the schema or not selected are removed.
* Ecwid's times (``2024-05-12 10:11:12 +0000``) become ISO 8601 (``2024-05-12T10:11:12+00:00``).
* Values have the types of the schema. What can be converted without loss is converted
  (``conversion``); for the rest, the caller says what becomes of it.

It changes the payload in place. Nearly all rows fit the schema: those are checked at once
(``row_types``), and only their times and deselected fields need work. Other rows are converted
value by value; what has to be done is worked out once for all objects with the same fields and
types.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from tap_ecwid.conversion import TYPES, converted, is_time, letters
from tap_ecwid.moments import iso_time
from tap_ecwid.row_types import RowTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Convert: TypeAlias = "Callable[[Any], Any]"
"""Gets a value of a payload, gives the record's."""
Breadcrumb: TypeAlias = tuple[str, ...]

_MAX_SHAPES: Final = 200
"""Shapes that are remembered for each object of a schema."""
_NOTHING: Final = type(None)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The arguments of ``compile_record``."""

    selected: Callable[[Breadcrumb], bool]
    report_unknown: Callable[[str], None]
    mismatch: Callable[[str, object], Any]
    keep_unknown: bool


@dataclass(frozen=True, slots=True)
class _Actions:
    """What has to be done with objects of one shape.

    Attributes:
        unknown: Fields to report.
        removed: Fields to remove.
        conversions: Fields to convert.
    """

    unknown: list[str]
    removed: list[str]
    conversions: list[tuple[str, Convert]]


def _kept(path: str, value: object) -> object:
    del path
    return value


def compile_record(
    schema: Mapping[str, Any],
    selected: Callable[[Breadcrumb], bool],
    report_unknown: Callable[[str], None],
    mismatch: Callable[[str, object], Any] = _kept,
    *,
    keep_unknown: bool = False,
    row_type: Callable[[], type] | None = None,
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Make the function for a stream.

    Args:
        schema: The stream's schema.
        selected: Whether a field is selected, by its Singer breadcrumb.
        report_unknown: Gets the path of each field that is not in the schema, each time.
        mismatch: Gets the path and the value of a field whose value can't be converted to the
            schema's type; gives the record's value. By default, it's kept.
        keep_unknown: Whether fields that are not in the schema stay.
        row_type: Gives the type of the schema's rows; by default, it is made with the first row:
            some milliseconds that streams without rows don't need.

    Returns:
        A function that gets a payload and gives the record: the same dictionary, changed.
    """
    if "properties" not in schema:
        raise TypeError(f"not a stream's schema: {schema.get('type')!r}")
    plan = _Plan(selected, report_unknown, mismatch, keep_unknown)
    convert_any, convert_fitting = _Object(schema, (), "", plan), _fitting(schema, (), "", plan)
    type_of_rows = row_type or functools.cache(lambda: RowTypes().of_object(schema))

    def record_of(row: dict[str, Any]) -> dict[str, Any]:
        try:
            msgspec.convert(row, type_of_rows())
        except msgspec.ValidationError:
            return convert_any(row)
        if convert_fitting is not None:
            convert_fitting(row)
        return row

    return record_of


def _time(path: str, mismatch: Callable[[str, object], Any]) -> Convert:
    """The conversion of texts that are times."""

    def convert_time(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if not isinstance(value, str):
            return value
        text = iso_time(value)
        return text if is_time(text) else mismatch(path, value)

    return convert_time


def _fitting(
    schema: Mapping[str, Any], breadcrumb: Breadcrumb | None, path: str, plan: _Plan
) -> Convert | None:
    """The conversion of values that fit the schema; None if they stay as they are."""
    if schema.get("format") == "date-time":
        return _time(path, plan.mismatch)
    if "properties" in schema:
        return _fitting_object(schema, breadcrumb, path, plan)
    items, entries = schema.get("items"), schema.get("additionalProperties")
    inner = items if isinstance(items, dict) else entries
    convert = _fitting(inner, None, path, plan) if isinstance(inner, dict) else None
    if convert is None:
        return None

    def convert_each(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, list):
            value[:] = map(convert, value)
        elif isinstance(value, dict):
            for name, found in value.items():
                value[name] = convert(found)
        return value

    return convert_each


def _fitting_object(
    schema: Mapping[str, Any], breadcrumb: Breadcrumb | None, path: str, plan: _Plan
) -> Convert | None:
    removed: list[str] = []
    conversions: list[tuple[str, Convert]] = []
    for name, child in schema["properties"].items():
        crumb = None if breadcrumb is None else (*breadcrumb, "properties", name)
        if crumb is not None and not plan.selected(crumb):
            removed.append(name)
        elif convert := _fitting(child, crumb, f"{path}.{name}".lstrip("."), plan):
            conversions.append((name, convert))
    if not removed and not conversions:
        return None

    def convert_object(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            for name in removed:
                value.pop(name, None)
            for name, convert in conversions:
                if name in value:
                    value[name] = convert(value[name])
        return value

    return convert_object


class _Object:
    """Converts objects that have a schema for each field."""

    def __init__(
        self, schema: Mapping[str, Any], breadcrumb: Breadcrumb | None, path: str, plan: _Plan
    ) -> None:
        self._path = path
        self._plan = plan
        # A schema that takes any field has no unknown ones.
        self._open = bool(schema.get("additionalProperties"))
        self._fields: dict[str, _Value] = {}
        self._deselected: set[str] = set()
        for name, child in schema["properties"].items():
            crumb = None if breadcrumb is None else (*breadcrumb, "properties", name)
            if crumb is not None and not plan.selected(crumb):
                self._deselected.add(name)
            else:
                self._fields[name] = _Value(child, crumb, f"{path}{name}", plan)
        # Ecwid spells some fields in two ways; the schema has one of them.
        self._spellings = {letters(name): name for name in schema["properties"]}
        self._shapes: dict[object, _Actions] = {}

    def __call__(self, value: dict[str, Any]) -> dict[str, Any]:
        """Convert an object in place."""
        shape = (*value, *map(type, value.values()))
        actions = self._shapes.get(shape)
        if actions is None:
            if self._respell(value):
                return self(value)
            actions = self._actions(value)
            if len(self._shapes) < _MAX_SHAPES:
                self._shapes[shape] = actions
        for name in actions.unknown:
            self._plan.report_unknown(self._path + name)
        for name in actions.removed:
            del value[name]
        for name, convert in actions.conversions:
            value[name] = convert(value[name])
        return value

    def _respell(self, value: dict[str, Any]) -> bool:
        """Give fields the schema's spelling; whether there were others."""
        others = [n for n in value if self._spellings.get(letters(n), n) != n]
        for name in others:
            found = value.pop(name)
            value.setdefault(self._spellings[letters(name)], found)
        return bool(others)

    def _actions(self, value: Mapping[str, Any]) -> _Actions:
        others = [name for name in value if name not in self._fields]
        unknown = [n for n in others if n not in self._deselected and not self._open]
        kept = self._open or self._plan.keep_unknown
        removed = [name for name in others if name in self._deselected or not kept]
        conversions = [
            (name, convert)
            for name, found in value.items()
            if name in self._fields
            and (convert := self._fields[name].conversion(type(found))) is not None
        ]
        return _Actions(unknown, removed, conversions)


class _Value:
    """Converts values of one schema."""

    def __init__(
        self, schema: Mapping[str, Any], breadcrumb: Breadcrumb | None, path: str, plan: _Plan
    ) -> None:
        given = schema.get("type") or ()
        self._types = (given,) if isinstance(given, str) else tuple(given)
        self._path = path
        self._plan = plan
        fine = {_NOTHING}
        for name in self._types:
            fine |= TYPES[name]
        self._fine = fine
        self._inner: dict[type, Convert] = {}
        self._is_time = schema.get("format") == "date-time"
        if self._is_time:
            self._inner[str] = _time(path, plan.mismatch)
        if "properties" in schema:
            self._inner[dict] = _Object(schema, breadcrumb, f"{path}.", plan)
        elif isinstance(schema.get("additionalProperties"), dict):
            # Singer has no breadcrumbs within maps and arrays: all of it is selected.
            self._inner[dict] = _Map(_Value(schema["additionalProperties"], None, path, plan))
        if isinstance(schema.get("items"), dict):
            self._inner[list] = _List(_Value(schema["items"], None, path, plan), path, plan)

    @property
    def is_object(self) -> bool:
        """Whether values are objects with fields of their own."""
        return isinstance(self._inner.get(dict), _Object)

    def conversion(self, kind: type) -> Convert | None:
        """The conversion for values of a Python type; None if they stay as they are."""
        if not self._types or kind in self._fine:
            return self._inner.get(kind)
        return self._convert

    def _convert(self, value: object) -> Any:  # noqa: ANN401 - any JSON
        try:
            # A number is no time: it could be of seconds or of milliseconds.
            found = converted(value, () if self._is_time else self._types)
        except ValueError:
            return self._plan.mismatch(self._path, value)
        inner = self._inner.get(type(found))
        return found if inner is None else inner(found)


class _Map:
    """Converts objects whose fields have one schema."""

    def __init__(self, entry: _Value) -> None:
        self._entry = entry

    def __call__(self, value: dict[str, Any]) -> dict[str, Any]:
        """Convert an object in place."""
        for name, found in value.items():
            convert = self._entry.conversion(type(found))
            if convert is not None:
                value[name] = convert(found)
        return value


class _List:
    """Converts lists."""

    def __init__(self, item: _Value, path: str, plan: _Plan) -> None:
        self._item = item
        self._path = path
        self._plan = plan

    def __call__(self, value: list[Any]) -> list[Any]:
        """Convert a list in place."""
        conversions = {kind: self._item.conversion(kind) for kind in set(map(type, value))}
        if _NOTHING in conversions and self._item.is_object:
            self._plan.mismatch(self._path, None)
            value[:] = [found for found in value if found is not None]
        if any(conversions.values()):
            value[:] = [
                found if (convert := conversions[type(found)]) is None else convert(found)
                for found in value
            ]
        return value
