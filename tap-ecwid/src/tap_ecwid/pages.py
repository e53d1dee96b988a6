"""Pages of rows of a stream on one store, with the children's rows that come with them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from tap_ecwid.children import ChildRequests, EmbeddedChild, RequestedChild
from tap_ecwid.partition import Partition
from tap_ecwid.questions import question_of
from tap_ecwid.record_writer import RecordWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_api.paging import Row
    from tap_ecwid.skips import Skips


class PageWriter:
    """Writes rows of a stream, and those of their children whose parents pass its filter.

    Attributes:
        written: The stream and its children, those of them that are written.
    """

    def __init__(
        self, own: Partition, skips: Skips, until: int, left_out: frozenset[str] = frozenset()
    ) -> None:
        """Compile the conversions.

        Args:
            own: The stream on the store.
            skips: Decides whether a refused child is left out.
            until: Start of the reading, in unix seconds by Ecwid's clock.
            left_out: Names of the children to leave out.
        """
        stream = own.stream
        self._stream = stream
        self._store = own.store
        self._skips = skips
        self._until = until
        self._children = [
            Partition(child, own.store)
            for child in stream.children
            if child.is_written and child.name not in left_out
        ]
        self.written = [*([own] if stream.is_written else []), *self._children]
        version = None if stream.reads_changes else stream.table_version
        self._writers = {
            p.name: RecordWriter(p.stream, version, stream.max_records) for p in self.written
        }

    def write(self, rows: Sequence[Row], *, twins: bool = False) -> None:
        """Write rows that are there; they are changed in place.

        Args:
            rows: The rows.
            twins: Whether rows of one key are reported.
        """
        # Writing changes the rows: the children's are taken out before.
        embedded, requested = self._embedded, self._requested
        taken = [child.take(rows) for child in embedded]
        if self._stream.is_written:
            writer = self._writers[self._stream.name]
            if twins:
                writer.report_twins(rows)
            writer.write(rows)
        if not embedded and not requested:
            return
        if self._stream.is_mapped_out:
            # Its children are wanted, or it would not be read.
            kept = [True] * len(rows)
        else:
            kept = [self._stream.stream_maps[0].get_filter_result(row) for row in rows]
        for child, inner in zip(embedded, taken, strict=True):
            child.write(r for r, keep in zip(inner, kept, strict=True) if keep)
        requested.add(row for row, keep in zip(rows, kept, strict=True) if keep)

    def write_deleted(self, rows: Sequence[Row]) -> None:
        """Write rows of objects that were deleted."""
        self._writers[self._stream.name].write(rows, deleted=True)

    def finish(self) -> None:
        """Write all children that were asked for."""
        self._requested.finish()

    @functools.cached_property
    def _embedded(self) -> list[EmbeddedChild]:
        return [
            EmbeddedChild(child, child.entity.embedded, self._writers[child.name])
            for child in self._children
            if child.entity.embedded is not None
        ]

    @functools.cached_property
    def _requested(self) -> ChildRequests:
        children = [
            RequestedChild(
                child,
                child.entity.per_value,
                question_of(child, self._until, None),
                self._writers[child.name],
            )
            for child in self._children
            if child.entity.per_value is not None
        ]
        return ChildRequests(children, self._store.source, self._skips, self._stream.max_records)
