"""Reading a list page by page: several pages at a time, in order, while the list changes.

Ecwid's lists have an offset and no cursor. When a row leaves the list during a scan, all rows
behind it move up, and one of them slips past the reader. Every page has the list's ``total``: when
it shrinks, the reader steps back by as many rows. If the reader knows the rows' key, each page
starts with the last row of the page before: that also shows a move if as many rows came as went,
and that no row was missed if rows left behind the reader. A row can come twice; none is skipped.

Source: https://docs.ecwid.com/api-reference/rest-api (paging: ``total``, ``count``, ``offset``,
``limit``, ``items``).
"""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter, deque
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ecwid_api.description import PAGE_LIMIT
from ecwid_api.errors import ProtocolError
from ecwid_api.http_settings import MOST_ROWS
from ecwid_api.list_end import EndCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Future

    from ecwid_api.request import Request

LOGGER = logging.getLogger(__name__)

Row: TypeAlias = dict[str, Any]

# A list that has fewer rows than its total is read to the total, but not for ever.
_EMPTY_PAGES: Final = 2
# A list that rows leave gets shorter and ends; a list whose total jumps may not.
_STEPS_BACK: Final = 200
_KNOWN_PAGES: Final = 3
_POLL: Final = 0.2


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        items: Its rows.
        total: How many rows the list had when the page was read.
        offset: Place of the first row in the list.
    """

    items: list[Row]
    total: int
    offset: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A list operation with its parameters.

    Attributes:
        request: The request, without ``limit`` and ``offset``; its answer is a page.
        limit: Rows per page.
    """

    request: Request
    limit: int = PAGE_LIMIT

    def at(self, offset: int) -> Request:
        """The request for the page that begins at an offset."""
        query = {**self.request.query, "limit": self.limit, "offset": offset}
        return dataclasses.replace(self.request, query=query)

    def page(self, offset: int, answer: object) -> Page:
        """Read an answer as a page.

        Raises:
            ProtocolError: It isn't one.
        """
        operation = self.request.operation
        items = answer.get(operation.items_key) if isinstance(answer, dict) else None
        total = answer.get("total") if isinstance(answer, dict) else None
        if not isinstance(items, list) or not isinstance(total, int):
            raise ProtocolError(
                f"{operation.method} {operation.path}: the answer has no "
                f"'{operation.items_key}' and 'total'; is api_url an Ecwid API?"
            )
        # A hole in the list, which counts as a row: it has no key, and no reader takes it for one.
        items = [{} if item is None else item for item in items]
        if not all(isinstance(item, dict) for item in items):
            raise ProtocolError(
                f"{operation.method} {operation.path}: not all of '{operation.items_key}' are "
                "objects; is api_url an Ecwid API?"
            )
        # The rows that it has count, whatever its total says.
        return Page(items, max(total, offset + len(items) if items else 0), offset)


Ask: TypeAlias = "Callable[[Request], Future[Any]]"
"""Sends a request in another thread; the future has the decoded answer."""


Key: TypeAlias = "Callable[[Row], object]"
"""Gives the key of a row; None if it has none."""

Ahead: TypeAlias = "int | Callable[[Page], int]"
"""How many pages are under way at once: a number, or a function of the first page."""

_SCANS: Final = 5
_SAME_ANSWERS: Final = 3


