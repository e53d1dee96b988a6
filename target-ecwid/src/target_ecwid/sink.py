"""A stream's records on their way: collected, matched, planned, published, and each accounted for.

Records are taken in waves. In a wave no two records are about one object, so that its requests may
be carried out in any order; the second record about an object waits for the next wave.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from ecwid_api.batch import Answered, Refused
from ecwid_api.errors import (
    AnswerError,
    NotFoundError,
    ScopeError,
    SettingError,
)
from target_ecwid.advice import advice_of, reason_of
from target_ecwid.intent import Intent, Kind, Unfit, rejected
from target_ecwid.journal import identity_of
from target_ecwid.objects import Found
from target_ecwid.outcomes import LOGGER, Outcome
from target_ecwid.plan import DELETED_AT, Planner
from target_ecwid.publisher import Sending
from target_ecwid.references import value_at
from target_ecwid.settling import Item, Planned, Settler, named_fields
from target_ecwid.stream_settings import Action
from target_ecwid.uploads import owner_of, place_of, upload_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ecwid_api.errors import EcwidError
    from target_ecwid.objects import Keys
    from target_ecwid.publisher import Result
    from target_ecwid.shared import Shared
    from target_ecwid.stream_settings import Job

_TRIES: Final = 3
_LAG: Final = 2.0
# What Ecwid answers where something is named that isn't there.
_MISSING: Final = frozenset({400, 404})
_UNKNOWN: Final = (
    "Ecwid failed in the middle, and it isn't known whether it was carried out. Look into the "
    "shop, and send the record again if it wasn't"
)


class Sink:
    """Publishes a stream's records."""

    def __init__(self, run: Shared, job: Job, schema: Mapping[str, Any]) -> None:
        """Begin without records.

        Args:
            run: What all streams share.
            job: What is done with the records.
            schema: What they are to look like.

        Raises:
            SettingError: The schema is none.
        """
        self.job = job
        self._run = run
        self._items: list[Item] = []
        self._seen: set[str] = set()
        self._planner = Planner(job, run.public_config)
        self._known = self._planner.known_fields
        self._once = job.action is Action.CREATE or (job.action is Action.CALL)
        try:
            self._validator = jsonschema_rs.validator_for(dict(schema))
        except (jsonschema_rs.ValidationError, ValueError) as error:
            raise SettingError(f"stream {job.stream}", f"has no valid schema: {error}") from None
        self._matcher = None
        if self._planner.matches and job.entity is not None:
            self._matcher = run.matcher(job.entity)
            self._expect({*schema.get("properties", ()), *job.payload})
        self._settler = Settler(job, self._matcher, run.references, dry_run=run.dry_run)

    @property
    def is_full(self) -> bool:
        """Whether it is time to publish."""
        return len(self._items) >= self._run.batch_size

    @property
    def oldest(self) -> int | None:
        """Place in the input of the first record that has no outcome yet."""
        return self._items[0].sequence if self._items else None

    def add(self, record: dict[str, Any], sequence: int) -> None:
        """Take a record in.

        Raises:
            SettingError: It breaks its schema, and that is to end the run.
        """
        if not self._validator.is_valid(record):
            self._invalid(record)
            return
        if not record.keys() <= self._seen:
            self._see(record.keys() - self._seen)
        self._items.append(Item(record, sequence))

    def _invalid(self, record: dict[str, Any]) -> None:
        error = next(self._validator.iter_errors(record))
        where = ".".join(map(str, error.instance_path)) or "the record"
        outcome = self._settler.rejection(
            record, self._settler.named(record), "breaks its schema", f"{where}: {error.message}"
        )
        self._run.ledger.write([outcome])
        if not self._run.skips_invalid:
            raise SettingError(
                outcome.named(),
                f"is not what its schema says: {where}: {error.message}. Set on_invalid to skip to "
                "go on without such records",
            )

    def _see(self, names: AbstractSet[str]) -> None:
        """Records have fields that those before had not."""
        self._seen |= names
        left_out = sorted(name for name in names - self._known if not name.startswith("_sdc_"))
        if left_out:
            named = ", ".join(left_out)
            LOGGER.info("%s: left out, since Ecwid doesn't take it: %s", self.job.stream, named)
        self._expect(names)

    def _expect(self, names: AbstractSet[str]) -> None:
        """Have those fields read of the shop's objects that are compared with records'."""
        if self._matcher is not None:
            self._matcher.expect(names & self._planner.compared_fields, self.job.key)

    def again(self, items: Sequence[Item]) -> None:
        """Take records in that have waited."""
        for item in items:
            item.waited = True
        self._items[:0] = items

    def drain(self) -> None:
        """Publish what there is; every record has an outcome on disk afterwards, or waits.

        Raises:
            EcwidError: A record was rejected, and that is to end the run; or Ecwid failed.
        """
        while self._items:
            items = self._items
            self._items = self._wave(items)
            if self._items:
                self._run.check_interrupted()

    # A wave.

    def _wave(self, items: list[Item]) -> list[Item]:
        """Publish as many records as go together; those that are left."""
        outcomes: list[Outcome] = []
        wave, later = self._chosen(items, outcomes)
        needing = [p for p in wave if self._planner.needs_match(p.values)]
        matches: dict[int, Any] = {}
        if self._matcher is not None and needing:
            found = self._matcher.resolve([planned.want for planned in needing])
            matches = {id(p): match for p, match in zip(needing, found, strict=True)}
        busy: set[object] = set()
        sendings: list[Sending] = []
        sent: list[Planned] = []
        self._follow(wave, matches)
        awaited = self._expected(wave, matches)
        for planned in wave:
            if self._refers_to(planned, awaited):
                later.append(planned.item)
                continue
            intent = self._intent(planned, matches.get(id(planned)))
            if self._puts_off(planned, intent):
                intent = self._intent(planned, matches.get(id(planned)))
            intent = self._without_repetition(planned, intent)
            planned.intent = intent
            token = self._object(planned, intent)
            if token is not None and token in busy:
                later.append(planned.item)
                continue
            busy.add(token)
            if intent.request is None or self._run.dry_run:
                outcome = self._settler.settled(planned, intent)
                if intent.kind is Kind.REJECTED or not self._follows_later(planned, outcome):
                    outcomes.append(outcome)
                continue
            sent.append(planned)
            sendings.append(self._sending(planned, intent))
        if not sent and not outcomes and later:
            # They refer to one another: none can be first.
            return self._forced(later)
        self._finish(sent, sendings, outcomes, later)
        later.sort(key=lambda item: item.sequence)
        return later

    def _finish(
        self,
        sent: list[Planned],
        sendings: list[Sending],
        outcomes: list[Outcome],
        later: list[Item],
    ) -> None:
        """Send, and write down what became of each."""
        fatal: EcwidError | None = None
        if sendings:
            self._run.check_interrupted()
            results = self._run.publisher.publish(sendings)
            self._revive(sent, results)
            for planned, result in zip(sent, results, strict=True):
                if isinstance(result, Refused) and _is_fatal(result.error):
                    fatal = result.error
                    continue
                outcome = self._outcome(planned, result, later)
                if outcome is not None:
                    outcomes.append(outcome)
            self._note_files(sent, results)
        self._run.ledger.write(outcomes)
        if fatal is not None:
            raise fatal
        if not self.job.skips and not self._run.dry_run:
            for outcome in outcomes:
                if outcome.kind is Kind.REJECTED:
                    raise RejectedRecordError(outcome, str(self._run.ledger.folder))

    def _note_files(self, sent: Sequence[Planned], results: Sequence[Result]) -> None:
        """Keep in mind which files are where from now on."""
        uploads, owners = [], []
        for planned, result in zip(sent, results, strict=True):
            if not isinstance(result, Answered) or planned.intent is None:
                continue
            if planned.upload is not None:
                uploads.append(planned.upload)
            elif planned.intent.kind is Kind.DELETED and planned.intent.request is not None:
                owners.append(owner_of(place_of(planned.intent.request)))
        if owners:
            self._run.journal.forget_uploads(owners)
        if uploads:
            self._run.journal.uploaded(uploads)

    def _revive(self, sent: Sequence[Planned], results: Sequence[Result]) -> None:
        """See whose object is gone: those records are planned once more."""
        refused: dict[Keys, Item] = {}
        for planned, result in zip(sent, results, strict=True):
            keys = _lost(planned, result)
            if keys is not None:
                refused[keys] = planned.item
        if self._matcher is None or self.job.action is Action.CALL or not refused:
            return
        for keys in self._matcher.forget_gone(list(refused)):
            refused[keys].gone = True

    def _forced(self, items: list[Item]) -> list[Item]:
        outcomes = [
            self._settler.rejection(
                item.record,
                self._settler.named(item.record),
                "refers to itself",
                "the records refer to one another in a circle",
            )
            for item in items
        ]
        self._finish([], [], outcomes, [])
        return []

    def _chosen(
        self, items: list[Item], outcomes: list[Outcome]
    ) -> tuple[list[Planned], list[Item]]:
        """Records that are about objects of their own, and the others."""
        wave: list[Planned] = []
        later: list[Item] = []
        names: set[object] = set()
        for item in items:
            done = self._recalled(item)
            if done is not None:
                outcomes.append(done)
                continue
            try:
                values = self._planner.values(item.record)
                values = self._run.references.followed(self.job.entity, values)
                for left_out in item.without:
                    values.pop(left_out, None)
                want = self._planner.want(values)
            except Unfit as error:
                outcomes.append(
                    self._settler.rejection(
                        item.record, self._settler.named(item.record), error.reason, error.advice
                    )
                )
                continue
            name: object = (want.keys, want.name, want.parent)
            compared = self.job.action is not Action.CALL and self._matcher is not None
            if compared and name != (None, None, want.parent):
                if name in names:
                    later.append(item)
                    continue
                names.add(name)
            wave.append(Planned(item=item, values=values, want=want))
        return wave, later

    def _recalled(self, item: Item) -> Outcome | None:
        """The outcome that a record had in a run that didn't come to its end."""
        if not self._once or item.tries or self._run.dry_run:
            return None
        known = self._run.journal.recall(self._identity(item.record), item.sequence)
        if known is None:
            return None
        key = self._settler.named(item.record)
        if known.kind == "unknown":
            return self._settler.rejection(item.record, key, "unknown outcome", _UNKNOWN)
        operation = self.job.writers()[0]
        kind = {"POST": Kind.CREATED, "DELETE": Kind.DELETED}.get(operation.method, Kind.UPDATED)
        keys = tuple(known.keys) if known.keys is not None else None
        return Outcome(stream=self.job.stream, kind=kind, key=key, keys=keys)

    def _identity(self, record: Mapping[str, Any]) -> bytes:
        return identity_of(self.job.stream, self.job.action.value, record)

    def _follow(self, wave: list[Planned], matches: Mapping[int, Any]) -> None:
        """What a wave's records say of one another, with the keys that those have here."""
        entity = self.job.entity
        if entity is None or entity.name not in entity.refers.values():
            return
        for planned in wave:
            match = matches.get(id(planned))
            if isinstance(match, Found):
                self._settler.renumber(planned.values, match.keys)
        for planned in wave:
            planned.values = self._run.references.followed(entity, planned.values)

    def _expected(self, wave: list[Planned], matches: Mapping[int, Any]) -> set[object]:
        """Keys, as the source has them, of objects that this wave creates."""
        entity = self.job.entity
        if entity is None or entity.name not in entity.refers.values():
            return set()
        return {
            planned.values.get(entity.keys[0])
            for planned in wave
            if matches.get(id(planned)) is None and planned.item.record.get(DELETED_AT) is None
        } - {None}

    def _refers_to(self, planned: Planned, awaited: set[object]) -> bool:
        entity = self.job.entity
        if entity is None or not awaited:
            return False
        return any(
            other == entity.name
            and planned.values.get(name) in awaited
            and planned.values.get(name) != planned.values.get(entity.keys[0])
            for name, other in entity.refers.items()
            if not isinstance(planned.values.get(name), list | dict)
        )

    def _intent(self, planned: Planned, match: Any) -> Intent:  # noqa: ANN401
        if isinstance(match, Found):
            self._settler.renumber(planned.values, match.keys)
        try:
            intent = self._planner.intent(planned.item.record, planned.values, match)
        except Unfit as error:
            return rejected(error.reason, error.advice)
        if self._matcher is not None and intent.keys is not None and self._run.tracks_versions:
            self._matcher.objects.see(intent.keys)
        return intent

    def _without_repetition(self, planned: Planned, intent: Intent) -> Intent:
        """Nothing to do, where a file is where it goes already."""
        try:
            planned.upload = upload_of(intent)
        except OSError as error:
            return rejected("no file", f"the file can't be read: {error}", intent.keys)
        if planned.upload is None or not self._run.has_uploaded(planned.upload):
            return intent
        return Intent(kind=Kind.UNCHANGED, keys=intent.keys)

    def _object(self, planned: Planned, intent: Intent) -> object:
        """What two intents of a wave must not have in common."""
        if intent.request is None:
            return None
        if self.job.action is Action.CALL:
            # What adds to what is there can come in any order.
            return intent.request.target() if intent.repeatable else planned.upload
        return intent.keys or planned.upload

    def _sending(self, planned: Planned, intent: Intent) -> Sending:
        # By these fields it is found before a search shows it.
        fields = {**named_fields(planned.want), **intent.fields}
        return Sending(
            intent=dataclasses.replace(intent, fields=fields),
            sequence=planned.item.sequence,
            entity=self.job.entity,
            identity=self._identity(planned.item.record)
            if self._once and not intent.repeatable
            else None,
        )

    # Outcomes.

    def _outcome(self, planned: Planned, result: Result, later: list[Item]) -> Outcome | None:
        """What became of a record; None where it is tried once more."""
        intent = planned.intent
        if intent is None:
            raise ValueError("a record without intent was sent")
        item = planned.item
        if isinstance(result, Answered):
            outcome = self._settler.settled(planned, intent, result.value)
            return None if self._follows_later(planned, outcome) else outcome
        item.tries += 1
        if isinstance(result, Refused):
            return self._refused(planned, intent, result.error, later)
        # It may be there now. The search shows it a moment later.
        if planned.want.name is not None and self._matcher is not None and item.tries < _TRIES:
            self._run.client.pacer.sleep(_LAG)
            self._matcher.objects.forget_read()
            item.done = Kind.CREATED
            later.append(item)
            return None
        return self._settler.rejection(
            item.record, self._settler.key(planned), "unknown outcome", _UNKNOWN, intent=intent
        )

    def _refused(
        self, planned: Planned, intent: Intent, error: EcwidError, later: list[Item]
    ) -> Outcome | None:
        item = planned.item
        if isinstance(error, NotFoundError):
            if intent.kind is Kind.DELETED:
                return self._settler.settled(planned, Intent(kind=Kind.UNCHANGED, keys=intent.keys))
            if item.gone:
                # Somebody has deleted it meanwhile, or the search was behind.
                item.gone = False
                later.append(item)
                return None
        waits = isinstance(error, AnswerError) and error.status in _MISSING
        waits = waits and self._may_wait(planned.values)
        later_fields = self._later(planned.values) if intent.kind is Kind.CREATED else frozenset()
        if waits and later_fields and not item.waited:
            item.without = later_fields
            later.append(item)
            return None
        if waits and not item.waited and self._run.wait(self, item):
            return None
        return self._settler.rejection(
            item.record,
            self._settler.key(planned),
            reason_of(error),
            advice_of(error),
            intent=intent,
            error=error,
        )

    def _puts_off(self, planned: Planned, intent: Intent) -> bool:
        """Leave fields out for now whose objects this run writes, too: they may not be there yet.

        What has them already as the record says needs no second time.
        """
        item, entity = planned.item, self.job.entity
        if item.waited or item.without or entity is None or self.job.action is Action.CALL:
            return False
        fields = self._later(planned.values) & frozenset(intent.changed)
        item.without = frozenset(f for f in fields if self._run.publishes(entity.refers[f]))
        for name in item.without:
            del planned.values[name]
        return bool(item.without)

    def _follows_later(self, planned: Planned, outcome: Outcome) -> bool:
        """Whether a record's rest follows, when what it refers to is there."""
        item = planned.item
        if not item.without:
            return False
        item.without = frozenset()
        if outcome.kind is not Kind.UNCHANGED:
            item.done = outcome.kind
        return self._run.wait(self, item)

    def _later(self, values: Mapping[str, Any]) -> frozenset[str]:
        """Fields of a record that can be written when what they refer to is there."""
        entity = self.job.entity
        if entity is None or len(entity.keys) > 1:
            return frozenset()
        return frozenset(name for name in entity.deferred if values.get(name))

    def _may_wait(self, values: Mapping[str, Any]) -> bool:
        """Whether a record may have been refused since what it refers to isn't there yet."""
        entity = self.job.entity
        return entity is not None and any(value_at(values, name) for name in entity.refers)

    # Versions.

    def remove_unseen(self, most: int) -> None:
        """Take away what the shop has and the stream had not.

        Args:
            most: How many may be taken away.

        Raises:
            SettingError: There are more.
        """
        matcher, entity = self._matcher, self.job.entity
        if matcher is None or entity is None or not matcher.read_all():
            LOGGER.warning(
                "%s: what the stream had not is left in the shop: it can't be told",
                self.job.stream,
            )
            return
        gone = matcher.objects.unseen()
        intents = [(found, self._planner.removal(entity, found)) for found in gone]
        count = sum(intent.kind is not Kind.UNCHANGED for _, intent in intents)
        if count > most:
            raise SettingError(
                "max_deletions",
                f"is {most}, and {count} {entity.name} of the shop are not in the stream "
                f"{self.job.stream}: none was taken away. Raise it if that is meant",
            )
        sendings, planned, outcomes = [], [], []
        for found, intent in intents:
            if intent.kind is Kind.UNCHANGED:
                continue
            record = dict(zip(entity.keys, found.keys, strict=True))
            one = Planned(
                item=Item(record, 0, waited=True),
                values=record,
                want=self._planner.want(record),
                intent=intent,
            )
            if intent.request is None or self._run.dry_run:
                outcomes.append(self._settler.settled(one, intent))
            else:
                planned.append(one)
                sendings.append(self._sending(one, intent))
        size = self._run.batch_size
        for start in range(0, len(sendings), size):
            part = slice(start, start + size)
            self._finish(planned[part], sendings[part], [], [])
        self._finish([], [], outcomes, [])


class RejectedRecordError(SettingError):
    """A record was rejected, and that is to end the run."""

    def __init__(self, outcome: Outcome, folder: str) -> None:
        super().__init__(
            outcome.named(),
            f"was rejected: {outcome.message.rstrip('.')}. It stands in {folder}/rejected.jsonl. "
            f"Set on_error to skip to go on without such records",
        )


def _is_fatal(error: EcwidError) -> bool:
    """Whether an error is about more than one record: settings and credentials."""
    return isinstance(error, SettingError) and not isinstance(error, ScopeError)


def _lost(planned: Planned, result: Result) -> Keys | None:
    """Keys of an object that a change didn't find, unless that was looked into before."""
    intent = planned.intent
    missing = isinstance(result, Refused) and isinstance(result.error, NotFoundError)
    if intent is None or intent.kind is not Kind.UPDATED or planned.item.tries or not missing:
        return None
    return intent.keys
