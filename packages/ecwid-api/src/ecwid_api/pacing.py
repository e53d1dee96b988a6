"""Keeping to Ecwid's request limit, which counts per minute and token.

Source: https://docs.ecwid.com/api-reference/rest-api (600 requests in a minute; above it the
token is refused with 429 and ``Retry-After``, for longer if the calls go on).
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ecwid_api.http_settings import REQUESTS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

LOGGER = logging.getLogger(__name__)

_WINDOW: Final = 60.0
# Requests take different times to arrive: the server's window can hold requests that were sent
# before ours began.
_MARGIN: Final = 1.0
_SLOWEST: Final = 0.25
_COMES_BACK: Final = 0.04
# A batch leaves room for the requests that ask whether it is done.
_ROOM: Final = 20
# The longest sleep between two calls of ``between``.
_SLICE: Final = 0.5


class Stopped(Exception):  # noqa: N818 - not an error: the run was asked to end
    """Waiting ended because the client was closed."""


class Pacer:
    """Lets requests through, never more in a minute than granted. Shared by all threads of a store.

    A short run can use the whole limit at once; a long one slows down to it. After a refusal, all
    threads wait for as long as Ecwid says. Then they send fewer requests, evenly, for a while:
    another app may be using the limit too.
    """

    def __init__(
        self,
        requests_per_minute: int = REQUESTS_PER_MINUTE,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with an empty window.

        Args:
            requests_per_minute: The most requests in any 60 seconds; 0 for no limit.
            clock: Seconds from any start, never going back.
        """
        self._granted = requests_per_minute
        self._share = 1.0
        self._clock = clock
        self._left: deque[float] = deque()
        self._closed_until = 0.0
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._batch = threading.Lock()
        self._kept = 0
        self._stopped = threading.Event()

    def acquire(self) -> None:
        """Wait for a place in the window and take it.

        Raises:
            Stopped: The pacer was stopped first.
        """
        self._wait(1)

    @contextmanager
    def batch(
        self, requests: int, *, between: Callable[[], None] | None = None
    ) -> Generator[None, None, None]:
        """Keep places for the requests in a batch, which Ecwid carries out later.

        It is not known whether they count against the limit one by one; the pacer counts them. One
        batch is under way at a time: Ecwid carries out batches one after the other, too.

        Args:
            requests: How many the batch has.
            between: Called regularly while waiting for places; it can raise.

        Raises:
            Stopped: The pacer was stopped first.
        """
        with self._batch:
            self._wait(requests, between)
            try:
                yield
            finally:
                with self._lock:
                    self._left.extend([self._clock()] * self._kept)
                    self._kept = 0

    def _wait(self, places: int, between: Callable[[], None] | None = None) -> None:
        # A batch waits for all its places at once; others can't take them one by one.
        with self._turn:
            while (wait := self._take(places)) > 0:
                self.sleep(wait if between is None else min(wait, _SLICE))
                if between is not None:
                    between()
        if self._stopped.is_set():
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Wait, unless stopped.

        Raises:
            Stopped: The pacer was stopped meanwhile.
        """
        if self._stopped.wait(seconds):
            raise Stopped

    def refused(self, retry_after: float) -> None:
        """Ecwid answered 429: hold all requests back.

        Args:
            retry_after: Seconds, from the answer.
        """
        with self._lock:
            until = self._clock() + retry_after
            if until > self._closed_until:
                # Once per refusal, not per request that it met.
                if self._clock() >= self._closed_until:
                    self._share = max(_SLOWEST, self._share * 0.8)
                    LOGGER.info(
                        "Ecwid's request limit is reached: waiting %.0f s, then at %d %% of it",
                        retry_after,
                        round(self._share * 100),
                    )
                self._closed_until = until

    def stop(self) -> None:
        """End all waiting, with ``Stopped``."""
        self._stopped.set()

    @property
    def left(self) -> int | None:
        """How many requests can be sent right now; None without a limit."""
        if not self._granted:
            return None
        with self._lock:
            self._forget(self._clock())
            return max(0, int(self._granted * self._share) - len(self._left) - self._kept)

    def _forget(self, now: float) -> None:
        while self._left and self._left[0] <= now - _WINDOW - _MARGIN:
            self._left.popleft()
            # The share grows back within some minutes. Faster, and it would collide with the other
            # app again and again.
            self._share = min(1.0, self._share + _COMES_BACK / max(self._granted, 1))

    def _take(self, places: int) -> float:
        """Seconds to wait before asking again; 0 when the places were taken."""
        with self._lock:
            now = self._clock()
            if now < self._closed_until:
                return self._closed_until - now
            if not self._granted:
                return 0.0
            self._forget(now)
            allowed = max(1, int(self._granted * self._share))
            if places > 1:
                places = min(places, max(1, allowed - _ROOM))
            # So many other requests can still be in the window.
            others = max(0, allowed - places - self._kept)
            opens = now
            if len(self._left) > others:
                opens = self._left[-others - 1] + _WINDOW + _MARGIN
            if self._share < 1 and self._left:
                # Another app uses the limit too: a burst would take all of it.
                opens = max(opens, self._left[-1] + _WINDOW / allowed)
            if opens > now:
                return opens - now
            if places > 1:
                self._kept = places
            else:
                self._left.append(now)
            return 0.0
