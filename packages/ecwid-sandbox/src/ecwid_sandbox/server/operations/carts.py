"""Abandoned carts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.errors import RefusedError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call

# What a cart has and an order hasn't, or begins anew.
_OF_A_CART: Final = frozenset(
    {
        "cartId",
        "hidden",
        "recoveryEmailSentTimestamp",
        "createDate",
        "createTimestamp",
        "updateDate",
        "updateTimestamp",
    }
)


@handles("searchAbandonedCarts")
def search_carts(call: Call) -> Answer:
    """Newest first; hidden ones are listed unless ``showHidden=false``."""
    asked = call.parameters
    search = Search(kinds.CART, asked).times("created", "updated")
    search.between("total", asked.number("totalFrom"), asked.number("totalTo"))
    search.equal("email", asked.folded("email"))
    search.equal("customer", asked.integer("customerId"))
    search.contains("email", asked.text("customer"))
    search.equal("coupon", asked.text("couponCode"))
    if asked.boolean("showHidden") is False:
        search.equal("hidden", 0)
    return search.page(call.shop)


@handles("convertAbandonedCartToOrder")
def place_cart(call: Call) -> Answer:
    """The cart stays, and says which order it became; that happens once."""
    cart = call.shop.get(kinds.CART, call.path["cartId"])
    if "recoveredOrderId" in cart:
        raise RefusedError("CONSTRAINT_VIOLATION", "The cart is an order already")
    fields = {name: value for name, value in cart.items() if name not in _OF_A_CART}
    number = call.shop.create(kinds.ORDER, {**fields, "paymentStatus": "AWAITING_PAYMENT"})
    order = call.shop.get(kinds.ORDER, number)
    recovered = {"recoveredOrderId": number, "recoveredPublicUid": order["publicUid"]}
    call.shop.update(kinds.CART, cart["cartId"], recovered)
    return {
        "id": order["id"],
        "orderNumber": order["orderNumber"],
        "vendorOrderNumber": order["vendorOrderNumber"],
        "cartId": cart["cartId"],
    }
