"""What a product says about what it cost before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.shop.money import cents, dollars, formatted

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject

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
