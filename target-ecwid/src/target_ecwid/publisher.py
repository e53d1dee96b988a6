"""Sends what is to be written: hundreds of requests in a batch, few or large ones directly."""

from __future__ import annotations

import dataclasses
import logging
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ecwid_api.batch import Answered, NotDone, Refused, Unknown, write_together
from ecwid_api.errors import AnswerError, GaveUpError, ProtocolError, ScopeError
from ecwid_api.retrying import Failure
from target_ecwid.journal import Done, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ecwid_api.batch import WriteReply
    from ecwid_api.client import Client
    from ecwid_api.entity import Entity
    from target_ecwid.intent import Intent
    from target_ecwid.journal import Journal, Unfinished
    from target_ecwid.objects import Keys

LOGGER = logging.getLogger(__name__)

Result: TypeAlias = Answered | Refused | Unknown

_FEW: Final = 2
_REFUSED: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """An intent on its way.

    Attributes:
        intent: What is to be done; it has a request.
        sequence: The record's place in the input.
        entity: What is created or changed; None where that is not known.
        identity: The record's, where it can't be recognised in the shop.
    """

    intent: Intent
    sequence: int
    entity: Entity | None
    identity: bytes | None

    def entry(self) -> Entry:
        """What the journal has of it."""
        request = self.intent.request
        if request is None:
            raise ValueError("an intent without request is not sent")
        created = self.entity is not None and self.intent.kind == "created"
        created = created and self.identity is None
        return Entry(
            operation=request.operation.id,
            group=request.operation.group,
            path=dict(request.path),
            query=dict(request.query),
            body=request.body,
            sequence=self.sequence,
            identity=self.identity,
            entity=self.entity.name if self.entity is not None and created else None,
            parent=list(request.path.values()),
            keys=list(self.intent.keys) if self.intent.keys is not None else None,
            fields=dict(self.intent.fields),
            answered=self.entity.answered if self.entity is not None else (),
        )


