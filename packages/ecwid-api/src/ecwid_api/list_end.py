"""Whether a list has an end: a server can say that it goes on, and give rows for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A server that gives the same page for every offset has no end.
_SAME_PAGES: Final = 10
# Ecwid's pages have up to 100 rows. Some lists have a lower limit, and some pages a gap.
_ROWS_A_PAGE: Final = 20
# A shop can grow while it is read, but not tenfold.
_GROWTH: Final = 10
_ALWAYS_FINE: Final = 100_000


class EndCheck:
    """Checks that a list has an end, whatever the server says about it."""

    def __init__(
        self,
        what: str,
        offset: int,
        items: Sequence[Mapping[str, Any]],
        total: int,
        most_rows: int,
    ) -> None:
        """Take the first page.

        Args:
            what: The list, for errors.
            offset: Where the page begins.
            items: Its rows.
            total: How many rows the list has, as the server says.
            most_rows: Rows that it may have.
        """
        self._what = what
        self._offset = offset
        self._ends = _ends(items)
        self._most = most_rows
        self._max_offset = _GROWTH * total + _ALWAYS_FINE
        self._same = 0
        self._pages = 0

    def check(self, offset: int, items: Sequence[Mapping[str, Any]]) -> None:
        """Check the next page.

        Args:
            offset: Where it begins.
            items: Its rows.

        Raises:
            ProtocolError: The list seems to have no end.
        """
        ends = _ends(items)
        further = offset > self._offset and bool(items)
        self._same = self._same + 1 if further and ends == self._ends else 0
        self._offset, self._ends = offset, ends
        self._pages += 1
        if self._same >= _SAME_PAGES:
            raise self._endless("gives the same rows again and again")
        if offset > self._max_offset:
            raise self._endless("has many more rows than it said")
        if offset >= self._most or self._pages * _ROWS_A_PAGE > self._most:
            raise too_long(self._what, self._most)

    def _endless(self, problem: str) -> ProtocolError:
        return ProtocolError(
            f"{self._what}: the list {problem}, and may have no end. Is api_url an Ecwid API?"
        )


def _ends(items: Sequence[Mapping[str, Any]]) -> str:
    """A page's first and last row as they came: who takes a row changes it."""
    return repr((items[:1], items[-1:], len(items)))


def too_long(what: str, most_rows: int) -> ProtocolError:
    """The error for a list that has more rows, or pages, than the settings allow.

    Args:
        what: The list.
        most_rows: The setting's value.
    """
    return ProtocolError(
        f"{what}: the list goes on after {most_rows:,} rows, and may have no end. Is api_url an "
        "Ecwid API? If the shop is that large, raise max_list_rows"
    )
