"""How far a stream is: a live line for who watches a terminal, a line in the log now and then.

All of it goes to standard error; standard output has messages and nothing else.
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
# A rate of the first moment would be anybody's guess.
_SETTLED: Final = 1.0
_ERASE: Final = "\r\x1b[K"
_MINUTE: Final = 60
_HOUR: Final = 3600


class Screen:
    """The last line of a terminal, which is written anew again and again."""

    def __init__(self, terminal: TextIO) -> None:
        """Nothing is shown yet.

        Args:
            terminal: Where to.
        """
        self._terminal = terminal
        self._shown = False
        self._lock = threading.Lock()
        # Lines of the log go above ours.
        for handler in logging.getLogger().handlers:
            handler.addFilter(self._make_way)

    def show(self, line: str) -> None:
        """Show a line in place of the one before; what doesn't fit is left out."""
        width = os.get_terminal_size(self._terminal.fileno()).columns or len(line) + 1
        with self._lock:
            # A stream's name is whatever somebody has sent.
            shown = "".join(c if c.isprintable() else " " for c in line[: width - 1])
            self._terminal.write(_ERASE + shown)
            self._terminal.flush()
            self._shown = True

    def erase(self) -> None:
        """Leave the line empty."""
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
    """The terminal that standard error is; None where it is none, or can't write a line anew."""
    if not sys.stderr.isatty() or os.environ.get("TERM", "") in {"", "dumb"}:
        return None
    return Screen(sys.stderr)


class Progress:
    """How far one stream is."""

    def __init__(
        self,
        name: str,
        log: Callable[[str], None],
        *,
        screen: Screen | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The stream begins now.

        Args:
            name: What is shown on a terminal beside the figures.
            log: Takes a line for the log, where there is no terminal.
            screen: The terminal, where there is one.
            clock: Seconds from any start, never going back.
        """
        self._name = name
        self._log = log
        self._screen = screen
        self._clock = clock
        self._begun = self._told = clock()
        self._every = _LOG_SECONDS if screen is None else _LIVE_SECONDS

    def at(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, unless that was told a moment ago.

        Args:
            done: Records until now.
            total: Records that there will be; None where nobody knows.
        """
        now = self._clock()
        if now - self._told < self._every:
            return
        self._told = now
        words = figures(done, total, now - self._begun)
        if self._screen is None:
            self._log(words)
        else:
            self._screen.show(f"{self._name}: {words}")

    def end(self) -> None:
        """The stream has ended."""
        if self._screen is not None:
            self._screen.erase()


def figures(done: int, total: int | None, seconds: float) -> str:
    """Count, share, rate and the time that is left, as far as they are known."""
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
