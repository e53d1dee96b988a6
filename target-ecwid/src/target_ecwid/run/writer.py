"""Writes a stream's records wave by wave: name, find, plan, send, conclude.

In a wave no two records are about one object, so that its requests may be carried out in any order.
Records about one object take effect in the order of the input: one that waits holds back those
behind it for the same object, and only those.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from target_ecwid.change.changes import Kind, Rejected, Unchanged, Write
from target_ecwid.change.comparing import differing
from target_ecwid.change.entity_planner import EntityPlanner
from target_ecwid.change.match import Found, Origin
from target_ecwid.jobs import CallJob
from target_ecwid.outcome.conclusions import CIRCLE, TWO_RECORDS, UNKNOWN, Concluder, rejection
from target_ecwid.outcome.drafts import Named, Planned, deferred_fields
from target_ecwid.outcome.outcomes import Outcome
from target_ecwid.outcome.pending import Stage
from target_ecwid.outcome.steps import Again, Waits, result_of
from target_ecwid.record.key_map import Ids
from target_ecwid.record.lookups import source_key
from target_ecwid.record.references import top_of
from target_ecwid.record.unfit import Unfit
from target_ecwid.run.drafting import Drafter
from target_ecwid.run.following import Follower
from target_ecwid.run.matching import Matcher
from target_ecwid.run.path_keys import PathKeys
from target_ecwid.run.sender import Sender
from target_ecwid.shop.uploads import uploaded

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from target_ecwid.change.changes import Change
    from target_ecwid.change.match import Match
    from target_ecwid.change.planner import Planner
    from target_ecwid.outcome.pending import Pending
    from target_ecwid.outcome.steps import Result, Step
    from target_ecwid.record.door import Record
    from target_ecwid.record.lookups import Keys, Lookup, Names
    from target_ecwid.run.waiting import Held
    from target_ecwid.shop.finder import Finder
    from target_ecwid.shop.shop import Shop

_NOTHING: Final[Names] = frozenset()


class Writer:
    """Writes a stream's records.

    Attributes:
        planner: Makes changes of them.
        not_kept: Field -> of how many objects Ecwid didn't keep it as it was written, and the key
            of one of them.
        too_late: Field that Ecwid takes at creation only -> how many objects have it otherwise.
        finder: Finds their objects; None where none is looked up.
        matcher: Decides which of them a record is about; None likewise.
    """

    def __init__(
        self,
        planner: Planner,
        shop: Shop,
        config: Mapping[str, Any],
        key_properties: tuple[str, ...] = (),
    ) -> None:
        """Write nothing yet.

        Args:
            planner: Makes changes of records.
            shop: Where they are written.
            config: The settings.
            key_properties: The fields by which the source knows a record.
        """
        self.planner = planner
        self.too_late: Counter[str] = Counter()
        self.not_kept: dict[str, tuple[int, object]] = {}
        self._job = planner.job
        self._shop = shop
        self._drafter = Drafter(planner.job, shop, shop.planning) if shop.planning else None
        self._sees: bool = config["activate_version"]
        self._repeats_uploads: bool = config["repeat_uploads"]
        self._uploads = any(operation.takes_file for operation in self._job.operations)
        self.follower = Follower(
            self._job,
            shop.key_map,
            key_properties,
            omits=config["unknown_references"] == "omit",
        )
        self._path_keys = PathKeys(planner.job, shop)
        self._key_properties = key_properties
        self.finder: Finder | None = None
        self.matcher: Matcher | None = None
        if planner.finds_objects and self._job.entity is not None:
            self.finder = shop.finder(self._job.entity)
            self.matcher = Matcher(self._job, self.finder, shop)
        self._concluder = Concluder(
            self._job, self.finder, shop.key_map, key_properties, planning=shop.planning
        )
        self._sender = Sender(self._job, shop, self.finder, self._concluder)

    def wave(
        self,
        pending: Sequence[Pending],
        *,
        held: Held,
        expected: Container[str],
    ) -> Result:
        """Write as many records as go together.

        Args:
            pending: The records, in the order of the input.
            held: Names of objects for which a record of this stream waits already.
            expected: Names of the entities of which records can still come.

        Returns:
            What came of each record.

        Raises:
            EcwidError: The shop can't be asked.
        """
        named, steps = self._named(pending, held, expected)
        planned, others = self._planned(named, held, expected, self.follower.coming(pending))
        steps += others
        if not planned and steps and all(isinstance(step, Again) for step in steps):
            # They refer to one another: none can be first.
            steps = [self._refused(one.record, CIRCLE) for one in pending]
        return self.apply(planned, steps)

    def apply(self, planned: Sequence[Planned], steps: Iterable[Step] = ()) -> Result:
        """Send changes, or put them into a plan and conclude what they would do.

        Args:
            planned: Records with their changes, no two about one object.
            steps: What became of other records.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        if self._drafter is not None:
            drafted = map(self._concluder.carried_out, self._drafter.draft(planned))
            return result_of([*steps, *drafted])
        replied, failure = self._sender.send(planned) if planned else ([], None)
        return result_of([*steps, *replied], failure=failure)

    # Which records go together.

    def _named(
        self, pending: Sequence[Pending], held: Held, expected: Container[str]
    ) -> tuple[list[Named], list[Step]]:
        """Records that are about objects of their own, and what becomes of the others."""
        named: list[Named] = []
        steps: list[Step] = []
        taken: set[object] = set()
        waiting: set[object] = set()
        self.follower.prepare(pending)
        found, missing = self._path_keys.found(pending)
        for one in found:
            recalled = self._recalled(one)
            if recalled is not None:
                steps.append(recalled)
                continue
            record = self.follower.followed(one)
            lookup = self.follower.named(one, self.planner.naming.lookup(record))
            names = self._names(lookup, None)
            lacks = missing.get(one.sequence)
            if lacks is not None and not lacks.waits(one, expected):
                steps.append(self._refused(record, lacks.unfit))
            elif lacks is not None:
                steps.append(Waits(one.last(), self._names_in_waiting(one, names)))
                waiting |= names
            elif not names.isdisjoint(waiting) or held.any_of(names):
                steps.append(Waits(one.last(), names))
                waiting |= names
            elif not names.isdisjoint(taken):
                steps.append(Again(one))
                taken |= names
            else:
                named.append(Named(pending=one, record=record, lookup=lookup))
                taken |= names
        return named, steps

    def _names(self, lookup: Lookup, keys: Keys | None) -> Names:
        """Names of the object of a record, where records must be kept apart by it."""
        if self.finder is None or isinstance(self._job, CallJob):
            return _NOTHING
        return lookup.names | {tuple(map(str, keys))} if keys is not None else lookup.names

    def _names_in_waiting(self, pending: Pending, names: Names) -> Names:
        """Names by which records behind one that waits are held back."""
        if not isinstance(self._job, CallJob):
            return names
        # Once the object is known, those behind name it by its key in the shop.
        record = pending.record
        by_others = [repr(value) for value in record.path.values() if isinstance(value, dict)]
        return frozenset({(*self.planner.naming.lookup(record).given, *by_others)})

    def _refused(self, record: Record, unfit: Unfit) -> Outcome:
        rejected = self.planner.rejected(record.came, record.sequence, unfit)
        return rejection(record.came, rejected, unfit)

    def _recalled(self, pending: Pending) -> Outcome | None:
        """The outcome that a record had in a run that was interrupted."""
        record = pending.record
        identity = None if pending.attempts or self._drafter else self.planner.identity(record)
        if identity is None:
            return None
        known = self._shop.journal.recall(identity, record.sequence)
        if known is None:
            return None
        refused = self._refused(record, UNKNOWN)
        if known.kind == "unknown":
            return refused
        method = self._job.operations[0].method
        kind = {"POST": Kind.CREATED, "DELETE": Kind.DELETED}.get(method, Kind.UPDATED)
        keys = tuple(known.keys) if known.keys is not None else None
        return Outcome(change=refused.change, kind=kind, keys=keys)

    # What they do to the shop.

    def _planned(
        self,
        named: Sequence[Named],
        held: Held,
        expected: Container[str],
        coming: AbstractSet[object],
    ) -> tuple[list[Planned], list[Step]]:
        """Records with something to send, and what becomes of the others."""
        matches = self._matches(named)
        follower = self.follower
        if follower.within:
            # Objects that were just found may be what others of them refer to.
            named = [dataclasses.replace(x, record=follower.followed(x.pending)) for x in named]
        planned: list[Planned] = []
        steps: list[Step] = []
        busy: set[object] = set()
        behind: set[object] = set()
        for one, match in zip(named, matches, strict=True):
            if coming and follower.waits_for(one.pending, coming):
                steps.append(Again(one.pending))
                busy |= self._names(one.lookup, None)
                continue
            unseen = self._unseen(one) if match is None else None
            if unseen is not None:
                steps.append(unseen)
                behind |= self._names(one.lookup, None)
                continue
            step = self._plan(one, match, expected)
            waits = held or behind
            names = self._names_in_waiting(one.pending, step.names) if waits else step.names
            if isinstance(step, Waits):
                steps.append(step)
                behind |= step.names
            elif not names.isdisjoint(behind) or held.any_of(names):
                steps.append(Waits(one.pending.last(), names))
                behind |= names
            elif isinstance(step.change, Write):
                tokens = self._tokens(step)
                if not tokens.isdisjoint(busy):
                    steps.append(Again(one.pending))
                else:
                    planned.append(step)
                busy |= tokens
            elif isinstance(step.change, Unchanged) and not step.names.isdisjoint(busy):
                # It was compared with what a record before it is about to change.
                steps.append(Again(one.pending))
                busy |= step.names
            else:
                steps.append(self._concluder.carried_out(step))
        return planned, steps

    def _matches(self, named: Sequence[Named]) -> list[Match]:
        """The objects of records, None for those that need none."""
        needing = [n for n, one in enumerate(named) if self.planner.needs_object(one.record)]
        matches: list[Match] = [None] * len(named)
        if self.matcher is not None and needing:
            found = self.matcher.matches([named[n] for n in needing])
            for n, match in zip(needing, found, strict=True):
                matches[n] = match
        if self._drafter is not None:
            pairs = zip(matches, named, strict=True)
            return [match or self._drafter.comes_with(one.lookup) for match, one in pairs]
        return matches

    def _unseen(self, one: Named) -> Step | None:
        """The step of a record whose object may be there although no search shows it."""
        if self._drafter is not None or isinstance(self._job, CallJob):
            return None
        if self._shop.journal.doubts.has(self._job.entity, one.lookup):
            return Waits(one.pending.last(), self._names(one.lookup, None))
        refusal = one.pending.refusal
        if refusal is None:
            return None
        outcome = self._refused(one.record, Unfit(refusal.reason, refusal.message))
        return dataclasses.replace(outcome, status=refusal.status, code=refusal.code)

    def _plan(self, one: Named, match: Match, expected: Container[str]) -> Planned | Waits:
        pending, record = one.pending, one.record
        change = self._unless_taken(one, self.planner.change(record, one.lookup, match))
        not_kept = self._not_kept(record, change, match)
        if not_kept:
            record = record.without(not_kept)
            change = self.planner.change(record, one.lookup, match)
        names = self._names(one.lookup, change.keys)
        unknown = self.follower.unknown(pending, change, expected)
        waits = pending.stage is not Stage.LAST or self.follower.can_come(unknown, expected)
        if unknown and not waits:
            left = self.follower.without(pending, unknown)
            if isinstance(left, Unfit):
                change = change.rejected(left)
            else:
                record, change = left, self.planner.change(left, one.lookup, match)
        elif unknown:
            left_out = frozenset(map(top_of, unknown))
            later = deferred_fields(self._job, record) if self.finder is not None else _NOTHING
            if pending.stage is Stage.LAST or not left_out <= later:
                return Waits(pending.last(), self._names_in_waiting(pending, names))
            pending, record = pending.partial(left_out), record.without(left_out)
            change = self.planner.change(record, one.lookup, match)
        upload = None
        if self._uploads and isinstance(change, Write):
            known = self._shop.journal.was_uploaded
            change, upload = uploaded(change, None if self._repeats_uploads else known)
        if self.finder is not None and change.keys is not None and self._sees:
            self.finder.objects.see(change.keys)
        return Planned(
            pending=pending,
            record=record,
            lookup=one.lookup,
            change=change,
            names=names,
            upload=upload,
        )

    def _not_kept(self, record: Record, change: Change, match: Match) -> frozenset[str]:
        """Fields that were written before in vain; they are counted, to be reported."""
        entity = self._job.entity
        if isinstance(match, Found) and isinstance(self.planner, EntityPlanner):
            late = self.planner.only_at_creation & record.values.keys()
            if late:
                wanted = {name: record.values[name] for name in late}
                self.too_late.update(differing(wanted, match.fields))
        if not isinstance(change, Write) or change.kind is not Kind.UPDATED or entity is None:
            return frozenset()
        read = isinstance(match, Found) and match.origin in {Origin.READ, Origin.CONFIRMED}
        if not isinstance(match, Found) or not read or change.keys is None:
            return frozenset()
        settled = self._shop.journal.settled
        names = settled.not_kept(entity, change, change.keys, match.fields)
        for name in names:
            count, example = self.not_kept.get(name, (0, match.keys[-1]))
            self.not_kept[name] = (count + 1, example)
        return names

    def _unless_taken(self, one: Named, change: Change) -> Change:
        """A change, or its rejection where another record of the source is this object already."""
        own = self._shop.key_map.mode is Ids.OWN
        source = source_key(one.record, one.lookup, self._key_properties, own=own)
        if source is None or self.finder is None or change.keys is None:
            return change
        if isinstance(self._job, CallJob) or isinstance(change, Rejected):
            return change
        if one.record.deleted:
            self.finder.objects.release(change.keys)
            return change
        other = self.finder.objects.claim(change.keys, change.stream, source)
        if other == source:
            return change
        object_key = "/".join(map(str, change.keys))
        unfit = Unfit(
            TWO_RECORDS,
            f"the records with {other} and with {source} are the same object of the shop, "
            f"{self.finder.entity.name} {object_key} "
            f"({', '.join(f'{n} {v}' for n, v in change.key.items())}). Match by another key, or "
            "correct the source",
        )
        return change.rejected(unfit)

    def _tokens(self, planned: Planned) -> Names:
        """What two changes of a wave must not have in common."""
        change = planned.change
        if not isinstance(change, Write):
            return _NOTHING
        if isinstance(self._job, CallJob):
            request = change.call.request()
            # What adds to what is there can come in any order.
            token: object = request.target() if request.idempotent else planned.upload
            return frozenset({token} - {None})
        return planned.names | (frozenset({planned.upload}) if planned.upload else _NOTHING)
