"""What is known of an entity's objects in the shop: read from it, or written by this run.

It is kept in a temporary database, so that memory doesn't grow with the shop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from target_ecwid.change.match import Found, Origin
from target_ecwid.record.json_text import as_json
from target_ecwid.record.lookups import token_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.record.lookups import Keys


class Objects:
    """The objects of an entity, by their keys and by their natural keys.

    Attributes:
        complete: Whether all objects of the shop are known.
        fields: Which fields were asked for.
    """

    def __init__(self, database: sqlite3.Connection, entity: Entity) -> None:
        """Begin with none.

        Args:
            database: Where they are kept.
            entity: What they are.
        """
        self.complete = False
        self.fields: frozenset[str] = frozenset()
        self._database = database
        self._entity = entity
        self._decode = msgspec.json.Decoder().decode
        name = entity.name
        database.execute(
            f"CREATE TABLE {name} (keys TEXT PRIMARY KEY, content BLOB, own INTEGER, seen INTEGER)"
        )
        database.execute(
            f"CREATE TABLE {name}_names (name TEXT, keys TEXT, PRIMARY KEY (name, keys)) "
            "WITHOUT ROWID"
        )
        database.execute(
            f"CREATE TABLE {name}_claims (keys TEXT, stream TEXT, source TEXT, "
            "PRIMARY KEY (keys, stream)) WITHOUT ROWID"
        )
        # What this run wrote is newer than what a search shows.
        self._put = (
            f"INSERT INTO {name} VALUES (?, ?, ?, 0) ON CONFLICT DO UPDATE "  # noqa: S608
            "SET content = excluded.content, "
            "own = CASE WHEN own IN (2, 4) AND excluded.own = 0 THEN 4 ELSE excluded.own END "
            "WHERE own IN (0, 2, 4) OR excluded.own = 1"
        )
        self._put_name = f"INSERT OR IGNORE INTO {name}_names VALUES (?, ?)"  # noqa: S608
        self._get = f"SELECT content, own FROM {name} WHERE keys = ?"  # noqa: S608
        self._get_names = (
            f"SELECT content, own FROM {name}_names JOIN {name} USING (keys) WHERE name = ?"  # noqa: S608
        )

    def expect(self, fields: frozenset[str]) -> None:
        """Forget what was read without these fields; what this run wrote stays known."""
        if not fields <= self.fields:
            self.fields |= fields
            self.forget_read()

    def forget_read(self) -> None:
        """Forget what was read; what this run wrote stays known."""
        if self.complete:
            self.complete = False
        name = self._entity.name
        self._database.execute(f"DELETE FROM {name} WHERE own = 0")  # noqa: S608
        # A search that lags would not show it again.
        self._database.execute(f"UPDATE {name} SET own = 2 WHERE own = 4")  # noqa: S608

    def add(
        self, found: Iterable[Found], *, names: Iterable[str], origin: Origin = Origin.READ
    ) -> None:
        """Remember objects.

        Args:
            found: The objects.
            names: Fields by which they will be looked for.
            origin: How they are known.
        """
        wanted = tuple(names)
        rows, called = [], []
        for one in found:
            token = token_of(one.keys)
            rows.append((token, as_json([one.keys, one.fields]), origin))
            called += [(name, token) for name in self._all_names(one, wanted)]
        self._database.executemany(self._put, rows)
        self._database.executemany(self._put_name, called)

    def _all_names(self, one: Found, fields: Iterable[str]) -> Iterator[str]:
        """What an object is looked for by: its natural keys, and those of its parts."""
        for field in fields:
            value = one.fields.get(field)
            if value is not None and value != "":
                scope = self._scope(one, field)
                yield self._name(field, value, scope)
                if scope:
                    yield self._name(field, value, ())
            for part in self._parts(one, field):
                if part.get(field):
                    yield self._name(field, part[field], ())

    def _scope(self, one: Found, field: str) -> Keys:
        """Keys of what a natural key of an object counts in."""
        inside = self._entity.named_in
        if inside is None or field in self._entity.natural_keys:
            return one.keys[:-1]
        return (one.fields.get(inside) or 0,)

    def _parts(self, one: Found, field: str) -> Iterable[Mapping[str, Any]]:
        search = self._entity.searches.get(field)
        found = one.fields.get(search.parts) if search and search.parts else None
        return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []

    def remove(self, keys: Keys) -> None:
        """An object is there no longer, whatever a search says."""
        self._database.execute(
            f"UPDATE {self._entity.name} SET own = ? WHERE keys = ?",  # noqa: S608
            (Origin.GONE, token_of(keys)),
        )

    def gone(self, keys: Keys) -> None:
        """An earlier run deleted an object that a search may still show."""
        self._database.execute(
            f"INSERT INTO {self._entity.name} VALUES (?, ?, ?, 0) "  # noqa: S608
            "ON CONFLICT DO UPDATE SET own = excluded.own WHERE own != 1",
            (token_of(keys), msgspec.json.encode([keys, {}]), Origin.GONE),
        )

    def by_keys(self, keys: Keys) -> Found | None:
        """The object with these keys, if it is known."""
        row = self._database.execute(self._get, (token_of(keys),)).fetchone()
        return self._found(row) if row and row[1] != Origin.GONE else None

    def by_name(self, field: str, value: object, parent: Keys = ()) -> list[Found]:
        """The objects whose field has the value, that are known.

        Args:
            field: A natural key.
            value: Its value.
            parent: Keys of the parent in which they stand; with None for any.
        """
        parent = () if None in parent else parent
        name = self._name(field, value, parent)
        # A natural key, or its place, may have been changed since.
        return [
            one
            for one in self._named(name)
            if self._name(field, one.fields.get(field, ""), parent and self._scope(one, field))
            == name
        ]

    def by_part(self, field: str, value: object) -> list[Found]:
        """The objects of which a part has the value, that are known."""
        search = self._entity.searches.get(field)
        if search is None or search.parts is None:
            return []
        name = self._name(field, value, ())
        return [
            found
            for found in self._named(name)
            if any(
                self._name(field, part.get(field, ""), ()) == name
                for part in self._parts(found, field)
            )
        ]

    def _named(self, name: str) -> list[Found]:
        rows = self._database.execute(self._get_names, (name,)).fetchall()
        found = map(self._found, rows)
        return [one for one in found if one.origin is not Origin.GONE]

    def claim(self, keys: Keys, stream: str, source: str) -> str:
        """A record of a stream is an object; the stream's first one that says so has it.

        Args:
            keys: The object's.
            stream: The stream: another one may write other fields of the same object.
            source: How the source names the record.

        Returns:
            How the source names the record that has the object.
        """
        token = token_of(keys)
        execute = self._database.execute
        execute(
            f"INSERT OR IGNORE INTO {self._entity.name}_claims VALUES (?, ?, ?)",  # noqa: S608
            (token, stream, source),
        )
        found = execute(
            f"SELECT source FROM {self._entity.name}_claims WHERE keys = ? AND stream = ?",  # noqa: S608
            (token, stream),
        ).fetchone()
        return str(found[0])

    def release(self, keys: Keys) -> None:
        """No record of any stream has an object any more."""
        self._database.execute(
            f"DELETE FROM {self._entity.name}_claims WHERE keys = ?",  # noqa: S608
            (token_of(keys),),
        )

    def see(self, keys: Keys) -> None:
        """The input has this object."""
        self._database.execute(
            f"UPDATE {self._entity.name} SET seen = 1 WHERE keys = ?",  # noqa: S608
            (token_of(keys),),
        )

    def unseen(self) -> list[Found]:
        """The known objects that the input has not had."""
        rows = self._database.execute(
            f"SELECT content, own FROM {self._entity.name} WHERE seen = 0 AND own IN (0, 2, 4)"  # noqa: S608
        ).fetchall()
        return [self._found(row) for row in rows]

    def _found(self, row: tuple[bytes, int]) -> Found:
        keys, fields = self._decode(row[0])
        return Found(tuple(keys), fields, Origin(row[1]))

    def is_named(self, field: str, value: object, there: object) -> bool:
        """Whether two values of a natural key are the same to Ecwid."""
        return self._name(field, value, ()) == self._name(field, there, ())

    def _name(self, field: str, value: object, parent: Keys) -> str:
        text = value if isinstance(value, str) else str(value)
        search = self._entity.searches.get(field)
        if search is not None and search.folded:
            text = text.casefold()
        return "\x1f".join([*map(str, parent), field, text])
