"""Lists that stand within a document, and can be read by themselves too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ecwid_sandbox import kinds
from ecwid_sandbox.errors import NotThereError
from ecwid_sandbox.operations.calls import handles

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.kinds import JSONObject, Key, Kind
    from ecwid_sandbox.operations.calls import Answer, Call


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of a document of a kind.

    Attributes:
        kind: The kind of document in which they stand.
        owner: Which document of the kind a call is about.
        field: Where in the document they stand, with dots.
        all: The operation that lists them.
        envelope: The key under which it does; None for a bare array.
        one: The operation that reads one of them; None where there is none.
        parameter: The name of that one's id in the path.
        not_found: The error code when the id leads nowhere.
    """

    kind: Kind
    owner: Callable[[Call], Key]
    field: str
    all: str
    envelope: str | None = None
    one: str | None = None
    parameter: str = ""
    not_found: str = ""

    def register(self) -> None:
        """Handle them."""
        handles(self.all)(self._all)
        if self.one:
            handles(self.one)(self._one)

    def _parts(self, call: Call) -> list[JSONObject]:
        found: Any = call.shop.get(self.kind, self.owner(call))
        for name in self.field.split("."):
            found = found.get(name)
            if found is None:
                return []
        parts: list[JSONObject] = found
        return parts

    def _all(self, call: Call) -> Answer:
        parts = self._parts(call)
        if self.envelope is None:
            return [msgspec.json.encode(part) for part in parts]
        return {self.envelope: parts}

    def _one(self, call: Call) -> Answer:
        wanted = call.path[self.parameter]
        for part in self._parts(call):
            if str(part["id"]) == wanted:
                return part
        raise NotThereError(self.not_found, f"{self.parameter} {wanted} is not in the store")


def _profile(call: Call) -> Key:
    return call.shop.store_id


def _order(call: Call) -> Key:
    return call.shop.order_number(call.path["orderId"])


for _parts in (
    Parts(
        kind=kinds.CUSTOMER,
        owner=lambda call: call.number("customerId"),
        field="contacts",
        all="searchCustomerContacts",
        envelope="items",
        one="getCustomerContact",
        parameter="contactId",
        not_found="CUSTOMER_CONTACT_NOT_FOUND",
    ),
    Parts(
        kind=kinds.ORDER,
        owner=_order,
        field="orderExtraFields",
        all="searchOrderExtraFields",
    ),
    Parts(
        kind=kinds.ORDER,
        owner=_order,
        field="invoices",
        all="getTaxInvoicesForOrder",
        envelope="invoices",
    ),
    Parts(
        kind=kinds.PROFILE,
        owner=_profile,
        field="payment.paymentOptions",
        all="searchPaymentOptions",
        one="getPaymentOption",
        parameter="paymentOptionId",
        not_found="PAYMENT_NOT_FOUND",
    ),
    Parts(
        kind=kinds.PROFILE,
        owner=_profile,
        field="shipping.shippingOptions",
        all="searchShippingOptions",
    ),
):
    _parts.register()
