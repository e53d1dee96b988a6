"""Records that wait until everything else is written, and the objects that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.change.changes import Kind
from target_ecwid.outcome.pending import Pending, Refusal, Stage
from target_ecwid.record.door import Record
from target_ecwid.record.forms import plain
from target_ecwid.record.lookups import Keys

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from target_ecwid.outcome.steps import Waits
    from target_ecwid.record.lookups import Names

_PIECE: Final = 500


class _Kept(msgspec.Struct, array_like=True):
    """What is kept of a record that waits; its stage is always the last.

    Attributes:
        came: The record as it came.
        values: Its fields in their form.
        path: Path parameters of the settings.
        deleted: Whether its object was deleted.
        attempts: How often it was sent without success.
        done: What was done with its object already.
        keys: Keys of its object, where this run created it.
        refusal: Why it is rejected unless its object is found to be there.
    """

    came: dict[str, Any]
    values: dict[str, Any]
    path: dict[str, Any]
    deleted: bool
    attempts: int
    done: Kind | None
    keys: Keys | None
    refusal: Refusal | None


class Waiting:
    """The waiting records of a run. They are kept on disk: there can be as many as in the input."""

    def __init__(self) -> None:
        """None waits."""
        self._database = temporary_database()
        self._database.execute(
            "CREATE TABLE waiting (sequence INTEGER PRIMARY KEY, stream TEXT, kept BLOB)"
        )
        self._database.execute(
            "CREATE TABLE names (stream TEXT, name TEXT, PRIMARY KEY (stream, name)) WITHOUT ROWID"
        )

    def __len__(self) -> int:
        found: tuple[int] = self._database.execute("SELECT count(*) FROM waiting").fetchone()
        return found[0]

    @property
    def oldest(self) -> int | None:
        """Place in the input of the first one; None where none waits."""
        found: tuple[int | None] = self._database.execute(
            "SELECT min(sequence) FROM waiting"
        ).fetchone()
        return found[0]

    def streams(self) -> frozenset[str]:
        """Streams of which records wait."""
        rows = self._database.execute("SELECT DISTINCT stream FROM waiting")
        return frozenset(name for (name,) in rows)

    def held(self, stream: str) -> Held:
        """Names of objects for which a stream's record waits."""
        return Held(self._database, stream)

    def add(self, stream: str, waits: Iterable[Waits]) -> None:
        """Have records of a stream wait."""
        for one in waits:
            self._database.execute(
                "INSERT INTO waiting VALUES (?, ?, ?)",
                (one.pending.sequence, stream, msgspec.json.encode(_kept(one.pending))),
            )
            self._database.executemany(
                "INSERT OR IGNORE INTO names VALUES (?, ?)",
                [(stream, repr(name)) for name in one.names],
            )

    def release(self, stream: str, *, together: bool) -> Iterator[list[Pending]]:
        """Records of a stream that waited, in the order of the input, some at a time.

        They no longer wait, and those that are still to come hold nothing back. A record that is
        put back meanwhile isn't among them.

        Args:
            stream: The stream.
            together: Whether all come at once, since they refer to one another.
        """
        execute = self._database.execute
        execute("DELETE FROM names WHERE stream = ?", (stream,))
        (last,) = execute(
            "SELECT max(sequence) FROM waiting WHERE stream = ?", (stream,)
        ).fetchone()
        first = -1
        while rows := execute(
            "SELECT sequence, kept FROM waiting WHERE stream = ? AND sequence BETWEEN ? AND ? "
            "ORDER BY sequence LIMIT ?",
            (stream, first, last, -1 if together else _PIECE),
        ).fetchall():
            first = rows[-1][0] + 1
            execute(
                "DELETE FROM waiting WHERE stream = ? AND sequence BETWEEN ? AND ?",
                (stream, rows[0][0], rows[-1][0]),
            )
            yield [_pending(stream, sequence, kept) for sequence, kept in rows]

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()


class Held:
    """Names of objects for which a record of a stream waits."""

    def __init__(self, database: sqlite3.Connection, stream: str) -> None:
        self._database = database
        self._stream = stream
        row = database.execute("SELECT 1 FROM names WHERE stream = ? LIMIT 1", (stream,))
        self._some = row.fetchone() is not None

    def __bool__(self) -> bool:
        return self._some

    def any_of(self, names: Names) -> bool:
        """Whether a record waits that shares one of the names."""
        return self._some and any(map(self._has, map(repr, names)))

    def _has(self, name: str) -> bool:
        row = self._database.execute(
            "SELECT 1 FROM names WHERE stream = ? AND name = ?", (self._stream, name)
        )
        return row.fetchone() is not None


def _kept(pending: Pending) -> _Kept:
    record = pending.record
    return _Kept(
        came=plain(record.came),
        values=plain(record.values),
        path=plain(record.path),
        deleted=record.deleted,
        attempts=pending.attempts,
        done=pending.done,
        keys=pending.keys,
        refusal=pending.refusal,
    )


def _pending(stream: str, sequence: int, line: bytes) -> Pending:
    kept = msgspec.json.decode(line, type=_Kept)
    record = Record(
        stream=stream,
        sequence=sequence,
        came=kept.came,
        values=kept.values,
        path=kept.path,
        deleted=kept.deleted,
    )
    return Pending(
        record=record,
        stage=Stage.LAST,
        attempts=kept.attempts,
        done=kept.done,
        keys=kept.keys,
        refusal=kept.refusal,
    )
