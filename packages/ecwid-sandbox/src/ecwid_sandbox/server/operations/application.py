"""The app whose token is used: its notes in the shop, what it charges, and how it goes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_sandbox.server import auth
from ecwid_sandbox.server.errors import RefusedError, WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call

_LARGEST_CHARGE: Final = 500
_CURRENCIES: Final = frozenset({"USD", "EUR", "MXN", "INR", "GBP", "AUD"})


def _value(call: Call) -> str:
    """The body as it is: whatever the app makes of it."""
    try:
        return call.content.decode()
    except UnicodeDecodeError:
        raise WrongParameterError("The body must be text") from None


@handles("addAppStorageData")
@handles("updateSpecificAppStorageData")
def put_entry(call: Call) -> Answer:
    """Either way an entry is made or gets the new value, which may be empty.

    Answered both ways, as the documentation and as Ecwid's own client have it.
    """
    entry = {"key": call.path["key"], "value": _value(call)}
    if call.shop.has(kinds.STORAGE_ENTRY, entry["key"]):
        call.shop.update(kinds.STORAGE_ENTRY, entry["key"], entry)
    else:
        call.shop.create(kinds.STORAGE_ENTRY, entry)
    return {"success": True, "updateCount": 1}


@handles("deleteSpecificAppStorageData")
def delete_entry(call: Call) -> Answer:
    """Answered both ways too."""
    call.shop.delete(kinds.STORAGE_ENTRY, call.path["key"])
    return {"success": True, "deleteCount": 1}


@handles("createBillingTransaction")
def charge(call: Call) -> Answer:
    """Nobody pays. The same charge with the same key is one charge."""
    asked = call.parameters
    amount, key = asked.number("amount"), asked.text("idempotencyKey")
    if amount is None or amount <= 0:
        raise RefusedError("CHARGE_AMOUNT_INVALID", "Parameter amount must be above zero")
    if amount > _LARGEST_CHARGE:
        raise RefusedError("CHARGE_LIMIT_EXCEEDED", f"An app may charge {_LARGEST_CHARGE}")
    if asked.text("currency") not in _CURRENCIES:
        raise RefusedError("CHARGE_CURRENCY_INVALID", f"It must be one of {sorted(_CURRENCIES)}")
    if not asked.text("description"):
        raise RefusedError("CHARGE_DESCRIPTION_INVALID", "Parameter description is missing")
    if key is None:
        raise RefusedError("CHARGE_IDEMPOTENCY_KEY_INVALID", "Parameter idempotencyKey is missing")
    wanted = [amount, asked.text("currency"), asked.text("description")]
    known = call.shop.store.meta(f"charge {key}")
    if known is None:
        number = str(uuid.uuid4())
        made = msgspec.json.encode([number, wanted]).decode()
        call.shop.store.set_meta(f"charge {key}", made)
        return {"transactionId": number, "idempotencyKeyInUse": False}
    number, before = msgspec.json.decode(known)
    if before != wanted:
        raise RefusedError("CHARGE_IDEMPOTENCY_KEY_NOT_UNIQUE", "The key is that of another charge")
    return {"transactionId": number, "idempotencyKeyInUse": True}


@handles("cancelAppSubscription")
def uninstall(call: Call) -> Answer:
    """The tokens open nothing any more."""
    auth.uninstall(call.shop)
    return {"deleteCount": 1}
