"""Where a stream's rows leave: pruned, mapped, written and counted."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform

from tap_ecwid.pruning import compile_pruner
from tap_ecwid.schema import disputed_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_api.paging import Row
    from tap_ecwid.streams import EcwidStream


class Outlet:
    """Takes the rows of a stream."""

    def __init__(self, stream: EcwidStream, version: int | None, most: int | None) -> None:
        """Compile what is done with each row.

        Args:
            stream: Whose rows.
            version: Table version that the records belong to; None where there are no versions.
            most: Records at the most; None for all.
        """
        self._stream = stream
        self._version = version
        self._left = most
        self.count = 0
        self.prune = compile_pruner(
            stream.effective_schema,
            lambda crumb: stream.mask.get(crumb, True),
            self._unknown,
            as_text=disputed_texts(stream.entity),
            keep_unknown=stream.keeps_unknown_fields,
        )

    @property
    def full(self) -> bool:
        """Whether no more records are wanted."""
        return self._left is not None and self._left <= 0

    def _unknown(self, field: str) -> None:
        if field not in self._stream.warned_of:
            self._stream.warned_of.add(field)
            kept = "kept" if self._stream.keeps_unknown_fields else "left out"
            self._stream.log(
                "Ecwid gives a field that is not in the schema, and it is %s: %s",
                kept,
                field,
                level=logging.WARNING,
            )

    def write(self, rows: Iterable[Row]) -> None:
        """Write the rows as records."""
        records = [self.prune(row) for row in rows]
        if self._left is not None:
            del records[max(0, self._left) :]
            self._left -= len(records)
        extracted = dt.datetime.now(dt.UTC).isoformat()
        for stream_map in self._stream.stream_maps:
            if isinstance(stream_map, RemoveRecordTransform):
                continue
            if type(stream_map) is SameRecordTransform and not stream_map.flattening_enabled:
                mapped = records
            else:
                mapped = [m for r in records if (m := stream_map.transform(r)) is not None]
            self._stream.writer.write_records(
                stream_map.stream_alias, mapped, version=self._version, extracted=extracted
            )
        self.count += len(records)
