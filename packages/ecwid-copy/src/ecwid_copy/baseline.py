"""How the last run left the copy. What differs from that now was changed there."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_copy.kept_database import kept_database
from ecwid_copy.values import taken, writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ecwid_api.entity import Entity
    from target_ecwid.shop.ids import FileOfIds

    Record = dict[str, Any]

ALL: Final = "*"
"""Stands for all fields of an object that was deleted in the copy."""


class Baseline:
    """Digests of the copy's fields, and the changes since then."""

    def __init__(self, path: Path) -> None:
        """Open it, or begin without any.

        Args:
            path: Its file.
        """
        self._database = kept_database(
            path,
            "fields (stream TEXT, key TEXT, digests BLOB, seen INTEGER, PRIMARY KEY (stream, key))",
            "changed (stream TEXT, given TEXT, fields BLOB, PRIMARY KEY (stream, given))",
        )

    def __bool__(self) -> bool:
        """Whether it is known how the last run left the copy."""
        return self._database.execute("SELECT 1 FROM fields LIMIT 1").fetchone() is not None

    def drop(self) -> None:
        """Forget the digests: this run doesn't read what it leaves in the copy."""
        self._database.execute("DELETE FROM fields")

    def forget_changes(self) -> None:
        """Forget the changes: they are overwritten."""
        self._database.execute("DELETE FROM changed")

    def look(self, rows: Iterable[tuple[str, str, Record]], ids: FileOfIds) -> None:
        """Find what has changed since the last run.

        Args:
            rows: Stream, key and record of all objects of the copy.
            ids: Which object of the source is which of the copy.
        """
        execute = self._database.execute
        self.forget_changes()
        execute("BEGIN")
        execute("UPDATE fields SET seen = 0")
        for stream, key, record in rows:
            before = self._digests(stream, key)
            if before is None:
                continue
            execute("UPDATE fields SET seen = 1 WHERE stream = ? AND key = ?", (stream, key))
            now = _digests_of(stream, record)
            names = [n for n in {*before, *now} if before.get(n) != now.get(n)]
            self._note(stream, key, names, ids)
        gone = execute("SELECT stream, key FROM fields WHERE seen = 0").fetchall()
        for stream, key in gone:
            self._note(stream, key, [ALL], ids)
        execute("COMMIT")

    def _note(self, stream: str, key: str, names: list[str], ids: FileOfIds) -> None:
        for given in _givens(stream, key, ids) if names else ():
            self._database.execute(
                "INSERT OR REPLACE INTO changed VALUES (?, ?, ?)",
                (stream, given, msgspec.json.encode(sorted(names))),
            )

    def changed(self, stream: str, given: str) -> frozenset[str]:
        """The fields of a source's object that were changed in the copy."""
        row = self._database.execute(
            "SELECT fields FROM changed WHERE stream = ? AND given = ?", (stream, given)
        ).fetchone()
        return frozenset(msgspec.json.decode(row[0])) if row else frozenset()

    def all_changed(self) -> Iterator[tuple[str, str, list[str]]]:
        """Stream, key at the source and changed fields of each object changed in the copy."""
        for stream, given, names in self._database.execute("SELECT * FROM changed"):
            yield stream, given, msgspec.json.decode(names)

    def renew(self, rows: Iterable[tuple[str, str, Record]], ids: FileOfIds) -> None:
        """Take digests of the copy as a run leaves it; fields left alone stay changed.

        The arguments are those of ``look``.
        """
        execute = self._database.execute
        execute("BEGIN")
        execute("UPDATE fields SET seen = 0")
        for stream, key, record in rows:
            if not _is_watched(ENTITIES[stream]):
                continue
            digests, before = _digests_of(stream, record), self._digests(stream, key) or {}
            for given in _givens(stream, key, ids):
                kept = self.changed(stream, given) & before.keys()
                digests |= {name: before[name] for name in kept}
            execute(
                "INSERT OR REPLACE INTO fields VALUES (?, ?, ?, 1)",
                (stream, key, msgspec.msgpack.encode(digests)),
            )
        # What was deleted in the copy stays deleted.
        for stream, key in execute("SELECT stream, key FROM fields WHERE seen = 0").fetchall():
            if not any(ALL in self.changed(stream, g) for g in _givens(stream, key, ids)):
                execute("DELETE FROM fields WHERE stream = ? AND key = ?", (stream, key))
        execute("COMMIT")

    def _digests(self, stream: str, key: str) -> dict[str, bytes] | None:
        row = self._database.execute(
            "SELECT digests FROM fields WHERE stream = ? AND key = ?", (stream, key)
        ).fetchone()
        return msgspec.msgpack.decode(row[0]) if row else None

    def close(self) -> None:
        """Give the file back."""
        self._database.close()


def _is_watched(entity: Entity) -> bool:
    """Whether its objects have keys of their own, and can be changed."""
    own = not entity.of_store and entity.per_value is None and entity.keys[-1] != "storeId"
    return own and entity.operations.update is not None


def _givens(stream: str, key: str, ids: FileOfIds) -> Iterator[str]:
    """The keys of the source that stand for an object of the copy."""
    fields = ENTITIES[stream].fields
    parts = zip(ENTITIES[stream].keys, key.split("/"), strict=True)
    numbers = {
        n
        for n in ENTITIES[stream].keys
        if fields.get(n, {"type": "integer"}).get("type") == "integer"
    }
    return ids.owners(stream, tuple(int(one) if name in numbers else one for name, one in parts))


def _digests_of(stream: str, record: Record) -> dict[str, bytes]:
    schemas = writable(ENTITIES[stream])
    return {
        name: hashlib.blake2b(
            msgspec.json.encode(taken(schemas[name], value)), digest_size=8
        ).digest()
        for name, value in record.items()
        if name in schemas and value not in (None, "", [], {})
    }
