"""A clone is the shop: every field, every reference; again moves only what changed."""

from __future__ import annotations

import pytest

from copies import clone, run_copy
from ecwid_sandbox.testing import running_sandbox
from hard_shop import change_twenty_things, harden
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


def test_a_hard_shop_is_cloned_and_then_left_alone(live, staging, tmp_path):
    harden(live)
    assert_same(clone(tmp_path, live, staging), live, staging)
    staging.reset_requests()
    run = clone(tmp_path, live, staging, "--no-report")
    assert run.code == 0, run.log
    assert writes(staging) == []
    assert "nothing to write" in run.log


@pytest.mark.soak
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
