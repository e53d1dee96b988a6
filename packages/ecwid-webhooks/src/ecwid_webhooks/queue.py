"""The queue of events: one table, in SQLite or PostgreSQL.

A row stands for all events on one object that nobody has read after yet. It has the key of the
object and times, and nothing else of it. Each new event gives the row a new position, so that a
reader removes just the events that it knew of.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias
from urllib.parse import urlsplit

import msgspec

from ecwid_api.errors import EcwidError, SettingError
from ecwid_api.secret_texts import line
from ecwid_webhooks.events import ALL, FOREVER, Row
from ecwid_webhooks.settings import SERVER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

Rows: TypeAlias = "list[tuple[Any, ...]]"

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
_BUSY_SECONDS: Final = 30
_LOCK: Final = 0x65637764


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


class _Database(Protocol):
    def transaction(self) -> AbstractContextManager[None]: ...
    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows: ...
    def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None: ...
    def close(self) -> None: ...


class _Sqlite:
    def __init__(self, path: str) -> None:
        # Each commit is on the disk when it returns.
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=_BUSY_SECONDS
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        return self._connection.execute(statement, values).fetchall()

    def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._connection.executemany(statement, rows)

    def close(self) -> None:
        self._connection.close()


class _Postgresql:
    def __init__(self, address: str) -> None:
        try:
            import psycopg  # noqa: PLC0415 - an extra, which few need
        except ImportError:
            raise SettingError(
                "queue", "is in PostgreSQL: install ecwid-webhooks[postgresql]"
            ) from None
        self._connection = psycopg.connect(address, autocommit=True, connect_timeout=10)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        with self._connection.transaction():
            yield

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        found = self._connection.execute(statement.replace("?", "%s").encode(), values)
        return found.fetchall() if found.description else []

    def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s").encode(), rows)

    def close(self) -> None:
        self._connection.close()


class Queue:
    """The queue of a receiver, or of several.

    Attributes:
        id: Names it: positions of another queue mean nothing here.
    """

    def __init__(self, address: str) -> None:
        """Open it, or make it.

        Args:
            address: A path or the address of a PostgreSQL database.

        Raises:
            QueueError: It can't be used.
        """
        self._name = address.rpartition("@")[2]
        server = "://" in address and urlsplit(address).scheme in SERVER
        with self._reported():
            self._database: _Database = _Postgresql(address) if server else _Sqlite(address)
            with self._database.transaction():
                if server:
                    # Two that make a table at the same time would fail.
                    self._database.execute("SELECT pg_advisory_xact_lock(?)", (_LOCK,))
                for statement in _TABLES:
                    self._database.execute(statement)
                if not self._database.execute("SELECT id FROM webhook_queue"):
                    self._database.execute(
                        "INSERT INTO webhook_queue VALUES (?, 0, NULL, NULL)", (uuid.uuid4().hex,)
                    )
                self.id = str(self._database.execute("SELECT id FROM webhook_queue")[0][0])

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        """Turn a database's error into one that names the queue."""
        try:
            yield
        except EcwidError:
            raise
        except Exception as error:
            # What psycopg raises can't be named here: it is an extra.
            if not isinstance(error, sqlite3.Error) and "psycopg" not in type(error).__module__:
                raise
            words = line(str(error))
            raise QueueError(f"The queue {self._name} can't be used: {words}") from None

    def close(self) -> None:
        """Close it."""
        self._database.close()

    # The receiver.

    def add(self, rows: Collection[Row]) -> None:
        """Add rows; they are on the disk when this returns.

        Raises:
            QueueError: They can't be added.
        """
        with self._reported(), self._database.transaction():
            # Others who add wait here for the commit: positions appear in their order.
            last = self._database.execute(
                "UPDATE webhook_queue SET position = position + ? RETURNING position", (len(rows),)
            )[0][0]
            first = last - len(rows) + 1
            # In one order everywhere, two can't wait for each other.
            self._database.execute_many(
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
        with self._reported():
            return int(self._database.execute("SELECT position FROM webhook_queue")[0][0])

    def is_waiting(self, stores: Collection[int], moment: float) -> bool:
        """Whether there is something to read."""
        where, values = _of(stores, moment)
        with self._reported():
            return bool(
                self._database.execute(
                    f"SELECT 1 FROM webhook_events WHERE {where} LIMIT 1",  # noqa: S608 - marks only
                    values,
                )
            )

    def streams(self, stores: Collection[int], moment: float) -> tuple[set[str], set[str]]:
        """The streams that are to be read: those with single objects, and whole ones."""
        where, values = _of(stores, moment)
        with self._reported():
            found = self._database.execute(
                f"SELECT DISTINCT stream, object = '' FROM webhook_events WHERE {where}",  # noqa: S608 - as above
                values,
            )
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
        where, values = _of(stores, moment)
        with self._reported():
            found = self._database.execute(
                f"SELECT position, store, stream, object, due, created, events FROM webhook_events WHERE {where} "  # noqa: S608, E501 - as above
                "AND object <> '' AND position > ? AND position <= ? ORDER BY position LIMIT ?",
                (*values, after, until, most),
            )
        return [Waiting(position, Row(*row)) for position, *row in found]

    def acknowledge(self, store: int, position: Position) -> int:
        """Remove what was read and loaded; how many rows that are."""
        count = 0
        with self._reported():
            for whole, until in ((False, position.objects), (True, position.lists)):
                while found := self._remove(store, whole=whole, until=until, position=position):
                    count += found
        return count

    def _remove(self, store: int, *, whole: bool, until: int, position: Position) -> int:
        with self._database.transaction():
            found = self._database.execute(
                "SELECT stream, object, due, position FROM webhook_events WHERE store = ? AND "
                "(object = '') = ? AND due <= ? AND position <= ? LIMIT ?",
                (store, whole, position.due, until, _AT_ONCE),
            )
            self._database.execute_many(
                "DELETE FROM webhook_events WHERE store = ? AND stream = ? AND object = ? "
                "AND due = ? AND position = ?",
                [(store, *row) for row in found],
            )
            if not whole:
                self._database.execute_many(
                    _DELIVER, [(store, row[0], row[1], position.read) for row in found]
                )
        return len(found)

    # Repairs.

    def read(self, store: int, stream: str, objects: Sequence[str]) -> dict[str, int]:
        """When objects were last read after a webhook, in unix seconds by Ecwid's clock."""
        return self._of_objects("moment FROM webhook_delivered", store, stream, objects)

    def brought(self, store: int, stream: str, objects: Sequence[str]) -> dict[str, int]:
        """The same; what waits in the queue will be read, however late."""
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
            with self._reported():
                found |= self._database.execute(
                    f"SELECT object, {what} {where}",
                    (store, stream, *part),
                )
        return found

    def deliver(self, store: int, stream: str, objects: Mapping[str, int]) -> None:
        """Note that a repair has brought objects, as they were at a moment each."""
        with self._reported(), self._database.transaction():
            self._database.execute_many(
                _DELIVER, [(store, stream, name, moment) for name, moment in objects.items()]
            )

    def note_repair(self, changes: int) -> None:
        """Note that a repair has ended, and forget what was brought long ago."""
        now = int(time.time())
        with self._reported(), self._database.transaction():
            self._database.execute(
                "UPDATE webhook_queue SET repaired = ?, repairs = ?", (now, changes)
            )
            self._database.execute(
                "DELETE FROM webhook_delivered WHERE moment < ?", (now - _REMEMBERED,)
            )

    def status(self) -> Status:
        """What is in it."""
        now = int(time.time())
        execute = self._database.execute
        with self._reported():
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
    """The condition for what stores have to read by a moment, with its values."""
    marks = ", ".join("?" * len(stores))
    return f"store IN ({marks}) AND due <= ?", (*stores, int(moment))


def joined(rows: Collection[Row]) -> list[Row]:
    """Rows of which no two stand for the same, in one order everywhere."""
    found: dict[tuple[object, ...], Row] = {}
    for row in rows:
        key = (row.store, row.stream, row.object, row.due)
        before = found.get(key)
        found[key] = row if before is None else _together(before, row)
    return sorted(found.values(), key=lambda row: (row.store, row.stream, row.object, row.due))


def _together(one: Row, other: Row) -> Row:
    newest = one if one.created >= other.created else other
    return msgspec.structs.replace(newest, events=one.events + other.events)


@contextlib.contextmanager
def open_queue(address: str) -> Iterator[Queue]:
    """The queue, as long as the block runs.

    Raises:
        QueueError: It can't be used.
    """
    queue = Queue(address)
    try:
        yield queue
    finally:
        queue.close()


__all__ = ["ALL", "Position", "Queue", "QueueError", "Status", "Waiting", "joined", "open_queue"]
