"""Where a store's answers come from: its client, and the threads that ask."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ecwid_api.batch import MOST, Answered, Refused, ask_together
from ecwid_api.errors import AnswerError, GaveUpError, ProtocolError, ScopeError
from ecwid_api.paging import Scan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor

    from ecwid_api.batch import Outcome
    from ecwid_api.client import Client
    from ecwid_api.paging import Key, Listing
    from ecwid_api.request import Request

T = TypeVar("T")

LOGGER: Final = logging.getLogger(__name__)

_POLL: Final = 0.2
# Batches of a store wait for one another, and another app's can be long.
_PATIENCE: Final = 60.0
# A batch takes two requests or more.
_FEW: Final = 2


class Source:
    """Asks a store for things; the answers come as futures."""

    def __init__(
        self,
        client: Client,
        executor: Executor,
        *,
        check: Callable[[], None] = lambda: None,
        gather: bool = False,
        patience: float = _PATIENCE,
    ) -> None:
        """Nothing is asked yet.

        Args:
            client: The store's client.
            executor: Threads that send requests.
            check: Called while waiting; raises when the run shall end.
            gather: Whether requests of ``ask_soon`` are collected and sent as one.
            patience: Seconds that a batch may take before its requests are sent one by one.
        """
        self.client = client
        self._executor = executor
        self._check = check
        self._gather = gather
        self._patience = patience
        self._collected: list[tuple[Request, Future[Any]]] = []

    def ask(self, request: Request) -> Future[Any]:
        """Send a request by itself."""
        return self._executor.submit(self.client.send, request)

    def ask_soon(self, request: Request) -> Future[Any]:
        """Send a request, perhaps together with others: when ``send_collected`` is called."""
        if not self._gather:
            return self.ask(request)
        future: Future[Any] = Future()
        self._collected.append((request, future))
        return future

    def send_collected(self) -> None:
        """Send what ``ask_soon`` has collected: few requests by themselves, many as batches."""
        waiting, self._collected = self._collected, []
        # Who answers can't answer what was cancelled, and nobody can cancel any more from here on.
        collected = [one for one in waiting if one[1].set_running_or_notify_cancel()]
        for start in range(0, len(collected), MOST):
            self._executor.submit(self._answer, collected[start : start + MOST])

    def _answer(self, collected: Sequence[tuple[Request, Future[Any]]]) -> None:
        """Answer futures, whatever happens."""
        try:
            outcomes = self._outcomes([request for request, _ in collected])
        except BaseException as error:  # noqa: BLE001 - who waits for the future handles it
            for _, future in collected:
                future.set_exception(error)
        else:
            for (_, future), outcome in zip(collected, outcomes, strict=True):
                if isinstance(outcome, Refused):
                    future.set_exception(outcome.error)
                else:
                    future.set_result(outcome.value)

    def ask_all(self, requests: Sequence[Request]) -> Future[list[Outcome]]:
        """Send many requests, as one where that is cheaper; up to ``MOST``."""
        return self._executor.submit(self._outcomes, requests)

    def _outcomes(self, requests: Sequence[Request]) -> list[Outcome]:
        if len(requests) > _FEW:
            try:
                return ask_together(self.client, requests, patience=self._patience)
            except (AnswerError, GaveUpError, ProtocolError, ScopeError) as error:
                # A batch is a means; what it would have asked can be asked without.
                LOGGER.info("Asking one by one, since a batch failed: %s", error)
        outcomes: list[Outcome] = []
        for request in requests:
            try:
                outcomes.append(Answered(self.client.send(request)))
            except (AnswerError, GaveUpError, ProtocolError, ScopeError) as error:
                outcomes.append(Refused(error))
        return outcomes

    def wait(self, future: Future[T]) -> T:
        """The future's result; the check is looked at while it is awaited."""
        self.send_collected()
        while not wait_for((future,), timeout=_POLL).done:
            self._check()
        self._check()
        return future.result()

    def scan(self, listing: Listing, *, key: Key | None = None, soon: bool = False) -> Scan:
        """Begin to read a list.

        Args:
            listing: The list.
            key: What a row is known again by.
            soon: Whether its first page may be asked for together with other things.
        """
        return Scan(
            listing,
            self.ask,
            # Half of what may be under way: first pages of other lists need not wait for this one.
            ahead=max(1, self.client.http.concurrency // 2),
            key=key,
            ask_first=self.ask_soon if soon else None,
            check=self._look,
        )

    def _look(self) -> None:
        self.send_collected()
        self._check()
