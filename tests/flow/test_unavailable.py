"""What the plan or the token does not include: skipped without harm, or told in a line."""

from __future__ import annotations

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import Fault, running_sandbox
from expected import all_expected_rows
from tap_run import run_tap, settings_of

OF_REVIEWS = {"product_reviews", "product_review_stats"}
NO_SCOPE = {"status": 403, "code": "INSUFFICIENT_APP_SCOPE", "times": None}
NO_PLAN = {"status": 402, "code": "NOT_AVAILABLE_ON_CURRENT_PLAN", "times": None}


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="tiny") as running:
        yield running


@pytest.fixture
def sandbox(shop):
    yield shop
    restore(shop)


def sync(copy, sandbox, folder, **changes):
    run = run_tap(folder, settings_of(sandbox, **changes), state=copy.state)
    assert run.code == 0, run.log
    copy.load(run.messages)
    return run


def assert_level(copy, sandbox, *, but=frozenset()):
    expected = all_expected_rows(sandbox)
    for stream in MODELLED.keys() - but:
        assert copy.rows(stream) == expected[stream], stream


def restore(sandbox):
    sandbox.faults.clear()
    sandbox.set(without=set())


def happen(sandbox):
    """An hour in which something changes of everything that the tests leave out."""
    sandbox.clock.advance(3600)
    sandbox.activity(20)
    for review in sandbox.shop.keys("review")[1:2]:
        sandbox.shop.delete("review", review)
    sandbox.shop.delete("customer", sandbox.shop.keys("customer")[0])
    category = sandbox.shop.keys("category")[0]
    sandbox.shop.update("category", category, {"description": str(sandbox.clock.now())})


def warnings_of(run):
    return [line for line in run.log.splitlines() if " WARNING " in line and "Left out" in line]


def assert_skipped(sandbox, copy, folder, streams, words):
    """The run leaves these streams out, in rows and state; one warning each; all else is level."""
    rows = {stream: dict(copy.tables[stream]) for stream in streams}
    state = {s: (copy.state or {"bookmarks": {}})["bookmarks"].get(s) for s in streams}
    run = sync(copy, sandbox, folder, on_unavailable="skip")
    assert len(warnings_of(run)) == len(streams)
    assert all(word in line for line in warnings_of(run) for word in words)
    assert {stream: copy.tables[stream] for stream in streams} == rows
    assert {s: copy.state["bookmarks"].get(s) or None for s in streams} == state
    assert not [m for m in run.of("ACTIVATE_VERSION") if m["stream"] in streams]
    restore(sandbox)
    assert_level(copy, sandbox, but=streams)


@pytest.mark.parametrize(
    ("groups", "faults", "streams", "words"),
    [
        pytest.param(
            {"reviews"},
            [Fault(path="/products/sort", **NO_SCOPE)],
            {*OF_REVIEWS, "product_order"},
            ["Left out"],
            id="reviews by plan and a child by scope",
        ),
        pytest.param(
            set(),
            [
                Fault(path=path, times=None, status=403, code="NEW")
                for path in ("/promotions", "/products/sort")
            ],
            {"promotions", "product_order"},
            ["Left out", "What NEW means is unknown"],
            id="a code that nobody knows",
        ),
        pytest.param(
            {"reviews"}, [], OF_REVIEWS, ["403", "upgrade"], id="reviews", marks=pytest.mark.soak
        ),
        pytest.param(
            set(),
            [Fault(path="/products/sort", **NO_SCOPE)],
            {"product_order"},
            ["Grant it"],
            id="child by scope",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            set(),
            [Fault(path="/categories/sort", **NO_PLAN)],
            {"category_order"},
            ["402"],
            id="child by plan",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            {"brands"}, [], {"brands"}, ["402", "upgrade"], id="brands", marks=pytest.mark.soak
        ),
        pytest.param(
            set(),
            [Fault(path="/promotions", **NO_PLAN)],
            {"promotions"},
            ["402"],
            id="promotions",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            set(),
            [Fault(path="/swatches", **NO_SCOPE)],
            {"swatches"},
            ["scope", "Grant it"],
            id="swatches",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_what_is_unavailable_is_skipped_without_harm(
    sandbox, tmp_path, groups, faults, streams, words
):
    copy = CopyOfShop()
    for _ in range(2):
        # Unavailable from the beginning; then after it was read.
        sandbox.set(without=groups)
        sandbox.faults.add(*faults)
        assert_skipped(sandbox, copy, tmp_path, streams, words)
        sync(copy, sandbox, tmp_path)
        assert_level(copy, sandbox)
        happen(sandbox)


def test_a_history_of_deletions_that_is_refused_is_made_up_for(sandbox, tmp_path):
    copy = CopyOfShop()
    sync(copy, sandbox, tmp_path)
    happen(sandbox)
    sandbox.faults.add(Fault(path="/customers/deleted", **NO_SCOPE))
    before = copy.state["bookmarks"]["customers"]["deletions_read_until"]
    run = sync(copy, sandbox, tmp_path, on_unavailable="skip")
    assert len(warnings_of(run)) == 1
    assert copy.state["bookmarks"]["customers"]["deletions_read_until"] == before
    sandbox.faults.clear()
    happen(sandbox)
    sync(copy, sandbox, tmp_path)
    assert_level(copy, sandbox)


@pytest.mark.parametrize(
    ("refused", "path", "stream"),
    [
        pytest.param(NO_SCOPE, r"/orders\?", "orders", id="scope of orders"),
        pytest.param(
            NO_PLAN,
            "/categories/sort",
            "category_order",
            id="plan of a child",
            marks=pytest.mark.soak,
        ),
        pytest.param(NO_PLAN, r"/orders\?", "orders", id="plan", marks=pytest.mark.soak),
        pytest.param(
            NO_SCOPE, "/products/sort", "product_order", id="scope", marks=pytest.mark.soak
        ),
    ],
)
def test_what_becomes_unavailable_half_way_is_told_or_skipped(
    sandbox, tmp_path, refused, path, stream
):
    copy = CopyOfShop()
    sync(copy, sandbox, tmp_path)
    pages = {"orders": {"page_size": 5}}
    for policy, code in (("fail", 1), ("skip", 0)):
        happen(sandbox)
        for key in sandbox.shop.keys("order")[:12]:
            sandbox.shop.update("order", key, {"privateAdminNotes": f"seen {policy}"})
        sandbox.faults.add(Fault(path=path, skip=1, **refused))
        settings = settings_of(sandbox, on_unavailable=policy, streams=pages)
        run = run_tap(tmp_path, settings, state=copy.state)
        assert run.code == code, run.log
        assert "Traceback" not in run.log
        copy.load(run.messages)
        restore(sandbox)
        if policy == "skip":
            assert_level(copy, sandbox, but={stream, "order_items", "order_extra_fields"})
        sync(copy, sandbox, tmp_path)
        assert_level(copy, sandbox)


@pytest.mark.parametrize(("groups", "code"), [({"reviews"}, "403"), ({"brands"}, "402")])
def test_without_that_setting_the_run_fails_with_a_line(sandbox, tmp_path, groups, code):
    sandbox.set(without=groups)
    run = run_tap(tmp_path, settings_of(sandbox))
    assert run.code == 1
    assert "Traceback" not in run.log
    (line,) = [line for line in run.log.splitlines() if " ERROR " in line]
    assert code in line
    assert "upgrade, or leave this out" in line
