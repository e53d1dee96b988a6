"""Rejected records, kept until they are written or a newer record of the same object is.

``rejected.jsonl`` says what the last run rejected. Here the records are kept over runs, with what
is needed to take them again: the schema of their stream, and the names of their objects.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.secret_texts import KNOWN
from target_ecwid.jobs import CallJob
from target_ecwid.record.door import identity_of
from target_ecwid.record.forms import plain
from target_ecwid.work_folder import private_database, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from target_ecwid.jobs import Job

FILE: Final = "rejected.db"

_PIECE: Final = 500

_RUN: Final = 32
"""Bits of a number below those that count runs: the place in the run's input."""

_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS shapes (shape INTEGER PRIMARY KEY, content TEXT UNIQUE)",
    """CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, source TEXT, stream TEXT,
    shape INTEGER, identity BLOB, at REAL, reason TEXT, message TEXT, record BLOB)""",
    "CREATE INDEX IF NOT EXISTS kept_same ON kept (source, stream, identity)",
    """CREATE TABLE IF NOT EXISTS names (source TEXT, stream TEXT, name TEXT, number INTEGER,
    PRIMARY KEY (source, stream, name, number)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS names_of ON names (number)",
)


class Shape(msgspec.Struct, frozen=True):
    """What a stream says of its records.

    Attributes:
        schema: Their JSON schema.
        key_properties: The fields by which the source knows a record.
    """

    schema: dict[str, Any]
    key_properties: tuple[str, ...]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A rejected record.

    Attributes:
        number: Its place among all that are kept; an older version has a smaller one.
        stream: Its stream.
        shape: What the stream said.
        at: When it was rejected, in Unix seconds.
        reason: Why, in short.
        message: What is wrong, and what to do.
        record: The record as it came.
    """

    number: int
    stream: str
    shape: Shape
    at: float
    reason: str
    message: str
    record: dict[str, Any]


def names_of(
    job: Job, key_properties: Sequence[str], came: Mapping[str, Any], values: Mapping[str, Any]
) -> AbstractSet[str]:
    """Names of the object that a record is about, by which versions of it are known as such.

    Args:
        job: What is done with the record.
        key_properties: The fields by which the source knows it.
        came: The record as it came.
        values: Its fields in their form, as far as they are known.
    """
    if isinstance(job, CallJob) and not job.operation.idempotent:
        # Each such record is one of its own.
        return frozenset()
    fields = {**came, **values}
    groups: list[Sequence[str]] = [key_properties]
    if job.key is not None:
        groups.append((job.key,))
    if job.entity is not None:
        owners = job.entity.keys[:-1]
        groups += [job.entity.keys, *((*owners, name) for name in job.entity.natural_keys)]
    if isinstance(job, CallJob):
        groups.append(job.operation.path_names)
    found = set()
    for names in groups:
        given = [str(fields.get(name) or "").strip() for name in names]
        if names and all(given):
            found.add("\x1f".join([*names, *given]))
    return found


