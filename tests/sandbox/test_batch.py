"""Batches: many requests in one, carried out by the sandbox itself."""

from __future__ import annotations

import json
import time
import uuid

import httpx2
import pytest

from ecwid_sandbox.testing import Fault, running_sandbox

KEY = "7b8ae4b1-7c2b-4a0e-9d43-5a3df0a4c1de"
OTHER_KEY = "0d1c2f9e-52a8-4a64-8a0c-6f1b7f5f2a11"


def rename(api, count):
    """Changes of customer groups, all of which can be carried out."""
    groups = api.sandbox.shop.keys("customer_group")
    return [
        {
            "id": f"r{place}",
            "path": f"/customer_groups/{groups[place % len(groups)]}",
            "method": "PUT",
            "body": {"name": f"Name {place}"},
        }
        for place in range(count)
    ]


def reads(count):
    return [{"id": f"r{n}", "path": "customer_groups", "method": "GET"} for n in range(count)]


def send(api, requests, **query):
    return api.post("/batch", requests, **query)["ticket"]


def status(api, ticket, **query):
    return api.get("/batch", ticket=ticket, **query)


def until(api, ticket, wanted, **query):
    """The status of a batch, as soon as it is as wanted."""
    while True:
        found = status(api, ticket, **query)
        if wanted(found):
            return found
        time.sleep(0.002)


def finish(api, ticket, **query):
    return until(api, ticket, lambda found: found["status"] == "COMPLETED", **query)


def statuses(found):
    return [response["status"] for response in found["responses"]]


def codes(found):
    return [response.get("httpStatusCode") for response in found["responses"]]


def inner(api):
    """The requests of batches that were carried out."""
    return [request for request in api.sandbox.requests if request.batch]


def test_a_batch_does_what_its_requests_would_do_alone(own):
    number = own.sandbox.shop.keys("product")[0]
    requests = [
        {"id": "all", "path": "/products?limit=2&responseFields=total,items(id)", "method": "GET"},
        {"id": "one", "path": f"products/{number}", "method": "GET", "body": ""},
        {"id": "new", "path": "/customer_groups", "method": "POST", "body": {"name": "Wholesale"}},
        {
            "path": f"products/{number}",
            "method": "PUT",
            "body": json.dumps({"price": 7.5}),
        },
        {"id": "gone", "path": f"/products/{number}", "method": "DELETE", "body": None},
    ]
    alone = [
        own.get("/products", limit=2, responseFields="total,items(id)"),
        own.get(f"/products/{number}"),
    ]
    ticket = send(own, requests)
    uuid.UUID(ticket)
    found = finish(own, ticket)
    assert (found["totalRequests"], found["completedRequests"]) == (5, 5)
    assert [response.get("id") for response in found["responses"]] == [
        "all",
        "one",
        "new",
        None,
        "gone",
    ]
    assert statuses(found) == ["COMPLETED"] * 5
    assert codes(found) == [200] * 5
    assert {response["httpStatusLine"] for response in found["responses"]} == {"OK"}
    bodies = [response["httpBody"] for response in found["responses"]]
    assert bodies[:2] == alone
    assert own.get(f"/customer_groups/{bodies[2]['id']}")["name"] == "Wholesale"
    assert bodies[3:] == [{"updateCount": 1}, {"deleteCount": 1}]
    own.get(f"/products/{number}", 404)

    escaped = status(own, ticket, escapedJson="true")
    assert [json.loads(r.pop("escapedHttpBody")) for r in escaped["responses"]] == bodies
    assert not any("httpBody" in response for response in escaped["responses"])
    executed = inner(own)
    assert [request.method for request in executed] == ["GET", "GET", "POST", "PUT", "DELETE"]
    assert executed[0].query == "limit=2&responseFields=total,items(id)"
    assert executed[0].operation == "searchProducts"
    assert {request.batch for request in executed} == {ticket}


def carried_out(api, count):
    """Wait, without asking the API, until so many requests were carried out."""
    while len(inner(api)) < count:
        time.sleep(0.002)


