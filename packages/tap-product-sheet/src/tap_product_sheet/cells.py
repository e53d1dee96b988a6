"""Reads cells by the type that a column has; nothing is guessed."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Odd(msgspec.Struct, frozen=True, tag=True):
    """A cell that is neither text nor a number: a date, or a cell without a usable value.

    Attributes:
        shown: What people see.
        problem: What is wrong with it; empty for dates.
    """

    shown: str
    problem: str = ""


Cell: TypeAlias = str | int | float | bool | Odd | None
"""A cell of a sheet, CSV or Excel."""


class CellError(Exception):
    """A cell can't be used; the message says what is wrong and what to do."""


POINT: Final = "point"
COMMA: Final = "comma"
_SIGNS: Final = {POINT: (".", ","), COMMA: (",", ".")}

# Blanks that stand between thousands; Switzerland writes 1'234.50.
_BETWEEN: Final = re.compile(r"(?<=[0-9])[ \u00a0\u202f'\u2019](?=[0-9]{3}(?![0-9]))")
_CURRENCY: Final = re.compile(r"^(?:[A-Z]{3}|[€$£¥])|(?:[A-Z]{3}|[€$£¥])$")
_NO_DECIMALS: Final = re.compile(r"[.,][-\u2013\u2014]+$")
_NUMBER: Final = re.compile(r"[+-]?(?:[.,]?[0-9][0-9.,]*)")
_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:[.,][0-9]{3})+")
# What Excel makes of a long number, such as a barcode. It keeps 15 digits of each.
_SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_MOST: Final = 10**15
# Shops write ' before what Excel would take for a number or a formula.
_MARKED_NUMBER: Final = re.compile(r"^'(?=[0-9., ]+$)")
_MARKED_FORMULA: Final = re.compile(r"^'(?=[=+@-])")
_WORDS: Final = {
    **dict.fromkeys(("true", "yes", "y", "1", "ja", "j", "wahr"), True),
    **dict.fromkeys(("false", "no", "n", "0", "nein", "falsch"), False),
}
# Others, such as 10/11/26, can be read in two ways.
_DATES: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y", "%d.%m.%Y %H:%M")
_LONGEST: Final = 60


