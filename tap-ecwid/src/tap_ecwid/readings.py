"""The ways to read an entity: a class for each.

A reading asks for its first pages or answers when it is made, and gives its rows later. So the
first pages of the next streams are under way while one stream is written.

============================  ==================================================================
``WholeList``                 all rows of a list; again if the list has changed meanwhile
``ChangedRows``               rows by time of change, window by window, then the fresh ones
``CatchingUp``                all rows by time of change, then what has changed meanwhile
``SomeRows``                  the first rows
``OneAnswer``                 an answer without pages
``AnswerForEachValue``        an answer for each of many values
``ListForEachValue``          a list for each of many values
============================  ==================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ecwid_api.batch import MOST, Refused
from ecwid_api.errors import EcwidError
from ecwid_api.paging import complete
from ecwid_api.windows import small_windows

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from concurrent.futures import Future

    from ecwid_api.batch import Reply
    from ecwid_api.many_requests import ManyRequests
    from ecwid_api.paging import Row, Scan
    from ecwid_api.windows import Window
    from tap_ecwid.questions import Question, Span
    from tap_ecwid.skips import Skips

_NO_PARAMETERS: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that arrived together.

    Attributes:
        rows: Payloads as Ecwid gave them.
        total: Rows in the list that they are from.
        completes: End of the window that is complete with these rows, in unix seconds; None
            while there is more.
    """

    rows: list[Row]
    total: int
    completes: int | None = None


class Reading(Protocol):
    """Rows that were asked for."""

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, as they arrive.

        Raises:
            EcwidError: As ``Client.call``; ``ProtocolError`` if an answer is not what Ecwid
                documents.
        """


class _List:
    """Scans of one list."""

    def __init__(
        self, question: Question, source: ManyRequests, parameters: Mapping[str, object]
    ) -> None:
        self.question = question
        self._source = source
        self._parameters = parameters

    def scan(self, times: Mapping[str, object] = _NO_PARAMETERS) -> Scan:
        """Ask for the first page."""
        question = self.question
        return self._source.scan(
            question.listing({**self._parameters, **times}),
            # Without keys, a scan doesn't ask for another page to be sure that it is at the end.
            key=self._key if question.max_rows is None else None,
            soon=question.soon,
        )

    def window(self, window: Window) -> Scan:
        """Ask for the first page of the rows that changed within a window."""
        return self.scan(self.question.changed(window.since, window.until))

    def _key(self, row: Row) -> tuple[object, ...] | None:
        found = tuple(row.get(name) for name in self.question.entity.keys)
        return None if all(value is None for value in found) else found


class WholeList:
    """All rows of a list. If the list has changed so that rows may be missing, it's read again."""

    def __init__(self, rows: _List) -> None:
        self._list = rows
        self._begun = [rows.scan()]

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows; some more than once."""
        entity = self._list.question.entity
        pages = complete(
            lambda: self._begun.pop() if self._begun else self._list.scan(),
            lambda row: tuple(row.get(key) for key in entity.keys),
            entity.name,
        )
        for page in pages:
            yield Chunk(page.items, page.total)


class ChangedRows:
    """Rows that changed within a span: the settled part by windows, then the fresh part."""

    def __init__(self, rows: _List, span: Span) -> None:
        self._list = rows
        self._fresh = None if span.fresh is None else (span.fresh, rows.window(span.fresh))
        self._settled = None if span.settled is None else (span.settled, rows.window(span.settled))

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, window by window."""
        if self._settled is not None:
            yield from _windows(self._list, *self._settled)
        if self._fresh is not None:
            yield from _window(*self._fresh)


class CatchingUp:
    """All rows by time of change, then those that have changed since the reading began."""

    def __init__(self, rows: _List, settled: Window) -> None:
        self._list = rows
        self._settled = settled
        self._scan = rows.window(settled)

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows; some more than once."""
        yield from _windows(self._list, self._settled, self._scan)
        # Asked for only now, and without an end: it has what left the windows above.
        behind = self._list.question.changed(self._settled.until + 1, None)
        for page in self._list.scan(behind).pages():
            yield Chunk(page.items, page.total)


class SomeRows:
    """The first rows, and no page more than they need."""

    def __init__(self, rows: _List, span: Span | None, max_rows: int) -> None:
        self._max_rows = max_rows
        if span is None:
            self._scans = [rows.scan()]
        else:
            self._scans = [rows.window(w) for w in (span.settled, span.fresh) if w is not None]

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows."""
        left = self._max_rows
        for scan in self._scans:
            if left <= 0:
                return
            for page in scan.pages(max_rows=left):
                yield Chunk(page.items[:left], page.total)
                left -= len(page.items)
                if left <= 0:
                    break


