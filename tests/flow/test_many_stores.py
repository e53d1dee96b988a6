"""Many stores in one run: each read whole, told apart, and none the others' undoing."""

from __future__ import annotations

import json

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import Fault, running_sandbox
from expected import expected_rows
from tap_run import run_tap


@pytest.fixture
def stores():
    with running_sandbox(size="tiny", stores=3) as first:
        yield first.stores


# What a store has one of has no further key.
KEYS = {
    stream: ("store_id", *(name for name in key if name != "storeId"))
    for stream, key in MODELLED.items()
}


def settings_of(stores, **changes):
    return {
        "api_url": stores[0].url,
        "stores": [{"store_id": s.store_id, "access_token": s.token} for s in stores],
        **changes,
    }


def sync(copy, stores, folder, **changes):
    run = run_tap(folder, settings_of(stores, **changes), state=copy.state)
    assert run.code == 0, run.log
    copy.load(run.messages)
    return run


def rows_of(copy, stream, store):
    """A store's rows as a run of its own would give them."""
    one = CopyOfShop(MODELLED)
    for name, table in copy.tables.items():
        of_store = {"storeId": store.store_id} if MODELLED[name] == ("storeId",) else {}
        one.tables[name] = {
            key[1:] or (store.store_id,): {k: v for k, v in row.items() if k != "store_id"}
            | of_store
            for key, row in table.items()
            if key[0] == store.store_id
        }
    return one.rows(stream)


def assert_level(copy, stores):
    for store in stores:
        expected = expected_rows(store.shop)
        for stream in MODELLED.keys() & expected.keys():
            assert rows_of(copy, stream, store) == expected[stream], (store.store_id, stream)


def test_all_stores_are_read_and_kept_level(stores, tmp_path):
    copy = CopyOfShop(KEYS)
    run = sync(copy, stores, tmp_path)
    assert_level(copy, stores)
    for stream, key in KEYS.items():
        (schema,) = run.of("SCHEMA", stream)
        assert tuple(schema["key_properties"]) == key
    for turn in range(2):
        for store in stores[turn:]:
            store.clock.advance(3600)
            store.activity(40)
        sync(copy, stores, tmp_path)
        assert_level(copy, stores)


def test_each_store_has_a_bookmark_of_its_own(stores, tmp_path):
    copy = CopyOfShop(KEYS)
    sync(copy, stores, tmp_path)
    partitions = copy.state["bookmarks"]["orders"]["partitions"]
    assert {p["context"]["store_id"] for p in partitions} == {s.store_id for s in stores}
    for store in stores:
        store.clock.advance(3600)
        store.reset_requests()
    stores[1].activity(30)
    sync(copy, stores, tmp_path)
    assert any(r.path == "/orders" for r in stores[1].requests)
    assert not any(r.path == "/orders" for r in [*stores[0].requests, *stores[2].requests])
    assert_level(copy, stores)


def test_a_store_with_a_bad_token_does_not_stop_the_others(stores, tmp_path):
    settings = settings_of(stores)
    settings["stores"][1]["access_token"] = "secret_wrong"
    run = run_tap(tmp_path, settings)
    assert run.code == 1
    assert "Traceback" not in run.log
    assert "secret_" not in run.log.replace("secret_…", "")
    assert f"Store {stores[1].store_id} is left out from here on: access_token" in run.log
    assert "1 of 3 stores could not be read" in run.log
    copy = CopyOfShop(KEYS)
    copy.load(run.messages)
    assert_level(copy, [stores[0], stores[2]])
    # Nothing may be taken for deleted that was only not read.
    assert run.of("ACTIVATE_VERSION") == []
    sync(copy, stores, tmp_path)
    assert_level(copy, stores)


def test_a_list_with_one_store_is_a_list(stores, tmp_path):
    settings = settings_of(stores[:1])
    settings["stores"][0]["access_token"] = "secret_wrong"
    run = run_tap(tmp_path, settings)
    assert run.code == 1
    assert f"Store {stores[0].store_id} is left out from here on: access_token" in run.log
    assert "1 of 1 stores could not be read" in run.log


def test_a_bad_token_ends_the_run_when_that_is_wanted(stores, tmp_path):
    settings = settings_of(stores, on_store_failure="stop")
    settings["stores"][1]["access_token"] = "secret_wrong"
    run = run_tap(tmp_path, settings)
    assert run.code == 1
    assert "access_token is not accepted" in run.log
    assert run.of("RECORD") == []


def test_a_store_that_fails_half_way_costs_only_itself(stores, tmp_path):
    stores[2].faults.add(Fault(times=None, status=403, code="INVALID_API_TOKEN", skip=6))
    run = run_tap(tmp_path, settings_of(stores))
    assert run.code == 1
    copy = CopyOfShop(KEYS)
    copy.load(run.messages)
    assert_level(copy, stores[:2])
    stores[2].faults.clear()
    sync(copy, stores, tmp_path)
    assert_level(copy, stores)


def test_a_key_that_two_stores_share_is_two_records(stores, tmp_path):
    run = run_tap(tmp_path, settings_of(stores))
    shared = set.intersection(*(set(store.shop.keys("customer_group")) for store in stores))
    assert shared
    told = [(r["store_id"], r["id"]) for r in run.records("customer_groups")]
    assert {(s.store_id, key) for s in stores for key in shared} <= set(told)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stores": []}, ["stores should be a list"]),
        ({"stores": [{"store_id": 1}]}, ["stores[0].access_token is not set"]),
        ({"store_id": 1}, ["store_id is set, and so is stores"]),
        (
            {"stores": [{"store_id": 1, "access_token": "secret_a"}] * 2},
            ["stores has store_id 1 twice"],
        ),
    ],
)
def test_wrong_stores_are_named(stores, tmp_path, changes, words):
    run = run_tap(tmp_path, settings_of(stores) | changes)
    assert run.code == 1
    assert "Traceback" not in run.log
    assert "secret_" not in run.log.replace("secret_…", "")
    for word in words:
        assert word in run.log


def test_state_of_many_stores_is_a_bookmark_each(stores, tmp_path):
    run = run_tap(tmp_path, settings_of(stores))
    assert len(json.dumps(run.state)) < 300 * len(MODELLED) * len(stores)


def test_the_state_is_not_written_for_every_store(stores, tmp_path):
    copy = CopyOfShop(KEYS)
    sync(copy, stores, tmp_path)
    for store in stores:
        store.clock.advance(3600)
        store.activity(40)
    run = sync(copy, stores, tmp_path)
    # One after each stream; a store's bookmark has none of its own, unless the run is slow.
    assert len(run.of("STATE")) <= len(run.of("SCHEMA"))
