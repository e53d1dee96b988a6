"""What must be known after a crash, so that nothing is written twice.

Before a batch leaves, it is in the journal with its key; afterwards, what it created. A run that
finds an unfinished batch sends it again with the same key: Ecwid carries it out once, and tells
what became of it. Records that can't be recognised in the shop (a stock adjustment, a creation
without a key) are noted as done until the state has left that covers them. Which files went where
is kept for good.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_api.http_settings import normal_address
from target_ecwid.record.key_map import Pair
from target_ecwid.record.lookups import Lookup
from target_ecwid.shop.doubts import Doubts
from target_ecwid.shop.entries import Done, Entry, Unfinished
from target_ecwid.shop.settled import Settled
from target_ecwid.shop.uploads import owner_of
from target_ecwid.work_folder import WorkFolderError, private_database, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from target_ecwid.record.key_map import KeyMap
    from target_ecwid.record.lookups import Keys
    from target_ecwid.shop.uploads import Upload

T = TypeVar("T")

_KNOWN: Final = 55 * 60.0
"""Seconds for which Ecwid surely knows a batch's key (an hour, it says)."""

_LAG: Final = 10 * 60.0
"""Seconds for which a search may not show what was created."""


def _tables(database: sqlite3.Connection, lag: float) -> tuple[Doubts, Settled]:
    """Make the tables that are not there."""
    execute = database.execute
    execute(
        "CREATE TABLE IF NOT EXISTS batches "
        "(key TEXT PRIMARY KEY, at REAL, parallel INTEGER, entries BLOB, alone INTEGER)"
    )
    execute(
        "CREATE TABLE IF NOT EXISTS done "
        "(identity BLOB, run INTEGER, sequence INTEGER, outcome BLOB)"
    )
    execute("CREATE INDEX IF NOT EXISTS known ON done (identity)")
    execute("CREATE TABLE IF NOT EXISTS made (at REAL, entity TEXT, content BLOB)")
    execute("CREATE TABLE IF NOT EXISTS running (run INTEGER)")
    execute(
        "CREATE TABLE IF NOT EXISTS uploaded "
        "(owner TEXT, place TEXT, content BLOB, PRIMARY KEY (place, content)) WITHOUT ROWID"
    )
    execute("CREATE INDEX IF NOT EXISTS owners ON uploaded (owner)")
    execute("CREATE TABLE IF NOT EXISTS shop (server TEXT)")
    return Doubts(database, lag), Settled(database, lag)


