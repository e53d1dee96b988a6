"""All objects of an entity, page by page, or a few of them by a search."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api import description
from ecwid_api.description import PAGE_LIMIT
from ecwid_api.errors import AnswerError, ProtocolError
from ecwid_api.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ecwid_api.entity import Entity
    from target_ecwid.asking import Asker

LOGGER = logging.getLogger(__name__)

# Answers of a batch are held in memory together: so many pages, or bytes of JSON.
_PAGES: Final = 25
_BYTES: Final = 4_000_000
_SCANS: Final = 3


class Listing:
    """Reads the objects of an entity that can be listed in pages."""

    def __init__(self, asker: Asker, entity: Entity, fields: Callable[[], str]) -> None:
        """Read nothing yet.

        Args:
            asker: Asks the shop.
            entity: What is read; it has an operation that gives pages.
            fields: Tells which fields of an object are wanted, in the language of
                ``responseFields``.
        """
        self._asker = asker
        self._entity = entity
        self._fields = fields
        self._read = description.operation(entity.read or "", entity.group)
        self._total: int | None = None

    def page(
        self, offset: int, limit: int = PAGE_LIMIT, query: Mapping[str, object] | None = None
    ) -> Request:
        """The request for a page, of what a query finds."""
        asked: dict[str, object] = {**self._entity.query, "offset": offset, "limit": limit}
        asked.update(query or {})
        if "responseFields" in self._read.query_names:
            asked["responseFields"] = f"total,items({self._fields()})"
        return Request(operation=self._read, query=asked)

    def find(self, queries: Sequence[Mapping[str, object]]) -> Iterator[Mapping[str, Any]]:
        """What a number of searches find, a page each.

        Raises:
            EcwidError: One of them can't be answered.
        """
        for answer in self._asker.ask([self.page(0, query=query) for query in queries]):
            if isinstance(answer, AnswerError):
                raise answer
            yield from (answer or {}).get("items") or ()

    def cost(self) -> float:
        """What reading all costs, in requests that count."""
        if self._total is None:
            page = self._asker.client.send(self.page(0, limit=1))
            self._total = page.get("total", 0) if isinstance(page, dict) else 0
        return self._asker.cost(-(-self._total // PAGE_LIMIT), _PAGES)

    def read_all(self, keep: Callable[[Sequence[Mapping[str, Any]]], None]) -> bool:
        """Read all objects; False where the shop changes so fast that some may be missing.

        Args:
            keep: Takes the objects of a page. After a change all come once more.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        for _ in range(_SCANS):
            totals: set[object] = set()
            keys: set[tuple[Any, ...]] = set()
            for page in self._pages():
                totals.add(page.get("total"))
                items = page.get("items") or ()
                keys.update(tuple(item.get(key) for key in self._entity.keys) for item in items)
                keep(items)
            if len(totals) == 1 and totals == {len(keys)}:
                LOGGER.info("%s: %d in the shop", self._entity.name, len(keys))
                return True
            LOGGER.info("%s changed while they were read; reading them again", self._entity.name)
        return False

    def _pages(self) -> Iterator[Mapping[str, Any]]:
        first = self._asker.client.send(self.page(0))
        if not isinstance(first, dict):
            raise ProtocolError(f"{self._entity.name}: the answer is no page")
        yield first
        self._total = first.get("total", 0)
        offsets = range(PAGE_LIMIT, self._total or 0, PAGE_LIMIT)
        pages = min(_PAGES, max(1, _BYTES // len(msgspec.json.encode(first))))
        for start in range(0, len(offsets), pages):
            requests = [self.page(offset) for offset in offsets[start : start + pages]]
            for answer in self._asker.ask(requests):
                if isinstance(answer, AnswerError):
                    raise answer
                yield answer or {}
