"""Tokens, stores, scopes, limits, faults and the control routes."""

from __future__ import annotations

import time

import httpx2
import pytest

from ecwid_sandbox.testing import Fault, running_sandbox


def error(response):
    return response.status_code, response.json()["errorCode"]


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "Basic abc", "secret_sandbox"])
def test_tokens(own, header):
    headers = {} if header is None else {"Authorization": header}
    response = httpx2.get(f"{own.sandbox.store_url}/products", headers=headers)
    assert error(response) == (403, "INVALID_API_TOKEN")
    assert "wrong" not in response.text


def test_stores(own):
    for store in ("1004", "abc", ""):
        response = own.client.get(f"{own.sandbox.url}/{store}/products")
        assert error(response) == (404, "STORE_NOT_FOUND")
        refused = httpx2.get(f"{own.sandbox.url}/{store}/products")
        assert error(refused) == (403, "INVALID_API_TOKEN")


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/products", {"read_catalog"}),
        ("GET", "/orders", {"read_orders"}),
        ("GET", "/carts", {"read_orders"}),
        ("GET", "/profile", {"read_store_profile"}),
        ("GET", "/profile?showExtendedInfo=true", {"read_store_profile_extended"}),
        ("GET", "/orders/deleted", {"read_store_profile", "read_orders"}),
        ("GET", "/coupons/deleted", {"read_store_profile", "read_discount_coupons"}),
        ("POST", "/products", {"create_catalog"}),
        ("PUT", "/products/1", {"update_catalog"}),
        ("DELETE", "/customers/1", {"read_customers", "update_customers"}),
        ("GET", "/promotions", {"read_promotion"}),
    ],
)
def test_scopes(own, method, path, needed):
    every = {
        "read_catalog",
        "create_catalog",
        "update_catalog",
        "read_orders",
        "read_customers",
        "update_customers",
        "read_store_profile",
        "read_store_profile_extended",
        "read_discount_coupons",
        "read_promotion",
    }
    for scope in needed:
        own.sandbox.set(scopes=every - {scope})
        response = own.send(method, path, json={})
        assert error(response) == (403, "INSUFFICIENT_APP_SCOPE")
        assert scope in response.json()["errorMessage"]
    own.sandbox.set(scopes=every)
    assert own.send(method, path, json={}).status_code != 403
    own.sandbox.set(scopes=None)
    assert own.send(method, path, json={}).status_code != 403


def test_rate_limit_is_a_sliding_window():
    with running_sandbox(size="tiny", rate_limit=5) as sandbox:
        sandbox.clock.stop()
        with httpx2.Client(headers=sandbox.headers) as client:

            def ask(headers=None):
                return client.get(f"{sandbox.store_url}/customer_groups", headers=headers)

            for _ in range(3):
                assert ask().status_code == 200
            sandbox.clock.advance(30)
            for _ in range(2):
                assert ask().status_code == 200
            refused = ask()
            assert error(refused) == (429, "RATE_LIMITED")
            assert refused.headers["retry-after"] == "30"
            for _ in range(4):
                refused = ask()
            assert refused.headers["retry-after"] == "32"
            sandbox.clock.advance(32)
            assert [ask().status_code for _ in range(4)] == [200, 200, 200, 429]
            invalid = [ask({"Authorization": "Bearer x"}).status_code for _ in range(21)]
            assert invalid == [403] * 20 + [429]
            sandbox.clock.advance(60)
            assert ask({"Authorization": "Bearer x"}).status_code == 403


def test_faults(own):
    faults, url = own.sandbox.faults, f"{own.sandbox.store_url}/orders"
    faults.add(Fault(path="/orders", status=503, times=2), Fault(status=429, retry_after=7))
    assert error(own.send("GET", "/orders")) == (503, "INTERNAL_ERROR")
    limited = own.send("GET", "/customers")
    assert error(limited) == (429, "RATE_LIMITED")
    assert limited.headers["retry-after"] == "7"
    assert own.send("GET", "/orders").status_code == 503
    assert own.send("GET", "/orders").status_code == 200

    faults.add(Fault(drop="before", method="POST"), Fault(drop="after", method="POST"))
    count = len(own.sandbox.shop.keys("customer_group"))
    for more in (0, 1):
        with pytest.raises(httpx2.RemoteProtocolError):
            own.post("/customer_groups", {"name": "Dropped"})
        assert len(own.sandbox.shop.keys("customer_group")) == count + more

    faults.add(Fault(cut=0.5))
    with pytest.raises(httpx2.RemoteProtocolError):
        own.client.get(url)
    faults.add(Fault(garbage=True))
    assert own.client.get(url).text.startswith("<html>")
    faults.add(Fault(answer={"total": 7, "items": None, "more": True}))
    told = own.client.get(url).json()
    assert (told["total"], told["more"], "items" in told) == (7, True, False)
    assert own.client.get(url).json()["items"]
    faults.add(Fault(delay=150))
    started = time.monotonic()
    assert own.client.get(url).status_code == 200
    assert time.monotonic() - started > 0.14
    faults.add(Fault(path=r"offset=2\b", status=500, skip=1))
    assert [own.client.get(f"{url}?offset=2").status_code for _ in range(3)] == [200, 500, 200]
    faults.add(Fault(status=500, times=None))
    faults.clear()
    assert own.client.get(url).status_code == 200
    statuses = [entry.status for entry in own.sandbox.requests]
    assert statuses.count(0) == 2


def test_latency(own):
    own.sandbox.set(latency=80, jitter=20)
    started = time.monotonic()
    own.get("/customer_groups")
    assert time.monotonic() - started > 0.079


def test_requests_are_noted_without_secrets(own):
    own.get("/products", limit=1)
    own.get("/nowhere", 404)
    first, second = own.sandbox.requests
    assert (first.method, first.path, first.status) == ("GET", "/products", 200)
    assert (first.query, first.operation) == ("limit=1", "searchProducts")
    assert (second.status, second.operation) == (404, "")
    found = own.control("GET", "/requests")
    assert found["count"] == 2
    assert own.sandbox.token not in str(found)
    own.control("POST", "/reset-requests")
    assert own.control("GET", "/requests") == {"count": 0, "requests": []}


def test_control_routes(own):
    before = own.sandbox.clock.second()
    assert int(own.control("POST", "/clock", {"advance": 90})["now"]) == before + 90
    assert own.control("POST", "/clock", {"now": 1_800_000_000})["now"] == 1_800_000_000
    assert own.get("/latest-stats")
    assert own.control("POST", "/activity", {"count": 5})["count"] == 5
    dumped = own.control("GET", "/dump/order")
    assert dumped == list(own.sandbox.shop.all("order"))
    assert own.client.get(f"{own.sandbox.control_url}/dump/thing").status_code == 404
    own.control("POST", "/faults", [{"path": "/orders", "status": 502}])
    assert own.send("GET", "/orders").status_code == 502
    own.control("POST", "/faults", [{"drop": "before", "times": None}])
    assert own.control("DELETE", "/faults") == []
    own.control("POST", "/settings", {"scopes": ["read_orders"], "latency": 1})
    assert own.send("GET", "/products").status_code == 403
    own.control("POST", "/settings", {"scopes": None})
    assert own.send("GET", "/products").status_code == 200
    wrong = own.client.post(f"{own.sandbox.control_url}/settings", json={"speed": 1})
    assert wrong.status_code == 400
    assert own.control("GET", "")["documents"]["customer_group"] == 5


def test_control_routes_are_only_there_when_wanted():
    with running_sandbox(size="empty", control=False) as sandbox:
        assert httpx2.get(f"{sandbox.control_url}/requests").status_code == 404
