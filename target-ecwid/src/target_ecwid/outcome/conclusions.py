"""From a reply to a step: the outcome of a change, and what is known of its object from then on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.batch import Answered, Refused
from ecwid_api.errors import AnswerError, NotFoundError
from target_ecwid.change.changes import Kind, Rejected, Write
from target_ecwid.jobs import Action, EntityJob
from target_ecwid.outcome.advice import advice_of, reason_of
from target_ecwid.outcome.drafts import deferred_fields
from target_ecwid.outcome.outcomes import Outcome
from target_ecwid.outcome.pending import Refusal, Stage
from target_ecwid.outcome.steps import Again, Waits
from target_ecwid.record.key_map import Ids
from target_ecwid.record.lookups import source_key
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from ecwid_api.errors import EcwidError
    from ecwid_api.many_requests import Written
    from target_ecwid.change.changes import Change
    from target_ecwid.jobs import Job
    from target_ecwid.outcome.drafts import Planned
    from target_ecwid.outcome.steps import Step
    from target_ecwid.plan.planning import Planning
    from target_ecwid.record.key_map import KeyMap
    from target_ecwid.record.lookups import Keys
    from target_ecwid.shop.finder import Finder

ATTEMPTS: Final = 3
"""How often a record is sent when nobody knows whether it was carried out."""

# What Ecwid answers where something is named that isn't there.
_MISSING: Final = frozenset({400, 404})
_CONFLICT: Final = 409

UNKNOWN: Final = Unfit(
    "unknown outcome",
    "Ecwid failed in the middle, and it isn't known whether it was carried out. Look into the "
    "shop, and send the record again if it wasn't",
)
TWO_RECORDS: Final = "two records, one object"
"""Why a record is rejected whose object another record of the run is already."""

CIRCLE: Final = Unfit("refers to itself", "the records refer to one another in a circle")


def rejection(
    came: Mapping[str, Any], change: Change, unfit: Unfit, error: EcwidError | None = None
) -> Outcome:
    """The outcome of a record that was not, or could not be, written.

    Args:
        came: The record as it came.
        change: What was to be done.
        unfit: Why it wasn't.
        error: Ecwid's.
    """
    known = error if isinstance(error, AnswerError) else None
    return Outcome(
        change=change,
        kind=Kind.REJECTED,
        keys=change.keys,
        reason=unfit.reason,
        message=unfit.message,
        status=known.status if known is not None else None,
        code=known.code if known is not None else None,
        record=came,
    )


def unreadable_line(number: int, problem: str, sequence: int) -> Outcome:
    """The outcome of a line of the input that can't be read.

    Args:
        number: The line's number, from 1.
        problem: What is wrong with it.
        sequence: The place in the input of the record that it may have had.
    """
    change = Rejected(
        stream="input",
        sequence=sequence,
        key={"line": number},
        reason="unreadable",
        message=f"line {number} {problem}",
    )
    return rejection({}, change, Unfit(change.reason, change.message))


class Concluder:
    """Draws conclusions from what became of a stream's changes."""

    def __init__(
        self,
        job: Job,
        finder: Finder | None,
        key_map: KeyMap,
        key_properties: tuple[str, ...],
        planning: Planning | None = None,
    ) -> None:
        """Know what to teach whom.

        Args:
            job: What is done with the records.
            finder: Learns what was written; None where nothing is looked up.
            key_map: Learns which keys objects have.
            key_properties: The fields by which the source knows a record.
            planning: The plan in the making, where nothing is written.
        """
        self._key_properties = key_properties
        self._job = job
        self._finder = finder
        self._key_map = key_map
        self._planning = planning

    def carried_out(self, planned: Planned, answer: Any = None) -> Step:  # noqa: ANN401 - any JSON
        """The step after a change that was carried out, or needed nothing, or can't be written.

        Args:
            planned: The record, with its change.
            answer: Ecwid's; None where nothing was sent.
        """
        pending, change = planned.pending, planned.change
        if isinstance(change, Rejected):
            return rejection(pending.record.came, change, Unfit(change.reason, change.message))
        kind = change.kind if isinstance(change, Write) else Kind.UNCHANGED
        keys = change.keys
        if pending.done is not None and kind in {Kind.UNCHANGED, Kind.UPDATED}:
            kind = pending.done
        if isinstance(answer, dict):
            if kind is Kind.CREATED:
                keys = self.keys_of(change, answer)
            elif 0 in (answer.get("updateCount"), answer.get("deleteCount")):
                kind = Kind.UNCHANGED
        elif kind is Kind.CREATED and self._planning is not None and keys is None:
            keys = (*planned.lookup.parent, self._planning.new_key(pending.sequence))
        if keys is not None:
            self._learn(planned, keys)
        if kind is Kind.CREATED and keys is not None and self._has_more(planned):
            return Again(pending.begun(kind, keys))
        if pending.stage is Stage.PARTIAL:
            begun = pending if kind is Kind.UNCHANGED else pending.begun(kind, keys)
            return Waits(begun.last(), planned.names)
        return Outcome(change=change, kind=kind, keys=keys)

    def _has_more(self, planned: Planned) -> bool:
        """Whether a record of a new object has fields that only a change takes."""
        job = self._job
        if not isinstance(job, EntityJob) or job.action is not Action.UPSERT:
            return False
        known = job.entity.operations
        if known.create is None or known.update is None or planned.pending.done is not None:
            return False
        fields = known.update.writable_fields - known.create.writable_fields - {*job.entity.keys}
        return any(planned.record.values.get(name) is not None for name in fields)

    def keys_of(self, change: Change, answer: object) -> Keys | None:
        """Keys of an object after a change; None where the answer to its creation has none."""
        entity = self._job.entity
        if not isinstance(change, Write) or change.keys is not None or entity is None:
            return change.keys
        if not isinstance(answer, dict):
            return None
        made = [answer[name] for name in entity.answered if answer.get(name) is not None]
        return (*change.call.path.values(), made[0]) if made else None

    def _learn(self, planned: Planned, keys: Keys) -> None:
        """Remember what an object is from now on."""
        change, finder = planned.change, self._finder
        if not isinstance(self._job, EntityJob) or not isinstance(change, Write):
            return
        if change.kind is Kind.CREATED:
            only = self._planning is not None
            self._key_map.note(self._job.entity, planned.lookup.source, keys, planned=only)
        if change.kind is Kind.DELETED:
            self._key_map.forget(self._job.entity, keys, planned=self._planning is not None)
        if finder is None:
            return
        if change.kind is Kind.DELETED:
            finder.objects.remove(keys)
            return
        natural = planned.lookup.natural
        finder.wrote(keys, {**({natural[0]: natural[1]} if natural else {}), **change.after})
        if change.kind is Kind.CREATED:
            own = self._key_map.mode is Ids.OWN
            source = source_key(planned.record, planned.lookup, self._key_properties, own=own)
            if source is not None:
                finder.objects.claim(keys, change.stream, source)

    def replied(self, planned: Planned, reply: Written, gone: Container[int]) -> Step:
        """The step after a reply.

        Args:
            planned: The record, with its change.
            reply: What came of the change's request.
            gone: Places in the input of records whose objects turned out to be gone.
        """
        if isinstance(reply, Answered):
            if _was_there(planned.change, reply.value) and self._may_be_found(planned):
                return Waits(planned.pending.doubtful().last(), planned.names)
            return self.carried_out(planned, reply.value)
        if isinstance(reply, Refused):
            return self._refused(planned, reply.error, gone)
        if self._may_be_found(planned):
            return Waits(planned.pending.doubtful().last(), planned.names)
        return rejection(planned.pending.record.came, planned.change, UNKNOWN)

    def _may_be_found(self, planned: Planned) -> bool:
        """Whether a record that may have been carried out is looked up once more."""
        natural = planned.lookup.natural
        tries_left = planned.pending.attempts + 1 < ATTEMPTS
        return natural is not None and self._finder is not None and tries_left

    def _refused(self, planned: Planned, error: EcwidError, gone: Container[int]) -> Step:
        pending, change = planned.pending, planned.change
        call = change.call if isinstance(change, Write) else None
        unfit = Unfit(reason_of(error), advice_of(error, call))
        outcome = rejection(pending.record.came, change, unfit, error)
        if not isinstance(change, Write):
            return outcome
        if isinstance(error, NotFoundError):
            if change.kind is Kind.DELETED:
                return self.carried_out(dataclasses.replace(planned, change=change.unchanged()))
            if pending.sequence in gone:
                return Again(pending.failed())
        if change.kind is Kind.CREATED and _is_taken(error) and self._may_be_found(planned):
            # The answer to a creation can get lost; then what has the key already is our own.
            refusal = Refusal(outcome.reason, outcome.message, outcome.status, outcome.code)
            return Waits(pending.doubtful(refusal).last(), planned.names)
        missing = isinstance(error, AnswerError) and error.status in _MISSING
        if not missing or not change.needs or pending.stage is Stage.LAST:
            return outcome
        deferred = deferred_fields(self._job, planned.record)
        if deferred and change.kind is Kind.CREATED and self._finder is not None:
            return Again(pending.failed().partial(deferred))
        return Waits(pending.failed().last(), planned.names)


def _was_there(change: Change, answer: object) -> bool:
    """Whether Ecwid says of a creation that there was such an object already."""
    created = isinstance(change, Write) and change.kind is Kind.CREATED
    return created and isinstance(answer, dict) and answer.get("createCount") == 0


def _is_taken(error: EcwidError) -> bool:
    """Whether Ecwid refuses a key because an object has it already."""
    return isinstance(error, AnswerError) and error.status == _CONFLICT
