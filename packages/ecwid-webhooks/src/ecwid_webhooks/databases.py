"""The databases that a queue can be in: SQLite and PostgreSQL, with the same statements."""

from __future__ import annotations

import contextlib
import sqlite3
from os.path import samestat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager

Rows: TypeAlias = "list[tuple[Any, ...]]"

BUSY_SECONDS: Final = 8
"""How long to wait for others: Ecwid waits 10 seconds for an answer."""


class Database(Protocol):
    """A connection."""

    @property
    def gone(self) -> bool:
        """Whether the connection leads nowhere any more."""

    def transaction(self) -> AbstractContextManager[None]:
        """A transaction, as long as the block runs."""

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement: what it found."""

    def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row."""

    def close(self) -> None:
        """Close the connection."""


class Sqlite:
    """A file."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        # Each commit is on the disk when it returns.
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._file = self._path.stat()

    @property
    def gone(self) -> bool:
        """Whether the connection leads nowhere any more."""
        # SQLite goes on writing to a file that was deleted.
        try:
            return not samestat(self._path.stat(), self._file)
        except OSError:
            return True

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, as long as the block runs."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement: what it found."""
        return self._connection.execute(statement, values).fetchall()

    def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row."""
        self._connection.executemany(statement, rows)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Postgresql:
    """A server. Statements have question marks, as for SQLite."""

    def __init__(self, address: str) -> None:
        try:
            import psycopg  # noqa: PLC0415 - an extra, which few need
        except ImportError:
            raise SettingError(
                "queue", "is in PostgreSQL: install ecwid-webhooks[postgresql]"
            ) from None
        self._connection = psycopg.connect(address, autocommit=True, connect_timeout=BUSY_SECONDS)

    @property
    def gone(self) -> bool:
        """Whether the connection leads nowhere any more."""
        return self._connection.closed

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction, as long as the block runs."""
        with self._connection.transaction():
            yield

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        """Run a statement: what it found."""
        found = self._connection.execute(statement.replace("?", "%s").encode(), values)
        return found.fetchall() if found.description else []

    def execute_many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement once for each row."""
        with self._connection.cursor() as cursor:
            cursor.executemany(statement.replace("?", "%s").encode(), rows)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
