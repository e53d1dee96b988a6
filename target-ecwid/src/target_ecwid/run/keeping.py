"""Keeps rejected records for another try, until they, or newer ones, are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from target_ecwid.change.changes import Kind
from target_ecwid.outcome.conclusions import TWO_RECORDS, UNKNOWN
from target_ecwid.outcome.kept_records import KeptRecords, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from target_ecwid.outcome.kept_records import Kept
    from target_ecwid.outcome.outcomes import Outcome
    from target_ecwid.run.sink import Sink

_NEVER_AGAIN: Final = frozenset({UNKNOWN.reason, TWO_RECORDS})
"""Reasons that another try wouldn't find gone, although it might succeed."""


class Keeper:
    """Keeps a run's rejected records."""

    def __init__(self, folder: Path, source: str, *, keeps: bool) -> None:
        """Know what earlier runs kept.

        Args:
            folder: The store's work folder.
            source: The source's name.
            keeps: Whether what this run rejects is kept; not where nothing is written.

        Raises:
            WorkFolderError: That can't be read.
        """
        self._kept = KeptRecords(folder, source)
        self._keeps = keeps
        # Place in the input -> number of the kept record that is taken again.
        self._numbers: dict[int, int] = {}

    def again(self, streams: AbstractSet[str] | None) -> Iterator[Kept]:
        """The records that are kept now, the oldest first."""
        return self._kept.all(streams)

    def takes_again(self, kept: Kept, sequence: int) -> None:
        """A kept record comes again.

        Args:
            kept: The record.
            sequence: Its place in this run's input.
        """
        self._numbers[sequence] = kept.number

    def account(self, sink: Sink, outcomes: Sequence[Outcome]) -> None:
        """Keep what was rejected, and forget what was not; on disk afterwards.

        Args:
            sink: The records' stream.
            outcomes: What became of some of them.
        """
        stream = sink.job.stream
        told = [
            outcome
            for outcome in outcomes
            if outcome.kind is Kind.REJECTED or self._kept.has(stream)
        ]
        if not told or not self._keeps:
            return
        records = {one.sequence: one.record for one in sink.pending}
        self._kept.begin()
        for outcome in told:
            sequence = outcome.change.sequence
            record, again = records.get(sequence), self._numbers.pop(sequence, None)
            number = again or self._kept.number(sequence)
            came = record.came if record is not None else outcome.record
            values = record.named_values if record is not None else {}
            names = names_of(sink.job, sink.shape.key_properties, came, values)
            why = (outcome.reason, outcome.message)
            if outcome.kind is not Kind.REJECTED:
                self._kept.settle(number, stream, names)
            elif again is not None:
                self._kept.rejected_again(number, why)
            elif outcome.reason not in _NEVER_AGAIN:
                self._kept.keep(number, stream, sink.shape, came, names, why)
        self._kept.end()

    def close(self) -> None:
        """Give the file back."""
        self._kept.close()
