"""A line for each request, without what is nobody's business.

No header, query value or body is ever in it: tokens stand in headers, people in the others. Path
segments that name a customer's own text (coupon codes, storage keys) are left out by using the
operation's template.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

LOGGER: Final = logging.getLogger("ecwid_api.requests")

# They log each request's full URL at INFO, query strings with e-mail addresses and all.
for _name in ("httpx2", "httpcore2", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One attempt at one request, as it may be told.

    Attributes:
        operation: Operation id.
        method: HTTP method.
        path: The path's template.
        status: HTTP status; None where no answer came.
        seconds: From sending to the answer's last byte.
        size: Bytes of the answer's body, unpacked.
        attempt: 1 for the first.
        limit_left: Requests that may leave now; None without a limit.
    """

    operation: str
    method: str
    path: str
    status: int | None
    seconds: float
    size: int
    attempt: int
    limit_left: int | None


def log(exchange: Exchange) -> None:
    """Write the exchange's line, at level DEBUG."""
    LOGGER.debug(
        "%s %s → %s, %.0f ms, %d bytes, attempt %d, %s left",
        exchange.method,
        exchange.path,
        exchange.status or "no answer",
        exchange.seconds * 1000,
        exchange.size,
        exchange.attempt,
        "no limit" if exchange.limit_left is None else exchange.limit_left,
    )
