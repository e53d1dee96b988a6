"""The ASGI application: HTTP around the API, with the faults and delays that were asked for."""

from __future__ import annotations

import asyncio
import os
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import PlainTextResponse

from ecwid_sandbox.server.api import (
    PREFIX,
    answer,
    change_response,
    error_response,
    fault_response,
)
from ecwid_sandbox.server.auth import bearer_token, token_of_query
from ecwid_sandbox.server.connections import Zipper, dripping, hang_up
from ecwid_sandbox.server.control import control_routes
from ecwid_sandbox.server.errors import ApiError
from ecwid_sandbox.server.messages import Request, Response
from ecwid_sandbox.server.oauth.flow import OAUTH_PREFIX, oauth_routes
from ecwid_sandbox.server.options import SERVER_NAME
from ecwid_sandbox.server.pages.visitors import belongs, refusal
from ecwid_sandbox.server.request_log import LoggedRequest
from ecwid_sandbox.server.served import PREFIX as FILES_PREFIX
from ecwid_sandbox.server.served import file_at, serve_files

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from ecwid_sandbox.server.sandbox import Sandbox

CONTROL_PREFIX: Final = "/_sandbox"

_GZIP_FROM: Final = 1024


class Application:
    """Serves sandboxes, each under the number of its store."""

    def __init__(self, sandboxes: Sequence[Sandbox], base: str) -> None:
        """Answer for sandboxes.

        Args:
            sandboxes: The first one answers what is meant for none of them.
            base: The address of the server.
        """
        self._sandboxes = {str(sandbox.options.store_id): sandbox for sandbox in sandboxes}
        serve_files(self._sandboxes, base)
        self._first = sandboxes[0]
        self._zipper = Zipper()
        self._oauth = oauth_routes(sandboxes)
        self._control = control_routes(sandboxes) if self._first.options.control else None
        self._pages: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request (ASGI)."""
        path: str = scope["raw_path"].decode("latin-1")
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        if path.startswith(FILES_PREFIX):
            await file_at(self._sandboxes, scope["method"], path)(scope, receive, send)
            return
        own = self._own_routes(path, headers)
        if own is not None:
            await own(scope, receive, send)
            return
        if path.startswith(OAUTH_PREFIX):
            await self._oauth(scope, receive, send)
            return
        if path == "/":
            await self._send(self._first, Response(200, self._about()), send, zipped=False)
            return
        started = time.perf_counter()
        store_id, _, below = path.removeprefix(PREFIX).partition("/")
        # Split off here, so that it stands in no log.
        token, query = token_of_query(scope["query_string"].decode("latin-1"))
        request = Request(
            method=scope["method"],
            store_id=store_id,
            path=f"/{below}",
            query=query,
            authorization=headers.get("authorization") or f"Bearer {token}",
            content=await _read(receive),
            form=headers.get("content-type", "").startswith("application/x-www-form-urlencoded"),
        )
        sandbox = self._meant(request)
        ask = answer if path.startswith(PREFIX) else _not_found
        response = await self._respond(sandbox, request, receive, scope, ask)
        # Noted first: whoever has the answer finds the request in the log.
        sandbox.requests.add(
            LoggedRequest(
                method=request.method,
                path=request.path,
                query=request.query,
                status=response.status if response else 0,
                milliseconds=round((time.perf_counter() - started) * 1000, 3),
                operation=response.operation if response else "",
                at=sandbox.clock.now(),
                left=request.left,
            )
        )
        if response is not None:
            zipped = "gzip" in headers.get("accept-encoding", "")
            if response.drip is not None:
                send = dripping(send, receive, response.drip, sandbox.faults)
            await self._send(sandbox, response, send, zipped=zipped)

    def _own_routes(self, path: str, headers: Mapping[str, str]) -> ASGIApp | None:
        """What answers where it isn't the API: the control routes or the pages."""
        if self._control is not None and path.startswith(CONTROL_PREFIX):
            found: ASGIApp = self._control
        elif belongs(path, headers.get("accept", "")):
            found = self._for_people()
        else:
            return None
        problem = refusal(headers, self._first.options.host)
        return found if problem is None else PlainTextResponse(problem, 403)

    def _for_people(self) -> ASGIApp:
        """The pages, made when somebody looks at one: most sandboxes only meet programs."""
        if self._pages is None:
            from ecwid_sandbox.server.pages.routes import page_routes  # noqa: PLC0415

            self._pages = page_routes(list(self._sandboxes.values()))
        return self._pages

    def _about(self) -> bytes:
        """Who answers here: that is how ``start`` and ``stop`` know their sandbox."""
        store_id = self._first.options.store_id
        return msgspec.json.encode({"server": SERVER_NAME, "storeId": store_id, "pid": os.getpid()})

    def _meant(self, request: Request) -> Sandbox:
        """Who answers: where there is no such store, the one whose token it is, or the first."""
        found = self._sandboxes.get(request.store_id)
        if found is None:
            token = bearer_token(request.authorization)
            for sandbox in self._sandboxes.values():
                if sandbox.tokens.find(token):
                    return sandbox
        return found or self._first

    async def _respond(
        self,
        sandbox: Sandbox,
        request: Request,
        receive: Receive,
        scope: Scope,
        ask: Callable[[Sandbox, Request], Awaitable[Response]],
    ) -> Response | None:
        """The answer; None where the connection was closed instead."""
        fault = sandbox.faults.strike(request.method, f"{request.path}?{request.query}")
        delay = sandbox.delay() + (fault.delay / 1000 if fault else 0)
        if delay:
            await asyncio.sleep(delay)
        if fault and fault.drop == "before":
            await hang_up(scope, receive)
            return None
        if fault and (fault.status or fault.garbage):
            return fault_response(fault)
        request.stuck = fault.stuck if fault else None
        response = await ask(sandbox, request)
        change_response(fault, response)
        if fault and fault.drop == "after":
            await hang_up(scope, receive)
            return None
        if fault and fault.cut is not None:
            response.headers["Content-Length"] = str(len(response.body))
            response.body = response.body[: int(len(response.body) * fault.cut)]
        if fault and fault.drip is not None:
            response.drip = fault.drip / 1000
        return response

    async def _send(
        self, sandbox: Sandbox, response: Response, send: Send, *, zipped: bool
    ) -> None:
        body = response.body
        headers = {
            "Content-Type": "application/json;charset=utf-8",
            "Date": formatdate(sandbox.clock.now(), usegmt=True),
            "Server": SERVER_NAME,
        }
        whole = "Content-Length" not in response.headers
        if zipped and whole and len(body) > _GZIP_FROM:
            body = self._zipper.zip(body)
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        headers |= response.headers
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": [
                    (name.lower().encode("latin-1"), value.encode("latin-1"))
                    for name, value in headers.items()
                ],
            }
        )
        # Of a body that is cut short the end never comes: the server then closes the connection.
        await send({"type": "http.response.body", "body": body, "more_body": not whole})


async def _not_found(_: Sandbox, __: Request) -> Response:
    return error_response(ApiError(404, "NOT_FOUND", "The API is below /api/v3"))


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
