"""Many requests at once: few go alone, many go in batches, a refused batch goes alone.

Reading, looking up and writing all pass through here. Requests that read run in threads and their
replies come as futures. Requests that write run in the caller's thread, and a log is written around
them, so that a run that dies can find out what became of them.
"""

from __future__ import annotations

import logging
import uuid
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeGuard, TypeVar

from ecwid_api.batch import (
    MOST,
    Answered,
    NotDone,
    Refused,
    Unknown,
    ask_together,
    leave_for,
    write_together,
)
from ecwid_api.errors import AnswerError, GaveUpError, ProtocolError, ScopeError
from ecwid_api.paging import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor

    from ecwid_api.batch import Reply, WriteReply
    from ecwid_api.client import Client
    from ecwid_api.paging import Ahead, Key, Listing
    from ecwid_api.request import Request

T = TypeVar("T")

Written: TypeAlias = Answered | Refused | Unknown
"""What finally came of a request that writes."""

LOGGER: Final = logging.getLogger(__name__)

FEW: Final = 2
"""A batch takes three requests of its own; up to this many requests go alone."""

_POLL: Final = 0.2
# Batches of a store wait for one another, and another app's can be long.
_PATIENCE: Final = 60.0
# Requests that a batch costs by itself: one sends it, two ask whether it is done.
_BATCH_COST: Final = 3
# What a request in a batch costs where it doesn't count against the limit: a little time.
_UNCOUNTED_COST: Final = 0.0005


class WriteLog(Protocol):
    """What a run writes down around the requests that write.

    Places are positions in the sequence given to ``ManyRequests.write``.
    """

    def leaving(
        self, key: uuid.UUID, places: Sequence[int], *, parallel: bool, alone: bool = False
    ) -> None:
        """Requests are about to leave under a key; they must be on disk when this returns.

        Args:
            key: A batch's deduplication key, or a name for a request that goes alone.
            places: The requests' places.
            parallel: Whether their order doesn't matter.
            alone: Whether it is no batch, so that Ecwid can't be asked what became of it.
        """
        ...

    def arrived(self, key: uuid.UUID, replies: Mapping[int, WriteReply]) -> None:
        """Replies came to what left under a key."""
        ...


