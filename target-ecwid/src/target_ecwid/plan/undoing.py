"""Turns a run round: what it has written becomes the plan that takes it back.

Fields are put back, what was created is deleted, what was deleted is created again, the last write
first. Each is planned as a record would be that asks for it, with the object as the run left it.
"""

from __future__ import annotations

import functools
import hashlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Call, Kind, Rejected, Write
from target_ecwid.change.entity_planner import EntityPlanner
from target_ecwid.change.match import Found
from target_ecwid.change.new_keys import new_key
from target_ecwid.change.pictures import ADDRESS, picture_of, pictures
from target_ecwid.jobs import Action, EntityJob
from target_ecwid.plan.putting_back import (
    adds,
    impossible,
    no_value,
    root_of,
    to_put_back,
)
from target_ecwid.record.door import Record
from target_ecwid.record.lookups import Lookup
from target_ecwid.record.references import keys_at, replaced, top_of
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.change.changes import Change
    from target_ecwid.change.past_write import PastWrite
    from target_ecwid.change.pictures import Picture
    from target_ecwid.record.lookups import Keys

IMPOSSIBLE: Final = "can't be taken back"
"""The reason why something isn't in the plan of an undo."""

_PLACES: Final = 1_000_000_000
"""More than a run has writes: sequences of parts come behind those of all objects."""

_NO_KEYS: Final = (
    "no answer said which object it is. Look for it in the shop, and delete it there if it was "
    "created"
)


_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


