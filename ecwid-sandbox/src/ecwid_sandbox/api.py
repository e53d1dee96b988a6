"""The REST API: from a request to the bytes of an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import msgspec

from ecwid_sandbox.auth import bearer_token, check_scopes, check_store, check_token, is_valid
from ecwid_sandbox.errors import ApiError
from ecwid_sandbox.fields import parse_fields, select
from ecwid_sandbox.operations import Binary, Call, Handled, handler_of
from ecwid_sandbox.parameters import Parameters
from ecwid_sandbox.plan import check_plan
from ecwid_sandbox.routing import router
from ecwid_sandbox.search import Page

if TYPE_CHECKING:
    from ecwid_sandbox.fields import Selection
    from ecwid_sandbox.operations.calls import Answer, Json
    from ecwid_sandbox.sandbox import Sandbox

PREFIX: Final = "/api/v3/"


@dataclass
class Request:
    """A request for the API.

    Attributes:
        method: In upper case.
        store_id: As it stands in the path.
        path: Below the store, still encoded.
        query: As it stands in the URL.
        authorization: The header of that name.
        content: The body.
    """

    method: str
    store_id: str
    path: str
    query: str
    authorization: str | None
    content: bytes


@dataclass
class Response:
    """An answer of the API.

    Attributes:
        status: HTTP status.
        body: JSON.
        headers: Further headers.
        operation: The operation that was asked for; empty where none was found.
    """

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    operation: str = ""


def error_response(error: ApiError) -> Response:
    """An error as Ecwid answers it."""
    body = msgspec.json.encode({"errorMessage": error.message, "errorCode": error.code})
    return Response(error.status, body, dict(error.headers))


def answer(sandbox: Sandbox, request: Request) -> Response:
    """Answer a request."""
    operation = ""
    try:
        _admit(sandbox, request)
        found, path = router().find(request.method, request.path)
        operation = found.id
        query = dict(parse_qsl(request.query))
        granted = sandbox.options.scopes
        call = Call(found, path, Parameters(query), request.content, sandbox.shop, granted)
        handled = handler_of(found.id) or Handled(_not_there)
        scopes = handled.scopes(call) if handled.scopes else found.scopes
        check_scopes(scopes if found.scopes_known else (), granted)
        check_plan(found.group, sandbox.options.without)
        wanted = query.get("responseFields") if request.method == "GET" else None
        selection = parse_fields(wanted) if wanted else None
        store = sandbox.shop.store
        # Whoever changes the shop from another thread does so before or after, not in between.
        with store.locked() if request.method == "GET" else store.transaction():
            found_answer = handled.handler(call)
        if isinstance(found_answer, Binary):
            kind = {"Content-Type": found_answer.content_type}
            response = Response(200, found_answer.content, kind)
        else:
            response = Response(200, _render(found_answer, selection))
    except ApiError as error:
        response = error_response(error)
    response.operation = operation
    return response


def _not_there(call: Call) -> Answer:
    raise ApiError(501, "NOT_IN_SANDBOX", f"The sandbox doesn't have {call.operation.id} yet")


def _admit(sandbox: Sandbox, request: Request) -> None:
    token = bearer_token(request.authorization)
    valid = is_valid(token, sandbox.options.token)
    wait = sandbox.rate_limit.admit(token, valid=valid, now=sandbox.clock.now())
    if wait:
        raise ApiError(
            429, "RATE_LIMITED", "Too many requests in a minute", {"Retry-After": str(wait)}
        )
    check_token(valid=valid)
    check_store(request.store_id, sandbox.options.store_id)


def _render(found: Json, selection: Selection | None) -> bytes:
    if isinstance(found, Page):
        return found.render(selection)
    if isinstance(found, list):
        if selection is not None:
            # Of a bare array every item is meant.
            found = [msgspec.json.encode(select(msgspec.json.decode(b), selection)) for b in found]
        return b"[" + b",".join(found) + b"]"
    if selection is not None:
        document = msgspec.json.decode(found) if isinstance(found, bytes) else found
        return msgspec.json.encode(select(document, selection))
    return found if isinstance(found, bytes) else msgspec.json.encode(found)
