"""The one form of a value: as the description types it. Pure functions.

A schema is compiled once, into a function for each field. What comes out is what is matched,
compared, remembered and written. What can't be converted without loss raises ``MismatchError``:

==========  ==================================================  ===================================
type        takes                                               doesn't take
==========  ==================================================  ===================================
text        texts, numbers (``12345.0`` is ``12345``), booleans  lists, objects, NaN
number      numbers; texts such as ``12.50``, ``-3``, ``1e3``    ``1_000``, ``4,20``, NaN, Infinity
integer     whole numbers; texts such as ``7``, ``7.0``          ``2.5``, numbers beyond 64 bits
boolean     booleans, 1, 0; true, false, 1, 0 as texts           other words
time        ISO 8601, Ecwid's format; without a zone it is UTC   ``31.01.2027``, ``soon``
list        lists; a JSON list in a text; an empty object        other texts, objects
object      objects; a JSON object in a text; an empty list      other texts, lists
==========  ==================================================  ===================================

A blank text is no value where the type isn't text: it is the same as null.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from ecwid_api.json_shape import check_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Convert: TypeAlias = "Callable[[Any], Any]"

_WORDS: Final[Mapping[str, bool]] = {"true": True, "false": False, "1": True, "0": False}
_YES: Final = frozenset({"true", "yes", "y", "1", "delete", "deleted"})
_NO: Final = frozenset({"false", "no", "n", "0", "none", "null"})
_WHOLE: Final = re.compile(r"[+-]?\d+(?:\.0*)?", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_MOST: Final = 2**63
# Characters of the longest number of 64 bits, with sign, point and zeros.
_DIGITS: Final = 40
_SHOWN: Final = 60
_MOST_VALUES: Final = 500_000
_LARGE_BITS: Final = 10_000


class MismatchError(ValueError):
    """A value can't be converted to its field's type without loss.

    Attributes:
        path: The field, with dots where it stands inside another.
        value: The value.
        wanted: What the field takes, as ``a number``.
    """

    def __init__(self, value: object, wanted: str, path: str = "") -> None:
        super().__init__(value, wanted, path)
        self.path = path
        self.value = value
        self.wanted = wanted

    def inside(self, name: str) -> MismatchError:
        """The error as the field's owner sees it."""
        return MismatchError(self.value, self.wanted, f"{name}.{self.path}" if self.path else name)

    def __str__(self) -> str:
        try:
            shown = repr(self.value)
        except (ValueError, RecursionError):
            # A number of too many digits, or too many levels.
            shown = f"a value of the type {type(self.value).__name__}"
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        return f"{self.path} is {shown}, which is not {self.wanted}"


