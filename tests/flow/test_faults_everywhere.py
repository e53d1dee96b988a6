"""Faults at each place where a run asks for something: right data, or a line and a true state."""

from __future__ import annotations

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import Fault, running_sandbox
from expected import all_expected_rows
from tap_run import hasty_tap, run_tap, settings_of

PAGES = {name: {"page_size": 4} for name in ("products", "orders", "customers", "categories")}
PLACES = {
    "latest-stats": ("GET", "/latest-stats"),
    "orders, first page": ("GET", r"/orders\?.*offset=0\b"),
    "orders, a page": ("GET", r"/orders\?.*offset=6\b"),
    "orders, last page": ("GET", r"/orders\?.*offset=27\b"),
    "products, first page": ("GET", r"/products\?.*offset=0\b"),
    "products, a page": ("GET", r"/products\?.*offset=3\b"),
    "categories, first page": ("GET", r"/categories\?.*offset=0\b"),
    "categories, a page": ("GET", r"/categories\?.*offset=3\b"),
    "deletions": ("GET", "/customers/deleted"),
    "batch, taken in": ("POST", r"/batch\?"),
    "batch, asked for": ("GET", r"/batch\?"),
    "batch, within": ("GET", r"/products/sort\?"),
}
PASSING = {
    "500": {"status": 500},
    "503": {"status": 503},
    "429": {"status": 429},
    "429 with Retry-After": {"status": 429, "retry_after": 1},
    "drop before": {"drop": "before"},
    "drop after": {"drop": "after"},
    "cut": {"cut": 0.5},
    "garbage": {"garbage": True},
    "slow": {"delay": 400},
}


def seldom(all_of_them, *usual):
    """Some for every day; the others only with ``-m soak``."""
    marks = {True: (), False: pytest.mark.soak}
    return [pytest.param(one, marks=marks[one in usual]) for one in all_of_them]


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="tiny") as running:
        yield running


@pytest.fixture(scope="module")
def level_copy(shop, tmp_path_factory):
    """A copy that the tests of this file hand on: each leaves it level with the shop."""
    copy = CopyOfShop()
    copy.load(sync(copy, shop, tmp_path_factory.mktemp("full")).messages)
    return copy


@pytest.fixture
def sandbox(shop):
    yield shop
    shop.faults.clear()


@pytest.fixture
def copy(sandbox, level_copy):
    """The copy; since it was level, everything that has a place in ``PLACES`` has changed."""
    moment = str(sandbox.clock.now())
    # In this order: the sandbox would give the number again.
    last = sandbox.shop.keys("customer")[-1]
    sandbox.shop.create("customer", {"email": f"{moment}@shop.example"})
    sandbox.shop.delete("customer", last)
    for kind, field in (("order", "privateAdminNotes"), ("product", "name")):
        for key in sandbox.shop.keys(kind):
            sandbox.shop.update(kind, key, {field: moment})
    category = sandbox.shop.keys("category")[0]
    sandbox.shop.update("category", category, {"description": moment})
    sandbox.clock.advance(3600)
    return level_copy


def sync(copy, sandbox, folder, **changes):
    settings = settings_of(sandbox, streams=PAGES, **changes)
    return run_tap(folder, settings, state=copy.state, command=hasty_tap())


def assert_level(copy, sandbox):
    expected = all_expected_rows(sandbox)
    for stream in MODELLED:
        assert copy.rows(stream) == expected[stream], stream


def assert_made_right(run, copy, sandbox, folder):
    """The run failed with one line; what it wrote and its state are true, the next is level."""
    assert run.code == 1
    assert "Traceback" not in run.log
    (line,) = [line for line in run.log.splitlines() if " ERROR " in line]
    copy.load(run.messages)
    sandbox.faults.clear()
    sandbox.clock.advance(600)
    mended = sync(copy, sandbox, folder)
    assert mended.code == 0, mended.log
    copy.load(mended.messages)
    assert_level(copy, sandbox)
    return line


@pytest.mark.parametrize("turn", seldom(range(len(PASSING)), 0))
def test_what_passes_at_every_place_costs_nothing_but_time(sandbox, copy, tmp_path, turn):
    """Another kind at each place; in the course of the turns every kind at every place."""
    kinds = [*PASSING.values()]
    sandbox.faults.add(
        *(
            Fault(method=method, path=path, **kinds[(turn + n) % len(kinds)])
            for n, (method, path) in enumerate(PLACES.values())
        )
    )
    run = sync(copy, sandbox, tmp_path)
    assert run.code == 0, run.log
    assert sandbox.faults.waiting() == []
    copy.load(run.messages)
    assert_level(copy, sandbox)