@pytest.mark.parametrize("parallel", ["false", "true"])
def test_a_failure_ends_a_batch(own, parallel):
    requests = rename(own, 150)
    requests[1]["path"] = "/customer_groups/999999"
    requests[2]["path"] = "/nowhere"
    found = finish(own, send(own, requests, allowParallelMode=parallel))
    # What runs at the same time has begun already.
    begun = 100 if parallel == "true" else 2
    assert found["completedRequests"] == begun == len(inner(own))
    expected = ["COMPLETED", "FAILED", *["COMPLETED"] * 148]
    if parallel == "true":
        expected[2] = "FAILED"
    expected[begun:] = ["NOT_EXECUTED"] * (150 - begun)
    assert statuses(found) == expected
    failed = found["responses"][1]
    assert failed["httpStatusCode"] == 404
    assert failed["httpStatusLine"] == "Not Found"
    assert failed["httpBody"]["errorCode"] == "CUSTOMER_GROUP_NOT_FOUND"
    assert found["responses"][-1] == {"id": "r149", "status": "NOT_EXECUTED"}


@pytest.mark.parametrize("parallel", ["false", "true"])
def test_failures_that_are_passed_over(own, parallel):
    requests = rename(own, 4)
    requests[0]["path"] = "/customer_groups/999999"
    second, third = requests[1]["path"], requests[2]["path"]
    own.sandbox.faults.add(
        Fault(path=second, method="PUT", status=503, times=3),
        Fault(path=third, method="PUT", status=500, times=6),
    )
    found = finish(own, send(own, requests, stopOnFirstFailure="false", allowParallelMode=parallel))
    assert codes(found) == [404, 200, 500, 200]
    assert statuses(found) == ["FAILED", "COMPLETED", "FAILED", "COMPLETED"]
    assert found["completedRequests"] == 4
    tries = [request.path for request in inner(own)]
    assert [tries.count(request["path"]) for request in requests] == [1, 4, 6, 1]
    assert own.sandbox.faults.waiting() == []


def test_a_server_error_is_not_tried_again_where_it_ends_the_batch(own):
    own.sandbox.faults.add(Fault(path="/customer_groups", method="PUT", status=500))
    found = finish(own, send(own, rename(own, 2)))
    assert statuses(found) == ["FAILED", "NOT_EXECUTED"]


def test_faults_of_requests_in_a_batch(own):
    count = own.sandbox.shop.count("customer_group")
    one = {"path": "/customer_groups", "method": "POST", "body": {"name": "Lost"}}
    own.sandbox.faults.add(
        Fault(path="/customer_groups", drop="before"),
        Fault(path="/customer_groups", drop="after"),
        Fault(path="/customer_groups", garbage=True),
        Fault(path="/customer_groups", cut=0.5, delay=1),
    )
    for name, code, more in (("before", 500, 0), ("after", 500, 1)):
        found = finish(own, send(own, [{"id": name, **one}]))
        assert codes(found) == [code]
        assert own.sandbox.shop.count("customer_group") == count + more
    for beginning in ("<html>", "{"):
        found = finish(own, send(own, [one]))
        # What is no JSON comes as a text.
        assert found["responses"][0]["httpBody"].startswith(beginning)
    # Tried again after the answer was lost, a creation happens twice.
    own.sandbox.faults.add(Fault(path="/customer_groups", drop="after"))
    before = own.sandbox.shop.count("customer_group")
    assert codes(finish(own, send(own, [one], stopOnFirstFailure="false"))) == [200]
    assert own.sandbox.shop.count("customer_group") == before + 2


def test_a_request_needs_the_scopes_that_it_would_need_alone(own):
    own.sandbox.set(scopes={"read_customers"})
    found = finish(own, send(own, [*reads(1), *rename(own, 1)]))
    assert codes(found) == [200, 403]
    assert found["responses"][1]["httpBody"]["errorCode"] == "INSUFFICIENT_APP_SCOPE"


def test_batches_need_the_token(own):
    for method, path in (("POST", "/batch"), ("GET", "/batch"), ("POST", "/batch/cancel-group")):
        response = httpx2.request(method, f"{own.sandbox.store_url}{path}", json=reads(1))
        assert response.status_code == 403
        assert response.json()["errorCode"] == "INVALID_API_TOKEN"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "array"),
        ([], "no requests"),
        (reads(501), "at most 500"),
        ([1], "$[0]"),
        ([*reads(1), {"path": "/orders", "method": "GET", "id": 7}], "$[1].id"),
        ([{"method": "GET"}], "$[0].path"),
        ([{"path": "", "method": "GET"}], "$[0].path"),
        ([{"path": "/orders"}], "$[0].method"),
        ([{"path": "/orders", "method": "PATCH"}], "$[0].method"),
        ([{"path": "/orders", "method": "get"}], "$[0].method"),
    ],
)
def test_what_is_no_batch(own, body, where):
    refused = own.post("/batch", body, 400)
    assert refused["errorCode"] == "WRONG_PARAMETER"
    assert where in refused["errorMessage"]
    assert inner(own) == []


