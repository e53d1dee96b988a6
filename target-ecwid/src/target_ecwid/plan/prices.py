"""Prices that a run changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.plan.differences import differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_ecwid.change.changes import Write

MONEY: Final = re.compile(r".*(?:price|fee)|(?:sub)?total|.*(?:flat|shipping)rate", re.IGNORECASE)
"""Names of fields that hold an amount of money which customers pay."""

_ADDED: Final = "priceModifier"
"""Field of an option's choice: what it adds to the price."""

_HUNDRED: Final = 100.0


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that becomes another.

    Attributes:
        field: Its path.
        before: What it is; None where it isn't known, or where there is none.
        after: What it becomes; None where it goes.
    """

    field: str
    before: float | None
    after: float | None

    @property
    def percent(self) -> float:
        """By how many percent it rises or falls; infinite where that can't be known."""
        if not self.before or self.after is None:
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
        name = one.names[-1]
        numbers = isinstance(one.before, int | float) and isinstance(one.after, int | float)
        if numbers and (name == _ADDED or MONEY.fullmatch(name)):
            yield PriceChange(one.field, float(one.before), float(one.after))
        if isinstance(one.before, list) and isinstance(one.after, list):
            continue  # the same entries in another order
        # What comes or goes as a whole, such as the price from a quantity on.
        yield from _prices_in(one.after, one.field)
        for gone in _prices_in(one.before, one.field):
            yield PriceChange(gone.field, gone.after, None)


def _prices_in(value: Any, path: str) -> Iterator[PriceChange]:  # noqa: ANN401 - any JSON
    """Prices that are set where none is known before."""
    if isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _prices_in(entry, f"{path}[{place}]")
    elif isinstance(value, dict):
        for name, entry in value.items():
            field = f"{path}.{name}" if path else name
            if isinstance(entry, int | float) and MONEY.fullmatch(name):
                yield PriceChange(field, None, float(entry))
            yield from _prices_in(entry, field)
