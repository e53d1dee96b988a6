"""Fetching what is at an address that somebody sent: a picture or a file."""

from __future__ import annotations

import asyncio
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

LARGEST: Final = 100 * 1024 * 1024
"""No file may be larger; Ecwid's own limit for pictures is lower."""

_PATIENCE: Final = 10
_PIECE: Final = 1 << 20


class NotFetchedError(Exception):
    """Nobody has looked at an address yet: fetch it, then handle the request again.

    Attributes:
        url: The address.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


@dataclass(frozen=True)
class Fetched:
    """What was found at an address.

    Attributes:
        content: The bytes.
        problem: Why there are none; empty where there are.
    """

    content: bytes = b""
    problem: str = ""


async def fetch(url: str, certificate: Path | None) -> Fetched:
    """What is at an address, within seconds.

    It is fetched in a thread: the address may be one that this server answers itself.

    Args:
        url: The address.
        certificate: Of this server, if it serves over TLS.
    """
    return await asyncio.to_thread(_fetch, url, certificate)


def _fetch(url: str, certificate: Path | None) -> Fetched:
    context = ssl.create_default_context()
    if certificate is not None:
        # The one that this server shows is enough, whoever has signed it.
        context.load_verify_locations(certificate)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(context=context),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    content = bytearray()
    deadline = time.monotonic() + _PATIENCE
    try:
        with opener.open(url, timeout=_PATIENCE) as response:
            while len(content) <= LARGEST and (piece := response.read1(_PIECE)):
                content += piece
                if time.monotonic() > deadline:
                    return Fetched(problem=f"it takes more than {_PATIENCE} seconds")
            missing = response.length
    except urllib.error.HTTPError as error:
        return Fetched(problem=f"it answers {error.code}")
    except (OSError, HTTPException, ValueError) as error:
        return Fetched(problem=str(getattr(error, "reason", error)) or type(error).__name__)
    if len(content) > LARGEST:
        return Fetched(problem=f"it has more than {LARGEST} bytes")
    if missing:
        return Fetched(problem=f"the last {missing} bytes are missing")
    return Fetched(bytes(content)) if content else Fetched(problem="it is empty")
