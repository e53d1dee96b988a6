"""One document, and lists of them: what is alike for all kinds.

Which operations there are follows from the description: those at the path of a document and at the
path above it that no other module handles.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from ecwid_api.description import entity_schema
from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.errors import NotThereError, RefusedError
from ecwid_sandbox.server.operations.calls import described, handles
from ecwid_sandbox.server.operations.reviews import review_status
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.shop.subscriptions import changed_subscription
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind


def _named(call: Call) -> Key:
    """The key that ends the path: a number where the description says so."""
    name, text = call.last
    types = {p.name: p.schema.get("type") for p in call.operation.parameters}
    return int(text) if types[name] == "integer" else text


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The operations on the documents of a kind.

    Attributes:
        kind: The kind.
        path: The path of one document.
        above: The path of all of them; by default the one without the key.
        key: The key that a call names.
        prepare: What is written for what was sent, given the document as it is; it is empty where
            there is none yet.
        created: What is answered for a new document.
    """

    kind: Kind
    path: str
    above: str = ""
    key: Callable[[Call], Key] = _named
    prepare: Callable[[Call, JSONObject, JSONObject], JSONObject] = lambda _, __, sent: sent
    created: Callable[[Call, Key], JSONObject] = lambda _, key: {"id": key}

    def register(self) -> None:
        """Handle what isn't handled yet."""
        here = described(self.path)
        above = described(self.above or self.path.rpartition("/")[0])
        for operations, method, handler in (
            (above, "GET", self._list),
            (above, "POST", self._create),
            (here, "GET", self._get),
            (here, "PUT", self._update),
            (here, "DELETE", self._delete),
        ):
            if method in operations:
                handles(operations[method].id, default=True)(handler)

    def _list(self, call: Call) -> Answer:
        search = Search(self.kind, call.parameters)
        if call.operation.answer == "page":
            return search.page(call.shop)
        found = search.all(call.shop)
        if call.operation.items_key is None:
            return found
        return {call.operation.items_key: [msgspec.json.decode(body) for body in found]}

    def _get(self, call: Call) -> Answer:
        return call.shop.get_json(self.kind, self.key(call))

    def _create(self, call: Call) -> Answer:
        fields = self.prepare(call, {}, call.body())
        return self.created(call, rules.create(call.shop, self.kind, fields))

    def _update(self, call: Call) -> Answer:
        key = self.key(call)
        known = call.shop.get(self.kind, key)
        rules.update(call.shop, self.kind, key, self.prepare(call, known, call.changes(known)))
        return {"updateCount": 1}

    def _delete(self, call: Call) -> Answer:
        rules.delete(call.shop, self.kind, self.key(call))
        return {"deleteCount": 1}


def _coupon(call: Call) -> Key:
    """Digits are an id first; whatever isn't one is a code."""
    identifier = call.path["discountCouponId"]
    if identifier.isdecimal() and call.shop.has(kinds.COUPON, int(identifier)):
        return int(identifier)
    body = call.shop.store.first(kinds.COUPON, "code", identifier)
    if body is None:
        raise NotThereError(kinds.COUPON.not_found, "Coupon is not found")
    return kinds.COUPON.key_of(call.shop.decoded(body))


def _coupon_created(call: Call, key: Key) -> JSONObject:
    """The code comes back too: Ecwid makes one where none was sent."""
    return {"id": key, "code": call.shop.get(kinds.COUPON, key)["code"]}


def _keyed(_: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    """The key of a field stays what it is."""
    return {name: value for name, value in sent.items() if name != "key" or not known}


def _customer_field(call: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    return _keyed(call, known, {"key": uuid.uuid4().hex[:7], **sent})


def _order_status(call: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    """What a write changes of a status; the translations are read under another name."""
    changes = {name: value for name, value in sent.items() if name != "nameTranslations"}
    translated = {**known.get("nameTranslated", {}), **(sent.get("nameTranslations") or {})}
    if sent.get("name"):
        translated["en"] = sent["name"]
    elif "en" in (sent.get("nameTranslations") or {}):
        changes["name"] = translated["en"]
    if translated != known.get("nameTranslated", {}):
        changes["nameTranslated"] = translated
        changes["lastNameChangeDate"] = format_time(call.shop.clock.second())
    return changes


def _promotion(call: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    """What is sent: unlike elsewhere, a field that can't be written is an error.

    Raises:
        RefusedError: It is sent with another value than it has.
    """
    fields = entity_schema("promotion", "promotions")["properties"]
    for name, value in msgspec.json.decode(call.content).items():
        if fields.get(name, {}).get("readOnly") and value != known.get(name):
            raise RefusedError("READ_ONLY_PROMOTION_FIELD_CHANGE", f"{name} can't be written")
    return sent


def _staff(_: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    """A new account waits until someone accepts the invitation."""
    number = f"p{uuid.uuid4().int % 10**8:08d}"
    return sent if known else {**sent, "id": number, "inviteAccepted": False}


for _documents in (
    Documents(kind=kinds.PRODUCT, path="/products/{productId}"),
    Documents(kind=kinds.CATEGORY, path="/categories/{categoryId}"),
    Documents(kind=kinds.CUSTOMER, path="/customers/{customerId}"),
    Documents(kind=kinds.CUSTOMER_GROUP, path="/customer_groups/{groupId}"),
    Documents(
        kind=kinds.ORDER,
        path="/orders/{orderId}",
        key=lambda call: call.shop.order_number(call.path["orderId"]),
    ),
    Documents(kind=kinds.CART, path="/carts/{cartId}"),
    Documents(
        kind=kinds.COUPON,
        path="/discount_coupons/{discountCouponId}",
        key=_coupon,
        created=_coupon_created,
    ),
    Documents(
        kind=kinds.REVIEW,
        path="/reviews/{reviewId}",
        prepare=lambda _, __, sent: {"status": review_status(needed(sent, "status"))},
    ),
    Documents(kind=kinds.PRODUCT_TYPE, path="/classes/{classId}"),
    Documents(kind=kinds.PROMOTION, path="/promotions/{promotionId}", prepare=_promotion),
    Documents(
        kind=kinds.SUBSCRIPTION,
        path="/subscriptions/{subscriptionId}",
        prepare=lambda call, known, sent: changed_subscription(known, sent, call.shop.clock),
    ),
    Documents(
        kind=kinds.ORDER_STATUS,
        path="/profile/order_status/{statusId}",
        above="/profile/order_statuses",
        prepare=_order_status,
    ),
    Documents(
        kind=kinds.CHECKOUT_EXTRA_FIELD,
        path="/profile/extrafields/{key}",
        prepare=_keyed,
        created=lambda _, __: {"createCount": 1},
    ),
    Documents(
        kind=kinds.CUSTOMER_EXTRA_FIELD,
        path="/store_extrafields/customers/{extrafield_key}",
        prepare=_customer_field,
        created=lambda _, key: {"createCount": 1, "key": key},
    ),
    Documents(kind=kinds.STORAGE_ENTRY, path="/storage/{key}"),
    Documents(kind=kinds.REDIRECT, path="/instant-site/redirects/{redirectId}"),
    Documents(
        kind=kinds.STAFF_ACCOUNT,
        path="/staff/{staffAccountId}",
        prepare=_staff,
        created=lambda _, __: {"success": True},
    ),
):
    _documents.register()
