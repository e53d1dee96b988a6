"""The streams: a class for each entity, made from the catalogue.

The SDK links parents and children by class, so each entity has one; none is written by hand. A
stream says what it is; ``sync`` does the work, once for each store.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.streams.core import Stream

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from tap_ecwid.schema import payload_schema, stream_schema
from tap_ecwid.selection import selected_fields
from tap_ecwid.stream_settings import reader_for, settings_of

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Iterable, Mapping

    from singer_sdk.helpers.types import Context, Record

    from ecwid_api.entity import Entity
    from tap_ecwid.base import TapBase
    from tap_ecwid.selection import Fields
    from tap_ecwid.stream_settings import StreamSettings


class EcwidStream(Stream):
    """A stream of an entity. Subclasses differ in ``entity`` alone."""

    entity: ClassVar[Entity]
    _tap: TapBase

    def __init__(self, tap: TapBase) -> None:
        many = tap.has_many_stores
        schema = stream_schema(self.entity, many_stores=many)
        super().__init__(tap, schema=schema, name=self.entity.name)
        self.primary_keys = ("store_id", *self.entity.keys) if many else self.entity.keys
        self.replication_key = self.entity.updates.field if self.entity.updates else None
        # One bookmark a stream and store, also where its rows come with a parent's.
        self.state_partitioning_keys = ("store_id",) if many else ()
        self.settings: StreamSettings = settings_of(tap.config, self.name)
        self.warned_of: set[str] = set()
        self._count = 0

    # What the SDK asks of a stream

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
        """Nothing: records are written a page at a time, and never pass here."""
        del context
        return ()

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[dict[str, Any], Any, Any]:
        """Write all messages of this stream and of its children, of all stores."""
        del context, write_messages
        written = [s for s in (self, *self.children) if s.selected]
        for child in written:
            if child is not self:
                child._write_schema_message()  # noqa: SLF001 - a sibling's
        with self.get_sync_timer():
            self._tap.sync_stream(self)
        for stream in written:
            with stream.get_record_counter() as counter:
                counter.increment(stream._count)  # noqa: SLF001 - a sibling's
        yield from ()

    # What a run asks of a stream

    @property
    def children(self) -> list[EcwidStream]:
        """The streams whose records come with this one's."""
        return [child for child in self.child_streams if isinstance(child, EcwidStream)]

    @property
    def writer(self) -> Any:  # noqa: ANN401 - the tap's own writer class
        """The tap's message writer."""
        return self._tap.message_writer

    @property
    def output(self) -> threading.RLock:
        """Held by who writes messages or changes state."""
        return self._tap.output

    @property
    def lookback(self) -> int:
        """Seconds before its bookmark at which an incremental run begins."""
        seconds: int = self.config["lookback_seconds"]
        return seconds

    @property
    def table_version(self) -> int:
        """Version of the tables that this run reads whole."""
        return self._tap.table_version

    @property
    def keeps_unknown_fields(self) -> bool:
        """Whether fields that are not in the schema stay in the record."""
        return bool(self.config["unknown_fields"] == "keep")

    @property
    def tells_deletions(self) -> bool:
        """Whether deleted objects come as records."""
        return bool(self.config["deletion_records"])

    @property
    def skips_unchanged(self) -> bool:
        """Whether a stream is left out when latest-stats says that nothing has changed."""
        return bool(self.config["skip_unchanged"])

    @property
    def reads_what_is_named(self) -> bool:
        """Whether the settings name what is read, in place of all."""
        each = self.entity.per_value
        return bool(self.settings.path) or (
            each is not None and each.parameter in self.settings.params
        )

    @property
    def incremental(self) -> bool:
        """Whether only changes are read: the catalog may ask for all."""
        updates = self.entity.updates
        return (
            updates is not None
            and self.replication_method == "INCREMENTAL"
            and self.replication_key == updates.field
        )

    @functools.cached_property
    def operation(self) -> description.Operation:
        """What reads the stream's objects.

        Raises:
            TypeError: They come in their parent's payload.
        """
        path = self.settings.path
        operation = reader_for(self.entity, path) if path else None
        if operation is None:
            if self.entity.read is None:
                raise TypeError(f"{self.name} come with {self.entity.parent}")
            operation = description.operation(self.entity.read, self.entity.group)
        return operation

    @functools.cached_property
    def payload_fields(self) -> Mapping[str, Any]:
        """Schemas of the fields that stand in Ecwid's payload."""
        fields: Mapping[str, Any] = payload_schema(self.entity)["properties"]
        return fields

    @functools.cached_property
    def fields(self) -> Fields | None:
        """The payload's fields that are selected; None where all are."""
        effective = self.effective_schema.get("properties", {})
        offered = stream_schema(self.entity)["properties"]

        def wanted(crumb: tuple[str, ...]) -> bool:
            return crumb[1] in effective and self.mask.get(crumb, True)

        known = {name: offered[name] for name in self.payload_fields if name in offered}
        return selected_fields({"properties": known}, wanted)

    def count(self, records: int) -> None:
        """Note that records were written."""
        self._count += records

    def activate(self, version: int) -> None:
        """Tell the target that the table is whole now."""
        self._write_activate_version_message(version)

    def write_state(self) -> None:
        """Tell the target how far all streams are."""
        self.state_manager.is_flushed = False
        self._write_state_message()

    def check_interrupted(self) -> None:
        """Look whether a signal has come.

        Raises:
            Interrupted: One has.
        """
        self._tap.check_interrupted()


def stream_classes(config: Mapping[str, Any]) -> list[type[EcwidStream]]:
    """A class for each entity of the catalogue, parents linked.

    Args:
        config: The tap's settings: a child that is read by values that they name has no parent.
    """
    made: dict[str, type[EcwidStream]] = {}
    for entity in ENTITIES.values():
        settings = settings_of(config, entity.name)
        each = entity.per_value
        named = settings.path or (each is not None and each.parameter in settings.params)
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
