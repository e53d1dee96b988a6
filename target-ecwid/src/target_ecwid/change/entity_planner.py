"""Changes of a stream whose records are objects of an entity: create, update, delete, disable."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import msgspec

from target_ecwid.change import merging, parts
from target_ecwid.change.changes import Call, Kind, Unchanged, Write
from target_ecwid.change.comparing import differing
from target_ecwid.change.planner import Planner
from target_ecwid.jobs import Action
from target_ecwid.record.references import is_key, needs_of
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecwid_api.description import Operation
    from target_ecwid.change.changes import Change
    from target_ecwid.change.match import Found
    from target_ecwid.jobs import EntityJob
    from target_ecwid.record.door import Record
    from target_ecwid.record.lookups import Keys, Lookup


class EntityPlanner(Planner):
    """Makes changes of an entity's objects."""

    def __init__(self, job: EntityJob, config: Mapping[str, Any]) -> None:
        """Compile what a stream's records become; the arguments are those of ``Planner``."""
        super().__init__(job, config, once="create" if job.action is Action.CREATE else None)
        self.entity = job.entity
        self._action = job.action
        # An action says what it means; a record of deletion may come from anywhere.
        self._deletes = bool(config.get("hard_delete")) or job.action is Action.DELETE
        self._apart = parts.paths_of(job.entity)
        update = job.entity.operations.update
        lists = merging.mergeable(update) if update is not None else {}
        self._merged = {name: lists[name] for name in job.merge}
        self._ignored = {o.id: self._not_sent(o) for o in job.operations}

    def _not_sent(self, operation: Operation) -> frozenset[str]:
        """Fields that Ecwid ignores in a write, or sets itself: they would differ each time."""
        entity, query = self.entity, self.job.query
        names = {field for field, parameter in entity.only_with.items() if parameter not in query}
        names |= set(entity.keys) if operation.method == "PUT" else {p[0] for p in self._apart}
        return frozenset(names | ({entity.updates.field} if entity.updates else set()))

    def sent_fields(self, operation: Operation) -> frozenset[str]:
        """Fields of a record that an operation is sent."""
        return operation.writable_fields - self._ignored[operation.id]

    @property
    def compared_fields(self) -> frozenset[str]:
        """Fields that are compared with those of the object."""
        return frozenset().union(*(self.sent_fields(o) for o in self.job.operations))

    @property
    def kept_fields(self) -> frozenset[str]:
        """All fields, where an object can be deleted and not be read alone before."""
        alone = self.entity.operations.get is not None
        return frozenset() if alone or not self._deletes else frozenset(self.entity.fields)

    @functools.cached_property
    def only_at_creation(self) -> frozenset[str]:
        """Fields that Ecwid takes when an object is created, and never again."""
        known = self.entity.operations
        if known.create is None or known.update is None:
            return frozenset()
        fields = known.create.writable_fields - known.update.writable_fields
        return fields - {*self.entity.keys, *self.entity.natural_keys}

    @property
    def finds_objects(self) -> bool:
        """Whether objects are looked up at all."""
        return self._action is not Action.CREATE

    def needs_object(self, record: Record) -> bool:
        """Whether a record's object must be known before anything is sent."""
        del record
        return self.finds_objects

    def change_of(
        self, record: Record, lookup: Lookup, match: Found | None, about: dict[str, Any]
    ) -> Change:
        """What a record does to its object."""
        if record.deleted or self._action is Action.DELETE:
            if match is None:
                return Unchanged(**about)
            made = self.removal(match, about)
            deletes = isinstance(made, Write) and made.kind is Kind.DELETED
            return msgspec.structs.replace(made, given=lookup.source) if deletes else made
        if match is not None:
            return self._update(record, match, about)
        return self._create(record, lookup, about)

    def _create(self, record: Record, lookup: Lookup, about: dict[str, Any]) -> Change:
        entity, operation = self.entity, self.entity.operations.create
        if operation is None or self._action is Action.UPDATE:
            instead = (
                "the action is update: use upsert to create it"
                if operation is not None
                else "Ecwid can't create one"
            )
            raise Unfit(
                "not in the shop", f"there is no such object among {entity.name}, and {instead}"
            )
        if self._action is Action.UPSERT and not operation.takes_file:
            self._check_name(record, lookup)
        path = operation.path_of(lookup.given)
        for name, value in path.items():
            if value is None:
                raise self.caller.no_value(name)
        # An object can be without a name of people's: Ecwid gives it one, or says that it needs it.
        lacking = operation.required_fields - record.values.keys() - {*entity.natural_keys}
        if lacking and lookup.given[-1] is not None and self._action is Action.UPSERT:
            raise Unfit(
                "not in the shop",
                f"there is no {', '.join(map(str, lookup.given))} among {entity.name}, and to "
                f"create one the record lacks {', '.join(sorted(lacking))}",
            )
        body = self._body(operation, record.values)
        if isinstance(body, dict):
            body = {name: value for name, value in body.items() if value is not None}
        after = body if isinstance(body, dict) else {entity.content or "": body}
        # Keys that are sent are the object's.
        sent = {*operation.path_names, *after}
        named = zip(entity.keys, entity.key_parameters, lookup.given, strict=True)
        known = all(v is not None and (n in sent or p in sent) for n, p, v in named)
        return Write(
            kind=Kind.CREATED,
            call=self.caller.call(operation, record, path, body),
            keys=lookup.given if known else None,
            after=after,
            needs=needs_of(entity, record.named_values, {*after, *entity.keys}),
            given=lookup.source,
            identity=self.identity(record),
            **about,
        )

    def _check_name(self, record: Record, lookup: Lookup) -> None:
        """See that the next run would find what is created, where people can name it at all."""
        names = self.naming.natural_keys or self.entity.natural_keys
        named = lookup.source is not None or is_key(lookup.given[-1])
        if lookup.natural is not None or not names or named:
            return
        raise Unfit(
            "no key",
            f"the record has no {' or '.join(names)}: each run would create it again. Give it "
            f"one, or set streams.{record.stream}.action to create",
        )

    def _body(self, operation: Operation, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if operation.body is None or operation.takes_file or not operation.body_fields:
            return self.caller.body(operation, values)
        return self.caller.fields(operation, values, self._ignored[operation.id])

    def _update(self, record: Record, match: Found, about: dict[str, Any]) -> Change:
        entity, operation = self.entity, self.entity.operations.update
        if operation is None:
            return Unchanged(keys=match.keys, **about)
        body = self._body(operation, record.values)
        if not isinstance(body, dict):
            name = entity.content or ""
            there = match.fields.get(name)
            if body is None or _same_content(body, there):
                return Unchanged(keys=match.keys, **about)
            after: dict[str, Any] = {name: body}
            sent = body
        else:
            body = parts.changed_parts(body, match.fields, self._apart)
            body = parts.without_strange_ids(body, match.fields)
            body = merging.merged(body, match.fields, self._merged)
            # 0 refers to nothing, such as to the parent of a category on top.
            nothing = {n for n in entity.refers if body.get(n) == 0 and not match.fields.get(n)}
            changed = tuple(n for n in differing(body, match.fields) if n not in nothing)
            if not changed:
                return Unchanged(keys=match.keys, **about)
            needed = operation.required_fields
            sent = after = {n: v for n, v in body.items() if n in changed or n in needed}
        call = self.caller.call(operation, record, operation.path_of(match.keys), sent)
        return Write(
            kind=Kind.UPDATED,
            call=call,
            keys=match.keys,
            before=_fields_of(match, entity.with_together(after)),
            after=after,
            needs=needs_of(entity, record.named_values, after),
            **about,
        )

    def removal(self, match: Found, about: dict[str, Any]) -> Change:
        """The change that deletes an object, or disables it where nothing is deleted for good.

        Args:
            match: The object.
            about: What every change has.

        Raises:
            Unfit: Ecwid can't.
        """
        entity, known = self.entity, self.entity.operations
        if self._deletes:
            if known.delete is None:
                raise Unfit("can't be deleted", f"Ecwid can't delete {entity.name}")
            return Write(
                kind=Kind.DELETED,
                call=_call(known.delete, match.keys),
                keys=match.keys,
                before=dict(match.fields),
                **about,
            )
        if not entity.disabling or known.update is None:
            raise Unfit(
                "can't be disabled",
                f"{entity.name} can't be disabled, only deleted for good: set hard_delete",
            )
        after = dict(entity.disabling)
        if not differing(after, match.fields):
            return Unchanged(keys=match.keys, **about)
        return Write(
            kind=Kind.UPDATED,
            call=_call(known.update, match.keys, after),
            keys=match.keys,
            before=_fields_of(match, after),
            after=after,
            **about,
        )


def _call(operation: Operation, keys: Keys, body: object = None) -> Call:
    return Call(
        operation=operation.id, group=operation.group, path=operation.path_of(keys), body=body
    )


def _fields_of(match: Found, names: Iterable[str]) -> dict[str, Any]:
    """The fields of an object that a write changes, as the shop has them."""
    return {name: match.fields[name] for name in names if name in match.fields}


def _same_content(sent: object, there: object) -> bool:
    """Whether something that is kept as a text is the same; Ecwid gives it as it was sent."""
    if sent == there:
        return True
    try:
        return isinstance(there, str) and bool(msgspec.json.decode(there) == sent)
    except msgspec.DecodeError:
        return False
