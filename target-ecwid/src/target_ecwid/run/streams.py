"""The streams of a run: their records are written parents first, and what must wait waits."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from target_ecwid.change.changes import Kind
from target_ecwid.outcome.outcomes import LOGGER, RejectedRecordError
from target_ecwid.run.order import rank_of
from target_ecwid.run.removals import removals
from target_ecwid.run.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from target_ecwid.outcome.outcomes import Ledger, Outcome
    from target_ecwid.outcome.steps import Result
    from target_ecwid.run.keeping import Keeper
    from target_ecwid.run.sink import Sink
    from target_ecwid.shop.workplace import Workplace

_POLLS: Final = (1.0, 1.0, 2.0, 3.0)
"""Seconds between two looks for what may have been created; the last one repeats."""

_MOST_REMOVALS: Final = 100
"""How many objects of a stream a run without guards may take away."""


class Streams:
    """The streams of a run.

    Attributes:
        sinks: Stream -> its records.
        lenient: Whether a rejected record ends nothing, whatever the settings say.
    """

    def __init__(
        self,
        workplace: Workplace,
        config: Mapping[str, Any],
        ledger: Ledger,
        keeper: Keeper,
        check_interrupted: Callable[[], None],
    ) -> None:
        """Begin without streams.

        Args:
            workplace: The store's.
            config: The settings.
            ledger: Takes outcomes.
            keeper: Keeps rejected records.
            check_interrupted: Raises if the run must end.
        """
        self.sinks: dict[str, Sink] = {}
        self._workplace = workplace
        self.lenient = False
        self._journal, self._client = workplace.journal, workplace.client
        self._batch_size: int = config["batch_size"]
        self._ledger = ledger
        self._keeper = keeper
        self._check_interrupted = check_interrupted
        self._waiting = Waiting()

    @property
    def _plans(self) -> bool:
        """Whether nothing is written yet, and a plan is made."""
        return self._workplace.shop.planning is not None

    @property
    def oldest(self) -> int | None:
        """Place in the input of the first record without an outcome."""
        places = [sink.oldest for sink in self.sinks.values()] + [self._waiting.oldest]
        return min((place for place in places if place is not None), default=None)

    def waits(self, stream: str) -> bool:
        """Whether records of a stream wait."""
        return stream in self._waiting.streams()

    def report(self) -> None:
        """Log what became of fields that were not written as they came."""
        for sink in self.sinks.values():
            sink.report()

    def close(self) -> None:
        """Give back what records waited in."""
        self._waiting.close()

    def _in_order(self) -> list[str]:
        """The streams in the order in which they are written: parents first, then calls."""
        return sorted(self.sinks, key=lambda stream: rank_of(self.sinks[stream].job))

    def drain_all(self) -> None:
        """Write all records, parents first."""
        for stream in self._in_order():
            self._write(stream)

    def drain(self, stream: str) -> None:
        """Write a stream's records, and before them what they may refer to."""
        rank = rank_of(self.sinks[stream].job)
        for other in self._in_order():
            if rank_of(self.sinks[other].job) < rank:
                self._write(other)
        self._write(stream)

    def _write(self, stream: str, expected: Container[str] | None = None) -> None:
        """Write a stream's records; by default, records of all entities can still come."""
        sink = self.sinks[stream]
        if expected is None:
            expected = self._entities(self.sinks)
        while len(sink):
            result = sink.wave(held=self._waiting.held(stream), expected=expected)
            self.account(sink, result)
            sink.keep(result.again)
            self._waiting.add(stream, result.waiting)
            if len(sink):
                self._check_interrupted()

    def _entities(self, streams: Iterable[str]) -> frozenset[str]:
        entities = (self.sinks[stream].job.entity for stream in streams)
        return frozenset(entity.name for entity in entities if entity is not None)

    def account(self, sink: Sink, result: Result) -> None:
        """Have outcomes on disk; then raise what ends the run."""
        if not self._plans:
            self._journal.keep_keys()
        self._keeper.account(sink, result.outcomes)
        self._ledger.write(result.outcomes)
        if result.failure is not None:
            raise result.failure
        self.end_on_rejection(sink, result.outcomes)

    def end_on_rejection(self, sink: Sink, outcomes: Iterable[Outcome]) -> None:
        """End the run where a record was rejected, and the settings say so.

        Raises:
            RejectedRecordError: One was.
        """
        if sink.job.skips_rejected or self.lenient:
            return
        for outcome in outcomes:
            if outcome.kind is Kind.REJECTED:
                raise RejectedRecordError(outcome, self._ledger.folder)

    def write_waiting(self) -> None:
        """Write what has waited, round by round: what one writes, others may have waited for."""
        count = len(self._waiting)
        if count:
            LOGGER.info("%d records waited for what they refer to", count)
        before = None
        polls = itertools.chain(_POLLS, itertools.repeat(_POLLS[-1]))
        while count:
            moved = count != before
            doubt = self._journal.doubts.left
            if not moved and doubt:
                self._client.pacer.sleep(min(doubt + 0.01, next(polls)))
                self._check_interrupted()
            # Nothing moved in the last round: nothing will.
            expected = self._entities(self._waiting.streams()) if moved or doubt else ()
            self._write_what_waits(expected)
            before, count = count, len(self._waiting)

    def write_what_waits(self) -> None:
        """Write what has waited; records of all entities can still come."""
        self._write_what_waits(self._entities(self.sinks))

    def _write_what_waits(self, expected: Container[str]) -> None:
        for stream in self._in_order():
            together = self.sinks[stream].writer.follower.together
            for piece in self._waiting.release(stream, together=together):
                self.sinks[stream].take_again(piece)
                self._write(stream, expected)

    def remove_unseen(self, sink: Sink) -> None:
        """Take away the objects that a complete stream did not have.

        Raises:
            EcwidError: There are too many, or Ecwid fails.
        """
        # A plan is judged as a whole.
        limit = None if self._plans else _MOST_REMOVALS
        planned = removals(sink.writer, limit)
        if planned is None:
            LOGGER.warning(
                "%s: objects that the stream did not have stay in the shop: their list can't be "
                "read completely",
                sink.job.stream,
            )
            return
        for start in range(0, len(planned), self._batch_size):
            self.account(sink, sink.writer.apply(planned[start : start + self._batch_size]))
