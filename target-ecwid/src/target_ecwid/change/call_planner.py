"""Changes of a stream whose records are calls of one operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Kind, Unchanged, Write
from target_ecwid.change.planner import Planner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_ecwid.change.changes import Change
    from target_ecwid.change.match import Found
    from target_ecwid.jobs import CallJob
    from target_ecwid.record.door import Record
    from target_ecwid.record.lookups import Lookup

_KINDS: Final[Mapping[str, Kind]] = {
    "POST": Kind.CREATED,
    "PUT": Kind.UPDATED,
    "DELETE": Kind.DELETED,
}


class CallPlanner(Planner):
    """Makes calls of an operation."""

    def __init__(self, job: CallJob, config: Mapping[str, Any]) -> None:
        """Compile what a stream's records become; the arguments are those of ``Planner``."""
        adding = {entity.create for entity in ENTITIES.values()}
        # A file that takes the place of another can be uploaded again.
        replaces = job.operation.takes_file and job.operation.id not in adding
        super().__init__(job, config, once=None if replaces else "call")
        self._operation = job.operation
        keys = job.entity.keys if job.entity is not None else ()
        # The first parameters of the path are the keys of the entity's object.
        self._places = dict(zip(job.operation.path_names, range(len(keys)), strict=False))

    @property
    def finds_objects(self) -> bool:
        """Whether objects are looked up at all."""
        return self.job.entity is not None

    def needs_object(self, record: Record) -> bool:
        """Whether a record lacks a key of its object."""
        return any(self._value(name, record, None) is None for name in self._places)

    def _value(self, name: str, record: Record, match: Found | None) -> object:
        value: object = record.path.get(name, record.values.get(name))
        entity = self.job.entity
        if value is None and entity is not None and name in self._places:
            place = self._places[name]
            if match is not None:
                return match.keys[place]
            if self.job.key in {None, *entity.keys}:
                value = record.values.get(entity.keys[place])
        return value

    def change_of(
        self, record: Record, lookup: Lookup, match: Found | None, about: dict[str, Any]
    ) -> Change:
        """The call that a record makes."""
        del lookup
        operation = self._operation
        if record.deleted and operation.method != "DELETE":
            return Unchanged(**about)
        path = {}
        for name in operation.path_names:
            value = self._value(name, record, match)
            if value is None:
                raise self.caller.no_value(name)
            path[name] = value
        body = self.caller.body(operation, record.values)
        return Write(
            kind=_KINDS[operation.method],
            call=self.caller.call(operation, record, path, body),
            keys=tuple(path.values()) or None,
            identity=None if operation.idempotent else self.identity(record),
            **about,
        )
