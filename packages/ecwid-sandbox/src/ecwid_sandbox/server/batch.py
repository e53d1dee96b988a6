"""A batch: many requests in one, and what became of each."""

from __future__ import annotations

import http
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from ecwid_sandbox.server.errors import WrongParameterError

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject

MOST_REQUESTS: Final = 500
"""How many requests a batch can have."""

_METHODS: Final = frozenset({"GET", "POST", "PUT", "DELETE"})
_FIRST_FAILURE: Final = 400

Stuck: TypeAlias = float | Literal["forever"] | None
"""How many seconds a batch gets no further; None where nothing stops it."""


@dataclass(frozen=True, kw_only=True)
class BatchRequest:
    """A request of a batch.

    Attributes:
        id: What the sender calls it; None where it has no name.
        method: In upper case.
        path: Below the store, still encoded.
        query: As it stands in the path that was sent.
        content: The body.
    """

    id: str | None
    method: str
    path: str
    query: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class BatchAnswer:
    """The answer to a request of a batch."""

    status: int
    body: bytes

    @property
    def failed(self) -> bool:
        """Whether it ends a batch that stops on the first failure."""
        return self.status >= _FIRST_FAILURE


@dataclass(kw_only=True)
class Batch:
    """A batch that was taken in.

    Attributes:
        ticket: By which it is found.
        requests: What is to be done.
        authorization: The header of that name, which holds for every request.
        parallel: Whether requests run at the same time.
        stop: Whether a failure ends it.
        group: The name by which it can be cancelled; None without one.
        stuck: How long it gets no further after its first requests.
        answers: The answers that are there, by the place of the request.
        ended: When it ended; None while it is waiting or running.
    """

    ticket: str
    requests: list[BatchRequest]
    authorization: str | None
    parallel: bool = False
    stop: bool = True
    group: str | None = None
    stuck: Stuck = None
    answers: dict[int, BatchAnswer] = field(default_factory=dict)
    ended: float | None = None

    @property
    def state(self) -> str:
        """How far it is. It is in progress from the first answer on, not from the beginning."""
        if self.ended is not None:
            return "COMPLETED"
        return "IN_PROGRESS" if self.answers else "QUEUED"

    def status(self, *, escaped: bool) -> JSONObject:
        """What Ecwid tells of it, the answers' bodies as text if they are to be escaped."""
        found: JSONObject = {
            "status": self.state,
            "totalRequests": len(self.requests),
            "completedRequests": len(self.answers),
        }
        responses = [
            _response(request, self.answers.get(place), escaped=escaped)
            for place, request in enumerate(self.requests)
            if place in self.answers or self.ended is not None
        ]
        if responses:
            found["responses"] = responses
        return found


def _response(request: BatchRequest, answer: BatchAnswer | None, *, escaped: bool) -> JSONObject:
    found: JSONObject = {} if request.id is None else {"id": request.id}
    if answer is None:
        found["status"] = "NOT_EXECUTED"
        return found
    found["httpStatusCode"] = answer.status
    found["httpStatusLine"] = _reason(answer.status)
    found["status"] = "FAILED" if answer.failed else "COMPLETED"
    if escaped:
        found["escapedHttpBody"] = answer.body.decode(errors="replace")
    else:
        found["httpBody"] = _json(answer.body)
    return found


def _reason(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def _json(body: bytes) -> msgspec.Raw | str:
    """A body as it is, or as a text where it is no JSON."""
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode(errors="replace")
    return msgspec.Raw(body)


def read_requests(content: bytes) -> list[BatchRequest]:
    """The requests in the body of a new batch.

    Raises:
        WrongParameterError: It has none, too many, or one that can't be read.
    """
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _invalid("It is not valid JSON") from None
    if not isinstance(body, list):
        raise _invalid("It must be an array")
    if not body:
        raise _invalid("It has no requests")
    if len(body) > MOST_REQUESTS:
        raise _invalid(f"It has {len(body)} requests, at most {MOST_REQUESTS} are allowed")
    return [_read(entry, f"$[{place}]") for place, entry in enumerate(body)]


def _read(entry: object, where: str) -> BatchRequest:
    if not isinstance(entry, dict):
        raise _bad(where)
    name = entry.get("id")
    if name is not None and not isinstance(name, str):
        raise _bad(f"{where}.id")
    path = entry.get("path")
    if not isinstance(path, str) or not path:
        raise _bad(f"{where}.path")
    method = entry.get("method")
    if not isinstance(method, str) or method not in _METHODS:
        raise _bad(f"{where}.method")
    below, _, query = path.partition("?")
    return BatchRequest(
        id=name,
        method=method,
        path=f"/{below.lstrip('/')}",
        query=query,
        content=_content(entry.get("body")),
    )


def _content(body: object) -> bytes:
    """The bytes of a body: a text is one that was written as JSON already."""
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else msgspec.json.encode(body)


def _invalid(problem: str) -> WrongParameterError:
    return WrongParameterError(f"Can't create batch. Batch request body is invalid. {problem}")


def _bad(where: str) -> WrongParameterError:
    return _invalid(f"Path {where} contains bad value")
