"""How a record names the object that it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from target_ecwid.jobs import CallJob

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_api.entity import Entity
    from target_ecwid.jobs import Job
    from target_ecwid.record.door import Record


Keys: TypeAlias = tuple[Any, ...]
"""Values of an entity's keys, in their order."""

Names: TypeAlias = frozenset[object]
"""Names of an object; two records that share one are about one object."""


def token_of(keys: Keys) -> str:
    """An object's keys as one text, for databases."""
    return "\x1f".join(map(str, keys))


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a record names its object.

    Attributes:
        keys: Values of the entity's keys; None where the object isn't found by them.
        natural: A natural key and its value; None where the record has none.
        parent: Keys of the parent that holds the object; None within where it isn't known.
        given: Values of the entity's keys that the record has; None for those that it hasn't.
        source: How the source names the object, where it does; see ``key_map``.
        place: Key of the object below which a name counts, for entities with ``named_in``: 0 for
            none, None where the record doesn't say.
    """

    keys: Keys | None
    natural: tuple[str, Any] | None = None
    parent: Keys = ()
    given: Keys = field(default=(), compare=False)
    source: str | None = None
    place: Keys = ()

    @property
    def scope(self) -> Keys:
        """Keys of what the natural key counts in."""
        return self.place or self.parent

    @property
    def names(self) -> Names:
        """All names of the object."""
        found: set[object] = set()
        if self.keys is not None:
            found.add(tuple(map(str, self.keys)))
        if self.natural is not None:
            # Ecwid doesn't tell e-mail addresses apart by capitals.
            found.add((self.natural[0], str(self.natural[1]).casefold(), self.scope))
        if self.source is not None:
            found.add(("source", self.source))
        return frozenset(found)


def source_key(
    record: Record, lookup: Lookup, key_properties: Sequence[str], *, own: bool
) -> str | None:
    """How the source names a record; None where it doesn't, or where the shop does in the same way.

    Args:
        record: The record.
        lookup: How it names its object.
        key_properties: The stream's.
        own: Whether it is known that ids are the source's own.
    """
    if lookup.natural is None or tuple(key_properties) == lookup.natural[:1]:
        return None
    values = [record.came.get(name) for name in key_properties]
    if not values:
        # Records that are made of others have no other key.
        return f"id {lookup.source}" if own and lookup.source is not None else None
    if None in values:
        return None
    return ", ".join(f"{n} {v}" for n, v in zip(key_properties, values, strict=True))


class Naming:
    """Reads the names of objects from a stream's records."""

    def __init__(self, job: Job, store_id: int) -> None:
        """Settle on the fields that name an object.

        Args:
            job: What is done with the records.
            store_id: The store's id, which is the key of what a store has one of.
        """
        self._job = job
        self._store_id = store_id
        self.natural_keys = _natural_keys(job)

    def lookup(self, record: Record) -> Lookup:
        """How a record names its object."""
        entity = self._job.entity
        if entity is None:
            return Lookup(None)
        given = self._given(entity, record)
        complete = None not in given and self._job.key in {None, *entity.keys}
        natural = next(
            (
                (name, record.values[name])
                for name in self.natural_keys
                if record.values.get(name) not in (None, "")
            ),
            None,
        )
        place: Keys = ()
        if natural is not None and entity.named_in is not None:
            counts_anywhere = natural[0] in entity.natural_keys
            place = () if counts_anywhere else (record.values.get(entity.named_in),)
        return Lookup(given if complete else None, natural, given[:-1], given, place=place)

    def _given(self, entity: Entity, record: Record) -> Keys:
        if entity.keys == ("storeId",):
            return (self._store_id,)
        path = record.path
        found: list[Any] = []
        for name, parameter in zip(entity.keys, entity.key_parameters, strict=True):
            value = path.get(parameter)
            if isinstance(value, dict):
                # It is named by another key, which was not found yet.
                found.append(None)
                continue
            if value is None and isinstance(self._job, CallJob):
                value = record.values.get(parameter)
            if value is None:
                value = record.values.get(name)
            found.append(None if value == "" else value)
        return tuple(found)

    def key(self, fields: Mapping[str, Any], lookup: Lookup | None = None) -> dict[str, Any]:
        """The fields by which a record's owner knows it.

        Args:
            fields: The record's.
            lookup: How it names its object, where that is known.
        """
        if lookup is not None and lookup.natural is not None:
            return {lookup.natural[0]: lookup.natural[1]}
        entity = self._job.entity
        names: tuple[str, ...] = (self._job.key,) if self._job.key is not None else ()
        if entity is not None:
            names = (*names, *entity.keys, *entity.natural_keys)
        return {name: fields[name] for name in names if fields.get(name) is not None}


def _natural_keys(job: Job) -> tuple[str, ...]:
    if job.entity is None:
        return ()
    if job.key is not None:
        return () if job.key in job.entity.keys else (job.key,)
    return job.entity.natural_keys
