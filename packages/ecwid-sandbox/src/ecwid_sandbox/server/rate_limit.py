"""Ecwid's limit: so many requests in a minute, for each token.

Ecwid doesn't say how it counts. There are three ways; the default is the strictest.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias, get_args

WINDOW: Final = 60.0
INVALID_TOKEN_LIMIT: Final = 20
"""Requests a minute for a token that isn't valid."""

Mode: TypeAlias = Literal["window", "bucket", "minute"]
"""How calls are counted: in any 60 seconds, by a bucket that fills again, or in each minute."""
MODES: Final[tuple[Mode, ...]] = get_args(Mode)

# Whoever goes on calling while blocked waits longer, but not for ever.
_MOST_PENALTIES: Final = 60
_ROUNDING: Final = 1e-6


class _Counter(Protocol):
    """Counts the calls of a token."""

    def admit(self, limit: int, now: float) -> float:
        """Count a call: 0 when it may go on, else the moment when one may again."""
        ...

    @property
    def used(self) -> int:
        """How many calls of the limit are taken, as of the latest one."""
        ...


class _Window:
    """At most so many calls in any 60 seconds."""

    def __init__(self) -> None:
        self._calls: deque[float] = deque()

    def admit(self, limit: int, now: float) -> float:
        """Count a call."""
        while self._calls and self._calls[0] <= now - WINDOW:
            self._calls.popleft()
        if len(self._calls) < limit:
            self._calls.append(now)
            return 0
        return self._calls[0] + WINDOW

    @property
    def used(self) -> int:
        """How many calls the last minute has had."""
        return len(self._calls)


class _Bucket:
    """A call takes a drop; the bucket is full at first, and fills again within 60 seconds."""

    def __init__(self) -> None:
        self._missing = 0.0
        self._at = 0.0

    def admit(self, limit: int, now: float) -> float:
        """Count a call."""
        rate = limit / WINDOW
        self._missing = max(0.0, self._missing - (now - self._at) * rate)
        self._at = now
        lacking = self._missing + 1 - limit
        # Shares of a second don't add up to whole drops.
        if lacking <= _ROUNDING:
            self._missing += 1
            return 0
        return now + lacking / rate

    @property
    def used(self) -> int:
        """How many calls are in the bucket."""
        return math.ceil(self._missing - _ROUNDING)


class _Minute:
    """At most so many calls in each minute of the clock."""

    def __init__(self) -> None:
        self._minute = -1
        self._calls = 0

    def admit(self, limit: int, now: float) -> float:
        """Count a call."""
        minute = int(now // WINDOW)
        if minute != self._minute:
            self._minute, self._calls = minute, 0
        if self._calls < limit:
            self._calls += 1
            return 0
        return (minute + 1) * WINDOW

    @property
    def used(self) -> int:
        """How many calls the minute has had."""
        return self._calls


_COUNTERS: Final[dict[Mode, type[_Counter]]] = {
    "window": _Window,
    "bucket": _Bucket,
    "minute": _Minute,
}


@dataclass
class _Usage:
    counter: _Counter
    blocked_until: float = 0.0
    penalties: int = 0


class RateLimit:
    """Counts the calls of every token."""

    def __init__(self, limit: int, mode: Mode = "window", penalty: float = 0.5) -> None:
        """Allow ``limit`` requests in 60 seconds; 0 allows any number.

        Args:
            limit: How many.
            mode: How they are counted.
            penalty: Seconds by which a call while blocked lengthens the wait, up to 60 times.

        Raises:
            ValueError: There is no such mode, or something is negative.
        """
        if mode not in _COUNTERS:
            raise ValueError(f"{mode!r} is no way to count requests: {', '.join(MODES)}")
        if limit < 0 or penalty < 0:
            raise ValueError("neither the limit of requests nor its penalty can be negative")
        self.limit = limit
        self.mode: Mode = mode
        self.penalty = penalty
        self._usage: dict[str, _Usage] = {}

    def clear(self) -> None:
        """Forget all calls."""
        self._usage.clear()

    def left(self, token: str, *, valid: bool) -> int | None:
        """How many calls the last minute before the latest one left; None without a limit."""
        limit = self.limit if valid else INVALID_TOKEN_LIMIT
        if not self.limit:
            return None
        usage = self._usage.get(token)
        return max(0, limit - usage.counter.used) if usage else limit

    def admit(self, token: str, *, valid: bool, now: float) -> int:
        """Count a call: 0 when it may go on, else the seconds to wait (``Retry-After``)."""
        limit = self.limit if valid else INVALID_TOKEN_LIMIT
        if not self.limit:
            return 0
        usage = self._usage.get(token)
        if usage is None:
            usage = self._usage[token] = _Usage(_COUNTERS[self.mode]())
        if now >= usage.blocked_until:
            until = usage.counter.admit(limit, now)
            if not until:
                return 0
            usage.penalties = 0
            usage.blocked_until = until
        elif usage.penalties < _MOST_PENALTIES:
            usage.penalties += 1
            usage.blocked_until += self.penalty
        return max(1, math.ceil(usage.blocked_until - now))
