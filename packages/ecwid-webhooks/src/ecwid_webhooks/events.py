"""Webhooks: whether they come from Ecwid, and what to read after one.

The signature covers an event's ID and its time, and nothing else. So only IDs are taken from the
rest: whatever they name is read from the API.

Source: https://docs.ecwid.com/build-apps/webhook-automations/setup-webhooks/how-to-process-webhooks
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from tap_ecwid.moments import parse_moment, time_of_change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.entity import Entity

FOREVER: Final = 2**62
"""When events of unknown kinds are due: never."""

ALL: Final = ""
"""In place of an object: read the whole stream, as tap-ecwid does."""

_STREAMS: Final[Mapping[str, str]] = {
    "product": "products",
    "category": "categories",
    "productclass": "product_types",
    "customer": "customers",
    "customergroup": "customer_groups",
    "order": "orders",
    "unfinishedorder": "abandoned_carts",
    "invoice": "orders",
    "discountcoupon": "discount_coupons",
    "promotion": "promotions",
    "review": "product_reviews",
    "profile": "store_profile",
}
"""What an event is about, in small letters alone -> the stream that has it."""
_KEY_IN_DATA: Final[Mapping[str, str]] = {
    "order": "orderId",
    "invoice": "orderId",
    "unfinishedorder": "cartId",
}
"""Where the key isn't ``entityId`` -> its field in ``data``."""
_MOVED: Final[Mapping[str, str]] = {
    "products": "productsUpdated",
    "categories": "categoriesUpdated",
    "orders": "ordersUpdated",
    "abandoned_carts": "abandonedSalesUpdated",
    "customers": "customersUpdated",
    "discount_coupons": "discountCouponsUpdated",
    "product_reviews": "reviewsUpdated",
    "store_profile": "profileUpdated",
}
"""Stream -> the field of latest-stats that says when it changed."""
_OF_PRODUCTS: Final = ("brands", "swatches")
"""Lists that Ecwid makes of the products, without a time in latest-stats."""

_LONGEST: Final = 100
_DIGITS: Final = 19
"""Numbers with fewer digits fit 64 bits."""
_MINUTE: Final = 60
_FUTURE: Final = 60 * _MINUTE
"""Seconds by which Ecwid's clock can be ahead of ours."""


class RefusedError(Exception):
    """A webhook is refused.

    Attributes:
        status: The HTTP status to answer with.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Event(msgspec.Struct, rename="camel"):
    """A webhook's body. Numbers can be texts, and data can be anything."""

    event_id: str
    event_created: int | str
    store_id: int | str
    event_type: str
    entity_id: Any = None
    data: Any = None


class Row(msgspec.Struct, frozen=True):
    """Something to read.

    Attributes:
        store: The store's number.
        stream: The stream; for events of an unknown kind, the event's type.
        object: The object's key; ``ALL`` for the whole stream.
        due: When to read it, in unix seconds; 0 for at once.
        created: When it changed, in unix seconds by Ecwid's clock.
        events: For how many events it stands.
    """

    store: int
    stream: str
    object: str
    due: int
    created: int
    events: int = 1


class Secrets:
    """Who may sign webhooks."""

    def __init__(self, common: str | None, own: Mapping[int, str]) -> None:
        """Take the secrets.

        Args:
            common: The secret of all other stores' app; None to refuse their webhooks.
            own: Store -> the secret of its app.
        """
        self._common = common
        self._own = own

    def of_store(self, store: int) -> str | None:
        """What signs a store's webhooks; None if they are refused."""
        return self._own.get(store, self._common)

    def check(self, event: Event, store: int, signature: str) -> None:
        """Check that an event comes from Ecwid.

        Raises:
            RefusedError: It doesn't.
        """
        secret = self.of_store(store)
        if secret is None:
            raise RefusedError(403, f"store {store} is not in stores")
        if not signature:
            raise RefusedError(401, "it has no signature")
        wanted = signature_of(event, secret).encode()
        if not hmac.compare_digest(wanted, signature.encode(errors="replace")):
            raise RefusedError(401, "its signature doesn't match: is client_secret the app's?")


def signature_of(event: Event, secret: str) -> str:
    """What Ecwid signs an event with, as text."""
    text = f"{event.event_created}.{event.event_id}".encode(errors="replace")
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


