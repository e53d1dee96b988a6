"""The streams: a class for each entity, made from the catalogue.

The SDK links parents and children by class, so each entity has one; none is written by hand.
A stream takes chunks from its reading, passes them through its outlet and its children's outlets,
and moves its bookmark when a window is complete. State never runs ahead of what was written.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform
from singer_sdk.streams.core import Stream

from ecwid_api.entities import ENTITIES
from tap_ecwid.pruning import compile_pruner, iso_time
from tap_ecwid.schema import DELETED_AT, disputed_texts, stream_schema
from tap_ecwid.settings import parse_moment

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from singer_sdk.helpers.types import Context, Record

    from ecwid_api.entities import Entity
    from ecwid_api.paging import Row, Scan
    from ecwid_api.windows import Window
    from tap_ecwid.reading import ListReading, ObjectReading
    from tap_ecwid.tap import TapEcwid

DELETIONS_BOOKMARK: Final = "deletions_read_until"
"""Key in a stream's state: the moment until which its deletions were read, in ISO 8601."""

_PROGRESS_SECONDS: Final = 10.0


class Outlet:
    """Where a stream's rows leave: pruned, mapped, written and counted."""

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
        self._warned: set[str] = set()
        self.count = 0
        self.prune = compile_pruner(
            stream.effective_schema,
            lambda crumb: stream.mask.get(crumb, True),
            self._unknown,
            as_text=disputed_texts(stream.entity),
        )

    def _unknown(self, field: str) -> None:
        if field not in self._warned:
            self._warned.add(field)
            self._stream.log(
                "Ecwid gives a field that is not in the schema, and it is left out: %s",
                field,
                level=logging.WARNING,
            )

    def write(self, rows: Iterable[Row]) -> None:
        """Write the rows as records."""
        records = [self.prune(row) for row in rows]
        if self._left is not None:
            del records[self._left :]
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


@dataclasses.dataclass(frozen=True, slots=True)
class _Begun:
    """What a stream has asked for ahead.

    Attributes:
        reading: Its objects.
        until: Changes until then are read, in unix seconds; None where the stream is read whole.
        deletions: Its deletion history since the last run; None where there is none to read.
    """

    reading: ListReading | ObjectReading
    until: int | None = None
    deletions: Scan | None = None


