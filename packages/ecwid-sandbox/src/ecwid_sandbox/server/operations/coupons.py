"""Discount coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.server.errors import NotThereError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


def _coupon(call: Call) -> JSONObject:
    """Digits are an id first; whatever isn't one is a code."""
    identifier = call.path["discountCouponId"]
    if identifier.isdecimal() and call.shop.has(kinds.COUPON, int(identifier)):
        return call.shop.get(kinds.COUPON, int(identifier))
    body = call.shop.store.first(kinds.COUPON, "code", identifier)
    if body is None:
        raise NotThereError(kinds.COUPON.not_found, "Coupon is not found")
    return call.shop.decoded(body)


@handles("searchDiscountCoupons")
def search_coupons(call: Call) -> Answer:
    """By id."""
    asked = call.parameters
    search = Search(kinds.COUPON, asked).times("created", "updated")
    search.equal("code", asked.text("code"))
    search.one_of("discount_type", asked.texts("discount_type"))
    search.one_of("status", asked.texts("availability"))
    return search.page(call.shop)


@handles("getDiscountCoupon")
def get_coupon(call: Call) -> Answer:
    """By id or code."""
    return _coupon(call)


@handles("createDiscountCoupon")
def create_coupon(call: Call) -> Answer:
    """The code comes back too: Ecwid makes one where none was sent."""
    number = rules.create(call.shop, kinds.COUPON, call.body())
    return {"id": number, "code": call.shop.get(kinds.COUPON, number)["code"]}


@handles("updateDiscountCoupon")
def update_coupon(call: Call) -> Answer:
    """By id or code."""
    coupon = _coupon(call)
    rules.update(call.shop, kinds.COUPON, coupon["id"], call.changes(coupon))
    return {"updateCount": 1}


@handles("deleteDiscountCoupon")
def delete_coupon(call: Call) -> Answer:
    """By id or code."""
    call.shop.delete(kinds.COUPON, _coupon(call)["id"])
    return {"deleteCount": 1}
