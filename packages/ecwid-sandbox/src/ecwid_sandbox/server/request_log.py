"""What was asked of the sandbox, for tests and the curious. Headers and bodies are not kept."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from typing import Final

import msgspec

_KEPT: Final = 50_000


class LoggedRequest(msgspec.Struct, frozen=True):
    """A request that was answered.

    Attributes:
        method: HTTP method.
        path: Below the store's base, such as ``/products``.
        query: As it stood in the URL.
        status: HTTP status of the answer; 0 where the connection was closed instead.
        milliseconds: How long it took.
        operation: Operation id, empty where there is none.
        batch: The ticket of the batch that it was part of; empty where it came by itself.
        at: When it was answered, in unix seconds of the sandbox's clock.
        left: How many requests the limit leaves its token then; None where there is no limit, or
            a fault answered before it was looked at.
    """

    method: str
    path: str
    query: str
    status: int
    milliseconds: float
    operation: str = ""
    batch: str = ""
    at: float = 0
    left: int | None = None


class RequestLog:
    """The latest requests, oldest first.

    Attributes:
        cleared: How often they were forgotten.
    """

    def __init__(self) -> None:
        self.cleared = 0
        self._lock = threading.Lock()
        self._entries: deque[LoggedRequest] = deque(maxlen=_KEPT)
        self._count = 0

    def add(self, entry: LoggedRequest) -> None:
        """Note a request."""
        with self._lock:
            self._entries.append(entry)
            self._count += 1

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._entries.clear()
            self._count = 0
            self.cleared += 1

    def latest(self, after: int, most: int) -> list[tuple[int, LoggedRequest]]:
        """The requests behind the one with the number ``after``, with their numbers, from 1 on.

        Where there are more than ``most``, the newest of them.
        """
        with self._lock:
            wanted = min(self._count - after, most, len(self._entries))
            if wanted <= 0:
                return []
            # From the right end: a deque is slow in the middle.
            newest = list(itertools.islice(reversed(self._entries), wanted))
            return [(self._count - place, entry) for place, entry in enumerate(newest)][::-1]

    def all(self) -> list[LoggedRequest]:
        """The requests that are still remembered."""
        with self._lock:
            return list(self._entries)

    def __len__(self) -> int:
        return self._count
