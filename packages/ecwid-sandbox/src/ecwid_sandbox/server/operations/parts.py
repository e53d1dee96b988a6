"""Lists that stand within a document, and have operations of their own too.

Which operations those are follows from the description, as in ``documents``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_sandbox.server.errors import NotThereError, RefusedError, WrongParameterError
from ecwid_sandbox.server.operations.calls import described, handles
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import options
from ecwid_sandbox.server.shop.languages import agree, default_language
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind

_ROOM_FOR_EXTRA_FIELDS: Final = 8 * 1024


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of a document of a kind.

    Attributes:
        kind: The kind of document in which they stand.
        owner: Which document of the kind a call is about.
        field: Where in the document they stand, with dots.
        path: The path of one of them; those of all of them, and of a new one, are above it.
        not_found: The error code when the id leads nowhere.
        called: What the message calls one then.
        prepare: What becomes of the fields of a new one.
        fit: Fits a part in among the others, or refuses it.
        created: What is answered for a new one.
    """

    kind: Kind
    owner: Callable[[Call], Key]
    field: str
    path: str
    not_found: str
    called: str = ""
    prepare: Callable[[Call, JSONObject], JSONObject] = lambda _, fields: fields
    fit: Callable[[Call, JSONObject, list[JSONObject]], None] = lambda _, __, ___: None
    created: Callable[[JSONObject], JSONObject] = lambda _: {"createCount": 1}

    def register(self) -> None:
        """Handle what isn't handled yet."""
        here, above = described(self.path), described(self.path.rpartition("/")[0])
        for operations, method, handler in (
            (above, "GET", self._all),
            (above, "POST", self._create),
            (above, "DELETE", self._delete_all),
            (here, "GET", self._one),
            (here, "PUT", self._update),
            (here, "DELETE", self._delete),
        ):
            if method in operations:
                handles(operations[method].id, default=True)(handler)

    def _parts(self, call: Call) -> list[JSONObject]:
        found: Any = call.shop.get(self.kind, self.owner(call))
        for name in self.field.split("."):
            found = found.get(name)
            if found is None:
                return []
        parts: list[JSONObject] = found
        return parts

    def _save(self, call: Call, parts: list[JSONObject]) -> None:
        section, _, name = self.field.rpartition(".")
        changes: JSONObject = {name: parts}
        if section:
            whole = call.shop.get(self.kind, self.owner(call)).get(section, {})
            changes = {section: {**whole, **changes}}
        call.shop.update(self.kind, self.owner(call), changes)

    def _place(self, call: Call, parts: list[JSONObject]) -> int:
        _, wanted = call.last
        for place, part in enumerate(parts):
            if str(part["id"]) == wanted:
                return place
        raise NotThereError(self.not_found, f"{self.called} #{wanted} not found")

    def _all(self, call: Call) -> Answer:
        parts = self._parts(call)
        if call.operation.items_key is None:
            return [msgspec.json.encode(part) for part in parts]
        return {call.operation.items_key: parts}

    def _one(self, call: Call) -> Answer:
        parts = self._parts(call)
        return parts[self._place(call, parts)]

    def _create(self, call: Call) -> Answer:
        parts = self._parts(call)
        # What is required may stand in the path instead.
        body = call.body(whole=False)
        sent = {name: value for name, value in body.items() if value is not None}
        part = self.prepare(call, sent)
        agree({}, part, default_language(call.shop))
        self.fit(call, part, parts)
        self._save(call, [*parts, part])
        return self.created(part)

    def _update(self, call: Call) -> Answer:
        parts = self._parts(call)
        place = self._place(call, parts)
        merged = {**parts[place], **call.changes(parts[place]), "id": parts[place]["id"]}
        part = {name: value for name, value in merged.items() if value is not None}
        agree(parts[place], part, default_language(call.shop))
        others = [*parts[:place], *parts[place + 1 :]]
        self.fit(call, part, others)
        parts[place] = part
        self._save(call, parts)
        return {"updateCount": 1}

    def _delete(self, call: Call) -> Answer:
        parts = self._parts(call)
        del parts[self._place(call, parts)]
        self._save(call, parts)
        return {"deleteCount": 1}

    def _delete_all(self, call: Call) -> Answer:
        count = len(self._parts(call))
        if count:
            self._save(call, [])
        return {"deleteCount": count}


