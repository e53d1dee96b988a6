"""Requests that are sent as one, at the wire: whatever goes wrong, each has its own true answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ecwid_api import description, pacing
from ecwid_api.batch import Answered, Refused, ask_together
from ecwid_api.client import Client
from ecwid_api.errors import AccessError, GaveUpError, NotFoundError, ScopeError
from ecwid_api.many_requests import ManyRequests
from ecwid_api.request import Request
from ecwid_api.retrying import Patience
from ecwid_sandbox.testing import Fault, running_sandbox

FAULTS = {
    "500": Fault(status=500),
    "503": Fault(status=503),
    "429": Fault(status=429, retry_after=1),
    "drop before": Fault(drop="before"),
    "drop after": Fault(drop="after"),
    "cut": Fault(cut=0.5),
    "garbage": Fault(garbage=True),
    "slow": Fault(delay=300),
}


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="tiny") as running:
        yield running


@pytest.fixture
def sandbox(shop):
    yield shop
    shop.faults.clear()
    shop.reset_requests()


@pytest.fixture
def client(sandbox):
    with Client(
        store_id=sandbox.store_id,
        access_token=sandbox.token,
        api_url=sandbox.url,
        patience=Patience(attempts=4, longest_wait=0.2),
    ) as made:
        yield made


@pytest.fixture
def source(client):
    """ManyRequests that has little patience with batches."""
    with ThreadPoolExecutor(4) as executor:
        yield ManyRequests(client, executor, patience=0.5)


@pytest.fixture
def requests(sandbox):
    operation = description.operation("getProduct", "products")
    keys = [*sandbox.shop.keys("product"), 1]
    return [Request(operation=operation, path={"productId": key}) for key in keys]


def assert_right(outcomes, sandbox):
    *found, missing = outcomes
    assert [outcome.value["id"] for outcome in found] == sandbox.shop.keys("product")
    assert all(isinstance(outcome, Answered) for outcome in found)
    assert isinstance(missing, Refused)
    assert isinstance(missing.error, NotFoundError)


@pytest.mark.parametrize("place", ["POST /batch", "GET /batch", "inner"])
@pytest.mark.parametrize("fault", FAULTS)
def test_what_passes_costs_nothing_but_time(sandbox, client, requests, place, fault, monkeypatch):
    monkeypatch.setattr(pacing, "_REFUSED", 0.1)
    method, _, path = place.partition(" ")
    struck = FAULTS[fault]
    struck.method, struck.path = (method, path) if path else ("GET", r"/products/\d{2,}")
    struck.times, struck.skip = 1 if fault in {"slow", "429"} else 2, 0 if path else 3
    sandbox.faults.add(struck)
    assert_right(ask_together(client, requests), sandbox)
    assert sandbox.faults.waiting() == []
    tickets = {request.batch for request in sandbox.requests if request.batch}
    # Ecwid tries inside a batch what fails there; only the rest goes into another one.
    assert len(tickets) == (2 if fault in {"429", "cut", "garbage"} and not path else 1)


@pytest.mark.parametrize("fault", ["500", "429", "garbage"])
def test_a_request_of_a_batch_that_fails_each_time_is_given_up(
    sandbox, client, requests, fault, monkeypatch
):
    monkeypatch.setattr(pacing, "_REFUSED", 0.05)
    struck = FAULTS[fault]
    struck.path, struck.method, struck.skip, struck.times = r"/products/1\b", "GET", 0, None
    sandbox.faults.add(struck)
    with pytest.raises(GaveUpError, match=f"1 of {len(requests)} requests"):
        ask_together(client, requests)


def test_a_batch_that_gets_no_further_is_given_up_in_time(sandbox, client, requests):
    sandbox.faults.add(Fault(stuck="forever"))
    with pytest.raises(GaveUpError, match="not done within 0 s"):
        ask_together(client, requests, patience=0.3)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(stuck="forever"),
        Fault(path="/batch", method="GET", status=400, code="WRONG_PARAMETER"),
        Fault(path="/batch", method="GET", status=400, code="WRONG_PARAMETER", skip=1),
        Fault(path="/batch", method="POST", status=402),
        Fault(path="/batch", method="POST", status=403, code="INSUFFICIENT_APP_SCOPE"),
        Fault(path="/batch", method="POST", status=500, times=None),
        Fault(path="/batch", method="GET", status=500, times=None),
        Fault(path="/batch", method="GET", garbage=True, times=None),
        Fault(path="/batch", method="POST", answer={"ticket": None}),
        Fault(path="/batch", method="GET", answer={"status": None}),
        Fault(path="/batch", method="GET", answer={"status": "COMPLETED", "responses": ["x"]}),
        Fault(path="/batch", method="GET", answer={"status": "COMPLETED", "responses": None}),
        Fault(
            path="/batch",
            method="GET",
            answer={"status": "COMPLETED", "responses": [{"id": "0", "httpStatusCode": None}]},
            times=None,
        ),
    ],
    ids=[
        "stuck",
        "ticket lost at once",
        "ticket lost later",
        "plan",
        "scope",
        "never taken in",
        "never told",
        "no JSON",
        "no ticket",
        "no status",
        "no responses' list",
        "no responses",
        "nothing executed",
    ],
)
def test_what_a_batch_does_not_tell_is_asked_for_one_by_one(sandbox, source, requests, fault):
    sandbox.faults.add(fault)
    assert_right(source.ask_all(requests).result(), sandbox)


@pytest.mark.parametrize("place", ["POST", "GET"])
def test_a_token_that_is_revoked_meanwhile_is_told(sandbox, source, requests, place):
    sandbox.faults.add(
        Fault(path="/batch", method=place, status=403, code="INVALID_API_TOKEN", times=None)
    )
    with pytest.raises(AccessError, match="access_token is not accepted"):
        source.ask_all(requests).result()


def test_a_scope_that_is_revoked_costs_only_what_needs_it(sandbox, source, requests):
    sandbox.faults.add(
        Fault(path="/products/", status=403, code="INSUFFICIENT_APP_SCOPE", times=None, skip=2)
    )
    outcomes = source.ask_all(requests).result()
    refused = [o for o in outcomes if isinstance(o, Refused)]
    assert len(refused) == len(requests) - 2
    assert all(isinstance(outcome.error, ScopeError) for outcome in refused)


def test_one_of_the_answers_that_nobody_waits_for_any_more_keeps_none_from_the_others(
    sandbox, client, requests
):
    with ThreadPoolExecutor(4) as executor:
        source = ManyRequests(client, executor, gather=True)
        futures = [source.ask_soon(request) for request in requests]
        futures[1].cancel()
        source.send_collected()
        assert futures[2].result(timeout=10)["id"] == sandbox.shop.keys("product")[2]
