"""What the SDK's suite does not look at: keys, selection, catalogs, state, dry runs."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter

import pytest

from copy_of_shop import KEYS, MODELLED
from ecwid_sandbox.testing import running_sandbox
from tap_run import discover, root_of, run_tap, select, settings_of


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(size="tiny") as running:
        yield running


@pytest.fixture(scope="module")
def catalog(sandbox, tmp_path_factory):
    return discover(tmp_path_factory.mktemp("discover"), settings_of(sandbox))


@pytest.fixture(scope="module")
def full_run(sandbox, tmp_path_factory):
    return run_tap(tmp_path_factory.mktemp("full"), settings_of(sandbox))


def test_discovery_needs_no_server(tmp_path):
    found = discover(
        tmp_path, {"store_id": 1, "access_token": "secret_x", "api_url": "http://[::1]:9"}
    )
    assert {s["tap_stream_id"]: tuple(s["key_properties"]) for s in found["streams"]} == KEYS


@pytest.mark.parametrize("stream", MODELLED)
def test_no_key_comes_twice_or_empty(full_run, stream):
    keys = Counter(tuple(r[name] for name in KEYS[stream]) for r in full_run.records(stream))
    assert keys
    assert max(keys.values()) == 1
    assert not any(None in key for key in keys)


def test_state_is_a_bookmark_a_stream(full_run, sandbox):
    assert len(json.dumps(full_run.state)) < 200 * len(MODELLED)
    bookmarks = full_run.state["bookmarks"]
    newest = max(order["updateTimestamp"] for order in sandbox.shop.all("order"))
    assert bookmarks["orders"]["replication_key"] == "updateDate"
    assert full_run.of("STATE")[0] != full_run.of("STATE")[-1]
    moment = dt.datetime.fromisoformat(bookmarks["orders"]["replication_key_value"])
    assert moment.timestamp() == newest


def test_a_stream_that_is_not_selected_costs_nothing(sandbox, catalog, tmp_path):
    sandbox.reset_requests()
    run = run_tap(tmp_path, settings_of(sandbox), catalog=select(catalog, "customer_groups"))
    assert {m["stream"] for m in run.of("RECORD")} == {"customer_groups"}
    assert {m["stream"] for m in run.of("SCHEMA")} == {"customer_groups"}
    assert len(sandbox.requests) == 2


def test_a_field_that_is_not_selected_is_left_out_and_keys_stay(sandbox, catalog, tmp_path):
    chosen = select(catalog, "orders")
    (orders,) = (s for s in chosen["streams"] if s["stream"] == "orders")
    out = {"email", "id", "updateDate"}
    for entry in orders["metadata"]:
        breadcrumb = entry["breadcrumb"]
        if breadcrumb[:1] == ["properties"] and breadcrumb[1] in out:
            entry["metadata"]["selected"] = False
    (record, *_) = run_tap(tmp_path, settings_of(sandbox), catalog=chosen).records("orders")
    assert "email" not in record
    assert record["id"]
    assert record["total"]
    assert record["updateDate"]


def test_a_child_can_be_read_without_its_parent_and_the_parent_later(sandbox, catalog, tmp_path):
    only_child = run_tap(
        tmp_path, settings_of(sandbox), catalog=select(catalog, "product_variations")
    )
    assert {m["stream"] for m in only_child.of("RECORD")} == {"product_variations"}
    both = run_tap(
        tmp_path,
        settings_of(sandbox),
        catalog=select(catalog, "products", "product_variations"),
        state=only_child.state,
    )
    # The child's bookmark is not the parent's: all products are still to be read.
    assert len(both.records("products")) == len(sandbox.shop.keys("product"))


def test_a_stream_can_be_read_whole_every_time(sandbox, catalog, full_run, tmp_path):
    chosen = select(catalog, "orders")
    (orders,) = (s for s in chosen["streams"] if s["stream"] == "orders")
    orders["replication_method"] = "FULL_TABLE"
    root_of(orders)["forced-replication-method"] = "FULL_TABLE"
    run = run_tap(tmp_path, settings_of(sandbox), catalog=chosen, state=full_run.state)
    assert len(run.records("orders")) == len(sandbox.shop.keys("order"))
    (activate,) = run.of("ACTIVATE_VERSION")
    assert {m["version"] for m in run.of("RECORD")} == {activate["version"]}
    assert run.messages.index(activate) > run.messages.index(run.of("RECORD")[-1])


def test_activate_version_can_be_switched_off(sandbox, tmp_path):
    run = run_tap(tmp_path, settings_of(sandbox, emit_activate_version_messages=False))
    assert run.of("ACTIVATE_VERSION") == []
    assert run.records("categories")


def test_a_bookmark_of_another_key_is_no_bookmark(sandbox, catalog, tmp_path):
    state = {
        "bookmarks": {
            "orders": {"replication_key": "id", "replication_key_value": "2099-01-01T00:00:00Z"}
        }
    }
    run = run_tap(tmp_path, settings_of(sandbox), catalog=select(catalog, "orders"), state=state)
    assert len(run.records("orders")) == len(sandbox.shop.keys("order"))


def test_a_dry_run_fetches_little_and_leaves_no_bookmark(sandbox, tmp_path):
    sandbox.reset_requests()
    run = run_tap(tmp_path, settings_of(sandbox), "--test")
    assert run.code == 0, run.log
    assert max(Counter(m["stream"] for m in run.of("RECORD")).values()) == 1
    # All streams are tried, with a request each; children that are asked for cost one more.
    assert len(sandbox.requests) <= len(KEYS) + 1
    assert run.state is None or "replication_key_value" not in json.dumps(run.state)


def test_stream_maps_are_applied(sandbox, tmp_path):
    maps = {
        "orders": {"id": "id", "cents": "int(total * 100)", "__else__": None},
        "customers": {"__alias__": "people"},
        "product_reviews": "__NULL__",
    }
    run = run_tap(tmp_path, settings_of(sandbox, stream_maps=maps))
    assert run.code == 0, run.log
    assert all(r.keys() == {"id", "cents"} for r in run.records("orders"))
    assert run.records("people")
    assert not run.records("customers")
    assert not run.records("product_reviews")


def test_flattening_is_applied(sandbox, catalog, tmp_path):
    settings = settings_of(sandbox, flattening_enabled=True, flattening_max_depth=1)
    run = run_tap(tmp_path, settings, catalog=select(catalog, "orders"))
    assert any("shippingPerson__countryCode" in r for r in run.records("orders"))


def test_a_field_that_ecwid_adds_is_left_out_with_one_warning(catalog, tmp_path):
    with running_sandbox(size="tiny") as sandbox:
        for key in sandbox.shop.keys("customer")[:3]:
            sandbox.shop.update("customer", key, {"shoeSize": 44})
        run = run_tap(tmp_path, settings_of(sandbox), catalog=select(catalog, "customers"))
    assert run.code == 0
    assert all("shoeSize" not in r for r in run.records("customers"))
    (line,) = [x for x in run.log.splitlines() if "shoeSize" in x]
    assert "WARNING" in line
