"""The outcome of a record: what is told of it, and what is known of its object from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecwid_api.errors import AnswerError
from target_ecwid.intent import Kind
from target_ecwid.outcomes import Outcome
from target_ecwid.stream_settings import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.errors import EcwidError
    from target_ecwid.intent import Intent
    from target_ecwid.matching import Matcher, Want
    from target_ecwid.objects import Keys
    from target_ecwid.references import References
    from target_ecwid.stream_settings import Job
    from target_ecwid.uploads import Upload


@dataclass(slots=True)
class Item:
    """A record on its way.

    Attributes:
        record: As it came.
        sequence: Its place in the input.
        tries: How often it was planned.
        waited: Whether it has waited for what it refers to.
        done: What was done with it already, or may have been; None if nothing was.
        gone: Whether its object turned out to be gone.
        without: Fields that are left out for now: they refer to what refers back.
    """

    record: dict[str, Any]
    sequence: int
    tries: int = 0
    waited: bool = False
    done: Kind | None = None
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
        upload: The file that is brought; None where there is none.
    """

    item: Item
    values: dict[str, Any]
    want: Want
    intent: Intent | None = None
    upload: Upload | None = None


class Settler:
    """Makes outcomes of a stream's records."""

    def __init__(
        self, job: Job, matcher: Matcher | None, references: References, *, dry_run: bool
    ) -> None:
        """Begin.

        Args:
            job: What is done with the records.
            matcher: Learns what was written; None where nothing is matched.
            references: Learn which keys objects got.
            dry_run: Whether nothing is written.
        """
        self._job = job
        self._matcher = matcher
        self._references = references
        self._dry_run = dry_run

    def settled(self, planned: Planned, intent: Intent, answer: Any = None) -> Outcome:  # noqa: ANN401
        """The outcome of an intent that was carried out, or that there is nothing to do about."""
        keys, kind = intent.keys, intent.kind
        if planned.item.done is not None and kind in {Kind.UNCHANGED, Kind.UPDATED}:
            kind = planned.item.done
        if isinstance(answer, dict):
            if kind is Kind.CREATED:
                keys = self._new_keys(intent, answer) or keys
            elif 0 in (answer.get("updateCount"), answer.get("deleteCount")):
                kind = Kind.UNCHANGED
        elif kind is Kind.CREATED and self._dry_run and keys is None:
            keys = (*planned.want.parent, f"(new {planned.item.sequence})")
        if keys is not None and self._job.action is not Action.CALL:
            self._remember(planned, intent, keys)
        if intent.kind is Kind.REJECTED:
            return self.rejection(
                planned.item.record, self.key(planned), intent.reason, intent.advice, intent=intent
            )
        return Outcome(
            stream=self._job.stream,
            kind=kind,
            key=self.key(planned),
            keys=keys,
            request=intent.request,
            changed=intent.changed,
        )

    def _remember(self, planned: Planned, intent: Intent, keys: Keys) -> None:
        matcher, entity = self._matcher, self._job.entity
        if matcher is None or entity is None:
            return
        if intent.kind is Kind.DELETED:
            matcher.objects.remove(keys)
        elif intent.kind in {Kind.CREATED, Kind.UPDATED}:
            fields = {**named_fields(planned.want), **intent.fields}
            matcher.wrote(keys, fields)
        if intent.kind is Kind.CREATED:
            self.renumber(planned.values, keys)

    def renumber(self, values: Mapping[str, Any], keys: Keys) -> None:
        """The source may know the object by another key than Ecwid does."""
        entity = self._job.entity
        if entity is None or len(entity.keys) > 1 or self._job.action is Action.CALL:
            return
        given = values.get(entity.keys[0])
        if given is not None:
            self._references.note(entity, given, keys[0])

    def _new_keys(self, intent: Intent, answer: Mapping[str, Any]) -> Keys | None:
        entity = self._job.entity
        if intent.keys is not None or entity is None or intent.request is None:
            return intent.keys
        for name in entity.answered:
            if answer.get(name) is not None:
                return (*intent.request.path.values(), answer[name])
        return None

    def rejection(
        self,
        record: Mapping[str, Any],
        key: Mapping[str, Any],
        reason: str,
        message: str,
        *,
        intent: Intent | None = None,
        error: EcwidError | None = None,
    ) -> Outcome:
        """The outcome of a record that was not, or could not be, written.

        Args:
            record: As it came.
            key: How its owner knows it.
            reason: Why, in short.
            message: What is wrong, and what to do.
            intent: What was to be done with it, as far as that was known.
            error: Ecwid's.
        """
        known = error if isinstance(error, AnswerError) else None
        return Outcome(
            stream=self._job.stream,
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

    def key(self, planned: Planned) -> dict[str, Any]:
        """How the record's owner knows it."""
        key = named_fields(planned.want)
        return key or self.named(planned.item.record)

    def named(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The fields by which a record is known, as it has them."""
        entity = self._job.entity
        names: tuple[str, ...] = (self._job.key,) if self._job.key is not None else ()
        if entity is not None:
            names = (*names, *entity.keys, *entity.natural_keys)
        return {name: record[name] for name in names if record.get(name) is not None}


def named_fields(want: Want) -> dict[str, Any]:
    """The natural key by which a record is known, as a field."""
    return {want.name[0]: want.name[1]} if want.name is not None else {}
