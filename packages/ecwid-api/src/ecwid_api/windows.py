"""Windows of update time: an incremental run reads one after the other.

The whole span ends at a fixed moment, far enough back that no change can get into it any more:
rows can only leave it while it is read. Later times are read at the end of the run, and again by
the next one. A window with many rows is cut in halves until each part has few enough; a run
that stops between two parts starts again at the second. Bounds are inclusive and in whole seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from ecwid_api.paging import Scan

ROWS_A_WINDOW: Final = 10_000
"""The most rows between two bookmarks: about ten seconds at the request limit."""

_SHARED: Final = 1.5
# Nothing is older than Ecwid (2009). It is only used to find the middle of an open window.
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

    def halves(self) -> tuple[Window, Window] | None:
        """The two halves; None if it is one second long."""
        lower = _EARLIEST if self.since is None else self.since
        if lower >= self.until:
            return None
        middle = (lower + self.until) // 2
        return Window(self.since, middle), Window(middle + 1, self.until)


def small_windows(
    whole: Window,
    begun: Scan,
    scan: Callable[[Window], Scan],
    *,
    max_rows: int = ROWS_A_WINDOW,
) -> Generator[tuple[Window, Scan], None, None]:
    """Cut a window in halves until no part has too many rows.

    Args:
        whole: The window to cut.
        begun: Its scan.
        scan: Begins to read a window.
        max_rows: The most rows in a part.

    Yields:
        Each part with its scan, the earliest first. Read it before you take the next.
    """
    total = begun.total
    halves = whole.halves() if total > max_rows else None
    if halves is None:
        yield whole, begun
        return
    begun.cancel()
    first, second = halves
    begun = scan(first)
    in_first = begun.total
    yield from small_windows(first, begun, scan, max_rows=max_rows)
    begun = scan(second)
    # The halves may share the rows of a second. If they have many more rows than the whole, the
    # totals are wrong, and cutting would never end.
    wrong = in_first + begun.total > _SHARED * total
    limit = max(max_rows, begun.total) if wrong else max_rows
    yield from small_windows(second, begun, scan, max_rows=limit)
