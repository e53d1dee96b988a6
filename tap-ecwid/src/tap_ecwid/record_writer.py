"""From a stream's rows to RECORD messages: converted, mapped, written and counted."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform

from ecwid_api.errors import EcwidError
from tap_ecwid.messages import EXACT
from tap_ecwid.records import compile_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from singer_sdk.mapper import StreamMap

    from ecwid_api.paging import Row
    from tap_ecwid.streams import EcwidStream


class MismatchError(EcwidError):
    """A value is not what the schema says, and the settings want the run to fail then."""


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
        self._row: Row = {}
        self._record_of = compile_record(
            stream.effective_schema,
            lambda crumb: stream.mask.get(crumb, True),
            self._report_unknown,
            self._mismatch,
            keep_unknown=stream.keeps_unknown_fields,
            row_type=lambda: stream.row_type,
        )

    def write(self, rows: Iterable[Row], *, deleted: bool = False) -> None:
        """Write rows as records. The rows are changed in place.

        Args:
            rows: The rows.
            deleted: Whether they are objects that were deleted.

        Raises:
            MismatchError: A value can't be converted, and the settings want the run to fail then.
        """
        stream = self._stream
        with stream.output:
            records = [record for row in rows if self._has_key(record := self._record(row))]
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
                    found = (self._mapped(stream_map, record) for record in records)
                    mapped = [record for record in found if record is not None]
                stream.writer.write_records(
                    stream_map.stream_alias, mapped, version=self._version, extracted=extracted
                )
            stream.count(len(records), deleted=deleted)

    def _mapped(self, stream_map: StreamMap, record: Row) -> Row | None:
        try:
            return stream_map.transform(record)
        except TypeError:
            # Python doesn't multiply an exact number with a float.
            rounded = msgspec.json.decode(EXACT.encode(record))
            mapped = stream_map.transform(rounded)
        if self._stream.mismatched("rounded for an expression") == 1:
            self._stream.log(
                "%s: a number with more digits than a float has is rounded for an expression of "
                "the stream map. Further ones are only counted",
                self._stream.name,
                level=logging.WARNING,
            )
        return mapped

    def report_twins(self, rows: Sequence[Row]) -> None:
        """Report rows of one answer or parent that have one key: a loader keeps only the last."""
        if len(rows) < 2:  # noqa: PLR2004 - a single row has no twin
            return
        names = self._stream.primary_keys
        whole = [row for row in rows if None not in map(row.get, names)]
        # A key from outside can be anything, also a list.
        keys = Counter(tuple([str(row[name]) for name in names]) for row in whole)
        for key, count in keys.items():
            if count > 1:
                self._report_twin(dict(zip(names, key, strict=True)))

    def _report_twin(self, key: Mapping[str, str]) -> None:
        if self._stream.mismatched("key twice") == 1:
            self._stream.log(
                "%s %s comes more than once from one place. All are written, and a loader keeps "
                "the last. Further ones are only counted",
                self._stream.name,
                key,
                level=logging.WARNING,
            )

    def _record(self, row: Row) -> Row:
        # For what is reported meanwhile.
        self._row = row
        return self._record_of(row)

    def _has_key(self, record: Row) -> bool:
        missing = [key for key in self._stream.primary_keys if record.get(key) is None]
        if missing and self._stream.mismatched(f"without {missing[0]}") == 1:
            self._stream.log(
                "A row of %s has no %s and is left out. Further ones are only counted",
                self._stream.name,
                " and no ".join(missing),
                level=logging.WARNING,
            )
        return not missing

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

    def _mismatch(self, field: str, value: object) -> Any:  # noqa: ANN401 - the record's value
        key = {name: self._row.get(name) for name in self._stream.primary_keys}
        problem = f"{self._stream.name} {key}: {field} has {_kind(value)}, against the schema"
        if self._stream.on_mismatch == "fail":
            raise MismatchError(f"{problem}. Set on_mismatch to null or keep to read on")
        kept = self._stream.on_mismatch == "keep"
        if self._stream.mismatched(field) == 1:
            self._stream.log(
                "%s; it is %s. Further ones are only counted",
                problem,
                "kept" if kept else "left out" if value is None else "set to null",
                level=logging.WARNING,
            )
        return value if kept else None


def _kind(value: object) -> str:
    """The kind of a value, for a message: values can be personal data."""
    if isinstance(value, str):
        return "text" if value.strip() else "empty text"
    names = {dict: "an object", list: "a list", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
