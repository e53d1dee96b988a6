"""Searches: from query parameters to conditions, and from rows to a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from ecwid_sandbox.server.requests.fields import select, select_json
from ecwid_sandbox.server.storage.columns import spaced
from ecwid_sandbox.server.storage.queries import Query, lists_one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ecwid_sandbox.server.requests.fields import Selection
    from ecwid_sandbox.server.requests.parameters import Parameters
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Kind


class Search:
    """Conditions on documents of a kind. Those about parameters that aren't there are left out."""

    def __init__(self, kind: Kind, parameters: Parameters) -> None:
        """Begin without conditions, in the kind's own order."""
        self._parameters = parameters
        self._query = Query(kind=kind, order=kind.order)

    def where(self, condition: str, *values: Any) -> Search:  # noqa: ANN401 - any SQL value
        """Add a condition in SQL."""
        self._query.conditions.append(condition)
        self._query.values.extend(values)
        return self

    def equal(self, column: str, value: float | str | None) -> Search:
        """The column has the value."""
        return self if value is None else self.where(f"{column} = ?", value)

    def one_of(self, column: str, values: Iterable[float | str] | None) -> Search:
        """The column has one of the values."""
        if values is None:
            return self
        wanted = list(values)
        return self.where(f"{column} IN ({', '.join('?' * len(wanted))})", *wanted)

    def between(self, column: str, start: float | None = None, end: float | None = None) -> Search:
        """The column is at least the one and at most the other."""
        if start is not None:
            self.where(f"{column} >= ?", start)
        if end is not None:
            self.where(f"{column} <= ?", end)
        return self

    def times(self, *columns: str) -> Search:
        """The times that ``createdFrom``, ``createdTo`` and the like ask for."""
        for column in columns:
            self.between(column, *self._parameters.span(f"{column}From", f"{column}To"))
        return self

    def contains(self, column: str, text: str | None) -> Search:
        """The column has the text somewhere in it, whatever its case."""
        if text:
            self.where(f"instr({column}, ?) > 0", text.strip().casefold())
        return self

    def words(self, text: str | None) -> Search:
        """All words of the text are somewhere in the document."""
        for word in (text or "").split():
            self.contains("words", word)
        return self

    def whole_words(self, text: str | None) -> Search:
        """All words of the text are words of the document; one with a * begins so."""
        for word in (text or "").split():
            wanted = spaced(word)
            self.where("instr(words, ?) > 0", wanted.rstrip() if word.endswith("*") else wanted)
        return self

    def lists(self, column: str, values: Iterable[object] | None) -> Search:
        """The column lists one of the values."""
        wanted = list(values or ())
        if wanted:
            condition, texts = lists_one_of(self._query.kind, column, wanted)
            self.where(condition, *texts)
        return self

    def sorted(self, orders: Mapping[str, str], default: str | None = None) -> Search:
        """The order that ``sortBy`` asks for; the key decides between equals."""
        chosen = self._parameters.choice("sortBy", orders) or default
        if chosen:
            self._query.order = f"{chosen}, key"
        return self

    def first(self, shop: Shop) -> bytes | None:
        """The first document, as JSON."""
        bodies = shop.store.bodies(self._query.kind, self._rows(shop)[:1])
        return bodies[0] if bodies else None

    def all(self, shop: Shop) -> list[bytes]:
        """Every document, as JSON: for lists without pages."""
        return shop.store.bodies(self._query.kind, self._rows(shop))

    def latest(self, shop: Shop, count: int) -> Iterator[JSONObject]:
        """The documents that were changed last, at most so many, newest first."""
        self._query.order = "updated DESC, key"
        for body in shop.store.bodies(self._query.kind, self._rows(shop)[:count]):
            yield shop.decoded(body)

    def tally(self, shop: Shop, column: str) -> dict[Any, int]:
        """How often each value of a column was found."""
        self._query.as_of = shop.as_of()
        return shop.store.tally(self._query, column)

    def _rows(self, shop: Shop) -> Sequence[int]:
        self._query.as_of = shop.as_of()
        return shop.store.find(self._query)

    def page(self, shop: Shop) -> Page:
        """The page that ``offset`` and ``limit`` ask for."""
        offset, limit = self._parameters.offset(), self._parameters.limit()
        self._query.as_of = shop.as_of()
        rows, total = shop.store.page(self._query, offset, limit)
        found = shop.store.bodies(self._query.kind, rows)
        return Page(found, total=total, offset=offset, limit=limit)


def cut(items: Sequence[JSONObject], parameters: Parameters) -> Page:
    """A page of a list that is worked out, not kept."""
    offset, limit = parameters.offset(), parameters.limit()
    bodies = [msgspec.json.encode(item) for item in items[offset : offset + limit]]
    return Page(bodies, total=len(items), offset=offset, limit=limit)


@dataclass
class Page:
    """An answer with items, and how they relate to all there are."""

    bodies: Sequence[bytes]
    total: int
    offset: int
    limit: int
    extra: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[JSONObject], JSONObject] | None = None

    def render(self, selection: Selection | None) -> bytes:
        """The page as JSON; what is asked for whole is not even looked into."""
        envelope: JSONObject = {
            "total": self.total,
            "count": len(self.bodies),
            "offset": self.offset,
            "limit": self.limit,
            **self.extra,
        }
        bodies: Sequence[bytes] = self.bodies
        wanted = None
        if selection is not None:
            envelope = {name: value for name, value in envelope.items() if name in selection}
            if "items" not in selection:
                return msgspec.json.encode(envelope)
            wanted = selection["items"]
        if self.change is not None:
            documents = (self.change(msgspec.json.decode(body)) for body in bodies)
            bodies = [msgspec.json.encode(select(document, wanted)) for document in documents]
        elif wanted is not None:
            bodies = [select_json(body, wanted) for body in bodies]
        head = msgspec.json.encode(envelope)[:-1] + (b"," if envelope else b"")
        # A page is large: it is put together once, not piece by piece.
        separated = (part for body in bodies for part in (b",", body))
        next(separated, None)
        return b"".join((head, b'"items":[', *separated, b"]}"))
