"""Sends changes, with the journal and the history written around the sending."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from ecwid_api.batch import Answered, Refused, Unknown
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import AnswerError, NotFoundError
from ecwid_api.request import Request
from target_ecwid.change.changes import Kind
from target_ecwid.change.pictures import ADDRESS, pictures
from target_ecwid.shop.entries import Done, Entry

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ecwid_api.batch import WriteReply
    from ecwid_api.many_requests import ManyRequests, Written
    from target_ecwid.change.changes import Write
    from target_ecwid.change.past_write import Fate
    from target_ecwid.record.lookups import Keys
    from target_ecwid.shop.entries import Unfinished
    from target_ecwid.shop.history import History
    from target_ecwid.shop.journal import Journal

LOGGER = logging.getLogger(__name__)


class Publisher:
    """Sends changes of the same stream, and says what became of each."""

    def __init__(self, many: ManyRequests, journal: Journal, history: History) -> None:
        """Send nothing yet.

        Args:
            many: Sends requests.
            journal: Has what is under way, so that nothing is written twice after a crash.
            history: Keeps what was written, and what was there before.
        """
        self._many = many
        self._journal = journal
        self._history = history

    def publish(
        self, writes: Sequence[Write], places: Sequence[int] | None = None
    ) -> list[Written]:
        """Send writes, no two of them about one object.

        Args:
            writes: The writes.
            places: Their places in the plan that is carried out; None where there is none.

        Returns:
            A reply for each, in their order.

        Raises:
            EcwidError: Ecwid or the way to it fails; the journal knows what was under way.
        """
        requests = [write.call.request() for write in writes]
        entries = [_entry(write) for write in writes]
        past = self._history.leaving(self._with_whole_objects(writes, entries), places)
        for entry, one in zip(entries, past or (), strict=False):
            entry.past = one
        log = _Log(self._journal, self._remember, entries)
        replies = self._many.write(requests, log, in_order=_depend_on_order(writes))
        # What is idempotent and goes alone is not in the log.
        gone = [
            entry
            for place, (entry, reply) in enumerate(zip(entries, replies, strict=True))
            if _is_gone(entry, reply) and place not in log.noted
        ]
        if gone:
            self._journal.deleted(gone)
        alone = zip(entries, replies, strict=True)
        self._remember(pair for place, pair in enumerate(alone) if place not in log.noted)
        return replies

    def _with_whole_objects(self, writes: Sequence[Write], entries: Sequence[Entry]) -> list[Write]:
        """Writes for the history: what is deleted with all that it had, pictures with addresses."""
        found = list(writes)
        if not self._history.keeps:
            return found
        wanted = [
            (place, read) for place, write in enumerate(writes) if (read := _read_before(write))
        ]
        replies = self._many.replies([read for _, read in wanted])
        for (place, _), reply in zip(wanted, replies, strict=True):
            if isinstance(reply, Answered) and isinstance(reply.value, dict):
                write, before = writes[place], reply.value
                entries[place].there = True
                if write.call.operation in pictures():
                    before = {ADDRESS: before.get(ADDRESS)}
                found[place] = msgspec.structs.replace(write, before=before)
        return found

    def _remember(self, replied: Iterable[tuple[Entry, WriteReply]]) -> None:
        """Have what became of writes in the history."""
        fates = [
            (entry.past, *_fate(entry, reply)) for entry, reply in replied if entry.past is not None
        ]
        if fates:
            self._history.arrived(fates, self._many.client.server_time())

    def resume(self, batch: Unfinished) -> int:
        """Find out what became of a batch of an earlier run; how many were carried out.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        written: Sequence[WriteReply]
        if batch.known:
            requests = [entry.request() for entry in batch.entries]
            written = self._many.resume(requests, batch.key, parallel=batch.parallel)
        else:
            LOGGER.warning(
                "Nobody knows what became of %d requests of the last run: records that can be "
                "recognised are looked up, others are rejected",
                len(batch.entries),
            )
            written = [Unknown(None)] * len(batch.entries)
        # The history first: what is "sent" there and not under way here has never left.
        self._remember(zip(batch.entries, written, strict=True))
        _note(self._journal, batch.key, zip(batch.entries, written, strict=True))
        return sum(isinstance(reply, Answered) for reply in written)


def _read_before(write: Write) -> Request | None:
    """The request that reads what a write takes away; None where the write says it itself."""
    picture = pictures().get(write.call.operation)
    entity, keys = None, write.keys
    if picture is not None:
        entity, keys = picture.entity, tuple(write.call.path.values())
    elif write.entity is not None and ENTITIES[write.entity].delete == write.call.operation:
        entity = ENTITIES[write.entity]
    if entity is None or keys is None or (operation := entity.operations.get) is None:
        return None
    query = {n: v for n, v in entity.query.items() if n in operation.query_names}
    return Request(operation=operation, path=operation.path_of(keys), query=query)


