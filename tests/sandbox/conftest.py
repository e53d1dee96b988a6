"""A shop that is only read, and one for each test that changes it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from ecwid_sandbox.testing import running_sandbox


class Api:
    """Asks a running sandbox."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.client = httpx2.Client(headers=sandbox.headers, timeout=10)

    def send(self, method, path, **options):
        return self.client.request(method, f"{self.sandbox.store_url}{path}", **options)

    def get(self, path, expect=200, **query):
        response = self.send("GET", path, params=query)
        assert response.status_code == expect, response.text[:300]
        return response.json()

    def post(self, path, body, expect=200, **query):
        response = self.send("POST", path, json=body, params=query)
        assert response.status_code == expect, response.text[:300]
        return response.json()

    def put(self, path, body, expect=200, **query):
        response = self.send("PUT", path, json=body, params=query)
        assert response.status_code == expect, response.text[:300]
        return response.json()

    def delete(self, path, expect=200):
        response = self.send("DELETE", path)
        assert response.status_code == expect, response.text[:300]
        return response.json()

    def all(self, path, **query):
        items = []
        while True:
            page = self.get(path, offset=len(items), **query)
            items += page["items"]
            if not page["items"] or len(items) >= page["total"]:
                return items

    def control(self, method, path, body=None):
        response = self.client.request(method, f"{self.sandbox.control_url}{path}", json=body)
        assert response.status_code == 200, response.text[:300]
        return response.json()


class Elsewhere(BaseHTTPRequestHandler):
    """What others have on the web: at each address its own path, with some exceptions."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status, body = 200, b"At " + self.path.encode()
        if self.path.startswith("/gone"):
            status = 404
        elif self.path.startswith("/empty"):
            body = b""
        elif self.path.startswith("/moved"):
            status = 302
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.path.replace("moved", "here"))
        self.send_header("Content-Length", str(len(body) + 9 * self.path.startswith("/cut")))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def web():
    """The address of a server that has pictures and files."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def shop():
    with running_sandbox(size="small") as sandbox:
        api = Api(sandbox)
        yield api
        api.client.close()


@pytest.fixture
def own():
    """A tiny shop of one's own; its clock stands still."""
    with running_sandbox(size="tiny") as sandbox:
        sandbox.clock.stop()
        api = Api(sandbox)
        yield api
        api.client.close()


@pytest.fixture(scope="module")
def written():
    """A shop that all tests of a module write to."""
    with running_sandbox(size="small") as sandbox:
        api = Api(sandbox)
        yield api
        api.client.close()
