"""Lists that come whole, without pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import Kind


@dataclass(frozen=True, kw_only=True)
class WholeList:
    """All documents of a kind, in an object under a key, or in a bare array where there is none."""

    kind: Kind
    operation: str
    envelope: str | None = None

    def register(self) -> None:
        """Handle it."""
        handles(self.operation)(self._list)

    def _list(self, call: Call) -> Answer:
        found = Search(self.kind, call.parameters).all(call.shop)
        if self.envelope is None:
            return found
        return {self.envelope: [msgspec.json.decode(body) for body in found]}


for _list in (
    WholeList(kind=kinds.PRODUCT_TYPE, operation="searchProductTypes"),
    WholeList(kind=kinds.ORDER_STATUS, operation="searchOrderStatuses", envelope="items"),
    WholeList(
        kind=kinds.CHECKOUT_EXTRA_FIELD, operation="searchCheckoutExtraFields", envelope="items"
    ),
    WholeList(
        kind=kinds.CUSTOMER_EXTRA_FIELD, operation="searchCustomerExtraFields", envelope="items"
    ),
    WholeList(kind=kinds.STAFF_ACCOUNT, operation="searchStaffAccounts", envelope="staffList"),
    WholeList(kind=kinds.STORAGE_ENTRY, operation="getAllAppStorageData"),
):
    _list.register()
