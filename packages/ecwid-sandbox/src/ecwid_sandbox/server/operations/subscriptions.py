"""Recurring subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.errors import NotThereError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject

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
    search.between("cancelled", asked.time("cancelledFrom"), asked.time("cancelledTo"))
    search.between("next_charge", asked.time("nextChargeFrom"), asked.time("nextChargeTo"))
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
    start, end = asked.time("orderCreatedFrom"), asked.time("orderCreatedTo")
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
