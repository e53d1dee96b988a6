"""Keeping to Ecwid's limit: requests a minute and token.

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
# Requests take a while to arrive, and not all equally long: the window that the server sees can
# hold some that left before ours began.
_MARGIN: Final = 1.0
_SLOWEST: Final = 0.25
_COMES_BACK: Final = 0.04
# A batch leaves room for those who ask how far it is.
_ROOM: Final = 20
# How long somebody sleeps who has to look at something in between.
_SLICE: Final = 0.5


class Stopped(Exception):  # noqa: N818 - not an error: the run was asked to end
    """Waiting ended because the client was closed."""


class Pacer:
    """Lets requests through, never more in a minute than granted. Shared by all threads of a store.

    A short run may burst; a long one settles at the limit. After a refusal everybody waits for as
    long as Ecwid says, and then goes slower and evenly for a while: somebody else may be using the
    limit too.
    """

    def __init__(
        self,
        requests_per_minute: int = REQUESTS_PER_MINUTE,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with an empty window.

        Args:
            requests_per_minute: How many may leave in any 60 seconds; 0 lifts the limit.
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
            Stopped: The pacer was stopped before there was one.
        """
        self._wait(1)

    @contextmanager
    def batch(
        self, requests: int, *, between: Callable[[], None] | None = None
    ) -> Generator[None, None, None]:
        """Keep places for a batch's requests, which leave when Ecwid gets to them.

        It is not known whether they count against the limit one by one: they are paced as if they
        did. One batch is under way at a time; Ecwid has them wait for one another, too.

        Args:
            requests: How many the batch has.
            between: Called now and then while there are not enough places; it may raise.

        Raises:
            Stopped: The pacer was stopped before there were enough places.
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
        # Who wants many waits until there are: nobody may take them away one by one.
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
        """Ecwid answered 429: hold everybody back.

        Args:
            retry_after: Seconds, from the answer.
        """
        with self._lock:
            until = self._clock() + retry_after
            if until > self._closed_until:
                # Once a refusal, not once a request that it met.
                if self._clock() >= self._closed_until:
                    self._share = max(_SLOWEST, self._share * 0.8)
                    LOGGER.info(
                        "Ecwid's request limit is reached: waiting %.0f s, then at %d %% of it",
                        retry_after,
                        round(self._share * 100),
                    )
                self._closed_until = until

    def stop(self) -> None:
        """Wake everybody who waits, with ``Stopped``."""
        self._stopped.set()

    @property
    def left(self) -> int | None:
        """How many requests may leave right now; None without a limit."""
        if not self._granted:
            return None
        with self._lock:
            self._forget(self._clock())
            return max(0, int(self._granted * self._share) - len(self._left) - self._kept)

    def _forget(self, now: float) -> None:
        while self._left and self._left[0] <= now - _WINDOW - _MARGIN:
            self._left.popleft()
            # What the refusals took comes back in the course of some minutes: sooner, and whoever
            # else uses the limit is in the way again and again.
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
            # As many as that may still be in the window.
            others = max(0, allowed - places - self._kept)
            opens = now
            if len(self._left) > others:
                opens = self._left[-others - 1] + _WINDOW + _MARGIN
            if self._share < 1 and self._left:
                # Somebody else uses the limit too: bursts would take it all from them.
                opens = max(opens, self._left[-1] + _WINDOW / allowed)
            if opens > now:
                return opens - now
            if places > 1:
                self._kept = places
            else:
                self._left.append(now)
            return 0.0
