"""What products can be filtered by: prices, stock, categories, attributes, brands, colours."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.categories import with_subcategories
from ecwid_sandbox.server.operations.products import product_search
from ecwid_sandbox.server.operations.search import Search, cut
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.languages import shown_in
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.requests.parameters import Parameters
    from ecwid_sandbox.server.storage.kinds import JSONObject


_ALL: Final = "price,inventory,onsale,categories"
_DONE: Final = "SUCCESS"
_STOCK: Final = {"instock": "In stock", "outofstock": "Out of stock"}
_SALE: Final = {"onsale": "On sale", "notonsale": "Regular price"}


@handles("getProductFilters")
def product_filters(call: Call) -> Answer:
    """The documentation sends the query in the body, Ecwid's own client as a query."""
    asked = call.parameters
    if call.operation.method == "POST" and call.content:
        asked = asked.with_more(call.body().get("params") or {})
    products = [call.shop.decoded(b) for b in product_search(call.shop, asked).all(call.shop)]
    found: JSONObject = {}
    for name in asked.texts("filterFields") or _ALL.split(","):
        made = _filter(call, asked, name, products)
        if made is not None:
            limit = _limit(asked.text("filterFacetLimit") or "", name)
            if limit.isdecimal() and "values" in made:
                made["values"] = made["values"][: int(limit)]
            found[name] = made
    return {"productCount": len(products), "filters": found}


def _limit(text: str, name: str) -> str:
    """How many values of a filter are wanted: a number for all, or one for each by its name."""
    limits = dict(part.strip().rpartition(":")[::2] for part in text.split(","))
    return limits.get(name, limits.get("", ""))


def _filter(
    call: Call, asked: Parameters, name: str, products: list[JSONObject]
) -> JSONObject | None:
    if name == "price":
        prices = [product["price"] for product in products]
        found = {"minValue": min(prices, default=0), "maxValue": max(prices, default=0)}
        return {**found, "status": _DONE}
    if name == "inventory":
        return _either(products, _STOCK, lambda p: bool(p.get("inStock")))
    if name == "onsale":
        return _either(products, _SALE, lambda p: p.get("compareToPrice", 0) > p["price"])
    if name == "categories":
        return _categories(call, asked, products)
    kind, _, title = name.partition("_")
    if kind == "attribute":
        return _values(title, (_attribute_values(product, title) for product in products))
    if kind == "option":
        return _values(title, (_option_values(product, title) for product in products))
    return None


def _either(
    products: list[JSONObject], titles: dict[str, str], first: Callable[[JSONObject], bool]
) -> JSONObject:
    yes, no = titles
    counts = Counter(yes if first(product) else no for product in products)
    values = [
        {"id": name, "title": titles[name], "productCount": counts[name]}
        for name in titles
        if counts[name]
    ]
    return {"values": values, "status": _DONE}


def _categories(call: Call, asked: Parameters, products: list[JSONObject]) -> JSONObject:
    """The categories of products, or those of them that are below one, by their names."""
    language = asked.folded("lang")
    # The front page has a name there; elsewhere it is 0.
    front = asked.folded("filterParentCategoryId") == "home"
    parent = 0 if front else asked.integer("filterParentCategoryId")
    below = None if parent is None else with_subcategories(call.shop, [parent])[1:]
    titles: dict[int, str] = {}
    for category in call.shop.all(kinds.CATEGORY):
        if below is None or category["id"] in below:
            if language:
                shown_in(category, language)
            titles[category["id"]] = category["name"]
    counts = Counter(number for product in products for number in product.get("categoryIds", ()))
    values = [
        {
            "id": number,
            "title": titles[number],
            "productCount": count,
        }
        for number, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
        if number in titles
    ]
    return {"values": values, "status": _DONE, "sortingOrder": "PRODUCTS_COUNT_DESC"}


def _values(title: str, found: Iterable[set[str]]) -> JSONObject:
    counts = Counter(value for values in found for value in values)
    values = [{"title": value, "productCount": count} for value, count in sorted(counts.items())]
    return {
        "title": title,
        "values": values,
        "status": _DONE,
        "sortingOrder": "FILTER_VALUE_ASC",
    }


def _attribute_values(product: JSONObject, name: str) -> set[str]:
    attributes = product.get("attributes", ())
    return {a["value"] for a in attributes if a.get("name") == name and a.get("value")}


def _option_values(product: JSONObject, name: str) -> set[str]:
    return {
        choice["text"]
        for option in product.get("options", ())
        if option.get("name") == name
        for choice in option.get("choices", ())
    }


_RECENT_PRODUCTS: Final = 200
_BRAND_ORDERS: Final[dict[str, Callable[[tuple[str, int]], Any]]] = {
    "PRODUCT_COUNT_DESC": lambda brand: (-brand[1], brand[0]),
    "PRODUCT_COUNT_ASC": lambda brand: (brand[1], brand[0]),
    "NAME_ASC": lambda brand: brand[0],
    "NAME_DESC": lambda brand: [-ord(letter) for letter in brand[0]],
}


@handles("searchProductBrands")
def search_brands(call: Call) -> Answer:
    """In the order of their first products; brands of disabled products only are hidden ones."""
    asked = call.parameters
    search = Search(kinds.PRODUCT, asked).where("brand IS NOT NULL")
    hidden = [asked.flag(name) for name in ("hidden_brands", "hiddenBrands")]
    if not any(hidden):
        search.equal("enabled", 1)
    counts: dict[str, int] = search.tally(call.shop, "brand")
    chosen = asked.choice("sortBy", {name: name for name in _BRAND_ORDERS})
    found = sorted(counts.items(), key=_BRAND_ORDERS[chosen]) if chosen else counts.items()
    brands: list[JSONObject] = [
        {
            "name": name,
            "productsFilteredByBrandUrl": (
                f"{STORE_URL}/products/search?attribute_Brand={quote_plus(name)}"
            ),
        }
        for name, _ in found
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
