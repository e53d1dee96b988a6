"""Servers that do what the sandbox won't: raw bytes, TLS, a proxy, HTTP/2."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events


def read_whole(connection):
    """A request's head, as text, and its body; None where there is none any more."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    text = head.decode()
    length = 0
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    return text, body


def read_request(connection):
    """The head of a request; its body, if it has a length, is read too."""
    whole = read_whole(connection)
    return None if whole is None else whole[0]


def answer(body=b"{}", status="200 OK", headers=()):
    """An answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Takes connections and leaves each to a function.

    Attributes:
        heads: What was asked, head by head.
        most: How many connections were open at once, at the most.
    """

    def __init__(self, handle, context=None):
        self._handle = handle
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open = []
        self.heads = []
        self.ended = threading.Event()
        scheme = "https" if context else "http"
        self.port = self._listening.getsockname()[1]
        self.url = f"{scheme}://localhost:{self.port}/api/v3"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        # Whoever hangs up in the middle is what some tests are about.
        with suppress(OSError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            self._handle(self, connection)
        connection.close()

    def close(self):
        self.ended.set()
        self._listening.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


@contextmanager
def serving(handle, context=None):
    """A server as long as the block runs."""
    server = RawServer(handle, context)
    try:
        yield server
    finally:
        server.close()


def answering(*answers):
    """Handles connections by giving one answer after the other, the last one for ever."""
    left = list(answers)

    def handle(server, connection):
        while (head := read_request(connection)) is not None:
            server.heads.append(head)
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return handle


def pump(one, other):
    """Pass on what comes, until it ends."""
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def proxy(server, connection):
    """Handle a connection as an HTTP proxy does that wants a password."""
    whole = read_whole(connection)
    if whole is None:
        return
    head, body = whole
    server.heads.append(head)
    if "proxy-authorization: basic dxnlcjpwqhnz" not in head.lower():
        connection.sendall(answer(b"no", "407 Proxy Authentication Required"))
        return
    method, target, version = head.split("\r\n")[0].split(" ")
    if method == "CONNECT":
        address, first = target, b""
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        parts = urlsplit(target)
        address = parts.netloc
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        # One request a connection: the next one would name the whole address again.
        lines = [f"{method} {path} {version}", "Connection: close"]
        lines += [x for x in head.split("\r\n")[1:] if not x.lower().startswith("connection:")]
        first = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port))) as further:
        further.sendall(first)
        back = threading.Thread(target=pump, args=(further, connection), daemon=True)
        back.start()
        if method == "CONNECT":
            pump(connection, further)
        back.join(10)


def http2(server, connection):
    """Handle a connection that speaks HTTP/2, and answer each request with an empty object."""
    state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    state.initiate_connection()
    connection.sendall(state.data_to_send())
    while data := connection.recv(65536):
        for event in state.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                server.heads.append(dict(event.headers))
                state.send_headers(event.stream_id, [(":status", "200")])
                state.send_data(event.stream_id, b"{}", end_stream=True)
        connection.sendall(state.data_to_send())
