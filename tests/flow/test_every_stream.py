"""Every stream there is, selected: what it gives is what the API would give by hand."""

from __future__ import annotations

import json

import pytest

from copy_of_shop import KEYS, CopyOfShop
from ecwid_sandbox.testing import Fault, running_sandbox
from expected import all_expected_rows
from tap_run import discover, run_tap, select, settings_of


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(size="tiny") as running:
        yield running


@pytest.fixture(scope="module")
def catalog(sandbox, tmp_path_factory):
    return select(discover(tmp_path_factory.mktemp("discover"), settings_of(sandbox)), *KEYS)


def sync(copy, sandbox, folder, catalog, **changes):
    run = run_tap(folder, settings_of(sandbox, **changes), catalog=catalog, state=copy.state)
    assert run.code == 0, run.log
    assert "not in the schema" not in run.log
    copy.load(run.messages)
    return run


def assert_level(copy, sandbox):
    expected = all_expected_rows(sandbox)
    assert KEYS.keys() - expected.keys() == {"reports", "latest_stats", "deleted_items"}
    for stream, rows in expected.items():
        assert copy.rows(stream) == rows, stream


def requests_sent(sandbox):
    return [request for request in sandbox.requests if not request.batch]


def test_a_full_run_and_then_what_changed(sandbox, catalog, tmp_path):
    copy = CopyOfShop()
    run = sync(copy, sandbox, tmp_path, catalog)
    assert {m["stream"] for m in run.of("RECORD")} == KEYS.keys()
    assert_level(copy, sandbox)
    for _ in range(3):
        sandbox.clock.advance(3600)
        sandbox.activity(80)
        sync(copy, sandbox, tmp_path, catalog)
        assert_level(copy, sandbox)


def test_every_key_is_there(sandbox, catalog, tmp_path):
    run = sync(CopyOfShop(), sandbox, tmp_path, catalog)
    for message in run.of("RECORD"):
        keys = [message["record"].get(name) for name in KEYS[message["stream"]]]
        assert None not in keys, message


def test_deletions_are_a_stream_of_their_own_too(tmp_path):
    with running_sandbox(size="tiny") as sandbox:
        catalog = select(discover(tmp_path, settings_of(sandbox)), "deleted_items")
        copy = CopyOfShop()
        sync(copy, sandbox, tmp_path, catalog)
        sandbox.clock.advance(3600)
        customer, product = (sandbox.shop.keys(kind)[0] for kind in ("customer", "product"))
        sandbox.shop.delete("customer", customer)
        sandbox.shop.delete("product", product)
        run = sync(copy, sandbox, tmp_path, catalog)
        told = {(row["entity"], row["id"]): row["date"] for row in run.records("deleted_items")}
        assert {("customers", customer), ("products", product)} <= told.keys()
        assert all(date.endswith("+00:00") for date in told.values())
        bookmark = run.state["bookmarks"]["deleted_items"]["replication_key_value"]
        assert bookmark == max(told.values())


def test_an_unchanged_shop_is_asked_for_little(sandbox, catalog, tmp_path):
    copy = CopyOfShop()
    sandbox.clock.advance(600)
    sync(copy, sandbox, tmp_path, catalog)
    sandbox.clock.advance(600)
    sandbox.reset_requests()
    run = sync(copy, sandbox, tmp_path, catalog)
    assert len(requests_sent(sandbox)) <= 10
    assert not {"products", "orders", "customers", "categories", "store_profile"} & {
        m["stream"] for m in run.of("RECORD")
    }
    assert_level(copy, sandbox)


def test_unchanged_streams_are_read_when_that_is_wanted(sandbox, catalog, tmp_path):
    copy = CopyOfShop()
    sandbox.clock.advance(600)
    first = sync(copy, sandbox, tmp_path, catalog)
    sandbox.clock.advance(600)
    run = sync(copy, sandbox, tmp_path, catalog, skip_unchanged=False)
    assert len(run.records("categories")) == len(first.records("categories"))


def test_children_are_asked_for_by_many_in_a_batch(sandbox, catalog, tmp_path):
    chosen = select(catalog, "category_order", "repeat_order_urls")
    sandbox.reset_requests()
    copy = CopyOfShop()
    run = run_tap(tmp_path, settings_of(sandbox), catalog=chosen)
    copy.load(run.messages)
    sent = [(r.method, r.path) for r in requests_sent(sandbox)]
    assert sum(method == "POST" for method, _ in sent) == 2
    assert not any("/sort" in path or "repeatURL" in path for _, path in sent)
    inner = [request.path for request in sandbox.requests if request.batch]
    assert len(inner) == len(run.records("category_order")) + len(run.records("repeat_order_urls"))
    expected = all_expected_rows(sandbox)
    for stream in ("category_order", "repeat_order_urls"):
        assert copy.tables[stream] == expected[stream]


def test_a_parent_that_is_deleted_in_between_is_no_error(tmp_path):
    with running_sandbox(size="tiny") as sandbox:
        catalog = select(discover(tmp_path, settings_of(sandbox)), "repeat_order_urls")
        gone = next(iter(sandbox.shop.all("order")))
        sandbox.faults.add(
            Fault(path=f"/orders/{gone['id']}/repeatURL", status=404, code="ORDER_NOT_FOUND")
        )
        run = run_tap(tmp_path, settings_of(sandbox), catalog=catalog)
        assert run.code == 0, run.log
        told = {row["orderId"] for row in run.records("repeat_order_urls")}
        assert told == {order["id"] for order in sandbox.shop.all("order")} - {gone["id"]}


def test_state_is_small_and_whole(sandbox, catalog, tmp_path):
    run = sync(CopyOfShop(), sandbox, tmp_path, catalog)
    assert len(json.dumps(run.state)) < 200 * len(KEYS)
    assert "partitions" not in json.dumps(run.state)


def test_a_selection_without_streams_is_an_error(sandbox, tmp_path, catalog):
    run = run_tap(tmp_path, settings_of(sandbox), catalog=select(catalog))
    assert run.code == 1
    assert "catalog selects no stream" in run.log
    assert "Traceback" not in run.log
    assert run.messages == []
