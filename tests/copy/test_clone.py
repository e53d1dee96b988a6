"""A clone is the shop: every field, every reference; again moves only what changed."""

from __future__ import annotations

import pytest

from copies import clone, run_copy
from ecwid_api.errors import SettingError
from ecwid_copy.checks import compared_limits
from ecwid_copy.choice import Choice
from ecwid_copy.shops import Shop
from ecwid_sandbox.testing import Fault, running_sandbox
from hard_shop import Api, change_twenty_things, harden
from same_shops import differences
from target_run import writes


@pytest.fixture
def staging():
    with running_sandbox(size="empty", store_id=2003) as running:
        yield running


@pytest.fixture
def live():
    with running_sandbox(size="empty") as running:
        yield running


def assert_same(run, live, staging):
    assert run.code == 0, run.output + run.log
    assert differences(live, staging) == []
    for name, one in run.report["entities"].items():
        assert one["copied"] == one["there"], (name, one)
        assert not one["missing"] + one["doubled"] + one["lost"] + one["only_in_copy"], (name, one)
        assert not any(field["different"] for field in one["fields"].values()), (name, one)
    assert run.report["faults"] == 0


def test_a_hard_shop_is_cloned(live, staging, tmp_path):
    harden(live)
    assert_same(clone(tmp_path, live, staging), live, staging)


def test_what_nothing_is_set_after_is_cloned_alone(live, staging, tmp_path):
    """Orders move stock, which isn't wanted here."""
    order = {"email": "a@shop.example", "total": 5, "paymentStatus": "PAID", "items": []}
    Api(live)("POST", "/orders", order)
    run = clone(tmp_path, live, staging, "--only", "orders")
    assert run.code == 0, run.log
    assert staging.shop.count("order") == 1


@pytest.mark.soak
def test_a_hard_shop_is_then_left_alone(live, staging, tmp_path):
    harden(live)
    assert clone(tmp_path, live, staging, "--no-report").code == 0
    staging.reset_requests()
    run = clone(tmp_path, live, staging, "--no-report")
    assert run.code == 0, run.log
    assert writes(staging) == []
    assert "nothing to write" in run.log


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(6))
def test_a_demo_shop_made_hard_is_cloned_and_kept(seed, staging, tmp_path):
    with running_sandbox(size="tiny" if seed else "small", seed=seed) as live:
        harden(live, seed)
        deletions = ("--deletions", "delete")
        assert_same(clone(tmp_path, live, staging, *deletions), live, staging)
        change_twenty_things(live)
        staging.reset_requests()
        assert_same(clone(tmp_path, live, staging, *deletions), live, staging)
        # Stock and pictures' texts are set once more where others moved them.
        assert len(writes(staging)) <= 20 + 8, writes(staging)
        staging.reset_requests()
        assert_same(clone(tmp_path, live, staging, *deletions), live, staging)
        assert writes(staging) == []


