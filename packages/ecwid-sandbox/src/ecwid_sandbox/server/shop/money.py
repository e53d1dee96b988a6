"""Money is counted in whole cents until it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def dollars(cents: int) -> float:
    """Cents as the API writes them."""
    return cents / 100


def cents(amount: float) -> int:
    """An amount of the API in cents."""
    return round(amount * 100)


def formatted(amount: float) -> str:
    """As customers see it."""
    return f"${amount:,.2f}"


def percent(amount: int, per_mille: int) -> int:
    """A share of cents, given in per mille, rounded half up."""
    return (amount * per_mille + 500) // 1000


def split(amount: int, shares: Sequence[int]) -> list[int]:
    """Cents divided in proportion to the shares, without losing one."""
    whole = sum(shares)
    if not whole:
        return [0] * len(shares)
    parts = [amount * share // whole for share in shares]
    parts[parts.index(max(parts))] += amount - sum(parts)
    return parts
