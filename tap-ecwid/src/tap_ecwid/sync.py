"""One stream on one store, with its children: what is asked, written and remembered.

A stream that is read by time of change is read twice in a run: first what has settled, and at the
end of the run what has changed since (``Closing``). So a run misses nothing that was there all
along, though the shop changes meanwhile.

The path of a row: ``questions`` (what is asked) → ``readings`` (pages) → ``partition`` (fields that
payloads lack) → ``pages`` → ``children`` → ``record_writer`` → ``messages``. The state moves when a
window is complete (``bookmarks``).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ecwid_api.errors import ScopeError, UnavailableError
from ecwid_api.list_end import too_long
from ecwid_api.windows import Window
from ecwid_plugin.progress import Progress, screen
from tap_ecwid.bookmarks import Bookmarks
from tap_ecwid.deletions import DeletionHistory
from tap_ecwid.moments import time_of_change
from tap_ecwid.pages import PageWriter
from tap_ecwid.partition import Partition
from tap_ecwid.questions import Later, question_of
from tap_ecwid.readings import reading_of
from tap_ecwid.skips import Skips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_api.paging import Row
    from tap_ecwid.questions import Question
    from tap_ecwid.readings import Reading
    from tap_ecwid.store import Store
    from tap_ecwid.streams import EcwidStream


# A list can be read several times, and its windows can have rows in common.
_READINGS: Final = 10


@dataclass(frozen=True, slots=True)
class Closing:
    """What is left to read of a stream at the end of the run.

    Attributes:
        question: What to ask.
        until: Start of the run, in unix seconds by Ecwid's clock.
        left_out: Names of the children of which something was left out: they are incomplete.
        short: Whether Ecwid counts more rows than it gave.
        deleted: The deletions that are written already.
    """

    question: Question
    until: int
    left_out: frozenset[str]
    short: bool
    deleted: frozenset[tuple[object, ...]]


class Sync:
    """One reading of a stream and its children on a store."""

    def __init__(self, stream: EcwidStream, store: Store, closing: Closing | None = None) -> None:
        """Ask for the first pages; the others follow in ``run``.

        Args:
            stream: A stream without a parent.
            store: The store.
            closing: What an earlier reading of this run has left for its end.

        Raises:
            SettingError: The stream's settings or its state can't be used.
        """
        self._stream = stream
        self._store = store
        self._own = Partition(stream, store)
        self._skips = Skips(self._own)
        self._until = closing.until if closing else store.now()
        left_out = closing.left_out if closing else frozenset()
        self._pages = PageWriter(self._own, self._skips, self._until, left_out)
        self._written = self._pages.written
        self._bookmarks = Bookmarks(self._own, self._written, self._skips, self._until)
        self._question = closing.question if closing else self._whole_question()
        self._complete = not stream.names_values and self._question.max_rows is None
        unchanged = self._is_unchanged_since(stream.unsettled) if closing else self._is_unchanged()
        self._deletions_until = store.now() if closing else self._until
        known = closing is not None and self._is_unchanged_since(0)
        deleted = closing.deleted if closing else frozenset()
        self._deletions = None if known else self._deletion_history(deleted)
        self._short = closing is not None and closing.short
        self._reading: Reading | None = None
        if not unchanged:
            self._reading = reading_of(self._question, store.source, self._skips)

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing was to be read."""
        return self._reading is None

    @property
    def left_out(self) -> frozenset[str]:
        """Names of the streams of which something was left out."""
        return frozenset(self._skips.streams)

    @property
    def closing(self) -> Closing | None:
        """What is left to read at the end of the run; None if nothing is."""
        span = self._question.span
        if self._reading is None or not self._complete or not isinstance(span, Window):
            return None
        if self._own.name in self.left_out:
            return None
        question = replace(self._question, span=Later(span.until + 1, self._until))
        deleted = self._deletions.known if self._deletions else frozenset()
        return Closing(question, self._until, self.left_out, self._short, deleted)

    def _whole_question(self) -> Question:
        bookmark = self._bookmarks.changed_until if self._stream.incremental else None
        return question_of(self._own, self._until, bookmark)

    def _is_unchanged_since(self, before: int) -> bool:
        """Whether nothing has changed since so many seconds before the run's start."""
        stream = self._stream
        changed = self._store.last_change(stream.entity.latest_stats)
        # The target deletes what a complete reading doesn't have: that must not depend on a
        # report.
        trusted = stream.reads_changes and stream.skips_unchanged
        return trusted and changed is not None and changed < self._until - before

    def _is_unchanged(self) -> bool:
        """Whether nothing has changed since the last run that read everything."""
        stream, entity = self._stream, self._stream.entity
        if not self._complete or not stream.skips_unchanged:
            return False
        if not stream.reads_changes and (entity.updates or self._store.context is not None):
            # It's to be read in full; or the table has one version for all stores, so that each
            # store has to be read.
            return False
        changed = self._store.last_change(entity.latest_stats)
        read_until = self._bookmarks.complete_until
        if changed is None or read_until is None:
            return False
        same_question = self._bookmarks.answered(self._question.fingerprint)
        return same_question and changed < read_until.timestamp() - stream.unsettled

    def _deletion_history(self, known: frozenset[tuple[object, ...]]) -> DeletionHistory | None:
        stream, deletions = self._stream, self._stream.entity.deletions
        if not (self._complete and stream.reads_changes and stream.is_written):
            return None
        read_until = self._bookmarks.deletions_read_until
        if deletions is None or read_until is None or not stream.writes_deletions:
            return None
        since = int(read_until.timestamp()) - stream.lookback
        return DeletionHistory(deletions, self._store, since, self._deletions_until, known)

    def run(self) -> frozenset[str]:
        """Write all records of the stream and of its children.

        Returns:
            Names of the streams whose tables are complete with these records, in a new version.

        Raises:
            EcwidError: The store can't be read any further.
        """
        try:
            self._write()
        except (UnavailableError, ScopeError) as error:
            if not self._skips.allow(error):
                raise
            return frozenset()
        partial = not self._complete or self._short or self.closing is not None
        if partial or self._reading is None or self._stream.reads_changes:
            return frozenset()
        return frozenset(p.name for p in self._written) - self.left_out

    def _write(self) -> None:
        if self._reading is not None:
            self._write_rows(self._reading)
        if self._deletions is not None:
            self._write_deletions(self._deletions)
        if self._complete and not self._short and self._reading is not None:
            self._bookmarks.set_complete(self._until, self._question.fingerprint)

    def _write_rows(self, reading: Reading) -> None:
        """Write what the shop has now; after each window, move the bookmark."""
        stream = self._stream
        moves = stream.reads_changes and self._complete
        deletions_follow = moves and stream.entity.deletions and stream.writes_deletions
        progress = Progress(
            self._own.title, lambda words: self._own.log("%s", words), screen=screen()
        )
        newest, done = "", 0
        most_rows = self._store.source.client.http.max_list_rows
        for chunk in reading.chunks():
            stream.check_interrupted()
            if deletions_follow:
                self._bookmarks.start_deletions(self._until)
            rows = self._own.rows(chunk.rows)
            self._pages.write(rows, twins=self._question.operation.answer != "page")
            if chunk.short and not self._short:
                self._short = True
                self._own.log(
                    "%s. All that it gives is read, and nothing is taken for deleted",
                    chunk.short,
                    level=logging.WARNING,
                )
            if moves:
                newest = max((newest, *self._times_of_change(rows)))
                if chunk.completes is not None:
                    self._pages.finish()
                    self._bookmarks.move(newest, chunk.completes)
            done += len(rows)
            if done > _READINGS * most_rows:
                raise too_long(self._own.title, most_rows)
            progress.at(done, chunk.total)
        self._pages.finish()
        progress.end()

    def _times_of_change(self, rows: Sequence[Row]) -> list[str]:
        key = self._stream.replication_key or ""
        schema = self._stream.entity.fields.get(key, {})
        return [time_of_change(row.get(key), schema) for row in rows]

    def _write_deletions(self, history: DeletionHistory) -> None:
        for rows in history.pages():
            self._stream.check_interrupted()
            self._pages.write_deleted(rows)
        if history.short:
            self._own.log("%s. Deletions may be missing", history.short, level=logging.WARNING)
        self._bookmarks.set_deletions_read(self._deletions_until)
