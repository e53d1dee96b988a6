"""What Ecwid refuses, and what breaks its schema: told, counted, kept; state stays true."""

from __future__ import annotations

import pytest

from ecwid_sandbox.testing import Fault, running_sandbox
from target_run import records, run_target, schema, state, writes


def rows(count, **more):
    return [{"sku": f"S-{n}", "name": f"Name {n}", "price": n, **more} for n in range(count)]


def skus(sandbox):
    return [product["sku"] for product in sandbox.shop.all("product")]


def test_a_rejected_record_ends_the_run_with_what_was_done_told(sandbox, tmp_path):
    bad = {"sku": "BAD", "name": "Bad", "price": 1, "categoryIds": [987654]}
    messages = [
        *records("products", *rows(3), bad),
        state({"at": 4}),
        *records("customers", {"email": "one@example.com"})[0:2],
        state({"at": 5}),
    ]
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 1
    assert run.states == []
    assert {"S-0", "S-1", "S-2"} <= set(skus(sandbox))
    (line,) = run.rejected
    assert line["stream"] == "products"
    assert line["key"] == {"sku": "BAD"}
    assert line["request"] == "POST /products"
    assert (line["status"], line["code"]) == (404, "CATEGORIES_NOT_FOUND")
    assert "Send the category first" in line["message"]
    assert line["record"] == bad
    assert "products: 1 rejected: 404 CATEGORIES_NOT_FOUND" in run.log
    assert "products, record with sku BAD was rejected" in run.log
    # The rest is not lost: the same input again, with the record put right.
    messages[4]["record"]["categoryIds"] = []
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert run.states[-1] == {"at": 5}
    assert skus(sandbox).count("S-0") == 1


def test_skipping_goes_on_and_tells(sandbox, tmp_path):
    bad = {"sku": "BAD", "name": "Bad", "price": 1, "categoryIds": [987654]}
    messages = [*records("products", bad, *rows(3)), state({"at": 4})]
    settings = {"streams": {"products": {"on_error": "skip"}}}
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    assert run.states == [{"at": 4}]
    assert "products: 3 created, 0 updated, 0 deleted, 0 unchanged, 1 rejected" in run.log


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (402, "NOT_AVAILABLE_ON_CURRENT_PLAN", "upgrade"),
        (403, "SOME_FEATURE_NOT_AVAILABLE", "upgrade"),
        (404, "SOMETHING_NOT_FOUND", "something that the shop doesn't have"),
        (409, "SKU_ALREADY_EXISTS", "match by sku"),
        (409, "NEVER_HEARD_OF", "It conflicts with what the shop has"),
        (422, "WRONG_URL", "addresses"),
    ],
)
def test_refusals_tell_what_to_do(sandbox, tmp_path, status, code, words):
    sandbox.faults.add(Fault(path="^/products", method="POST", status=status, code=code))
    messages = [*records("products", *rows(3)), state({"at": 3})]
    run = run_target(tmp_path, sandbox, messages, on_error="skip")
    assert run.code == 0, run.log
    (line,) = run.rejected
    assert (line["status"], line["code"]) == (status, code)
    assert words in line["message"]
    assert "2 created" in run.log
    assert run.states == [{"at": 3}]


def test_a_full_shop_says_so(tmp_path):
    with running_sandbox(size="tiny", max_products=1) as sandbox:
        run = run_target(tmp_path, sandbox, records("products", *rows(2)), on_error="skip")
        assert run.code == 0, run.log
        assert "2 rejected: 402 NOT_AVAILABLE_ON_CURRENT_PLAN" in run.log


def test_a_missing_scope_is_told(tmp_path):
    with running_sandbox(size="tiny", scopes={"read_catalog", "update_catalog"}) as sandbox:
        run = run_target(tmp_path, sandbox, records("products", *rows(3)))
        assert run.code == 1
        assert "create_catalog" in run.log
        assert writes(sandbox)


def test_records_that_break_their_schema(sandbox, tmp_path):
    told = schema("products", "sku", "name", "price")
    good, bad = rows(1)[0], {"sku": "S-9", "price": "much"}
    messages = [
        told,
        *({"type": "RECORD", "stream": "products", "record": row} for row in (bad, good)),
        state({"at": 2}),
    ]
    run = run_target(tmp_path, sandbox, messages, on_invalid="skip")
    assert run.code == 0, run.log
    (line,) = run.rejected
    assert line["reason"] == "breaks its schema"
    assert line["message"].startswith("price: ")
    assert run.states == [{"at": 2}]
    assert "S-0" in skus(sandbox)


def test_a_schema_that_changes_in_between_keeps_the_order_of_writes(sandbox, tmp_path):
    first, second = {"sku": "S-1", "name": "Old", "price": 1}, {"sku": "S-1", "name": "New"}
    messages = [
        schema("products", "sku", "name", "price"),
        {"type": "RECORD", "stream": "products", "record": first},
        schema("products", "sku", "name"),
        {"type": "RECORD", "stream": "products", "record": second},
    ]
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    (product,) = (p for p in sandbox.shop.all("product") if p["sku"] == "S-1")
    assert (product["name"], product["price"]) == ("New", 1)


def test_state_is_that_of_the_records_that_are_done(sandbox, tmp_path):
    messages = records("products", *rows(7))
    for place in range(7):
        messages.insert(2 * place + 2, state({"at": place + 1}))
    messages[-2]["record"]["categoryIds"] = [987654]
    run = run_target(tmp_path, sandbox, messages, batch_size=3)
    assert run.code == 1
    assert run.states == [{"at": 2}, {"at": 3}, {"at": 5}, {"at": 6}]
