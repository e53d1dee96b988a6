"""Prices that a write changes. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from target_ecwid.plan.differences import differences

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
        before: What it is.
        after: What it becomes.
    """

    field: str
    before: float
    after: float

    @property
    def percent(self) -> float:
        """By how many percent it rises or falls; infinite where it was 0."""
        if not self.before:
            return float("inf")
        return abs(self.after - self.before) / abs(self.before) * _HUNDRED


def price_changes(write: Write) -> Iterator[PriceChange]:
    """The prices of an object that is there and that a write changes."""
    for one in differences(write.changed, write.before, write.after):
        numbers = isinstance(one.before, int | float) and isinstance(one.after, int | float)
        if numbers and MONEY.fullmatch(one.names[-1]):
            yield PriceChange(one.field, float(one.before), float(one.after))
