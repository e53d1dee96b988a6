"""Prices that a write changes. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from target_ecwid.change.changes import Write

# Entries of lists of prices are known by these.
_NAMES: Final = ("id", "quantity", "name", "sku")
_HUNDRED: Final = 100.0


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that becomes another.

    Attributes:
        path: Where it stands in the object.
        before: What it is.
        after: What it becomes.
    """

    path: str
    before: float
    after: float

    @property
    def percent(self) -> float:
        """By how many percent it rises or falls; infinite where it was 0."""
        if not self.before:
            return float("inf") if self.after else 0.0
        return abs(self.after - self.before) / abs(self.before) * _HUNDRED


def price_changes(write: Write) -> Iterator[PriceChange]:
    """The prices of an object that is there and that a write changes."""
    before = dict(_prices(write.before))
    for path, after in _prices(write.after):
        if path in before and before[path] != after:
            yield PriceChange(path, before[path], after)


def _prices(fields: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, float]]:
    """Prices anywhere in an object: their paths and values."""
    for name, value in fields.items():
        path = f"{within}.{name}" if within else name
        if isinstance(value, dict):
            yield from _prices(value, path)
        elif isinstance(value, list):
            for place, entry in enumerate(value):
                if isinstance(entry, dict):
                    known = (f"{n} {entry[n]}" for n in _NAMES if entry.get(n) is not None)
                    yield from _prices(entry, f"{path}[{next(known, place)}]")
        elif isinstance(value, int | float) and not isinstance(value, bool) and _is_price(name):
            yield path, float(value)


def _is_price(name: str) -> bool:
    return name.lower().endswith("price")
