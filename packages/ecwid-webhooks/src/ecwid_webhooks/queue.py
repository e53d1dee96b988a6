"""The queue of events: one table, in SQLite or PostgreSQL.

A row stands for all events on one object since it was last read. It has the key of the object and
times, and nothing else of it. Each new event gives the row a new position, so that a
reader removes just the events that it knew of.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

import msgspec

from ecwid_api.errors import EcwidError
from ecwid_api.secret_texts import line
from ecwid_webhooks.databases import Postgresql, Sqlite
from ecwid_webhooks.events import FOREVER, Row
from ecwid_webhooks.settings import SERVER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ecwid_webhooks.databases import Database, Rows

_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS webhook_queue (id TEXT NOT NULL, position BIGINT NOT NULL,
    repaired BIGINT, repairs BIGINT)""",
    """CREATE TABLE IF NOT EXISTS webhook_events (store BIGINT, stream TEXT, object TEXT,
    due BIGINT, position BIGINT NOT NULL, created BIGINT NOT NULL, events BIGINT NOT NULL,
    PRIMARY KEY (store, stream, object, due))""",
    "CREATE INDEX IF NOT EXISTS webhook_events_by_position ON webhook_events (position)",
    # What was read after a webhook, so that a repair knows what no webhook has brought.
    """CREATE TABLE IF NOT EXISTS webhook_delivered (store BIGINT, stream TEXT, object TEXT,
    moment BIGINT NOT NULL, PRIMARY KEY (store, stream, object))""",
)
_ADD: Final = (
    "INSERT INTO webhook_events VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (store, stream, object, due) DO UPDATE SET position = excluded.position, "
    "events = webhook_events.events + excluded.events, "
    "created = CASE WHEN excluded.created > webhook_events.created THEN excluded.created "
    "ELSE webhook_events.created END"
)
_DELIVER: Final = (
    "INSERT INTO webhook_delivered VALUES (?, ?, ?, ?) "
    "ON CONFLICT (store, stream, object) DO UPDATE SET moment = excluded.moment"
)
_AT_ONCE: Final = 2_000
"""Rows that one transaction removes: the receiver waits for it."""
_REMEMBERED: Final = 7 * 24 * 60 * 60
"""Seconds. Only a repair forgets: until the next one, it needs what was brought since the last."""
_LOCK: Final = 0x65637764
_OTHER_VERSION: Final = (
    "Another version made its tables: delete them, and the next repair brings what they had"
)


class QueueError(EcwidError):
    """The queue can't be used."""


class Waiting(msgspec.Struct, frozen=True):
    """A row of the queue, with its position."""

    position: int
    row: Row


class Position(msgspec.Struct, omit_defaults=True):
    """Up to where a store's events were read.

    Attributes:
        objects: Position of the last object.
        lists: Position of the last whole stream.
        due: What was due later wasn't read, in unix seconds.
        read: When reading began, in unix seconds by Ecwid's clock.
    """

    objects: int = 0
    lists: int = 0
    due: int = 0
    read: int = 0


class Status(msgspec.Struct):
    """What is in the queue.

    Attributes:
        waiting: Stream -> how many rows can be read; for each store.
        later: How many wait for their time.
        unknown: Type -> how many events of kinds that aren't known.
        oldest: When the oldest event that can be read happened, in unix seconds; None without one.
        repaired: When the last repair ended, in unix seconds; None before.
        repairs: How many changes it brought that no webhook had.
    """

    waiting: dict[int, dict[str, int]]
    later: int
    unknown: dict[str, int]
    oldest: int | None
    repaired: int | None
    repairs: int | None


