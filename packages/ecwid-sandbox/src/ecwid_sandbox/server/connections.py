"""The open connections, so that one can be closed in the middle of things."""

from __future__ import annotations

import asyncio
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
