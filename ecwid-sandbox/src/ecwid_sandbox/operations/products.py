"""Products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.operations.categories import with_subcategories
from ecwid_sandbox.search import Search

if TYPE_CHECKING:
    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.operations.calls import Answer, Call

_ORDERS: Final = {
    "RELEVANCE": "key",
    "DEFINED_BY_STORE_OWNER": "position IS NULL, position",
    "ADDED_TIME_DESC": "created DESC",
    "ADDED_TIME_ASC": "created",
    "NAME_ASC": "name",
    "NAME_DESC": "name DESC",
    "PRICE_ASC": "price",
    "PRICE_DESC": "price DESC",
    "UPDATED_TIME_ASC": "updated",
    "UPDATED_TIME_DESC": "updated DESC",
}
_IN_STOCK: Final = {"instock": "1", "outofstock": "0"}
_ON_SALE: Final = {"onsale": "1", "notonsale": "0", "true": "1", "false": "0"}


@handles("searchProducts")
def search_products(call: Call) -> Answer:
    """Asking for ids switches every other filter off, asking for a SKU those of time."""
    asked = call.parameters
    search = Search(kinds.PRODUCT, asked).sorted(_ORDERS)
    ids = asked.integers("productId")
    if ids is not None:
        return search.one_of("key", ids).page(call.shop)
    sku = asked.text("sku")
    if sku:
        search.lists("skus", [sku])
    else:
        search.times("created", "updated")
    search.words(asked.text("keyword"))
    search.equal("external", asked.text("externalReferenceId"))
    search.between("price", asked.number("priceFrom"), asked.number("priceTo"))
    for column, name in (
        ("enabled", "enabled"),
        ("in_stock", "inStock"),
        ("gift_card", "isGiftCard"),
        ("discounts_allowed", "discountsAllowed"),
        ("enabled", "visibleInStorefront"),
        ("own_price", "isCustomerSetPrice"),
    ):
        search.equal(column, asked.boolean(name))
    for column, name, words in (
        ("in_stock", "inventory", _IN_STOCK),
        ("on_sale", "onsale", _ON_SALE),
    ):
        word = asked.choice(name, words)
        search.equal(column, int(word) if word else None)
    search.lists("taxes", asked.integers("enabledManualTaxes"))
    search.one_of("tax_class", asked.texts("taxClassCodes"))
    for name in ("category", "categories"):
        chosen = asked.integers(name)
        if chosen is not None:
            deep = asked.flag("includeProductsFromSubcategories")
            found = with_subcategories(call.shop, chosen) if deep else chosen
            search.lists("categories", found)
    for column, prefix in (("options", "option_"), ("attributes", "attribute_")):
        for name, values in asked.starting(prefix):
            search.lists(column, [f"{name}={v.strip()}".casefold() for v in values.split(",")])
    return search.page(call.shop)


@handles("createProduct")
def create_product(call: Call) -> Answer:
    """Variations are only taken with ``saveCombinations=true``."""
    return {"id": call.shop.create(kinds.PRODUCT, _writable(call))}


@handles("updateProduct")
def update_product(call: Call) -> Answer:
    """Variations are only taken with ``saveCombinations=true``."""
    number = call.number("productId")
    call.shop.update(kinds.PRODUCT, number, _writable(call))
    answer: JSONObject = {"updateCount": 1}
    if call.parameters.flag("returnItem"):
        answer["item"] = call.shop.get(kinds.PRODUCT, number)
    return answer


def _writable(call: Call) -> JSONObject:
    body = call.body()
    if not call.parameters.flag("saveCombinations"):
        body.pop("combinations", None)
    return body
