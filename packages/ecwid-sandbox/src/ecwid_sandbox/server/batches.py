"""The batches of a store: taken in at once, carried out one after the other."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.api import (
    answer,
    change_response,
    error_response,
    fault_response,
)
from ecwid_sandbox.server.batch import Batch, BatchAnswer, read_requests
from ecwid_sandbox.server.errors import ApiError, WrongParameterError
from ecwid_sandbox.server.messages import Request
from ecwid_sandbox.server.request_log import LoggedRequest

if TYPE_CHECKING:
    from ecwid_sandbox.server.batch import BatchRequest, Stuck
    from ecwid_sandbox.server.faults import Fault
    from ecwid_sandbox.server.messages import Response
    from ecwid_sandbox.server.requests.parameters import Parameters
    from ecwid_sandbox.server.sandbox import Sandbox
    from ecwid_sandbox.server.storage.kinds import JSONObject

KEPT: Final = 3600
"""Seconds for which a batch that ended can be asked for, and a deduplication key holds."""

_PARALLEL: Final = 100
_RETRIES: Final = 5
_SERVER_ERROR: Final = 500
_LOOK: Final = 0.005


class Batches:
    """Takes in batches and carries them out, in the event loop of the server.

    Every request of a batch is a turn of its own: whoever asks directly comes in between.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._known: dict[str, Batch] = {}
        self._tickets: dict[str, tuple[float, str]] = {}
        self._waiting: deque[Batch] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    def handle(self, operation_id: str, asked: Parameters, request: Request) -> JSONObject:
        """Answer one of the operations on batches."""
        self._forget()
        if operation_id == "createBatch":
            return {"ticket": self._create(asked, request)}
        if operation_id == "getBatchStatus":
            return self._status(asked)
        return {"updateCount": self._cancel(asked)}

    def _create(self, asked: Parameters, request: Request) -> str:
        key = _uuid(asked, "deduplicationKey")
        stop = asked.boolean("stopOnFirstFailure")
        batch = Batch(
            ticket=str(uuid.uuid4()),
            requests=read_requests(request.content),
            authorization=request.authorization,
            parallel=asked.flag("allowParallelMode"),
            stop=True if stop is None else stop,
            group=asked.text("groupId"),
            stuck=request.stuck,
        )
        if key in self._tickets:
            return self._tickets[key][1]
        if key:
            self._tickets[key] = self._sandbox.clock.now(), batch.ticket
        self._known[batch.ticket] = batch
        self._waiting.append(batch)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.get_running_loop().create_task(self._work())
        return batch.ticket

    def _status(self, asked: Parameters) -> JSONObject:
        batch = self._known.get(_required(asked, "ticket"))
        if batch is None:
            raise WrongParameterError("There is no batch with this ticket")
        return batch.status(escaped=asked.flag("escapedJson"))

    def _cancel(self, asked: Parameters) -> int:
        """End the batches of a group that haven't begun; how many they were."""
        group = _required(asked, "groupId")
        cancelled = [batch for batch in self._waiting if batch.group == group]
        for batch in cancelled:
            self._waiting.remove(batch)
            batch.ended = self._sandbox.clock.now()
        return len(cancelled)

    def _forget(self) -> None:
        """Let go of what is too old."""
        limit = self._sandbox.clock.now() - KEPT
        self._known = {
            ticket: batch
            for ticket, batch in self._known.items()
            if batch.ended is None or batch.ended > limit
        }
        self._tickets = {key: kept for key, kept in self._tickets.items() if kept[0] > limit}

    async def _work(self) -> None:
        while self._waiting:
            batch = self._waiting.popleft()
            await self._run(batch)
            batch.ended = self._sandbox.clock.now()

    async def _run(self, batch: Batch) -> None:
        began = self._sandbox.clock.now()
        together = _PARALLEL if batch.parallel else 1
        for first in range(0, len(batch.requests), together):
            places = range(first, min(first + together, len(batch.requests)))
            await asyncio.gather(*(self._execute(batch, place) for place in places))
            if first == 0 and batch.stuck is not None:
                await self._stay(batch.stuck, began)
            if batch.stop and any(batch.answers[place].failed for place in places):
                return

    async def _stay(self, stuck: Stuck, began: float) -> None:
        """Wait, by the sandbox's clock, but not after the faults were cleared."""
        clock, faults = self._sandbox.clock, self._sandbox.faults
        cleared = faults.cleared
        while faults.cleared == cleared:
            if isinstance(stuck, int | float) and clock.now() >= began + stuck:
                return
            # Others move the clock, from other threads too.
            await asyncio.sleep(_LOOK)

    async def _execute(self, batch: Batch, place: int) -> None:
        request = batch.requests[place]
        response = await self._attempt(batch, request)
        for _ in range(0 if batch.stop else _RETRIES):
            if response.status < _SERVER_ERROR:
                break
            await asyncio.sleep(self._sandbox.options.batch_retry_interval)
            response = await self._attempt(batch, request)
        batch.answers[place] = BatchAnswer(status=response.status, body=response.body)

    async def _attempt(self, batch: Batch, asked: BatchRequest) -> Response:
        sandbox = self._sandbox
        started = time.perf_counter()
        fault = sandbox.faults.strike(asked.method, f"{asked.path}?{asked.query}")
        delay = sandbox.options.batch_latency + (fault.delay if fault else 0)
        if delay:
            await asyncio.sleep(delay / 1000)
        request = Request(
            method=asked.method,
            store_id=str(sandbox.options.store_id),
            path=asked.path,
            query=asked.query,
            authorization=batch.authorization,
            content=asked.content,
            batch=batch.ticket,
        )
        # Those that run at the same time would otherwise be answered all in one go.
        async with self._turn:
            response = await self._answer(request, fault)
            await asyncio.sleep(0)
        sandbox.requests.add(
            LoggedRequest(
                method=request.method,
                path=request.path,
                query=request.query,
                status=response.status,
                milliseconds=round((time.perf_counter() - started) * 1000, 3),
                operation=response.operation,
                batch=batch.ticket,
                at=sandbox.clock.now(),
                left=request.left,
            )
        )
        return response

    async def _answer(self, request: Request, fault: Fault | None) -> Response:
        """The answer, with the fault that was asked for: without a connection, loss is a 500."""
        if fault is None:
            return await answer(self._sandbox, request)
        if fault.status or fault.garbage:
            return fault_response(fault)
        lost = error_response(ApiError(500, "INTERNAL_ERROR", "A fault that was asked for"))
        if fault.drop == "before":
            return lost
        response = await answer(self._sandbox, request)
        change_response(fault, response)
        if fault.drop == "after":
            lost.operation = response.operation
            return lost
        if fault.cut is not None:
            response.body = response.body[: int(len(response.body) * fault.cut)]
        return response


def _required(asked: Parameters, name: str) -> str:
    text = asked.text(name)
    if text is None:
        raise WrongParameterError(f"Parameter {name} is missing")
    return text


def _uuid(asked: Parameters, name: str) -> str | None:
    text = asked.folded(name)
    if text is None:
        return None
    try:
        known = str(uuid.UUID(text))
    except ValueError:
        known = ""
    if known != text:
        raise WrongParameterError(f"Parameter {name} must be a UUID")
    return text