_DECODER: Final = msgspec.json.Decoder(Event)


def read_event(body: bytes) -> tuple[Event, int, int]:
    """A webhook's body, its store, and its time in unix seconds.

    Raises:
        RefusedError: It is no webhook.
    """
    try:
        event = _DECODER.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # The error's words could have the body's.
        raise RefusedError(400, "its body is no webhook") from None
    return event, _number(event.store_id, "storeId"), _number(event.event_created, "eventCreated")


def check_age(created: int, now: float, max_age: float) -> None:
    """Check that an event is not too old to be believed.

    Raises:
        RefusedError: It is.
    """
    if created < now - max_age:
        hours = (now - created) / 3600
        raise RefusedError(403, f"it is {hours:.0f} hours old, and max_age_hours is lower")
    if created > now + _FUTURE:
        raise RefusedError(403, "it is from the future: check this machine's clock")


def _number(value: int | str, field: str) -> int:
    text = str(value)
    if not _is_number(text) or int(text) == 0:
        raise RefusedError(400, f"its {field} is no number")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < _DIGITS


def rows_of(event: Event, store: int, created: int, *, now: float, lists_seconds: int) -> list[Row]:
    """What to read after an event.

    Args:
        event: The event.
        store: Its store.
        created: Its time.
        now: Unix seconds.
        lists_seconds: How long to wait with lists that can have changed too.
    """
    subject, _, action = event.event_type.partition(".")
    name = _plain(subject)
    stream = _STREAMS.get(name)
    if name == "application":
        changed = _plain(action) == "storagechanged"
        return [Row(store, "storage", ALL, 0, created)] if changed else []
    if stream is None:
        kind = event.event_type if event.event_type.isprintable() else "?"
        return [Row(store, f"? {kind[:_LONGEST]}", _text(event.entity_id), FOREVER, created)]
    rows = [Row(store, stream, _object(event, name, ENTITIES[stream]), 0, created)]
    later = _bucket(now, lists_seconds)
    # The profile's lists are all that its event says.
    due = 0 if stream == "store_profile" else later
    rows += [Row(store, other, ALL, due, created) for other in _also_changed(stream)]
    return rows


def names_of(entity: Entity, row: Mapping[str, Any]) -> list[str]:
    """What an object can be called by: its key, and an order's number too."""
    fields = entity.deletions.keys if entity.deletions else entity.keys
    return [str(row[name]) for name in fields if row.get(name) is not None]


def changed_at(entity: Entity, row: Mapping[str, Any]) -> float:
    """When an object last changed, in unix seconds by Ecwid's clock; 0 if it has no such time."""
    if entity.updates is None:
        return 0
    field = entity.updates.field
    text = time_of_change(row.get(field), entity.fields.get(field, {}))
    return parse_moment(text).timestamp() if text else 0


def _also_changed(stream: str) -> Iterator[str]:
    """The streams without times of change that can have changed with another."""
    if stream == "products":
        yield from _OF_PRODUCTS
    moved = _MOVED.get(stream)
    for entity in ENTITIES.values():
        whole = entity.updates is None and entity.parent is None and entity.name != stream
        if moved is not None and whole and moved in entity.latest_stats:
            yield entity.name


def _bucket(now: float, seconds: int) -> int:
    """The end of a span of time that has begun: all that wait for it are read once."""
    return int(now) if seconds == 0 else (int(now) // seconds + 1) * seconds


def _object(event: Event, name: str, entity: Entity) -> str:
    """The key of the object; ``ALL`` where the event has none that can be used."""
    if entity.updates is None:
        return ALL
    field = _KEY_IN_DATA.get(name)
    found = _text(event.data.get(field)) if field and isinstance(event.data, dict) else ALL
    if found or name in {"invoice", "unfinishedorder"}:
        return found
    # For orders it is their number, by which they can be read too.
    found = _text(event.entity_id)
    return found if _is_number(found) else ALL


def _text(value: object) -> str:
    """A key as text; empty if it can't be one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ALL
    text = str(value)
    # A path takes dots for a folder, even where they are escaped.
    usable = text.isprintable() and text.strip() == text and text.strip(".") != ""
    return text if usable and len(text) <= _LONGEST else ALL


def _plain(text: str) -> str:
    """A word of an event's type without capitals and underscores: Ecwid writes both."""
    return text.replace("_", "").lower()
