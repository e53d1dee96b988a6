"""From a record, and the object that was found for it, to a change. Pure: nothing is sent.

``Planner`` has what all jobs share; ``entity_planner`` and ``call_planner`` have the two kinds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ecwid_api.entities import ENTITIES
from ecwid_plugin import expressions
from target_ecwid.change.calls import Caller
from target_ecwid.change.changes import Rejected, Write
from target_ecwid.change.checks import check_call
from target_ecwid.change.match import InDoubt, PartOf, Several
from target_ecwid.change.shop_rules import check_rules
from target_ecwid.change.upload_folder import UploadFolder
from target_ecwid.jobs import FILE_FIELDS
from target_ecwid.record.door import Door, identity_of
from target_ecwid.record.lookups import Naming
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from target_ecwid.change.changes import Change
    from target_ecwid.change.match import Found, Match
    from target_ecwid.jobs import Job
    from target_ecwid.record.door import Record
    from target_ecwid.record.lookups import Lookup


class Planner(ABC):
    """Makes changes of a stream's records.

    Attributes:
        job: What is done with the records.
        door: Brings records into their form.
        naming: Reads the names of objects from records.
        once: The job's name in the journal, where its records can't be recognised in the shop and
            each is carried out once; None where they can.
    """

    def __init__(self, job: Job, config: Mapping[str, Any], *, once: str | None) -> None:
        """Compile what a stream's records become.

        Args:
            job: What is done with them.
            config: The settings that expressions may read: without secrets.
            once: The job's name in the journal, where its records can't be recognised.
        """
        self.job = job
        self.once = once
        self.door = Door(job, config)
        self.naming = Naming(job, int(config["store_id"]))
        self.caller = Caller(job, self.door, UploadFolder(config))

    @property
    def known_fields(self) -> frozenset[str]:
        """Fields of a record that are used."""
        job = self.job
        names: set[str] = set()
        for operation in job.operations:
            names |= {p.name for p in operation.parameters} | self.sent_fields(operation)
            names |= set(FILE_FIELDS) if operation.takes_file else set()
        entity = job.entity
        if entity is not None:
            names |= {*entity.keys, *self.naming.natural_keys}
            names |= {entity.content} if entity.content else set()
        for given in (job.path, job.query, job.payload):
            for value in given.values():
                names |= expressions.names_in(value)
        return frozenset(names)

    @property
    def takes_any_field(self) -> bool:
        """Whether a body is whatever the record has, since the description names no field."""
        content = self.job.entity.content if self.job.entity is not None else None
        return content is None and any(
            o.body is not None and not o.body_fields and not o.takes_file
            for o in self.job.operations
        )

    def sent_fields(self, operation: Operation) -> frozenset[str]:
        """Fields of a record that an operation is sent."""
        return operation.writable_fields

    @property
    def compared_fields(self) -> frozenset[str]:
        """Fields that are compared with those of the object."""
        return frozenset()

    @property
    def kept_fields(self) -> frozenset[str]:
        """Fields that must be read of an object that may be deleted, to have it again some day."""
        return frozenset()

    @property
    @abstractmethod
    def finds_objects(self) -> bool:
        """Whether objects are looked up at all."""

    @abstractmethod
    def needs_object(self, record: Record) -> bool:
        """Whether a record's object must be known before anything is sent."""

    def identity(self, record: Record) -> bytes | None:
        """What the journal recognises a record by, where its object can't be recognised."""
        return identity_of(record.stream, self.once, record.came) if self.once else None

    def record(self, came: Mapping[str, Any], sequence: int) -> Record | Rejected:
        """A record in its one form, or why it can't be used."""
        try:
            return self.door.record(came, sequence)
        except Unfit as unfit:
            return self.rejected(came, sequence, unfit)

    def rejected(self, came: Mapping[str, Any], sequence: int, unfit: Unfit) -> Rejected:
        """The rejection of a record of which only its fields are known."""
        return Rejected(
            stream=self.job.stream,
            sequence=sequence,
            key=self.naming.key(came),
            entity=self.job.entity.name if self.job.entity is not None else None,
            reason=unfit.reason,
            message=unfit.message,
        )

    def change(self, record: Record, lookup: Lookup, match: Match) -> Change:
        """What a record does to the shop.

        Args:
            record: The record.
            lookup: How it names its object.
            match: The object; None where it isn't in the shop.
        """
        about = self.about(record, lookup)
        try:
            if isinstance(match, Several):
                raise _several(match)
            if isinstance(match, PartOf):
                raise _of_a_part(self.job.entity, match)
            if isinstance(match, InDoubt):
                raise _in_doubt(about["entity"], match)
            return _checked(self.change_of(record, lookup, match, about), match)
        except Unfit as unfit:
            keys = match.keys if match is not None and not isinstance(match, Several) else None
            return Rejected(reason=unfit.reason, message=unfit.message, keys=keys, **about)

    def about(self, record: Record, lookup: Lookup) -> dict[str, Any]:
        """What every change of a record has."""
        return {
            "stream": record.stream,
            "sequence": record.sequence,
            "key": self.naming.key(record.named_values, lookup),
            "entity": self.job.entity.name if self.job.entity is not None else None,
        }

    @abstractmethod
    def change_of(
        self, record: Record, lookup: Lookup, match: Found | None, about: dict[str, Any]
    ) -> Change:
        """What a record does to the shop, where its object is known or surely not there.

        Raises:
            Unfit: The record can't be used.
        """


def _checked(change: Change, match: Found | None) -> Change:
    """A change that Ecwid takes, as far as is known.

    Raises:
        Unfit: Ecwid would refuse it.
    """
    if isinstance(change, Write):
        check_call(change.call, change.call.request().operation)
        check_rules(change, match.fields if match is not None else {})
    return change


def _several(match: Several) -> Unfit:
    ids = ", ".join(str(keys[-1]) for keys in match.found)
    return Unfit(
        "duplicates in the shop",
        f"{match.field} {match.value} is not unique in the shop: ids {ids} have it. "
        "Delete or rename all but one, or match by another key",
    )


def _in_doubt(entity: str, match: InDoubt) -> Unfit:
    """Why a record isn't written whose key is that of an object with another natural key."""
    return Unfit(
        "whose id",
        f"the shop's {entity} {'/'.join(map(str, match.keys))} has {match.field} {match.there}, "
        f"and the record with that id has {match.value}. If the records have the shop's ids, set "
        "ids to shared; if the ids are the source's own, set ids to own",
    )


def _of_a_part(entity: Entity | None, match: PartOf) -> Unfit:
    """Why a record isn't written whose key is that of another object's part."""
    found = [
        one.name
        for one in ENTITIES.values()
        if one.embedded is not None
        and entity is not None
        and one.embedded.parent == entity.name
        and one.embedded.field == entity.searches[match.field].parts
    ]
    return Unfit(
        "key of a part",
        f"{match.field} {match.value} is that of one of the {' or '.join(found)} of "
        f"{'/'.join(map(str, match.keys))}. Send it in a stream with entity {found[0]} and "
        f"key {match.field}",
    )
