"""Counts what a repair brings that no webhook had brought."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ecwid_api.entities import ENTITIES
from ecwid_webhooks.events import changed_at, names_of
from tap_ecwid.messages import MessageWriter
from tap_ecwid.moments import parse_moment
from tap_ecwid.schema import DELETED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_webhooks.queue import Queue


class Repair:
    """The changes that a repair brings."""

    def __init__(self, queue: Queue, store: int | None, since: int) -> None:
        """Count nothing yet.

        Args:
            queue: Knows what webhooks have brought.
            store: The only store; None where records have theirs.
            since: When the last repair began, in unix seconds: older changes are not new.
        """
        self.counts: Counter[str] = Counter()
        self._queue = queue
        self._store = store
        self._since = since

    def see(self, stream: str, records: list[dict[str, Any]]) -> None:
        """Count those records of a stream that no webhook had brought."""
        entity = ENTITIES.get(stream)
        if entity is None or entity.updates is None or entity.parent is not None:
            return
        changes: dict[int, dict[tuple[str, ...], float]] = {}
        for record in records:
            deleted = record.get(DELETED_AT)
            moment = parse_moment(deleted).timestamp() if deleted else changed_at(entity, record)
            store = self._store if self._store is not None else record.get("store_id")
            if moment > self._since and store is not None:
                changes.setdefault(store, {})[tuple(names_of(entity, record))] = moment
        for store, found in changes.items():
            keys = [name for names in found for name in names]
            brought = self._queue.brought(store, stream, keys)
            missed = {
                names[0]: int(moment)
                for names, moment in found.items()
                if names and max(brought.get(name, 0) for name in names) < moment
            }
            self.counts[stream] += len(missed)
            self._queue.deliver(store, stream, missed)


class RecordWatch(MessageWriter):
    """Writes messages, and shows the records to a repair."""

    repair: Repair | None = None

    def write_records(
        self, stream: str, records: Iterable[Any], *, version: int | None, extracted: str
    ) -> None:
        """Write the RECORD messages of a page."""
        if self.repair is not None:
            records = list(records)
            self.repair.see(stream, records)
        super().write_records(stream, records, version=version, extracted=extracted)
