"""The client: one object for a store, shared by all threads.

It alone knows the token. ``Client.call`` takes an operation of the description and values for it,
and gives back what Ecwid answers, decoded; everything in between (pace, retries, errors) happens
here and in the modules it names.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, urlsplit

import httpx2
import msgspec

from ecwid_api import request_log
from ecwid_api.bearer_token import BearerToken
from ecwid_api.connecting import Transport
from ecwid_api.counting import Counting
from ecwid_api.decoding import decode, read_body
from ecwid_api.errors import GaveUpError, ProtocolError, SettingError
from ecwid_api.http_settings import API_URL, HttpSettings, normal_address
from ecwid_api.pacing import Pacer
from ecwid_api.redaction import Redactor
from ecwid_api.refusals import PROXY_REFUSES, problem_of_the_way, refusal, word_on
from ecwid_api.refused_words import said_in
from ecwid_api.request import Request
from ecwid_api.retrying import (
    Failure,
    Patience,
    failure_of_status,
    failure_of_transport,
    may_send_again,
    retry_after,
    unix_time,
)
from ecwid_api.secret_texts import KNOWN, passwords_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from ecwid_api.description import Operation
    from ecwid_api.errors import (
        EcwidError,
    )

_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_IS_IT_RUNNING: Final = ". If that is the sandbox: does it run (ecwid-sandbox start)?"
_BATCH_PACES: Final = {True: 1 / 3000, False: 1 / 30}
_DEFAULT_REFUSAL: Final = 10.0
_PROXY_WANTS_PASSWORD: Final = 407
_OK: Final = range(200, 300)


class Client:
    """Talks to one store. Thread-safe; close it, or use it in a ``with``.

    Attributes:
        store_id: The store's id.
        http: How requests get to Ecwid.
        pacer: Keeps to the request limit.
        patience: How often and long a request is tried.
        batch_paces: Seconds that a request of the last batch took, by whether Ecwid carried out
            many of them at once.
        exact_numbers: Whether numbers that a float would change come as ``Decimal``.
    """

    def __init__(
        self,
        *,
        store_id: str | int,
        access_token: str,
        api_url: str = API_URL,
        user_agent: str = "ecwid-api",
        http: HttpSettings | None = None,
        pacer: Pacer | None = None,
        patience: Patience | None = None,
        transport: httpx2.BaseTransport | None = None,
        on_exchange: Callable[[request_log.Exchange], None] | None = None,
        exact_numbers: bool = False,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            store_id: The store's id.
            access_token: A token of that store; sent in a header and kept nowhere else.
            api_url: Base URL of the API, without the store's id.
            user_agent: How we call ourselves, unless the settings say.
            http: How requests get to Ecwid: proxy, certificates, timeouts, limits.
            pacer: Keeps to the request limit; by default to that of the settings.
            patience: How often and long a request is tried; by default as the settings say.
            transport: Sends requests, in place of the network.
            on_exchange: Told of each attempt, in place of the log that the settings ask for.
            exact_numbers: Whether numbers that a float would change come as ``Decimal``.

        Raises:
            SettingError: ``api_url`` is not an http(s) URL, the token can't be a header, or a
                certificate can't be used.
        """
        address = normal_address(api_url)
        if address is None:
            raise SettingError("api_url", f"is not an http(s) URL: it should look like {API_URL}")
        if not access_token.isascii() or not access_token.isprintable() or " " in access_token:
            raise SettingError(
                "access_token",
                "holds characters that no token has (a line break, a space, an example?): copy it "
                "again",
            )
        self.http = http = http or HttpSettings()
        self.store_id = str(store_id)
        self.batch_paces = dict(_BATCH_PACES)
        self.exact_numbers = exact_numbers
        self.pacer = pacer or Pacer(http.requests_per_minute, counting=Counting(counts=http.counts))
        self._api_url = address
        self._store_url = f"{self._api_url}/{quote(self.store_id, safe='')}"
        self.patience = patience or Patience(attempts=http.max_attempts)
        self._on_exchange = on_exchange or request_log.from_settings(
            http.http_log, http.http_log_file, _redactor(http, access_token, api_url)
        )
        self._skew: float | None = None
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(http.concurrency)
        self._http = httpx2.Client(
            auth=BearerToken(access_token, httpx2.URL(address)),
            headers={
                **(http.headers or {}),
                "Accept": "application/json",
                "User-Agent": http.user_agent or user_agent,
            },
            timeout=httpx2.Timeout(http.read_timeout, connect=http.connect_timeout),
            transport=transport or Transport(http, address),
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
        """Unix seconds by Ecwid's clock, from its last answer; by ours before the first."""
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

    def send(self, request: Request) -> Any:  # noqa: ANN401 - whatever JSON value Ecwid answers
        """Send a request, and send it again while that makes sense.

        Args:
            request: What to send. One that is not idempotent is sent again only where it surely
                did nothing.

        Returns:
            The answer, decoded; None for an empty one.

        Raises:
            EcwidError: As ``call``.
        """
        content = None if request.body is None else msgspec.json.encode(request.body)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        if request.file is not None:
            headers = {"Content-Type": "application/octet-stream"}
        url = self._store_url + request.target()

        def build() -> httpx2.Request:
            return self._http.build_request(
                request.operation.method,
                url,
                content=content if request.file is None else request.file(),
                headers=headers,
            )

        return self._send(request, content, build)

    def _send(
        self, asked: Request, content: bytes | None, build: Callable[[], httpx2.Request]
    ) -> Any:  # noqa: ANN401
        operation = asked.operation
        waits = self.patience.waits()
        attempt = 0
        while True:
            attempt += 1
            failure, result = self._attempt(asked, content, build(), attempt)
            if failure is None:
                return result
            if not may_send_again(failure, asked):
                raise self._gave_up(operation, failure, attempt, result)
            wait = next(waits, None)
            if wait is None:
                raise self._gave_up(operation, failure, attempt, result)
            if failure is Failure.REFUSED_FOR_NOW:
                # Without Retry-After, Ecwid's own client waits for so long.
                unsaid = wait if self.pacer.stray else _DEFAULT_REFUSAL
                seconds = result if isinstance(result, float) else unsaid
                if seconds > self.patience.longest_refusal:
                    raise self._gave_up(operation, failure, attempt, f"{seconds:.0f} s to wait")
                # Ecwid rounds: a Retry-After of 0 is no leave to use up all attempts at once.
                self.pacer.refused(max(seconds, wait))
            else:
                request_log.LOGGER.info(
                    "%s: %s; trying again in %.1f s", operation.id, failure.value, wait
                )
                self.pacer.sleep(wait)

    def _attempt(
        self, asked: Request, body: bytes | None, request: httpx2.Request, attempt: int
    ) -> tuple[Failure | None, Any]:
        """Send once: (None, the answer), or a failure that may pass and a word on it."""
        sent = self.pacer.acquire()
        start = time.perf_counter()
        response, content = None, b""
        try:
            with self._places:
                response = self._http.send(request, stream=True)
                what = f"{asked.operation.method} {asked.operation.path}"
                content = read_body(response, what, self.http.most_bytes)
        except httpx2.TransportError as error:
            problem = problem_of_the_way(error, self._api_url)
            if problem is not None:
                raise problem from None
            return failure_of_transport(error), word_on(error)
        except httpx2.DecodingError:
            return Failure.MAY_HAVE_ACTED, "the answer is cut or garbled"
        finally:
            status = None if response is None else response.status_code
            self.pacer.answered(sent, status)
            self._on_exchange(
                request_log.Exchange(
                    request=asked,
                    store_url=self._store_url,
                    status=status,
                    seconds=time.perf_counter() - start,
                    size=len(content),
                    attempt=attempt,
                    limit_left=self.pacer.left,
                    sent=request.headers.multi_items(),
                    body=body,
                    headers=[] if response is None else response.headers.multi_items(),
                    answer=content,
                )
            )
        return self._judge(asked.operation, response, content)

    def log_item(
        self, request: Request, status: int | None, answer: bytes, body: bytes | None
    ) -> None:
        """Log a request within a batch.

        Args:
            request: What was asked.
            status: HTTP status of its answer; None where there is none.
            answer: The answer's body.
            body: What was sent.
        """
        self._on_exchange(
            request_log.Exchange(
                request=request,
                store_url=self._store_url,
                status=status,
                size=len(answer),
                body=body,
                answer=answer,
            )
        )

    def _judge(
        self, operation: Operation, response: httpx2.Response, content: bytes
    ) -> tuple[Failure | None, Any]:
        """What an answer means."""
        self._note_time(response)
        status = response.status_code
        failure = failure_of_status(status)
        if failure is Failure.REFUSED_FOR_NOW:
            return failure, retry_after(response.headers.get("Retry-After"))
        if failure is not None:
            words = said_in(content).words
            return failure, f"status {status}: {words}" if words else f"status {status}"
        if status == _PROXY_WANTS_PASSWORD:
            raise SettingError("proxy_url", PROXY_REFUSES.format(status))
        if status not in _OK:
            raise refusal(operation, status, content, self.store_id)
        if not content:
            return None, None
        try:
            what = f"{operation.method} {operation.path}"
            limit = self.http.most_bytes
            return None, decode(content, what, limit, exact=self.exact_numbers)
        except ValueError:
            # A proxy's page, or a body that lost its end: the next try may be whole.
            return Failure.MAY_HAVE_ACTED, "the answer is not JSON"

    def _note_time(self, response: httpx2.Response) -> None:
        ecwid_time = unix_time(response.headers.get("Date", ""))
        if ecwid_time is None:
            return
        with self._lock:
            # The header has whole seconds, rounded down, and took a while to arrive: the largest
            # difference seen is the nearest to the truth.
            skew = ecwid_time - time.time()
            self._skew = skew if self._skew is None else max(self._skew, skew)

    def _gave_up(
        self, operation: Operation, failure: Failure, attempts: int, word: object
    ) -> EcwidError:
        if isinstance(word, float):
            word = f"Ecwid said to wait {word:.0f} s"
        detail = f" ({word})" if word else ""
        times = "once" if attempts == 1 else f"{attempts} times"
        if failure is Failure.NEVER_ARRIVED:
            return SettingError(
                "api_url",
                f"{self._api_url} can't be reached{detail}, tried {times}: "
                "check the address and the network"
                + (_IS_IT_RUNNING if urlsplit(self._api_url).hostname in _HERE else ""),
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


def _redactor(http: HttpSettings, token: str, api_url: str) -> Redactor:
    """Knows every secret of the settings."""
    secrets = [
        token,
        *passwords_in(http.proxy_url or ""),
        *passwords_in(api_url),
        http.client_key_password or "",
        *(http.headers or {}).values(),
    ]
    KNOWN.add(*secrets)
    return Redactor(
        secrets=secrets, headers=http.headers or (), shows_personal=http.http_log_personal
    )
