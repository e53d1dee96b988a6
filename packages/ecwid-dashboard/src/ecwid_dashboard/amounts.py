"""Numbers as the page writes them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

NOTHING: Final = "\N{EN DASH}"
MINUS: Final = "\N{MINUS SIGN}"

_LARGE: Final = 1000
"""From here on an amount's digits after the point say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """How a shop writes amounts.

    Attributes:
        prefix: What stands before the number.
        suffix: What stands behind it.
        decimals: Digits after the point.
    """

    prefix: str
    suffix: str
    decimals: int

    def __call__(self, amount: Decimal | None) -> str:
        """An amount, such as ``€1,234.50``; a dash where there is none."""
        if amount is None:
            return NOTHING
        number = f"{abs(amount):,.{self.decimals}f}"
        # A minus goes before the sign of the currency, and never before zero.
        minus = MINUS if amount < 0 and Decimal(number.replace(",", "")) else ""
        return f"{minus}{self.prefix}{number}{self.suffix}"

    def whole(self, amount: Decimal | None) -> str:
        """The same without digits after the point, for sentences and large figures."""
        rounded = Money(prefix=self.prefix, suffix=self.suffix, decimals=0)
        return rounded(amount) if amount is not None and abs(amount) >= _LARGE else self(amount)


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """A part of a whole; None where there is no whole."""
    return Decimal(part) / Decimal(whole) if whole else None


def percent(value: Decimal | None) -> str:
    """A share, such as ``12.5%``; a dash where there is none."""
    return NOTHING if value is None else f"{value:.1%}"


def count(number: int | Decimal) -> str:
    """A number of things."""
    return f"{number:,}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with what it counts: ``1 order``, ``2 orders``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
