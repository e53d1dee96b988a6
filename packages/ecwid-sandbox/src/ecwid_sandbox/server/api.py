"""The REST API: from a request to the bytes of an answer."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import msgspec

from ecwid_sandbox.server.auth import bearer_token, check_scopes, check_store, valid_grant
from ecwid_sandbox.server.errors import ApiError, NotThereError, RefusedError, WrongParameterError
from ecwid_sandbox.server.fetching import NotFetchedError, fetch
from ecwid_sandbox.server.messages import Response
from ecwid_sandbox.server.operations import Accepted, Binary, Call, Handled, handler_of
from ecwid_sandbox.server.operations.search import Page
from ecwid_sandbox.server.plan import check_plan
from ecwid_sandbox.server.presenting import presentation
from ecwid_sandbox.server.requests.fields import parse_fields, select
from ecwid_sandbox.server.requests.parameters import Parameters
from ecwid_sandbox.server.requests.routing import router

if TYPE_CHECKING:
    from ecwid_api.description import Operation
    from ecwid_sandbox.server.auth import Grant
    from ecwid_sandbox.server.faults import Fault
    from ecwid_sandbox.server.fetching import Fetched
    from ecwid_sandbox.server.messages import Request
    from ecwid_sandbox.server.operations.calls import Answer, Json
    from ecwid_sandbox.server.presenting import Presentation
    from ecwid_sandbox.server.requests.fields import Selection
    from ecwid_sandbox.server.sandbox import Sandbox

LOGGER = logging.getLogger(__name__)

PREFIX: Final = "/api/v3/"

_BYTES: Final = "application/octet-stream"


def error_response(error: ApiError) -> Response:
    """An error as Ecwid answers it."""
    body = msgspec.json.encode({"errorMessage": error.message, "errorCode": error.code})
    return Response(error.status, body, dict(error.headers))


def fault_response(fault: Fault) -> Response:
    """What a fault answers instead of the API."""
    if fault.garbage:
        return Response(200, b"<html><body>Please log in to the guest network</body></html>")
    status = fault.status or 500
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    code = fault.code or {429: "RATE_LIMITED", 408: "TIMEOUT"}.get(status, "INTERNAL_ERROR")
    body = msgspec.json.encode({"errorMessage": "A fault that was asked for", "errorCode": code})
    return Response(status, body, headers)


def change_response(fault: Fault | None, response: Response) -> None:
    """Let an answer say something else, where a fault asks for that."""
    if fault is None or fault.answer is None:
        return
    told = msgspec.json.decode(response.body)
    if isinstance(told, dict):
        told = {name: v for name, v in (told | fault.answer).items() if v is not None}
        response.body = msgspec.json.encode(told)


async def answer(sandbox: Sandbox, request: Request) -> Response:
    """Answer a request."""
    operation = ""
    try:
        granted = _admit(sandbox, request)
        found, path = router().find(request.method, request.path)
        operation = found.id
        asked, content = _read(found, request, sandbox.shop.assumed)
        if request.batch:
            _check_batchable(found, asked)
        if found.group == "batch":
            body = msgspec.json.encode(sandbox.batches.handle(found.id, asked, request))
            response = Response(200, body)
        else:
            call = Call(found, path, asked, content, sandbox.shop, granted.scopes)
            response = await _fetching(sandbox, call)
    except ApiError as error:
        response = error_response(error)
    except Exception:
        LOGGER.exception("%s %s failed", request.method, request.path)
        response = error_response(ApiError(500, "INTERNAL_ERROR", "The sandbox itself failed"))
    response.operation = operation
    return response


def _read(found: Operation, request: Request, assumed: frozenset[str]) -> tuple[Parameters, bytes]:
    """The parameters of a request, and its body.

    Where the body isn't JSON, parameters may also come as a form: Ecwid's own client sends the
    name and the address of a file that way. Some clients call JSON a form, so that is left alone.
    """
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    included = "ends-included" in assumed
    if request.form and found.body_content_type == _BYTES:
        form = dict(parse_qsl(request.content.decode("utf-8", "replace")))
        return Parameters({**form, **query}, ends_included=included), b""
    return Parameters(query, ends_included=included), request.content


async def _fetching(sandbox: Sandbox, call: Call) -> Response:
    """The answer to a call, after what it asks for was fetched from addresses.

    Others are answered meanwhile: nothing of the call has happened yet.
    """
    if not sandbox.options.fetch_files:
        return _handle(sandbox, call)
    fetched: dict[str, Fetched] = {}
    call = replace(call, fetched=fetched)
    while True:
        try:
            return _handle(sandbox, call)
        except NotFetchedError as error:
            fetched[error.url] = await fetch(
                error.url,
                sandbox.options.tls_certificate,
                private=sandbox.options.fetch_private,
            )


def _handle(sandbox: Sandbox, call: Call) -> Response:
    found = call.operation
    handled = handler_of(found.id) or Handled(_not_there)
    scopes = handled.scopes(call) if handled.scopes else found.scopes
    check_scopes(scopes if found.scopes_known else (), call.scopes)
    check_plan(found.group, sandbox.options.without)
    chooses = found.method == "GET" or "responseFields" in found.query_names
    wanted = call.parameters.text("responseFields") if chooses else None
    shown = presentation(found, call.parameters)
    selection = parse_fields(wanted) if wanted else None
    store = sandbox.shop.store
    # Whoever changes the shop from another thread does so before or after, not in between.
    with store.locked() if found.method == "GET" else store.transaction():
        answered = _handled(handled, call)
    if isinstance(answered, Binary):
        return Response(200, answered.content, {"Content-Type": answered.content_type})
    if isinstance(answered, Accepted):
        return Response(202, b"{}")
    if shown is not None:
        answered = _shown(answered, shown)
    return Response(200, _render(answered, selection))


def _shown(answered: Json, how: Presentation) -> Json:
    """An answer with the texts and addresses that were asked for."""
    if isinstance(answered, Page):
        change = answered.change
        answered.change = lambda item: how.show(item if change is None else change(item))
        return answered
    if isinstance(answered, list):
        return [msgspec.json.encode(how.show(msgspec.json.decode(body))) for body in answered]
    document = msgspec.json.decode(answered) if isinstance(answered, bytes) else answered
    found: Json = how.show(document)
    return found


def _handled(handled: Handled, call: Call) -> Answer:
    try:
        return handled.handler(call)
    except NotThereError:
        if call.operation.method != "DELETE" or "gone-is-done" not in call.shop.assumed:
            raise
        return {"deleteCount": 0}


def _not_there(call: Call) -> Answer:
    raise ApiError(501, "NOT_IN_SANDBOX", f"The sandbox doesn't have {call.operation.id} yet")


def _check_batchable(found: Operation, asked: Parameters) -> None:
    """Refuse what can't be part of a batch.

    Raises:
        WrongParameterError: It is a batch itself, or its body or its answer are bytes.
    """
    if found.group == "batch":
        raise WrongParameterError("A batch can't be part of a batch")
    sends_bytes = found.body_content_type == _BYTES and "externalUrl" not in asked
    if sends_bytes or found.answer == "binary":
        raise WrongParameterError("Bytes can't be part of a batch")


def _admit(sandbox: Sandbox, request: Request) -> Grant:
    token = bearer_token(request.authorization)
    found = sandbox.tokens.find(token)
    valid = found is not None
    counts = sandbox.options.batch_counts or not request.batch
    wait = sandbox.rate_limit.admit(token, valid=valid, now=sandbox.clock.now()) if counts else 0
    request.left = sandbox.rate_limit.left(token, valid=valid)
    if wait:
        raise ApiError(
            429, "RATE_LIMITED", "Too many requests in a minute", {"Retry-After": str(wait)}
        )
    granted = valid_grant(found)
    check_store(request.store_id, sandbox.options.store_id)
    if sandbox.shop.suspended:
        raise RefusedError("STORE_IS_SUSPENDED", "Ecwid has suspended the store")
    return granted


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
