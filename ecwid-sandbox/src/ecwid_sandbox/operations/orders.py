"""Orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.errors import NotThereError
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search
from ecwid_sandbox.shop.calculation import calculated

if TYPE_CHECKING:
    from ecwid_sandbox.operations.calls import Answer, Call


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
    search.equal("email", asked.folded("email"))
    search.equal("customer", asked.integer("customerId"))
    search.lists("products", asked.integers("productId"))
    search.one_of("payment", asked.texts("paymentStatus"))
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


@handles("getLastOrder")
def get_last_order(call: Call) -> Answer:
    """The newest one, of everybody or of one customer."""
    search = Search(kinds.ORDER, call.parameters)
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
