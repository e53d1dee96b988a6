"""Questions to the shop: a few one by one, many together in batches, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.batch import MOST, Answered, ask_together
from ecwid_api.errors import AnswerError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ecwid_api.client import Client
    from ecwid_api.request import Request

FEW: Final = 2
"""So many requests are sent by themselves."""

# Requests that a batch costs by itself: it is sent, and asked for twice.
_BATCH: Final = 3
# What a request in a batch costs where it doesn't count: a little time.
_UNCOUNTED: Final = 0.002


class Asker:
    """Asks the shop."""

    def __init__(
        self,
        client: Client,
        *,
        counted: bool,
        patience: float,
        between: Callable[[], None],
    ) -> None:
        """Ask nothing yet.

        Args:
            client: The store's client.
            counted: Whether requests in a batch count against the limit.
            patience: Seconds that a batch may take.
            between: Called while the limit leaves no room; raises if the run is to end.
        """
        self.client = client
        self.counted = counted
        self._patience = patience
        self._between = between

    def cost(self, requests: int, size: int = MOST) -> float:
        """What requests cost in batches of a size, in requests that count."""
        if requests <= FEW:
            return requests
        return _BATCH * -(-requests // size) + requests * (1 if self.counted else _UNCOUNTED)

    def ask(self, requests: Sequence[Request]) -> list[Any]:
        """Answers in order, or errors where what is asked for is not there.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        found: list[Any] = []
        if len(requests) <= FEW:
            for request in requests:
                try:
                    found.append(self.client.send(request))
                except NotFoundError as error:
                    found.append(error)
            return found
        for start in range(0, len(requests), MOST):
            outcomes = ask_together(
                self.client,
                requests[start : start + MOST],
                patience=self._patience,
                counted=self.counted,
                between=self._between,
            )
            for outcome in outcomes:
                if isinstance(outcome, Answered):
                    found.append(outcome.value)
                elif isinstance(outcome.error, AnswerError):
                    found.append(outcome.error)
                else:
                    raise outcome.error
        return found
