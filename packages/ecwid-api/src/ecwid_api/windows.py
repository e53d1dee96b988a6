"""Spans of update time: what an incremental scan reads, one after the other.

The whole span ends at a frozen moment, far enough back that no change can get into it any more:
rows can only leave it while it is read. What is fresher is read too, as a span of its own, and
again by the next run. A span with many rows is cut in halves until each has few enough; whoever
stops between two of them begins again at the second. Bounds are inclusive and in whole seconds,
as Ecwid's filters are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ecwid_api.paging import Scan

ROWS_A_WINDOW: Final = 10_000
"""Most rows that are read between two bookmarks: some ten seconds at the request limit."""

# Nothing at Ecwid is older than Ecwid (2009); only used to find the middle of an open span.
_EARLIEST: Final = 1_230_768_000


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, both ends included.

    Attributes:
        since: Unix seconds; None for the beginning.
        until: Unix seconds.
    """

    since: int | None
    until: int

    def split(self, last: int) -> tuple[Window | None, Window | None]:
        """What is not later than a moment, and what is; None for a part that is empty.

        Args:
            last: The first part's end, in unix seconds, included.
        """
        if self.since is not None and self.since > last:
            return None, self
        if self.until <= last:
            return self, None
        return Window(self.since, last), Window(last + 1, self.until)

    def halves(self) -> tuple[Window, Window] | None:
        """Two windows that are this one together; None where it is a second long."""
        lower = _EARLIEST if self.since is None else self.since
        if lower >= self.until:
            return None
        middle = (lower + self.until) // 2
        return Window(self.since, middle), Window(middle + 1, self.until)


def settle(
    whole: Window, scan: Callable[[Window], Scan], *, most: int = ROWS_A_WINDOW
) -> Generator[tuple[Window, Scan], None, None]:
    """Cut a window until no part has more rows than wanted.

    Args:
        whole: The window to cut.
        scan: Begins to read a window.
        most: Rows in a part, at the most.

    Yields:
        Each part with its scan, the earliest first; read it before you take the next.
    """
    yield from _parts(whole, scan(whole), scan, most)


def _parts(
    window: Window, begun: Scan, scan: Callable[[Window], Scan], most: int
) -> Generator[tuple[Window, Scan], None, None]:
    total = begun.total
    halves = window.halves() if total > most else None
    if halves is None:
        yield window, begun
        return
    begun.cancel()
    first, second = halves
    begun = scan(first)
    in_first = begun.total
    yield from _parts(first, begun, scan, most)
    begun = scan(second)
    # Rows leave a window, and none gets in. Halves that have more than the whole don't tell how
    # many they have, and to cut them would never end.
    limit = most if in_first + begun.total <= total else max(most, begun.total)
    yield from _parts(second, begun, scan, limit)
