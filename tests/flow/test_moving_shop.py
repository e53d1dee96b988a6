"""A shop that changes while it is read: no record is missed that was there and still is."""

from __future__ import annotations

import contextlib
import random

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from expected import KINDS, expected_rows
from tap_run import discover, run_tap, select, settings_of
from trade import Trade


@contextlib.contextmanager
def meanwhile(sandbox, beginning, happen):
    """Let something happen once: before a page of a list is answered that isn't its first."""
    strike = sandbox.faults.strike
    happened = []

    def watch(method, path):
        if not happened and path.startswith(beginning) and "offset=0" not in path:
            happened.append(path)
            happen()
        return strike(method, path)

    sandbox.faults.strike = watch
    try:
        yield happened
    finally:
        sandbox.faults.strike = strike


@pytest.fixture
def sandbox():
    with running_sandbox(size="tiny") as running:
        running.clock.advance(3600)
        yield running


@pytest.mark.parametrize(
    ("stream", "field"),
    [
        ("orders", "privateAdminNotes"),
        pytest.param("products", "name", marks=pytest.mark.soak),
        pytest.param("customers", "privateAdminNotes", marks=pytest.mark.soak),
    ],
)
def test_a_stream_that_is_read_whole_on_demand_keeps_what_changes_meanwhile(
    sandbox, tmp_path, stream, field
):
    catalog = select(discover(tmp_path, settings_of(sandbox)), stream)
    for entry in catalog["streams"]:
        entry["replication_method"] = "FULL_TABLE"
    kind = stream.removesuffix("s")

    def change():
        sandbox.clock.advance(2)
        for key in (sandbox.shop.keys(kind)[0], sandbox.shop.keys(kind)[-1]):
            sandbox.shop.update(kind, key, {field: "changed"})

    with meanwhile(sandbox, f"/{stream}?", change) as happened:
        settings = settings_of(sandbox, streams={stream: {"page_size": 5}})
        run = run_tap(tmp_path, settings, catalog=catalog)
    assert happened
    assert run.code == 0, run.log
    assert run.of("ACTIVATE_VERSION", stream)
    copy = CopyOfShop()
    copy.load(run.messages)
    assert copy.rows(stream) == expected_rows(sandbox.shop)[stream]


@pytest.mark.parametrize(
    ("stream", "field"),
    [("orders", "privateAdminNotes"), ("products", "name"), ("customers", "privateAdminNotes")],
)
def test_one_run_has_what_changes_and_not_what_is_deleted_meanwhile(
    sandbox, tmp_path, stream, field
):
    kind = stream.removesuffix("s")
    keys = sandbox.shop.keys(kind)

    def change():
        sandbox.clock.advance(2)
        for key in keys[1:]:
            sandbox.shop.update(kind, key, {field: "changed"})
        sandbox.shop.delete(kind, keys[0])

    with meanwhile(sandbox, f"/{stream}?", change) as happened:
        run = run_tap(tmp_path, settings_of(sandbox, streams={stream: {"page_size": 3}}))
    assert happened
    assert run.code == 0, run.log
    copy = CopyOfShop()
    copy.load(run.messages)
    assert copy.rows(stream) == expected_rows(sandbox.shop)[stream]
    assert len([r for r in sandbox.requests if r.path == "/latest-stats"]) == 2


def test_nothing_is_asked_again_where_nothing_has_moved(sandbox, tmp_path):
    first = run_tap(tmp_path, settings_of(sandbox))
    asked = [r for r in sandbox.requests if not r.batch and r.path != "/latest-stats"]
    assert len([r for r in sandbox.requests if r.path == "/latest-stats"]) == 2
    assert not [r for r in asked if "updatedFrom" in r.query]
    sandbox.reset_requests()
    sandbox.clock.advance(600)
    unchanged = run_tap(tmp_path, settings_of(sandbox), state=first.state)
    assert unchanged.code == 0
    assert len([r for r in sandbox.requests if r.path == "/latest-stats"]) == 1


def test_a_list_without_times_is_read_whole_though_as_much_comes_as_goes(sandbox, tmp_path):
    # What is deleted takes those below it along.
    parents = {category.get("parentId") for category in sandbox.shop.all("category")}
    first = next(key for key in sandbox.shop.keys("category")[:3] if key not in parents)
    others = sandbox.shop.keys("category")

    def change():
        # Everything moves up by one, and the list is as long as before.
        sandbox.shop.delete("category", first)
        sandbox.shop.create("category", {"name": "New"})

    with meanwhile(sandbox, "/categories?", change) as happened:
        settings = settings_of(sandbox, streams={"categories": {"page_size": 3}})
        run = run_tap(tmp_path, settings)
    assert happened
    assert run.code == 0, run.log
    copy = CopyOfShop()
    copy.load(run.messages)
    left = set(others) & set(sandbox.shop.keys("category"))
    assert {(key,) for key in left} <= copy.rows("categories").keys()


def seeds(usual, soak):
    """Some for every day; the others only with ``-m soak``."""
    return [pytest.param(n, marks=pytest.mark.soak if n >= usual else ()) for n in range(soak)]


@pytest.mark.parametrize("seed", seeds(1, 100))
def test_a_shop_that_changes_all_the_while(seed, tmp_path):
    chance = random.Random(seed)
    lag = chance.choice([0, 0.5, 2])
    pages = {
        stream: {"page_size": chance.randint(10, 30)}
        for stream in ("products", "orders", "customers", "categories", "product_reviews")
    }
    with running_sandbox(
        size="tiny", seed=seed, latency=chance.choice([0, 5, 25]), index_lag=lag
    ) as sandbox:
        settings = settings_of(sandbox, lookback_seconds=4, streams=pages)
        sandbox.clock.advance(60)
        copy = CopyOfShop()
        with Trade(sandbox) as trade:
            for _ in range(3):
                before = trade.rows()
                sandbox.clock.advance(lag + 5)
                run = run_tap(tmp_path, settings, state=copy.state)
                assert run.code == 0, run.log
                copy.load(run.messages)
                after = trade.rows()
                for stream in MODELLED.keys() & KINDS.keys():
                    # It may have changed meanwhile, but was there all along.
                    stayed = before[stream].keys() & after[stream].keys()
                    missed = stayed - copy.rows(stream).keys()
                    assert not missed, f"{stream}, after {trade.count} changes"
        sandbox.clock.advance(lag + 1)
        run = run_tap(tmp_path, settings, state=copy.state)
        assert run.code == 0, run.log
        copy.load(run.messages)
        expected = expected_rows(sandbox.shop)
        for stream in MODELLED.keys() & expected.keys():
            assert copy.rows(stream) == expected[stream], stream