class EcwidStream(Stream):
    """A stream of an entity. Subclasses differ in ``entity`` alone."""

    entity: ClassVar[Entity]
    _tap: TapEcwid

    def __init__(self, tap: TapEcwid) -> None:
        super().__init__(tap, schema=stream_schema(self.entity), name=self.entity.name)
        self.primary_keys = self.entity.keys
        self.replication_key = self.entity.updates.field if self.entity.updates else None
        # One bookmark a stream, also where its rows hang below a parent's.
        self.state_partitioning_keys = ()
        self._begun: _Begun | None = None

    # What the SDK asks of a stream

    @property
    def writer(self) -> Any:  # noqa: ANN401 - the tap's own writer class
        """The tap's message writer."""
        return self._tap.message_writer

    @property
    def emit_activate_version_messages(self) -> bool:
        """False: the SDK would send the message before the records; ours comes after the last."""
        return False

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """None: the window's frozen end does what a signpost would."""

    def log(self, message: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Log a message, except that the SDK's word on an exception is left to who handles it."""
        if not message.startswith("An unhandled error occurred"):
            super().log(message, *args, **kwargs)

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """Payloads as they come, unpruned."""
        del context
        for chunk in self._take_begun().reading.chunks():
            yield from chunk.rows

    # Beginning

    @property
    def incremental(self) -> bool:
        """Whether only changes are read: the catalog may ask for all."""
        updates = self.entity.updates
        return (
            updates is not None
            and self.replication_method == "INCREMENTAL"
            and self.replication_key == updates.field
        )

    def _written_with(self) -> list[EcwidStream]:
        """The selected streams whose records come out of this one's requests."""
        return [s for s in (self, *self.child_streams) if s.selected and isinstance(s, EcwidStream)]

    def _bookmark(self) -> dt.datetime | None:
        """Until when all streams that are written here are complete; None if one has nothing."""
        bookmarks = []
        for stream in self._written_with():
            state = stream.stream_state
            value = state.get("replication_key_value")
            if state.get("replication_key") != self.replication_key or not isinstance(value, str):
                return None
            bookmarks.append(parse_moment(value))
        return min(bookmarks, default=None)

    def _since(self, moment: dt.datetime) -> int:
        return int(moment.timestamp()) - int(self.config.get("lookback_seconds", 0))

    def begin(self) -> None:
        """Ask for the first page; the rest follows when the stream is read."""
        if self._begun is not None:
            return
        from ecwid_api.windows import Window  # noqa: PLC0415 - only a run needs it
        from tap_ecwid import reading  # noqa: PLC0415

        source = self._tap.source
        if self.entity.updates is None:
            self._begun = _Begun(reading.begin(self.entity, source, None))
            return
        until = int(source.client.server_time())
        # The search shows a change late, and a second is long: what is fresher than this can
        # still change its place under a reader. The next run reads it again.
        settled = until - max(1, self.config["lookback_seconds"])
        fresh = self._tap.changed_after(settled, self.entity.latest_stats)
        if not self.incremental:
            span = reading.Span(since=None, until=until, settled=settled, fresh=fresh)
            self._begun = _Begun(reading.begin(self.entity, source, span))
            return
        bookmark = self._bookmark()
        since = None if bookmark is None else self._since(bookmark)
        if since is None and self.config.get("start_date"):
            since = int(parse_moment(self.config["start_date"]).timestamp())
        span = reading.Span(since=since, until=until, settled=settled, fresh=fresh)
        deletions = None
        read_until = self.stream_state.get(DELETIONS_BOOKMARK)
        if self.entity.deletions and read_until and self.selected:
            missing = Window(self._since(parse_moment(read_until)), until)
            deletions = source.deletions(self.entity.deletions.path, missing)
        self._begun = _Begun(reading.begin(self.entity, source, span), until, deletions)

    def _take_begun(self) -> _Begun:
        self.begin()
        begun, self._begun = self._begun, None
        if begun is None:
            raise RuntimeError("begin() leaves something begun")
        return begun

    # Reading and writing

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write all messages of this stream and of its children, whose rows stand in its own."""
        del context, write_messages
        most = self.ABORT_AT_RECORD_COUNT
        begun = self._take_begun()
        self._tap.begin_after(self)

        version = None if begun.until else self._tap.table_version
        streams = self._written_with()
        outlets = {s.name: Outlet(s, version, most) for s in streams}
        for child in streams:
            if child is not self:
                child._write_schema_message()  # noqa: SLF001 - a sibling's
        with self.get_sync_timer():
            self._write_current(begun, outlets, most)
            if begun.until and most is None and self.name in outlets:
                self._write_deletions(begun.until, begun.deletions, outlets[self.name])
        if version is not None and most is None and self.config["emit_activate_version_messages"]:
            for stream in streams:
                stream._write_activate_version_message(version)  # noqa: SLF001
        for stream in streams:
            with stream.get_record_counter() as counter:
                counter.increment(outlets[stream.name].count)
        self.state_manager.is_flushed = False
        self._write_state_message()
        yield from ()

    def _write_current(
        self, begun: _Begun, outlets: Mapping[str, Outlet], most: int | None
    ) -> None:
        """Write what the shop holds now, and move the bookmark after each window."""
        if begun.until and most is None and self.entity.deletions:
            # Whatever is deleted from here on may have been written before.
            self.stream_state.setdefault(DELETIONS_BOOKMARK, _iso(begun.until))
        newest = ""
        told = time.monotonic()
        done = 0
        for chunk in begun.reading.chunks(most):
            self._tap.check_interrupted()
            rows = [self._complete(row) for row in chunk.rows]
            if self.name in outlets:
                outlets[self.name].write(rows)
            for child in self.child_streams:
                if child.name in outlets and isinstance(child, EcwidStream):
                    outlets[child.name].write(self._rows_of(child.entity, rows))
            if self.replication_key and rows:
                newest = max(newest, *(iso_time(r.get(self.replication_key)) or "" for r in rows))
            if chunk.completes and begun.until and most is None:
                self._move_bookmark(newest, chunk.completes)
            done += len(rows)
            if time.monotonic() - told > _PROGRESS_SECONDS:
                told = time.monotonic()
                self.log("%d of %d", done, chunk.total)
            if most is not None and done >= most:
                return

    def _complete(self, row: Row) -> Row:
        """Add the fields that the record has and the payload keeps elsewhere."""
        for name, place in self.entity.added.items():
            value: Any = row
            for part in place.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            row[name] = value
        return row

    def _rows_of(self, child: Entity, rows: Iterable[Row]) -> Iterable[Row]:
        """The child's rows that stand in this stream's."""
        place = child.embedded
        if place is None:
            return
        primary = self.stream_maps[0]
        for row in rows:
            if not primary.get_filter_result(row):
                continue
            keys = {name: row[of_parent] for name, of_parent in place.keys.items()}
            for inner in row.get(place.field) or ():
                yield {**keys, **inner}

    def _write_deletions(self, until: int, scan: Scan | None, outlet: Outlet) -> None:
        """Write a record for each object that was deleted since the last run."""
        deletions = self.entity.deletions
        if deletions is None or scan is None:
            return
        for page in scan.pages():
            self._tap.check_interrupted()
            outlet.write(
                {
                    **{field: item.get(of_item) for field, of_item in deletions.keys.items()},
                    DELETED_AT: item.get("date"),
                }
                for item in page.items
            )
        self.stream_state[DELETIONS_BOOKMARK] = _iso(until)

    # State

    def _move_bookmark(self, newest: str, window: Window) -> None:
        """Set the bookmark to the newest change that was written, and tell the target."""
        if not newest:
            return
        moment = min(parse_moment(newest), parse_moment(_iso(window.until)))
        before = self._bookmark()
        if before is not None and moment <= before:
            return
        for stream in self._written_with():
            stream.stream_state["replication_key"] = self.replication_key
            stream.stream_state["replication_key_value"] = moment.isoformat()
        self.state_manager.is_flushed = False
        self._write_state_message()


def _iso(unix_seconds: int) -> str:
    return dt.datetime.fromtimestamp(unix_seconds, dt.UTC).isoformat()


def stream_classes() -> list[type[EcwidStream]]:
    """A class for each entity of the catalogue, parents linked."""
    made: dict[str, type[EcwidStream]] = {}
    for entity in ENTITIES.values():
        parent = made[entity.embedded.parent] if entity.embedded else None
        made[entity.name] = type(
            f"{entity.name.title().replace('_', '')}Stream",
            (EcwidStream,),
            {"entity": entity, "name": entity.name, "parent_stream_type": parent, "__doc__": None},
        )
    return list(made.values())