def test_parameters_that_cannot_be_read(own):
    assert own.send("POST", "/batch", content=b"[").json()["errorCode"] == "WRONG_PARAMETER"
    for query in (
        {"deduplicationKey": "again"},
        {"stopOnFirstFailure": "maybe"},
        {"allowParallelMode": "2"},
    ):
        assert own.post("/batch", reads(1), 400, **query)["errorCode"] == "WRONG_PARAMETER"
    assert own.get("/batch", 400)["errorCode"] == "WRONG_PARAMETER"
    assert own.get("/batch", 400, ticket=KEY)["errorCode"] == "WRONG_PARAMETER"
    assert own.post("/batch/cancel-group", {}, 400)["errorCode"] == "WRONG_PARAMETER"


def test_the_most_requests(own):
    found = finish(own, send(own, reads(500), allowParallelMode="true"))
    assert found["completedRequests"] == len(found["responses"]) == 500


def test_others_are_answered_in_between(own):
    requests = [{"path": "/orders?limit=100&responseFields=total", "method": "GET"}] * 500
    ticket = send(own, requests, allowParallelMode="true")
    assert own.get("/customer_groups")["total"]
    assert len(inner(own)) < 500
    assert finish(own, ticket)["completedRequests"] == 500


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/batch"),
        ("GET", f"/batch?ticket={KEY}"),
        ("POST", "/batch/cancel-group?groupId=a"),
        ("POST", "/products/1/image"),
        ("GET", "/products/1/files/2"),
    ],
)
def test_what_cannot_be_part_of_a_batch(own, method, path):
    one = {"path": path, "method": method, "body": reads(1)}
    found = finish(own, send(own, [one, *reads(1)], stopOnFirstFailure="false"))
    assert codes(found) == [400, 200]
    assert found["responses"][0]["httpBody"]["errorCode"] == "WRONG_PARAMETER"


def test_a_file_may_be_named_by_its_address(own):
    path = "/products/1/image?externalUrl=https%3A%2F%2Fshop.example%2Fa.png"
    found = finish(own, send(own, [{"path": path, "method": "POST"}]))
    assert found["responses"][0]["httpBody"]["errorCode"] != "WRONG_PARAMETER"


def test_the_same_key_gives_the_same_batch_for_an_hour(own):
    one = [{"path": "/customer_groups", "method": "POST", "body": {"name": "Once"}}]
    ticket = send(own, one, deduplicationKey=KEY)
    finish(own, ticket)
    own.sandbox.clock.advance(3599)
    assert send(own, one, deduplicationKey=KEY.upper()) == ticket
    assert send(own, reads(2), deduplicationKey=KEY) == ticket
    assert finish(own, ticket)["totalRequests"] == 1
    assert len(inner(own)) == 1
    other = send(own, one, deduplicationKey=OTHER_KEY)
    assert other != ticket
    own.sandbox.clock.advance(1)
    again = send(own, one, deduplicationKey=KEY)
    assert again != ticket
    finish(own, again)
    assert len(inner(own)) == 3
    # Its own hour is over too.
    own.get("/batch", 400, ticket=ticket)


def test_batches_of_a_store_wait_for_one_another(own):
    own.sandbox.faults.add(Fault(stuck="forever"))
    requests = rename(own, 3)
    first, second = send(own, requests), send(own, [requests[0]])
    found = until(own, first, lambda found: found["status"] == "IN_PROGRESS")
    assert found["completedRequests"] == 1
    assert statuses(found) == ["COMPLETED"]
    assert status(own, second) == {
        "status": "QUEUED",
        "totalRequests": 1,
        "completedRequests": 0,
    }
    # The sandbox answers others meanwhile.
    assert own.get("/products", limit=1)["total"]
    own.sandbox.clock.advance(100_000)
    assert status(own, first)["status"] == "IN_PROGRESS"
    own.sandbox.faults.clear()
    assert statuses(finish(own, second)) == ["COMPLETED"]
    assert status(own, first)["status"] == "COMPLETED"
    assert [request.batch for request in inner(own)] == [first, first, first, second]


