"""Batches: Ecwid takes up to 500 requests at once, carries them out and keeps the answers.

One request sends a batch, and a few ask whether it is done. A batch carries a key by which Ecwid
recognises it: sent twice, it is carried out once.

Source: https://docs.ecwid.com/api-reference/rest-api/batch-requests
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from ecwid_api.decoding import check_together, decode
from ecwid_api.description import operation
from ecwid_api.errors import AnswerError, GaveUpError, ProtocolError
from ecwid_api.refusals import refusal
from ecwid_api.request import Request
from ecwid_api.retrying import Failure, failure_of_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ecwid_api.client import Client
    from ecwid_api.errors import EcwidError

MOST: Final = 500
"""The most requests in a batch."""

_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 2.0
_GROWTH: Final = 1.6
_PATIENCE: Final = 900.0
_REFUSED: Final = 10.0
# The first question waits for as long as the last batch of this size would have taken.
_LIKELY: Final = 0.8
# The time of a smaller batch says little about others.
_TELLING: Final = 50
_LONGEST_FIRST_WAIT: Final = 10.0
_TICKETS: Final = 3


class _Response(msgspec.Struct):
    """An item of a batch's status."""

    id: str | None = None
    httpStatusCode: int | None = None  # noqa: N815 - Ecwid's names
    status: str | None = None
    escapedHttpBody: str | None = None  # noqa: N815


class _Status(msgspec.Struct):
    """The status of a batch."""

    status: str
    responses: list[_Response] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answered:
    """A request was answered.

    Attributes:
        value: The answer, decoded.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Refused:
    """A request was answered with an error, for good.

    Attributes:
        error: What a request of its own would have raised.
    """

    error: EcwidError


Reply: TypeAlias = Answered | Refused
"""The reply to a request that reads."""


@dataclass(frozen=True, slots=True)
class NotDone:
    """A request was not carried out and can be sent again.

    Attributes:
        failure: Why.
    """

    failure: Failure


@dataclass(frozen=True, slots=True)
class Unknown:
    """A request failed, and it isn't known whether it was carried out.

    Attributes:
        status: The status it ended with; None without one.
    """

    status: int | None


WriteReply: TypeAlias = Answered | Refused | NotDone | Unknown
"""The reply to a request that writes."""


def ask_together(
    client: Client,
    requests: Sequence[Request],
    *,
    patience: float = _PATIENCE,
    counted: bool = True,
    between: Callable[[], None] | None = None,
) -> list[Reply]:
    """Send requests that read, in a batch.

    Requests that fail for a passing reason go into another batch, as often as a single request
    would be tried.

    Args:
        client: The store's client.
        requests: Up to ``MOST``; sending them again must do no harm.
        patience: Seconds that Ecwid can take for the batch.
        counted: Whether its requests are paced as if they counted against the limit.
        between: Called regularly while waiting for the request limit; it can raise.

    Returns:
        A reply for each request, in their order.

    Raises:
        EcwidError: The batch itself failed; as ``Client.call``.
    """
    if len(requests) > MOST:
        raise ValueError(f"{len(requests)} requests are more than a batch takes ({MOST})")
    replies: dict[int, Reply] = {}
    waits = client.patience.waits()
    while True:
        open_ones = {n: r for n, r in enumerate(requests) if n not in replies}
        failures: set[Failure] = set()
        with client.pacer.batch(len(open_ones) if counted else 1, between=between):
            responses = list(_responses(client, open_ones, patience))
        for number, response in responses:
            reply = _reply(client, requests[number], response)
            if isinstance(reply, Failure):
                failures.add(reply)
            else:
                replies[number] = reply
        if len(replies) == len(requests):
            return [replies[number] for number in range(len(requests))]
        wait = next(waits, None)
        if wait is None:
            left = len(requests) - len(replies)
            raise GaveUpError(
                f"{left} of {len(requests)} requests in a batch failed each time. Run again later: "
                "nothing that arrived is lost."
            )
        if Failure.REFUSED_FOR_NOW in failures:
            client.pacer.refused(_REFUSED)
        else:
            client.pacer.sleep(wait)


def write_together(
    client: Client,
    requests: Sequence[Request],
    *,
    key: uuid.UUID,
    parallel: bool = True,
    counted: bool = True,
    patience: float = _PATIENCE,
    between: Callable[[], None] | None = None,
) -> list[WriteReply]:
    """Send requests that write, in a batch. Sent again with the same key, it writes nothing twice.

    Args:
        client: The store's client.
        requests: Up to ``MOST``.
        key: Ecwid recognises the batch by it for an hour.
        parallel: Whether Ecwid can carry them out in any order.
        counted: Whether its requests are paced as if they counted against the limit.
        patience: Seconds that Ecwid can take for the batch.
        between: Called regularly while waiting for the request limit. If it raises, nothing was
            sent.

    Returns:
        A reply for each request, in their order.

    Raises:
        EcwidError: The batch itself failed. Send it again with the same key to get the replies.
    """
    if len(requests) > MOST:
        raise ValueError(f"{len(requests)} requests are more than a batch takes ({MOST})")
    found: dict[int, WriteReply] = {}
    with client.pacer.batch(len(requests) if counted else 1, between=between):
        numbered = dict(enumerate(requests))
        for number, response in _responses(client, numbered, patience, key, parallel=parallel):
            found[number] = _written(client, requests[number], response)
    return [found.get(number, Unknown(None)) for number in range(len(requests))]


def _written(client: Client, request: Request, response: _Response) -> WriteReply:
    if response.status == "NOT_EXECUTED":
        return NotDone(Failure.SERVER_ERROR)
    failure = failure_of_status(response.httpStatusCode or 0)
    if failure is Failure.REFUSED_FOR_NOW:
        return NotDone(failure)
    if failure is not None or response.httpStatusCode is None:
        return Unknown(response.httpStatusCode)
    reply = _reply(client, request, response)
    # It was carried out, but its answer can't be read.
    return Unknown(response.httpStatusCode) if isinstance(reply, Failure) else reply


def _responses(
    client: Client,
    requests: Mapping[int, Request],
    patience: float,
    key: uuid.UUID | None = None,
    *,
    parallel: bool = True,
) -> Iterator[tuple[int, _Response]]:
    """Send a batch and wait for it; each response with its request's number."""
    request = Request(
        operation=operation("createBatch", "batch"),
        query={
            "allowParallelMode": parallel,
            "stopOnFirstFailure": False,
            "deduplicationKey": key or uuid.uuid4(),
        },
        body=[request.item(str(number)) for number, request in requests.items()],
        deduplicated=True,
    )
    for response in _completed(client, request, len(requests), patience):
        if response.id is not None and response.id.isdecimal() and int(response.id) in requests:
            number = int(response.id)
            asked = requests[number]
            client.log_item(
                asked,
                response.httpStatusCode,
                (response.escapedHttpBody or "").encode(errors="replace"),
                None if asked.body is None else msgspec.json.encode(asked.body),
            )
            yield number, response


