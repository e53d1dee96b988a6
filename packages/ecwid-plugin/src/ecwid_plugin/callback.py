"""The listener that Ecwid sends the browser to after the user has allowed or denied the app.

It listens on this machine only and takes one answer: the one with the right state. Any other
request gets a page that says so, and changes nothing.
"""

from __future__ import annotations

import html
import queue
import secrets
import socket
import socketserver
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import parse_qs, urlsplit

from ecwid_api.errors import LoginError, SettingError
from ecwid_plugin.login_settings import is_here, split

if TYPE_CHECKING:
    from types import TracebackType

_HTTP: Final = 80
# Browsers open connections in advance and may never use them.
_IDLE: Final = 10.0
# Long enough to exchange the code and to write the file.
_PATIENCE: Final = 120.0
_FOR_THE_PAGE: Final = 5.0
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<h1>{title}</h1>
<p>{text}</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What the browser shows at the end.

    Attributes:
        title: A few words.
        text: A sentence.
        status: HTTP status.
    """

    title: str
    text: str
    status: HTTPStatus = HTTPStatus.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the browser brought back.

    Attributes:
        code: The code to exchange for a token; None if the app was denied.
        error: OAuth's error code; None if there is a code.
        page: The page to show; whoever takes the answer sets it.
    """

    code: str | None = field(repr=False)
    error: str | None
    page: Future[Page] = field(default_factory=Future, repr=False)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], path: str, state: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.path = path
        self.state = state
        self.answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self.taken = threading.Lock()
        self.shown = threading.Event()
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore it: a browser may go away, and a trace could show the code."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _IDLE
    server_version = "ecwid-login"
    sys_version = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Log nothing: the address contains the code."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != self.server.path:
            self._show(Page("Not found", "There is no page here.", HTTPStatus.NOT_FOUND))
            return
        answer = _answer(parts.query, self.server.state)
        if answer is None:
            self._show(
                Page(
                    "Unexpected answer",
                    "It belongs to another login, or to none. Start again in the terminal.",
                    HTTPStatus.BAD_REQUEST,
                )
            )
            return
        if not self.server.taken.acquire(blocking=False):
            text = "This login was already answered. Start again in the terminal."
            self._show(Page("Already answered", text, HTTPStatus.CONFLICT))
            return
        self.server.answers.put(answer)
        try:
            self._show(answer.page.result(timeout=_PATIENCE))
        finally:
            self.server.shown.set()

    def _show(self, page: Page) -> None:
        content = _PAGE.format(title=html.escape(page.title), text=html.escape(page.text)).encode()
        self.send_response(page.status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(content))),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _answer(query: str, state: str) -> Answer | None:
    """The answer in a query string; None if it doesn't answer this login."""
    try:
        given = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    single = {name: values[0] for name, values in given.items() if len(values) == 1}
    if not secrets.compare_digest(single.get("state", "").encode(), state.encode()):
        return None
    code, error = single.get("code"), single.get("error")
    if not code and not error:
        return None
    return Answer(code=None if error else code, error=error)


class Callback:
    """Listens at ``redirect_uri`` within a ``with`` block."""

    def __init__(self, redirect_uri: str, state: str) -> None:
        """Open the port.

        Args:
            redirect_uri: An address of this machine.
            state: The state that the answer must contain.

        Raises:
            SettingError: The address is not one of this machine, or its port can't be opened.
        """
        parts = split(redirect_uri)
        if parts is None or not is_here(parts) or parts.query:
            raise SettingError(
                "redirect_uri",
                f"is {redirect_uri!r}, and only http:// addresses of this machine can be listened "
                "to, such as http://127.0.0.1:8717/callback. With --no-browser, any address works",
            )
        port = _HTTP if parts.port is None else parts.port
        host = "::1" if parts.hostname == "::1" else "127.0.0.1"
        try:
            self._server = _Server((host, port), parts.path or "/", state)
        except OSError as error:
            raise SettingError(
                "redirect_uri",
                f"has port {port}, which can't be listened to ({error.strerror}): stop the program "
                "that uses it, or choose another port and register that address for the app",
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._answered = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._answered:
            # The page has to arrive before the process ends.
            self._server.shown.wait(_FOR_THE_PAGE)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, timeout: float) -> Answer:
        """Wait for the browser's answer. The caller has to set its page.

        Args:
            timeout: Seconds to wait.

        Raises:
            LoginError: There was no answer in time.
        """
        try:
            answer = self._server.answers.get(timeout=timeout)
        except queue.Empty:
            raise LoginError(
                f"Ecwid's page was not answered within {timeout:g} seconds. Run login again, with "
                "a larger --timeout or with --no-browser"
            ) from None
        self._answered = True
        return answer
