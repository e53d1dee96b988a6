"""From a stream's rows to RECORD messages: converted, mapped, written and counted."""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform

from tap_ecwid.records import compile_record
from tap_ecwid.schema import disputed_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_api.paging import Row
    from tap_ecwid.streams import EcwidStream


class RecordWriter:
    """Writes the rows of a stream."""

    def __init__(self, stream: EcwidStream, version: int | None, max_records: int | None) -> None:
        """Compile the conversion.

        Args:
            stream: The stream.
            version: Version of the table that the records belong to; None without versions.
            max_records: The most records to write; None for all.
        """
        self._stream = stream
        self._version = version
        self._left = max_records
        self._record_of = compile_record(
            stream.effective_schema,
            lambda crumb: stream.mask.get(crumb, True),
            self._report_unknown,
            as_text=disputed_texts(stream.entity),
            keep_unknown=stream.keeps_unknown_fields,
        )

    def _report_unknown(self, field: str) -> None:
        if field not in self._stream.reported_fields:
            self._stream.reported_fields.add(field)
            kept = "kept" if self._stream.keeps_unknown_fields else "left out"
            self._stream.log(
                "Ecwid gives a field that is not in the schema, and it is %s: %s",
                kept,
                field,
                level=logging.WARNING,
            )

    def write(self, rows: Iterable[Row]) -> None:
        """Write rows as records. The rows are changed in place."""
        stream = self._stream
        with stream.output:
            records = [self._record_of(row) for row in rows]
            if self._left is not None:
                del records[max(0, self._left) :]
                self._left -= len(records)
            extracted = dt.datetime.now(dt.UTC).isoformat()
            for stream_map in stream.stream_maps:
                if isinstance(stream_map, RemoveRecordTransform):
                    continue
                if type(stream_map) is SameRecordTransform and not stream_map.flattening_enabled:
                    mapped = records
                else:
                    mapped = [m for r in records if (m := stream_map.transform(r)) is not None]
                stream.writer.write_records(
                    stream_map.stream_alias, mapped, version=self._version, extracted=extracted
                )
            stream.count(len(records))
