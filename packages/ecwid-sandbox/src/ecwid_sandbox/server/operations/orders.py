"""Orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.server.errors import NotThereError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.shop.calculation import calculated
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call


@handles("searchOrders")
def search_orders(call: Call) -> Answer:
    """Newest first. Unfinished orders (INCOMPLETE) are listed like the others."""
    asked = call.parameters
    search = Search(kinds.ORDER, asked).times("created", "updated")
    search.between("pickup", asked.time("pickupTimeFrom"), asked.time("pickupTimeTo"))
    search.between("total", asked.number("totalFrom"), asked.number("totalTo"))
    ids = asked.texts("ids")
    if ids is not None:
        marks = ", ".join("?" * len(ids))
        numbers = [int(text) for text in ids if text.isdecimal()]
        number_marks = ", ".join("?" * len(numbers))
        search.where(f"(public_id IN ({marks}) OR key IN ({number_marks}))", *ids, *numbers)
    search.words(asked.text("keywords"))
    customer_id, email = asked.integer("customerId"), asked.folded("email")
    if customer_id is not None and email and asked.flag("customerIdOrEmail"):
        search.where("(customer = ? OR email = ?)", customer_id, email)
    else:
        search.equal("email", email)
        search.equal("customer", customer_id)
    search.one_of("key", _of_subscriptions(call))
    search.lists("products", asked.integers("productId"))
    search.one_of("payment", asked.texts("paymentStatus"))
    if "drafts-hidden" in call.shop.assumed and "paymentStatus" not in asked:
        search.where("payment <> 'INCOMPLETE'")
    search.one_of("fulfillment", asked.texts("fulfillmentStatus"))
    for column, name in (
        ("shipping_method", "shippingMethod"),
        ("payment_method", "paymentMethod"),
        ("payment_module", "paymentModule"),
        ("coupon", "couponCode"),
        ("payment_reference", "paymentReference"),
        ("referer", "refererId"),
        ("public_id", "vendorOrderNumber"),
    ):
        search.equal(column, asked.text(name))
    search.equal("key", asked.integer("orderNumber"))
    search.equal("marketing", asked.boolean("acceptMarketing"))
    search.equal("preorder", asked.boolean("containsPreorderItems"))
    customer = asked.folded("customer")
    if customer:
        search.where("(email = ? OR instr(words, ?) > 0)", customer, customer)
    return search.page(call.shop)


def _of_subscriptions(call: Call) -> list[int] | None:
    """The orders that came of the subscriptions that are asked for."""
    wanted = call.parameters.integers("subscriptionId")
    if wanted is None:
        return None
    there = [number for number in wanted if call.shop.has(kinds.SUBSCRIPTION, number)]
    return [
        int(order["id"])
        for number in there
        for order in call.shop.get(kinds.SUBSCRIPTION, number).get("orders", ())
    ]


@handles("getLastOrder")
def get_last_order(call: Call) -> Answer:
    """The newest one, of everybody or of one customer, with an address if that is asked for."""
    search = Search(kinds.ORDER, call.parameters)
    if call.parameters.flag("withAddress"):
        search.where("addressed = 1")
    found = search.equal("email", call.parameters.folded("customerEmail")).first(call.shop)
    if found is None:
        raise NotThereError(kinds.ORDER.not_found, "There is no order")
    return found


@handles("createOrder")
def create_order(call: Call) -> Answer:
    """Both ids come back: the number and the text."""
    number = call.shop.create(kinds.ORDER, call.body())
    return {"id": number, "orderId": call.shop.get(kinds.ORDER, number)["id"]}


@handles("calculateOrderDetails")
def calculate_order(call: Call) -> Answer:
    """Nothing is kept of it."""
    return calculated(call.shop, call.body())