def is_empty(value: object) -> bool:
    """Whether a cell has nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def shown(value: object) -> str:
    """A cell as a message shows it."""
    text = value.shown if isinstance(value, Odd) else str("" if value is None else value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def text(value: Cell) -> str:
    """A cell of text.

    Raises:
        CellError: Excel has made something else of it.
    """
    if isinstance(value, Odd):
        if value.problem:
            raise CellError(f"is {value.problem}")
        raise CellError("is a date: format the column as text, and write the value again")
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).strip()


def unmarked(value: Cell) -> str:
    """A cell of text of a shop that writes ' before what Excel would take for a formula.

    Raises:
        CellError: Excel has made something else of it.
    """
    return _MARKED_FORMULA.sub("", text(value))


def code(value: Cell) -> str:
    """A cell with a key, such as a SKU or a barcode.

    Raises:
        CellError: Excel has made something else of it.
    """
    found = _MARKED_NUMBER.sub("", unmarked(value))
    if _SHORTENED.fullmatch(found) or (isinstance(value, int | float) and value >= _MOST):
        raise CellError(
            "was shortened by Excel: format the column as text and write all digits again, or say "
            "in columns that this one is to ignore"
        )
    return found


def boolean(value: Cell, values: Mapping[str, Any]) -> bool:
    """A cell with yes or no.

    Args:
        value: The cell.
        values: Words of the dialect that stand for it.

    Raises:
        CellError: It says neither.
    """
    word = text(value).casefold()
    found = values.get(word, _WORDS.get(word))
    if not isinstance(found, bool):
        allowed = ", ".join(sorted({"yes", "no", *values}))
        raise CellError(f"is neither yes nor no: write one of {allowed}")
    return found


def choice(value: Cell, values: Mapping[str, Any], allowed: Iterable[str]) -> str:
    """A cell with one of a few words.

    Args:
        value: The cell.
        values: Words of the dialect -> Ecwid's.
        allowed: Ecwid's words.

    Raises:
        CellError: It isn't one of them.
    """
    word = text(value)
    found = values.get(word.casefold(), word.upper())
    if found not in allowed:
        raise CellError(f"is unknown: write one of {', '.join(sorted({*values, *allowed}))}")
    return str(found)


def moment(value: Cell) -> str:
    """A cell with a date or a time, as ISO 8601.

    Raises:
        CellError: It isn't one.
    """
    given = value.shown if isinstance(value, Odd) and not value.problem else text(value)
    with suppress(ValueError):
        return dt.datetime.fromisoformat(given).isoformat()
    for form in _DATES:
        with suppress(ValueError):
            # A date has no zone, and the target takes it as UTC.
            return dt.datetime.strptime(given, form).isoformat()  # noqa: DTZ007 - as above
    raise CellError("is no date: write it as 2026-12-31, or format it as a date")


class Numbers:
    """Reads numbers: what the sheet writes before decimals is given, or learned from it.

    Attributes:
        sign: ``point`` or ``comma``, before decimals; None while it is unknown.
    """

    def __init__(self, given: str | None) -> None:
        """Start before the first number.

        Args:
            given: What the settings say.
        """
        self._given = given
        self._seen: set[str] = set()

    @property
    def sign(self) -> str | None:
        """What stands before decimals; None while it is unknown."""
        if self._given is not None or len(self._seen) != 1:
            return self._given
        return next(iter(self._seen))

    def learn(self, value: object) -> None:
        """Learn how the sheet writes numbers, if a cell shows it."""
        if isinstance(value, str):
            found = _sign_of(_bare(value))
            if found is not None:
                self._seen.add(found)

    def number(self, value: Cell) -> int | float:
        """A cell with a number.

        Raises:
            CellError: It isn't one, or can be read in two ways.
        """
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = value
        else:
            found = self._written(unmarked(value))
        if abs(found) >= _MOST:
            raise CellError("is too large: correct it")
        return found

    def _written(self, value: str) -> int | float:
        bare = _bare(value)
        if not _NUMBER.fullmatch(bare):
            raise CellError("is no number: write one such as 12.50")
        digits = bare.lstrip("+-")
        marks = {mark for mark in ".," if mark in digits}
        sign = self._given or _sign_of(bare) or (self.sign if marks else POINT)
        if sign is None:
            two = digits.replace(marks.pop(), "")
            raise CellError(
                f"can be {two} or {Decimal(two).scaleb(-3)}, and no other number says which: "
                "set decimals to point or comma"
            )
        decimal, grouping = _SIGNS[sign]
        whole, _, fraction = digits.partition(decimal)
        if decimal in fraction or grouping in fraction:
            raise CellError(f"is no number with the decimal sign {decimal}: correct it")
        if grouping in whole and not _GROUPED.fullmatch(whole):
            raise CellError(f"is no number with the decimal sign {decimal}: correct it")
        found = Decimal(f"{whole.replace(grouping, '') or 0}.{fraction or 0}")
        found = -found if bare.startswith("-") else found
        return int(found) if found == found.to_integral_value() else float(found)

    def integer(self, value: Cell) -> int:
        """A cell with a whole number.

        Raises:
            CellError: It isn't one.
        """
        found = self.number(value)
        if found != int(found):
            raise CellError("is no whole number: correct it")
        return int(found)


def _bare(value: str) -> str:
    """A number without blanks and currency."""
    return _NO_DECIMALS.sub("", _BETWEEN.sub("", _CURRENCY.sub("", value.strip()).strip()))


def _sign_of(bare: str) -> str | None:
    """What a number writes before decimals, if that can be seen from it."""
    digits = bare.lstrip("+-")
    if not _NUMBER.fullmatch(bare) or not {".", ","} & set(digits):
        return None
    last = max(digits.rfind("."), digits.rfind(","))
    sign = POINT if digits[last] == "." else COMMA
    if {".", ","} <= set(digits):
        return sign
    if digits.count(digits[last]) > 1:
        return COMMA if sign == POINT else POINT
    return None if _GROUPED.fullmatch(digits) else sign