class Journal:
    """The journal of a store's runs."""

    def __init__(
        self,
        path: Path,
        key_map: KeyMap,
        server: str = "",
        *,
        source: str = "",
        lag: float = 0.0,
    ) -> None:
        """Open it, or begin one.

        Args:
            path: Its file.
            key_map: Keeps which key of the source is which object.
            server: The address of the API: what was sent to another server counts nothing here.
            source: The source's name: each has keys of its own.
            lag: Seconds for which a search may not show what was created.

        Raises:
            SettingError: An interrupted run has something open on another server.
            WorkFolderError: It can't be read, or another version has written it.
        """
        self._path = path
        self.key_map = key_map
        self._source = source
        try:
            self._database = private_database(path)
            execute = self._database.execute
            self._check_version()
            self.doubts, self.settled = _tables(self._database, lag)
            self.resumes = execute("SELECT count(*) FROM running").fetchone()[0] > 0
            if self.resumes:
                # It reads the whole file, and what it is for is what the last run left open.
                (verdict,) = execute("PRAGMA quick_check(1)").fetchone()
                if verdict != "ok":
                    raise self._spoilt(verdict)
        except sqlite3.DatabaseError as error:
            raise self._spoilt(error) from None
        self._belong_to(server)
        execute("DELETE FROM made WHERE at < ?", (time.time() - _LAG,))
        (last,) = execute("SELECT max(run) FROM running").fetchone()
        self._run = (last or 0) + 1
        execute("INSERT INTO running VALUES (?)", (self._run,))
        self._may_know = execute("SELECT count(*) FROM done").fetchone()[0] > 0

    def _decoded(self, content: bytes, kind: type[T]) -> T:
        try:
            return msgspec.msgpack.decode(content, type=kind)
        except (msgspec.MsgspecError, TypeError) as error:
            raise self._spoilt(error) from None

    def _spoilt(self, problem: object) -> WorkFolderError:
        return unreadable(
            self._path,
            problem,
            "It says what interrupted runs have sent: check the disk and restore it, or, if every "
            "run ended well, move it away",
        )

    def _check_version(self) -> None:
        """Replace tables of another version that hold nothing.

        Raises:
            WorkFolderError: One holds something.
        """
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as like:
            _tables(like, 0.0)
            wanted = dict(like.execute(sql))
        for name, made_with in self._database.execute(sql).fetchall():
            if wanted.get(name, made_with) == made_with:
                continue
            if self._database.execute(f"SELECT count(*) FROM {name}").fetchone()[0]:  # noqa: S608 - a name of our own
                raise WorkFolderError(
                    f"has {self._path}, which another version of target-ecwid has written, with "
                    "work that isn't done: end that run with that version, or, if every run ended "
                    "well, move it away"
                )
            self._database.execute(f"DROP TABLE {name}")

    def _belong_to(self, server: str) -> None:
        execute = self._database.execute
        row = execute("SELECT server FROM shop").fetchone()
        if row is None:
            execute("INSERT INTO shop VALUES (?)", (server,))
        elif (normal_address(row[0]) or row[0]) != server:
            open_ones = execute("SELECT count(*) FROM batches").fetchone()[0]
            open_ones += execute("SELECT count(*) FROM done").fetchone()[0]
            if open_ones:
                self._database.close()
                raise SettingError(
                    "work_dir",
                    f"has an interrupted run on this store at {row[0]}, and api_url is {server}: "
                    "run it again there to its end, or set another folder",
                )
            for table in ("made", "running", "uploaded", "doubts", "written"):
                execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            execute("UPDATE shop SET server = ?", (server,))

    def unfinished(self) -> Iterator[Unfinished]:
        """The batches of earlier runs of which nobody knows what became, the first one first."""
        rows = self._database.execute(
            "SELECT key, at, parallel, entries, alone FROM batches ORDER BY at"
        ).fetchall()
        for key, at, parallel, entries, alone in rows:
            yield Unfinished(
                key=self._decoded(msgspec.msgpack.encode(key), uuid.UUID),
                known=not alone and time.time() - at < _KNOWN,
                parallel=bool(parallel),
                entries=self._decoded(entries, list[Entry]),
            )

    def made(self) -> Iterator[tuple[str, Keys, Mapping[str, Any] | None]]:
        """What was created recently, or deleted: entity, keys, fields; None for deleted."""
        for entity, content in self._database.execute("SELECT entity, content FROM made"):
            keys, fields = self._decoded(content, tuple[list[Any], dict[str, Any] | None])
            yield entity, tuple(keys), fields

    def begin(
        self, key: uuid.UUID, entries: list[Entry], *, parallel: bool, alone: bool = False
    ) -> None:
        """A batch, or a request that goes alone, is about to leave; on disk afterwards."""
        for entry in entries:
            entry.source = self._source
        self._database.execute(
            "INSERT INTO batches VALUES (?, ?, ?, ?, ?)",
            (str(key), time.time(), parallel, msgspec.msgpack.encode(entries), alone),
        )

    def finish(
        self,
        key: uuid.UUID,
        made: Iterable[tuple[Entry, Keys]],
        done: Iterable[tuple[bytes, int, Done]],
        unseen: Iterable[tuple[Entry, bool]] = (),
    ) -> None:
        """It is known what became of a batch; on disk afterwards.

        Args:
            key: The batch's.
            made: What was created or deleted, with its keys.
            done: Records that can't be recognised in the shop: identity, place in the input, and
                what became of them.
            unseen: Creations, and whether their objects may be there although nobody knows their
                keys.
        """
        now = time.time()
        execute = self._database.execute
        made = list(made)
        # Before the batch is forgotten. A batch of another source is found again by natural keys.
        self.key_map.keep(
            Pair(entry.entity, entry.given, keys)
            for entry, keys in made
            if entry.entity is not None and entry.given is not None and entry.source == self._source
        )
        execute("BEGIN")
        for entry, keys in made:
            fields = None if entry.gone is not None else entry.fields
            execute(
                "INSERT INTO made VALUES (?, ?, ?)",
                (now, entry.gone or entry.entity, msgspec.msgpack.encode([keys, fields])),
            )
        for identity, sequence, outcome in done:
            execute(
                "INSERT INTO done VALUES (?, ?, ?, ?)",
                (identity, self._run, sequence, msgspec.msgpack.encode(outcome)),
            )
        for entry, doubtful in unseen:
            if entry.entity is not None and entry.natural is not None:
                lookup = Lookup(None, entry.natural, tuple(entry.parent))
                change = self.doubts.note if doubtful else self.doubts.settle
                change(ENTITIES[entry.entity], lookup)
        execute("DELETE FROM batches WHERE key = ?", (str(key),))
        execute("COMMIT")

    def deleted(self, gone: Iterable[Entry]) -> None:
        """Objects were deleted: searches may still show them; on disk afterwards."""
        now = time.time()
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO made VALUES (?, ?, ?)",
            [(now, one.gone, msgspec.msgpack.encode([one.keys, None])) for one in gone],
        )
        self._database.execute("COMMIT")

    def recall(self, identity: bytes, sequence: int) -> Done | None:
        """What an earlier run, which didn't end well, has done with a record.

        Each is returned once: the next equal record is another one.

        Args:
            identity: The record's.
            sequence: Its place in this run's input.
        """
        if not self._may_know:
            return None
        row = self._database.execute(
            "SELECT rowid, outcome FROM done WHERE identity = ? AND run < ? LIMIT 1",
            (identity, self._run),
        ).fetchone()
        if row is None:
            return None
        self._database.execute(
            "UPDATE done SET run = ?, sequence = ? WHERE rowid = ?", (self._run, sequence, row[0])
        )
        return self._decoded(row[1], Done)

    def keep_keys(self) -> None:
        """Keep which keys of the source are which objects; on disk afterwards."""
        self.key_map.keep()

    def expect_recalls(self) -> None:
        """What was just found out about earlier runs counts as theirs."""
        self._database.execute("UPDATE done SET run = ? WHERE run = ?", (self._run - 1, self._run))
        self._may_know = True

    def covered(self, sequence: int) -> None:
        """State left that covers the input up to a place: it won't come again."""
        self._database.execute(
            "DELETE FROM done WHERE run = ? AND sequence <= ?", (self._run, sequence)
        )

    def was_uploaded(self, upload: Upload) -> bool:
        """Whether this target has uploaded a file to its place already."""
        row = self._database.execute(
            "SELECT 1 FROM uploaded WHERE place = ? AND content = ?",
            (upload.place, upload.content),
        ).fetchone()
        return row is not None

    def uploaded(self, uploads: Iterable[Upload]) -> None:
        """Files have arrived; on disk afterwards."""
        execute = self._database.execute
        execute("BEGIN")
        for upload in uploads:
            if not upload.adds:
                execute("DELETE FROM uploaded WHERE place = ?", (upload.place,))
            execute(
                "INSERT OR REPLACE INTO uploaded VALUES (?, ?, ?)",
                (upload.owner, upload.place, upload.content),
            )
        execute("COMMIT")

    def forget_uploads(self, deleted: Iterable[str]) -> None:
        """What is at these paths was deleted: its files are gone, or one of the list is."""
        self._database.executemany(
            "DELETE FROM uploaded WHERE owner = ? AND (place = ? OR place = ? "
            "OR substr(place, 1, length(?)) = ?)",
            [
                (owner_of(path), path, path.rpartition("/")[0], f"{path}/", f"{path}/")
                for path in deleted
            ],
        )

    def close(self, *, ended_well: bool) -> None:
        """The run is over; with a good end nothing need be known but what searches don't show yet.

        Args:
            ended_well: Whether every record has an outcome.
        """
        try:
            if ended_well:
                self._database.execute("DELETE FROM done")
                self._database.execute("DELETE FROM running")
        finally:
            self._database.close()
            self.key_map.close()
