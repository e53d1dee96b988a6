"""Receives webhooks over HTTP, and answers when they are safely in the queue.

What arrives while a commit is under way goes into the next one together.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from ecwid_api.errors import EcwidError, SettingError
from ecwid_api.secret_texts import line
from ecwid_webhooks.events import RefusedError, Secrets, check_age, read_event, rows_of
from ecwid_webhooks.queue import Queue, QueueError, joined

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ecwid_webhooks.events import Row
    from ecwid_webhooks.settings import QueueSettings, ReceiverSettings

LOGGER: Final = logging.getLogger("ecwid-webhooks")

SIGNATURE: Final = "x-ecwid-webhook-signature"

_LARGEST: Final = 64 * 1024
BODY_SECONDS: Final = 10
"""Ecwid gives up by then."""
_HOUR: Final = 3600
_MOST_WAITING: Final = 20_000
_REPORT_SECONDS: Final = 10
_MOST_REASONS: Final = 100
"""Reasons name stores, and anyone can post any number of those."""


class _Commits:
    """Adds rows to the queue, those of many requests in one commit."""

    def __init__(self, address: str) -> None:
        self._queue = Queue(address)
        self._waiting: list[tuple[list[Row], asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, rows: list[Row]) -> None:
        """Return when rows are on the disk.

        Raises:
            EcwidError: They aren't.
        """
        if len(self._waiting) >= _MOST_WAITING:
            raise QueueError("More webhooks come than the disk takes")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        await future

    async def _run(self) -> None:
        while self._waiting:
            now, self._waiting = self._waiting, []
            rows = joined([row for some, _ in now for row in some])
            error: EcwidError | None = None
            try:
                await asyncio.to_thread(self._queue.add, rows)
            except EcwidError as problem:
                error = problem
            for _, future in now:
                if future.cancelled():
                    continue
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)

    def close(self) -> None:
        """Close the queue."""
        self._queue.close()


class _Reports:
    """Logs why webhooks are refused: each reason every 10 seconds at most, with a count."""

    def __init__(self) -> None:
        self._reported: dict[str, tuple[float, int]] = {}

    def report(self, level: int, reason: str) -> None:
        """Log a reason, or count it."""
        now = time.monotonic()
        last, count = self._reported.get(reason, (-_REPORT_SECONDS, 0))
        if now - last < _REPORT_SECONDS:
            self._reported[reason] = (last, count + 1)
            return
        if len(self._reported) >= _MOST_REASONS:
            self._reported.clear()
        self._reported[reason] = (now, 0)
        more = f" ({count} more since)" if count else ""
        LOGGER.log(level, "%s%s", reason, more)


class Receiver:
    """Answers requests.

    Attributes:
        taken: How many webhooks were taken.
        refused: How many were refused.
    """

    def __init__(self, settings: ReceiverSettings, queue: QueueSettings) -> None:
        """Open the queue.

        Raises:
            EcwidError: It can't be used.
        """
        self.taken = self.refused = 0
        self._lists_seconds = settings.lists_seconds
        self._max_age = settings.max_age_hours * _HOUR
        self._secrets = Secrets(settings.client_secret, settings.own_secrets)
        self._commits = _Commits(queue.queue)
        self._reports = _Reports()

    def application(self) -> Starlette:
        """The receiver as an application; webhooks may come to any path."""
        return Starlette(
            routes=[
                Route("/health", self._health, methods=["GET"]),
                Route("/{path:path}", self._webhook, methods=["POST"]),
            ]
        )

    async def _health(self, _: Request) -> Response:
        return PlainTextResponse("ok")

    async def _webhook(self, request: Request) -> Response:
        try:
            await self._take(await body_of(request), request.headers.get(SIGNATURE, ""))
        except RefusedError as error:
            self.refused += 1
            self._reports.report(logging.WARNING, f"A webhook is refused: {error}")
            return PlainTextResponse(f"{error}\n", error.status)
        except EcwidError as error:
            # Ecwid sends it again.
            self._reports.report(logging.ERROR, line(str(error)))
            return PlainTextResponse("It can't be kept now\n", 503)
        self.taken += 1
        return PlainTextResponse("ok")

    async def _take(self, body: bytes, signature: str) -> None:
        event, store, created = read_event(body)
        self._secrets.check(event, store, signature)
        now = time.time()
        check_age(created, now, self._max_age)
        rows = rows_of(event, store, created, now=now, lists_seconds=self._lists_seconds)
        if rows:
            await self._commits.add(rows)

    def close(self) -> None:
        """Close the queue."""
        self._commits.close()


async def body_of(request: Request) -> bytes:
    """The request's body.

    Raises:
        RefusedError: It is larger than a webhook can be, or takes longer.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > _LARGEST:
                    raise RefusedError(413, "its body is too large")
    except TimeoutError:
        raise RefusedError(408, f"its body took longer than {BODY_SECONDS} s") from None
    return bytes(body)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        SettingError: The address can't be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio switches Nagle's algorithm off only for sockets that say they are TCP.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(2048)
    except OSError as error:
        found.close()
        raise SettingError(
            "host", f"is {host}, and port {port}: {error.strerror or error}. Choose others"
        ) from None
    return found


def serve(receiver: Receiver, listening: socket.socket) -> None:
    """Serve until a signal ends the process; requests under way are answered first."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    # Each connection is a file; 1,024 are allowed unless one asks for more.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    config = uvicorn.Config(
        receiver.application(),
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,
    )
    # uvicorn hands the signal on when it is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        uvicorn.Server(config).run([listening])
    finally:
        receiver.close()
        LOGGER.info("%d webhooks taken, %d refused", receiver.taken, receiver.refused)
