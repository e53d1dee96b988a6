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
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ecwid_api.counting import Counting, Evidence
from ecwid_api.http_settings import REQUESTS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

LOGGER = logging.getLogger(__name__)

_WINDOW: Final = 60.0
# Requests take different times to arrive.
_MARGIN: Final = 1.0
# Those of a batch have arrived when it is done.
_DONE_MARGIN: Final = 0.1
# After a refusal requests are sent at this pace, until a minute has passed without another one.
_SLOWER: Final = 0.8
_SLOWEST: Final = 0.25
_QUIET: Final = 60.0
# Ecwid says nothing about when a batch's refused requests can be sent again.
_REFUSED: Final = 10.0
# Where requests in batches count, their places are held for as long as the batch takes: a batch
# that isn't done in a moment leaves room for three others.
_BATCHES_A_MINUTE: Final = 4
_MOMENT: Final = 2.0
_OTHERS: Final = 16
# Requests that a batch takes by itself; more of them while it isn't known what counts.
_OWN: Final = 4
_ROOM: Final = 12
_ROOM_WHOLE: Final = 20
# With fewer requests a batch isn't worth its own. A full batch leaves more than these in a minute.
_WORTH_IT: Final = 70
_MOST: Final = 500
# At so many seconds a request, one after the other, twice the limit takes less than a minute.
_BRISK: Final = 0.07
# So many small requests reach the limit from where batches leave it.
_MOST_QUESTIONS: Final = 60
# The longest sleep between two calls of ``between``.
_SLICE: Final = 0.5
_PROBING: Final = 0.1


class Stopped(Exception):  # noqa: N818 - not an error: the run was asked to end
    """Waiting ended because the client was closed."""


@dataclass(slots=True, kw_only=True)
class Leave:
    """Leave to send a batch.

    Attributes:
        size: How many requests it may have.
        careful: Whether Ecwid must carry them out one after the other, and end at a failure.
        at: When it was given.
        statuses: What became of the requests, in their order; None for one that wasn't carried out.
            Whoever sent the batch notes them here.
    """

    size: int
    careful: bool = False
    at: float = 0.0
    statuses: Sequence[int | None] | None = None