class KeptRecords:
    """The rejected records of one source."""

    def __init__(self, folder: Path, source: str) -> None:
        """Open the file, or begin one.

        Args:
            folder: The store's work folder.
            source: The source's name.

        Raises:
            WorkFolderError: It can't be read.
        """
        path = folder / FILE
        self._source = source
        try:
            self._database = private_database(path)
            execute = self._database.execute
            for table in _TABLES:
                execute(table)
            rows = execute("SELECT DISTINCT stream FROM kept WHERE source = ?", (source,))
            self._streams = {stream for (stream,) in rows}
            (last,) = execute("SELECT max(number) FROM kept").fetchone()
            self._run = ((last or 0) >> _RUN) + 1
        except sqlite3.DatabaseError as error:
            raise unreadable(
                path,
                error,
                "It has the records that were rejected: restore it, or move it away to go on "
                "without them",
            ) from None

    def has(self, stream: str) -> bool:
        """Whether records of a stream may be kept."""
        return stream in self._streams

    def number(self, sequence: int) -> int:
        """The number of a record of this run: above those of all earlier runs.

        Args:
            sequence: The record's place in the input.
        """
        return (self._run << _RUN) + sequence

    def begin(self) -> None:
        """What follows is on disk together, after ``end``."""
        self._database.execute("BEGIN")

    def end(self) -> None:
        """What was done since ``begin`` is on disk."""
        self._database.execute("COMMIT")

    def keep(
        self,
        number: int,
        stream: str,
        shape: Shape,
        came: Mapping[str, Any],
        names: AbstractSet[str],
        why: tuple[str, str],
    ) -> None:
        """Keep a record; an older version that says nothing else goes.

        Args:
            number: Its number.
            stream: Its stream.
            shape: What the stream says of its records.
            came: The record as it came.
            names: Names of its object.
            why: Why it was rejected: in short, and what is wrong.
        """
        execute = self._database.execute
        record: dict[str, Any] = plain(came)
        row = msgspec.json.encode(record)
        if KNOWN.hide_bytes(row) != row:
            # A token isn't repeated, and without it the record would be another one.
            return
        identity = identity_of(stream, "kept", record)
        same = execute(
            "SELECT number FROM kept WHERE source = ? AND stream = ? AND identity = ?",
            (self._source, stream, identity),
        ).fetchall()
        self._drop([number for (number,) in same])
        older = self._upto(number, stream, names)
        self._drop([one.number for one in older if one.record.keys() <= came.keys()])
        content = msgspec.json.encode(shape).decode()
        execute("INSERT OR IGNORE INTO shapes (content) VALUES (?)", (content,))
        execute(
            "INSERT OR REPLACE INTO kept "
            "VALUES (?, ?, ?, (SELECT shape FROM shapes WHERE content = ?), ?, ?, ?, ?, ?)",
            (
                number,
                self._source,
                stream,
                content,
                identity,
                time.time(),
                *(KNOWN.hide(text) for text in why),
                row,
            ),
        )
        self._database.executemany(
            "INSERT OR IGNORE INTO names VALUES (?, ?, ?, ?)",
            [(self._source, stream, name, number) for name in names],
        )
        self._streams.add(stream)

    def rejected_again(self, number: int, why: tuple[str, str]) -> None:
        """A kept record was taken again in vain; it keeps its place."""
        self._database.execute(
            "UPDATE kept SET reason = ?, message = ? WHERE number = ?",
            (*(KNOWN.hide(text) for text in why), number),
        )

    def settle(self, number: int, stream: str, names: AbstractSet[str]) -> None:
        """A record was written: older versions of it never will be.

        Args:
            number: Its number.
            stream: Its stream.
            names: Names of its object.
        """
        self._drop([number, *(one.number for one in self._upto(number, stream, names))])

    def _upto(self, last: int, stream: str, names: AbstractSet[str]) -> list[Kept]:
        """What is kept of an object, up to a number."""
        numbers: set[int] = set()
        for name in names:
            rows = self._database.execute(
                "SELECT number FROM names "
                "WHERE source = ? AND stream = ? AND name = ? AND number <= ?",
                (self._source, stream, name, last),
            )
            numbers |= {number for (number,) in rows}
        return [self._one(number) for number in sorted(numbers)]

    def _drop(self, numbers: Sequence[int]) -> None:
        for table in ("kept", "names"):
            self._database.executemany(
                f"DELETE FROM {table} WHERE number = ?",  # noqa: S608 - a name of our own
                [(number,) for number in numbers],
            )

    def _one(self, number: int) -> Kept:
        row = self._database.execute(
            "SELECT number, stream, content, at, reason, message, record FROM kept "
            "JOIN shapes USING (shape) WHERE number = ?",
            (number,),
        ).fetchone()
        return Kept(
            number=row[0],
            stream=row[1],
            shape=msgspec.json.decode(row[2], type=Shape),
            at=row[3],
            reason=row[4],
            message=row[5],
            record=msgspec.json.decode(row[6]),
        )

    def all(self, streams: AbstractSet[str] | None = None) -> Iterator[Kept]:
        """The records that are kept now, the oldest first.

        Args:
            streams: Only those of these streams; None for all.
        """
        (last,) = self._database.execute("SELECT max(number) FROM kept").fetchone()
        number = 0
        while rows := self._database.execute(
            "SELECT number, stream FROM kept WHERE source = ? AND number > ? AND number <= ? "
            "ORDER BY number LIMIT ?",
            (self._source, number, last or 0, _PIECE),
        ).fetchall():
            for number, stream in rows:
                if streams is None or stream in streams:
                    yield self._one(number)

    def drop(self, streams: AbstractSet[str] | None = None) -> int:
        """Keep no records any more; how many went."""
        numbers = [one.number for one in self.all(streams)]
        self.begin()
        self._drop(numbers)
        self.end()
        return len(numbers)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()
