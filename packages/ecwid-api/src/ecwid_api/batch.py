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
from ecwid_api.entities import STATS_GROUP, STATS_OPERATION
from ecwid_api.errors import AnswerError, GaveUpError, ProtocolError
from ecwid_api.refusals import refusal
from ecwid_api.request import Request
from ecwid_api.retrying import Failure, failure_of_status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ecwid_api.client import Client
    from ecwid_api.errors import EcwidError
    from ecwid_api.pacing import Leave

MOST: Final = 500
"""The most requests in a batch."""

_FIRST_WAIT: Final = 0.1
_LONGEST_WAIT: Final = 2.0
_GROWTH: Final = 1.6
_PATIENCE: Final = 900.0
# The first question waits for as long as the last batch of this size would have taken.
_LIKELY: Final = 0.8
# The time of a smaller batch says little about others.
_TELLING: Final = 50
_LONGEST_FIRST_WAIT: Final = 10.0
_TICKETS: Final = 3
_NOT_EXECUTED: Final = "NOT_EXECUTED"


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
    between: Callable[[], None] | None = None,
) -> list[Reply]:
    """Send requests that read, in as few batches as the limit allows.

    Requests that fail for a passing reason go into another batch. It ends when none of them gets a
    reply, as often as a single request would be tried.

    Args:
        client: The store's client.
        requests: Up to ``MOST``; sending them again must do no harm.
        patience: Seconds that Ecwid can take for a batch.
        between: Called regularly while waiting for the request limit; it can raise.

    Returns:
        A reply for each request, in their order.

    Raises:
        EcwidError: A batch itself failed; as ``Client.call``.
    """
    if len(requests) > MOST:
        raise ValueError(f"{len(requests)} requests are more than a batch takes ({MOST})")
    replies: dict[int, Reply] = {}
    waits = client.patience.waits()
    open_ones = list(range(len(requests)))
    while True:
        while open_ones:
            with leave_for(client, len(open_ones), between=between) as leave:
                asked = {n: requests[n] for n in open_ones[: leave.size]}
                open_ones = open_ones[leave.size :]
                responses = _responses(client, asked, patience, leave)
            for number, response in responses.items():
                reply = _reply(client, requests[number], response)
                if not isinstance(reply, Failure):
                    replies[number] = reply
                    waits = client.patience.waits()
        open_ones = [n for n in range(len(requests)) if n not in replies]
        if not open_ones:
            return [replies[number] for number in range(len(requests))]
        wait = next(waits, None)
        if wait is None:
            raise GaveUpError(
                f"{len(open_ones)} of {len(requests)} requests in a batch failed each time. Run "
                "again later: nothing that arrived is lost."
            )
        client.pacer.sleep(wait)


def leave_for(
    client: Client,
    requests: int,
    *,
    whole: bool = False,
    between: Callable[[], None] | None = None,
) -> AbstractContextManager[Leave]:
    """Wait until a batch may be sent; the arguments are those of ``Pacer.batch``."""

    def ask() -> None:
        # It is the cheapest request there is, and every token may make it.
        client.call(operation(STATS_OPERATION, STATS_GROUP))

    return client.pacer.batch(requests, whole=whole, ask=ask, between=between)


def write_together(
    client: Client,
    requests: Sequence[Request],
    *,
    key: uuid.UUID,
    leave: Leave,
    parallel: bool = True,
    patience: float = _PATIENCE,
) -> list[WriteReply]:
    """Send requests that write, in a batch. Sent again with the same key, it writes nothing twice.

    Args:
        client: The store's client.
        requests: As many as the leave is for.
        key: Ecwid recognises the batch by it for an hour.
        leave: From ``leave_for``.
        parallel: Whether Ecwid can carry them out in any order.
        patience: Seconds that Ecwid can take for the batch.

    Returns:
        A reply for each request, in their order.

    Raises:
        EcwidError: The batch itself failed. Send it again with the same key to get the replies.
    """
    numbered = dict(enumerate(requests))
    responses = _responses(client, numbered, patience, leave, key, parallel=parallel)
    return [
        _written(client, request, responses[number]) if number in responses else Unknown(None)
        for number, request in numbered.items()
    ]


def _written(client: Client, request: Request, response: _Response) -> WriteReply:
    if response.status == _NOT_EXECUTED:
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
    leave: Leave,
    key: uuid.UUID | None = None,
    *,
    parallel: bool = True,
) -> dict[int, _Response]:
    """Send a batch and wait for it; the responses by their requests' numbers."""
    parallel = parallel and not leave.careful
    request = Request(
        operation=operation("createBatch", "batch"),
        query={
            "allowParallelMode": parallel,
            "stopOnFirstFailure": leave.careful,
            "deduplicationKey": key or uuid.uuid4(),
        },
        body=[request.item(str(number)) for number, request in requests.items()],
        deduplicated=True,
    )
    known = {str(number): number for number in requests}
    found = {
        known[one.id]: one
        for one in _completed(client, request, len(requests), patience, parallel=parallel)
        if one.id is not None and one.id in known
    }
    leave.statuses = [
        None if found[n].status == _NOT_EXECUTED else found[n].httpStatusCode for n in sorted(found)
    ]
    for number, response in found.items():
        asked = requests[number]
        client.log_item(
            asked,
            response.httpStatusCode,
            (response.escapedHttpBody or "").encode(errors="replace"),
            None if asked.body is None else msgspec.json.encode(asked.body),
        )
    return found


def _completed(
    client: Client, request: Request, count: int, patience: float, *, parallel: bool
) -> list[_Response]:
    """Send a batch and wait until it is completed; a lost ticket is asked for again."""
    deadline = time.monotonic() + patience
    lost: AnswerError | None = None
    for _ in range(_TICKETS):
        answer = client.send(request)
        ticket = answer.get("ticket") if isinstance(answer, dict) else None
        if not isinstance(ticket, str):
            raise ProtocolError("POST /batch: the answer has no ticket; is api_url an Ecwid API?")
        try:
            responses = _wait(client, ticket, count, deadline, parallel=parallel)
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


def _wait(
    client: Client, ticket: str, count: int, deadline: float, *, parallel: bool
) -> list[_Response] | None:
    """Ask for a batch until it is done; None if the deadline passes first."""
    begun = time.monotonic()
    likely = _LIKELY * count * client.batch_paces[parallel]
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
                client.batch_paces[parallel] = (time.monotonic() - begun) / count
            return status.responses
    return None


def _reply(client: Client, request: Request, response: _Response) -> Reply | Failure:
    """The reply in a response, or a failure that may pass."""
    status = response.httpStatusCode
    if status is None or response.status == _NOT_EXECUTED:
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
        limit = client.http.most_bytes
        return Answered(decode(body, what, limit, exact=client.exact_numbers) if body else None)
    except (ValueError, ProtocolError):
        return Failure.MAY_HAVE_ACTED