class Pacer:
    """Lets requests through, never more in a minute than granted. Shared by all threads of a store.

    A short run can use the whole limit at once; a long one slows down to it. After a refusal, all
    threads wait for as long as Ecwid says. Then they send fewer requests, evenly, for a minute:
    another app may be using the limit too.

    Refusals that come and go within a batch are no limit, which would refuse everything: those
    requests are sent again, at the same pace.
    """

    def __init__(
        self,
        requests_per_minute: int = REQUESTS_PER_MINUTE,
        *,
        counting: Counting | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with an empty window.

        Args:
            requests_per_minute: The most requests in any 60 seconds; 0 for no limit.
            counting: Whether requests within a batch count; by default they do.
            clock: Seconds from any start, never going back.
        """
        self.counting = counting or Counting(counts=True)
        self._granted = requests_per_minute
        self._evidence = Evidence(self.counting, requests_per_minute)
        self._share = 1.0
        self._clock = clock
        self._left: deque[float] = deque()
        self._alone: deque[float] = deque()
        self._closed_until = 0.0
        self._slow_until = 0.0
        self._stray_until = float("-inf")
        self._kept = 0
        # Seconds that a request of the last batch took.
        self._pace = _MOMENT
        self._probe: float | None = None
        self._careful = True
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._batch = threading.Lock()
        self._stopped = threading.Event()

    # Asking for leave.

    def acquire(self) -> float:
        """Wait for a place in the window and take it; the time at which it was taken.

        Raises:
            Stopped: The pacer was stopped first.
        """
        with self._turn:
            while True:
                wait, sent = self._take()
                if wait <= 0:
                    break
                self.sleep(wait)
        if self._stopped.is_set():
            raise Stopped
        return sent

    @contextmanager
    def batch(
        self,
        requests: int,
        *,
        whole: bool = False,
        ask: Callable[[], object] | None = None,
        between: Callable[[], None] | None = None,
    ) -> Generator[Leave, None, None]:
        """Keep places for the requests in a batch, which Ecwid carries out later.

        One batch is under way at a time: Ecwid carries out batches one after the other, too.

        Args:
            requests: How many there are.
            whole: Whether all of them must go in this batch.
            ask: Sends a small request. Called where that can show whether requests in batches
                count.
            between: Called regularly while waiting for places; it can raise.

        Raises:
            Stopped: The pacer was stopped first.
        """
        with self._batch:
            for _ in range(_MOST_QUESTIONS if ask is not None and not whole else 0):
                if ask is None or not self._would_show(requests):
                    break
                ask()
            leave = self._wait(requests, between, whole=whole)
            try:
                yield leave
            finally:
                self._settle(leave)

    def _wait(self, requests: int, between: Callable[[], None] | None, *, whole: bool) -> Leave:
        # A batch waits for all its places at once; others can't take them one by one.
        leave = Leave(size=requests)
        with self._turn:
            while (wait := self._reserve(leave, whole=whole)) > 0:
                self.sleep(wait if between is None else min(wait, _SLICE))
                if between is not None:
                    between()
        if self._stopped.is_set():
            raise Stopped
        return leave

    def sleep(self, seconds: float) -> None:
        """Wait, unless stopped.

        Raises:
            Stopped: The pacer was stopped meanwhile.
        """
        if self._stopped.wait(seconds):
            raise Stopped

    def stop(self) -> None:
        """End all waiting, with ``Stopped``."""
        self._stopped.set()

    @property
    def left(self) -> int | None:
        """How many requests can be sent right now; None without a limit."""
        if not self._granted:
            return None
        with self._lock:
            self._forget(now := self._clock())
            return max(0, self._allowed(now) - len(self._counted()) - self._kept)

    def _take(self) -> tuple[float, float]:
        """Seconds to wait before asking again, and the time; 0 seconds when a place was taken."""
        with self._lock:
            now = self._clock()
            if now < self._closed_until:
                return self._closed_until - now, now
            self._forget(now)
            wait = self._opens(1, self._budget(now), now)
            if wait > 0 and self._evidence.open:
                if self._probe is not None:
                    return _PROBING, now
                if self._may_probe():
                    self._probe = now
                    wait = 0.0
            if wait <= 0:
                self._left.append(now)
                self._alone.append(now)
            return wait, now

    def _reserve(self, leave: Leave, *, whole: bool) -> float:
        """Seconds to wait before asking again; 0 when the batch may leave."""
        with self._lock:
            leave.at = now = self._clock()
            if now < self._closed_until:
                return self._closed_until - now
            if not self._granted or not self.counting.cautious:
                return 0.0
            self._forget(now)
            allowed = self._allowed(now)
            size, own = self._size(leave.size, allowed), self._own
            if whole:
                size, own = min(leave.size, max(1, allowed - _ROOM_WHOLE)), 0
            wait = self._opens(size + own, allowed, now)
            if wait <= 0:
                self._kept = size
                leave.size = leave.size if whole else size
                leave.careful = self._careful and self._evidence.beyond and not self._is_stray(now)
            return wait

    def _size(self, requests: int, allowed: int) -> int:
        """How many of a number of requests go in the next batch."""
        most, least = requests, min(requests, _ROOM)
        if not self._evidence.open:
            some = (allowed - _OTHERS) // _BATCHES_A_MINUTE
            most = max(1, min(requests, max(some, int(_MOMENT / self._pace))))
            least = min(most, _WORTH_IT)
        room = allowed - len(self._left) - self._own
        return max(1, min(least, allowed - self._own), min(most, room))

    @property
    def _own(self) -> int:
        return _ROOM if self._evidence.open else _OWN

    def _opens(self, places: int, allowed: int, now: float) -> float:
        """Seconds until so many of the allowed places are free; 0 or less where they are."""
        if not self._granted:
            return 0.0
        counted = self._counted()
        # So many other requests can still be in the window.
        others = max(0, allowed - places - self._kept)
        opens = now
        if len(counted) > others:
            opens = counted[-others - 1] + _WINDOW + _MARGIN
        if self._share < 1 and counted:
            # Another app uses the limit too: a burst would take all of it.
            opens = max(opens, counted[-1] + _WINDOW / self._allowed(now))
        return opens - now

    def _budget(self, now: float) -> int:
        return self._evidence.budget(stray=self._is_stray(now))

    def _allowed(self, now: float) -> int:
        return max(1, int(self._budget(now) * self._share))

    def _counted(self) -> deque[float]:
        return self._left if self.counting.cautious else self._alone

    def _forget(self, now: float) -> None:
        for times in (self._left, self._alone):
            while times and times[0] <= now - _WINDOW - _MARGIN:
                times.popleft()
        if now >= self._slow_until:
            self._share = 1.0

    def _is_stray(self, now: float) -> bool:
        return now < self._stray_until

    # Finding out whether requests in batches count.

    def _may_probe(self) -> bool:
        """Whether a request may leave that is one too many if requests in batches count."""
        return (
            self._share == 1
            and not self._kept
            and len(self._alone) < min(len(self._left), self._granted - _MOST_QUESTIONS)
        )

    def _would_show(self, requests: int) -> bool:
        """Whether a small request would show something, or come nearer to it."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            if not self._evidence.open or now < self._closed_until or self._is_stray(now):
                return False
            room = self._budget(now) - len(self._left) - _ROOM
            return room < min(requests, _ROOM) and self._may_probe()

    # What became of requests.

    def answered(self, sent: float, status: int | None) -> None:
        """A request of its own has ended.

        Args:
            sent: When it was sent, as ``acquire`` said.
            status: HTTP status of its answer; None without an answer.
        """
        with self._lock:
            if self._probe == sent:
                self._probe = None
            if status is not None and status != HTTPStatus.TOO_MANY_REQUESTS:
                self._evidence.passed(sent, self._clock())

    def refused(self, retry_after: float) -> None:
        """Ecwid answered 429: hold all requests back.

        Args:
            retry_after: Seconds, from the answer.
        """
        with self._lock:
            self._close(retry_after, together=False)

    @property
    def stray(self) -> bool:
        """Whether refusals have come and gone within the last minute."""
        return self._is_stray(self._clock())

    def _close(self, seconds: float, *, together: bool) -> None:
        now = self._clock()
        until = now + seconds
        if until <= self._closed_until:
            return
        # Once per refusal, not per request that it met.
        new = now >= self._closed_until
        self._closed_until = until
        if not new or self._is_stray(now):
            return
        self._forget(now)
        if self._evidence.refused(len(self._left) + self._kept, together=together):
            LOGGER.info("Ecwid's request limit is reached: waiting %.0f s", seconds)
            return
        self._share = max(_SLOWEST, self._share * _SLOWER)
        self._slow_until = until + _QUIET
        LOGGER.info(
            "Ecwid's request limit is reached: waiting %.0f s, then a minute at %d %% of it",
            seconds,
            round(self._share * 100),
        )

    def _settle(self, leave: Leave) -> None:
        """Note what became of a batch."""
        with self._lock:
            now = self._clock()
            kept, self._kept = self._kept, 0
            if leave.statuses is None:
                self._note(now, kept)
                return
            refusal = int(HTTPStatus.TOO_MANY_REQUESTS)
            carried_out = [status for status in leave.statuses if status is not None]
            refused = carried_out.count(refusal)
            passed = len(carried_out) - refused
            self._evidence.passed(leave.at, now, passed)
            if leave.careful:
                # If it ended for something else, or takes long, being careful shows nothing.
                slow = now - leave.at > _BRISK * leave.size
                self._careful = not slow and (bool(refused) or passed == leave.size)
            if leave.size >= _WORTH_IT and not leave.careful:
                self._pace = max((now - leave.at) / leave.size, _MOMENT / _MOST)
            if refused:
                further = carried_out[carried_out.index(refusal) + 1 :]
                if 2 * further.count(refusal) < len(further):
                    self._stray_until = now + _WINDOW
                    self._share = 1.0
            stray = self._is_stray(now)
            self._note(now, passed if stray else len(carried_out))
            if refused and not stray:
                self._close(_REFUSED, together=True)

    def _note(self, now: float, count: int) -> None:
        """Requests of a batch have been carried out."""
        self._left = deque(sorted([*self._left, *[now - _MARGIN + _DONE_MARGIN] * count]))
