"""The control routes: what tests and demos do to a sandbox. They are no part of the API."""

from __future__ import annotations

import asyncio
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.faults import Fault
from ecwid_sandbox.server.options import Retries
from ecwid_sandbox.server.rate_limit import Mode
from ecwid_sandbox.server.storage.archive import ArchiveError, read_archive, write_archive
from ecwid_sandbox.server.storage.kinds import KINDS
from ecwid_sandbox.server.webhooks import TestEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

    from ecwid_sandbox.server.sandbox import Sandbox


_IN_MEMORY: Final = 2**24
_PIECE: Final = 2**18


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What can be changed while the sandbox runs; what isn't given stays."""

    latency: float | None = None
    jitter: float | None = None
    rate_limit: int | None = None
    rate_limit_mode: Mode | None = None
    rate_limit_penalty: Annotated[float, msgspec.Meta(ge=0)] | None = None
    index_lag: float | None = None
    batch_latency: float | None = None
    batch_counts: bool | None = None
    batch_retry_interval: float | None = None
    fetch_files: bool | None = None
    scopes: frozenset[str] | msgspec.UnsetType | None = msgspec.UNSET
    without: frozenset[str] | None = None
    unique_skus: bool | None = None
    assume: frozenset[str] | None = None
    max_products: int | None = None
    webhook_url: str | None = None
    webhook_retries: Retries | None = None
    webhook_loss: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    webhook_doubles: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    webhook_delay: Annotated[float, msgspec.Meta(ge=0)] | None = None


class ClockChange(msgspec.Struct, forbid_unknown_fields=True):
    """A change of the time."""

    advance: float = 0
    now: float | None = None
    stopped: bool | None = None


class ActivityWish(msgspec.Struct, forbid_unknown_fields=True):
    """How much is to happen."""

    count: int = 40


def apply_settings(sandbox: Sandbox, settings: Settings) -> None:
    """Change what is given."""
    given = msgspec.structs.asdict(settings).items()
    unset = (None, msgspec.UNSET)
    sandbox.apply({n: v for n, v in given if v not in unset or (n == "scopes" and v is None)})


