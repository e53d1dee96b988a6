"""Records that become one with others, on disk until the input has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.record.json_text import as_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Group:
    """Records that become one.

    Attributes:
        stream: The stream that they make a record of.
        key: What they have in common.
        line: The number of the first one's line in the input.
        parts: Stream of the input -> its records, in the order of the input; None where they are
            too large together.
    """

    stream: str
    key: str
    line: int
    parts: Mapping[str, list[dict[str, Any]]] | None


class Collected:
    """The records of a run that become one with others."""

    def __init__(self, most: int) -> None:
        """Begin without records.

        Args:
            most: Bytes that the records of a group may have together.
        """
        self._most = most
        self._database = temporary_database()
        self._database.execute(
            "CREATE TABLE groups (number INTEGER PRIMARY KEY, stream TEXT, key TEXT, line INTEGER, "
            "UNIQUE (stream, key))"
        )
        self._database.execute(
            "CREATE TABLE members (place INTEGER PRIMARY KEY, number INTEGER, origin TEXT, "
            "stream TEXT, name TEXT, record BLOB)"
        )
        self._database.execute("CREATE INDEX of_group ON members (number, place)")
        self._database.execute("CREATE INDEX of_record ON members (stream, origin, name)")
        # It never ends: nothing is kept, and each statement alone would take longer.
        self._database.execute("BEGIN")

    def add(
        self, stream: str, key: str, record: Mapping[str, Any], *, origin: str, name: str, line: int
    ) -> None:
        """Keep a record.

        Args:
            stream: The stream that it will be part of.
            key: What it has in common with the others of its group.
            record: The record.
            origin: The stream of the input that it comes from.
            name: What the source calls the record of the input; empty where it doesn't.
            line: The number of its line in the input.
        """
        execute = self._database.execute
        execute(
            "INSERT OR IGNORE INTO groups (stream, key, line) VALUES (?, ?, ?)", (stream, key, line)
        )
        execute(
            "INSERT INTO members (number, origin, stream, name, record) SELECT number, ?, ?, ?, ? "
            "FROM groups WHERE stream = ? AND key = ?",
            (origin, stream, name, as_json(record), stream, key),
        )

    def forget(self, stream: str, *, origin: str, name: str) -> None:
        """A newer version of a record came, or it is gone at the source."""
        self._database.execute(
            "DELETE FROM members WHERE stream = ? AND origin = ? AND name = ?",
            (stream, origin, name),
        )

    def groups(self) -> Iterator[Group]:
        """The groups, in the order of the input."""
        execute = self._database.execute
        for number, stream, key, line in execute("SELECT * FROM groups ORDER BY number"):
            (size,) = execute(
                "SELECT sum(length(record)) FROM members WHERE number = ?", (number,)
            ).fetchone()
            if size is None:
                continue
            parts: dict[str, list[dict[str, Any]]] | None = None
            if size <= self._most:
                parts = {}
                for origin, record in execute(
                    "SELECT origin, record FROM members WHERE number = ? ORDER BY place", (number,)
                ):
                    parts.setdefault(origin, []).append(msgspec.json.decode(record))
            yield Group(stream, key, line, parts)

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()
