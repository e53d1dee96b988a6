"""Variations: documents that live within their product and move its time of update."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ecwid_sandbox import kinds
from ecwid_sandbox.errors import NotThereError
from ecwid_sandbox.operations.calls import handles

if TYPE_CHECKING:
    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.operations.calls import Answer, Call


def _variations(call: Call) -> list[JSONObject]:
    product = call.shop.get(kinds.PRODUCT, call.number("productId"))
    found: list[JSONObject] = product.get("combinations", [])
    return found


def _save(call: Call, variations: list[JSONObject]) -> None:
    changes = {"combinations": variations or None}
    call.shop.update(kinds.PRODUCT, call.number("productId"), changes)


def _find(call: Call, variations: list[JSONObject]) -> JSONObject:
    wanted = call.number("combinationId")
    for variation in variations:
        if variation["id"] == wanted:
            return variation
    raise NotThereError("COMBINATION_NOT_FOUND", f"product_variation {wanted} is not in the store")


@handles("searchProductVariations")
def search_variations(call: Call) -> Answer:
    """All of them, in a bare array."""
    return [msgspec.json.encode(variation) for variation in _variations(call)]


@handles("getProductVariation")
def get_variation(call: Call) -> Answer:
    """One of them."""
    return _find(call, _variations(call))


@handles("createProductVariation")
def create_variation(call: Call) -> Answer:
    """The product gives it an id and a number."""
    variations = _variations(call)
    _save(call, [*variations, call.body()])
    return {"id": _variations(call)[-1]["id"]}


@handles("updateProductVariation")
def update_variation(call: Call) -> Answer:
    """Fields that aren't sent stay."""
    variations = _variations(call)
    variation = _find(call, variations)
    variation.update(call.body())
    for name in [name for name, value in variation.items() if value is None]:
        del variation[name]
    _save(call, variations)
    return {"updateCount": 1}


@handles("deleteProductVariation")
def delete_variation(call: Call) -> Answer:
    """There is no history of deleted variations."""
    variations = _variations(call)
    variations.remove(_find(call, variations))
    _save(call, variations)
    return {"deleteCount": 1}


@handles("deleteAllProductVariations")
def delete_variations(call: Call) -> Answer:
    """All of them at once."""
    count = len(_variations(call))
    _save(call, [])
    return {"deleteCount": count}
