"""Values of another type than the schema's: what can be converted without loss is converted."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.decoding import exact_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_WHOLE: Final = re.compile(r"[+-]?\d+(\.0*)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BOOLEANS: Final[Mapping[object, bool]] = {"true": True, "false": False, 0: False, 1: True}

TYPES: Final[Mapping[str, frozenset[type]]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "object": frozenset({dict}),
    "array": frozenset({list}),
    "null": frozenset({type(None)}),
}
"""Types of JSON schema -> Python's types for them."""


def letters(name: str) -> str:
    """What is left of a field's name where case and underscores don't count.

    Databases don't tell names apart that differ in case, nor loaders that write them in snake case
    those that differ in underscores.
    """
    return name.replace("_", "").casefold()


def converted(value: object, types: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON
    """The value in one of the types.

    Args:
        value: A value of none of the types.
        types: Names of JSON schema's types, the preferred ones first.

    Raises:
        ValueError: It can't be converted without loss.
    """
    for name in types:
        convert = _CONVERSIONS.get(name)
        found = None if convert is None else convert(value)
        if found is not None:
            return found
    raise ValueError(value)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float | Decimal) else None


def _integer(value: object) -> int | None:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value.strip().partition(".")[0])
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _number(value: object) -> float | int | Decimal | None:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        return None
    if _WHOLE.fullmatch(value.strip()):
        return _integer(value)
    found = exact_number(value.strip())
    return None if isinstance(found, str) else found


def _boolean(value: object) -> bool | None:
    key = value.strip().lower() if isinstance(value, str) else value
    return _BOOLEANS.get(key) if isinstance(key, str | int) else None


def _object(value: object) -> dict[str, Any] | None:
    # PHP writes an empty object as an empty list.
    return {} if value == [] else None


def _array(value: object) -> list[Any] | None:
    return [] if value == {} else None


_CONVERSIONS: Final[Mapping[str, Callable[[object], Any]]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "object": _object,
    "array": _array,
}


def is_time(text: str) -> bool:
    """Whether a text is a time in ISO 8601 that every time zone has."""
    try:
        return 1 < dt.datetime.fromisoformat(text).year < dt.MAXYEAR
    except ValueError:
        return False