class Queue:
    """The queue of a receiver, or of several. It opens its database again if that has gone."""

    def __init__(self, address: str) -> None:
        """Open it, or make it.

        Args:
            address: A path or the address of a PostgreSQL database.

        Raises:
            QueueError: It can't be used.
        """
        self._address = address
        self._opened: Database | None = None
        with self._database():
            pass

    @contextlib.contextmanager
    def _database(self) -> Iterator[Database]:
        """The database; its errors name the queue."""
        try:
            if self._opened is None or self._opened.gone:
                self.close()
                self._opened = self._open()
            yield self._opened
        except EcwidError:
            raise
        except Exception as error:
            # What psycopg raises can't be named here: it is an extra.
            if not isinstance(error, sqlite3.Error) and "psycopg" not in type(error).__module__:
                raise
            self.close()
            name, words = self._address.rpartition("@")[2], line(str(error))
            if "column" in words:
                words += f". {_OTHER_VERSION}"
            raise QueueError(f"The queue {name} can't be used: {words}") from None

    def _open(self) -> Database:
        server = "://" in self._address and urlsplit(self._address).scheme in SERVER
        opened: Database = Postgresql(self._address) if server else Sqlite(self._address)
        with opened.transaction():
            if server:
                # Two that make a table at the same time would fail.
                opened.execute("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
            for statement in _TABLES:
                opened.execute(statement)
            if not opened.execute("SELECT id FROM webhook_queue"):
                row = (uuid.uuid4().hex, 0, None, None)
                opened.execute("INSERT INTO webhook_queue VALUES (?, ?, ?, ?)", row)
        return opened

    def close(self) -> None:
        """Close it, until it is used again."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def __enter__(self) -> Self:
        """Use it, and close it at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _rows(self, statement: str, values: Sequence[object] = ()) -> Rows:
        with self._database() as database:
            return database.execute(statement, values)

    @property
    def id(self) -> str:
        """The queue's ID: positions of another queue mean nothing here."""
        return str(self._rows("SELECT id FROM webhook_queue")[0][0])

    # The receiver.

    def add(self, rows: Collection[Row]) -> None:
        """Add rows; they are on the disk when this returns.

        Raises:
            QueueError: They can't be added.
        """
        with self._database() as database, database.transaction():
            # Others who add wait here for the commit: positions appear in their order.
            last = database.execute(
                "UPDATE webhook_queue SET position = position + ? RETURNING position", (len(rows),)
            )[0][0]
            first = last - len(rows) + 1
            # In one order everywhere, two can't wait for each other.
            database.execute_many(
                _ADD,
                [
                    (
                        *(row.store, row.stream, row.object, row.due),
                        *(first + place, row.created, row.events),
                    )
                    for place, row in enumerate(rows)
                ],
            )

    # The reader.

    @property
    def last(self) -> int:
        """The position of the newest event."""
        return int(self._rows("SELECT position FROM webhook_queue")[0][0])

    def is_waiting(self, stores: Collection[int], moment: float) -> bool:
        """Whether there is something to read."""
        of_stores, values = _of(stores, moment)
        return bool(self._rows(f"SELECT 1 {of_stores} LIMIT 1", values))

    def streams(self, stores: Collection[int], moment: float) -> tuple[set[str], set[str]]:
        """The streams that are to be read: those with single objects, and whole ones."""
        of_stores, values = _of(stores, moment)
        found = self._rows(f"SELECT DISTINCT stream, object = '' {of_stores}", values)
        return {name for name, whole in found if not whole}, {name for name, w in found if w}

    def objects(
        self, stores: Collection[int], moment: float, after: int, until: int, most: int
    ) -> list[Waiting]:
        """Single objects to read, in the order of their positions.

        Args:
            stores: The stores to read.
            moment: What is due later waits.
            after: The position before the first.
            until: The position of the last.
            most: How many.
        """
        of_stores, values = _of(stores, moment)
        found = self._rows(
            f"SELECT position, store, stream, object, due, created, events {of_stores} "
            "AND object <> '' AND position > ? AND position <= ? ORDER BY position LIMIT ?",
            (*values, after, until, most),
        )
        return [Waiting(position, Row(*row)) for position, *row in found]

    def acknowledge(self, store: int, position: Position) -> int:
        """Remove what was read and loaded; how many rows that are."""
        count = 0
        for whole, until in ((False, position.objects), (True, position.lists)):
            while found := self._remove(store, whole=whole, until=until, position=position):
                count += found
        return count

    def _remove(self, store: int, *, whole: bool, until: int, position: Position) -> int:
        with self._database() as database, database.transaction():
            found = database.execute(
                "SELECT stream, object, due, position FROM webhook_events WHERE store = ? AND "
                "(object = '') = ? AND due <= ? AND position <= ? LIMIT ?",
                (store, whole, position.due, until, _AT_ONCE),
            )
            database.execute_many(
                "DELETE FROM webhook_events WHERE store = ? AND stream = ? AND object = ? "
                "AND due = ? AND position = ?",
                [(store, *row) for row in found],
            )
            if not whole:
                database.execute_many(
                    _DELIVER, [(store, row[0], row[1], position.read) for row in found]
                )
        return len(found)

    # Repairs.

    def read(self, store: int, stream: str, objects: Sequence[str]) -> dict[str, int]:
        """When objects were last read after a webhook, in unix seconds by Ecwid's clock."""
        return self._of_objects("moment FROM webhook_delivered", store, stream, objects)

    def brought(self, store: int, stream: str, objects: Sequence[str]) -> dict[str, int]:
        """The same, with ``FOREVER`` for what still waits in the queue: it will be read."""
        waiting = self._of_objects(f"{FOREVER} FROM webhook_events", store, stream, objects)
        return self.read(store, stream, objects) | waiting

    def _of_objects(
        self, what: str, store: int, stream: str, objects: Sequence[str]
    ) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(objects), _AT_ONCE):
            part = objects[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(part))
            where = f"WHERE store = ? AND stream = ? AND object IN ({marks})"
            found |= self._rows(f"SELECT object, {what} {where}", (store, stream, *part))
        return found

    def deliver(self, store: int, stream: str, objects: Mapping[str, int]) -> None:
        """Note that a repair has brought objects, as they were at a moment each."""
        with self._database() as database, database.transaction():
            database.execute_many(
                _DELIVER, [(store, stream, name, moment) for name, moment in objects.items()]
            )

    def note_repair(self, changes: int) -> None:
        """Note that a repair has ended, and forget what was brought long ago."""
        now = int(time.time())
        with self._database() as database, database.transaction():
            database.execute("UPDATE webhook_queue SET repaired = ?, repairs = ?", (now, changes))
            database.execute("DELETE FROM webhook_delivered WHERE moment < ?", (now - _REMEMBERED,))

    def status(self) -> Status:
        """What is in it."""
        now = int(time.time())
        with self._database() as database:
            execute = database.execute
            counts = execute(
                "SELECT store, stream, count(*), min(created) FROM webhook_events WHERE due <= ? "
                "GROUP BY store, stream ORDER BY store, stream",
                (now,),
            )
            waiting: dict[int, dict[str, int]] = {}
            for store, stream, count, _ in counts:
                waiting.setdefault(store, {})[stream] = count
            later = execute(
                "SELECT count(*) FROM webhook_events WHERE due > ? AND due < ?", (now, FOREVER)
            )[0][0]
            unknown = execute(
                "SELECT stream, count(*) FROM webhook_events WHERE due = ? GROUP BY stream",
                (FOREVER,),
            )
            repaired, repairs = execute("SELECT repaired, repairs FROM webhook_queue")[0]
        return Status(
            waiting=waiting,
            later=later,
            unknown={name.removeprefix("? "): count for name, count in unknown},
            oldest=min((row[3] for row in counts), default=None),
            repaired=repaired,
            repairs=repairs,
        )


def _of(stores: Collection[int], moment: float) -> tuple[str, tuple[object, ...]]:
    """The end of a query for what stores have to read by a moment, and its values."""
    marks = ", ".join("?" * len(stores))
    return f"FROM webhook_events WHERE store IN ({marks}) AND due <= ?", (*stores, int(moment))


def joined(rows: Collection[Row]) -> list[Row]:
    """Rows of which no two stand for the same, in one order everywhere."""
    found: dict[tuple[int, str, str, int], Row] = {}
    for row in rows:
        key = (row.store, row.stream, row.object, row.due)
        before = found.get(key)
        found[key] = row if before is None else _together(before, row)
    return [found[key] for key in sorted(found)]


def _together(one: Row, other: Row) -> Row:
    newest = one if one.created >= other.created else other
    return msgspec.structs.replace(newest, events=one.events + other.events)