class Undoing:
    """Turns the writes of a run round. It sees all of them twice, the last one first."""

    def __init__(self, config: Mapping[str, Any], plan: str) -> None:
        """Turn nothing round yet.

        Args:
            config: The settings, without secrets.
            plan: The id of the plan to make.
        """
        self._config = {"store_id": config["store_id"], "hard_delete": True}
        self._plan = plan
        self._planners: dict[tuple[str, Action, frozenset[str]], EntityPlanner] = {}
        # Entity -> the key of what the run deleted -> what stands for it until it is there again.
        self._again: dict[str, dict[str, str]] = {}
        # Objects that the run wrote, by entity and key: when it wrote them, or a part, last.
        self._last: dict[tuple[str, str], float] = {}
        self._created: set[tuple[str, str]] = set()
        # What the plan has created again so far, and the fields that wait, by the write's place.
        self._there: set[tuple[str, str]] = set()
        self._held: dict[int, frozenset[str]] = {}

    # The first time.

    def survey(self, past: PastWrite) -> None:
        """Note what a write did to its object as a whole: others of the run refer to it."""
        write, keys = past.change, past.keys
        if past.never_left:
            return
        # Where no answer said a part's key, its path says whose part it is.
        known = keys or tuple(write.call.path.values())
        if write.entity is None or not known:
            return
        entity = ENTITIES[write.entity]
        root = root_of(entity, known)
        self._last[root] = max(self._last.get(root, 0.0), past.at)
        if not keys:
            return
        if entity.embedded is None and write.call.operation == entity.create:
            self._created.add(root)
        if write.kind is Kind.DELETED and write.call.operation == entity.delete:
            self._will_be_again(entity, keys[-1], past.place)
            for sequence, part, row in self._parts_of(entity, past):
                self._will_be_again(part, row.get(part.keys[-1]), sequence)

    def _will_be_again(self, entity: Entity, key: object, sequence: int) -> None:
        again = self._again.setdefault(entity.name, {})
        again[str(key)] = new_key(self._plan, sequence)

    # The second time.

    def turned_round(self, past: PastWrite) -> Iterator[Change]:
        """The changes that take a write back."""
        write = past.change
        if past.never_left:
            return
        about: dict[str, Any] = {
            "stream": write.stream,
            "sequence": past.place,
            "key": write.key,
            "entity": write.entity,
        }
        why = impossible(write)
        if not past.keys and not adds(write) and write.natural is None:
            why = why or _NO_KEYS
        if why is not None:
            yield Rejected(reason=IMPOSSIBLE, message=why, keys=past.keys, **about)
            return
        try:
            yield from self._changes(past, past.keys or (), about)
        except Unfit as unfit:
            yield Rejected(reason=unfit.reason, message=unfit.message, keys=past.keys, **about)

    def _changes(self, past: PastWrite, keys: Keys, about: dict[str, Any]) -> Iterator[Change]:
        write = past.change
        if adds(write):
            yield self._taken_away(write, past, about)
            return
        picture = pictures().get(write.call.operation)
        entity = picture.entity if picture is not None else ENTITIES[write.entity or ""]
        root = root_of(entity, keys or tuple(write.call.path.values()))
        if root in self._created and (entity.embedded or write.call.operation != entity.create):
            return  # It goes with the object that it is a part of.
        if picture is not None:
            yield self._picture(picture, write.before, tuple(write.call.path.values()), about)
        elif not keys:
            yield self._found_and_deleted(entity, write, about)
        elif write.kind is Kind.CREATED:
            yield self._deleted(entity, past, keys, about)
        elif write.kind is Kind.DELETED:
            yield from self._created_again(entity, past, keys, about)
        else:
            yield from self._put_back(entity, past, keys, about)

    def _taken_away(self, write: Write, past: PastWrite, about: Mapping[str, Any]) -> Change:
        """The call that takes away what a call added, such as to a stock."""
        body = {name: -value for name, value in write.call.body.items()}
        identity = f"{self._plan} {past.place}".encode()
        return Write(
            kind=write.kind,
            call=msgspec.structs.replace(write.call, body=body),
            keys=past.keys,
            identity=hashlib.blake2b(identity, digest_size=16).digest(),
            **about,
        )

    def _found_and_deleted(self, entity: Entity, write: Write, about: Mapping[str, Any]) -> Change:
        """The change that deletes what was created, where no answer said which keys it has."""
        delete = entity.operations.delete
        if delete is None or write.kind is not Kind.CREATED:
            raise Unfit(IMPOSSIBLE, _NO_KEYS)
        call = Call(operation=delete.id, group=delete.group, path=dict(write.call.path))
        return Write(kind=Kind.DELETED, call=call, before=write.after, **about)

    def _deleted(
        self, entity: Entity, past: PastWrite, keys: Keys, about: Mapping[str, Any]
    ) -> Change:
        """The change that deletes what was created."""
        root = root_of(entity, keys)
        write = past.change
        alone = self._last[root] <= past.at
        left = write.after if alone and entity.embedded is None else {}
        change = self._planner(entity).removal(Found(keys, left), dict(about))
        if isinstance(change, Write):
            change = msgspec.structs.replace(change, as_of=self._last[root] or None)
        return change

    def _created_again(
        self, entity: Entity, past: PastWrite, keys: Keys, about: Mapping[str, Any]
    ) -> Iterator[Change]:
        """The changes that create what was deleted, and its parts."""
        write = past.change
        held_back = self._held_back(entity, write.before)
        if held_back:
            self._held[about["sequence"]] = held_back
        self._there.add((entity.name, str(keys[-1])))
        fields = {name: v for name, v in write.before.items() if name not in held_back}
        made = self._new(entity, fields, self._now(entity, keys)[:-1], about)
        if isinstance(made, Write):
            # The source still names it so.
            made = msgspec.structs.replace(made, given=write.given)
        yield made
        yield from self._completed(entity, write.before, self._now(entity, keys), about)
        for sequence, part, row in self._parts_of(entity, past):
            key = {name: row[name] for name in (*part.natural_keys, part.keys[-1]) if row.get(name)}
            of_part = {**about, "sequence": sequence, "key": key, "entity": part.name}
            try:
                yield self._new(part, row, self._now(entity, keys), of_part)
                now = (*self._now(entity, keys), new_key(self._plan, sequence))
                yield from self._completed(part, row, now, of_part)
            except Unfit as unfit:
                yield Rejected(reason=IMPOSSIBLE, message=unfit.message, **of_part)

    def _held_back(self, entity: Entity, fields: Mapping[str, Any]) -> frozenset[str]:
        """Fields of a new object that refer to others that aren't there again before it."""
        create, update = entity.operations.create, entity.operations.update
        if create is None or update is None:
            return frozenset()
        missing = {
            top_of(path)
            for path, other in entity.refers.items()
            for key in keys_at(fields, path)
            if self._key_now(other, key) != key and (other, str(key)) not in self._there
        }
        return (update.writable_fields - create.required_fields).intersection(missing)

    def referred(self, past: PastWrite) -> Iterator[Change]:
        """The change that lets an object refer to others, when all are there again."""
        write, keys = past.change, past.keys or ()
        held_back = self._held.pop(past.place, ())
        if held_back:
            entity = ENTITIES[write.entity or ""]
            values = {name: write.before[name] for name in held_back}
            about = {"stream": write.stream, "sequence": past.place, "entity": entity.name}
            about["key"] = write.key
            yield self._update(entity, values, self._now(entity, keys), {}, about)

    def _update(
        self,
        entity: Entity,
        values: Mapping[str, Any],
        now: Keys,
        there: Mapping[str, Any],
        about: Mapping[str, Any],
        query: Mapping[str, Any] = _NONE,
    ) -> Change:
        """The change that gives an object fields."""
        record = self._record(entity, values, about)
        lookup = Lookup(now, None, now[:-1], now)
        planner = self._planner(
            entity, needed=frozenset(entity.only_with.values()).intersection(query)
        )
        return planner.change_of(record, lookup, Found(now, there), dict(about))

    def _completed(
        self, entity: Entity, fields: Mapping[str, Any], now: Keys, about: Mapping[str, Any]
    ) -> Iterator[Change]:
        """The changes that give a new object what Ecwid takes only when it is there."""
        known, picture = entity.operations, picture_of(entity)
        if known.create is not None and known.update is not None:
            names = known.update.writable_fields - known.create.writable_fields - {*entity.keys}
            values = {name: fields[name] for name in names if fields.get(name) is not None}
            if values:
                change = self._update(entity, values, now, {}, about)
                if isinstance(change, Write):
                    yield change
        # The first of several pictures is the object's.
        if picture is not None and fields.get(ADDRESS) and "media" not in entity.fields:
            yield self._picture(picture, fields, now, about)

    def _picture(
        self, picture: Picture, before: Mapping[str, Any], keys: Keys, about: Mapping[str, Any]
    ) -> Change:
        """The change that gives an object the picture back that it had, or none."""
        address = before.get(ADDRESS)
        operation = picture.upload if address else picture.delete
        now = self._now(picture.entity, keys)
        return Write(
            kind=Kind.UPDATED if address else Kind.DELETED,
            call=Call(
                operation=operation.id,
                group=operation.group,
                path=operation.path_of(now),
                query={"externalUrl": address} if address else {},
            ),
            keys=now,
            **{**about, "entity": picture.entity.name},
        )

    def _new(
        self,
        entity: Entity,
        fields: Mapping[str, Any],
        parent: Keys,
        about: Mapping[str, Any],
    ) -> Change:
        create = entity.operations.create
        if create is None:
            raise Unfit(IMPOSSIBLE, f"Ecwid can't create {entity.name}")
        values = {n: v for n, v in fields.items() if n in create.writable_fields and v is not None}
        chosen = entity.keys[-1] in create.writable_fields
        if not chosen:
            values.pop(entity.keys[-1], None)
        if create.takes_file:
            values |= _file_of(fields)
        natural = next(((n, values[n]) for n in entity.natural_keys if values.get(n)), None)
        given = (*parent, fields.get(entity.keys[-1]) if chosen else None)
        lookup = Lookup(None, natural, parent, given)
        record = self._record(entity, values, about)
        # What nothing names can't be looked for.
        action = Action.UPSERT if natural is not None else Action.CREATE
        change = self._planner(entity, action).change_of(record, lookup, None, dict(about))
        if isinstance(change, Write):
            change = msgspec.structs.replace(change, given=None)
        return change

    def _put_back(
        self, entity: Entity, past: PastWrite, keys: Keys, about: Mapping[str, Any]
    ) -> Iterator[Change]:
        """The change that gives an object its fields back."""
        write = past.change
        values, lost = to_put_back(entity, write, write.after)
        if lost:
            yield Rejected(reason=IMPOSSIBLE, message=no_value(lost), keys=keys, **about)
        update, now = entity.operations.update, self._now(entity, keys)
        if not values or update is None:
            return
        named = zip(entity.keys, now, strict=True)
        values |= {name: key for name, key in named if name in update.query_names}
        change = self._update(entity, values, now, write.after, about, write.call.query)
        if isinstance(change, Write):
            change = msgspec.structs.replace(change, as_of=past.at or None)
        yield change

    def _record(
        self, entity: Entity, values: Mapping[str, Any], about: Mapping[str, Any]
    ) -> Record:
        """What a record would be that asks for fields; what was deleted has another key now."""
        for path, other in entity.refers.items():
            if other in self._again:
                values = replaced(values, path, functools.partial(self._key_now, other))
        return Record(
            stream=about["stream"], sequence=about["sequence"], came=about["key"], values=values
        )

    def _key_now(self, entity: str, key: object) -> object:
        return self._again.get(entity, {}).get(str(key), key)

    def _parts_of(
        self, entity: Entity, past: PastWrite
    ) -> Iterator[tuple[int, Entity, Mapping[str, Any]]]:
        """The parts of an object that don't come with it, but by operations of their own.

        Yields:
            The sequence of the part's creation, its entity, and its fields.
        """
        count = 0
        create = entity.operations.create
        with_it = self._planner(entity).sent_fields(create) if create is not None else frozenset()
        for part in ENTITIES.values():
            if part.embedded is None or part.embedded.parent != entity.name or part.create is None:
                continue
            if part.embedded.field.partition(".")[0] in with_it:
                continue
            inside: Any = past.change.before
            for name in part.embedded.field.split("."):
                inside = inside.get(name) if isinstance(inside, dict) else None
            for row in inside if isinstance(inside, list) else ():
                if isinstance(row, dict):
                    count += 1
                    yield count * _PLACES + past.place, part, row

    def _now(self, entity: Entity, keys: Keys) -> Keys:
        """An object's keys, when those of what was deleted have changed."""
        names = [entity.name]
        if entity.embedded is not None and len(keys) > 1:
            names = [entity.embedded.parent, entity.name]
        if len(names) != len(keys):
            return keys
        return tuple(self._key_now(name, key) for name, key in zip(names, keys, strict=True))

    def _planner(
        self,
        entity: Entity,
        action: Action = Action.UPSERT,
        needed: frozenset[str] = frozenset(),
    ) -> EntityPlanner:
        known = (entity.name, action, needed)
        if known not in self._planners:
            query = dict.fromkeys(needed, True)
            job = EntityJob(stream=entity.name, entity=entity, action=action, query=query)
            self._planners[known] = EntityPlanner(job, self._config)
        return self._planners[known]


def _file_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Where the bytes of a picture or a file that was there can be had."""
    for name in ("imageOriginalUrl", "adminUrl"):
        if fields.get(name):
            return {"url": fields[name]}
    raise Unfit(IMPOSSIBLE, "nothing says where its file is")
