"""Reading, creating, changing and deleting one document: alike for all that have an id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.shop import rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.kinds import JSONObject, Key, Kind
    from ecwid_sandbox.operations.calls import Answer, Call


@dataclass(frozen=True, kw_only=True)
class Resource:
    """The operations on one document of a kind; None where Ecwid has none.

    Attributes:
        kind: The kind.
        parameter: The name of the document's key in the path.
        get: The operation that reads it.
        create: The operation that makes one.
        update: The operation that changes it.
        delete: The operation that takes it away.
        key: The key, from a call and the name of the parameter.
        prepare: What is written for what was sent, given the document as it is; it is empty where
            there is none yet.
        created: What is answered for the key of a new document.
    """

    kind: Kind
    parameter: str = ""
    get: str | None = None
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    key: Callable[[Call, str], Key] = lambda call, name: call.number(name)
    prepare: Callable[[Call, JSONObject, JSONObject], JSONObject] = lambda _, __, sent: sent
    created: Callable[[Key], JSONObject] = lambda key: {"id": key}

    def register(self) -> None:
        """Handle them."""
        for operation, handler in (
            (self.get, self._get),
            (self.create, self._create),
            (self.update, self._update),
            (self.delete, self._delete),
        ):
            if operation:
                handles(operation)(handler)

    def _key(self, call: Call) -> Key:
        return self.key(call, self.parameter)

    def _get(self, call: Call) -> Answer:
        return call.shop.get_json(self.kind, self._key(call))

    def _create(self, call: Call) -> Answer:
        fields = self.prepare(call, {}, call.body())
        return self.created(rules.create(call.shop, self.kind, fields))

    def _update(self, call: Call) -> Answer:
        key = self._key(call)
        known = call.shop.get(self.kind, key)
        rules.update(call.shop, self.kind, key, self.prepare(call, known, call.changes(known)))
        return {"updateCount": 1}

    def _delete(self, call: Call) -> Answer:
        call.shop.delete(self.kind, self._key(call))
        return {"deleteCount": 1}


def _text(call: Call, name: str) -> Key:
    return call.path[name]


for _resource in (
    Resource(
        kind=kinds.PRODUCT,
        parameter="productId",
        get="getProduct",
        delete="deleteProduct",
    ),
    Resource(
        kind=kinds.CATEGORY,
        parameter="categoryId",
        get="getCategory",
        create="createCategory",
        update="updateCategory",
        delete="deleteCategory",
    ),
    Resource(
        kind=kinds.CUSTOMER,
        parameter="customerId",
        get="getCustomer",
        create="createCustomer",
        update="updateCustomer",
        delete="deleteCustomer",
    ),
    Resource(
        kind=kinds.CUSTOMER_GROUP,
        parameter="groupId",
        get="getCustomerGroup",
        create="createCustomerGroup",
        update="updateCustomerGroup",
        delete="deleteCustomerGroup",
    ),
    Resource(
        kind=kinds.ORDER,
        parameter="orderId",
        get="getOrder",
        update="updateOrder",
        delete="deleteOrder",
        key=lambda call, name: call.shop.order_number(call.path[name]),
    ),
    Resource(
        kind=kinds.CART,
        parameter="cartId",
        get="getAbandonedCart",
        update="updateAbandonedCart",
        key=_text,
    ),
    Resource(
        kind=kinds.REVIEW,
        parameter="reviewId",
        get="getProductReview",
        update="updateProductReviewStatus",
        delete="deleteProductReview",
    ),
    Resource(kind=kinds.PRODUCT_TYPE, parameter="classId", get="getProductType"),
    Resource(kind=kinds.SUBSCRIPTION, parameter="subscriptionId", get="getRecurringSubscription"),
    Resource(kind=kinds.ORDER_STATUS, parameter="statusId", get="getOrderStatus", key=_text),
    Resource(
        kind=kinds.CHECKOUT_EXTRA_FIELD,
        parameter="key",
        get="getCheckoutExtraField",
        key=_text,
    ),
    Resource(
        kind=kinds.CUSTOMER_EXTRA_FIELD,
        parameter="extrafield_key",
        get="getCustomerExtraField",
        key=_text,
    ),
    Resource(kind=kinds.STORAGE_ENTRY, parameter="key", get="getSpecificAppStorageData", key=_text),
    Resource(kind=kinds.REDIRECT, parameter="redirectId", get="getInstantSiteRedirect", key=_text),
):
    _resource.register()
