"""Reading an entity: which requests, in which order, and what is known after each.

A reading is begun early and read later: its first page is asked for when it is made, so that the
next streams' first pages are under way while a stream is emitted.
"""

from __future__ import annotations

from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ecwid_api import description
from ecwid_api.client import CONCURRENCY
from ecwid_api.entities import DELETIONS_GROUP, DELETIONS_OPERATION
from ecwid_api.errors import ProtocolError
from ecwid_api.paging import Listing, Scan
from ecwid_api.windows import Window, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from concurrent.futures import Executor, Future

    from ecwid_api.client import Client
    from ecwid_api.entities import Entity
    from ecwid_api.paging import Row


T = TypeVar("T")

# A list without update times has no frozen end: what came in between shows in the count.
_SCANS: Final = 5
_POLL: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where readings read from: a store, and the threads to do it with.

    Attributes:
        client: The store's client.
        executor: Threads that send requests.
        check: Called while waiting; raises when the run shall end.
    """

    client: Client
    executor: Executor
    check: Callable[[], None]

    def wait(self, future: Future[T]) -> T:
        """The future's result; the check is looked at while it is awaited."""
        while not wait_for((future,), timeout=_POLL).done:
            self.check()
        self.check()
        return future.result()

    def scan(self, operation_id: str, group: str, query: Mapping[str, object]) -> Scan:
        """Begin to read a list."""
        return self._scan(operation_id, group, query, {})

    def deletions(self, entity: str, window: Window) -> Scan:
        """Begin to read an entity's deletion history.

        Source: https://docs.ecwid.com/api-reference/rest-api/store-profile/store-reports/get-deleted-items-history
        """
        query = {"from_date": window.since, "to_date": window.until}
        return self._scan(DELETIONS_OPERATION, DELETIONS_GROUP, query, {"entity": entity})

    def _scan(
        self,
        operation_id: str,
        group: str,
        query: Mapping[str, object],
        path: Mapping[str, object],
    ) -> Scan:
        operation = description.operation(operation_id, group)
        listing = Listing(client=self.client, operation=operation, path=path, query=query)
        return Scan(listing, self.executor, ahead=CONCURRENCY, check=self.check)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Times of change that count.

    Attributes:
        since: Unix seconds; None for the beginning.
        until: Unix seconds; the moment at which the reading began.
        settled: Until when no change can get in any more, in unix seconds.
        fresh: Whether there may be changes behind that.
    """

    since: int | None
    until: int
    settled: int
    fresh: bool

    def parts(self) -> tuple[Window | None, Window | None]:
        """What is settled, and what is fresh; None for a part that is empty."""
        settled, fresh = Window(self.since, self.until).split(self.settled)
        return settled, fresh if self.fresh else None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that arrived together.

    Attributes:
        rows: Payloads as Ecwid gave them.
        total: Rows in the list that they are from.
        completes: The window that is read to its end with them; None while there is more.
    """

    rows: list[Row]
    total: int
    completes: Window | None = None


class ListReading:
    """All objects of an entity, or those that changed within a span of time."""

    def __init__(self, entity: Entity, source: Source, span: Span | None) -> None:
        """Ask for the first pages.

        Args:
            entity: What to read.
            source: Where from.
            span: Times of change that count; None to read all, whatever their times.
        """
        self._entity = entity
        self._source = source
        self._settled, self._fresh = (None, None) if span is None else span.parts()
        self._fresh_scan = self._scan(self._fresh) if self._fresh else None
        self._first = self._scan(self._settled) if self._settled or span is None else None

    def _scan(self, window: Window | None) -> Scan:
        query: dict[str, object] = dict(self._entity.query)
        if window is not None and self._entity.updates is not None:
            updates = self._entity.updates
            query |= {**updates.order, updates.since: window.since, updates.until: window.until}
        if self._entity.read is None:
            raise TypeError(f"{self._entity.name} stands in its parent's payload")
        return self._source.scan(self._entity.read, self._entity.group, query)

    def chunks(self, most: int | None = None) -> Generator[Chunk, None, None]:
        """The rows, window by window.

        Args:
            most: Rows that the caller wants at the most; None for all.

        Raises:
            EcwidError: As ``Client.call``; ``ProtocolError`` where a list can't be read whole.
        """
        first = self._first or self._fresh_scan
        if most is not None and first is not None:
            for page in first.pages(most=most):
                yield Chunk(page.items, page.total)
            return
        if self._settled is None and self._fresh is None:
            yield from self._whole()
        if self._settled is not None:
            begun = iter((self._first,))
            parts = settle(self._settled, lambda w: next(begun, None) or self._scan(w))
            for window, scan in parts:
                yield from self._part(window, scan)
        if self._fresh is not None and self._fresh_scan is not None:
            yield from self._part(self._fresh, self._fresh_scan)

    @staticmethod
    def _part(window: Window, scan: Scan) -> Generator[Chunk, None, None]:
        for page in scan.pages():
            yield Chunk(page.items, page.total)
        yield Chunk([], scan.total, completes=window)

    def _whole(self) -> Generator[Chunk, None, None]:
        """All rows, and again if the list changed so that one may have been missed."""
        seen: set[object] = set()
        scan = self._first or self._scan(None)
        for _ in range(_SCANS):
            total = 0
            for page in scan.pages():
                seen.update(self._key(row) for row in page.items)
                total = page.total
                yield Chunk(page.items, page.total)
            if len(seen) >= total:
                return
            scan = self._scan(None)
        raise ProtocolError(
            f"{self._entity.name}: Ecwid counts {total} and gave {len(seen)}, read {_SCANS} times. "
            "The shop may be changing too fast: run again later"
        )

    def _key(self, row: Row) -> object:
        return tuple(row.get(key) for key in self._entity.keys)


class ObjectReading:
    """The one object of an entity that is no list."""

    def __init__(self, entity: Entity, source: Source) -> None:
        """Ask for it."""
        if entity.read is None:
            raise TypeError(f"{entity.name} can't be read")
        self._entity = entity
        self._source = source
        operation = description.operation(entity.read, entity.group)
        self._answer: Future[Any] = source.executor.submit(
            source.client.call, operation, query=entity.query
        )

    def chunks(self, most: int | None = None) -> Generator[Chunk, None, None]:
        """The object, as a list of one.

        Args:
            most: Not less than one is ever wanted.

        Raises:
            EcwidError: As ``Client.call``; ``ProtocolError`` where the answer is no object.
        """
        del most
        answer = self._source.wait(self._answer)
        if not isinstance(answer, dict):
            raise ProtocolError(f"{self._entity.name}: the answer is not an object")
        yield Chunk([answer], 1)


def begin(entity: Entity, source: Source, span: Span | None) -> ListReading | ObjectReading:
    """Begin to read an entity; see the classes."""
    if entity.read is None:
        raise TypeError(f"{entity.name} stands in its parent's payload")
    if description.operation(entity.read, entity.group).answer == "object":
        return ObjectReading(entity, source)
    return ListReading(entity, source, span)
