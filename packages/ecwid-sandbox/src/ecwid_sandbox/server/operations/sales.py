"""Orders and their papers, abandoned carts, subscriptions and coupons."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.errors import NotThereError, RefusedError
from ecwid_sandbox.server.operations.calls import Binary, handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.calculation import calculated
from ecwid_sandbox.server.shop.papers import invoice_page, new_tax_invoice, receipt
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


@handles("searchOrders")
def search_orders(call: Call) -> Answer:
    """Newest first. Unfinished orders (INCOMPLETE) are listed like the others."""
    asked = call.parameters
    search = Search(kinds.ORDER, asked).times("created", "updated")
    search.between("pickup", *asked.span("pickupTimeFrom", "pickupTimeTo"))
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
    ):
        search.equal(column, asked.text(name))
    number = asked.text("vendorOrderNumber")
    if number:
        # Of shops without prefix and suffix it is the order's number.
        search.where("(public_id = ? OR CAST(key AS TEXT) = ?)", number, number)
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
    """Both ids come back: the number and the text. An abandoned cart may be nobody's yet."""
    unfinished = call.body(whole=False).get("paymentStatus") == "INCOMPLETE"
    number = call.shop.create(kinds.ORDER, call.body(whole=not unfinished))
    return {"id": number, "orderId": call.shop.get(kinds.ORDER, number)["id"]}


@handles("calculateOrderDetails")
def calculate_order(call: Call) -> Answer:
    """Nothing is kept of it."""
    return calculated(call.shop, call.body())


def _order(call: Call, parameter: str = "orderId") -> JSONObject:
    return call.shop.get(kinds.ORDER, call.shop.order_number(call.path[parameter]))


@handles("getRepeatOrderUrl")
def repeat_order_url(call: Call) -> Answer:
    """An address that puts the same things into a cart."""
    order = _order(call)
    key = hashlib.sha256(f"{call.shop.store_id}:{order['id']}".encode()).hexdigest()[:16]
    return {"repeatOrderUrl": f"{STORE_URL}/repeat-order?id={order['id']}&token={key}&type=order"}


@handles("getOrderInvoiceHtml")
def order_invoice(call: Call) -> Answer:
    """As a page."""
    return Binary(invoice_page(_order(call, "orderIdentity")), "text/html;charset=utf-8")


@handles("getOrderReceiptPdf")
def order_receipt(call: Call) -> Answer:
    """As a file."""
    return Binary(receipt(_order(call)), "application/pdf")


@handles("generateTaxInvoiceForOrder")
def create_invoice(call: Call) -> Answer:
    """One more, with a number of its own."""
    order = _order(call)
    invoice = new_tax_invoice(
        call.shop.store.next_free("invoice", 2_200_000_001), format_time(call.shop.clock.second())
    )
    invoices = [*order.get("invoices", ()), invoice]
    call.shop.update(kinds.ORDER, order["internalId"], {"invoices": invoices})
    return {"id": invoice["internalId"]}


@handles("previewTaxInvoice")
def preview_invoice(call: Call) -> Answer:
    """The page that an order would have, if it was one; totals that are sent stay."""
    sent = call.body()
    order = calculated(call.shop, {"shippingOption": {"shippingRate": 0}, **sent})
    told = {name: sent[name] for name in ("total", "createDate") if sent.get(name) is not None}
    page = invoice_page({**order, **told, "id": "preview"})
    return Binary(page, "text/html;charset=utf-8")