def _completed(client: Client, request: Request, count: int, patience: float) -> list[_Response]:
    """Send a batch and wait until it is completed; a lost ticket is asked for again."""
    deadline = time.monotonic() + patience
    lost: AnswerError | None = None
    for _ in range(_TICKETS):
        answer = client.send(request)
        ticket = answer.get("ticket") if isinstance(answer, dict) else None
        if not isinstance(ticket, str):
            raise ProtocolError("POST /batch: the answer has no ticket; is api_url an Ecwid API?")
        try:
            responses = _wait(client, ticket, count, deadline)
        except AnswerError as error:
            # The key leads to the same batch.
            lost = error
            continue
        if responses is not None:
            return responses
        raise GaveUpError(
            f"A batch was not done within {patience:.0f} s. Run again later: nothing that arrived "
            "is lost."
        )
    raise GaveUpError(f"A batch's ticket was lost {_TICKETS} times: {lost}") from lost


def _wait(client: Client, ticket: str, count: int, deadline: float) -> list[_Response] | None:
    """Ask for a batch until it is done; None if the deadline passes first."""
    begun = time.monotonic()
    likely = _LIKELY * count * client.batch_pace
    client.pacer.sleep(min(likely, _LONGEST_FIRST_WAIT, max(0.0, deadline - begun)))
    wait = _FIRST_WAIT
    while time.monotonic() < deadline:
        client.pacer.sleep(wait)
        wait = min(_LONGEST_WAIT, wait * _GROWTH)
        answer = client.call(
            operation("getBatchStatus", "batch"), query={"ticket": ticket, "escapedJson": True}
        )
        try:
            status = msgspec.convert(answer, _Status)
        except msgspec.ValidationError as error:
            raise ProtocolError(f"GET /batch: the answer is no batch's status: {error}") from None
        bodies = (one.escapedHttpBody or "" for one in status.responses)
        check_together(bodies, "GET /batch", client.http.most_bytes)
        if status.status == "COMPLETED":
            if count >= _TELLING:
                client.batch_pace = (time.monotonic() - begun) / count
            return status.responses
    return None


def _reply(client: Client, request: Request, response: _Response) -> Reply | Failure:
    """The reply in a response, or a failure that may pass."""
    status = response.httpStatusCode
    if status is None or response.status == "NOT_EXECUTED":
        return Failure.SERVER_ERROR
    failure = failure_of_status(status)
    if failure is not None:
        return failure
    body = (response.escapedHttpBody or "").encode(errors="replace")
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's class of success
        return Refused(refusal(request.operation, status, body, client.store_id))
    try:
        operation = request.operation
        what = f"{operation.method} {operation.path}"
        return Answered(decode(body, what, client.http.most_bytes) if body else None)
    except (ValueError, ProtocolError):
        return Failure.MAY_HAVE_ACTED