@pytest.mark.soak
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_costs_nothing_but_time(sandbox, copy, tmp_path, kind, place):
    method, path = PLACES[place]
    sandbox.faults.add(Fault(method=method, path=path, times=3, **PASSING[kind]))
    run = sync(copy, sandbox, tmp_path)
    assert run.code == 0, run.log
    copy.load(run.messages)
    assert_level(copy, sandbox)


@pytest.mark.parametrize("place", seldom(PLACES, "deletions"))
@pytest.mark.parametrize("kind", seldom(["500", "garbage"], "500"))
def test_what_does_not_pass_is_told_in_a_line(sandbox, copy, tmp_path, kind, place):
    method, path = PLACES[place]
    sandbox.faults.add(Fault(method=method, path=path, times=None, **PASSING[kind]))
    run = sync(copy, sandbox, tmp_path)
    if "batch, taken" in place or "batch, asked" in place:
        assert run.code == 0, run.log
        copy.load(run.messages)
        sandbox.faults.clear()
        assert_level(copy, sandbox)
        return
    line = assert_made_right(run, copy, sandbox, tmp_path)
    assert "times" in line


@pytest.mark.parametrize("place", seldom(PLACES, "orders, a page"))
def test_a_token_that_is_revoked_half_way_is_told_in_a_line(sandbox, copy, tmp_path, place):
    method, path = PLACES[place]
    sandbox.faults.add(
        Fault(method=method, path=path, times=None, status=403, code="INVALID_API_TOKEN")
    )
    run = sync(copy, sandbox, tmp_path)
    assert "access_token is not accepted" in assert_made_right(run, copy, sandbox, tmp_path)


@pytest.mark.parametrize(
    "place",
    seldom([p for p in PLACES if "page" in p or p == "deletions"], "orders, a page"),
)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param({"items": None}, "no 'items' and 'total'", marks=pytest.mark.soak),
        pytest.param({"total": None}, "no 'items' and 'total'", marks=pytest.mark.soak),
        ({"items": ["x", 7, None]}, "not all of 'items' are objects"),
    ],
    ids=["no items", "no total", "no objects"],
)
def test_a_page_that_is_none_is_told_in_a_line(sandbox, copy, tmp_path, place, answer, words):
    method, path = PLACES[place]
    sandbox.faults.add(Fault(method=method, path=path, answer=answer))
    run = sync(copy, sandbox, tmp_path)
    assert words in assert_made_right(run, copy, sandbox, tmp_path)


@pytest.mark.parametrize("place", seldom([p for p in PLACES if "page" in p], "orders, a page"))
@pytest.mark.parametrize("total", seldom([0, 3, 9, 200, 1_000_000], 9))
@pytest.mark.parametrize("times", [1, pytest.param(None, marks=pytest.mark.soak)])
def test_a_total_that_lies_hides_nothing(sandbox, copy, tmp_path, place, total, times):
    method, path = PLACES[place]
    sandbox.faults.add(Fault(method=method, path=path, answer={"total": total}, times=times))
    run = sync(copy, sandbox, tmp_path)
    assert run.code == 0, run.log
    copy.load(run.messages)
    assert_level(copy, sandbox)


@pytest.mark.parametrize("total", seldom([0, 6, 1_000_000], 6, 1_000_000))
def test_a_total_that_always_lies_hides_no_order(sandbox, copy, tmp_path, total):
    sandbox.reset_requests()
    sandbox.faults.add(Fault(path=r"/orders\?", answer={"total": total}, times=None))
    run = sync(copy, sandbox, tmp_path)
    assert run.code == 0, run.log
    copy.load(run.messages)
    assert_level(copy, sandbox)
    assert len([r for r in sandbox.requests if r.path == "/orders"]) < 400


def test_a_batch_that_gets_no_further_is_done_without(sandbox, copy, tmp_path):
    sandbox.faults.add(Fault(stuck="forever"))
    sandbox.reset_requests()
    run = sync(copy, sandbox, tmp_path)
    assert run.code == 0, run.log
    assert [r for r in sandbox.requests if r.path == "/products/sort" and not r.batch]
    copy.load(run.messages)
    assert_level(copy, sandbox)


@pytest.mark.parametrize("skip", seldom([0, 1], 1))
def test_a_batch_whose_ticket_is_lost_is_done_without(sandbox, copy, tmp_path, skip):
    sandbox.faults.add(
        Fault(method="GET", path="/batch", status=400, code="WRONG_PARAMETER", skip=skip)
    )
    run = sync(copy, sandbox, tmp_path)
    assert run.code == 0, run.log
    copy.load(run.messages)
    assert_level(copy, sandbox)
