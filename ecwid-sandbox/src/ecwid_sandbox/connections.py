"""The open connections, so that one can be closed in the middle of things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import Receive, Scope

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
