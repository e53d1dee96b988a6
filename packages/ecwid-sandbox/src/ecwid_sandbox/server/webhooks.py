"""Webhooks: posts an event to an app when something in the shop changes.

Sources: https://docs.ecwid.com/build-apps/webhook-automations/setup-webhooks/how-to-process-webhooks
and https://docs.ecwid.com/build-apps/webhook-automations. What waits is in memory: a sandbox that
ends forgets it.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import itertools
import logging
import random
import threading
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import msgspec

from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_sandbox.server.clock import Clock
    from ecwid_sandbox.server.options import Options, Retries
    from ecwid_sandbox.server.shop.shop import Action
    from ecwid_sandbox.server.storage.kinds import JSONObject, Kind

LOGGER: Final = logging.getLogger(__name__)

SIGNATURE: Final = "X-Ecwid-Webhook-Signature"

_MINUTE: Final = 60
_WAITS: Final[Mapping[Retries, tuple[int, ...]]] = {
    # Sums: 15, 30 and 45 minutes, then each hour until 24 hours are over.
    "day": (*(15 * _MINUTE,) * 4, *(60 * _MINUTE,) * 23),
    "hour": (15 * _MINUTE,) * 4,
}
"""Seconds between attempts. Ecwid documents both."""
_DELIVERED: Final = frozenset({200, 201, 202, 204, 209})
_SECONDS: Final = 10
_AT_ONCE: Final = 8
_TICK: Final = 0.02
_KEPT: Final = 10_000

_NAMES: Final[Mapping[str, str]] = {
    kinds.PRODUCT.name: "product",
    kinds.CATEGORY.name: "category",
    kinds.CUSTOMER.name: "customer",
    kinds.CUSTOMER_GROUP.name: "customer_group",
    kinds.ORDER.name: "order",
    kinds.COUPON.name: "discount_coupon",
    kinds.CART.name: "unfinished_order",
    kinds.REVIEW.name: "review",
    kinds.PRODUCT_TYPE.name: "product_class",
    kinds.PROMOTION.name: "promotion",
}
_OF_PROFILE: Final = frozenset(
    one.name for one in (kinds.PROFILE, kinds.ORDER_STATUS, kinds.CHECKOUT_EXTRA_FIELD)
)


class Event(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """The body of a webhook."""

    event_id: str
    event_created: int
    store_id: int
    entity_id: int | str | None
    event_type: str
    data: dict[str, Any] | None = None


class Sent(msgspec.Struct, kw_only=True):
    """An attempt to post an event.

    Attributes:
        event: The event.
        attempt: Which it was, from 1 on.
        status: The app's answer; 0 without one, and None if the event was lost on purpose.
    """

    event: Event
    attempt: int
    status: int | None


class TestEvent(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The part of an event that a user chooses. Without an entity, it is about the store."""

    __test__ = False

    event_type: str
    entity_id: int | str | None = None
    data: dict[str, Any] | None = None


def event_of(kind: Kind, document: JSONObject, action: Action) -> TestEvent | None:
    """The event that a change causes; None if Ecwid has none for it."""
    if kind.name in _OF_PROFILE:
        return TestEvent("profile.updated")
    if kind is kinds.STORAGE_ENTRY:
        return TestEvent("application.storageChanged", None, {"key": document["key"]})
    name = _NAMES.get(kind.name)
    if name is None:
        return None
    data: dict[str, Any] | None = None
    number: int | str = kind.key_of(document)
    if kind is kinds.ORDER:
        data = {"orderId": document["id"]}
        if action != "deleted":
            data["newPaymentStatus"] = document.get("paymentStatus")
            data["newFulfillmentStatus"] = document.get("fulfillmentStatus")
    elif kind is kinds.CART:
        # Its key is a text; the number is one that only webhooks have.
        data = {"orderId": document.get("orderId"), "cartId": number}
        number = zlib.crc32(str(number).encode())
    elif kind is kinds.CUSTOMER:
        data = {"customerEmail": document.get("email")}
    elif kind is kinds.REVIEW:
        data = {"productId": document.get("productId"), "status": document.get("status")}
    elif kind is kinds.PROMOTION:
        data = {"version": 1}
    return TestEvent(f"{name}.{action}", number, data)


