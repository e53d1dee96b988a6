"""Reading, creating, changing and deleting one document: alike for all that have an id."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.promotions import read_only_refused
from ecwid_sandbox.server.operations.reviews import review_status
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.shop.subscriptions import changed_subscription
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.server.clock import Clock
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind


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
        rules.delete(call.shop, self.kind, self._key(call))
        return {"deleteCount": 1}


def _text(call: Call, name: str) -> Key:
    return call.path[name]


def _keyed(_: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    """The key of a field stays what it is."""
    return {name: value for name, value in sent.items() if name != "key" or not known}


def _renamed_status(known: JSONObject, sent: JSONObject, clock: Clock) -> JSONObject:
    """What a write changes of a status; the translations are read under another name."""
    changes = {name: value for name, value in sent.items() if name != "nameTranslations"}
    translated = {**known.get("nameTranslated", {}), **(sent.get("nameTranslations") or {})}
    if sent.get("name"):
        translated["en"] = sent["name"]
    elif "en" in (sent.get("nameTranslations") or {}):
        changes["name"] = translated["en"]
    if translated != known.get("nameTranslated", {}):
        changes["nameTranslated"] = translated
        changes["lastNameChangeDate"] = format_time(clock.second())
    return changes


def _invited() -> JSONObject:
    """What an account has until someone accepts the invitation."""
    return {"id": f"p{uuid.uuid4().int % 10**8:08d}", "inviteAccepted": False}


def _new_key() -> str:
    return uuid.uuid4().hex[:7]


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
        prepare=lambda _, __, sent: {"status": review_status(needed(sent, "status"))},
    ),
    Resource(
        kind=kinds.PRODUCT_TYPE,
        parameter="classId",
        get="getProductType",
        create="createProductType",
        update="updateProductTypeAndAttributes",
        delete="deleteProductType",
    ),
    Resource(
        kind=kinds.PROMOTION,
        parameter="promotionId",
        create="createPromotion",
        update="updatePromotion",
        delete="deletePromotion",
        prepare=read_only_refused,
    ),
    Resource(
        kind=kinds.SUBSCRIPTION,
        parameter="subscriptionId",
        get="getRecurringSubscription",
        update="updateRecurringSubscription",
        prepare=lambda call, known, sent: changed_subscription(known, sent, call.shop.clock),
    ),
    Resource(
        kind=kinds.ORDER_STATUS,
        parameter="statusId",
        get="getOrderStatus",
        update="updateCustomOrderStatus",
        key=_text,
        prepare=lambda call, known, sent: _renamed_status(known, sent, call.shop.clock),
    ),
    Resource(
        kind=kinds.CHECKOUT_EXTRA_FIELD,
        parameter="key",
        get="getCheckoutExtraField",
        create="createCheckoutExtraField",
        update="updateCheckoutExtraField",
        delete="deleteCheckoutExtraField",
        key=_text,
        prepare=_keyed,
        created=lambda _: {"createCount": 1},
    ),
    Resource(
        kind=kinds.CUSTOMER_EXTRA_FIELD,
        parameter="extrafield_key",
        get="getCustomerExtraField",
        create="createCustomerExtraField",
        update="updateCustomerExtraField",
        delete="deleteCustomerExtraField",
        key=_text,
        prepare=lambda call, known, sent: _keyed(call, known, {"key": _new_key(), **sent}),
        created=lambda key: {"createCount": 1, "key": key},
    ),
    Resource(
        kind=kinds.STORAGE_ENTRY,
        parameter="key",
        get="getSpecificAppStorageData",
        key=_text,
    ),
    Resource(
        kind=kinds.REDIRECT,
        parameter="redirectId",
        get="getInstantSiteRedirect",
        update="updateInstantSiteRedirect",
        delete="deleteInstantSiteRedirect",
        key=_text,
    ),
    Resource(
        kind=kinds.STAFF_ACCOUNT,
        parameter="staffAccountId",
        create="createStaffAccount",
        update="updateStaffAccount",
        delete="deleteStaffAccount",
        key=_text,
        prepare=lambda _, known, sent: sent if known else {**sent, **_invited()},
        created=lambda _: {"success": True},
    ),
):
    _resource.register()
