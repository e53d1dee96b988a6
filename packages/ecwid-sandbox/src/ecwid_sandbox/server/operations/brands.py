"""Brands: what products say in their attribute of that type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search, cut
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject

_RECENT_PRODUCTS: Final = 200
_ORDERS: Final[dict[str, Callable[[tuple[str, int]], Any]]] = {
    "PRODUCT_COUNT_DESC": lambda brand: (-brand[1], brand[0]),
    "PRODUCT_COUNT_ASC": lambda brand: (brand[1], brand[0]),
    "NAME_ASC": lambda brand: brand[0],
    "NAME_DESC": lambda brand: [-ord(letter) for letter in brand[0]],
}


@handles("searchProductBrands")
def search_brands(call: Call) -> Answer:
    """Those with most products first; brands of disabled products only are hidden ones."""
    asked = call.parameters
    search = Search(kinds.PRODUCT, asked).where("brand IS NOT NULL")
    hidden = [asked.flag(name) for name in ("hidden_brands", "hiddenBrands")]
    if not any(hidden):
        search.equal("enabled", 1)
    counts: dict[str, int] = search.tally(call.shop, "brand")
    chosen = asked.choice("sortBy", {name: name for name in _ORDERS}) or "PRODUCT_COUNT_DESC"
    brands: list[JSONObject] = [
        {
            "name": name,
            "productsFilteredByBrandUrl": (
                f"{STORE_URL}/products/search?attribute_Brand={quote_plus(name)}"
            ),
        }
        for name, _ in sorted(counts.items(), key=_ORDERS[chosen])
    ]
    return cut(brands, asked)


@handles("getRecentlyUsedProductSwatches")
def recent_swatches(call: Call) -> Answer:
    """The colours of the products that were changed last."""
    search = Search(kinds.PRODUCT, call.parameters)
    colours: dict[str, JSONObject] = {}
    for product in search.latest(call.shop, _RECENT_PRODUCTS):
        for option in product.get("options", ()):
            for choice in option.get("choices", ()):
                for code in choice.get("hexCodes", ()):
                    swatch = {"name": choice["text"], "hexCode": code}
                    if "textTranslated" in choice:
                        swatch["translations"] = choice["textTranslated"]
                    colours.setdefault(code, swatch)
    return {"colors": list(colours.values())}
