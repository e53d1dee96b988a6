"""The database of a shop, and what it keeps beside the documents: notes, files, deletions."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.storage.queries import FOREVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind

_ENCODER: Final = msgspec.json.Encoder()
_MAPPED: Final = 2**30
_COMMON_TABLES: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value);
CREATE TABLE IF NOT EXISTS stats (name TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deletions (
    row INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS contents (name TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS deletions_by_time ON deletions (kind, at);
"""


class Database:
    """A SQLite database in a file or in memory. May be used from any thread."""

    def __init__(self, path: Path | None) -> None:
        """Open a file, or a database in memory that goes with the process."""
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None, cached_statements=512
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        # Bodies are larger than SQLite's pages: without it each is put together from many reads.
        self._database.execute(f"PRAGMA mmap_size = {_MAPPED}")
        self._database.executescript(_COMMON_TABLES)
        self._after: list[Callable[[], None]] = []

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything within happens, or nothing; nobody else reads or writes meanwhile."""
        with self._lock:
            if self._database.in_transaction:
                yield self._database
                return
            self._database.execute("BEGIN")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                self._after.clear()
                self.forget()
                raise
            self._database.execute("COMMIT")
            after, self._after = self._after, []
            for action in after:
                action()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something after the commit of the current transaction; nothing after a rollback."""
        self._after.append(action)

    def forget(self) -> None:
        """Drop what is known of the database: it was changed in another way."""

    def locked(self) -> AbstractContextManager[object]:
        """Nobody else reads or writes meanwhile."""
        return self._lock

    # What is kept beside the documents

    def set_meta(self, name: str, value: float | str | None) -> None:
        """Keep a value under a name."""
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def meta(self, name: str) -> Any:  # noqa: ANN401 - whatever was kept
        """The value under a name; None where there is none."""
        with self._lock:
            found = self._database.execute("SELECT value FROM meta WHERE name = ?", (name,))
            row = found.fetchone()
        return row[0] if row else None

    def keep_content(self, name: str, content: bytes) -> None:
        """Keep bytes under a name."""
        with self._lock:
            self._database.execute("INSERT OR REPLACE INTO contents VALUES (?, ?)", (name, content))

    def content(self, name: str) -> bytes | None:
        """The bytes under a name; None where there are none."""
        with self._lock:
            found = self._database.execute("SELECT content FROM contents WHERE name = ?", (name,))
            row = found.fetchone()
        return row[0] if row else None

    def next_number(self, kind: Kind) -> int:
        """A number that no document of the kind ever had."""
        name = f"next {kind.name}"
        with self.transaction():
            found = self._database.execute(f"SELECT max(key) FROM {kind.table}").fetchone()[0]  # noqa: S608
            number = max(self.meta(name) or 1, (found or 0) + 1)
            self.set_meta(name, number + 1)
        return int(number)

    def use_up(self, kind: Kind, key: Key) -> None:
        """Never give out a number again, nor any below it."""
        name = f"next {kind.name}"
        with self.transaction():
            if isinstance(key, int) and key >= int(self.meta(name) or 1):
                self.set_meta(name, key + 1)

    def next_free(self, name: str, first: int) -> int:
        """A number of a series of its own."""
        with self.transaction():
            number = int(self.meta(f"next {name}") or first)
            self.set_meta(f"next {name}", number + 1)
        return number

    def move_stats(self, name: str, at: int) -> None:
        """Note when something last changed."""
        with self._lock:
            self._database.execute(
                "INSERT INTO stats VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET at = max(at, excluded.at)",
                (name, at),
            )

    def stats(self) -> dict[str, int]:
        """When things last changed, by field of latest-stats."""
        with self._lock:
            return dict(self._database.execute("SELECT name, at FROM stats"))

    def add_deletion(self, kind: Kind, entry: JSONObject, at: int) -> None:
        """Add to the history of deletions."""
        body = _ENCODER.encode({**entry, "date": format_time(at)})
        with self._lock:
            self._database.execute(
                "INSERT INTO deletions (kind, at, body) VALUES (?, ?, ?)", (kind.name, at, body)
            )

    def deletions(self, kind: Kind, start: int | None, end: int | None) -> list[bytes]:
        """The history of deletions between two moments (inclusive), oldest first, as JSON."""
        with self._lock:
            found = self._database.execute(
                "SELECT body FROM deletions WHERE kind = ? AND at BETWEEN ? AND ? ORDER BY at, row",
                (kind.name, 0 if start is None else start, FOREVER if end is None else end),
            )
            return [body for (body,) in found]
