"""Wrong settings and a server that fails: a clear line and a true exit code, or the right data."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import Fault, running_sandbox
from expected import expected_rows
from tap_run import hasty_tap, run_tap, settings_of

SCOPES = {
    "read_store_profile",
    "read_catalog",
    "read_brands",
    "read_orders",
    "read_invoices",
    "read_subscriptions",
    "read_promotion",
    "read_customers",
    "read_customers_extrafields",
    "read_discount_coupons",
    "read_reviews",
}
"""What the streams need that are selected by default."""


def errors_of(run):
    return [line for line in run.log.splitlines() if " ERROR " in line]


def assert_refused(run, *words):
    """The run failed with one line that has the words; no trace, no token."""
    assert run.code == 1
    assert "Traceback" not in run.log
    (line, *rest) = errors_of(run)
    assert all("validation failed" in more for more in rest)
    for word in words:
        assert word in line
    assert "secret_" not in run.log.replace("secret_…", "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"store_id": None}, ["store_id is not set", "TAP_ECWID_STORE_ID"]),
        ({"access_token": None}, ["access_token is not set", "TAP_ECWID_ACCESS_TOKEN"]),
        ({"store_id": "my-shop"}, ["store_id is 'my-shop'", "number"]),
        ({"access_token": "secret_wrong"}, ["access_token is not accepted", "Copy it again"]),
        ({"store_id": 999}, ["store_id 999", "control panel"]),
        ({"start_date": "yesterday"}, ["start_date is 'yesterday'", "2025-01-31"]),
        ({"api_url": "app.ecwid.com"}, ["api_url is 'app.ecwid.com'", "https://"]),
        ({"api_url": "http://127.0.0.1:9/api/v3"}, ["api_url http://127.0.0.1:9", "reached"]),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(quiet_sandbox, tmp_path, changes, words):
    settings = settings_of(quiet_sandbox, **changes)
    # An address that can't be reached is tried again and again.
    assert_refused(run_tap(tmp_path, settings, command=hasty_tap()), *words)


def test_a_missing_scope_is_named(tmp_path):
    with running_sandbox(size="tiny", scopes=SCOPES - {"read_customers"}) as sandbox:
        run = run_tap(tmp_path, settings_of(sandbox))
        assert_refused(run, "access_token may not call", "read_customers", "Grant it")


def test_settings_can_come_from_the_environment(sandbox, tmp_path):
    run = run_tap(
        tmp_path,
        None,
        "--config=ENV",
        TAP_ECWID_STORE_ID=str(sandbox.store_id),
        TAP_ECWID_ACCESS_TOKEN=sandbox.token,
        TAP_ECWID_API_URL=sandbox.url,
    )
    assert run.code == 0
    assert run.records("orders")


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
def test_a_file_that_can_t_be_read_is_named(sandbox, tmp_path, option):
    missing = run_tap(tmp_path, settings_of(sandbox), option, "nowhere.json")
    assert missing.code == 1
    assert f"{option} nowhere.json can't be read" in missing.log
    (tmp_path / "broken.json").write_text('{"access_token": "secret_x", ')
    broken = run_tap(tmp_path, settings_of(sandbox), option, str(tmp_path / "broken.json"))
    assert broken.code == 1
    assert "is not JSON" in broken.log
    assert "secret_x" not in broken.log
    assert "Traceback" not in missing.log + broken.log


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, times=2),
        Fault(status=503, times=2),
        Fault(status=429, retry_after=1),
        Fault(drop="before", times=2),
        Fault(drop="after", times=2),
        Fault(cut=0.5, times=2),
        Fault(garbage=True, times=2),
        Fault(delay=1500),
    ],
    ids=["500", "503", "429", "drop before", "drop after", "cut", "garbage", "slow"],
)
def test_what_passes_costs_nothing_but_time(sandbox, tmp_path, fault):
    fault.path = "/orders"
    sandbox.faults.add(fault)
    run = run_tap(tmp_path, settings_of(sandbox))
    assert run.code == 0, run.log
    copy = CopyOfShop()
    copy.load(run.messages)
    assert copy.rows("orders") == expected_rows(sandbox.shop)["orders"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(path="/orders", times=None, status=402), ["GET /orders", "status 402", "upgrade"]),
        (
            Fault(times=None, status=403, code="INVALID_API_TOKEN", skip=5),
            ["access_token is not accepted"],
        ),
        (
            Fault(path="/orders", times=None, status=400, code="WRONG_PARAMETER"),
            ["WRONG_PARAMETER"],
        ),
    ],
    ids=["plan", "token revoked", "refused"],
)
def test_what_does_not_pass_ends_the_run_and_the_next_one_makes_it_right(
    sandbox, tmp_path, fault, words
):
    sandbox.faults.add(fault)
    run = run_tap(tmp_path, settings_of(sandbox))
    assert_refused(run, *words)
    copy = CopyOfShop()
    copy.load(run.messages)
    sandbox.faults.clear()
    sandbox.clock.advance(600)
    sandbox.activity(20)
    mended = run_tap(tmp_path, settings_of(sandbox), state=copy.state)
    assert mended.code == 0, mended.log
    copy.load(mended.messages)
    for stream, rows in expected_rows(sandbox.shop).items():
        if stream in MODELLED:
            assert copy.rows(stream) == rows, stream


def test_the_request_limit_is_kept(tmp_path):
    with running_sandbox(size="small", rate_limit=600) as sandbox:
        run = run_tap(tmp_path, settings_of(sandbox))
        assert run.code == 0
        assert all(request.status == 200 for request in sandbox.requests)


def test_a_small_shop_takes_few_requests(sandbox, tmp_path):
    run_tap(tmp_path, settings_of(sandbox))
    # Nineteen lists or objects, a batch for the orders of categories and products (taken in, and
    # asked for until it is done), and the check at the start.
    sent = [request for request in sandbox.requests if not request.batch]
    assert 22 <= len(sent) <= 24
    assert len({request.path for request in sent}) == 21


def test_what_changed_recently_is_asked_for_apart(sandbox, tmp_path):
    sandbox.clock.advance(600)
    sandbox.shop.update("customer", sandbox.shop.keys("customer")[0], {"fullName": "N"})
    run = run_tap(tmp_path, settings_of(sandbox))
    spans = [
        {k: int(v[0]) for k, v in parse_qs(r.query).items() if k.startswith("updated")}
        for r in sandbox.requests
        if r.path == "/customers"
    ]
    settled, later = spans
    assert settled.keys() == {"updatedTo"}
    assert later.keys() == {"updatedFrom"}
    # They share a second: the upper bound may be exclusive.
    assert later["updatedFrom"] == settled["updatedTo"]
    assert len(run.records("customers")) == sandbox.shop.count("customer")
