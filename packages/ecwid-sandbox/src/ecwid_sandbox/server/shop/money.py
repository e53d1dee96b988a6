"""Money, counted in whole cents until it is written, and what a product cost before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_sandbox.server.storage.kinds import JSONObject


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


_SHOWN: Final = "defaultDisplayedCompareToPrice"


def former_price(price: int, former: int) -> JSONObject:
    """The fields that follow from a former price; both prices are in cents."""
    before, off = dollars(former), dollars(former - price)
    found: JSONObject = {
        "compareToPrice": before,
        _SHOWN: before,
        f"{_SHOWN}Formatted": formatted(before),
    }
    if former <= price:
        return found
    share = round(100 * off / before, 2)
    return found | {
        f"{_SHOWN}Discount": off,
        f"{_SHOWN}DiscountFormatted": formatted(off),
        f"{_SHOWN}DiscountPercent": share,
        f"{_SHOWN}DiscountPercentFormatted": f"{share:.0f}%",
    }


def settle_former_price(product: JSONObject) -> None:
    """Let a product say what follows from its former price, or nothing where it has none."""
    for name in [name for name in product if name.startswith(_SHOWN)]:
        del product[name]
    if "compareToPrice" in product:
        product |= former_price(cents(product["price"]), cents(product["compareToPrice"]))