class Publisher:
    """Sends requests, and says what became of each."""

    def __init__(
        self,
        client: Client,
        journal: Journal,
        *,
        counted: bool,
        patience: float,
        between: Callable[[], None],
    ) -> None:
        """Send nothing yet.

        Args:
            client: The store's client.
            journal: What is sent stands there before.
            counted: Whether requests in a batch count against the limit.
            patience: Seconds that a batch may take.
            between: Called while the limit leaves no room; raises if the run is to end.
        """
        self._between = between
        self._client = client
        self._journal = journal
        self._counted = counted
        self._patience = patience

    def publish(self, sendings: Sequence[Sending]) -> list[Result]:
        """Send requests, no two of them about one object.

        What is known not to have been carried out, or can be repeated, is sent until it is
        settled; what may have been carried out and can't be repeated is ``Unknown``.

        Raises:
            EcwidError: Ecwid or the way to it fails; the journal knows what was on its way.
        """
        results: dict[int, Result] = {}
        together = []
        for place, sending in enumerate(sendings):
            if sending.intent.file is not None:
                results[place] = self._directly(sending)
            else:
                together.append(place)
        waits = self._client.patience.waits()
        while together:
            if len(together) <= _FEW and all(sendings[n].intent.repeatable for n in together):
                results.update((place, self._directly(sendings[place])) for place in together)
                break
            written = self._batch([sendings[place] for place in together])
            again, refused = [], False
            for place, one in zip(together, written, strict=True):
                if isinstance(one, NotDone) or _may_repeat(one, sendings[place]):
                    again.append(place)
                    refused = refused or one == NotDone(Failure.REFUSED_FOR_NOW)
                else:
                    results[place] = one
            together = again
            if again and not self._rest(next(waits, None), refused=refused):
                error = GaveUpError("Ecwid failed each time; run again later")
                results.update((place, Refused(error)) for place in again)
                break
        return [results[place] for place in range(len(sendings))]

    def _rest(self, wait: float | None, *, refused: bool) -> bool:
        """Wait before the next try; False if there is none."""
        if wait is None:
            return False
        if refused:
            self._client.pacer.refused(_REFUSED)
        self._client.pacer.sleep(wait)
        return True

    def resume(self, batch: Unfinished) -> int:
        """Find out what became of a batch of an earlier run; how many were carried out."""
        requests = [entry.request() for entry in batch.entries]
        written: Sequence[WriteReply]
        if batch.fresh:
            written = write_together(
                self._client,
                requests,
                key=batch.key,
                parallel=batch.parallel,
                counted=self._counted,
                patience=self._patience,
                between=self._between,
            )
        else:
            LOGGER.warning(
                "A batch of %d requests was sent more than an hour ago, and Ecwid no longer tells "
                "what became of it: records that can be recognised are looked up, others are "
                "rejected",
                len(requests),
            )
            written = [Unknown(None)] * len(requests)
        self._note(batch.key, batch.entries, written)
        return sum(isinstance(one, Answered) for one in written)

    def _batch(self, sendings: Sequence[Sending]) -> Sequence[WriteReply]:
        key = uuid.uuid4()
        entries = [sending.entry() for sending in sendings]
        parallel = _independent(sendings)
        self._journal.begin(key, entries, parallel=parallel)
        try:
            written: Sequence[WriteReply] = write_together(
                self._client,
                [entry.request() for entry in entries],
                key=key,
                parallel=parallel,
                counted=self._counted,
                patience=self._patience,
                between=self._between,
            )
        except (AnswerError, ScopeError) as error:
            # A batch is a means: without it the same is done one by one.
            LOGGER.info("Sending one by one, since a batch failed: %s", error)
            self._journal.finish(key, (), ())
            return [self._directly(sending) for sending in sendings]
        self._note(key, entries, written)
        return written

    def _note(
        self, key: uuid.UUID | None, entries: Sequence[Entry], written: Iterable[WriteReply]
    ) -> None:
        """Write down what must not be done again."""
        made, done = [], []
        for entry, one in zip(entries, written, strict=True):
            keys: Keys | None = None
            if isinstance(one, Answered):
                keys = entry.made(one.value)
                if entry.entity is not None and keys is not None:
                    made.append((entry.entity, keys, entry.fields))
            elif not isinstance(one, Unknown):
                continue
            if entry.identity is not None:
                kind = "done" if isinstance(one, Answered) else "unknown"
                outcome = Done(kind=kind, keys=list(keys) if keys is not None else None)
                done.append((entry.identity, entry.sequence, outcome))
        self._journal.finish(key, made, done)

    def _directly(self, sending: Sending) -> Result:
        intent = sending.intent
        if intent.request is None:
            raise ValueError("an intent without request is not sent")
        result: Result
        try:
            file = intent.file.read if intent.file is not None else None
            value = self._client.send(dataclasses.replace(intent.request, file=file))
        except (AnswerError, ScopeError) as error:
            return Refused(error)
        except (GaveUpError, ProtocolError) as error:
            if intent.repeatable:
                return Refused(error)
            result = Unknown(None)
        else:
            result = Answered(value)
        if not intent.repeatable:
            self._note(None, [sending.entry()], [result])
        return result


def _may_repeat(one: WriteReply, sending: Sending) -> bool:
    """Whether a request that may have been carried out can be sent again."""
    return isinstance(one, Unknown) and sending.intent.repeatable


def _independent(sendings: Sequence[Sending]) -> bool:
    """Whether the order of requests doesn't matter: none is about what another one is inside of."""
    entity = sendings[0].entity
    if entity is not None and entity.name in entity.refers.values():
        return False
    parents = set()
    for sending in sendings:
        request = sending.intent.request
        if request is None or not request.path:
            continue
        first = str(next(iter(request.path.values())))
        if first in parents:
            return False
        parents.add(first)
    return True
