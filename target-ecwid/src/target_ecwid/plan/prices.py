"""Prices that a run changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from target_ecwid.plan.differences import differences
from target_ecwid.temporary_database import temporary_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_ecwid.change.changes import Write

MONEY: Final = re.compile(r".*(?:price|fee)|(?:sub)?total|.*(?:flat|shipping)rate", re.IGNORECASE)
"""Names of fields that hold an amount of money which customers pay."""

_HUNDRED: Final = 100.0


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that becomes another.

    Attributes:
        field: Its path.
        before: What it is; None where nobody knows.
        after: What it becomes.
    """

    field: str
    before: float | None
    after: float

    @property
    def percent(self) -> float:
        """By how many percent it rises or falls; infinite where it was 0, or nobody knows."""
        if not self.before:
            return float("inf")
        return abs(self.after - self.before) / abs(self.before) * _HUNDRED


class PriceChanges:
    """What a run does to prices, from what they were before its first change."""

    def __init__(self) -> None:
        """Know no price."""
        # A run can change more prices than memory holds.
        self._database = temporary_database()
        self._database.execute("CREATE TABLE prices (price BLOB PRIMARY KEY, first REAL)")

    def of(self, write: Write) -> Iterator[PriceChange]:
        """The prices of an object that is there and that a write changes."""
        for one in _changes_of(write):
            if one.before is None:
                yield one
                continue
            price = msgspec.json.encode((write.entity, write.keys, one.field))
            self._database.execute(
                "INSERT OR IGNORE INTO prices VALUES (?, ?)", (price, one.before)
            )
            (first,) = self._database.execute(
                "SELECT first FROM prices WHERE price = ?", (price,)
            ).fetchone()
            yield PriceChange(one.field, first, one.after)


def _changes_of(write: Write) -> Iterator[PriceChange]:
    if write.is_call and write.call.request().operation.method == "PUT":
        yield from _prices_in(write.call.body, "")
    for one in differences(write.changed, write.before, write.after):
        numbers = isinstance(one.before, int | float) and isinstance(one.after, int | float)
        if numbers and MONEY.fullmatch(one.names[-1]):
            yield PriceChange(one.field, float(one.before), float(one.after))


def _prices_in(value: Any, path: str) -> Iterator[PriceChange]:  # noqa: ANN401 - any JSON
    """The prices that a call sets: nobody knows what they are."""
    if isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _prices_in(entry, f"{path}[{place}]")
    elif isinstance(value, dict):
        for name, entry in value.items():
            field = f"{path}.{name}" if path else name
            if isinstance(entry, int | float) and MONEY.fullmatch(name):
                yield PriceChange(field, None, float(entry))
            yield from _prices_in(entry, field)