def written_time(value: dt.datetime) -> str:
    """A moment in Ecwid's format, in UTC.

    Source: https://docs.ecwid.com/api-reference/rest-api (``yyyy-MM-dd HH:mm:ss Z``).
    """
    moment = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    try:
        return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
    except OverflowError:
        raise MismatchError(str(value), "a time between the years 1 and 9999 in UTC") from None


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
        whole = value.is_finite() and value.adjusted() < _DIGITS and value == int(value)
        return int(value) if whole else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise MismatchError(value, "a number")
    if isinstance(value, dt.datetime):
        return written_time(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _number(value: Any) -> Any:  # noqa: ANN401
    if _is_blank(value):
        return None
    made: Any = plain(value)
    if isinstance(made, str) and _NUMBER.fullmatch(made.strip()):
        text = made.strip()
        whole = text.lstrip("+-").isdecimal() and len(text) <= _DIGITS
        made = int(text) if whole else float(text)
    if isinstance(made, bool) or not isinstance(made, int | float):
        raise MismatchError(value, "a number")
    if isinstance(made, int) and not -_MOST <= made < _MOST:
        raise MismatchError(value, "a number of up to 64 bits")
    if not math.isfinite(made):
        raise MismatchError(value, "a number")
    return made


def _integer(value: Any) -> Any:  # noqa: ANN401
    if type(value) is int and -_MOST <= value < _MOST:
        return value
    if _is_blank(value):
        return None
    made: Any = plain(value)
    if isinstance(made, str) and len(made) <= _DIGITS and _WHOLE.fullmatch(made.strip()):
        made = int(made.strip().partition(".")[0])
    if isinstance(made, float) and made.is_integer():
        made = int(made)
    if type(made) is not int or not -_MOST <= made < _MOST:
        raise MismatchError(value, "a whole number")
    return made


def _key(value: Any) -> Any:  # noqa: ANN401
    """A key of the source: a whole number, or any text. ``007`` and ``1e3`` are texts."""
    made = plain(value)
    if not isinstance(made, str):
        return _integer(made)
    text = made.strip()
    try:
        number = _integer(text)
    except MismatchError:
        return text
    return number if number is None or str(number) == text.partition(".")[0] else text


def _boolean(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, bool) or value is None:
        return value
    if _is_blank(value):
        return None
    made = plain(value)
    text = str(int(made)) if isinstance(made, float) and made.is_integer() else str(made)
    found = _WORDS.get(text.strip().casefold())
    if found is None:
        raise MismatchError(value, "true or false")
    return found


def _text(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, str) or value is None:
        return value
    made = plain(value)
    if isinstance(made, bool):
        return "true" if made else "false"
    if isinstance(made, float) and made.is_integer():
        return str(int(made))
    if isinstance(made, str):
        return made
    if not isinstance(made, int | float) or not math.isfinite(made):
        raise MismatchError(value, "a text")
    if isinstance(made, int) and made.bit_length() > _LARGE_BITS:
        raise MismatchError(value, "a text of some length")
    return str(made)


def _word(value: Any) -> Any:  # noqa: ANN401
    """One of certain words: a blank is none of them."""
    return None if _is_blank(value) else _text(value)


def _time(value: Any) -> Any:  # noqa: ANN401
    if _is_blank(value):
        return None
    moment = moment_of(value)
    if moment is None:
        raise MismatchError(value, "a time such as 2027-01-31 or 2027-01-31T08:00:00Z")
    return written_time(moment)


def mark(value: Any) -> bool:  # noqa: ANN401
    """Whether a mark says yes: a time since when, or yes itself.

    Nothing, blank, false, no, 0 and a time of zeros say no.

    Raises:
        MismatchError: It says neither.
    """
    made = plain(value)
    if _is_blank(made) or made is False or made == 0:
        return False
    if isinstance(made, bool | int | float) and made > 0:
        return True
    text = str(made).strip().casefold()
    if text in _NO or text.startswith("0000-"):
        return False
    if text in _YES or moment_of(str(made).strip()) is not None:
        return True
    raise MismatchError(value, "a time, or yes or no")


def _of_text(value: Any) -> Any:  # noqa: ANN401
    """A list or an object written as JSON in a text, as tables have it."""
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            content = value.encode()
            check_shape(content, most_values=_MOST_VALUES)
            return msgspec.json.decode(content)
        except ValueError:
            return value
    return value


def _kind(schema: Mapping[str, Any]) -> str | None:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        kinds = next((kind for kind in kinds if kind != "null"), None)
    # Where the sources disagree on the type, Ecwid's own error explains it best.
    return None if "x-ecwid-conflict" in schema else kinds


class Findings:
    """What was left out of the objects inside records.

    Attributes:
        unknown: Paths of fields that the description hasn't, with the nearest name that it has.
        nulls: Paths of fields that came without a value, and that Ecwid can't be without.
    """

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.nulls: set[str] = set()


def needs_value(schema: Mapping[str, Any]) -> bool:
    """Whether a field can't be without a value: null means that nobody knows it.

    Texts, lists and objects can be cleared, unless Ecwid needs one of certain words.
    """
    kinds = schema.get("type")
    clearable = kinds in ("string", "array", "object") and "enum" not in schema
    nullable = kinds is None or (isinstance(kinds, list) and "null" in kinds)
    return not nullable and (not clearable or schema.get("format") == "ecwid-datetime")


def converter(
    schema: Mapping[str, Any],
    path: str = "",
    findings: Findings | None = None,
    source_keys: frozenset[str] = frozenset(),
) -> Convert:
    """A function that turns a value into the form that a schema asks for.

    It raises ``MismatchError`` for a value that can't be converted without loss.

    Args:
        schema: A JSON schema.
        path: The field, with dots where it stands inside another.
        findings: Gets what is left out inside.
        source_keys: Fields with keys of the source, which can be texts where Ecwid has numbers.
    """
    found = findings or Findings()
    kind = _kind(schema)
    if kind == "integer" and path in source_keys:
        return _key
    if kind == "string" and "enum" in schema:
        return _word
    if kind == "string":
        return _time if schema.get("format") == "ecwid-datetime" else _text
    if kind == "array":
        return _list_of(converter(schema.get("items", {}), path, found, source_keys))
    if kind == "object":
        return _object_of(schema, path, found, source_keys)
    return {"integer": _integer, "number": _number, "boolean": _boolean}.get(kind or "", plain)


def _list_of(each: Convert) -> Convert:
    def convert(value: Any) -> Any:  # noqa: ANN401
        found = _of_text(value)
        if _is_blank(found):
            return None
        if found == {}:
            return []
        if not isinstance(found, list | tuple):
            raise MismatchError(value, "a list")
        made = []
        for place, inner in enumerate(found):
            if inner is None:
                raise MismatchError(
                    inner, "an entry: leave it out, or send an empty list", str(place)
                )
            try:
                made.append(each(inner))
            except MismatchError as error:
                raise error.inside(str(place)) from None
        return made

    return convert


def _object_of(
    schema: Mapping[str, Any], path: str, findings: Findings, source_keys: frozenset[str]
) -> Convert:
    properties: Mapping[str, Any] = schema.get("properties", {})
    # An id is read-only, but says which object of a list is meant.
    fields = {
        name: converter(inner, f"{path}.{name}", findings, source_keys)
        for name, inner in properties.items()
        if not inner.get("readOnly") or name == "id"
    }
    others = schema.get("additionalProperties")
    needed = {name for name in fields if needs_value(properties[name])}
    rest = converter(others, path, findings, source_keys) if isinstance(others, dict) else plain

    def convert(value: Any) -> Any:  # noqa: ANN401
        found = _of_text(value)
        if _is_blank(found):
            return None
        if found == []:
            return {}
        if not isinstance(found, dict):
            raise MismatchError(value, "an object")
        if not properties:
            return {name: converted(rest, name, inner) for name, inner in found.items()}
        for name in found.keys() - properties.keys():
            near = nearest(name, properties)
            findings.unknown.add(f"{path}.{name}" + (f" (did you mean {near}?)" if near else ""))
        made = _taken(fields, found)
        for name in needed & {name for name, inner in made.items() if inner is None}:
            findings.nulls.add(f"{path}.{name}")
            del made[name]
        return made

    return convert


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like one, whatever its case; None where none is."""
    by_word = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(name.casefold(), by_word, 1)
    return by_word[found[0]] if found else None


def converted(convert: Convert, name: str, value: object) -> Any:  # noqa: ANN401
    """A field's value in its form; the error has the field's name."""
    try:
        return convert(value)
    except MismatchError as error:
        raise error.inside(name) from None


def _taken(fields: Mapping[str, Convert], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of known fields, converted; an object of which nothing can be sent is left out."""
    made = {
        name: converted(fields[name], name, value)
        for name, value in values.items()
        if name in fields
    }
    return {name: value for name, value in made.items() if value != {} or not values[name]}
