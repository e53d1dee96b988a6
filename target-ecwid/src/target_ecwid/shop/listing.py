"""A list of the shop's objects: searched for a few of them, or read completely."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.batch import Refused
from ecwid_api.description import PAGE_LIMIT
from ecwid_api.paging import CompleteScan, IncompleteError, Listing
from ecwid_api.request import Request
from target_ecwid.record.json_text import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from ecwid_api.many_requests import ManyRequests
    from ecwid_api.paging import Page, Row

LOGGER = logging.getLogger(__name__)

# Pages of a batch are in memory together: so many of them, or bytes of JSON.
_PAGES: Final = 25
_BYTES: Final = 4_000_000


class ObjectList:
    """The list of an entity's objects, with some of their fields."""

    def __init__(
        self,
        many: ManyRequests,
        entity: Entity,
        operation: Operation,
        fields: Callable[[], str],
    ) -> None:
        """Read nothing yet.

        Args:
            many: Asks the shop.
            entity: What is read.
            operation: Lists its objects in pages.
            fields: Gives the wanted fields, in the language of ``responseFields``.
        """
        self._many = many
        self._entity = entity
        self._operation = operation
        self._fields = fields
        self._total: int | None = None

    def _request(self, query: Mapping[str, object]) -> Request:
        asked = {**self._entity.query, **query}
        if "responseFields" in self._operation.query_names:
            asked["responseFields"] = f"total,items({self._fields()})"
        return Request(operation=self._operation, query=asked)

    def search(self, query: Mapping[str, object]) -> Request:
        """The request for the first page of what a query finds."""
        return Listing(self._request(query)).at(0)

    def find(self, queries: Sequence[Mapping[str, object]]) -> Iterator[Row]:
        """What a number of searches find, a page each.

        Raises:
            EcwidError: One of them can't be answered.
        """
        listings = [Listing(self._request(query)) for query in queries]
        replies = self._many.replies([listing.at(0) for listing in listings])
        for listing, reply in zip(listings, replies, strict=True):
            if isinstance(reply, Refused):
                raise reply.error
            yield from listing.page(0, reply.value).items

    def find_by(self, named: Iterable[tuple[str, Any]]) -> Iterator[Row]:
        """What searches by natural keys find.

        Args:
            named: Natural keys of the entity, each with a value.
        """
        searches = [(self._entity.searches[field], value) for field, value in named]
        return self.find([{search.parameter: v, **search.fixed} for search, v in searches])

    def total(self) -> int:
        """How many objects there are.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        if self._total is None:
            listing = Listing(self._request({}), 1)
            self._total = listing.page(0, self._many.wait(self._many.ask(listing.at(0)))).total
        return self._total

    def cost(self) -> float:
        """What reading the whole list costs, in requests that count against the limit."""
        return self._many.cost(-(-self.total() // PAGE_LIMIT), _PAGES)

    def read_all(self, keep: Callable[[Sequence[Row]], None]) -> bool:
        """Read the whole list; False where some objects may be missing.

        Args:
            keep: Takes the objects of a page; some come more than once.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        listing = Listing(self._request({}))
        count = 0
        reading = CompleteScan(
            lambda: self._many.scan(listing, key=self._key, batched=_pages_together),
            self._key,
            self._entity.name,
        )
        try:
            for page in reading.pages():
                count = self._total = page.total
                keep(page.items)
        except IncompleteError as error:
            LOGGER.info("%s", error)
            return False
        LOGGER.info("%s", reading.short or f"{self._entity.name}: {count} in the shop")
        return not reading.short

    def _key(self, row: Row) -> tuple[object, ...]:
        return tuple(row.get(name) for name in self._entity.keys)


def _pages_together(first: Page) -> int:
    return min(_PAGES, max(1, _BYTES // max(1, len(as_json(first.items)))))