# What a cart has and an order hasn't, or what an order starts without.
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
    """The cart stays, and says which order it became; that happens once.

    One that came of an order that wasn't finished is that order again.
    """
    cart = call.shop.get(kinds.CART, call.path["cartId"])
    if "recoveredOrderId" in cart:
        raise RefusedError("CONSTRAINT_VIOLATION", "The cart is an order already")
    # Ecwid's own client expects no message any more.
    placed = {"paymentStatus": "AWAITING_PAYMENT", "paymentMessage": None}
    number = call.shop.store.meta(f"order of cart {cart['cartId']}")
    if number is not None and call.shop.has(kinds.ORDER, number):
        call.shop.update(kinds.ORDER, number, placed)
        order = call.shop.get(kinds.ORDER, number)
    else:
        fields = {name: value for name, value in cart.items() if name not in _OF_A_CART}
        order = call.shop.get(kinds.ORDER, call.shop.create(kinds.ORDER, {**fields, **placed}))
        recovered = {"recoveredOrderId": order["internalId"]}
        recovered["recoveredPublicUid"] = order["publicUid"]
        call.shop.update(kinds.CART, cart["cartId"], recovered)
    return {
        "id": order["id"],
        "orderNumber": order["orderNumber"],
        "vendorOrderNumber": order["vendorOrderNumber"],
        "cartId": cart["cartId"],
    }


_ORDERS: Final = {
    "DATE_CREATED_ASC": "created",
    "DATE_CREATED_DESC": "created DESC",
    "ORDER_COUNT_ASC": "order_count",
    "ORDER_COUNT_DESC": "order_count DESC",
    "NEXT_CHARGE_DATE_ASC": "next_charge",
    "NEXT_CHARGE_DATE_DESC": "next_charge DESC",
}


@handles("searchRecurringSubscriptions")
def search_subscriptions(call: Call) -> Answer:
    """Newest first. Times are asked for in seconds, whatever the documents count in."""
    asked = call.parameters
    search = Search(kinds.SUBSCRIPTION, asked).sorted(_ORDERS).times("created", "updated")
    search.equal("key", asked.integer("id"))
    search.between("cancelled", *asked.span("cancelledFrom", "cancelledTo"))
    search.between("next_charge", *asked.span("nextChargeFrom", "nextChargeTo"))
    search.equal("customer", asked.integer("customerId"))
    search.one_of("status", asked.texts("status"))
    search.equal("recurring", asked.text("recurringInterval"))
    search.equal("recurring_count", asked.integer("recurringIntervalCount"))
    search.lists("products", asked.integers("productId"))
    search.equal("email", asked.folded("email"))
    order = asked.text("orderId")
    if order:
        search.lists("orders", [_order_number(call, order)])
    total = asked.number("orderTotal")
    if total is not None:
        search.where("EXISTS (SELECT 1 FROM json_each(order_totals) WHERE value = ?)", total)
    start, end = asked.span("orderCreatedFrom", "orderCreatedTo")
    if start is not None or end is not None:
        search.where(
            "EXISTS (SELECT 1 FROM json_each(order_times) WHERE value BETWEEN ? AND ?)",
            0 if start is None else start,
            2**62 if end is None else end,
        )
    page = search.page(call.shop)
    if "lang" in asked:
        page.change = lambda document: _with_translations(call, document)
    return page


def _with_translations(call: Call, document: JSONObject) -> JSONObject:
    """A subscription with the names that its products have in other languages."""
    for item in document.get("orderTemplate", {}).get("items", ()):
        product = item.get("productId")
        if product and call.shop.has(kinds.PRODUCT, product):
            texts = call.shop.get(kinds.PRODUCT, product).get("nameTranslated", {})
            item.setdefault("nameTranslated", texts)
    return document


def _order_number(call: Call, identifier: str) -> str:
    """The number by which subscriptions know an order."""
    try:
        return str(call.shop.order_number(identifier))
    except NotThereError:
        return identifier


@handles("searchDiscountCoupons")
def search_coupons(call: Call) -> Answer:
    """By id."""
    asked = call.parameters
    search = Search(kinds.COUPON, asked).times("created", "updated")
    search.equal("code", asked.text("code"))
    search.one_of("discount_type", asked.texts("discount_type"))
    search.one_of("status", asked.texts("availability"))
    return search.page(call.shop)
