"""Sends the changes of a wave, and says what follows from each reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_api.batch import Answered, Refused
from ecwid_api.errors import AnswerError, NotFoundError, ScopeError
from target_ecwid.change.changes import Kind, Write
from target_ecwid.jobs import CallJob
from target_ecwid.shop.uploads import place_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_api.errors import EcwidError
    from ecwid_api.many_requests import Written
    from target_ecwid.jobs import Job
    from target_ecwid.outcome.conclusions import Concluder
    from target_ecwid.outcome.drafts import Planned
    from target_ecwid.outcome.steps import Step
    from target_ecwid.record.lookups import Keys
    from target_ecwid.shop.finder import Finder
    from target_ecwid.shop.shop import Shop


class Sender:
    """Sends a stream's changes."""

    def __init__(self, job: Job, shop: Shop, finder: Finder | None, concluder: Concluder) -> None:
        """Send nothing yet.

        Args:
            job: What is done with the records.
            shop: Where they are written.
            finder: Finds their objects; None where none is looked up.
            concluder: Says what follows from a reply.
        """
        self._job = job
        self._shop = shop
        self._finder = finder
        self._concluder = concluder

    def send(
        self, planned: Sequence[Planned], places: Sequence[int] | None = None
    ) -> tuple[list[Step], EcwidError | None]:
        """Send changes, no two about one object.

        Args:
            planned: The changes.
            places: Their places in the plan that is carried out; None where there is none.

        Returns:
            What became of each record, and what ends the run; None where it goes on.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        writes = [one.change for one in planned if isinstance(one.change, Write)]
        replies = self._shop.publisher.publish(writes, places)
        gone = self._gone(planned, replies)
        steps: list[Step] = []
        failure: EcwidError | None = None
        for one, reply in zip(planned, replies, strict=True):
            if isinstance(reply, Refused) and _ends_the_run(reply.error):
                failure = reply.error
            else:
                steps.append(self._concluder.replied(one, reply, gone))
        self._note_uploads(planned, replies)
        self._note_written(planned, replies)
        return steps, failure

    def _gone(self, planned: Sequence[Planned], replies: Sequence[Written]) -> frozenset[int]:
        """Places in the input of records whose objects are gone: those are planned once more."""
        refused: dict[Keys, int] = {}
        for one, reply in zip(planned, replies, strict=True):
            missing = isinstance(reply, Refused) and isinstance(reply.error, NotFoundError)
            change = one.change
            updated = isinstance(change, Write) and change.kind is Kind.UPDATED
            if missing and updated and change.keys is not None and not one.pending.attempts:
                refused[change.keys] = one.pending.sequence
        if self._finder is None or isinstance(self._job, CallJob) or not refused:
            return frozenset()
        return frozenset(refused[keys] for keys in self._finder.forget_gone(list(refused)))

    def _note_uploads(self, planned: Sequence[Planned], replies: Sequence[Written]) -> None:
        """Remember which files are where from now on."""
        uploads, deleted = [], []
        for one, reply in zip(planned, replies, strict=True):
            if not isinstance(reply, Answered) or not isinstance(one.change, Write):
                continue
            if one.upload is not None:
                uploads.append(one.upload)
            elif one.change.kind is Kind.DELETED:
                deleted.append(place_of(one.change.call.request()))
        if deleted:
            self._shop.journal.forget_uploads(deleted)
        if uploads:
            self._shop.journal.uploaded(uploads)

    def _note_written(self, planned: Sequence[Planned], replies: Sequence[Written]) -> None:
        """Remember what was written, so that what Ecwid doesn't keep isn't written again."""
        if isinstance(self._job, CallJob) or self._finder is None:
            return
        written = [
            (one.change, keys)
            for one, reply in zip(planned, replies, strict=True)
            if isinstance(reply, Answered)
            and isinstance(one.change, Write)
            and one.change.kind is not Kind.DELETED
            and (keys := self._concluder.keys_of(one.change, reply.value)) is not None
        ]
        if written:
            self._shop.journal.settled.note(written, self._shop.client.server_time())


def _ends_the_run(error: EcwidError) -> bool:
    """Whether an error isn't about one record: settings, credentials, the way to Ecwid."""
    return not isinstance(error, AnswerError | ScopeError)