def test_a_batch_that_is_stuck_for_a_while(own):
    own.sandbox.faults.add(Fault(path="/batch", stuck=60))
    ticket = send(own, rename(own, 150), allowParallelMode="true")
    found = until(own, ticket, lambda found: found["completedRequests"] == 100)
    assert found["status"] == "IN_PROGRESS"
    own.sandbox.clock.advance(59)
    assert status(own, ticket) == found
    own.sandbox.clock.advance(1)
    assert finish(own, ticket)["completedRequests"] == 150
    assert own.sandbox.faults.waiting() == []


def test_a_group_is_cancelled_as_far_as_it_has_not_begun(own):
    own.sandbox.faults.add(Fault(stuck="forever"))
    running = send(own, rename(own, 2), groupId="mine")
    until(own, running, lambda found: found["status"] == "IN_PROGRESS")
    waiting = [send(own, reads(2), groupId="mine") for _ in range(2)]
    other = send(own, reads(1), groupId="other")
    cancel = "/batch/cancel-group"
    assert own.post(cancel, None, groupId="nobody's") == {"updateCount": 0}
    assert own.post(cancel, None, groupId="mine") == {"updateCount": 2}
    assert own.post(cancel, None, groupId="mine") == {"updateCount": 0}
    for ticket in waiting:
        found = status(own, ticket)
        assert found["status"] == "COMPLETED"
        assert found["completedRequests"] == 0
        assert statuses(found) == ["NOT_EXECUTED"] * 2
    assert status(own, running)["status"] == "IN_PROGRESS"
    own.sandbox.faults.clear()
    assert statuses(finish(own, running)) == ["COMPLETED"] * 2
    assert statuses(finish(own, other)) == ["COMPLETED"]


def test_faults_of_the_batch_itself(own):
    faults = own.sandbox.faults
    faults.add(Fault(path="^/batch", drop="before"))
    with pytest.raises(httpx2.RemoteProtocolError):
        send(own, reads(1), deduplicationKey=KEY)
    faults.add(Fault(path="^/batch", status=500))
    assert own.post("/batch", reads(1), 500)["errorCode"] == "INTERNAL_ERROR"
    assert inner(own) == []
    faults.add(Fault(path="^/batch", method="POST", drop="after"))
    with pytest.raises(httpx2.RemoteProtocolError):
        send(own, reads(1), deduplicationKey=KEY)
    # It was taken in: the key leads to it.
    ticket = send(own, reads(1), deduplicationKey=KEY)
    assert statuses(finish(own, ticket)) == ["COMPLETED"]
    assert [request.batch for request in inner(own)] == [ticket]
    faults.add(Fault(path="^/batch", method="GET", status=502))
    own.get("/batch", 502, ticket=ticket)
    assert status(own, ticket)["status"] == "COMPLETED"


def test_requests_of_batches_count_against_the_limit(own):
    own.sandbox.set(rate_limit=4)
    ticket = send(own, reads(5), stopOnFirstFailure="false")
    carried_out(own, 5)
    own.sandbox.clock.advance(90)
    found = finish(own, ticket)
    assert codes(found) == [200, 200, 200, 429, 429]
    assert found["responses"][3]["httpBody"]["errorCode"] == "RATE_LIMITED"

    own.sandbox.reset_requests()
    own.sandbox.set(rate_limit=4, batch_counts=False)
    ticket = send(own, reads(20))
    carried_out(own, 20)
    assert codes(status(own, ticket)) == [200] * 20


def test_settings_of_batches(own):
    own.control("POST", "/settings", {"batch_latency": 20, "batch_retry_interval": 0})
    options = own.sandbox.sandbox.options
    assert (options.batch_latency, options.batch_retry_interval) == (20, 0)
    assert options.batch_counts
    ticket = send(own, reads(3))
    # No request is done before its time: the batch has begun, but tells so only then.
    assert status(own, ticket)["status"] in {"QUEUED", "IN_PROGRESS"}
    finish(own, ticket)
    assert all(request.milliseconds > 19 for request in inner(own))


def test_options_of_batches():
    with running_sandbox(size="empty", batch_latency=1, batch_counts=False) as sandbox:
        options = sandbox.sandbox.options
        assert (options.batch_latency, options.batch_counts) == (1, False)