def _depend_on_order(writes: Sequence[Write]) -> bool:
    """Whether a write may refer to what another of the same entity creates or deletes."""
    refer = any(write.entity in write.needs for write in writes)
    return refer and any(write.kind is not Kind.UPDATED for write in writes)


class _Log:
    """Writes a publisher's batches into the journal.

    Attributes:
        noted: Places of the requests whose replies are in the journal.
    """

    def __init__(
        self,
        journal: Journal,
        remember: Callable[[Iterable[tuple[Entry, WriteReply]]], None],
        entries: Sequence[Entry],
    ) -> None:
        self._journal = journal
        self._remember = remember
        self._entries = entries
        self.noted: set[int] = set()

    def leaving(
        self, key: uuid.UUID, places: Sequence[int], *, parallel: bool, alone: bool = False
    ) -> None:
        """Requests are about to leave."""
        entries = [self._entries[n] for n in places]
        self._journal.begin(key, entries, parallel=parallel, alone=alone)

    def arrived(self, key: uuid.UUID, replies: Mapping[int, WriteReply]) -> None:
        """Replies came."""
        self.noted |= replies.keys()
        replied = [(self._entries[n], reply) for n, reply in replies.items()]
        self._remember(replied)
        _note(self._journal, key, replied)


def _entry(write: Write) -> Entry:
    """What the journal has of a write."""
    entity = ENTITIES[write.entity] if write.entity is not None else None
    created = entity is not None and write.kind is Kind.CREATED and write.identity is None
    own = {n: v for n, v in write.key.items() if entity is None or n not in entity.keys}
    call = write.call
    return Entry(
        operation=call.operation,
        group=call.group,
        path=call.path,
        query=call.query,
        body=call.body,
        sequence=write.sequence,
        identity=write.identity,
        entity=write.entity if created else None,
        gone=write.entity if entity is not None and call.operation == entity.delete else None,
        parent=list(call.path.values()),
        keys=list(write.keys) if write.keys is not None else None,
        given=write.given if created else None,
        natural=next(iter(own.items()), None) if created else None,
        # By these it is found before a search shows it.
        fields={**own, **write.after},
        answered=entity.answered if entity is not None else (),
    )


def _note(journal: Journal, key: uuid.UUID, replies: Iterable[tuple[Entry, WriteReply]]) -> None:
    """Write down what must not be done again."""
    made: list[tuple[Entry, Keys]] = []
    unseen: list[tuple[Entry, bool]] = []
    done: list[tuple[bytes, int, Done]] = []
    for entry, reply in replies:
        keys: Keys | None = None
        if isinstance(reply, Answered):
            keys = entry.made(reply.value)
            if (entry.entity or entry.gone) is not None and keys is not None:
                made.append((entry, keys))
        elif _is_gone(entry, reply) and entry.keys is not None:
            made.append((entry, tuple(entry.keys)))
        if entry.entity is not None and entry.natural is not None:
            unseen.append((entry, keys is None and _may_be_there(reply)))
        if entry.identity is not None and isinstance(reply, Answered | Unknown):
            kind = "done" if isinstance(reply, Answered) else "unknown"
            outcome = Done(kind=kind, keys=list(keys) if keys is not None else None)
            done.append((entry.identity, entry.sequence, outcome))
    journal.finish(key, made, done, unseen)


def _fate(entry: Entry, reply: WriteReply) -> tuple[Fate | None, Keys | None]:
    """What became of a write, and its object's keys."""
    if isinstance(reply, Answered):
        return "done", entry.made(reply.value)
    if entry.there and _is_gone(entry, reply):
        # It was there a moment ago: the answer got lost.
        return "done", entry.made(None)
    return ("unknown" if isinstance(reply, Unknown) else None), None


def _is_gone(entry: Entry, reply: WriteReply) -> bool:
    """Whether an object was deleted, now or by a request whose answer got lost."""
    missing = isinstance(reply, Refused) and isinstance(reply.error, NotFoundError)
    return entry.gone is not None and (missing or isinstance(reply, Answered))


def _may_be_there(reply: WriteReply) -> bool:
    """Whether an object may be there after its creation, although its key isn't known."""
    if isinstance(reply, Answered | Unknown):
        return True
    # The answer to a creation can get lost; then what has the key already is our own.
    error = reply.error if isinstance(reply, Refused) else None
    return isinstance(error, AnswerError) and error.status == HTTPStatus.CONFLICT
