"""Running a sandbox as an HTTP server."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn

from ecwid_sandbox.server.app import Application
from ecwid_sandbox.server.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecwid_sandbox.server.options import Options
    from ecwid_sandbox.server.sandbox import Sandbox


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that the port is known (and ours) before anything is served.

    Raises:
        OSError: The port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio switches Nagle's algorithm off only for sockets that say they are TCP.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(2048)
    except OSError:
        found.close()
        raise
    return found


def address(options: Options, listening: socket.socket) -> str:
    """The server's address."""
    scheme = "https" if options.tls_certificate else "http"
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


def _config(sandboxes: Sequence[Sandbox], base: str) -> uvicorn.Config:
    options = sandboxes[0].options
    # What goes wrong is logged where it happens; closing connections is what faults are for.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    return uvicorn.Config(
        Application(sandboxes, base),
        http=Connection,
        ssl_certfile=options.tls_certificate,
        ssl_keyfile=options.tls_key,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=60,
    )


def serve(sandboxes: Sequence[Sandbox], ready: Callable[[str], None]) -> None:
    """Serve until the process is asked to end; the first sandbox's options say where.

    Raises:
        OSError: The port is taken.
    """
    options = sandboxes[0].options
    listening = listen(options.host, options.port)
    # uvicorn hands the signal on when it is done: end as one who was asked politely.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        base = address(options, listening)
        config = _config(sandboxes, base)
        ready(f"{base}/api/v3")
        uvicorn.Server(config).run([listening])
    finally:
        listening.close()
        for sandbox in sandboxes:
            sandbox.close()


class _PromptServer(uvicorn.Server):
    """Ends at once, not within some tenths of a second: tests start and stop many."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._running = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()

    async def main_loop(self) -> None:
        """Wait for the end."""
        self._loop = asyncio.get_running_loop()
        self._running.set()
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close everything; answers under way get a moment."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=2)
        # The transports close in the next round of the loop.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def end(self) -> None:
        """Ask it to end, from another thread."""
        if self._running.wait(timeout=10) and self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)


class BackgroundServer:
    """A server in a thread of this process."""

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        """Listen where the first one's options say; requests wait until ``start``."""
        options = sandboxes[0].options
        self._socket = listen(options.host, options.port)
        base = address(options, self._socket)
        self._server = _PromptServer(_config(sandboxes, base))
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="ecwid-sandbox", daemon=True
        )
        self.url = f"{base}/api/v3"

    def start(self) -> None:
        """Serve; the socket takes connections from the beginning."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for it."""
        self._server.end()
        self._thread.join(timeout=10)
        self._socket.close()