class Control:
    """The control routes: those of the first sandbox, and of each under the number of its store."""

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        self._first = sandboxes[0]
        self._sandboxes = {sandbox.options.store_id: sandbox for sandbox in sandboxes}

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(f"{base}{path}", found, methods=methods)
            for base in ("/_sandbox", "/_sandbox/{store:int}")
            for path, found, methods in (
                ("", self.about, ["GET"]),
                ("/clock", self.change_clock, ["GET", "POST"]),
                ("/requests", self.requests, ["GET"]),
                ("/reset-requests", self.reset_requests, ["POST"]),
                ("/activity", self.activity, ["POST"]),
                ("/dump/{kind}", self.dump, ["GET"]),
                ("/faults", self.faults, ["GET", "POST", "DELETE"]),
                ("/faults/{number:int}", self.remove_fault, ["DELETE"]),
                ("/settings", self.settings, ["POST"]),
                ("/webhooks", self.webhooks, ["GET", "POST"]),
                ("/export", self.export_shop, ["GET"]),
                ("/import", self.import_shop, ["POST"]),
                ("/reset", self.reset, ["POST"]),
            )
        ]

    def _meant(self, request: Request) -> Sandbox:
        store = request.path_params.get("store")
        if store is None:
            return self._first
        if store not in self._sandboxes:
            raise HTTPException(404, f"There is no store {store}")
        return self._sandboxes[store]

    async def about(self, request: Request) -> Response:
        """What is in the shop."""
        shop = self._meant(request).shop
        counts = {name: shop.count(kind) for name, kind in KINDS.items()}
        return JSONResponse({"storeId": shop.store_id, "documents": counts})

    async def change_clock(self, request: Request) -> Response:
        """Set, advance, stop or resume the clock; what time it is then."""
        clock = self._meant(request).clock
        if request.method == "POST":
            change = msgspec.json.decode(await request.body(), type=ClockChange)
            if change.now is not None:
                clock.set(change.now)
            clock.advance(change.advance)
            if change.stopped is not None:
                (clock.stop if change.stopped else clock.resume)()
        return JSONResponse({"now": clock.now(), "text": format_time(clock.second())})

    async def requests(self, request: Request) -> Response:
        """What was asked of the API."""
        log = self._meant(request).requests
        return _json({"count": len(log), "requests": log.all()})

    async def reset_requests(self, request: Request) -> Response:
        """Forget what was asked."""
        self._meant(request).requests.clear()
        return JSONResponse({"count": 0})

    async def activity(self, request: Request) -> Response:
        """Let something happen in the shop."""
        wish = msgspec.json.decode(await request.body() or b"{}", type=ActivityWish)
        sandbox = self._meant(request)
        done = await asyncio.to_thread(sandbox.contents.happen, sandbox.shop, wish.count)
        return _json({"count": len(done), "done": done})

    async def dump(self, request: Request) -> Response:
        """All documents of a kind."""
        name = request.path_params["kind"]
        if name not in KINDS:
            return JSONResponse({"error": f"The kinds are {', '.join(KINDS)}"}, status_code=404)
        return _json(list(self._meant(request).shop.all(name)))

    async def faults(self, request: Request) -> Response:
        """Let something go wrong, or nothing any more."""
        faults = self._meant(request).faults
        if request.method == "POST":
            faults.add(*msgspec.json.decode(await request.body(), type=list[Fault]))
        elif request.method == "DELETE":
            faults.clear()
        return _json(faults.waiting())

    async def remove_fault(self, request: Request) -> Response:
        """Let one thing go wrong no more."""
        faults = self._meant(request).faults
        number = request.path_params["number"]
        if not faults.remove(number):
            raise HTTPException(404, f"There is no fault {number}; it may have happened")
        return _json(faults.waiting())

    async def webhooks(self, request: Request) -> Response:
        """List what was posted to the app, or post a test event."""
        webhooks = self._meant(request).webhooks
        if request.method == "POST":
            asked = msgspec.json.decode(await request.body(), type=TestEvent)
            if not self._meant(request).options.webhook_url:
                return JSONResponse({"error": "There is no webhook_url"}, status_code=400)
            return _json(webhooks.send(asked))
        return _json({"waiting": webhooks.waiting, "sent": webhooks.sent()})

    async def export_shop(self, request: Request) -> Response:
        """All that is in the shop, as JSON lines."""
        shop = self._meant(request).shop
        # It may be large: memory only has what fits.
        file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
        await asyncio.to_thread(write_archive, shop.store, shop.store_id, file)
        file.seek(0)
        pieces = iter(lambda: file.read(_PIECE), b"")
        return StreamingResponse(
            pieces, media_type="application/x-ndjson", background=BackgroundTask(file.close)
        )

    async def import_shop(self, request: Request) -> Response:
        """Have the shop that is sent, as JSON lines."""
        shop = self._meant(request).shop
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            async for piece in request.stream():
                file.write(piece)
            file.seek(0)
            await asyncio.to_thread(read_archive, shop.store, shop.store_id, file)
        return await self.about(request)

    async def reset(self, request: Request) -> Response:
        """Have the shop again that was made at first."""
        await asyncio.to_thread(self._meant(request).reset)
        return await self.about(request)

    async def settings(self, request: Request) -> Response:
        """Change settings."""
        apply_settings(
            self._meant(request), msgspec.json.decode(await request.body(), type=Settings)
        )
        return JSONResponse({})


def _json(value: Any, status: int = 200) -> Response:  # noqa: ANN401 - any JSON
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def control_routes(sandboxes: Sequence[Sandbox]) -> Starlette:
    """The control routes as an application."""

    def unreadable(_: Request, error: Exception) -> Response:
        problem: Mapping[str, str] = {"error": str(error)}
        return JSONResponse(problem, status_code=400)

    return Starlette(
        routes=Control(sandboxes).routes(),
        exception_handlers={msgspec.MsgspecError: unreadable, ArchiveError: unreadable},
    )
