"""When a request is sent again: one table, and how long to wait in between."""

from __future__ import annotations

import email.utils
import enum
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import backoff
import httpx2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ecwid_api.request import Request


class Failure(enum.Enum):
    """How an attempt failed, which decides whether it is sent again."""

    REFUSED_FOR_NOW = "the request limit is reached"
    NEVER_ARRIVED = "the server can't be reached"
    MAY_HAVE_ACTED = "the connection broke, or the answer was late or unreadable"
    SERVER_ERROR = "Ecwid has an internal error"


class Again(enum.Enum):
    """Whether to send it again."""

    ALWAYS = enum.auto()
    IF_IDEMPOTENT = enum.auto()


RETRY_TABLE: Final = {
    Failure.REFUSED_FOR_NOW: Again.ALWAYS,
    Failure.NEVER_ARRIVED: Again.ALWAYS,
    Failure.MAY_HAVE_ACTED: Again.IF_IDEMPOTENT,
    Failure.SERVER_ERROR: Again.IF_IDEMPOTENT,
}
"""The one place that says what is sent again. All else is final."""

_TOO_MANY_REQUESTS: Final = 429
# The year 2100: times near the last that can be written would overflow.
_LATEST: Final = 4_102_444_800.0
_REQUEST_TIMEOUT: Final = 408
_SERVER_ERRORS: Final = frozenset(range(500, 600)) - {501, 505}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often and how long a request is tried.

    Attributes:
        attempts: Sends in all, the first included.
        longest_wait: Seconds between two of them at the most, unless Ecwid asks for more.
        longest_refusal: Seconds of ``Retry-After`` that are waited out; more is given up on.
    """

    attempts: int = 6
    longest_wait: float = 30.0
    longest_refusal: float = 300.0

    def waits(self) -> Iterator[float]:
        """Seconds to wait after each failed attempt, growing, with chance in them."""
        steps = backoff.expo(base=2, factor=0.5, max_value=self.longest_wait)
        next(steps)
        for _ in range(self.attempts - 1):
            step = next(steps)
            yield step / 2 + backoff.full_jitter(step / 2)


def failure_of_status(status: int) -> Failure | None:
    """The failure that a status stands for; None where the status is final."""
    if status == _TOO_MANY_REQUESTS:
        return Failure.REFUSED_FOR_NOW
    if status in _SERVER_ERRORS or status == _REQUEST_TIMEOUT:
        return Failure.SERVER_ERROR
    return None


def failure_of_transport(error: httpx2.TransportError) -> Failure:
    """The failure that a transport error stands for."""
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return Failure.NEVER_ARRIVED
    return Failure.MAY_HAVE_ACTED


def may_send_again(failure: Failure, request: Request) -> bool:
    """Whether the table allows sending a request again.

    Args:
        failure: How its last attempt failed.
        request: The request.
    """
    return RETRY_TABLE[failure] is Again.ALWAYS or request.idempotent


def retry_after(value: str | None, *, now: Callable[[], float] = time.time) -> float | None:
    """Seconds that a ``Retry-After`` header asks for; None where it says nothing readable.

    Args:
        value: Seconds, or an HTTP date.
        now: Unix seconds.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = unix_time(value)
        if moment is None:
            return None
        seconds = moment - now()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def unix_time(value: str) -> float | None:
    """Unix seconds of an HTTP date; None where it is none, or one that no clock shows."""
    try:
        found = email.utils.parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return found if 0 < found < _LATEST else None
