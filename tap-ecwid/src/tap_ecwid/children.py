"""Children: streams whose rows come with their parent's.

Embedded children stand in the parent's payload. Requested children need a request for each parent;
those go in batches, never one by one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.batch import MOST, Refused
from ecwid_api.errors import NotFoundError, ScopeError, UnavailableError
from tap_ecwid.partition import value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from ecwid_api.batch import Reply
    from ecwid_api.entity import Embedded, PerValue
    from ecwid_api.many_requests import ManyRequests
    from ecwid_api.paging import Row
    from tap_ecwid.partition import Partition
    from tap_ecwid.questions import Question
    from tap_ecwid.record_writer import RecordWriter
    from tap_ecwid.skips import Skips

_BATCHES_UNDER_WAY: Final = 2
"""Batches that can be under way while more parents are read."""


class EmbeddedChild:
    """A child whose rows stand in the parent's payload."""

    def __init__(self, partition: Partition, place: Embedded, writer: RecordWriter) -> None:
        self._partition = partition
        self._place = place
        self._writer = writer

    def take(self, parents: Iterable[Row]) -> list[list[Row]]:
        """Copy the child's rows, for each parent. Call it before the parents are written."""
        return [self._partition.rows(self._rows_in(parent)) for parent in parents]

    def _rows_in(self, parent: Row) -> Iterator[Row]:
        inner: Any = value_at(parent, self._place.field)
        if isinstance(inner, list) and inner:
            keys = {name: parent.get(of_parent) for name, of_parent in self._place.keys.items()}
            for row in inner:
                # Something else than an object has no key: it is left out, and counted.
                yield {**keys, **row} if isinstance(row, dict) else {}

    def write(self, taken: Iterable[list[Row]]) -> None:
        """Write the rows of the parents that the stream keeps."""
        kept = list(taken)
        for rows in kept:
            self._writer.report_twins(rows)
        self._writer.write(row for rows in kept for row in rows)


@dataclass(frozen=True, slots=True)
class RequestedChild:
    """A child that needs a request for each parent.

    Attributes:
        partition: The child on this store.
        per_value: How its rows are asked for.
        question: What is asked.
        writer: Where its rows go.
    """

    partition: Partition
    per_value: PerValue
    question: Question
    writer: RecordWriter


@dataclass(frozen=True, slots=True)
class _Asked:
    child: RequestedChild
    parameters: Mapping[str, object]


class ChildRequests:
    """The requests for children, in batches while the parents are read."""

    def __init__(
        self,
        children: Sequence[RequestedChild],
        source: ManyRequests,
        skips: Skips,
        max_rows: int | None,
    ) -> None:
        """Take the values for which there is no parent.

        Args:
            children: The children.
            source: Sends the store's requests.
            skips: Decides whether a refused row is left out.
            max_rows: The most requests for each child; None for all.
        """
        self._children = children
        self._source = source
        self._skips = skips
        self._left: dict[str, int | None] = {c.partition.name: max_rows for c in children}
        self._waiting: list[_Asked] = []
        self._under_way: deque[tuple[list[_Asked], Future[list[Reply]]]] = deque()
        for child in children:
            for value in child.per_value.extra:
                self._add(child, value)

    def __bool__(self) -> bool:
        """Whether there are such children."""
        return bool(self._children)

    def add(self, parents: Iterable[Row]) -> None:
        """Ask for the children of these parents, as soon as they fill a batch."""
        for parent in parents:
            for child in self._children:
                value = parent.get(child.per_value.field)
                if value is not None:
                    self._add(child, value)

    def _add(self, child: RequestedChild, value: object) -> None:
        left = self._left[child.partition.name]
        if left is not None:
            if left <= 0:
                return
            self._left[child.partition.name] = left - 1
        self._waiting.append(_Asked(child, {child.per_value.parameter: value}))
        if len(self._waiting) == MOST:
            self._send()
            while len(self._under_way) > _BATCHES_UNDER_WAY:
                self._write_oldest()

    def _send(self) -> None:
        sent, self._waiting = self._waiting, []
        requests = [asked.child.question.request(asked.parameters) for asked in sent]
        self._under_way.append((sent, self._source.ask_all(requests)))

    def finish(self) -> None:
        """Write everything that was asked for."""
        if self._waiting:
            self._send()
        while self._under_way:
            self._write_oldest()

    def _write_oldest(self) -> None:
        sent, future = self._under_way.popleft()
        replies = self._source.wait(future)
        for asked, reply in zip(sent, replies, strict=True):
            if not isinstance(reply, Refused):
                self._write(asked, reply.value)
            elif not self._may_skip(reply, asked.child.partition.name):
                raise reply.error

    def _may_skip(self, reply: Refused, child: str) -> bool:
        error = reply.error
        if isinstance(error, NotFoundError):
            # The parent was deleted meanwhile.
            return True
        return isinstance(error, UnavailableError | ScopeError) and self._skips.allow(error, child)

    def _write(self, asked: _Asked, answer: object) -> None:
        child, question = asked.child, asked.child.question
        rows = question.with_keys(question.rows(answer), asked.parameters)
        rows = child.partition.rows(rows)
        child.writer.report_twins(rows)
        child.writer.write(rows)
