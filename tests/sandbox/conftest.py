"""A shop that is only read, and one for each test that changes it."""

from __future__ import annotations

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
