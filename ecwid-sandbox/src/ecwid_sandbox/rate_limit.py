"""Ecwid's limit: so many requests in any 60 seconds, for each token."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

WINDOW: Final = 60.0
INVALID_TOKEN_LIMIT: Final = 20
"""Requests a minute for a token that isn't valid."""

# Whoever goes on calling while blocked waits longer, but not for ever.
_PENALTY: Final = 0.5
_MOST_PENALTY: Final = 30.0


@dataclass
class _Usage:
    calls: deque[float] = field(default_factory=deque)
    blocked_until: float = 0.0
    penalty: float = 0.0


class RateLimit:
    """Counts the calls of every token in a sliding window."""

    def __init__(self, limit: int) -> None:
        """Allow ``limit`` requests in 60 seconds; 0 allows any number."""
        self.limit = limit
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
        return max(0, limit - len(usage.calls)) if usage else limit

    def admit(self, token: str, *, valid: bool, now: float) -> int:
        """Count a call: 0 when it may go on, else the seconds to wait (``Retry-After``)."""
        limit = self.limit if valid else INVALID_TOKEN_LIMIT
        if not self.limit:
            return 0
        usage = self._usage.setdefault(token, _Usage())
        while usage.calls and usage.calls[0] <= now - WINDOW:
            usage.calls.popleft()
        if now >= usage.blocked_until:
            if len(usage.calls) < limit:
                usage.calls.append(now)
                return 0
            usage.penalty = 0.0
            usage.blocked_until = usage.calls[0] + WINDOW
        elif usage.penalty < _MOST_PENALTY:
            usage.penalty += _PENALTY
            usage.blocked_until += _PENALTY
        return max(1, math.ceil(usage.blocked_until - now))
