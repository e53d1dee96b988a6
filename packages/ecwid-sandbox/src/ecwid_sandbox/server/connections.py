"""The open connections, so that one can be closed midway, and compressed answers."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from ecwid_sandbox.server.faults import Faults


_PIECE: Final = 16

_OPEN: dict[Any, asyncio.Transport] = {}


class Connection(H11Protocol):
    """A connection that can be found by the address of its client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection."""
        # Kept: over TLS a lost connection doesn't tell any more whose it was.
        host, port, *_ = transport.get_extra_info("peername")
        self._address = (host, port)
        _OPEN[self._address] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _OPEN.pop(self._address, None)
        super().connection_lost(exc)


async def hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection of a request without an answer."""
    transport = _OPEN.get(scope["client"])
    if transport is not None:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def dripping(send: Send, receive: Receive, pause: float, faults: Faults) -> Send:
    """A way to send bodies in small pieces, seconds apart.

    It ends when the client goes; when the faults are cleared the rest comes at once.
    """
    cleared = faults.cleared

    async def send_slowly(message: Message) -> None:
        body: bytes = message.get("body", b"")
        if message["type"] != "http.response.body" or len(body) <= _PIECE:
            await send(message)
            return
        gone = asyncio.ensure_future(receive())
        place = 0
        while place < len(body) and faults.cleared == cleared:
            piece = body[place : place + _PIECE]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            place += len(piece)
            if (await asyncio.wait({gone}, timeout=pause))[0]:
                return
        gone.cancel()
        await send({**message, "body": body[place:]})

    return send_slowly


_LEVEL: Final = 1
_KEPT_BYTES: Final = 64 * 2**20


class Zipper:
    """Compresses, and remembers the latest results by what went in."""

    def __init__(self, kept: int = _KEPT_BYTES) -> None:
        """Keep up to so many bytes of results."""
        self._kept = kept
        self._size = 0
        self._results: OrderedDict[bytes, bytes] = OrderedDict()

    def zip(self, body: bytes) -> bytes:
        """The body, compressed; the same bytes for the same body."""
        name = hashlib.sha256(body).digest()
        found = self._results.get(name)
        if found is not None:
            self._results.move_to_end(name)
            return found
        result = gzip.compress(body, _LEVEL, mtime=0)
        self._results[name] = result
        self._size += len(result)
        while self._size > self._kept:
            _, old = self._results.popitem(last=False)
            self._size -= len(old)
        return result
