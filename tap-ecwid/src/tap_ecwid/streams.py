"""The streams: a class for each entity of Ecwid.

The SDK links parents and children by class, so each entity has one; none is written by hand. A
stream knows its schema, its selection and its settings; ``sync`` reads it, store by store.
"""

from __future__ import annotations

import functools
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar, Final

from singer_sdk.mapper import RemoveRecordTransform
from singer_sdk.streams.core import Stream

from ecwid_api.entities import ENTITIES
from ecwid_plugin.routine_lines import demote
from tap_ecwid.conversion import letters
from tap_ecwid.row_types import RowTypes
from tap_ecwid.schema import primary_keys, stream_schema
from tap_ecwid.selection import selected_fields, with_fields
from tap_ecwid.stream_settings import reader_for, settings_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Iterable, Mapping

    from singer_sdk.helpers.types import Context, Record

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from tap_ecwid.base import TapBase
    from tap_ecwid.selection import Fields
    from tap_ecwid.stream_settings import StreamSettings

_BETWEEN_STATES: Final = 5.0
"""Seconds between two states of several stores: what a killed run has to read again."""


class EcwidStream(Stream):
    """A stream of an entity. Subclasses differ in ``entity`` alone."""

    entity: ClassVar[Entity]
    _tap: TapBase

    def __init__(self, tap: TapBase) -> None:
        many = tap.has_many_stores
        schema = stream_schema(self.entity, many_stores=many)
        super().__init__(tap, schema=schema, name=self.entity.name)
        self.primary_keys = primary_keys(self.entity, many_stores=many)
        self.replication_key = self.entity.updates.field if self.entity.updates else None
        # One bookmark for each stream and store, also for children.
        self.state_partitioning_keys = ("store_id",) if many else ()
        self.settings: StreamSettings = settings_of(tap.config, self.name)
        self.reported_fields: set[str] = set()
        self.records = self.deletions = 0
        demote(self.logger)
        self._mismatches: Counter[str] = Counter()

    # Called by the SDK

    @property
    def emit_activate_version_messages(self) -> bool:
        """False: the SDK would send the message before the records. The tap sends it after them."""
        return False

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """None: no bookmark passes the end of the window that is read."""

    def log(self, message: str, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Log a message, but not the SDK's about an exception: who handles it reports it."""
        if not message.startswith("An unhandled error occurred"):
            super().log(message, *args, **kwargs)

    def get_records(self, context: Context | None) -> Iterable[Record]:
        """The records, for programs: ``sync`` writes them page by page.

        Raises:
            EcwidError: The shop can't be read.
        """
        del context
        return self._tap.records(self.name)

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write all messages of this stream and of its children, of all stores."""
        del context, write_messages
        for child in self.children:
            if child.selected:
                child.write_schema()
        with self.get_sync_timer():
            self._tap.sync_stream(self)
        yield from ()

    # Called while a store is read

    @property
    def children(self) -> list[EcwidStream]:
        """The streams whose records come with this one's."""
        return [child for child in self.child_streams if isinstance(child, EcwidStream)]

    @property
    def written(self) -> list[EcwidStream]:
        """This stream and its children, those of them that are selected."""
        return [stream for stream in (self, *self.children) if stream.is_written]

    @property
    def is_written(self) -> bool:
        """Whether it is selected, and not left out by a stream map."""
        return self.selected and not self.is_mapped_out

    @property
    def is_mapped_out(self) -> bool:
        """Whether a stream map leaves the whole stream out."""
        return all(isinstance(one, RemoveRecordTransform) for one in self.stream_maps)

    @property
    def writer(self) -> Any:  # noqa: ANN401 - the tap's own writer class
        """The tap's message writer."""
        return self._tap.message_writer

    @property
    def output(self) -> threading.RLock:
        """The lock to hold while writing messages or changing state."""
        return self._tap.output

    @property
    def lookback(self) -> int:
        """How many seconds before its bookmark an incremental run starts."""
        seconds: int = self.config["lookback_seconds"]
        return seconds

    @property
    def unsettled(self) -> int:
        """How many seconds before the start of a run there still can be other changes.

        Ecwid's search shows a change late, and a second is long: a row that changed so recently
        can still change its place during the reading. The next run reads these times again.
        """
        return max(1, self.lookback)

    @property
    def table_version(self) -> int:
        """Version of the tables that this run reads in full."""
        return self._tap.table_version

    @property
    def keeps_unknown_fields(self) -> bool:
        """Whether fields that are not in the schema stay in the record."""
        return bool(self.config["unknown_fields"] == "keep")

    @property
    def writes_deletions(self) -> bool:
        """Whether deleted objects come as records."""
        return bool(self.config["deletion_records"])

    @property
    def skips_unchanged(self) -> bool:
        """Whether a stream is left out if latest-stats shows that nothing has changed."""
        return bool(self.config["skip_unchanged"])

    @property
    def skips_unavailable(self) -> bool:
        """Whether what the scopes or the plan don't include is left out."""
        return bool(self.config["on_unavailable"] == "skip")

    @property
    def on_mismatch(self) -> str:
        """What becomes of values that don't fit the schema: null, fail or keep."""
        return str(self.config["on_mismatch"] or "null")

    @property
    def max_records(self) -> int | None:
        """The most records to write, in a dry run of the SDK; None for all."""
        return self.ABORT_AT_RECORD_COUNT

    @property
    def names_values(self) -> bool:
        """Whether the settings name the objects to read, in place of all."""
        return self.settings.names_values(self.entity)

    @property
    def incremental(self) -> bool:
        """Whether only changes are read by default; the catalog can ask for everything."""
        updates = self.entity.updates
        return (
            updates is not None
            and self.replication_method == "INCREMENTAL"
            and self.replication_key == updates.field
        )

    @property
    def reads_changes(self) -> bool:
        """Whether this run reads changes, and not whole tables."""
        return self.incremental and not self.names_values

    @functools.cached_property
    def operation(self) -> Operation:
        """The operation that reads the stream's objects.

        Raises:
            TypeError: They are embedded in their parent.
        """
        path = self.settings.path
        operation = reader_for(self.entity, path) if path else None
        operation = operation or self.entity.operations.read
        if operation is None:
            raise TypeError(f"{self.name} come with {self.entity.parent}")
        return operation

    @functools.cached_property
    def fields(self) -> Fields | None:
        """The payload's fields that are selected; None if all are."""
        effective = self.effective_schema.get("properties", {})
        offered = stream_schema(self.entity)["properties"]

        def wanted(crumb: tuple[str, ...]) -> bool:
            return crumb[1] in effective and self.mask.get(crumb, True)

        known = {name: offered[name] for name in self.entity.fields if name in offered}
        found = selected_fields({"properties": known}, wanted)
        if found is None:
            return None
        # Ecwid can answer with either of two spellings.
        spelt = {letters(name) for name in found}
        others = (n for n in self.entity.fields if n not in found and letters(n) in spelt)
        return with_fields(found, others)

    @functools.cached_property
    def row_type(self) -> type:
        """The type of its rows, one for all stores."""
        return RowTypes().of_object(self.effective_schema)

    def count(self, records: int, *, deleted: bool = False) -> None:
        """Count records that were written; deleted ones apart."""
        self.records += records
        self.deletions += records if deleted else 0

    def mismatched(self, field: str) -> int:
        """Count a value that doesn't fit the schema; how many there are by now."""
        self._mismatches[field] += 1
        return self._mismatches[field]

    def report(self, instead: str | None = None) -> None:
        """Log how many records were written, and how many values didn't fit the schema.

        Args:
            instead: Why there are none, if that is known.
        """
        for field, count in self._mismatches.items():
            self.log(
                "%s: %d values against the schema: %s",
                self.name,
                count,
                field,
                level=logging.WARNING,
            )
        words = counted(self.records, "record")
        if self.deletions:
            words += f", {self.deletions:,} of them deleted"
        # Meltano's log shows the metric to programs.
        tags = {"stream": self.name}
        metric = {"metric": "record_count", "value": self.records, "tags": tags}
        self.log(
            "%s: %s",
            self.name,
            words if self.records or not instead else instead,
            extra={"metric_info": metric},
        )

    def write_schema(self) -> None:
        """Write the SCHEMA message."""
        self._write_schema_message()

    def activate(self, version: int) -> None:
        """Write ACTIVATE_VERSION: the table is complete in this version."""
        self._write_activate_version_message(version)

    def write_state(self) -> None:
        """Write a STATE message with the state of all streams."""
        self.state_manager.is_flushed = False
        self._write_state_message()
        self._tap.state_written_at = time.monotonic()

    def write_state_if_due(self) -> None:
        """Write a STATE message, but of several stores only some seconds after the last one.

        It has the bookmarks of all stores, and each store moves its own.
        """
        since = time.monotonic() - self._tap.state_written_at
        if not self._tap.has_many_stores or since >= _BETWEEN_STATES:
            self.write_state()

    def check_interrupted(self) -> None:
        """End the run if a signal has arrived.

        Raises:
            Interrupted: One has.
        """
        self._tap.check_interrupted()


def counted(number: int, noun: str) -> str:
    """A number of things in words."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def stream_classes(config: Mapping[str, Any]) -> list[type[EcwidStream]]:
    """A class for each entity, with its parent.

    Args:
        config: The tap's settings. A child whose objects they name is read without its parent.
    """
    made: dict[str, type[EcwidStream]] = {}
    for entity in ENTITIES.values():
        named = settings_of(config, entity.name).names_values(entity)
        parent = made[entity.parent] if entity.parent and not named else None
        made[entity.name] = type(
            f"{entity.name.title().replace('_', '')}Stream",
            (EcwidStream,),
            {
                "entity": entity,
                "name": entity.name,
                "parent_stream_type": parent,
                "selected_by_default": entity.by_default,
                "__doc__": None,
            },
        )
    return list(made.values())
