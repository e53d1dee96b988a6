"""What records say of other objects, and which keys those objects have in this shop.

A source can have keys of its own: its product 5001 may be this shop's product 17, and this shop's
5001 another one. So a reference is written only when it is known what its key means:

=================================================  ================================================
records of the entity, in this run or before       a key that none of them had
=================================================  ================================================
have other keys than their objects in the shop     is unknown, and never written as it came
have the keys of the shop, or none                 is the shop's
had keys, but none is in the shop                  is unknown
are still to come in this run                      waits for them
don't come in this run                             is the shop's
=================================================  ================================================
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from target_ecwid.jobs import CallJob, owner_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.jobs import Job
    from target_ecwid.record.lookups import Keys

_OMITTED: Final = object()


def references_of(job: Job) -> Mapping[str, str]:
    """Field of a record -> entity whose key it holds; with dots where it is inside another.

    Args:
        job: What is done with the record.
    """
    found: dict[str, str] = {}
    if isinstance(job, CallJob):
        of_operation = (e for e in ENTITIES.values() if job.operation.id in {e.create, e.update})
        for entity in of_operation:
            found |= entity.refers
        owner = owner_of(job.operation)
        if owner is not None:
            found[job.operation.path_names[0]] = owner.name
    elif job.entity is not None:
        found |= job.entity.refers
    return found


def top_of(path: str) -> str:
    """The field of the record in which a reference stands."""
    return path.partition(".")[0]


def keys_at(value: Any, path: str) -> Iterator[int | str]:  # noqa: ANN401 - any part of a record
    """The keys that stand at a path of names with dots between them, in lists as well."""
    return _keys_at(value, path.split("."))


def _keys_at(value: Any, path: list[str]) -> Iterator[int | str]:  # noqa: ANN401
    if isinstance(value, list):
        for one in value:
            yield from _keys_at(one, path)
    elif path:
        if isinstance(value, dict):
            yield from _keys_at(value.get(path[0]), path[1:])
    elif _is_key(value):
        yield value


def _is_key(value: object) -> bool:
    # 0 stands for none, such as for the parent of a category on top.
    return isinstance(value, int | str) and not isinstance(value, bool) and bool(value)


def needs_of(
    entity: Entity, values: Mapping[str, Any], names: Container[str]
) -> dict[str, list[Any]]:
    """Entity -> keys of objects that some fields of a record refer to.

    Args:
        entity: The record's entity.
        values: The record's fields.
        names: The top-level fields that count.
    """
    found: dict[str, list[Any]] = {}
    for path, other in entity.refers.items():
        if top_of(path) in names and (keys := list(keys_at(values, path))):
            found.setdefault(other, []).extend(keys)
    return found


@dataclass(slots=True)
class _Source:
    """What is known of how the source names an entity's objects.

    Attributes:
        came: Whether it had a record of the entity.
        named: Whether one of them had a key.
        same: Whether an object in the shop has the key of its record.
        differs: Whether one has another.
    """

    came: bool = False
    named: bool = False
    same: bool = False
    differs: bool = False


class KeyMap:
    """The keys that objects of a source have in this shop, kept from run to run."""

    def __init__(self, database: sqlite3.Connection, source: str = "") -> None:
        """Read what earlier runs learned.

        Args:
            database: Where they are kept.
            source: The source's name: each has keys of its own.
        """
        self._database = database
        self._name = source
        database.execute(
            "CREATE TABLE IF NOT EXISTS key_map (source TEXT, entity TEXT, given TEXT, key BLOB, "
            "differs INTEGER, PRIMARY KEY (source, entity, given)) WITHOUT ROWID"
        )
        # What this run learned and hasn't kept yet; None for what is gone.
        self._new: dict[tuple[str, str], bytes | None] = {}
        self._sources = {
            entity: _Source(same=not lowest, differs=bool(highest))
            for entity, lowest, highest in database.execute(
                "SELECT entity, min(differs), max(differs) FROM key_map WHERE source = ? "
                "GROUP BY entity",
                (source,),
            )
        }

    def saw(self, entity: Entity, values: Mapping[str, Any]) -> None:
        """A record of an entity came.

        Args:
            entity: The entity.
            values: The record's fields, with the source's keys.
        """
        source = self._source(entity)
        source.came = True
        source.named = source.named or _is_key(values.get(entity.keys[-1]))

    def note(self, entity: Entity, values: Mapping[str, Any], keys: Keys) -> None:
        """It is known which object of the shop a record is.

        Args:
            entity: The object's entity.
            values: The record's fields, with the source's keys.
            keys: The object's keys in the shop.
        """
        given = values.get(entity.keys[-1])
        if not _is_key(given):
            return
        source = self._source(entity)
        if str(given) == str(keys[-1]):
            source.same = True
        else:
            source.differs = True
        key = msgspec.json.encode(keys[-1])
        if self._row(entity.name, given) != key:
            self._new[entity.name, str(given)] = key

    @property
    def learned(self) -> bool:
        """Whether there is something that isn't kept yet."""
        return bool(self._new)

    def forget(self, entity: Entity, values: Mapping[str, Any]) -> None:
        """A record's object is no longer there."""
        given = values.get(entity.keys[-1])
        if self._row(entity.name, given) is not None:
            self._new[entity.name, str(given)] = None

    def keep(self, made: Iterable[tuple[str, object, object]] = ()) -> None:
        """Keep what was learned; on disk when the caller's transaction is.

        Args:
            made: Entity, the source's key and the shop's of what was created just now.
        """
        found = [(e, str(given), msgspec.json.encode(key)) for e, given, key in made]
        gone = [(self._name, *place) for place, key in self._new.items() if key is None]
        found += [(*place, key) for place, key in self._new.items() if key is not None]
        self._new.clear()
        self._database.executemany(
            "DELETE FROM key_map WHERE source = ? AND entity = ? AND given = ?", gone
        )
        self._database.executemany(
            "INSERT OR REPLACE INTO key_map VALUES (?, ?, ?, ?, ?)",
            [
                (self._name, entity, given, key, given != str(msgspec.json.decode(key)))
                for entity, given, key in found
            ],
        )

    def is_strange(self, entity: Entity, values: Mapping[str, Any]) -> bool:
        """Whether a record's key is the source's, and nobody knows what it is in the shop."""
        source, given = self._sources.get(entity.name), values.get(entity.keys[-1])
        return source is not None and source.differs and not self._has(entity.name, given)

    def _source(self, entity: Entity) -> _Source:
        return self._sources.setdefault(entity.name, _Source())

    def followed(self, references: Mapping[str, str], values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """A record's values with the shop's keys of all that it refers to, where they are known.

        Args:
            references: Where it refers to what; see ``references_of``.
            values: The record's fields, with the source's keys.
        """
        for path, other in references.items():
            source = self._sources.get(other)
            if source is not None and source.differs:
                values = _changed(values, path.split("."), functools.partial(self._here, other))
        return values

    def without(
        self, references: Mapping[str, str], values: Mapping[str, Any], unknown: Iterable[str]
    ) -> Any:  # noqa: ANN401
        """A record's values with the shop's keys, and without references that are unknown.

        Args:
            references: Where it refers to what; see ``references_of``.
            values: The record's fields, with the source's keys.
            unknown: The paths at which unknown references are left out.
        """
        for path in unknown:
            keep = functools.partial(self._if_known, references[path])
            values = _changed(values, path.split("."), keep)
        return self.followed(references, values)

    def unknown(
        self, references: Mapping[str, str], values: Mapping[str, Any], expected: Container[str]
    ) -> dict[str, list[int | str]]:
        """Path -> references of which it isn't known what they are in the shop.

        Args:
            references: Where the record refers to what; see ``references_of``.
            values: The record's fields, with the source's keys.
            expected: Names of entities of which records can still come.
        """
        found: dict[str, list[int | str]] = {}
        for path, other in references.items():
            source = self._sources.get(other, _Source())
            if not source.differs and (source.same or (source.came and not source.named)):
                continue
            if not (source.came or source.differs) and other not in expected:
                continue
            keys = [key for key in keys_at(values, path) if not self._has(other, key)]
            if keys:
                found[path] = keys
        return found

    def has(self, entity: Entity, key: object) -> bool:
        """Whether it is known which object of the shop a key of the source is."""
        return self._has(entity.name, key)

    def _has(self, entity: str, key: object) -> bool:
        return self._row(entity, key) is not None

    def _here(self, entity: str, key: int | str) -> int | str:
        row = self._row(entity, key)
        here: Any = msgspec.json.decode(row) if row is not None else key
        return str(here) if isinstance(key, str) else here

    def _if_known(self, entity: str, key: int | str) -> object:
        return key if self._has(entity, key) else _OMITTED

    def _row(self, entity: str, key: object) -> bytes | None:
        if (entity, str(key)) in self._new:
            return self._new[entity, str(key)]
        row = self._database.execute(
            "SELECT key FROM key_map WHERE source = ? AND entity = ? AND given = ?",
            (self._name, entity, str(key)),
        ).fetchone()
        return row[0] if row is not None else None


def replaced(values: Any, path: str, change: Callable[[int | str], object]) -> Any:  # noqa: ANN401
    """A copy of a record's values with other keys at a path.

    Args:
        values: The record's fields.
        path: Names with dots between them.
        change: Gives the key that takes a key's place.
    """
    return _changed(values, path.split("."), change)


def _changed(value: Any, path: list[str], change: Callable[[int | str], object]) -> Any:  # noqa: ANN401
    """A copy with other keys at a path; the record itself stays as it is."""
    if isinstance(value, list):
        several = [_changed(one, path, change) for one in value]
        return [one for one in several if one is not _OMITTED]
    if not path:
        return change(value) if _is_key(value) else value
    name, *inner = path
    if not isinstance(value, dict) or name not in value:
        return value
    made = _changed(value[name], inner, change)
    if made is _OMITTED:
        return {n: v for n, v in value.items() if n != name}
    return {**value, name: made}
