"""Carries out a plan: exactly its changes, each after another look at its object.

read → look → send → conclude, for as many changes at a time as go together. What the history says
was done already isn't done again, so that a plan that was interrupted goes on where it was.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from target_ecwid.change.changes import Kind, Rejected, Write, named
from target_ecwid.change.drift import DRIFT, checked, other_file, texts_of
from target_ecwid.change.match import Found, Several
from target_ecwid.change.new_keys import is_new, new_key, new_keys_in, with_keys
from target_ecwid.jobs import EntityJob, job_of_write, skips_rejected
from target_ecwid.outcome.conclusions import UNKNOWN, Concluder, rejection
from target_ecwid.outcome.drafts import Planned
from target_ecwid.outcome.outcomes import LOGGER, Outcome, RejectedRecordError
from target_ecwid.outcome.pending import Pending
from target_ecwid.outcome.steps import Waits
from target_ecwid.record.door import Record
from target_ecwid.record.unfit import Unfit
from target_ecwid.run.plan_groups import groups, lookup_of, sort_of, tokens_of
from target_ecwid.run.sender import Sender
from target_ecwid.shop.uploads import upload_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from target_ecwid.change.changes import Change
    from target_ecwid.change.match import Match
    from target_ecwid.outcome.outcomes import Ledger
    from target_ecwid.outcome.steps import Step
    from target_ecwid.plan.plan_file import PlanFile
    from target_ecwid.record.lookups import Keys, Lookup
    from target_ecwid.shop.finder import Finder
    from target_ecwid.shop.uploads import Upload
    from target_ecwid.shop.workplace import Workplace

_POLL: Final = 1.0
"""Seconds between two looks for what may have been created."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A change of the plan that is under way.

    Attributes:
        write: The change, with the shop's keys; its sequence is its place in the plan.
        new: What stands in the plan for the key of what it creates; None where it creates nothing.
        completes: Whether it completes an object that the plan creates.
        lookup: How its object is found.
        pending: How far it is.
    """

    write: Write
    new: str | None
    completes: bool
    lookup: Lookup
    pending: Pending


@dataclass(frozen=True, slots=True)
class _Hands:
    """What carries out the changes of a stream.

    Attributes:
        finder: Finds their objects; None for calls.
        concluder: Says what follows from a reply.
        sender: Sends them.
    """

    finder: Finder | None
    concluder: Concluder
    sender: Sender


class Replay:
    """Carries out a plan.

    Attributes:
        drifted: How many objects were left alone since they had changed.
    """

    def __init__(
        self, workplace: Workplace, config: Mapping[str, Any], plan: PlanFile, ledger: Ledger
    ) -> None:
        """Look at nothing yet.

        Args:
            workplace: The store's.
            config: The settings.
            plan: The plan.
            ledger: Takes the outcomes.
        """
        self.drifted = 0
        self._config = config
        self._plan = plan
        self._id = plan.header.id
        self._ledger = ledger
        self._history = workplace.history
        self._journal = workplace.journal
        self._shop = workplace.shop
        # What stands in the plan for a key -> the shop's key; None for what isn't there.
        self._made: dict[str, Any] = {}
        # Entity and key of what the plan has created.
        self._own: set[tuple[str | None, Any]] = set()
        self._hands: dict[tuple[str, str], _Hands] = {}
        self._left: Counter[str] = Counter()
        self._fields: dict[str, set[str]] = {}

    def carry_out(self, check_interrupted: Callable[[], None]) -> None:
        """Carry out what is left of the plan.

        Args:
            check_interrupted: Raises if the run must end; called between two groups of changes.

        Raises:
            EcwidError: Ecwid fails, or a change is rejected and that ends the run.
        """
        self._survey()
        if self._config["on_drift"] == "fail":
            self._see_that_nothing_drifted(check_interrupted)
        for group in groups(self._plan, self._config["batch_size"]):
            check_interrupted()
            lines = self._lines(group)
            while lines:
                lines = self._round(lines)

    # Reading the plan.

    def _survey(self) -> None:
        """Learn which fields of which objects the plan is about, so that each is read once."""
        for change in self._plan.changes():
            self._ledger.expect(change.stream)
            if isinstance(change, Write) and change.entity is not None:
                self._left[change.entity] += 1
                known = self._fields.setdefault(change.entity, set())
                known |= change.before.keys() | change.after.keys()
                if change.kind is Kind.DELETED and change.as_of is not None:
                    known |= texts_of(ENTITIES[change.entity])

    def _lines(self, group: Sequence[tuple[int, Write]]) -> list[_Line]:
        """What is left to do of a group."""
        past = self._history.done_of(self._id, [place for place, _ in group])
        lines: list[_Line] = []
        concluded: list[tuple[_Line, Outcome]] = []
        for place, write in group:
            line = self._line(place, write)
            known = past.get(place)
            if known is not None and known.fate == "done":
                self._note(line, known.keys)
                continue
            try:
                made = with_keys(line.write, self._id, self._made)
            except Unfit as unfit:
                concluded.append((line, _rejection(line, unfit)))
                continue
            line = dataclasses.replace(line, write=made, lookup=lookup_of(made))
            if known is None or known.never_left or made.call.request().idempotent:
                lines.append(line)
            elif line.lookup.natural is not None:
                lines.append(dataclasses.replace(line, pending=line.pending.doubtful()))
            else:
                concluded.append((line, _rejection(line, UNKNOWN)))
        self._conclude(concluded)
        return lines

    def _line(self, place: int, write: Write) -> _Line:
        created = write.kind is Kind.CREATED
        record = Record(
            stream=write.stream,
            sequence=place,
            came={**write.key, **write.after},
            values={},
            deleted=write.kind is Kind.DELETED,
        )
        return _Line(
            write=msgspec.structs.replace(write, sequence=place),
            new=new_key(self._id, write.sequence) if created else None,
            completes=any(is_new(key, self._id) for key in write.keys or ()) and not created,
            lookup=lookup_of(write),
            pending=Pending(record=record).last(),
        )

    # Carrying it out.

    def _round(self, lines: Sequence[_Line]) -> list[_Line]:
        """Look at objects, and send what is as it was; returns what has to go once more."""
        hands = self._of(lines[0].write)
        concluded: list[tuple[_Line, Outcome]] = []
        again: list[_Line] = []
        sent: list[Planned] = []
        by_place = {line.write.sequence: line for line in lines}
        for line, match in zip(lines, self._matches(hands.finder, lines), strict=True):
            step = self._looked_at(line, match, hands)
            if isinstance(step, Planned):
                sent.append(step)
            elif isinstance(step, Outcome):
                concluded.append((line, step))
            else:
                again.append(line)
        waits, failure = bool(again), None
        if sent:
            places = [one.pending.sequence for one in sent]
            steps, failure = hands.sender.send(sent, places)
            for step in steps:
                if isinstance(step, Outcome):
                    concluded.append((by_place[step.change.sequence], step))
                else:
                    line = by_place[step.pending.sequence]
                    again.append(dataclasses.replace(line, pending=step.pending))
                    waits = waits or isinstance(step, Waits)
        self._conclude(concluded)
        if failure is not None:
            raise failure
        if waits:
            self._shop.client.pacer.sleep(_POLL)
        return again

    def _looked_at(self, line: _Line, match: Match, hands: _Hands) -> Step | Planned:
        """What follows from a look at an object: a change to send, an outcome, or a wait."""
        write, pending, finder = line.write, line.pending, hands.finder
        change: Change
        if line.new is not None and self._is_own(write.entity, match):
            # Another record of the plan has the same SKU, as its records say.
            match = None
        if write.keys is None and line.new is None and isinstance(match, Found):
            path = write.call.request().operation.path_of(match.keys)
            call = msgspec.structs.replace(write.call, path=path)
            write = msgspec.structs.replace(write, keys=match.keys, call=call)
            line = dataclasses.replace(line, write=write)
        if line.new is not None and pending.done is not None and finder is not None:
            # It was sent before, and no answer said what came of it.
            if match is None and self._journal.doubts.has(finder.entity, line.lookup):
                return Waits(pending, frozenset())
            if match is None and (refusal := pending.refusal) is not None:
                return _rejection(line, Unfit(refusal.reason, refusal.message))
            change = write
            if isinstance(match, Found):
                change = msgspec.structs.replace(write, keys=match.keys).unchanged()
                self._shop.key_map.note(finder.entity, write.given, match.keys)
        else:
            change = self._checked(line, match)
        change, upload = _with_upload(change)
        planned = Planned(
            pending=pending,
            record=pending.record,
            lookup=line.lookup,
            change=change,
            names=frozenset(),
            upload=upload,
        )
        return planned if isinstance(change, Write) else hands.concluder.carried_out(planned)

    def _is_own(self, entity: str | None, match: Match) -> bool:
        """Whether the plan has created what was found, and nothing else was."""
        found = match.found if isinstance(match, Several) else ()
        found = (match.keys,) if isinstance(match, Found) else found
        return bool(found) and all((entity, keys[-1]) in self._own for keys in found)

    def _checked(self, line: _Line, match: Match) -> Change:
        """A change, as it can be carried out now."""
        write = line.write
        if line.completes and not write.before and isinstance(match, Found):
            # It came with an object that the plan creates: nobody has changed it.
            before = {name: match.fields.get(name) for name in write.after}
            write = msgspec.structs.replace(write, before=before)
        drifted = checked(
            write,
            match,
            overwrites=self._config["on_drift"] == "overwrite",
            by_field=self._plan.header.kind == "undo",
        )
        if drifted.left_alone:
            LOGGER.warning(
                "%s: %s changed since, and stays as it is",
                named(line.write),
                ", ".join(drifted.left_alone),
            )
        return drifted.change

    def _conclude(self, concluded: Sequence[tuple[_Line, Outcome]]) -> None:
        """Have outcomes on disk; then raise what ends the run."""
        self._journal.keep_keys()
        for line, outcome in concluded:
            written = outcome.kind is not Kind.REJECTED
            self._note(line, outcome.keys if written else None)
            self.drifted += outcome.reason == DRIFT
        # What completes an object that the plan creates is no change of its own.
        self._ledger.write(
            outcome
            for line, outcome in concluded
            if outcome.kind is Kind.REJECTED or not line.completes
        )
        for _, outcome in concluded:
            ends = outcome.kind is Kind.REJECTED and outcome.reason != DRIFT
            if ends and not skips_rejected(self._config, outcome.stream):
                raise RejectedRecordError(outcome, self._ledger.folder)

    def _note(self, line: _Line, keys: Keys | None) -> None:
        """A change is done with; what it created has these keys."""
        self._left[line.write.entity or ""] -= 1
        if line.new is not None:
            self._made[line.new] = keys[-1] if keys is not None else None
            if keys is not None:
                self._own.add((line.write.entity, keys[-1]))

    # Looking at objects.

    def _of(self, write: Write) -> _Hands:
        """What carries out a change."""
        sort = sort_of(write)
        if sort not in self._hands:
            job = job_of_write(
                write.stream,
                write.call.request().operation,
                write.entity,
                is_object=not write.is_call,
            )
            finder = None
            entity = job.entity if isinstance(job, EntityJob) else None
            if entity is not None and (entity.embedded or entity.operations.read):
                finder = self._shop.finder(entity)
                finder.expect(self._fields.get(entity.name, ()), None)
                self._shop.remember_recent(finder)
            concluder = Concluder(job, finder, self._shop.key_map, ())
            self._hands[sort] = _Hands(
                finder, concluder, Sender(job, self._shop, finder, concluder)
            )
        return self._hands[sort]

    def _matches(self, finder: Finder | None, lines: Sequence[_Line]) -> list[Match]:
        """The objects of changes, as they are now; None where there is none."""
        matches: list[Match] = [None] * len(lines)
        # An action that creates, whatever is there, has an identity.
        needing = [n for n, line in enumerate(lines) if line.write.identity is None]
        if finder is None or not needing:
            return matches
        lookups = [lines[n].lookup for n in needing]
        finder.coming = max(0, self._left[finder.entity.name] - len(lines))
        doubtful = [lines[n].lookup for n in needing if lines[n].pending.done is not None]
        if doubtful:
            finder.look_again(doubtful)
        get = finder.entity.operations.get
        if self._journal.settled.recent and get is not None:
            # A search may show them as they were before the last run.
            finder.look_up_each(get, [k.keys for k in lookups if k.keys is not None])
        for n, match in zip(needing, finder.find(lookups), strict=True):
            matches[n] = match
        return matches

    def _see_that_nothing_drifted(self, check_interrupted: Callable[[], None]) -> None:
        """Look at all objects before the first write.

        Raises:
            SettingError: One has changed.
        """
        # What an earlier change of the plan is about becomes what the later one expects.
        met: set[int] = set()
        for group in groups(self._plan, self._config["batch_size"]):
            check_interrupted()
            known = self._history.done_of(self._id, [place for place, _ in group])
            firsts = [
                (place, write)
                for place, write in group
                if place not in known and met.isdisjoint(map(hash, tokens_of(write)))
            ]
            met.update(hash(token) for _, write in group for token in tokens_of(write))
            lines = [self._line(place, write) for place, write in firsts]
            lines = [line for line in lines if not any(new_keys_in(line.write, self._id))]
            finder = self._of(group[0][1]).finder
            for line, match in zip(lines, self._matches(finder, lines), strict=True):
                change, _ = _with_upload(self._checked(line, match))
                if isinstance(change, Rejected) and change.reason == DRIFT:
                    raise SettingError(
                        "on_drift",
                        f"is fail, and {named(line.write)} has changed since the plan was made: "
                        f"{change.message.partition('. ')[0]}. Nothing was written: make a new "
                        "plan",
                    )


def _with_upload(change: Change) -> tuple[Change, Upload | None]:
    """A change and what it uploads; a rejection where the file isn't the one that was planned."""
    if not isinstance(change, Write):
        return change, None
    try:
        upload = upload_of(change.call.request())
    except OSError as error:
        unfit = Unfit(DRIFT, f"the file can't be read any more: {error}. Make a new plan")
        return change.rejected(unfit), None
    unfit_file = other_file(change, upload.content) if upload is not None else None
    return (change, upload) if unfit_file is None else (change.rejected(unfit_file), None)


def _rejection(line: _Line, unfit: Unfit) -> Outcome:
    return rejection(line.pending.record.came, line.write.rejected(unfit), unfit)
