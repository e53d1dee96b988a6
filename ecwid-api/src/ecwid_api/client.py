"""The client: one object for a store, shared by all threads.

It alone knows the token. ``Client.call`` takes an operation of the description and values for it,
and gives back what Ecwid answers, decoded; everything in between (pace, retries, errors) happens
here and in the modules it names.
"""

from __future__ import annotations

import threading
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlsplit

import httpx2
import msgspec

from ecwid_api import request_log
from ecwid_api.errors import (
    AccessError,
    GaveUpError,
    NotFoundError,
    ProtocolError,
    RejectedError,
    ScopeError,
    SettingError,
    UnavailableError,
)
from ecwid_api.pacing import Pacer
from ecwid_api.request import Request
from ecwid_api.retrying import (
    REPEATABLE,
    Failure,
    Patience,
    failure_of_status,
    failure_of_transport,
    may_repeat,
    retry_after,
)
from ecwid_api.settings import API_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from ecwid_api.description import Operation
    from ecwid_api.errors import (
        EcwidError,
    )

CONCURRENCY: Final = 8
"""Requests under way at once: enough to reach the limit at 800 ms an answer."""

_TIMEOUT: Final = httpx2.Timeout(60.0, connect=10.0)
_BATCH_PACE: Final = 1 / 3000
_DEFAULT_REFUSAL: Final = 10.0
_PAYMENT_REQUIRED: Final = 402
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_OK: Final = range(200, 300)


class _Refusal(msgspec.Struct):
    """The body of an error answer; either part can be missing, and so can the body."""

    errorMessage: str | None = None  # noqa: N815 - Ecwid's names
    errorCode: str | None = None  # noqa: N815


class BearerToken(httpx2.Auth):
    """Signs requests; shows the token to nobody else.

    Source: https://docs.ecwid.com/api-reference/rest-api/access-tokens
    """

    def __init__(self, token: str, origin: str) -> None:
        self.__header = f"Bearer {token}"
        self._origin = origin

    def sync_auth_flow(self, request: httpx2.Request) -> Any:  # noqa: ANN401 - httpx2's generator
        """Sign the request, if it goes to the server that the token is for."""
        if f"{request.url.scheme}://{request.url.netloc.decode()}" == self._origin:
            request.headers["Authorization"] = self.__header
        yield request

    def __repr__(self) -> str:
        return "BearerToken(…)"


