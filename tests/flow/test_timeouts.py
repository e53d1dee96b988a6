"""An answer that doesn't come in time, at the wire."""

from __future__ import annotations

import httpx2
import pytest

from ecwid_api import description
from ecwid_api.client import Client
from ecwid_api.errors import GaveUpError
from ecwid_api.retrying import Patience
from ecwid_sandbox.testing import Fault


class Impatient(httpx2.HTTPTransport):
    """Waits for an answer no longer than a fifth of a second."""

    def handle_request(self, request):
        request.extensions["timeout"] = {**request.extensions["timeout"], "read": 0.2}
        return super().handle_request(request)


@pytest.fixture
def client(sandbox):
    with Client(
        store_id=sandbox.store_id,
        access_token=sandbox.token,
        api_url=sandbox.url,
        patience=Patience(attempts=3, longest_wait=0.1),
        transport=Impatient(),
    ) as made:
        yield made


def test_a_page_that_is_late_is_asked_for_again(sandbox, client):
    sandbox.faults.add(Fault(path="/orders", delay=600, times=2))
    page = client.call(description.operation("searchOrders", "orders"))
    assert [row["id"] for row in page["items"]] == [o["id"] for o in sandbox.shop.all("order")][
        ::-1
    ]
    assert sandbox.faults.waiting() == []


def test_a_page_that_is_late_each_time_is_given_up(sandbox, client):
    sandbox.faults.add(Fault(path="/orders", delay=600, times=None))
    with pytest.raises(GaveUpError, match=r"ReadTimeout.*tried 3 times"):
        client.call(description.operation("searchOrders", "orders"))
