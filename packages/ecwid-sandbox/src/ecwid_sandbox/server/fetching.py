"""Fetches a picture or a file from an address in a request."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from http.client import HTTPResponse
    from pathlib import Path

LARGEST: Final = 100 * 1024 * 1024
"""No file may be larger; Ecwid's own limit for pictures is lower."""

_PATIENCE: Final = 10
_PIECE: Final = 1 << 20


class NotFetchedError(Exception):
    """An address has not been fetched yet: fetch it, then handle the request again.

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


async def fetch(url: str, certificate: Path | None, *, private: bool = False) -> Fetched:
    """What is at an address, within seconds.

    It is fetched in a thread: the address may be one that this server answers itself.

    Args:
        url: The address.
        certificate: Of this server, if it serves over TLS.
        private: Whether it may be in a private network.
    """
    return await asyncio.to_thread(_fetch, url, certificate, private=private)


def _is_public(address: str) -> bool:
    """Whether a number is one of the internet, or of this machine: it can be our own."""
    found = ipaddress.ip_address(address.partition("%")[0])
    found = getattr(found, "ipv4_mapped", None) or found
    return found.is_global or found.is_loopback


def _connect(address: tuple[str, int], timeout: float, _: object = None) -> socket.socket:
    """Connect to a host, unless it is in a private network: others' services are there.

    Each redirect connects again, and what is checked is what the name stands for.

    Raises:
        OSError: It can't be connected to, or may not be.
    """
    host, port = address
    proxies = {urlsplit(proxy).hostname for proxy in urllib.request.getproxies().values()}
    problem = OSError(f"{host} has no address")
    for family, kind, protocol, _name, target in socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM
    ):
        if not _is_public(str(target[0])) and host not in proxies:
            problem = OSError(f"{host} is in a private network; --fetch-private allows that")
            continue
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(timeout)
        try:
            connection.connect(target)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise problem


class _Http(urllib.request.HTTPHandler):
    """Connects to public addresses only."""

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_checked(HTTPConnection), req)


class _Https(urllib.request.HTTPSHandler):
    """Connects to public addresses only."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._trusted = context

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_checked(HTTPSConnection), req, context=self._trusted)


def _checked(kind: type[HTTPConnection]) -> Any:  # noqa: ANN401 - as urllib wants it
    def make(host: str, **given: Any) -> HTTPConnection:  # noqa: ANN401 - the class's own
        made = kind(host, **given)
        made._create_connection = _connect  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way in
        return made

    return make


@functools.lru_cache(maxsize=8)
def _context(certificate: Path | None) -> ssl.SSLContext:
    """The trusted certificates. Loading them takes longer than fetching a picture."""
    context = ssl.create_default_context()
    if certificate is not None:
        # The one that this server shows is enough, whoever has signed it.
        context.load_verify_locations(certificate)
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _fetch(url: str, certificate: Path | None, *, private: bool = False) -> Fetched:
    context = _context(certificate)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler() if private else _Http(),
        urllib.request.HTTPSHandler(context=context) if private else _Https(context),
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
