"""How alike a shop and its copy are: both are read, and compared object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_copy.baseline import ALL
from ecwid_copy.choice import Sieve
from ecwid_copy.contents import NOT_COMPARED, PICTURE
from ecwid_copy.values import key_of, records_of, taken, writable
from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.change.comparing import same
from target_ecwid.record.key_map import Ids, KeyMap, name_of, text_of
from target_ecwid.record.references import keys_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ecwid_api.entity import Entity
    from ecwid_copy.choice import Choice
    from target_ecwid.shop.ids import FileOfIds

    Record = dict[str, Any]

_AT_ONCE: Final = 200
_EXAMPLES: Final = 5


class FieldCount(msgspec.Struct, kw_only=True):
    """What became of a field in all objects of an entity.

    Attributes:
        equal: In how many objects it is the same.
        different: In how many it isn't.
        kept: In how many it was changed in the copy, and left alone.
        impossible: In how many it has a value that can't be written through the API.
        why: Why it differs, or can't be written.
        examples: Keys of objects in which it differs.
    """

    equal: int = 0
    different: int = 0
    kept: int = 0
    impossible: int = 0
    why: str = ""
    examples: list[str] = []


class EntityCount(msgspec.Struct, kw_only=True):
    """What became of an entity's objects.

    Attributes:
        there: How many the shop has.
        copied: How many of them the copy has.
        missing: How many it doesn't have.
        kept: How many were deleted in the copy, and stay deleted.
        doubled: How many objects of the copy stand for more than one of the shop.
        only_in_copy: How many the copy has of its own.
        references: How many times an object refers to another one.
        followed: How many of these refer to its copy.
        dangling: How many refer to nothing in the shop itself, and to nothing in the copy.
        lost: How many refer to something else, or to nothing, in the copy alone.
        fields: What became of each field.
        examples: Keys of missing objects.
    """

    there: int = 0
    copied: int = 0
    missing: int = 0
    kept: int = 0
    doubled: int = 0
    only_in_copy: int = 0
    references: int = 0
    followed: int = 0
    dangling: int = 0
    lost: int = 0
    fields: dict[str, FieldCount] = {}
    examples: list[str] = []


class Comparison:
    """Two shops, side by side on disk: memory doesn't grow with them."""

    def __init__(
        self,
        ids: FileOfIds,
        choice: Choice,
        changed: Callable[[str, str], frozenset[str]],
    ) -> None:
        """Compare nothing yet.

        Args:
            ids: Which object of the shop is which of the copy.
            choice: What was wanted.
            changed: Gives the fields of an object that were changed in the copy.
        """
        self._changed = changed
        self._choice = choice
        self._key_map = KeyMap(ids, Ids.OWN)
        self._database = temporary_database()
        for side in ("source", "copy"):
            self._database.execute(
                f"CREATE TABLE {side} (stream TEXT, key TEXT, name TEXT, body BLOB, "
                "PRIMARY KEY (stream, key)) WITHOUT ROWID"
            )
        # References to parts of an object have the last part of its key.
        self._database.execute("CREATE INDEX by_name ON source (stream, name)")
        self._database.execute("CREATE TABLE taken (stream TEXT, key TEXT, of TEXT)")
        self._database.execute("CREATE INDEX by_key ON taken (stream, key)")

    def take(self, side: str, messages: Iterable[Mapping[str, Any]]) -> None:
        """Take in what a shop says.

        Args:
            side: ``source`` or ``copy``.
            messages: The tap's.
        """
        self._database.execute("BEGIN")
        sieve = Sieve(self._choice)
        for stream, record in records_of(messages):
            if side == "source" and not sieve.lets_through(stream, record):
                continue
            key = key_of(stream, record)
            self._database.execute(
                f"INSERT OR REPLACE INTO {side} VALUES (?, ?, ?, ?)",  # noqa: S608 - one of two words
                (stream, key, name_of(stream, key), msgspec.json.encode(record)),
            )
        self._database.execute("COMMIT")

    def copy(self) -> Iterator[tuple[str, str, Record]]:
        """Stream, key and record of all objects of the copy."""
        for stream, key, body in self._database.execute("SELECT stream, key, body FROM copy"):
            yield stream, key, msgspec.json.decode(body)

    def compared(self, streams: Iterable[str]) -> dict[str, EntityCount]:
        """What became of each entity."""
        return {stream: self._entity(ENTITIES[stream]) for stream in streams}

    def _entity(self, entity: Entity) -> EntityCount:
        count = EntityCount()
        for rows in self._rows(entity.name):
            self._prepare(entity, rows)
            for key, record in rows:
                count.there += 1
                there = self._copy_of(entity, key, record)
                if there is None and ALL in self._changed(entity.name, key):
                    count.kept += 1
                elif there is None:
                    count.missing += 1
                    if len(count.examples) < _EXAMPLES:
                        count.examples.append(key)
                else:
                    count.copied += 1
                    self._fields(entity, key, record, there, count)
                self._references(entity, record, there or {}, count)
        one = self._database.execute(
            "SELECT count(*) FROM (SELECT key FROM taken WHERE stream = ? GROUP BY key "
            "HAVING count(*) > 1)",
            (entity.name,),
        ).fetchone()
        other = self._database.execute(
            "SELECT count(*) FROM copy WHERE stream = ? AND key NOT IN "
            "(SELECT key FROM taken WHERE stream = ?)",
            (entity.name, entity.name),
        ).fetchone()
        count.doubled, count.only_in_copy = one[0], other[0]
        return count

    def _rows(self, stream: str) -> Iterator[list[tuple[str, Record]]]:
        cursor = self._database.execute(
            "SELECT key, body FROM source WHERE stream = ? ORDER BY key", (stream,)
        )
        while rows := cursor.fetchmany(_AT_ONCE):
            yield [(key, msgspec.json.decode(body)) for key, body in rows]

    def _prepare(self, entity: Entity, rows: list[tuple[str, Record]]) -> None:
        wanted = {(entity.name, name_of(entity.name, key)) for key, _ in rows}
        for _, record in rows:
            for path, other in _references(entity).items():
                wanted |= {(other, str(key)) for key in keys_at(record, path)}
        self._key_map.prepare(wanted)

    def _copy_of(self, entity: Entity, key: str, record: Record) -> Record | None:
        keys = self._key_map.keys_of(entity, key)
        if keys is None:
            keys = self._named_alike(entity, record)
        there = text_of(keys) if entity.keys != ("storeId",) else ""
        found = self._database.execute(
            "SELECT body FROM copy WHERE stream = ? AND key = ?", (entity.name, there)
        ).fetchone()
        if found is None:
            return None
        self._database.execute("INSERT INTO taken VALUES (?, ?, ?)", (entity.name, there, key))
        value: Record = msgspec.json.decode(found[0])
        return value

    def _named_alike(self, entity: Entity, record: Record) -> tuple[Any, ...]:
        """Keys of what is named by others' keys, or by words that all shops share."""
        references = _references(entity)
        if any(name in self._key_map.unknown(references, record, ()) for name in entity.keys):
            return (None,)
        followed = self._key_map.followed(references, record)
        return tuple(followed.get(name) for name in entity.keys)

    def _fields(
        self, entity: Entity, key: str, record: Record, there: Record, count: EntityCount
    ) -> None:
        schemas, wanted = writable(entity), self._choice.changed(entity.name, record)
        references = _references(entity)
        unknown = self._key_map.unknown(references, wanted, ())
        wanted = self._key_map.without(references, wanted, unknown)
        for name, value in wanted.items():
            if value in (None, "", [], {}) or name in entity.keys:
                continue
            if name == "media" and "product_images" not in self._choice.streams:
                continue
            field = count.fields.setdefault(name, FieldCount())
            reason = NOT_COMPARED.get(entity.name, {}).get(name)
            compared = name in schemas and reason is None
            # Each shop has addresses of its own, but the copy has a picture where the shop has one.
            if not compared and (name != PICTURE or there.get(name)):
                field.impossible += 1
                field.why = reason or "Ecwid sets it"
            elif compared and _alike(
                entity, taken(schemas[name], value), taken(schemas[name], there.get(name))
            ):
                field.equal += 1
            elif name in self._changed(entity.name, key):
                field.kept += 1
            else:
                field.different += 1
                field.why = "rejected"
                if len(field.examples) < _EXAMPLES:
                    field.examples.append(key)

    def _references(
        self, entity: Entity, record: Record, there: Record, count: EntityCount
    ) -> None:
        for path, other in _references(entity).items():
            here = self._key_map.followed({path: other}, record)
            found = {str(one) for one in keys_at(there, path)}
            for key, wanted in zip(keys_at(record, path), keys_at(here, path), strict=True):
                count.references += 1
                if not self._is_in_source(other, key):
                    count.dangling += 1
                elif str(wanted) in found:
                    count.followed += 1
                else:
                    count.lost += 1

    def _is_in_source(self, stream: str, key: object) -> bool:
        found = self._database.execute(
            "SELECT 1 FROM source WHERE stream = ? AND name = ?", (stream, str(key))
        )
        return found.fetchone() is not None

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()


def _references(entity: Entity) -> Mapping[str, str]:
    return {path: other for path, other in entity.refers.items() if other in ENTITIES}


def _alike(entity: Entity, wanted: Any, there: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a value of the copy is as it should be."""
    if entity.per_value is not None and isinstance(there, list):
        # An order holds between what is ordered; the copy can have more.
        ordered = frozenset(wanted)
        there = [one for one in there if one in ordered]
    return same(wanted, there)
