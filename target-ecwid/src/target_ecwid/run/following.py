"""Follows a stream's references: from the source's keys to those of this shop."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, Any, Final

from target_ecwid.change.changes import Rejected, Write
from target_ecwid.jobs import CallJob, EntityJob
from target_ecwid.record.key_map import Ids, key_of, name_of
from target_ecwid.record.references import keys_at, references_of, replaced, top_of, type_at
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from target_ecwid.change.changes import Change
    from target_ecwid.jobs import Job
    from target_ecwid.outcome.pending import Pending
    from target_ecwid.record.door import Record
    from target_ecwid.record.key_map import KeyMap
    from target_ecwid.record.lookups import Keys, Lookup

LOGGER = logging.getLogger(__name__)

_SHOWN: Final = 5


class Follower:
    """Follows a stream's references."""

    def __init__(
        self, job: Job, key_map: KeyMap, key_properties: tuple[str, ...], *, omits: bool
    ) -> None:
        """Settle on the fields that refer to something.

        Args:
            job: What is done with the stream's records.
            key_map: Knows which keys the shop has for those of the source.
            key_properties: The fields by which the source knows a record.
            omits: Whether a record goes without a reference that can't be followed.
        """
        self._job = job
        self._key_map = key_map
        self._omits = omits
        self._references = references_of(job)
        self._known_as = dict(self._references)
        fields = {n: x for o in job.operations for n, x in o.body_fields.items()}
        self._in_texts = [n for n in self._references if type_at(fields, n) == "string"]
        self._first: tuple[str, ...] = ()
        entity = job.entity
        naming = {*entity.natural_keys, job.key} if entity is not None else set()
        self._natural_keys = [name for name in naming if name is not None]
        self._key_properties = () if naming.intersection(key_properties) else key_properties
        self._has_keys = False
        named = entity.keys if entity is not None else ()
        paths = (name for operation in job.operations for name in operation.path_names)
        self._names_it = frozenset((*named, *paths))
        self._limits = entity.limits if entity is not None else ()
        if isinstance(job, CallJob) and entity is not None:
            self._known_as.setdefault(entity.keys[-1], entity.name)
        if isinstance(job, EntityJob):
            # What is named by another object's key, by a word that all shops share, or is one in a
            # store, has no key of its own.
            key = job.entity.keys[-1]
            shared = "enum" in job.entity.fields.get(key, {})
            self._has_keys = key not in {"storeId", *job.entity.refers} and not shared
            self._first = tuple(
                path
                for path, other in job.entity.refers.items()
                if other == job.entity.name and top_of(path) not in job.entity.deferred
            )

    @property
    def within(self) -> bool:
        """Whether records refer to others of their stream."""
        entity = self._job.entity
        return entity is not None and entity.name in self._references.values()

    @property
    def together(self) -> bool:
        """Whether records refer to others of their stream that have to be written first."""
        return bool(self._first)

    def saw(self, pending: Pending) -> None:
        """A record came."""
        if isinstance(self._job, EntityJob):
            self._key_map.saw(self._job.entity, self._source_key(pending.record))

    def _source_key(self, record: Record) -> str | None:
        """How the source names a record: by the keys of its entity, or else by those it says."""
        entity = self._job.entity
        if not self._has_keys or entity is None:
            return None
        parts = [
            _key_in(record.path.get(parameter, record.values.get(key)))
            for key, parameter in zip(entity.keys, entity.key_parameters, strict=True)
        ]
        if parts[-1] is not None:
            return key_of([part for part in parts if part is not None])
        given = key_of([record.came.get(name) for name in self._key_properties])
        # A natural key that the source has under another name finds the object by itself.
        natural = {str(record.values.get(name)) for name in self._natural_keys}
        return None if given in natural else given

    def prepare(self, several: Sequence[Pending]) -> None:
        """Have it read at once what some records need to know."""
        wanted: set[tuple[str, str]] = set()
        entity = self._job.entity
        for one in several:
            values = one.record.named_values
            for path, other in self._known_as.items():
                wanted |= {(other, str(key)) for key in keys_at(values, path)}
            given = self._source_key(one.record)
            if given is not None and entity is not None:
                wanted.add((entity.name, name_of(entity.name, given)))
        self._key_map.prepare(wanted)

    def followed(self, pending: Pending) -> Record:
        """A record with the shop's keys of its object and of what it refers to."""
        record = pending.record
        values = self._in_text(self._key_map.followed(self._known_as, record.values))
        path = self._key_map.followed(self._known_as, record.path)
        path = {**path, **pending.path_keys} if pending.path_keys else path
        return record.with_values(values).with_path(path).without(pending.left_out)

    def _in_text(self, values: Any) -> Any:  # noqa: ANN401 - a record's fields
        """A record's fields, with texts where Ecwid has keys in texts."""
        for path in self._in_texts:
            values = replaced(values, path, str)
        return values

    def named(self, pending: Pending, lookup: Lookup) -> Lookup:
        """How a record names its object, when the source's key of it is known or means nothing.

        Args:
            pending: The record.
            lookup: How its fields name the object.
        """
        if not isinstance(self._job, EntityJob):
            return lookup
        entity, given = self._job.entity, self._source_key(pending.record)
        keys = lookup.keys
        if given is not None:
            known = self._key_map.keys_of(entity, given)
            keys = None if self._key_map.is_strange(entity, given) else known or keys
        if pending.keys is not None:
            keys = pending.keys
        return dataclasses.replace(lookup, keys=keys, source=given)

    def is_of_source(self, keys: Keys) -> bool:
        """Whether an object is the source's to take away.

        A source with ids of its own had all objects that the map knows, and no others.
        """
        entity = self._job.entity
        if self._key_map.mode is not Ids.OWN or entity is None:
            return True
        return bool(self._key_map.owners(entity, keys))

    def coming(self, pending: Sequence[Pending]) -> AbstractSet[object]:
        """Keys, as the source has them, of objects that a wave's records may still create."""
        entity = self._job.entity
        if not self._first or entity is None:
            return frozenset()
        records = (one.record for one in pending)
        given = {r.values.get(entity.keys[-1]) for r in records if not r.deleted} - {None}
        return {key for key in given if not self._key_map.has(entity, key)}

    def waits_for(self, pending: Pending, coming: AbstractSet[object]) -> bool:
        """Whether a record refers to another of its stream that isn't there yet."""
        entity, values = self._job.entity, pending.record.named_values
        own = values.get(entity.keys[-1]) if entity is not None else None
        keys = (key for path in self._first for key in keys_at(values, path))
        return any(key in coming and key != own for key in keys)

    def unknown(
        self, pending: Pending, change: Change, expected: Container[str]
    ) -> dict[str, list[int | str]]:
        """Path -> references that are about to be written, and may mean something else here.

        Args:
            pending: The record.
            change: What it does to the shop.
            expected: Names of the entities of which records can still come.
        """
        if isinstance(change, Rejected) or not self._references:
            return {}
        written: set[str] = set()
        if isinstance(change, Write):
            written = {*change.changed, *change.call.path}
            if isinstance(self._job, CallJob) and isinstance(change.call.body, dict):
                written |= change.call.body.keys()
        if self._key_map.mode is Ids.OWN:
            # What looks like the shop's value may be the source's key of something else.
            written |= pending.record.values.keys()
        if not written:
            return {}
        paths = {n: other for n, other in self._references.items() if top_of(n) in written}
        values = pending.record.without(pending.left_out).named_values
        return self._key_map.unknown(paths, values, expected)

    def can_come(self, unknown: Iterable[str], expected: Container[str]) -> bool:
        """Whether what references point to can still come.

        Args:
            unknown: Where they stand.
            expected: Names of the entities of which records can still come.
        """
        return any(self._references[path] in expected for path in unknown)

    def without(
        self, pending: Pending, unknown: Mapping[str, Sequence[int | str]]
    ) -> Record | Unfit:
        """A record that waited in vain, without the references that can't be followed.

        Args:
            pending: The record.
            unknown: Those references.

        Returns:
            The record, or why it is rejected.
        """
        said = "; ".join(
            f"{path} refers to {self._references[path]} {', '.join(map(str, keys[:_SHOWN]))}"
            for path, keys in unknown.items()
        )
        if not self._omits:
            done = ". The object was written without it" if pending.done else ""
            return Unfit(
                "unknown reference",
                f"{said}, as the source counts, and no such record is in the shop{done}. Send "
                "those records too, or set unknown_references to omit. If the keys are the shop's "
                "own, set ids to shared",
            )
        record = pending.record
        if self._names_it.intersection(unknown):
            return Unfit(
                "unknown reference",
                f"{said}, as the source counts, and no such record is in the shop. Send those "
                "records too: the path can't go without it",
            )
        if self._is_limited_by(record, unknown):
            return Unfit(
                "unknown reference",
                f"{said}, as the source counts, and no such record is in the shop. Without it, "
                "this would apply to everything: correct it at the source",
            )
        LOGGER.warning(
            "%s: %s, as the source counts, and no such record is in the shop: left out",
            self._job.stream,
            said,
        )
        values = self._in_text(self._key_map.without(self._known_as, record.values, unknown))
        path: Any = self._key_map.without(self._known_as, record.path, unknown)
        path = {**path, **pending.path_keys}
        return record.with_values(values).with_path(path)

    def _is_limited_by(self, record: Record, unknown: Mapping[str, Sequence[int | str]]) -> bool:
        """Whether a record's object would have no limit without what is unknown."""
        fields = {top_of(path) for path in unknown if path in self._limits}
        left = {
            top_of(path)
            for path in self._limits
            if {*keys_at(record.values, path)}.difference(unknown.get(path, ()))
        }
        return bool(fields - left)


def _key_in(value: object) -> object:
    """What the source calls an object: in a path that may be another key than its own."""
    return next(iter(value.values()), None) if isinstance(value, dict) else value
