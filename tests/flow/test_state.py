"""What a run remembers: what it writes, what it makes of an older state, and of rubbish."""

from __future__ import annotations

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from expected import expected_rows
from tap_run import run_tap, settings_of

REPLICATION = {"replication_key", "replication_key_value"}
READ_WHOLE = {"complete_until", "read_as"}
DELETIONS = {"deletions_read_until"}
WITH_DELETIONS = {"products", "orders", "customers", "discount_coupons", "product_reviews"}


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(size="tiny") as running:
        yield running


def sync(copy, sandbox, folder, state, **changes):
    run = run_tap(folder, settings_of(sandbox, **changes), state=state)
    assert run.code == 0, run.log
    copy.load(run.messages)
    return run


def assert_level(copy, sandbox):
    expected = expected_rows(sandbox.shop)
    for stream in MODELLED.keys() & expected.keys():
        assert copy.rows(stream) == expected[stream], stream


def happen(sandbox):
    sandbox.clock.advance(3600)
    sandbox.activity(15)
    for kind in ("product", "customer"):
        sandbox.shop.delete(kind, sandbox.shop.keys(kind)[0])


def test_every_state_has_what_there_is_to_remember_and_nothing_else(sandbox, tmp_path):
    run = sync(CopyOfShop(), sandbox, tmp_path, None)
    for message in run.of("STATE"):
        assert message["value"].keys() == {"bookmarks"}
        for stream, bookmark in message["value"]["bookmarks"].items():
            known = REPLICATION | READ_WHOLE | (DELETIONS if stream in WITH_DELETIONS else set())
            assert bookmark.keys() <= known, stream
    for stream in MODELLED:
        assert run.state["bookmarks"][stream].keys() >= READ_WHOLE, stream
    for stream in WITH_DELETIONS:
        assert run.state["bookmarks"][stream].keys() >= REPLICATION | DELETIONS, stream


def test_a_state_of_an_older_version_is_understood(sandbox, tmp_path):
    copy = CopyOfShop()
    full = sync(copy, sandbox, tmp_path, None)
    known = REPLICATION | DELETIONS
    older = {
        stream: {key: value for key, value in bookmark.items() if key in known}
        for stream, bookmark in copy.state["bookmarks"].items()
    }
    older = {stream: bookmark for stream, bookmark in older.items() if bookmark}
    happen(sandbox)
    run = sync(copy, sandbox, tmp_path, {"bookmarks": older})
    assert_level(copy, sandbox)
    for stream in WITH_DELETIONS:
        assert len(run.records(stream)) < len(full.records(stream)), stream


@pytest.mark.parametrize("state", [{}, {"bookmarks": {"gone": {"a": 1}}}])
def test_a_state_without_bookmarks_is_a_beginning(sandbox, tmp_path, state):
    copy = CopyOfShop()
    sync(copy, sandbox, tmp_path, state)
    assert_level(copy, sandbox)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"orders": {"replication_key_value": "soon"}}, ["orders.replication_key_value", "'soon'"]),
        (
            {"orders": {"replication_key_value": 1735689600}},
            ["replication_key_value", "1735689600"],
        ),
        ({"orders": {"replication_key_value": ["x"]}}, ["replication_key_value = ['x']"]),
        ({"customers": {"deletions_read_until": "?"}}, ["customers.deletions_read_until = '?'"]),
        ({"categories": {"complete_until": {"a": 1}}}, ["categories.complete_until = {'a': 1}"]),
        ({"orders": "soon"}, ["bookmarks.orders = 'soon'"]),
        ({"orders": None}, ["bookmarks.orders = None"]),
        (["orders"], ["bookmarks = ['orders']"]),
        (None, ["bookmarks = None"]),
    ],
)
def test_rubbish_is_named(sandbox, tmp_path, state, words):
    if isinstance(state, dict) and isinstance(state.get("orders"), dict):
        state["orders"]["replication_key"] = "updateDate"
    run = run_tap(tmp_path, settings_of(sandbox), state={"bookmarks": state})
    assert run.code == 1
    assert "Traceback" not in run.log
    (line,) = [line for line in run.log.splitlines() if " ERROR " in line]
    for word in ["--state", *words]:
        assert word in line
    assert run.of("RECORD") == []


@pytest.mark.parametrize("state", ["soon", ["orders"]])
def test_a_state_that_is_no_object_is_named(sandbox, tmp_path, state):
    run = run_tap(tmp_path, settings_of(sandbox), state=state)
    assert run.code == 1
    assert "state.json holds no JSON object" in run.log
    assert "Traceback" not in run.log
