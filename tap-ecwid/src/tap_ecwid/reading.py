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
from ecwid_api.windows import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from concurrent.futures import Executor, Future

    from ecwid_api.client import Client
    from ecwid_api.entities import Entity
    from ecwid_api.paging import Row
    from ecwid_api.windows import Window

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
    """All objects of an entity, or those that changed within a window."""

    def __init__(self, entity: Entity, source: Source, window: Window | None) -> None:
        """Ask for the first page.

        Args:
            entity: What to read.
            source: Where from.
            window: Times of change that count; None to read all, whatever their times.
        """
        self._entity = entity
        self._source = source
        self._window = window
        self._first = self._scan(window)

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
        if most is not None:
            for page in self._first.pages(most=most):
                yield Chunk(page.items, page.total)
        elif self._window is None:
            yield from self._whole()
        else:
            begun = iter((self._first,))
            for window, scan in settle(self._window, lambda w: next(begun, None) or self._scan(w)):
                for page in scan.pages():
                    yield Chunk(page.items, page.total)
                yield Chunk([], scan.total, completes=window)

    def _whole(self) -> Generator[Chunk, None, None]:
        """All rows, and again if the list changed so that one may have been missed."""
        seen: set[object] = set()
        scan = self._first
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


def begin(entity: Entity, source: Source, window: Window | None) -> ListReading | ObjectReading:
    """Begin to read an entity; see the classes."""
    if entity.read is None:
        raise TypeError(f"{entity.name} stands in its parent's payload")
    if description.operation(entity.read, entity.group).answer == "object":
        return ObjectReading(entity, source)
    return ListReading(entity, source, window)
