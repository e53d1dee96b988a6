"""What comes of an order: its invoice, its receipt and the address that orders it again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.clock import format_time
from ecwid_sandbox.operations.calls import Binary, handles
from ecwid_sandbox.shop.addresses import STORE_URL
from ecwid_sandbox.shop.calculation import calculated
from ecwid_sandbox.shop.papers import invoice_page, new_tax_invoice, receipt

if TYPE_CHECKING:
    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.operations.calls import Answer, Call


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
