"""Reading an entity: which requests, in which order, and what is known after each.

A reading is begun early and read later: its first requests are sent when it is made, so that the
next streams' first pages are under way while a stream is emitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ecwid_api import description
from ecwid_api.batch import MOST, Refused
from ecwid_api.errors import EcwidError, ProtocolError
from ecwid_api.paging import Listing, complete
from ecwid_api.request import Request
from ecwid_api.windows import Window, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from ecwid_api.batch import Reply
    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from ecwid_api.many_requests import ManyRequests
    from ecwid_api.paging import Row, Scan

Tolerated: TypeAlias = "Callable[[EcwidError], bool]"
"""Whether a part of a stream that Ecwid refuses is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of an entity.

    Attributes:
        entity: The entity.
        operation: What reads it.
        query: Query parameters.
        page_size: Rows a page.
        most: Rows at the most; None for all.
        soon: Whether the first request may be sent together with those of other streams.
    """

    entity: Entity
    operation: Operation
    query: Mapping[str, object]
    page_size: int
    most: int | None = None
    soon: bool = False

    def request(self, more: Mapping[str, object]) -> Request:
        """The request, with further parameters of path or query."""
        of_path = {p.name for p in self.operation.parameters if p.location == "path"}
        return Request(
            operation=self.operation,
            path={k: v for k, v in more.items() if k in of_path},
            query={**self.query, **{k: v for k, v in more.items() if k not in of_path}},
        )

    def listing(self, more: Mapping[str, object]) -> Listing:
        """The list, with further parameters of path or query."""
        return Listing(self.request(more), self.page_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Times of change that count.

    Attributes:
        since: Unix seconds; None for the beginning.
        until: Unix seconds; the moment at which the reading began.
        settled: Until when no change can get in any more, in unix seconds.
        fresh: Whether there may be changes behind that.
        catches_up: Whether what changes while it is read has to come too: the target takes what
            does not come for deleted.
    """

    since: int | None
    until: int
    settled: int
    fresh: bool
    catches_up: bool = False

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


class Reading(Protocol):
    """An entity's rows, asked for and not yet taken."""

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, as they come.

        Raises:
            EcwidError: As ``Client.call``; ``ProtocolError`` where an answer is not what it
                should be.
        """


class ListReading:
    """All objects of an entity that is told in pages, or those that changed within a span."""

    def __init__(
        self,
        question: Question,
        source: ManyRequests,
        span: Span | None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        """Ask for the first pages.

        Args:
            question: What to read.
            source: Where from.
            span: Times of change that count; None to read all, whatever their times.
            more: Further parameters.
        """
        self._question = question
        self._source = source
        self._more = more or {}
        self._settled, self._fresh = (None, None) if span is None else span.parts()
        self._behind: int | None = None
        if span is not None and span.catches_up and question.most is None:
            self._fresh, self._behind = None, span.settled + 1
        self._fresh_scan = self._scan(self._fresh) if self._fresh else None
        self._first = self._scan(self._settled) if self._settled or span is None else None

    def _scan(self, window: Window | None) -> Scan:
        if window is None:
            return self._scan_with({})
        return self._scan_with(self._times(window.since, window.until))

    def _times(self, since: int | None, until: int | None) -> Mapping[str, object]:
        updates = self._question.entity.updates
        if updates is None:
            return {}
        return {**updates.order, updates.since: since, updates.until: until}

    def _scan_with(self, times: Mapping[str, object]) -> Scan:
        listing = self._question.listing({**self._more, **times})
        # Whoever wants some rows wants no page more for certainty's sake.
        key = self._key if self._question.most is None else None
        return self._source.scan(listing, key=key, soon=self._question.soon)

    def _key(self, row: Row) -> tuple[object, ...] | None:
        found = tuple(row.get(name) for name in self._question.entity.keys)
        return None if set(found) == {None} else found

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, window by window."""
        if self._question.most is not None:
            yield from self._some(self._question.most)
            return
        if self._settled is None and self._fresh is None and self._behind is None:
            yield from self._whole()
        if self._settled is not None:
            begun = iter((self._first,))
            parts = settle(self._settled, lambda w: next(begun, None) or self._scan(w))
            for window, scan in parts:
                yield from self._part(window, scan)
        if self._fresh is not None and self._fresh_scan is not None:
            yield from self._part(self._fresh, self._fresh_scan)
        if self._behind is not None:
            # Asked for only now, and without an end: what has left the parts above is in it.
            for page in self._scan_with(self._times(self._behind, None)).pages():
                yield Chunk(page.items, page.total)

    def _some(self, most: int) -> Generator[Chunk, None, None]:
        for scan in (self._first, self._fresh_scan):
            if scan is None or most <= 0:
                continue
            for page in scan.pages(most=most):
                yield Chunk(page.items[:most], page.total)
                most -= len(page.items)
                if most <= 0:
                    break

    @staticmethod
    def _part(window: Window, scan: Scan) -> Generator[Chunk, None, None]:
        for page in scan.pages():
            yield Chunk(page.items, page.total)
        yield Chunk([], scan.total, completes=window)

    def _whole(self) -> Generator[Chunk, None, None]:
        """All rows, and again if the list changed so that one may have been missed."""
        entity = self._question.entity
        first, self._first = self._first, None
        begun = iter((first,))
        pages = complete(
            lambda: next(begun, None) or self._scan(None),
            lambda row: tuple(row.get(key) for key in entity.keys),
            entity.name,
        )
        for page in pages:
            yield Chunk(page.items, page.total)