class Client:
    """Talks to one store. Thread-safe; close it, or use it in a ``with``.

    Attributes:
        store_id: The store's id.
        pacer: Keeps to the request limit.
        patience: How often and long a request is tried.
        batch_pace: Seconds that a request of the last batch took.
    """

    def __init__(
        self,
        *,
        store_id: str | int,
        access_token: str,
        api_url: str = API_URL,
        user_agent: str = "ecwid-api",
        pacer: Pacer | None = None,
        patience: Patience | None = None,
        transport: httpx2.BaseTransport | None = None,
        on_exchange: Callable[[request_log.Exchange], None] = request_log.log,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            store_id: The store's id.
            access_token: A token of that store; sent in a header and kept nowhere else.
            api_url: Base URL of the API, without the store's id.
            user_agent: How we call ourselves.
            pacer: Keeps to the request limit; by default Ecwid's.
            patience: How often and long a request is tried.
            transport: Sends requests, in place of the network.
            on_exchange: Told of each attempt.

        Raises:
            SettingError: ``api_url`` is not an http(s) URL, or the token can't be a header.
        """
        parts = urlsplit(api_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingError("api_url", f"is not an http(s) URL: it should look like {API_URL}")
        if not access_token.isascii() or not access_token.isprintable() or " " in access_token:
            raise SettingError(
                "access_token",
                "holds characters that no token has (a line break or a space?): copy it again",
            )
        self.store_id = str(store_id)
        self.batch_pace = _BATCH_PACE
        self.pacer = pacer or Pacer()
        self._api_url = api_url.rstrip("/")
        self.patience = patience or Patience()
        self._on_exchange = on_exchange
        self._skew: float | None = None
        self._lock = threading.Lock()
        self._http = httpx2.Client(
            auth=BearerToken(access_token, f"{parts.scheme}://{parts.netloc}"),
            headers={"Accept": "application/json", "User-Agent": user_agent},
            timeout=_TIMEOUT,
            limits=httpx2.Limits(
                max_connections=2 * CONCURRENCY, max_keepalive_connections=2 * CONCURRENCY
            ),
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Wake who waits, and give the connections back."""
        self.pacer.stop()
        self._http.close()

    def server_time(self) -> float:
        """Unix seconds by Ecwid's clock, as its last answer told it; by ours before the first."""
        return time.time() + (self._skew or 0.0)

    def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> Any:  # noqa: ANN401 - whatever JSON value Ecwid answers
        """Do an operation, again and again as long as that makes sense.

        Args:
            operation: From the description.
            path: Values of the path's parameters.
            query: Values of query parameters; None leaves one out.
            body: What goes out as JSON.

        Returns:
            The answer, decoded; None for an empty one.

        Raises:
            AccessError: The token or store is not accepted.
            ScopeError: The token lacks a scope.
            UnavailableError: The store's plan or features don't include it.
            NotFoundError: What the path names is not there.
            RejectedError: Ecwid refuses the request for what is in it.
            GaveUpError: It failed for passing reasons, each time.
            ProtocolError: The answer is no JSON.
            Stopped: The client was closed meanwhile.
        """
        return self.send(
            Request(operation=operation, path=path or {}, query=query or {}, body=body)
        )

    def send(
        self,
        request: Request,
        *,
        repeatable: bool | None = None,
        file: Callable[[], Iterable[bytes]] | None = None,
    ) -> Any:  # noqa: ANN401
        """Send a request, again and again as long as that makes sense.

        Args:
            request: What to send.
            repeatable: Whether sending it twice does no harm; by default as its method says.
            file: Gives the bytes that go out in place of a body, anew for each attempt.

        Returns:
            The answer, decoded; None for an empty one.

        Raises:
            EcwidError: As ``call``.
        """
        operation = request.operation
        content = None if request.body is None else msgspec.json.encode(request.body)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        if file is not None:
            headers = {"Content-Type": "application/octet-stream"}
        url = f"{self._api_url}/{quote(self.store_id, safe='')}{request.target()}"

        def build() -> httpx2.Request:
            return self._http.build_request(
                operation.method,
                url,
                content=content if file is None else file(),
                headers=headers,
            )

        if repeatable is None:
            repeatable = operation.method in REPEATABLE
        return self._send(operation, build, repeatable=repeatable)

    def _send(
        self, operation: Operation, build: Callable[[], httpx2.Request], *, repeatable: bool
    ) -> Any:  # noqa: ANN401
        waits = self.patience.waits()
        attempt = 0
        while True:
            attempt += 1
            self.pacer.acquire()
            failure, result = self._attempt(operation, build(), attempt)
            if failure is None:
                return result
            if not may_repeat(failure, repeatable=repeatable):
                raise self._gave_up(operation, failure, attempt, result)
            wait = next(waits, None)
            if wait is None:
                raise self._gave_up(operation, failure, attempt, result)
            if failure is Failure.REFUSED_FOR_NOW:
                asked = result if isinstance(result, float) else _DEFAULT_REFUSAL
                if asked > self.patience.longest_refusal:
                    raise self._gave_up(operation, failure, attempt, f"{asked:.0f} s to wait")
                # Ecwid rounds: a Retry-After of 0 is no leave to use up all attempts at once.
                self.pacer.refused(max(asked, wait))
            else:
                request_log.LOGGER.info(
                    "%s: %s; trying again in %.1f s", operation.id, failure.value, wait
                )
                self.pacer.sleep(wait)

    def _attempt(
        self, operation: Operation, request: httpx2.Request, attempt: int
    ) -> tuple[Failure | None, Any]:
        """Send once: (None, the answer), or a failure that may pass and a word on it."""
        start = time.perf_counter()
        status, size = None, 0
        try:
            response = self._http.send(request)
            status, size = response.status_code, len(response.content)
        except httpx2.TransportError as error:
            return failure_of_transport(error), type(error).__name__
        except httpx2.DecodingError:
            return Failure.MAY_HAVE_ACTED, "the answer is cut or garbled"
        finally:
            self._on_exchange(
                request_log.Exchange(
                    operation=operation.id,
                    method=operation.method,
                    path=operation.path,
                    status=status,
                    seconds=time.perf_counter() - start,
                    size=size,
                    attempt=attempt,
                    limit_left=self.pacer.left,
                )
            )
        self._note_time(response)
        failure = failure_of_status(response.status_code)
        if failure is Failure.REFUSED_FOR_NOW:
            return failure, retry_after(response.headers.get("Retry-After"))
        if failure is not None:
            return failure, f"status {response.status_code}"
        if response.status_code not in _OK:
            raise refusal(operation, response.status_code, response.content, self.store_id)
        if not response.content:
            return None, None
        try:
            return None, msgspec.json.decode(response.content)
        except ValueError:
            # A proxy's page, or a body that lost its end: the next try may be whole.
            return Failure.MAY_HAVE_ACTED, "the answer is not JSON"

    def _note_time(self, response: httpx2.Response) -> None:
        try:
            told = parsedate_to_datetime(response.headers["Date"]).timestamp()
        except (KeyError, ValueError):
            return
        with self._lock:
            # The header has whole seconds, rounded down, and took a while to arrive: the largest
            # difference seen is the nearest to the truth.
            skew = told - time.time()
            self._skew = skew if self._skew is None else max(self._skew, skew)

    def _gave_up(
        self, operation: Operation, failure: Failure, attempts: int, word: object
    ) -> EcwidError:
        detail = f" ({word})" if word else ""
        times = "once" if attempts == 1 else f"{attempts} times"
        if failure is Failure.NEVER_ARRIVED:
            return SettingError(
                "api_url",
                f"{self._api_url} can't be reached{detail}, tried {times}: "
                "check the address and the network",
            )
        if word == "the answer is not JSON":
            return ProtocolError(
                f"{operation.method} {operation.path}: the answer is not JSON, tried {times}. "
                f"Is api_url {self._api_url} an Ecwid API?"
            )
        return GaveUpError(
            f"{operation.method} {operation.path}: {failure.value}{detail}, tried {times}. "
            "Run again later: nothing that arrived is lost."
        )


def refusal(operation: Operation, status: int, content: bytes, store_id: str) -> EcwidError:
    """The error that a final error answer stands for.

    Args:
        operation: What was asked for.
        status: HTTP status of the answer.
        content: Its body.
        store_id: The store that was asked.
    """
    try:
        told = msgspec.json.decode(content, type=_Refusal)
    except ValueError:
        told = _Refusal()
    code = told.errorCode
    what = f"{operation.method} {operation.path}"
    if code == "INSUFFICIENT_APP_SCOPE":
        needs = ", ".join(operation.scopes) or "another scope"
        return ScopeError(
            "access_token",
            f"may not call {what}: it needs the scope {needs}. "
            "Grant it to the app that the token belongs to, or leave this out",
        )
    if code == "INVALID_API_TOKEN" or (status in {401, _FORBIDDEN} and code is None):
        return AccessError(
            "access_token",
            f"is not accepted by Ecwid for store_id {store_id} (status {status}). "
            "Copy it again from the shop's app, and check that it belongs to this store",
        )
    if code == "STORE_NOT_FOUND":
        return AccessError(
            "store_id",
            f"{store_id} is not a store that Ecwid knows. "
            "The id stands at the bottom of every page of the shop's control panel",
        )
    detail = f"{what}: status {status}" + (f", {code}" if code else "")
    detail += f": {told.errorMessage}" if told.errorMessage else ""
    if status == _PAYMENT_REQUIRED or (code or "").endswith("_FEATURE_NOT_AVAILABLE"):
        return UnavailableError(
            f"{detail}. The store's plan or features don't include it: leave it out or upgrade.",
            status=status,
            code=code,
        )
    kind = NotFoundError if status == _NOT_FOUND else RejectedError
    return kind(detail, status=status, code=code)