def signature(event: Event, secret: str) -> str:
    """The header that shows that Ecwid has sent an event."""
    text = f"{event.event_created}.{event.event_id}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - as urllib calls it
        """An answer with a redirect is no delivery."""


class Webhooks:
    """Posts events to an app, as the options say.

    A thread waits for their time; others post. There are none before the first event.
    """

    def __init__(self, options: Options, clock: Clock) -> None:
        """Send nothing yet.

        Raises:
            ValueError: The options name no way to post again.
        """
        if options.webhook_retries not in _WAITS:
            known = ", ".join(_WAITS)
            raise ValueError(f"--webhook-retries is {options.webhook_retries!r}; there are {known}")
        self._options = options
        self._clock = clock
        self._dice = random.Random(f"{options.seed}:webhooks")  # noqa: S311 - the same each time
        self._opener = build_opener(ProxyHandler({}), _NoRedirects())
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Event, int]] = []
        self._under_way = 0
        self._sent: list[Sent] = []
        self._thread: threading.Thread | None = None
        self._ended = False

    def changed(self, kind: Kind, document: JSONObject, action: Action) -> None:
        """Send the event of a change, if the shop has an app that receives webhooks."""
        if self._options.webhook_url:
            event = event_of(kind, document, action)
            if event is not None:
                self.send(event)

    def send(self, asked: TestEvent) -> Event:
        """Send an event as often and as late as the options say; return it."""
        options, now = self._options, self._clock.now()
        number = options.store_id if asked.entity_id is None else asked.entity_id
        of_app = asked.event_type.startswith("application.")
        event = Event(
            event_id=str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
            event_created=int(now),
            store_id=options.store_id,
            entity_id=str(number) if of_app else number,
            event_type=asked.event_type,
            data=asked.data,
        )
        if self._dice.random() < options.webhook_loss:
            with self._changed:
                self._note(Sent(event=event, attempt=1, status=None))
            return event
        for _ in range(2 if self._dice.random() < options.webhook_doubles else 1):
            self._wait_for(now + options.webhook_delay / 1000 * self._dice.random(), event, 1)
        return event

    def sent(self) -> list[Sent]:
        """All attempts, the oldest first; the last 10,000 are kept."""
        with self._changed:
            return [*self._sent]

    @property
    def waiting(self) -> int:
        """How many attempts are still to come, or under way."""
        with self._changed:
            return len(self._waiting) + self._under_way

    def close(self) -> None:
        """Stop sending."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _note(self, sent: Sent) -> None:
        self._sent.append(sent)
        del self._sent[:-_KEPT]

    def _wait_for(self, at: float, event: Event, attempt: int) -> None:
        with self._changed:
            heapq.heappush(self._waiting, (at, next(self._order), event, attempt))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="ecwid-sandbox-webhooks", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="webhook") as executor:
            while not self._ended:
                with self._changed:
                    if not self._waiting:
                        self._changed.wait()
                        continue
                    # Short steps: a test can move the clock at any time.
                    if self._waiting[0][0] > self._clock.now() or self._under_way >= _AT_ONCE:
                        self._changed.wait(_TICK)
                        continue
                    _, _, event, attempt = heapq.heappop(self._waiting)
                    self._under_way += 1
                executor.submit(self._post, event, attempt)

    def _post(self, event: Event, attempt: int) -> None:
        status = 0
        try:
            request = Request(  # noqa: S310 - the address is an option of the sandbox
                self._options.webhook_url or "",
                msgspec.json.encode(event),
                {
                    "Content-Type": "application/json; charset=UTF-8",
                    SIGNATURE: signature(event, self._options.client_secret),
                },
            )
            with self._opener.open(request, timeout=_SECONDS) as response:
                status = response.status
        except HTTPError as error:
            status = error.code
            error.close()
        except (OSError, HTTPException, ValueError) as error:
            LOGGER.info("%s can't be posted: %s", event.event_type, error)
        waits = _WAITS[self._options.webhook_retries]
        if status not in _DELIVERED and attempt <= len(waits):
            self._wait_for(self._clock.now() + waits[attempt - 1], event, attempt + 1)
        with self._changed:
            self._note(Sent(event=event, attempt=attempt, status=status))
            self._under_way -= 1
            self._changed.notify_all()
