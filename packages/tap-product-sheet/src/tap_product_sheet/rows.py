"""Keeps a sheet's rows on disk, and finds which of them are one product."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from ecwid_plugin.temporary_database import temporary_database
from tap_product_sheet.cells import Cell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Row(NamedTuple):
    """A row of a sheet.

    Attributes:
        line: Its line in the file.
        kind: ``product``, ``variation``, ``option`` or ``category``; empty where it isn't known.
        cells: Its values, one for each column, and those that are too many.
    """

    line: int
    kind: str
    cells: Sequence[Cell]


class Rows:
    """A sheet's rows, on disk. Memory doesn't grow with them."""

    def __init__(self) -> None:
        self._database = temporary_database()
        execute = self._database.execute
        execute("PRAGMA cache_size = -8000")
        execute("PRAGMA temp_store = FILE")
        execute(
            "CREATE TABLE rows (number INTEGER PRIMARY KEY, product TEXT, line INTEGER, kind TEXT, "
            "cells BLOB)"
        )
        execute("CREATE TABLE names (name TEXT PRIMARY KEY, product TEXT)")
        execute("CREATE TABLE claims (name TEXT PRIMARY KEY, product TEXT) WITHOUT ROWID")
        execute("CREATE TABLE keys (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(list[Cell]).decode
        self.count = 0

    def add(self, row: Row, product: str) -> None:
        """Keep a row.

        Args:
            row: The row.
            product: Its product: a name that ``name`` gave, or one that rows share.
        """
        self.count += 1
        self._database.execute(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?)",
            (self.count, product, row.line, row.kind, self._encode(row.cells)),
        )

    def name(self, name: str, product: str) -> None:
        """Give a product a name, unless another one has it.

        Args:
            name: The name.
            product: The product.
        """
        self._database.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (name, product))

    def claim(self, name: str, product: str) -> None:
        """Note that the product of this name is a variation of another product."""
        self._database.execute("INSERT OR REPLACE INTO claims VALUES (?, ?)", (name, product))

    def first_with(self, key: str, line: int) -> int:
        """Note the key of a row, such as its SKU, and return the first row that has it."""
        execute = self._database.execute
        execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (key, line))
        return int(execute("SELECT line FROM keys WHERE key = ?", (key,)).fetchone()[0])

    def groups(self) -> Iterator[list[Row]]:
        """The rows of each product, in the order of their first rows."""
        execute = self._database.execute
        execute("INSERT OR REPLACE INTO names SELECT name, product FROM claims")
        execute(
            "UPDATE rows SET product = names.product FROM names WHERE names.name = rows.product"
        )
        execute("CREATE INDEX IF NOT EXISTS by_product ON rows (product, number)")
        firsts = execute("SELECT product FROM rows GROUP BY product ORDER BY min(number)")
        cursor = self._database.cursor()
        for (product,) in firsts:
            found = cursor.execute(
                "SELECT line, kind, cells FROM rows WHERE product = ? ORDER BY number", (product,)
            )
            yield [Row(line, kind, self._decode(cells)) for line, kind, cells in found]

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()


class Spool:
    """Records on disk, by stream, until the whole sheet is checked.

    Attributes:
        counts: Stream -> how many records it has.
    """

    def __init__(self) -> None:
        self._database = temporary_database()
        self._database.execute("PRAGMA cache_size = -8000")
        self._database.execute("CREATE TABLE records (stream TEXT, record BLOB)")
        self._encode = msgspec.json.Encoder().encode
        self.counts: Counter[str] = Counter()

    def add(self, records: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Keep records with their streams."""
        self.counts.update(stream for stream, _ in records)
        self._database.executemany(
            "INSERT INTO records VALUES (?, ?)",
            ((stream, self._encode(record)) for stream, record in records),
        )

    def records(self, stream: str) -> Iterator[dict[str, Any]]:
        """The records of a stream, in their order."""
        found = self._database.execute("SELECT record FROM records WHERE stream = ?", (stream,))
        for (record,) in found:
            yield msgspec.json.decode(record)