class ManyRequests:
    """Sends a store's requests.

    Attributes:
        client: The store's client.
    """

    def __init__(
        self,
        client: Client,
        executor: Executor,
        *,
        check: Callable[[], None] = lambda: None,
        gather: bool = False,
        patience: float = _PATIENCE,
    ) -> None:
        """Send nothing yet.

        Args:
            client: The store's client.
            executor: Threads for requests that read.
            check: Called while waiting; it raises when the run must end.
            gather: Whether requests of ``ask_soon`` are collected and sent together.
            patience: Seconds a batch may take before its requests are sent alone.
        """
        self.client = client
        self._executor = executor
        self._check = check
        self._gather = gather
        self._patience = patience
        self._collected: list[tuple[Request, Future[Any]]] = []

    @property
    def counted(self) -> bool:
        """Whether requests within a batch count against the limit, as far as is known."""
        return self.client.pacer.counting.cautious

    def cost(self, requests: int, size: int = MOST) -> float:
        """What requests cost in batches of a size, in requests that count against the limit."""
        if requests <= FEW:
            return requests
        each = 1 if self.counted else _UNCOUNTED_COST
        return _BATCH_COST * -(-requests // size) + requests * each

    # Reading.

    def ask(self, request: Request) -> Future[Any]:
        """Send a request alone; the future has its answer."""
        return self._executor.submit(self.client.send, request)

    def ask_soon(self, request: Request) -> Future[Any]:
        """Send a request alone, or collect it where requests are gathered."""
        return self.collect(request) if self._gather else self.ask(request)

    def collect(self, request: Request) -> Future[Any]:
        """Keep a request back until ``send_collected``; every wait calls that."""
        future: Future[Any] = Future()
        self._collected.append((request, future))
        return future

    def send_collected(self) -> None:
        """Send what was collected: few requests alone, many in batches."""
        waiting, self._collected = self._collected, []
        # Nobody can cancel a request from here on, so that its answer always finds it waiting.
        collected = [one for one in waiting if one[1].set_running_or_notify_cancel()]
        for start in range(0, len(collected), MOST):
            self._executor.submit(self._answer, collected[start : start + MOST])

    def _answer(self, collected: Sequence[tuple[Request, Future[Any]]]) -> None:
        """Answer each future, with an error if need be."""
        try:
            replies = self._replies([request for request, _ in collected])
        except BaseException as error:  # noqa: BLE001 - who waits for the future handles it
            for _, future in collected:
                future.set_exception(error)
        else:
            for (_, future), reply in zip(collected, replies, strict=True):
                if isinstance(reply, Refused):
                    future.set_exception(reply.error)
                else:
                    future.set_result(reply.value)

    def ask_all(self, requests: Sequence[Request]) -> Future[list[Reply]]:
        """Send up to ``MOST`` requests, in a batch where they are many; replies in their order."""
        return self._executor.submit(self._replies, requests)

    def replies(self, requests: Sequence[Request]) -> list[Reply]:
        """Send any number of requests, and wait for the replies, in the requests' order.

        Raises:
            EcwidError: The store can't be asked at all.
        """
        found: list[Reply] = []
        for start in range(0, len(requests), MOST):
            replies = self.wait(self.ask_all(requests[start : start + MOST]))
            found += replies
        return found

    def _replies(self, requests: Sequence[Request]) -> list[Reply]:
        if len(requests) > FEW:
            try:
                return ask_together(self.client, requests, patience=self._patience)
            except (AnswerError, GaveUpError, ProtocolError, ScopeError) as error:
                # A batch only saves time: each request can be sent alone.
                LOGGER.info("Asking one by one, since a batch failed: %s", error)
        return [self._reply(request) for request in requests]

    def _reply(self, request: Request) -> Reply:
        try:
            return Answered(self.client.send(request))
        except (AnswerError, GaveUpError, ProtocolError, ScopeError) as error:
            return Refused(error)

    def wait(self, future: Future[T]) -> T:
        """The future's result; calls the check while it waits."""
        self._look()
        while not wait_for((future,), timeout=_POLL).done:
            self._check()
        self._check()
        return future.result()

    def _look(self) -> None:
        self.send_collected()
        self._check()

    def scan(
        self,
        listing: Listing,
        *,
        key: Key | None = None,
        soon: bool = False,
        batched: Ahead | None = None,
    ) -> Scan:
        """Begin to read a list.

        Args:
            listing: The list.
            key: What a row is recognised by.
            soon: Whether the first page may be asked for together with other requests.
            batched: How many pages go together in a batch; None sends each page alone.
        """
        # Half of what may be under way: first pages of other lists need not wait for this one.
        alone = max(1, self.client.http.concurrency // 2)
        return Scan(
            listing,
            self.ask if batched is None else self.collect,
            ahead=alone if batched is None else batched,
            key=key,
            ask_first=self.ask_soon if soon else self.ask,
            most_rows=self.client.http.max_list_rows,
            check=self._look,
        )

    # Writing.

    def write(
        self, requests: Sequence[Request], log: WriteLog, *, in_order: bool = False
    ) -> list[Written]:
        """Send requests that write, no two of them about one object.

        What was surely not carried out, or is idempotent, is sent again until its reply is final.
        It ends when none of them gets one, as often as a single request would be tried.

        Args:
            requests: The requests.
            log: Written around the sending.
            in_order: Whether requests of a batch must be carried out one after the other.

        Returns:
            A reply for each, in the requests' order. ``Unknown`` is for a request that may have
            been carried out and must not be sent twice.

        Raises:
            EcwidError: Ecwid or the way to it fails; the log has what was under way.
        """
        replies: dict[int, Written] = {}
        together = []
        for place, request in enumerate(requests):
            if request.file is not None:
                replies[place] = self._write_alone(place, request, log)
            else:
                together.append(place)
        waits = self.client.patience.waits()
        while together:
            if len(together) <= FEW and all(requests[n].idempotent for n in together):
                replies.update((n, self._write_alone(n, requests[n], log)) for n in together)
                break
            found = self._write_batches(together, requests, log, in_order=in_order)
            replies |= {n: reply for n, reply in found.items() if _is_final(reply, requests[n])}
            again = [place for place in together if place not in replies]
            if len(again) < len(together):
                waits = self.client.patience.waits()
            together = again
            if not together:
                break
            wait = next(waits, None)
            if wait is None:
                error = GaveUpError("Ecwid failed each time; run again later")
                replies.update((place, Refused(error)) for place in again)
                break
            self.client.pacer.sleep(wait)
        return [replies[place] for place in range(len(requests))]

    def resume(
        self, requests: Sequence[Request], key: uuid.UUID, *, parallel: bool
    ) -> list[WriteReply]:
        """Send a batch of an earlier run again: under its key, Ecwid carries it out only once.

        Raises:
            EcwidError: The batch itself failed.
        """
        with leave_for(self.client, len(requests), whole=True, between=self._check) as leave:
            return write_together(
                self.client,
                requests,
                key=key,
                leave=leave,
                parallel=parallel,
                patience=self._patience,
            )

    def _write_batches(
        self, places: Sequence[int], requests: Sequence[Request], log: WriteLog, *, in_order: bool
    ) -> dict[int, WriteReply]:
        """Send as few batches as the limit allows; the replies in the order of the places."""
        found: dict[int, WriteReply] = {}
        while places:
            failed = None
            with leave_for(self.client, min(len(places), MOST), between=self._check) as leave:
                now, places = places[: leave.size], places[leave.size :]
                sent = [requests[place] for place in now]
                key = uuid.uuid4()
                parallel = not in_order and _independent(sent)
                log.leaving(key, now, parallel=parallel)
                try:
                    written = write_together(
                        self.client,
                        sent,
                        key=key,
                        leave=leave,
                        parallel=parallel,
                        patience=self._patience,
                    )
                except (AnswerError, ScopeError) as error:
                    failed = error
            if failed is not None:
                # A batch only saves time: each request can be sent alone.
                LOGGER.info("Sending one by one, since a batch failed: %s", failed)
                log.arrived(key, {})
                found |= {n: self._write_alone(n, requests[n], log) for n in now}
            else:
                replies = dict(zip(now, written, strict=True))
                log.arrived(key, replies)
                found |= replies
        return found

    def _write_alone(self, place: int, request: Request, log: WriteLog) -> Written:
        if request.idempotent:
            try:
                return Answered(self.client.send(request))
            except (AnswerError, GaveUpError, ProtocolError, ScopeError) as error:
                return Refused(error)
        key = uuid.uuid4()
        log.leaving(key, [place], parallel=True, alone=True)
        reply: Written
        try:
            reply = Answered(self.client.send(request))
        except (AnswerError, ScopeError) as error:
            reply = Refused(error)
        except (GaveUpError, ProtocolError):
            reply = Unknown(None)
        log.arrived(key, {place: reply})
        return reply


def _is_final(reply: WriteReply, request: Request) -> TypeGuard[Written]:
    """Whether a request must not be sent again."""
    if isinstance(reply, Unknown):
        return not request.idempotent
    return not isinstance(reply, NotDone)


def _independent(requests: Sequence[Request]) -> bool:
    """Whether requests may be carried out in any order: each is about another parent."""
    parents = [str(next(iter(request.path.values()))) for request in requests if request.path]
    return len(parents) == len(set(parents))
