"""Variations: documents that live within their product and move its time of update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.shop.stock import adjust
from ecwid_sandbox.server.shop.variations import changed, variation_of, with_options
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


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
def adjust_stock(call: Call) -> Answer:
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