class Scan:
    """Reads a list once, from the first page to the last.

    The constructor asks for the first page, so that it is there when ``pages`` is called later.

    Attributes:
        short: If the list has ended before its total: both in words.
    """

    def __init__(
        self,
        listing: Listing,
        ask: Ask,
        *,
        ahead: Ahead,
        key: Key | None = None,
        ask_first: Ask | None = None,
        most_rows: int = MOST_ROWS,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask for the first page.

        Args:
            listing: What to read.
            ask: Asks for a page.
            ahead: Pages under way at once.
            key: Gives a row's key. With it, each page starts with the last row of the page before,
                which shows every move of the list.
            ask_first: Asks for the first page; by default, like the others.
            most_rows: Rows that a list may have.
            check: Called while waiting; raises to end the scan.
        """
        self._listing = listing
        self._ask = ask
        self._ahead = ahead
        self._key = key
        self._known: deque[set[object]] = deque(maxlen=_KNOWN_PAGES)
        self._most_rows = most_rows
        self._check = check
        first = (ask_first or ask)(listing.at(0))
        self._under_way: deque[tuple[int, Future[Any]]] = deque([(0, first)])
        self._first: Page | None = None
        self.short = ""

    @property
    def total(self) -> int:
        """Rows in the list when the first page was read. Waits for that page."""
        return self._first_page().total

    def _first_page(self) -> Page:
        if self._first is None:
            self._first = self._next_page()
        return self._first

    def _next_page(self) -> Page:
        offset, answer = self._under_way.popleft()
        if not answer.done():
            # The check sends what was collected, so it comes last: when the page is needed.
            self._check()
            while not wait_for((answer,), timeout=_POLL).done:
                self._check()
        return self._listing.page(offset, answer.result())

    def cancel(self) -> None:
        """Drop the pages that are under way."""
        for _, answer in self._under_way:
            answer.cancel()
        self._under_way.clear()

    def pages(self, *, max_rows: int | None = None) -> Generator[Page, None, None]:
        """The pages in the list's order; some rows come twice if the list moved.

        Args:
            max_rows: The most rows that the caller needs: no page beyond them is asked for.

        Raises:
            ProtocolError: An answer is not a page.
            EcwidError: As ``Client.call``.
        """
        given = total = 0
        try:
            for page in self._read(max_rows):
                total = page.total
                if page.items:
                    given = max(given, page.offset + len(page.items))
                yield page
            if max_rows is None and given < total:
                self.short = self._too_few(given, total)
        finally:
            self.cancel()

    def _read(self, max_rows: int | None) -> Generator[Page, None, None]:
        page = self._first_page()
        # A first page shorter than asked for sets the step: some lists have a lower limit.
        step = len(page.items) or self._listing.limit
        shared = 1 if self._key is not None and step > 1 else 0
        reached, total, empty = page.offset + step, page.total, 0
        asked = furthest = reached - shared
        steps_back = in_a_row = 0
        operation = self._listing.request.operation
        what = f"{operation.method} {operation.path}"
        end_check = EndCheck(what, page.offset, page.items, page.total, self._most_rows)
        ahead = max_ahead = self._pages_ahead(page)
        self._remember(page)
        yield page
        while True:
            full = len(page.items) >= self._listing.limit
            end = total if max_rows is None else min(total, max_rows)
            # If the last page is full, the list may be longer than its total.
            if reached >= end and not (full and max_rows is None):
                return
            while len(self._under_way) < ahead and (asked + shared < end or not self._under_way):
                self._under_way.append((asked, self._ask(self._listing.at(asked))))
                asked += step - shared
            page = self._next_page()
            left, total = max(0, total - page.total), page.total
            if self._has_moved(page, left) if shared else left:
                steps_back = 0 if page.offset > furthest else steps_back + 1
                furthest = max(furthest, page.offset)
                if steps_back > _STEPS_BACK:
                    raise self._moved_too_often(steps_back)
                in_a_row += 1
                # If the list moves again, the pages under way are wasted.
                ahead = 1
                back = max(0, page.offset - left - shared * min(step, 4**in_a_row))
                LOGGER.debug("The list has moved, %d rows left it: back to %d", left, back)
                self.cancel()
                reached, asked = back + shared if back else 0, back
                continue
            in_a_row = 0
            end_check.check(page.offset, page.items)
            ahead = min(max_ahead, 2 * ahead)
            self._remember(page)
            # The shared row came with the page before.
            known = shared if page.offset else 0
            yield dataclasses.replace(page, items=page.items[known:], offset=page.offset + known)
            got = len(page.items)
            if got <= known and reached < total:
                empty += 1
                if empty == _EMPTY_PAGES:
                    return
                reached += step - shared
            elif got < step and page.offset + got < total:
                # A gap in the list: continue right behind the rows that came.
                self.cancel()
                reached, empty = page.offset + got, 0
                asked = reached - shared
            else:
                reached = page.offset + step

    def _pages_ahead(self, first: Page) -> int:
        return self._ahead if isinstance(self._ahead, int) else self._ahead(first)

    def _remember(self, page: Page) -> None:
        if self._key is not None:
            self._known.append({_named(self._key(row)) for row in page.items})

    def _has_moved(self, page: Page, left: int) -> bool:
        """Whether rows may be missing: the page doesn't start with a row that came before.

        Rows keep their order: if a row came before, so did all rows in front of it.
        """
        first = _named(self._key(page.items[0])) if self._key is not None and page.items else None
        if first is None:
            return left > 0
        return page.offset > 0 and not any(first in known for known in self._known)

    def _moved_too_often(self, times: int) -> ProtocolError:
        operation = self._listing.request.operation
        return ProtocolError(
            f"{operation.method} {operation.path}: the list moved {times} times while its pages "
            "were read. The shop may be changing too fast: run again later"
        )

    def _too_few(self, given: int, total: int) -> str:
        operation = self._listing.request.operation
        return (
            f"{operation.method} {operation.path} says that it has {total} rows and gives none "
            f"behind the first {given}"
        )


def _named(key: object) -> object:
    """A row's key, so that a set can have it: a server can give a list for a number."""
    try:
        hash(key)
    except TypeError:
        return repr(key)
    return key


class IncompleteError(ProtocolError):
    """A list changed too fast to be read completely."""


class CompleteScan:
    """Reads a list until no row can be missing: again, if it changed meanwhile.

    Attributes:
        short: If Ecwid counts more rows than it gives, each time the same: both in words. All that
            it gives was read; nothing can be concluded from a row that isn't there.
    """

    def __init__(self, scan: Callable[[], Scan], key: Key, name: str) -> None:
        """Read nothing yet.

        Args:
            scan: Begins to read the list.
            key: Gives a row's key.
            name: The list's name, for messages.
        """
        self._scan = scan
        self._key = key
        self._name = name
        self.short = ""

    def pages(self) -> Generator[Page, None, None]:
        """All rows; some come more than once.

        Raises:
            IncompleteError: Rows are missing each time, and each time others.
            EcwidError: As ``Scan.pages``.
        """
        seen: set[object] = set()
        answers: Counter[tuple[object, ...]] = Counter()
        total = 0
        for _ in range(_SCANS):
            given: list[object] = []
            for page in self._scan().pages():
                given += [_named(self._key(row)) for row in page.items]
                total = page.total
                yield page
            seen.update(given)
            # Rows without a key can't be told apart, but they count.
            if len(seen - {None}) + given.count(None) >= total:
                return
            answers[tuple(given)] += 1
            if answers[tuple(given)] == _SAME_ANSWERS:
                self.short = (
                    f"Ecwid counts {total} {self._name} and gives {len(seen)} with different "
                    f"keys, {_SAME_ANSWERS} times the same"
                )
                return
        raise IncompleteError(
            f"{self._name}: Ecwid counts {total} and gave {len(seen)}, read {_SCANS} times. "
            "The shop may be changing too fast: run again later"
        )
