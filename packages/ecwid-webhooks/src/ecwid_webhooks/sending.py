"""Posts a signed test event, to check the way to a receiver."""

from __future__ import annotations

import time
import uuid
from http.client import HTTPException
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec

from ecwid_api.errors import EcwidError, SettingError
from ecwid_webhooks.events import Event, Secrets, signature_of

if TYPE_CHECKING:
    from ecwid_webhooks.settings import ReceiverSettings

_SECONDS: Final = 10


def send(url: str, settings: ReceiverSettings, store: int, kind: str, entity: str) -> float:
    """Send an event; the seconds until it was taken.

    Raises:
        EcwidError: It wasn't taken.
    """
    secret = Secrets(settings.client_secret, settings.own_secrets).of_store(store)
    if not secret:
        raise EcwidError(f"Store {store} is not in stores, and there is no client_secret")
    event = Event(
        event_id=str(uuid.uuid4()),
        event_created=int(time.time()),
        store_id=store,
        event_type=kind,
        entity_id=int(entity) if entity.isdecimal() else entity,
    )
    header = {
        "Content-Type": "application/json",
        "X-Ecwid-Webhook-Signature": signature_of(event, secret),
    }
    if not url.startswith(("http://", "https://")):
        raise SettingError("--url", f"is {url!r}, and should begin with https://")
    began = time.monotonic()
    try:
        request = Request(url, msgspec.json.encode(event), header)  # noqa: S310 - checked above
        with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 - as above
            status = response.status
    except HTTPError as error:
        words = error.read(200).decode(errors="replace").strip()
        raise EcwidError(f"{url} answered {error.code}: {words}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise EcwidError(f"{url} can't be reached: {getattr(error, 'reason', error)}") from None
    if status not in {200, 201, 202, 204, 209}:
        raise EcwidError(f"{url} answered {status}, which Ecwid takes for a failure")
    return time.monotonic() - began
