"""Logs each request: a line, its headers, its bodies.

By default, the log has a line at level DEBUG without header, query value or body. Its path is the
operation's template, since path segments can be a customer's own text (coupon codes, storage keys).
``http_log`` adds more. Secrets are always hidden, personal data unless the settings allow it.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ecwid_api.errors import SettingError
from ecwid_api.secret_texts import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ecwid_api.redaction import Redactor
    from ecwid_api.request import Request

LOGGER: Final = logging.getLogger("ecwid_api.requests")

# They log each request's full URL at INFO, with the e-mail addresses in its query.
for _name in ("httpx2", "httpcore2", "httpcore", "h2", "hpack"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Level: TypeAlias = Literal["none", "summary", "headers", "full"]
"""How much is logged of each request; each level has what those before it have."""

LEVELS: Final[tuple[Level, ...]] = get_args(Level)

_LONGEST_BODY: Final = 10_000
_OWNER_ONLY: Final = 0o600
_OK: Final = range(200, 300)
# The requests in a batch have their own lines.
_BATCHES: Final = "batch"
_MADE_BY_CURL: Final = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One attempt at one request.

    Attributes:
        request: The request.
        store_url: The API's address with the store's id.
        status: HTTP status; None if there was no answer.
        seconds: From sending to the answer's last byte; None for a request within a batch.
        size: Bytes of the answer's body, unpacked.
        attempt: 1 for the first.
        limit_left: Requests that may be sent now; None without a limit.
        sent: The request's headers.
        body: The request's body; None for none, or for a file.
        headers: The answer's headers.
        answer: The answer's body.
    """

    request: Request
    store_url: str
    status: int | None
    size: int
    attempt: int = 1
    seconds: float | None = None
    limit_left: int | None = None
    sent: Sequence[tuple[str, str]] = ()
    body: bytes | None = None
    headers: Sequence[tuple[str, str]] = ()
    answer: bytes = b""

    @property
    def method(self) -> str:
        """HTTP method."""
        return self.request.operation.method

    @property
    def path(self) -> str:
        """The path's template."""
        return self.request.operation.path

    @property
    def failed(self) -> bool:
        """Whether the answer was not a success."""
        return self.status not in _OK


def summary(exchange: Exchange) -> str:
    """The exchange in one line."""
    words = [f"{exchange.method} {exchange.path} → {exchange.status or 'no answer'}"]
    if exchange.seconds is None:
        return f"{words[0]}, {exchange.size} bytes, in a batch"
    left = "no limit" if exchange.limit_left is None else exchange.limit_left
    words += [f"{exchange.seconds * 1000:.0f} ms", f"{exchange.size} bytes"]
    return ", ".join([*words, f"attempt {exchange.attempt}", f"{left} left"])


def log(exchange: Exchange) -> None:
    """Write the exchange's line, at level DEBUG."""
    if LOGGER.isEnabledFor(logging.DEBUG):
        LOGGER.debug("%s", summary(exchange))


class RequestLog:
    """Writes what the settings say about each request. Thread-safe."""

    def __init__(self, level: Level, write: Callable[[str], None], redactor: Redactor) -> None:
        """Log nothing yet.

        Args:
            level: How much is logged.
            write: Takes the text about one exchange, which can have several lines.
            redactor: Hides what must not be shown.
        """
        self._depth = LEVELS.index(level)
        self._write = write
        self._redactor = redactor

    def __call__(self, exchange: Exchange) -> None:
        """Log an exchange."""
        self._write("\n".join(self._lines(exchange)))

    def _lines(self, exchange: Exchange) -> Iterator[str]:
        yield summary(exchange)
        if self._depth < LEVELS.index("headers"):
            return
        target = self._redactor.target(exchange.request)
        yield f"  {exchange.method} {self._redactor.without_secrets(exchange.store_url)}{target}"
        for sign, headers in ((">", exchange.sent), ("<", exchange.headers)):
            for name, value in self._redactor.headers(headers):
                yield f"  {sign} {name}: {value}"
        if self._depth < LEVELS.index("full"):
            return
        for sign, content in ((">", exchange.body), ("<", exchange.answer)):
            if content:
                yield f"  {sign} {self._body(exchange, content)}"
        if exchange.failed:
            yield f"  {self._curl(exchange, target)}"

    def _body(self, exchange: Exchange, content: bytes) -> str:
        group = exchange.request.operation.group
        if group == _BATCHES and not exchange.failed:
            return f"({len(content)} bytes; each of the batch's requests has a line)"
        echoes = self._redactor.hidden_in(exchange.request) if content is exchange.answer else ()
        shown = self._redactor.body(content, group, echoes)
        rest = len(shown) - _LONGEST_BODY
        return shown if rest <= 0 else f"{shown[:_LONGEST_BODY]}… ({rest} more characters)"

    def _curl(self, exchange: Exchange, target: str) -> str:
        """A command that sends the request again; it takes the token from the environment."""
        url = self._redactor.without_secrets(exchange.store_url) + target
        words = ["curl", "-X", exchange.method, shlex.quote(url)]
        words += ["-H", '"Authorization: Bearer $ECWID_ACCESS_TOKEN"']
        for name, value in self._redactor.headers(exchange.sent):
            if name.lower() not in _MADE_BY_CURL | {"authorization"}:
                words += ["-H", shlex.quote(f"{name}: {value}")]
        if exchange.body is not None:
            group = exchange.request.operation.group
            shown = self._redactor.body(exchange.body, group)
            # Command lines have a maximum length.
            whole = len(shown) <= _LONGEST_BODY
            words += ["--data-binary", shlex.quote(shown) if whole else "@body.json"]
        return " ".join(words)


def from_settings(level: Level, file: str | None, redactor: Redactor) -> Callable[[Exchange], None]:
    """The function that logs each exchange.

    Args:
        level: How much is logged.
        file: A path; None for the log at level INFO.
        redactor: Hides what must not be shown.

    Raises:
        SettingError: The file can't be written.
    """
    if level == "none":
        return log
    return RequestLog(level, _appending(file) if file else _to_log, redactor)


def _to_log(lines: str) -> None:
    LOGGER.info("%s", lines)


@functools.cache
def _appending(path: str) -> Callable[[str], None]:
    """Open a file that only its owner can read; all stores share it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
        file = os.fdopen(descriptor, "ab", buffering=0)
        os.fchmod(descriptor, _OWNER_ONLY)
    except OSError as error:
        raise SettingError("http_log_file", f"{path} can't be written: {error.strerror}") from None

    def write(lines: str) -> None:
        moment = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        # A single write keeps the lines together when other threads and processes write too.
        file.write(KNOWN.hide(f"{moment} {lines}\n").encode(errors="replace"))

    return write
