"""Writes a stream's records wave by wave: name, find, plan, send, conclude.

In a wave no two records are about one object, so that its requests may be carried out in any order.
Records about one object take effect in the order of the input: one that waits holds back those
behind it for the same object, and only those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from target_ecwid.change.changes import Kind, Rejected, Unchanged, Write
from target_ecwid.change.match import Found
from target_ecwid.jobs import CallJob, EntityJob
from target_ecwid.outcome.conclusions import CIRCLE, CROWDED, UNKNOWN, Concluder, rejection
from target_ecwid.outcome.drafts import Named, Planned, deferred_fields
from target_ecwid.outcome.outcomes import Outcome
from target_ecwid.outcome.pending import Stage
from target_ecwid.outcome.steps import Again, Waits, result_of
from target_ecwid.record.lookups import source_key
from target_ecwid.record.references import refers_to_itself
from target_ecwid.record.unfit import Unfit
from target_ecwid.run.sender import Sender
from target_ecwid.shop.uploads import upload_of

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
    from target_ecwid.shop.finder import Finder
    from target_ecwid.shop.shop import Shop
    from target_ecwid.shop.uploads import Upload

_NOTHING: Final[Names] = frozenset()


class Writer:
    """Writes a stream's records.

    Attributes:
        planner: Makes changes of them.
        finder: Finds their objects; None where none is looked up.
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
        self._job = planner.job
        self._shop = shop
        self._dry_run: bool = config["dry_run"]
        self._sees: bool = config["activate_version"]
        self._repeats_uploads: bool = config["repeat_uploads"]
        self._uploads = any(operation.takes_file for operation in self._job.operations)
        self._key_properties = key_properties
        self.finder: Finder | None = None
        if planner.finds_objects and self._job.entity is not None:
            self.finder = shop.finder(self._job.entity)
        self._concluder = Concluder(
            self._job, self.finder, shop.key_map, key_properties, dry_run=self._dry_run
        )
        self._sender = Sender(self._job, shop, self.finder, self._concluder)

    def wave(
        self,
        pending: Sequence[Pending],
        *,
        held: Names,
        published: Container[str],
        room: int,
    ) -> Result:
        """Write as many records as go together.

        Args:
            pending: The records, in the order of the input.
            held: Names of objects for which a record of this stream waits already.
            published: Names of the entities that streams of this run write.
            room: How many records may still wait.

        Returns:
            What came of each record.

        Raises:
            EcwidError: The shop can't be asked.
        """
        named, steps = self._named(pending, held)
        planned, others = self._planned(named, held, published)
        steps += others
        if not planned and steps and all(isinstance(step, Again) for step in steps):
            # They refer to one another: none can be first.
            steps = [
                rejection(one.record.came, self._rejected(one.record, CIRCLE), CIRCLE)
                for one in pending
            ]
        return self.apply(planned, steps, room=room)

    def apply(
        self, planned: Sequence[Planned], steps: Iterable[Step] = (), *, room: int = 0
    ) -> Result:
        """Send changes, or only conclude what they would do in a dry run.

        Args:
            planned: Records with their changes, no two about one object.
            steps: What became of other records.
            room: How many records may still wait.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        if self._dry_run or not planned:
            concluded = [self._concluder.carried_out(one) for one in planned]
            return result_of([*steps, *concluded], room=room)
        replied, failure = self._sender.send(planned)
        return result_of([*steps, *replied], room=room, failure=failure)

    # Which records go together.

    def _named(self, pending: Sequence[Pending], held: Names) -> tuple[list[Named], list[Step]]:
        """Records that are about objects of their own, and what becomes of the others."""
        named: list[Named] = []
        steps: list[Step] = []
        taken: set[object] = set()
        waiting = set(held)
        for one in pending:
            recalled = self._recalled(one)
            if recalled is not None:
                steps.append(recalled)
                continue
            values = self._shop.key_map.followed(self._job.entity, one.record.values)
            record = one.record.with_values(values).without(one.left_out)
            lookup = self.planner.lookup(record)
            if isinstance(lookup, Rejected):
                unfit = Unfit(lookup.reason, lookup.message)
                steps.append(rejection(one.record.came, lookup, unfit))
                continue
            names = self._names(lookup, None)
            if not names.isdisjoint(waiting):
                steps.append(self._held_back(one, names))
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

    def _held_back(self, pending: Pending, names: Names) -> Waits:
        rejected = self._rejected(pending.record, CROWDED)
        return Waits(pending.last(), names, rejection(pending.record.came, rejected, CROWDED))

    def _rejected(self, record: Record, unfit: Unfit) -> Rejected:
        return self.planner.rejected(record.came, record.sequence, unfit)

    def _recalled(self, pending: Pending) -> Outcome | None:
        """The outcome that a record had in a run that was interrupted."""
        record = pending.record
        identity = None if pending.attempts or self._dry_run else self.planner.identity(record)
        if identity is None:
            return None
        known = self._shop.journal.recall(identity, record.sequence)
        if known is None:
            return None
        about = self._rejected(record, UNKNOWN)
        if known.kind == "unknown":
            return rejection(pending.record.came, about, UNKNOWN)
        method = self._job.operations[0].method
        kind = {"POST": Kind.CREATED, "DELETE": Kind.DELETED}.get(method, Kind.UPDATED)
        keys = tuple(known.keys) if known.keys is not None else None
        return Outcome(change=about, kind=kind, keys=keys)

    # What they do to the shop.

    def _planned(
        self, named: Sequence[Named], held: Names, published: Container[str]
    ) -> tuple[list[Planned], list[Step]]:
        """Records with something to send, and what becomes of the others."""
        matches = self._matches(named)
        entity = self._job.entity
        itself = isinstance(self._job, EntityJob) and refers_to_itself(self._job.entity)
        if itself:
            known = self._shop.key_map
            named = [_followed(one, known.followed(entity, one.record.values)) for one in named]
        created = self._created_keys(named, matches) if itself else set()
        planned: list[Planned] = []
        steps: list[Step] = []
        busy: set[object] = set()
        for one, match in zip(named, matches, strict=True):
            if created and self._refers_to(one.record, created):
                steps.append(Again(one.pending))
                busy |= self._names(one.lookup, None)
                continue
            if one.pending.refusal is not None and match is None:
                steps.append(one.pending.refusal)
                continue
            step = self._plan(one, match, published)
            if not step.names.isdisjoint(held):
                steps.append(self._held_back(one.pending, step.names))
            elif isinstance(step.change, Write):
                tokens = self._tokens(step)
                if not tokens.isdisjoint(busy):
                    steps.append(Again(one.pending))
                else:
                    planned.append(step)
                busy |= tokens
            else:
                steps.append(self._concluder.carried_out(step))
        return planned, steps

    def _matches(self, named: Sequence[Named]) -> list[Match]:
        """The objects of records, None for those that need none; their keys are noted."""
        needing = [n for n, one in enumerate(named) if self.planner.needs_object(one.record)]
        matches: list[Match] = [None] * len(named)
        if self.finder is None or not needing:
            return matches
        found = self.finder.find([named[n].lookup for n in needing])
        for n, match in zip(needing, found, strict=True):
            matches[n] = match
            if isinstance(match, Found) and isinstance(self._job, EntityJob):
                self._shop.key_map.note(self._job.entity, named[n].record.values, match.keys)
        return matches

    def _created_keys(self, named: Sequence[Named], matches: Sequence[Match]) -> set[object]:
        """Keys, as the records have them, of objects that this wave creates."""
        entity = self._job.entity
        if entity is None:
            return set()
        return {
            one.record.values.get(entity.keys[0])
            for one, match in zip(named, matches, strict=True)
            if match is None and not one.record.deleted
        } - {None}

    def _refers_to(self, record: Record, created: AbstractSet[object]) -> bool:
        entity = self._job.entity
        if entity is None:
            return False
        own = record.values.get(entity.keys[0])
        given = [record.values.get(n) for n, other in entity.refers.items() if other == entity.name]
        return any(
            value in created and value != own
            for value in given
            if not isinstance(value, list | dict)
        )

    def _plan(self, one: Named, match: Match, published: Container[str]) -> Planned:
        pending, record = one.pending, one.record
        change = self._unless_taken(one, self.planner.change(record, one.lookup, match))
        left_out = self._put_off(pending, record, change, published)
        if left_out:
            pending, record = pending.partial(left_out), record.without(left_out)
            change = self.planner.change(record, one.lookup, match)
        upload = None
        if self._uploads and isinstance(change, Write):
            change, upload = self._upload(change)
        if self.finder is not None and change.keys is not None and self._sees:
            self.finder.objects.see(change.keys)
        return Planned(
            pending=pending,
            record=record,
            lookup=one.lookup,
            change=change,
            names=self._names(one.lookup, change.keys),
            upload=upload,
        )

    def _unless_taken(self, one: Named, change: Change) -> Change:
        """A change, or its rejection where another record of the source is this object already."""
        source = source_key(one.record, one.lookup, self._key_properties)
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
        return Rejected(
            stream=change.stream,
            sequence=change.sequence,
            key=change.key,
            entity=change.entity,
            keys=change.keys,
            reason="two records, one object",
            message=f"the records with {other} and with {source} are the same object of the shop, "
            f"{self.finder.entity.name} {object_key} "
            f"({', '.join(f'{n} {v}' for n, v in change.key.items())}). Match by another key, or "
            "correct the source",
        )

    def _put_off(
        self, pending: Pending, record: Record, change: Change, published: Container[str]
    ) -> frozenset[str]:
        """Fields to leave out for now: this run writes what they refer to later.

        What the object has already as the record says needs no second time.
        """
        if pending.stage is not Stage.WHOLE or not isinstance(change, Write):
            return frozenset()
        fields = deferred_fields(self._job, record) & frozenset(change.changed)
        entity = self._job.entity
        if not fields or entity is None:
            return frozenset()
        return frozenset(name for name in fields if entity.refers[name] in published)

    def _upload(self, change: Write) -> tuple[Change, Upload | None]:
        """A change and what it uploads; nothing to do where the file is where it goes already."""
        about = {n: getattr(change, n) for n in ("stream", "sequence", "key", "entity", "keys")}
        try:
            upload = upload_of(change.call.request())
        except OSError as error:
            message = f"the file can't be read: {error}"
            return Rejected(reason="no file", message=message, **about), None
        if upload is None or self._repeats_uploads:
            return change, upload
        known = self._shop.journal.was_uploaded(upload)
        return (Unchanged(**about), None) if known else (change, upload)

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


def _followed(one: Named, values: Mapping[str, Any]) -> Named:
    if values is one.record.values:
        return one
    return Named(pending=one.pending, record=one.record.with_values(values), lookup=one.lookup)
