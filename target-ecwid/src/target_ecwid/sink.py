"""A stream's records on their way: collected, matched, planned, published, and each accounted for.

Records are taken in waves. In a wave no two records are about one object, so that its requests may
be carried out in any order; the second record about an object waits for the next wave.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
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
from target_ecwid.journal import identity_of
from target_ecwid.objects import Found
from target_ecwid.outcomes import LOGGER, Outcome
from target_ecwid.plan import DELETED_AT, Intent, Kind, Planner, Unfit, rejected
from target_ecwid.publisher import Sending
from target_ecwid.stream_settings import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_api.errors import EcwidError
    from target_ecwid.matching import Want
    from target_ecwid.objects import Keys
    from target_ecwid.publisher import Result
    from target_ecwid.run import Run
    from target_ecwid.stream_settings import Job

_TRIES: Final = 3
_LAG: Final = 2.0
# What Ecwid answers where something is named that isn't there.
_MISSING: Final = frozenset({400, 404})
_UNKNOWN: Final = (
    "Ecwid failed in the middle, and it isn't known whether it was carried out. Look into the "
    "shop, and send the record again if it wasn't"
)


@dataclass(slots=True)
class Item:
    """A record on its way.

    Attributes:
        record: As it came.
        sequence: Its place in the input.
        tries: How often it was planned.
        waited: Whether it has waited for what it refers to.
        unsure: Whether it may have been created already.
        gone: Whether its object turned out to be gone.
        without: Fields that are left out for now: they refer to what refers back.
    """

    record: dict[str, Any]
    sequence: int
    tries: int = 0
    waited: bool = False
    unsure: bool = False
    gone: bool = False
    without: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Planned:
    """A record of a wave.

    Attributes:
        item: The record on its way.
        values: Its fields and the payload's.
        want: How it names its object.
        intent: What is to be done; None until that is known.
    """

    item: Item
    values: dict[str, Any]
    want: Want
    intent: Intent | None = None


class Sink:
    """Publishes a stream's records."""

    def __init__(self, run: Run, job: Job, schema: Mapping[str, Any]) -> None:
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
        self._told: set[str] = set()
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
            self._matcher.expect(self._planner.compared_fields, job.key)

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
        if not record.keys() <= self._known:
            self._tell_unknown(record)
        self._items.append(Item(record, sequence))

    def _invalid(self, record: dict[str, Any]) -> None:
        error = next(self._validator.iter_errors(record))
        where = ".".join(map(str, error.instance_path)) or "the record"
        outcome = self._rejection(
            record, self._named(record), "breaks its schema", f"{where}: {error.message}"
        )
        self._run.ledger.write([outcome])
        if not self._run.skips_invalid:
            raise SettingError(
                outcome.named(),
                f"is not what its schema says: {where}: {error.message}. Set on_invalid to skip to "
                "go on without such records",
            )

    def _tell_unknown(self, record: Mapping[str, Any]) -> None:
        for name in record.keys() - self._known - self._told:
            self._told.add(name)
            if not name.startswith("_sdc_"):
                LOGGER.info("%s: %s is left out: Ecwid doesn't take it", self.job.stream, name)

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
        awaited = self._expected(wave, matches)
        for planned in wave:
            if self._refers_to(planned, awaited):
                later.append(planned.item)
                continue
            intent = self._intent(planned, matches.get(id(planned)))
            planned.intent = intent
            token = self._object(intent)
            if token is not None and token in busy:
                later.append(planned.item)
                continue
            busy.add(token)
            if intent.request is None or self._run.dry_run:
                outcomes.append(self._settled(planned, intent))
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
        self._run.ledger.write(outcomes)
        if fatal is not None:
            raise fatal
        if not self.job.skips and not self._run.dry_run:
            for outcome in outcomes:
                if outcome.kind is Kind.REJECTED:
                    raise RejectedRecordError(outcome, str(self._run.ledger.folder))

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
            self._rejection(
                item.record,
                self._named(item.record),
                "refers to itself",
                "the records refer to one another in a circle",
            )
            for item in items
        ]
        self._finish([], [], outcomes, [])
        self._run.ledger.write(outcomes)
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
                values = self._run.renumbered(self.job.entity, values)
                for left_out in item.without:
                    values.pop(left_out, None)
                want = self._planner.want(values)
            except Unfit as error:
                outcomes.append(
                    self._rejection(
                        item.record, self._named(item.record), error.reason, error.advice
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
        key = self._named(item.record)
        if known.kind == "unknown":
            return self._rejection(item.record, key, "unknown outcome", _UNKNOWN)
        operation = self.job.writers()[0]
        kind = {"POST": Kind.CREATED, "DELETE": Kind.DELETED}.get(operation.method, Kind.UPDATED)
        keys = tuple(known.keys) if known.keys is not None else None
        return Outcome(stream=self.job.stream, kind=kind, key=key, keys=keys)

    def _identity(self, record: Mapping[str, Any]) -> bytes:
        return identity_of(self.job.stream, self.job.action.value, record)

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
            self._renumber(planned.values, match.keys)
        try:
            intent = self._planner.intent(planned.item.record, planned.values, match)
        except Unfit as error:
            return rejected(error.reason, error.advice)
        if self._matcher is not None and intent.keys is not None and self._run.tracks_versions:
            self._matcher.objects.see(intent.keys)
        return intent

    def _object(self, intent: Intent) -> object:
        """What two intents of a wave must not have in common."""
        if intent.request is None:
            return None
        if self.job.action is Action.CALL:
            # What adds to what is there can come in any order.
            return intent.request.target() if intent.repeatable else None
        return intent.keys

    def _sending(self, planned: Planned, intent: Intent) -> Sending:
        # By these fields it is found before a search shows it.
        fields = {**_named_fields(planned.want), **intent.fields}
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
            outcome = self._settled(planned, intent, result.value)
            if item.without:
                # The rest follows when what it refers to is there.
                item.without = frozenset()
                item.unsure = True
                if self._run.wait(self, item):
                    return None
            return outcome
        item.tries += 1
        if isinstance(result, Refused):
            return self._refused(planned, intent, result.error, later)
        # It may be there now. The search shows it a moment later.
        if planned.want.name is not None and self._matcher is not None and item.tries < _TRIES:
            self._run.client.pacer.sleep(_LAG)
            self._matcher.objects.forget_read()
            item.unsure = True
            later.append(item)
            return None
        return self._rejection(
            item.record, self._key(planned), "unknown outcome", _UNKNOWN, intent=intent
        )

    def _refused(
        self, planned: Planned, intent: Intent, error: EcwidError, later: list[Item]
    ) -> Outcome | None:
        item = planned.item
        if isinstance(error, NotFoundError):
            if intent.kind is Kind.DELETED:
                return self._settled(planned, Intent(kind=Kind.UNCHANGED, keys=intent.keys))
            if item.gone:
                # Somebody has deleted it meanwhile, or the search was behind.
                item.gone = False
                later.append(item)
                return None
        waits = isinstance(error, AnswerError) and error.status in _MISSING
        waits = waits and self._may_wait(planned.values)
        later_fields = self._put_off(planned.values) if intent.kind is Kind.CREATED else frozenset()
        if waits and later_fields and not item.waited:
            item.without = later_fields
            later.append(item)
            return None
        if waits and not item.waited and self._run.wait(self, item):
            return None
        return self._rejection(
            item.record,
            self._key(planned),
            reason_of(error),
            advice_of(error),
            intent=intent,
            error=error,
        )

    def _put_off(self, values: Mapping[str, Any]) -> frozenset[str]:
        """Fields of a record that can be written when what they refer to is there."""
        entity = self.job.entity
        if entity is None or len(entity.keys) > 1:
            return frozenset()
        return frozenset(name for name in entity.later if values.get(name))

    def _may_wait(self, values: Mapping[str, Any]) -> bool:
        """Whether a record may have been refused since what it refers to isn't there yet."""
        entity = self.job.entity
        return entity is not None and any(values.get(name) for name in entity.refers)

    def _settled(self, planned: Planned, intent: Intent, answer: Any = None) -> Outcome:  # noqa: ANN401
        """The outcome of an intent that was carried out, or that there is nothing to do about."""
        keys, kind = intent.keys, intent.kind
        if planned.item.unsure and kind in {Kind.UNCHANGED, Kind.UPDATED}:
            kind = Kind.CREATED
        if isinstance(answer, dict):
            if kind is Kind.CREATED:
                keys = self._new_keys(intent, answer) or keys
            elif 0 in (answer.get("updateCount"), answer.get("deleteCount")):
                kind = Kind.UNCHANGED
        elif kind is Kind.CREATED and self._run.dry_run and keys is None:
            keys = (*planned.want.parent, f"(new {planned.item.sequence})")
        if keys is not None and self.job.action is not Action.CALL:
            self._remember(planned, intent, keys)
        if intent.kind is Kind.REJECTED:
            return self._rejection(
                planned.item.record, self._key(planned), intent.reason, intent.advice, intent=intent
            )
        return Outcome(
            stream=self.job.stream,
            kind=kind,
            key=self._key(planned),
            keys=keys,
            request=intent.request,
            changed=intent.changed,
        )

    def _remember(self, planned: Planned, intent: Intent, keys: Keys) -> None:
        matcher, entity = self._matcher, self.job.entity
        if matcher is None or entity is None:
            return
        if intent.kind is Kind.DELETED:
            matcher.objects.remove(keys)
        elif intent.kind in {Kind.CREATED, Kind.UPDATED}:
            fields = {**_named_fields(planned.want), **intent.fields}
            matcher.wrote(keys, fields)
        if intent.kind is Kind.CREATED:
            self._renumber(planned.values, keys)

    def _renumber(self, values: Mapping[str, Any], keys: Keys) -> None:
        """The source may know the object by another key than Ecwid does."""
        entity = self.job.entity
        if entity is None or len(entity.keys) > 1 or self.job.action is Action.CALL:
            return
        given = values.get(entity.keys[0])
        if given is not None:
            self._run.renumber(entity, given, keys[0])

    def _new_keys(self, intent: Intent, answer: Mapping[str, Any]) -> Keys | None:
        entity = self.job.entity
        if intent.keys is not None or entity is None or intent.request is None:
            return intent.keys
        for name in entity.answered:
            if answer.get(name) is not None:
                return (*intent.request.path.values(), answer[name])
        return None

    def _rejection(
        self,
        record: Mapping[str, Any],
        key: Mapping[str, Any],
        reason: str,
        message: str,
        *,
        intent: Intent | None = None,
        error: EcwidError | None = None,
    ) -> Outcome:
        known = error if isinstance(error, AnswerError) else None
        return Outcome(
            stream=self.job.stream,
            kind=Kind.REJECTED,
            key=key,
            keys=intent.keys if intent is not None else None,
            request=intent.request if intent is not None else None,
            reason=reason,
            status=known.status if known is not None else None,
            code=known.code if known is not None else None,
            message=message,
            record=record,
        )

    def _key(self, planned: Planned) -> dict[str, Any]:
        """How the record's owner knows it."""
        key = _named_fields(planned.want)
        return key or self._named(planned.item.record)

    def _named(self, record: Mapping[str, Any]) -> dict[str, Any]:
        entity = self.job.entity
        names: tuple[str, ...] = (self.job.key,) if self.job.key is not None else ()
        if entity is not None:
            names = (*names, *entity.keys, *entity.natural_keys)
        return {name: record[name] for name in names if record.get(name) is not None}

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
                outcomes.append(self._settled(one, intent))
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


def _named_fields(want: Want) -> dict[str, Any]:
    return {want.name[0]: want.name[1]} if want.name is not None else {}