def _order(call: Call) -> Key:
    return call.shop.order_number(call.path["orderId"])


def _contact(_: Call, part: JSONObject, others: list[JSONObject]) -> None:
    """Of each type there is one to use first: the last one that was said to be."""
    needed(part, "contact")
    kind = needed(part, "type")
    for other in others:
        if part.get("default") and other.get("type") == kind:
            other["default"] = False


def _extra_field(_: Call, part: JSONObject, others: list[JSONObject]) -> None:
    """An order has no two of the same id, and no more than 8 KB of them."""
    for name in ("id", "value", "title"):
        needed(part, name)
    if any(other["id"] == part["id"] for other in others):
        raise RefusedError("CONSTRAINT_VIOLATION", f"The order has a field {part['id']} already")
    if len(msgspec.json.encode([*others, part])) > _ROOM_FOR_EXTRA_FIELDS:
        raise WrongParameterError("The extra fields of an order have 8 KB at most")


def _origin(call: Call) -> JSONObject:
    """The address from which parcels go."""
    profile = call.shop.get(kinds.PROFILE, call.shop.store_id)
    found: JSONObject = profile["shipping"].get("shippingOrigin") or {}
    return found


def _named_extra_field(call: Call, fields: JSONObject) -> JSONObject:
    """The id may stand in the path instead."""
    return {**fields, "id": call.path.get("extraFieldId") or fields.get("id")}


for _parts in (
    Parts(
        kind=kinds.CUSTOMER,
        owner=lambda call: call.number("customerId"),
        field="contacts",
        path="/customers/{customerId}/contacts/{contactId}",
        not_found="CUSTOMER_CONTACT_NOT_FOUND",
        called="Customer contact",
        fit=_contact,
    ),
    Parts(
        kind=kinds.ORDER,
        owner=_order,
        field="orderExtraFields",
        path="/orders/{orderId}/extraFields/{extraFieldId}",
        not_found="EXTRA_FIELD_NOT_FOUND",
        called="Extra field",
        prepare=_named_extra_field,
        fit=_extra_field,
    ),
    Parts(
        kind=kinds.ORDER,
        owner=_order,
        field="invoices",
        path="/orders/{orderId}/invoices/",
        not_found="",
    ),
    Parts(
        kind=kinds.PRODUCT,
        owner=lambda call: call.number("productId"),
        field="files",
        path="/products/{productId}/files/{fileId}",
        not_found="FILE_NOT_FOUND",
        called="File",
    ),
    Parts(
        kind=kinds.PROFILE,
        owner=lambda call: call.shop.store_id,
        field="payment.paymentOptions",
        path="/profile/paymentOptions/{paymentOptionId}",
        not_found="PAYMENT_NOT_FOUND",
        called="Payment option",
        prepare=lambda call, fields: options.new_payment_option(call.shop, fields),
        fit=lambda _, part, others: options.check_payment_option(part, others),
        created=lambda part: {"id": part["id"]},
    ),
    Parts(
        kind=kinds.PROFILE,
        owner=lambda call: call.shop.store_id,
        field="shipping.shippingOptions",
        path="/profile/shippingOptions/{shippingOptionId}",
        not_found="SHIPPING_NOT_FOUND",
        called="Shipping option",
        prepare=lambda call, fields: options.new_shipping_option(call.shop, fields),
        fit=lambda call, part, _: options.check_shipping_option(part, _origin(call)),
        created=lambda part: {"id": part["id"]},
    ),
):
    _parts.register()
