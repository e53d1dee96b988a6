"""Where the documents are: SQLite, in a file or in memory.

A document has versions. The newest one is what a read by id sees; searches can be made to see
older ones, as Ecwid's own do, which are served from an index that lags behind. Bodies stand in a
table of their own, so that a scan of the columns reads little. What a column lists (the SKUs of a
product and its variations) stands in a table of its own too where it is looked up often.
"""

from __future__ import annotations

from array import array
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_sandbox.server.clock import parse_time
from ecwid_sandbox.server.storage.columns import unlisted
from ecwid_sandbox.server.storage.database import Database
from ecwid_sandbox.server.storage.queries import FOREVER, Query, lists_one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind

OWN_FILES: Final = "https://files.fernweh-and-filter.example"
"""Where a shop's pictures and files are, in what is stored: nobody knows yet who serves it."""

_ENCODER: Final = msgspec.json.Encoder()
_OWN_FILES: Final = OWN_FILES.encode()
_KEPT_RESULTS: Final = 64
# What fits on a page isn't asked for again.
_WORTH_KEEPING: Final = 100
_BATCH: Final = 500
_MOST_ROWS: Final = 2**62


class Store(Database):
    """The documents of a shop. May be used from any thread."""

    def __init__(self, path: Path | None, kinds: Iterable[Kind]) -> None:
        """Open a file, or a store in memory that goes with the process."""
        super().__init__(path)
        self._results: OrderedDict[tuple[object, ...], tuple[list[int], array[int] | None]] = (
            OrderedDict()
        )
        # How often each kind changed, and how many newest versions there are of it, by table.
        self._changes: Counter[str] = Counter()
        self._counts: dict[str, int] = {}
        self._tables: list[str] = []
        self._own_files = _OWN_FILES
        for kind in kinds:
            self._create(kind)

    def _create(self, kind: Kind) -> None:
        columns = "".join(f", {name}" for name in kind.columns)
        indexes = "".join(
            f"CREATE INDEX IF NOT EXISTS {kind.table}_by_{name} ON {kind.table} ({name});"
            for name in kind.indexed
        )
        # These cover searches by time whole, in their usual orders.
        indexes += "".join(
            f"CREATE INDEX IF NOT EXISTS {kind.table}_by_{name} ON {kind.table} "
            f"({name}, key, ended);"
            for name, field in (("created", kind.created), ("updated", kind.updated))
            if field
        )
        indexes += "".join(
            f"CREATE TABLE IF NOT EXISTS {kind.list_table(name)} "
            "(value TEXT, row INTEGER, PRIMARY KEY (value, row)) WITHOUT ROWID;"
            for name in kind.listed
        )
        self._tables.append(kind.table)
        self._database.executescript(f"""
            CREATE TABLE IF NOT EXISTS {kind.table} (
                row INTEGER PRIMARY KEY, key NOT NULL, began REAL NOT NULL, ended REAL NOT NULL,
                created INTEGER, updated INTEGER{columns}
            );
            CREATE INDEX IF NOT EXISTS {kind.table}_by_key ON {kind.table} (key, ended);
            CREATE TABLE IF NOT EXISTS {kind.table}_body (row INTEGER PRIMARY KEY, body BLOB);
            {indexes}
        """)

    def serve_files(self, address: str) -> None:
        """Have pictures and files at an address, in every document from now on."""
        self._own_files = address.encode()

    @property
    def changes(self) -> int:
        """A number that rises with every change of what is in the shop."""
        return self._changes.total()

    def forget(self) -> None:
        """Look at everything anew: it was changed in another way than by what is below."""
        with self._lock:
            self._changes.update(self._tables)
            self._counts.clear()

    # Writing

    def insert(self, kind: Kind, documents: Iterable[JSONObject], *, began: float = 0) -> int:
        """Add documents that are not there yet; how many they were."""
        names = ["row", "key", "began", "ended", "created", "updated", *kind.columns]
        marks = ", ".join("?" * len(names))
        insert = f"INSERT INTO {kind.table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        insert_body = f"INSERT INTO {kind.table}_body (row, body) VALUES (?, ?)"  # noqa: S608
        with self.transaction():
            found = self._database.execute(f"SELECT max(row) FROM {kind.table}_body")  # noqa: S608
            first = row = (found.fetchone()[0] or 0) + 1
            rows: list[tuple[Any, ...]] = []
            bodies: list[tuple[int, bytes]] = []
            lists: dict[str, list[tuple[str, int]]] = {name: [] for name in kind.listed}

            def write() -> None:
                self._database.executemany(insert, rows)
                self._database.executemany(insert_body, bodies)
                rows.clear()
                bodies.clear()
                for name, entries in lists.items():
                    self._database.executemany(
                        f"INSERT OR IGNORE INTO {kind.list_table(name)} VALUES (?, ?)",  # noqa: S608
                        entries,
                    )
                    entries.clear()

            for document in documents:
                values = {name: read(document) for name, read in kind.columns.items()}
                created, updated = _times(kind, document)
                rows.append(
                    (row, kind.key_of(document), began, FOREVER, created, updated, *values.values())
                )
                body = _ENCODER.encode(document).replace(self._own_files, _OWN_FILES)
                bodies.append((row, body))
                for name, entries in lists.items():
                    entries.extend((value, row) for value in unlisted(str(values[name])))
                row += 1
                if len(rows) == _BATCH:
                    write()
            write()
            self._changes[kind.table] += 1
            if kind.table in self._counts:
                self._counts[kind.table] += row - first
        return row - first

    def put(self, kind: Kind, document: JSONObject, *, at: float, keep: float = 0) -> None:
        """Add a document or replace it.

        Args:
            kind: What it is.
            document: All of it.
            at: When.
            keep: For how many seconds searches may still ask for the state before.
        """
        with self.transaction():
            self.end(kind, kind.key_of(document), at=at, keep=keep)
            self.insert(kind, (document,), began=at)

    def end(self, kind: Kind, key: Key, *, at: float, keep: float = 0) -> None:
        """Take a document away; the arguments are those of ``put``."""
        table = kind.table
        listed = "".join(f", {name}" for name in kind.listed)
        with self.transaction():
            versions = self._database.execute(
                f"SELECT row, ended{listed} FROM {table} WHERE key = ?",  # noqa: S608
                (key,),
            ).fetchall()
            for row, ended, *lists in versions:
                newest = ended == FOREVER
                if (at if newest else ended) <= at - keep:
                    self._remove(kind, row, lists)
                elif newest:
                    self._database.execute(
                        f"UPDATE {table} SET ended = ? WHERE row = ?",  # noqa: S608
                        (at, row),
                    )
                if newest and table in self._counts:
                    self._counts[table] -= 1
            self._changes[table] += 1

    def _remove(self, kind: Kind, row: int, lists: Sequence[str]) -> None:
        table = kind.table
        self._database.execute(f"DELETE FROM {table} WHERE row = ?", (row,))  # noqa: S608
        self._database.execute(f"DELETE FROM {table}_body WHERE row = ?", (row,))  # noqa: S608
        for name, values in zip(kind.listed, lists, strict=True):
            self._database.executemany(
                f"DELETE FROM {kind.list_table(name)} WHERE value = ? AND row = ?",  # noqa: S608
                [(value, row) for value in unlisted(values)],
            )

    # Reading

    def get(self, kind: Kind, key: Key) -> bytes | None:
        """The newest version of a document, as JSON."""
        return self.first(kind, "key", key)

    def first(self, kind: Kind, column: str, value: Key) -> bytes | None:
        """A document by the value of a column, as JSON; the last one added where many have it."""
        with self._lock:
            found = self._database.execute(
                f"SELECT body FROM {kind.table} JOIN {kind.table}_body USING (row) "  # noqa: S608
                f"WHERE {column} = ? AND ended = ? ORDER BY row DESC LIMIT 1",
                (value, FOREVER),
            ).fetchone()
        return self._served(found[0]) if found else None

    def _served(self, body: bytes) -> bytes:
        return body.replace(_OWN_FILES, self._own_files)

    def keys(self, kind: Kind) -> list[Key]:
        """The keys of all documents of a kind, in order."""
        with self._lock:
            found = self._database.execute(
                f"SELECT key FROM {kind.table} WHERE ended = ? ORDER BY key",  # noqa: S608
                (FOREVER,),
            )
            return [key for (key,) in found]

    def having(self, kind: Kind, column: str, value: Key) -> list[Key]:
        """The keys of the documents with a value in a column."""
        with self._lock:
            found = self._database.execute(
                f"SELECT key FROM {kind.table} WHERE {column} = ? AND ended = ? ORDER BY key",  # noqa: S608
                (value, FOREVER),
            )
            return [key for (key,) in found]

    def listing(self, kind: Kind, column: str, value: Key) -> list[Key]:
        """The keys of the documents whose column lists a value."""
        condition, values = lists_one_of(kind, column, [value])
        with self._lock:
            found = self._database.execute(
                f"SELECT key FROM {kind.table} WHERE {condition} AND ended = ? ORDER BY key",  # noqa: S608
                (*values, FOREVER),
            )
            return [key for (key,) in found]

    def count(self, kind: Kind) -> int:
        """How many documents of a kind there are."""
        with self._lock:
            if kind.table not in self._counts:
                self._counts[kind.table] = self.total(Query(kind=kind))
            return self._counts[kind.table]

    def total(self, query: Query) -> int:
        """How many rows a query finds."""
        where, values = query.where()
        with self._lock:
            found = self._database.execute(
                f"SELECT count(*) FROM {query.kind.table} WHERE {where}",  # noqa: S608
                values,
            )
            return int(found.fetchone()[0])

    def find(self, query: Query) -> Sequence[int]:
        """The rows that a query finds, all of them, in its order."""
        statement, values = query.statement()
        with self._lock:
            # Paging asks the same again and again: only the first page pays for the scan, as
            # long as nothing changes of what the search looks at.
            asked = (statement, *values)
            state = self._state(statement)
            known = self._results.get(asked)
            if known and known[0] == state and known[1] is not None:
                self._results.move_to_end(asked)
                return known[1]
            found = self._database.execute(statement, values)
            rows = array("q", (row for (row,) in found))
            if len(rows) > _WORTH_KEEPING:
                self._keep(asked, state, rows)
        return rows

    def page(self, query: Query, offset: int, limit: int) -> tuple[Sequence[int], int]:
        """Some of the rows that a query finds, and how many there are in all."""
        statement, values = query.statement()
        with self._lock:
            asked = (statement, *values)
            state = self._state(statement)
            known = self._results.get(asked)
            if known is None or known[0] == state:
                rows = self.find(query)
                return rows[offset : offset + limit], len(rows)
            # It changes while somebody reads on: all rows may be in vain for the next page too.
            self._keep(asked, state, None)
            found = self._database.execute(
                f"{statement} LIMIT ? OFFSET ?", (*values, limit, min(offset, _MOST_ROWS))
            )
            return [row for (row,) in found], self.total(query)

    def _state(self, statement: str) -> list[int]:
        """How often that changed what a statement looks at."""
        return [self._changes[table] for table in self._tables if table in statement]

    def _keep(self, asked: tuple[object, ...], state: list[int], rows: array[int] | None) -> None:
        self._results[asked] = state, rows
        self._results.move_to_end(asked)
        if len(self._results) > _KEPT_RESULTS:
            self._results.popitem(last=False)

    def tally(self, query: Query, column: str) -> dict[Any, int]:
        """How often each value of a column stands among the rows that a query finds."""
        table = query.kind.table
        found: dict[Any, int] = {}
        with self._lock:
            for row in self.find(query):
                value = self._database.execute(
                    f"SELECT {column} FROM {table} WHERE row = ?",  # noqa: S608
                    (row,),
                ).fetchone()[0]
                found[value] = found.get(value, 0) + 1
        return found

    def bodies(self, kind: Kind, rows: Sequence[int]) -> list[bytes]:
        """The documents in rows, in the same order, as JSON."""
        found: dict[int, bytes] = {}
        with self._lock:
            for start in range(0, len(rows), _BATCH):
                wanted = rows[start : start + _BATCH]
                marks = ", ".join("?" * len(wanted))
                statement = f"SELECT row, body FROM {kind.table}_body WHERE row IN ({marks})"  # noqa: S608
                found.update(self._database.execute(statement, wanted))
        return [self._served(found[row]) for row in rows]


def _times(kind: Kind, document: JSONObject) -> tuple[int | None, int | None]:
    if kind.stamps:
        unit = 1000 if kind.milliseconds else 1
        return document["createTimestamp"] // unit, document["updateTimestamp"] // unit
    created = parse_time(document[kind.created]) if kind.created else None
    updated = parse_time(document[kind.updated]) if kind.updated else None
    return created, updated
