"""The one form of a value: as the description types it. Pure functions.

A schema is compiled once, into a function for each field. What comes out is what is matched,
compared, remembered and written.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Convert: TypeAlias = "Callable[[Any], Any]"

_WORDS: Final[Mapping[str, bool]] = {"true": True, "false": False, "1": True, "0": False}


def written_time(value: dt.datetime) -> str:
    """A moment in Ecwid's format, in UTC.

    Source: https://docs.ecwid.com/api-reference/rest-api (``yyyy-MM-dd HH:mm:ss Z``).
    """
    moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S +0000")


def moment_of(value: object) -> dt.datetime | None:
    """The moment a text or a time means, in UTC; None where it means none."""
    if isinstance(value, dt.datetime):
        return value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    if not isinstance(value, str) or not value[:1].isdecimal():
        return None
    try:
        moment = dt.datetime.fromisoformat(value.replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def plain(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """A value as JSON has it; stream maps can make decimals and dates."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.datetime):
        return written_time(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _integer(value: Any) -> Any:  # noqa: ANN401
    if type(value) is int:
        return value
    number = _number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _number(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
        try:
            return float(value)
        except ValueError:
            return value
    return plain(value)


def _boolean(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, bool) or value is None:
        return value
    return _WORDS.get(str(value).casefold(), value)


def _text(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str) or value is None:
        return value
    made = plain(value)
    if isinstance(made, bool):
        return "true" if made else "false"
    if isinstance(made, float) and made.is_integer():
        return str(int(made))
    return str(made) if isinstance(made, int | float) else made


def _time(value: Any) -> Any:  # noqa: ANN401
    if value is None:
        return None
    moment = moment_of(value)
    return written_time(moment) if moment is not None else plain(value)


def _of_text(value: Any) -> Any:  # noqa: ANN401
    """A list or an object written as JSON in a text, as tables have it."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value


def _kind(schema: Mapping[str, Any]) -> str | None:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        kinds = next((kind for kind in kinds if kind != "null"), None)
    return kinds


def converter(schema: Mapping[str, Any]) -> Convert:
    """A function that turns a value into the form that a schema asks for.

    A value that it can't convert stays as it is: Ecwid's own error explains it best.
    """
    kind = _kind(schema)
    if kind == "string":
        return _time if schema.get("format") == "ecwid-datetime" else _text
    if kind == "array":
        return _list_of(converter(schema.get("items", {})))
    if kind == "object":
        return _object_of(schema)
    return {"integer": _integer, "number": _number, "boolean": _boolean}.get(kind or "", plain)


def _list_of(each: Convert) -> Convert:
    def convert(value: Any) -> Any:  # noqa: ANN401
        found = _of_text(value)
        return [each(inner) for inner in found] if isinstance(found, list | tuple) else plain(found)

    return convert


def _object_of(schema: Mapping[str, Any]) -> Convert:
    properties: Mapping[str, Any] = schema.get("properties", {})
    # An id is read-only, but says which object of a list is meant.
    fields = {
        name: converter(inner)
        for name, inner in properties.items()
        if not inner.get("readOnly") or name == "id"
    }
    others = schema.get("additionalProperties")
    rest = converter(others) if isinstance(others, dict) else plain

    def convert(value: Any) -> Any:  # noqa: ANN401
        found = _of_text(value)
        if not isinstance(found, dict):
            return plain(found)
        if not properties:
            return {name: rest(inner) for name, inner in found.items()}
        return _taken(fields, found)

    return convert


def _taken(fields: Mapping[str, Convert], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of known fields, converted; an object of which nothing can be sent is left out."""
    made = {name: fields[name](value) for name, value in values.items() if name in fields}
    return {name: value for name, value in made.items() if value != {} or not values[name]}


class Form:
    """The one form of a record: each field as the description types it, unknown fields as JSON."""

    def __init__(self, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        """Compile the fields.

        Args:
            schemas: JSON schemas by field.
        """
        self._fields = {name: converter(schema) for name, schema in schemas.items()}

    def values(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record's fields in their form."""
        fields = self._fields
        made = {name: fields.get(name, plain)(value) for name, value in record.items()}
        return {name: value for name, value in made.items() if value != {} or not record[name]}

    def value(self, name: str, value: object) -> Any:  # noqa: ANN401 - any JSON
        """One field's value in its form."""
        return self._fields.get(name, plain)(value)
