"""Whether requests within a batch count against Ecwid's limit: as set, or as found out.

Ecwid doesn't document it. Without a setting, requests are paced as if they counted, which is safe
either way. Then the limit is passed on purpose: by one small request, and by batches that Ecwid
carries out one request after the other and ends at the first failure. Either there is a refusal,
and they count. Or more than twice the limit passes within a minute, which no way of counting
allows, and they don't.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Final

from ecwid_api.http_settings import REQUESTS_PER_MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable

LOGGER = logging.getLogger(__name__)

_MINUTE: Final = 60.0
# The first step beyond the limit; the next ones are twice as large each.
_STEP: Final = 72
_SURE: Final = 2


class Counting:
    """What is known about it. The stores of a run can share it: Ecwid treats them alike.

    Attributes:
        counts: Whether they count; None as long as it isn't known.
        may_change: Whether nothing is set, and this run hasn't found out: what an earlier run found
            out may be true no longer.
        on_learned: Called with what was found out.
    """

    def __init__(self, *, counts: bool | None) -> None:
        """Begin with what is set.

        Args:
            counts: Whether they count; None to find out.
        """
        self.counts = counts
        self.on_learned: Callable[[bool], None] = lambda _: None
        self.may_change = counts is None

    @property
    def cautious(self) -> bool:
        """Whether they have to be paced as if they counted."""
        return self.counts is not False

    def recall(self, *, counts: bool) -> None:
        """An earlier run has found out; a setting comes first."""
        if self.counts is None:
            self.counts = counts

    def learn(self, *, counts: bool) -> None:
        """This run has found out."""
        if self.may_change:
            self.counts = counts
            self.may_change = False
            LOGGER.info(
                "Requests in batches %s Ecwid's request limit",
                "count against" if counts else "don't count against",
            )
            self.on_learned(counts)

    def doubt(self) -> None:
        """What an earlier run found out may be true no longer."""
        if self.may_change:
            self.counts = None


class Evidence:
    """What a token's requests show about it."""

    def __init__(self, counting: Counting, limit: int) -> None:
        """Begin without any.

        Args:
            counting: Learns from them.
            limit: The most requests in a minute. Below Ecwid's own limit nothing can be found out.
        """
        self._counting = counting
        self._limit = limit
        self._passed: deque[tuple[float, int]] = deque()
        self._most = 0

    @property
    def open(self) -> bool:
        """Whether it isn't known and can be found out."""
        return self._counting.counts is None and self._limit >= REQUESTS_PER_MINUTE

    @property
    def beyond(self) -> bool:
        """Whether more than the limit has passed within a minute, and it still isn't known."""
        return self.open and self._most > self._limit

    def budget(self, *, stray: bool) -> int:
        """How many requests may leave within a minute, those of batches included.

        Args:
            stray: Whether refusals come and go, so that a single one shows nothing.
        """
        if not self.open:
            return self._limit
        if stray:
            return _SURE * self._limit + _STEP
        return 2 * self._most - self._limit + _STEP if self.beyond else self._limit

    def passed(self, sent: float, now: float, count: int = 1) -> None:
        """Requests were let through.

        Args:
            sent: When the first of them was sent.
            now: The time now.
            count: How many.
        """
        if not self.open or not count:
            return
        self._passed.append((sent, count))
        while self._passed and self._passed[0][0] <= now - _MINUTE:
            self._passed.popleft()
        # One that was sent late may stand before others; all of these arrived within a minute.
        total = sum(n for at, n in self._passed if at > now - _MINUTE)
        self._most = max(self._most, total)
        if self._most > _SURE * self._limit:
            self._counting.learn(counts=False)

    def refused(self, used: int, *, together: bool) -> bool:
        """A request was refused; whether that shows that requests in batches count.

        Args:
            used: How many requests there were within a minute, those of batches included.
            together: Whether all further ones of its batch were refused too.
        """
        if used <= self._limit:
            return False
        if self.open or (together and self._counting.may_change):
            self._counting.learn(counts=True)
            return True
        self._counting.doubt()
        return False