class AnswerReading:
    """An entity that one answer tells: the one object there is, or a list without pages."""

    def __init__(self, question: Question, source: ManyRequests) -> None:
        """Ask for it."""
        self._question = question
        self._source = source
        request = question.request({})
        self._answer = source.ask_soon(request) if question.soon else source.ask(request)

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows at once."""
        rows = rows_of(self._question, self._source.wait(self._answer))
        yield Chunk(rows[: self._question.most], len(rows))


class ValuesReading:
    """An entity that is asked for with a request for each of many values."""

    def __init__(
        self,
        question: Question,
        source: ManyRequests,
        asked: Sequence[Mapping[str, object]],
        tolerated: Tolerated,
    ) -> None:
        """Ask for all.

        Args:
            question: What to read.
            source: Where from.
            asked: Parameters, for a request each.
            tolerated: Which refusals leave a value out.
        """
        self._question = question
        self._source = source
        self._asked = asked if question.most is None else asked[: question.most]
        self._tolerated = tolerated
        requests = [question.request(more) for more in self._asked]
        self._answers: list[Future[Any]] = []
        self._outcomes: list[Future[list[Reply]]] = []
        if question.soon:
            self._answers = [source.ask_soon(request) for request in requests]
        else:
            starts = range(0, len(requests), MOST)
            self._outcomes = [source.ask_all(requests[start : start + MOST]) for start in starts]

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, value by value."""
        asked = iter(self._asked)
        for answer in self._answers:
            rows = self._rows(next(asked), lambda a=answer: self._source.wait(a))  # type: ignore[misc]
            yield Chunk(rows, len(self._asked))
        for outcomes in self._outcomes:
            for outcome in self._source.wait(outcomes):
                rows = self._rows(next(asked), lambda o=outcome: value_of(o))  # type: ignore[misc]
                yield Chunk(rows, len(self._asked))

    def _rows(self, more: Mapping[str, object], answer: Callable[[], Any]) -> list[Row]:
        try:
            rows = rows_of(self._question, answer())
        except EcwidError as error:
            if not self._tolerated(error):
                raise
            return []
        return with_values(rows, self._question.entity, more)


class ListsReading:
    """An entity that is told in pages, for each of many values of a parameter."""

    def __init__(
        self,
        question: Question,
        source: ManyRequests,
        span: Span | None,
        asked: Sequence[Mapping[str, object]],
        tolerated: Tolerated,
    ) -> None:
        """Ask for the first page of each; the arguments are those of the other readings."""
        self._question = question
        self._tolerated = tolerated
        self._until = None if span is None else Window(span.since, span.until)
        self._readings = [(more, ListReading(question, source, span, more)) for more in asked]

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, value by value; the window is complete with the last."""
        entity = self._question.entity
        for more, reading in self._readings:
            try:
                for chunk in reading.chunks():
                    yield Chunk(with_values(chunk.rows, entity, more), chunk.total)
            except EcwidError as error:
                if not self._tolerated(error):
                    raise
        if self._until is not None and self._question.most is None:
            yield Chunk([], 0, completes=self._until)


def value_of(outcome: Reply) -> Any:  # noqa: ANN401 - any JSON
    """What an outcome says.

    Raises:
        EcwidError: It is a refusal.
    """
    if isinstance(outcome, Refused):
        raise outcome.error
    return outcome.value


def with_values(rows: Iterable[Row], entity: Entity, more: Mapping[str, object]) -> list[Row]:
    """The rows with those values that they were asked for with and that are keys of theirs."""
    each = entity.per_value
    keys = {
        each.key if each is not None and each.parameter == name else name: value
        for name, value in more.items()
    }
    keys = {name: value for name, value in keys.items() if name in entity.keys}
    return [row | keys for row in rows] if keys else list(rows)


def rows_of(question: Question, answer: object) -> list[Row]:
    """The rows that an answer without pages tells.

    Raises:
        ProtocolError: It is not what the description says.
    """
    operation, entity = question.operation, question.entity
    found: Any = answer
    fields = description.entity_schema(entity.schema, entity.group)["properties"]
    if operation.answer == "object" or operation.items_key in fields:
        found = [answer]
    elif operation.items_key is not None:
        found = answer.get(operation.items_key) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ProtocolError(
            f"{operation.method} {operation.path}: the answer is not what Ecwid documents; "
            "is api_url an Ecwid API?"
        )
    return found


def begin(
    question: Question,
    source: ManyRequests,
    *,
    span: Span | None,
    asked: Sequence[Mapping[str, object]],
    tolerated: Tolerated,
) -> Reading:
    """Begin to read.

    Args:
        question: What to read.
        source: Where from.
        span: Times of change that count; None for all.
        asked: Parameters, for a request each; empty where one request asks for all.
        tolerated: Which refusals leave a part out.
    """
    in_pages = question.operation.answer == "page"
    if asked and in_pages:
        return ListsReading(question, source, span, asked, tolerated)
    if asked:
        return ValuesReading(question, source, asked, tolerated)
    if in_pages:
        return ListReading(question, source, span)
    return AnswerReading(question, source)