def test_what_is_refused_is_in_the_report(live, staging, tmp_path):
    """Also what the report can't see, and what comes before what is set at the end."""
    harden(live)
    staging.faults.add(Fault(path="/combinations/[0-9]+/image", status=400))
    run = clone(tmp_path, live, staging)
    assert run.code == 1
    (said,) = run.report["rejected"]
    assert said.startswith("variation_pictures productId ")
    different = {
        (name, field)
        for name, one in run.report["entities"].items()
        for field, count in one["fields"].items()
        if count["different"]
    }
    assert different == {("product_variations", "originalImageUrl")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "live", "--to", "nowhere"], "ECWID_NOWHERE_STORE_ID is not set"),
        (["--from", "live", "--to", "live"], "is the shop 1003 itself"),
        (["--from", "live", "--to", "staging", "--only", "carts"], "there is no 'carts'"),
        (["--from", "live", "--to", "staging", "--price-factor", "-1"], "more than 0"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(live, staging, tmp_path, arguments, said):
    run = run_copy(tmp_path, "ecwid-clone", *arguments, live=live, staging=staging)
    assert run.code in {1, 2}
    assert said in run.log
    assert staging.requests == []


def test_scopes_are_checked_before_anything_else(live, tmp_path):
    scopes = {"read_store_profile", "read_catalog", "read_orders", "read_customers"}
    with running_sandbox(size="empty", store_id=2003, scopes=scopes) as staging:
        run = run_copy(
            tmp_path,
            "ecwid-clone",
            *("--from", "live", "--to", "staging", "--only", "products", "--yes"),
            live=live,
            staging=staging,
        )
        assert run.code == 1
        assert "lacks the scopes create_catalog, update_catalog" in run.log
        assert writes(staging) == []


@pytest.mark.soak
def test_changes_in_the_copy_are_kept_unless_they_are_overwritten(live, staging, tmp_path):
    api, there = Api(live), Api(staging)
    mine = [api.new("/products", name=f"P{n}", price=5, quantity=3) for n in range(4)]
    assert clone(tmp_path, live, staging).code == 0
    copies = {p["name"]: p["id"] for p in staging.shop.all("product")}
    there("PUT", f"/products/{copies['P0']}", {"price": 7})
    there("DELETE", f"/products/{copies['P1']}")
    for product in mine:
        api("PUT", f"/products/{product}", {"price": 9, "quantity": 1})
    run = clone(tmp_path, live, staging)
    assert run.code == 0, run.output + run.log
    assert len(run.report["changed"]) == 2
    found = {p["name"]: (p["price"], p["quantity"]) for p in staging.shop.all("product")}
    assert found == {"P0": (7, 1), "P2": (9, 1), "P3": (9, 1)}
    # The next runs keep them, too.
    for product in mine:
        api("PUT", f"/products/{product}", {"price": 11})
    run = clone(tmp_path, live, staging, "--changed-in-copy", "report")
    assert run.code == 1, run.output
    assert "2 objects were changed in the copy, and left alone" in run.log
    found = {p["name"]: (p["price"], p["quantity"]) for p in staging.shop.all("product")}
    assert found == {"P0": (7, 1), "P2": (11, 1), "P3": (11, 1)}
    run = clone(tmp_path, live, staging, "--changed-in-copy", "overwrite")
    assert_same(run, live, staging)


@pytest.mark.soak
def test_a_choice_comes_over_and_nothing_else(live, staging, tmp_path):
    harden(live)
    (sale, *_) = (c for c in live.shop.all("category") if c["name"] == "Parent 1")
    run = clone(
        tmp_path,
        live,
        staging,
        *("--category", sale["id"], "--enabled-only", "--price-factor", "1.1"),
        *("--without", "orders,customers", "--languages", "en", "--currency", "CHF"),
    )
    assert run.code == 0, run.output + run.log
    wanted = {"Two": 8.25, "Without SKU": 3.3}
    assert {p["name"]: p["price"] for p in staging.shop.all("product")} == wanted
    assert [c["name"] for c in staging.shop.all("category")] == ["Parent 1", "Sale"]
    assert staging.shop.count("order") == staging.shop.count("customer") == 0
    (profile,) = (Api(staging)("GET", "/profile"),)
    assert profile["formatsAndUnits"]["currency"] == "CHF"
    assert profile["languages"]["enabledLanguages"] == ["en"]
    texts = [p.get("nameTranslated", {}) for p in staging.shop.all("product")]
    assert all("de" not in one for one in texts)


@pytest.mark.soak
def test_a_shop_that_fails_is_said_in_a_line_and_the_next_run_goes_on(live, staging, tmp_path):
    harden(live)
    live.faults.add(Fault(path="^/orders", status=403, code="INVALID_API_TOKEN"))
    run = clone(tmp_path, live, staging)
    assert run.code == 1
    assert "tap-ecwid ended with exit code 1: " in run.log, run.log
    assert "access_token is not accepted" in run.log
    live.faults.clear()
    assert_same(clone(tmp_path, live, staging), live, staging)


def test_a_plan_that_is_too_small_is_said_where_all_products_are_wanted(live):
    for number in range(3):
        Api(live).new("/products", name=f"P{number}", price=1)
    with running_sandbox(size="empty", store_id=2003, max_products=2) as staging:
        source, copy = (Shop("", s.store_id, s.token, s.url) for s in (live, staging))
        with pytest.raises(SettingError, match="has a plan for 2 products"):
            compared_limits(source, copy, Choice(streams=("products",)))
        for choice in (
            Choice(streams=("customers",)),
            Choice(streams=("products",), enabled_only=True),
            Choice(streams=("products",), categories=frozenset({1})),
        ):
            assert compared_limits(source, copy, choice).stays
