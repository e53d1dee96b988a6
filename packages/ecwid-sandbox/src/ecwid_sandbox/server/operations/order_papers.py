"""What comes of an order: its invoice, its receipt and the address that orders it again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.operations.calls import Binary, handles
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.calculation import calculated
from ecwid_sandbox.server.shop.papers import invoice_page, new_tax_invoice, receipt
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


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
