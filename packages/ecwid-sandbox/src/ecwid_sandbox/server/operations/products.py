"""Products, and variations: documents that live within their product and move its time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_sandbox.server.operations.calls import Accepted, handles
from ecwid_sandbox.server.operations.categories import with_subcategories
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.shop.pictures import rearranged
from ecwid_sandbox.server.shop.variations import (
    adjust,
    changed,
    counted,
    replaced,
    variation_of,
    with_options,
    without_removed,
)
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.requests.parameters import Parameters
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject


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
    """A page of what is asked for."""
    return product_search(call.shop, call.parameters).page(call.shop)


def product_search(shop: Shop, asked: Parameters) -> Search:
    """Asking for ids switches every other filter off, asking for a SKU those of time."""
    search = Search(kinds.PRODUCT, asked).sorted(_ORDERS)
    ids = asked.integers("productId")
    if ids is not None:
        return search.one_of("key", ids)
    sku = asked.text("sku")
    if sku:
        search.lists("skus", [sku])
    else:
        search.times("created", "updated")
    search.whole_words(asked.text("keyword"))
    method = asked.text("searchMethod")
    if method == "STOREFRONT" and "keyword" in asked:
        # Buyers find what they can see.
        search.equal("enabled", 1)
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
            found = with_subcategories(shop, chosen) if deep else chosen
            search.lists("categories", found)
    for column, prefix in (("options", "option_"), ("attributes", "attribute_")):
        for name, values in asked.starting(prefix):
            search.lists(column, [f"{name}={v.strip()}".casefold() for v in values.split(",")])
    return search


@handles("createProduct")
def create_product(call: Call) -> Answer:
    """Variations are only taken with ``saveCombinations=true``."""
    return {"id": rules.create(call.shop, kinds.PRODUCT, _prepared(call, {}, call.body()))}


@handles("updateProduct")
def update_product(call: Call) -> Answer:
    """Variations are only taken with ``saveCombinations=true``."""
    number = call.number("productId")
    known = call.shop.get(kinds.PRODUCT, number)
    rules.update(call.shop, kinds.PRODUCT, number, _prepared(call, known, call.changes(known)))
    answer: JSONObject = {"updateCount": 1}
    if call.parameters.flag("returnItem"):
        answer["item"] = call.shop.get(kinds.PRODUCT, number)
    return answer


def _prepared(call: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    changes = counted(sent)
    if not call.parameters.flag("saveCombinations"):
        changes.pop("combinations", None)
    elif changes.get("combinations") is not None:
        changes["combinations"] = replaced(known, changes["combinations"])
        if "options" not in changes:
            changes["options"] = with_options(known, changes["combinations"])
    if call.operation.id == "updateProduct" and changes.get("options"):
        changes["options"] = _options(call, known, changes["options"])
    if "media" in changes:
        changes["media"] = rearranged(known, changes["media"])
    if "files" in changes:
        changes["files"] = _described_files(known, changes["files"] or [])
        if "files" not in known:
            # There are none to describe.
            del changes["files"]
    rebuilt = call.operation.id == "updateProduct" and call.parameters.flag(
        "rebuildVariationsOnOptionsUpdate"
    )
    if rebuilt and "options" in changes and "combinations" not in changes:
        changes["combinations"] = without_removed(known, changes["options"] or [])
    return changes


def _options(call: Call, known: JSONObject, sent: list[JSONObject]) -> list[JSONObject]:
    """Options as they are to be; how they are shown stays only where that is asked for."""
    if not call.parameters.flag("keepOptionDisplaySettings"):
        return sent
    there = {option.get("name"): option for option in known.get("options", ())}
    shown = {name: {**option, "choices": []} for name, option in there.items()}
    return [{**shown.get(option.get("name"), {}), **option} for option in sent]


def _described_files(known: JSONObject, sent: list[JSONObject]) -> list[JSONObject]:
    """The files of a product: those that are sent stay, and may have other descriptions.

    New ones come by an operation of their own.
    """
    by_id = {file["id"]: file for file in known.get("files", ())}
    return [
        {**by_id[file["id"]], "description": file.get("description") or ""}
        for file in sent
        if file.get("id") in by_id
    ]


@handles("adjustProductStock")
def adjust_stock(call: Call) -> Answer:
    """Adds to what there is, so that sales in between aren't lost."""
    number = call.number("productId")
    product = call.shop.get(kinds.PRODUCT, number)
    answer = adjust(product, needed(call.body(), "quantityDelta"))
    if answer["updateCount"]:
        call.shop.update(kinds.PRODUCT, number, {"quantity": product["quantity"]})
    return answer


@handles("deleteAllProducts")
def delete_products(call: Call) -> Answer:
    """Ecwid does it later; here they are gone at once."""
    call.shop.delete_all(kinds.PRODUCT)
    return Accepted()


def _product(call: Call) -> JSONObject:
    return call.shop.get(kinds.PRODUCT, call.number("productId"))


def _save(call: Call, variations: list[JSONObject], **further: list[JSONObject]) -> None:
    changes = {"combinations": variations or None, **further}
    rules.update(call.shop, kinds.PRODUCT, call.number("productId"), changes)


def _swap(call: Call, product: JSONObject, old: JSONObject, new: JSONObject | None) -> None:
    """Put another variation in the place of one, or none."""
    place = product["combinations"].index(old)
    others: list[JSONObject] = product["combinations"]
    _save(call, [*others[:place], *((new,) if new else ()), *others[place + 1 :]])


@handles("searchProductVariations")
def search_variations(call: Call) -> Answer:
    """All of them, in a bare array."""
    return [msgspec.json.encode(variation) for variation in _product(call).get("combinations", ())]


@handles("getProductVariation")
def get_variation(call: Call) -> Answer:
    """One of them."""
    return variation_of(_product(call), call.number("combinationId"))


@handles("createProductVariation")
def create_variation(call: Call) -> Answer:
    """The product gives it an id and a number, and gets the options that it hasn't got yet."""
    product = _product(call)
    variation = changed({}, call.body())
    known = product.get("combinations", [])
    _save(call, [*known, variation], options=with_options(product, [variation]))
    return {"id": _product(call)["combinations"][-1]["id"]}


@handles("updateProductVariation")
def update_variation(call: Call) -> Answer:
    """Fields that aren't sent stay."""
    product = _product(call)
    variation = variation_of(product, call.number("combinationId"))
    _swap(call, product, variation, changed(variation, call.changes(variation)))
    return {"updateCount": 1}


@handles("adjustProductVariationStock")
def adjust_variation_stock(call: Call) -> Answer:
    """The documentation sends the difference in the body, Ecwid's own client in the query."""
    delta = call.parameters.integer("quantityDelta")
    if delta is None:
        delta = needed(call.body(), "quantityDelta")
    product = _product(call)
    variation = variation_of(product, call.number("combinationId"))
    stocked = dict(variation)
    answer = adjust(stocked, int(delta))
    if answer["updateCount"]:
        _swap(call, product, variation, stocked)
    return answer


@handles("deleteProductVariation")
def delete_variation(call: Call) -> Answer:
    """There is no history of deleted variations."""
    product = _product(call)
    _swap(call, product, variation_of(product, call.number("combinationId")), None)
    return {"deleteCount": 1}


@handles("deleteAllProductVariations")
def delete_variations(call: Call) -> Answer:
    """All of them at once."""
    count = len(_product(call).get("combinations", ()))
    _save(call, [])
    return {"deleteCount": count}
