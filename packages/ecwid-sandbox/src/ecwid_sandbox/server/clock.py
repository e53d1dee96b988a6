"""The sandbox's time, and how Ecwid writes it."""

from __future__ import annotations

import re
import threading
import time
from datetime import datetime
from typing import Final

DAY: Final = 86_400
"""Seconds."""

# The end of the year 9999: later times can't be written.
_LAST: Final = 253_402_300_799
_TEXT: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?: (?P<time>\d\d:\d\d:\d\d)(?: (?P<zone>[+-]\d{4}|UTC|GMT))?)?"
)


class Clock:
    """What time it is in the sandbox: the real time, moved or stopped by whoever tests."""

    def __init__(self, now: float | None = None) -> None:
        """Start at a time (the real one by default), and go on from there."""
        self._lock = threading.Lock()
        self._offset = 0.0 if now is None else now - time.time()
        self._stopped_at: float | None = None

    def now(self) -> float:
        """Unix seconds."""
        with self._lock:
            if self._stopped_at is not None:
                return self._stopped_at
            return time.time() + self._offset

    def second(self) -> int:
        """Unix seconds as Ecwid stamps them: whole ones."""
        return int(self.now())

    @property
    def stopped(self) -> bool:
        """Whether it stands still."""
        with self._lock:
            return self._stopped_at is not None

    def set(self, now: float) -> None:
        """Make it ``now``; a stopped clock stays stopped."""
        with self._lock:
            self._offset = now - time.time()
            if self._stopped_at is not None:
                self._stopped_at = now

    def advance(self, seconds: float) -> None:
        """Let seconds pass at once."""
        self.set(self.now() + seconds)

    def stop(self) -> None:
        """Let no more time pass."""
        now = self.now()
        with self._lock:
            self._stopped_at = now

    def resume(self) -> None:
        """Let time pass again, from where it stopped."""
        with self._lock:
            if self._stopped_at is not None:
                self._offset = self._stopped_at - time.time()
                self._stopped_at = None


def format_time(seconds: int) -> str:
    """Unix seconds as Ecwid writes them: ``2026-05-17 08:30:00 +0000``."""
    return time.strftime("%Y-%m-%d %H:%M:%S +0000", time.gmtime(seconds))


def parse_time(text: str) -> int:
    """Unix seconds from any of the four spellings that Ecwid takes.

    Unix seconds, ``yyyy-MM-dd HH:mm:ss Z``, the same without a zone, and ``yyyy-MM-dd``; without a
    zone it is UTC. Ecwid's own client names the zone: ``UTC``.

    Raises:
        ValueError: It is none of them.
    """
    if text.isascii() and text.isdigit():
        seconds = int(text)
        if seconds > _LAST:
            raise ValueError(text)
        return seconds
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, clock_time, zone = match.group("day", "time", "zone")
    offset = zone if zone and zone[0] in "+-" else "+0000"
    moment = datetime.fromisoformat(f"{day}T{clock_time or '00:00:00'}{offset}")
    return int(moment.timestamp())
