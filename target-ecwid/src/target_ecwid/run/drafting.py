"""Puts a stream's writes into a plan, except for those that the shop doesn't allow.

Where a run writes, Ecwid says so itself. A plan has to look: whether the token has the scopes, what
a write refers to is there, and no other object has the key that it gives an object.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Kind, Write
from target_ecwid.change.checks import REFUSED
from target_ecwid.change.match import Found, Several
from target_ecwid.change.new_keys import is_new
from target_ecwid.jobs import CallJob, owner_of
from target_ecwid.record.lookups import Lookup
from target_ecwid.record.references import keys_at, top_of
from target_ecwid.record.unfit import Unfit
from target_ecwid.run.matching import UNIQUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from target_ecwid.change.changes import Change
    from target_ecwid.jobs import Job
    from target_ecwid.outcome.drafts import Planned
    from target_ecwid.plan.planning import Planning
    from target_ecwid.shop.shop import Shop

_CHECKED: Final[Mapping[str, frozenset[str]]] = {
    "products": frozenset({"categoryIds", "productClassId"}),
    "categories": frozenset({"parentId", "productIds"}),
    "customers": frozenset({"customerGroupId"}),
}
"""Entity -> references that Ecwid follows when it takes a write; it keeps others as they come."""


class _Question(NamedTuple):
    """What has to be looked up for a write.

    Attributes:
        entity: The entity of the other object.
        wanted: Whether it must be there; else it must be the write's own object, or nobody.
        field: The field that names it.
        value: Its key there.
    """

    entity: str
    wanted: bool
    field: str
    value: Any

    @property
    def lookup(self) -> Lookup:
        """How the object is looked up."""
        if self.wanted:
            return Lookup((self.value,), given=(self.value,))
        return Lookup(None, (self.field, self.value))


class Drafter:
    """Puts writes into a plan."""

    def __init__(self, job: Job, shop: Shop, planning: Planning) -> None:
        """Put nothing yet.

        Args:
            job: What is done with the stream's records.
            shop: Where things are looked up.
            planning: The plan.
        """
        self._job = job
        self._shop = shop
        self._planning = planning

    def draft(self, planned: Sequence[Planned]) -> list[Planned]:
        """Put the writes of a wave into the plan; the others come back as rejected.

        Raises:
            EcwidError: The shop can't be asked, or the plan not be written.
        """
        asked = [list(self._questions(one)) for one in planned]
        answers = self._answers(question for questions in asked for question in questions)
        taken: dict[tuple[str, str], int] = {}
        drafted = []
        for one, questions in zip(planned, asked, strict=True):
            problems = (self._problem(one, question, answers, taken) for question in questions)
            unfit = self._lacks_scope(one.change) or next(filter(None, problems), None)
            if unfit is not None:
                drafted.append(dataclasses.replace(one, change=one.change.rejected(unfit)))
                continue
            if isinstance(one.change, Write):
                self._planning.write(_with_digest(one, one.change))
            drafted.append(one)
        return drafted

    def comes_with(self, lookup: Lookup) -> Found | None:
        """The list of an object that the plan creates: it comes with the object, and is empty."""
        entity, plan = self._job.entity, self._planning.header.id
        if entity is None or entity.per_value is None:
            return None
        new = any(is_new(key, plan) for key in lookup.given)
        return Found(lookup.given, {}) if new else None

    def _lacks_scope(self, change: Change) -> Unfit | None:
        if not isinstance(change, Write):
            return None
        operation, granted = change.call.request().operation, self._shop.scopes
        missing = [] if granted is None else [s for s in operation.scopes if s not in granted]
        if not missing:
            return None
        return Unfit(
            REFUSED,
            f"{operation.id} needs {' and '.join(missing)}, and the token hasn't got it: grant the "
            "scope, or leave the stream out",
        )

    def _questions(self, planned: Planned) -> Iterator[_Question]:
        change = planned.change
        if not isinstance(change, Write) or change.kind is Kind.DELETED:
            return
        if isinstance(self._job, CallJob) or change.kind is Kind.CREATED:
            operation = change.call.request().operation
            owner = owner_of(operation)
            for name in operation.path_names[:1]:
                if owner is not None:
                    yield from self._references(owner.name, name, [change.call.path.get(name)])
        entity = ENTITIES.get(change.entity or "")
        if entity is None or isinstance(self._job, CallJob):
            return
        for path, other in entity.refers.items():
            if path in _CHECKED.get(entity.name, ()) and top_of(path) in change.changed:
                yield from self._references(other, path, keys_at(change.after, path))
        for name in UNIQUE.intersection(entity.natural_keys, change.changed):
            value = change.after[name]
            if value and planned.lookup.natural != (name, value):
                yield _Question(entity.name, wanted=False, field=name, value=value)

    def _references(self, entity: str, field: str, keys: Iterable[object]) -> Iterator[_Question]:
        for key in keys:
            if key and not is_new(key, self._planning.header.id):
                yield _Question(entity, wanted=True, field=field, value=key)

    def _answers(self, questions: Iterable[_Question]) -> dict[_Question, object]:
        """What was found for each question, all of an entity at once."""
        by_entity: dict[str, list[_Question]] = {}
        for question in dict.fromkeys(questions):
            by_entity.setdefault(question.entity, []).append(question)
        found: dict[_Question, object] = {}
        for entity, several in by_entity.items():
            matches = self._shop.finder(ENTITIES[entity]).find([one.lookup for one in several])
            found.update(zip(several, matches, strict=True))
        return found

    def _problem(
        self,
        planned: Planned,
        question: _Question,
        answers: Mapping[_Question, object],
        taken: dict[tuple[str, str], int],
    ) -> Unfit | None:
        there = answers[question]
        if question.wanted:
            if isinstance(there, Found):
                return None
            return Unfit(
                REFUSED,
                f"{question.field} refers to {question.entity} {question.value}, and there is none "
                "in the shop: send it first, or leave it out",
            )
        name, value = question.field, question.value
        first = taken.setdefault((name, str(value)), planned.record.sequence)
        keys = planned.change.keys
        if first != planned.record.sequence:
            other = f"record {first} gives it to another object"
        elif isinstance(there, Several) or (isinstance(there, Found) and there.keys != keys):
            other = f"another of the {question.entity} has it"
        else:
            return None
        return Unfit(
            REFUSED,
            f"{name} is {value!r}, and {other}: match by it, or change one of them",
        )


def _with_digest(planned: Planned, write: Write) -> Write:
    """A write that knows which file it uploads: the file can change until the plan is applied."""
    file = write.call.file
    if file is None or planned.upload is None:
        return write
    file = msgspec.structs.replace(file, digest=planned.upload.content)
    return msgspec.structs.replace(write, call=msgspec.structs.replace(write.call, file=file))
