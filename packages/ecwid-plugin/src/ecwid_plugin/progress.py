"""Shows the progress of streams: a live line on a terminal, else a line in the log now and then.

Both go to standard error; standard output carries messages only.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_LOG_SECONDS: Final = 30.0
_LIVE_SECONDS: Final = 0.1
# Before that, a rate means nothing.
_SETTLED: Final = 1.0
_ERASE: Final = "\r\x1b[K"
_MINUTE: Final = 60
_HOUR: Final = 3600


class Screen:
    """The last line of a terminal, which is rewritten again and again."""

    def __init__(self, terminal: TextIO) -> None:
        """Show nothing yet.

        Args:
            terminal: A terminal.
        """
        self._terminal = terminal
        self._shown = False
        self._lock = threading.Lock()
        # Log lines go above the live line.
        for handler in logging.getLogger().handlers:
            handler.addFilter(self._make_way)

    def show(self, line: str) -> None:
        """Replace the line; what doesn't fit is cut off."""
        width = os.get_terminal_size(self._terminal.fileno()).columns or len(line) + 1
        with self._lock:
            # A stream's name is input, and may contain control characters.
            shown = "".join(c if c.isprintable() else " " for c in line[: width - 1])
            self._terminal.write(_ERASE + shown)
            self._terminal.flush()
            self._shown = True

    def erase(self) -> None:
        """Clear the line."""
        with self._lock:
            if self._shown:
                self._terminal.write(_ERASE)
                self._terminal.flush()
                self._shown = False

    def _make_way(self, record: logging.LogRecord) -> bool:
        del record
        self.erase()
        return True


@functools.cache
def screen() -> Screen | None:
    """Standard error, if it is a terminal that can rewrite a line; else None."""
    if not sys.stderr.isatty() or os.environ.get("TERM", "") in {"", "dumb"}:
        return None
    return Screen(sys.stderr)


class Progress:
    """The progress of one stream."""

    def __init__(
        self,
        name: str,
        log: Callable[[str], None],
        *,
        screen: Screen | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start the stream's clock.

        Args:
            name: Shown on a terminal beside the figures.
            log: Takes a line for the log; used if there is no terminal.
            screen: The terminal; None if there is none.
            clock: A monotonic clock, in seconds.
        """
        self._name = name
        self._log = log
        self._screen = screen
        self._clock = clock
        self._begun = self._reported = clock()
        self._every = _LOG_SECONDS if screen is None else _LIVE_SECONDS

    def at(self, done: int, total: int | None = None) -> None:
        """Report the progress, unless it was reported a moment ago.

        Args:
            done: Records so far.
            total: Records in total; None if unknown.
        """
        now = self._clock()
        if now - self._reported < self._every:
            return
        self._reported = now
        words = figures(done, total, now - self._begun)
        if self._screen is None:
            self._log(words)
        else:
            self._screen.show(f"{self._name}: {words}")

    def end(self) -> None:
        """End the stream."""
        if self._screen is not None:
            self._screen.erase()


def figures(done: int, total: int | None, seconds: float) -> str:
    """Count, share, rate and time left, where they are known."""
    # A list can grow while it is read.
    total = None if total is None else max(done, total)
    words = f"{done:,}" if total is None else f"{done:,} of {total:,}"
    if total:
        words += f" ({100 * done // total} %)"
    if seconds < _SETTLED or not done:
        return words
    rate = done / seconds
    words += f", {rate:,.0f}/s" if rate >= 1 else f", {rate * _MINUTE:,.0f}/min"
    return words if total is None else f"{words}, {_duration((total - done) / rate)} left"


def _duration(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min {seconds % _MINUTE:.0f} s"
    return f"{seconds // _HOUR:.0f} h {seconds % _HOUR // _MINUTE:.0f} min"
