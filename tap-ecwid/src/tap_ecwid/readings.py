"""The ways to read an entity: a class for each.

A reading asks for its first pages or answers when it is made, and gives its rows later. So the
first pages of the next streams are under way while one stream is written.

============================  ==================================================================
``WholeList``                 all rows of a list; again if the list has changed meanwhile
``ChangedRows``               rows by time of change, window by window
``LaterRows``                 rows that have changed since a moment, to the list's end
``SomeRows``                  the first rows
``OneAnswer``                 an answer without pages
``AnswerForEachValue``        an answer for each of many values
``ListForEachValue``          a list for each of many values
============================  ==================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ecwid_api.batch import MOST, Refused
from ecwid_api.errors import EcwidError
from ecwid_api.paging import CompleteScan
from ecwid_api.windows import small_windows
from tap_ecwid.questions import Later

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from concurrent.futures import Future

    from ecwid_api.batch import Reply
    from ecwid_api.many_requests import ManyRequests
    from ecwid_api.paging import Key, Row, Scan
    from ecwid_api.windows import Window
    from tap_ecwid.questions import Question
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
        short: If Ecwid counts more rows than it gives: both in words. A row that isn't there may
            exist.
    """

    rows: list[Row]
    total: int
    completes: int | None = None
    short: str = ""


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

    def scan(self, times: Mapping[str, object] = _NO_PARAMETERS, *, key: Key | None = None) -> Scan:
        """Ask for the first page."""
        question = self.question
        return self._source.scan(
            question.listing({**self._parameters, **times}),
            # Without keys, a scan doesn't ask for another page to be sure that it is at the end.
            key=key or self.key_of if question.max_rows is None else None,
            soon=question.soon,
        )

    def window(self, window: Window) -> Scan:
        """Ask for the first page of the rows that changed within a window."""
        return self.scan(self.question.changed(window.since, window.until))

    def since(self, moment: int | None) -> Scan:
        """Ask for the first page of the rows that have changed since a moment."""
        return self.scan(self.question.changed(moment, None), key=self._version_of)

    def key_of(self, row: Row) -> tuple[object, ...] | None:
        """What a row is recognised by; None if it has no key."""
        found = tuple(row.get(name) for name in self.question.entity.keys)
        return None if all(value is None for value in found) else found

    def _version_of(self, row: Row) -> tuple[object, ...] | None:
        """What a row is recognised by until it moves to the list's end, since it has changed."""
        key, updates = self.key_of(row), self.question.entity.updates
        moves = updates is not None and updates.order
        return (*key, row.get(updates.field)) if key and updates and moves else key


class WholeList:
    """All rows of a list. If the list has changed so that rows may be missing, it's read again."""

    def __init__(self, rows: _List) -> None:
        self._list = rows
        self._begun = [rows.scan()]

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows; some more than once."""
        whole = CompleteScan(
            lambda: self._begun.pop() if self._begun else self._list.scan(),
            self._list.key_of,
            self._list.question.entity.name,
        )
        for page in whole.pages():
            yield Chunk(page.items, page.total)
        yield Chunk([], 0, short=whole.short)


class ChangedRows:
    """Rows that changed within a window, by smaller windows."""

    def __init__(self, rows: _List, window: Window) -> None:
        self._list = rows
        self._window = window
        self._scan = rows.window(window)

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows, window by window."""
        for window, scan in small_windows(self._window, self._scan, self._list.window):
            yield from _to_the_end(scan, window.until)


class LaterRows:
    """Rows that have changed since a moment, also those that change while they are read."""

    def __init__(self, rows: _List, later: Later) -> None:
        self._later = later
        self._scan = rows.since(later.since)

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows; some more than once."""
        yield from _to_the_end(self._scan, self._later.until)


class SomeRows:
    """The first rows, and no page more than they need."""

    def __init__(self, rows: _List, max_rows: int) -> None:
        span = rows.question.span
        self._max_rows = max_rows
        self._scan = rows.scan() if span is None else rows.since(span.since)

    def chunks(self) -> Generator[Chunk, None, None]:
        """The rows."""
        left = self._max_rows
        for page in self._scan.pages(max_rows=left):
            yield Chunk(page.items[:left], page.total)
            left -= len(page.items)
            if left <= 0:
                return


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
                    rows = question.with_keys(chunk.rows, parameters)
                    yield replace(chunk, rows=rows, completes=None)
            except EcwidError as error:
                if not self._skips.allow(error):
                    raise
        if question.span is not None and question.max_rows is None:
            yield Chunk([], 0, completes=question.span.until)


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
        return SomeRows(rows, question.max_rows)
    if span is None:
        return WholeList(rows)
    return LaterRows(rows, span) if isinstance(span, Later) else ChangedRows(rows, span)


def _to_the_end(scan: Scan, completes: int) -> Generator[Chunk, None, None]:
    for page in scan.pages():
        yield Chunk(page.items, page.total)
    yield Chunk([], scan.total, completes=completes, short=scan.short)