class OneAnswer:
    """An answer without pages: the one object there is, or a list."""

    def __init__(self, question: Question, source: ManyRequests) -> None:
        self._question = question
        self._source = source
        request = question.request({})
        self._answer = source.ask_soon(request) if question.soon else source.ask(request)

    def chunks(self) -> Generator[Chunk, None, None]:
        """All rows at once."""
        rows = self._question.rows(self._source.wait(self._answer))
        yield Chunk(rows[: self._question.max_rows], len(rows))


class AnswerForEachValue:
    """An answer without pages for each of many values."""

    def __init__(self, question: Question, source: ManyRequests, skips: Skips) -> None:
        self._question = question
        self._source = source
        self._skips = skips
        self._values = question.values[: question.max_rows]
        requests = [question.request(parameters) for parameters in self._values]
        self._single: list[Future[Any]] = []
        self._batches: list[Future[list[Reply]]] = []
        if question.soon:
            self._single = [source.ask_soon(request) for request in requests]
        else:
            starts = range(0, len(requests), MOST)
            self._batches = [source.ask_all(requests[start : start + MOST]) for start in starts]

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, value by value."""
        for parameters, answer in zip(self._values, self._answers(), strict=True):
            rows: list[Row] = []
            if isinstance(answer, EcwidError):
                if not self._skips.allow(answer):
                    raise answer
            else:
                rows = self._question.with_keys(self._question.rows(answer), parameters)
            yield Chunk(rows, len(self._values))

    def _answers(self) -> Iterator[Any]:
        """Answers or refusals, in the order of the values."""
        for single in self._single:
            try:
                yield self._source.wait(single)
            except EcwidError as error:
                yield error
        for batch in self._batches:
            for reply in self._source.wait(batch):
                yield reply.error if isinstance(reply, Refused) else reply.value


class ListForEachValue:
    """A list for each of many values."""

    def __init__(self, question: Question, source: ManyRequests, skips: Skips) -> None:
        self._question = question
        self._skips = skips
        self._readings = [
            (parameters, _list_reading(question, source, parameters))
            for parameters in question.values
        ]

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, value by value; the span is complete with the last."""
        question = self._question
        for parameters, reading in self._readings:
            try:
                for chunk in reading.chunks():
                    yield Chunk(question.with_keys(chunk.rows, parameters), chunk.total)
            except EcwidError as error:
                if not self._skips.allow(error):
                    raise
        span = question.span
        last = None if span is None else span.fresh or span.settled
        if last is not None and question.max_rows is None:
            yield Chunk([], 0, completes=last.until)


def reading_of(question: Question, source: ManyRequests, skips: Skips) -> Reading:
    """Begin to read.

    Args:
        question: What to read.
        source: Sends the store's requests.
        skips: Decides whether a refused value is left out.
    """
    in_pages = question.operation.answer == "page"
    if question.values and in_pages:
        return ListForEachValue(question, source, skips)
    if question.values:
        return AnswerForEachValue(question, source, skips)
    if in_pages:
        return _list_reading(question, source, {})
    return OneAnswer(question, source)


def _list_reading(
    question: Question, source: ManyRequests, parameters: Mapping[str, object]
) -> Reading:
    rows, span = _List(question, source, parameters), question.span
    if question.max_rows is not None:
        return SomeRows(rows, span, question.max_rows)
    if span is None:
        return WholeList(rows)
    if span.catches_up and span.settled is not None:
        return CatchingUp(rows, span.settled)
    return ChangedRows(rows, span)


def _windows(rows: _List, whole: Window, begun: Scan) -> Generator[Chunk, None, None]:
    for window, scan in small_windows(whole, begun, rows.window):
        yield from _window(window, scan)


def _window(window: Window, scan: Scan) -> Generator[Chunk, None, None]:
    for page in scan.pages():
        yield Chunk(page.items, page.total)
    yield Chunk([], scan.total, completes=window.until)
