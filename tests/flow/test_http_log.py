"""The log of requests: as much as is asked for, and never a secret; people only on request."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess

import pytest

from ecwid_api import description
from ecwid_api.batch import ask_together
from ecwid_api.client import Client
from ecwid_api.errors import RejectedError
from ecwid_api.http_settings import HttpSettings
from ecwid_api.request import Request
from ecwid_api.request_log import LEVELS
from tap_run import discover, run_tap, select, settings_of
from target_run import records, run_target

CUSTOMERS = description.operation("searchCustomers", "customers")
COUPON = description.operation("getDiscountCoupon", "coupons")
SUMMARY = re.compile(
    r"^\S+ (GET|POST|PUT|DELETE) (/[^ ?]*) → (\d+|no answer), \d+ ms, \d+ bytes, attempt \d, "
    r"(\d+|no limit) left$",
    re.MULTILINE,
)


def client(sandbox, folder, level="full", **settings):
    path = folder / "http.log"
    http = {"http_log": level, "http_log_file": str(path), **settings}
    return path, Client(
        store_id=sandbox.store_id,
        access_token=sandbox.token,
        api_url=sandbox.url,
        http=HttpSettings.of(http),
    )


def people(sandbox):
    """Texts that tell of the shop's customers."""
    return {
        text
        for customer in sandbox.shop.all("customer")
        for text in (customer["email"], customer.get("name"))
        if text
    }


@pytest.mark.parametrize("level", LEVELS[1:])
def test_each_request_has_a_line_at_each_level(quiet_sandbox, tmp_path, level):
    path, made = client(quiet_sandbox, tmp_path, level)
    with made:
        made.call(CUSTOMERS, query={"limit": 3})
        made.call(CUSTOMERS, query={"limit": 2})
    text = path.read_text()
    assert [m.group(2, 3) for m in SUMMARY.finditer(text)] == [("/customers", "200")] * 2
    assert ("  < content-type: application/json" in text.lower()) == (level != "summary")
    assert ('"items":[' in text) == (level == "full")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_told_unless_it_is_asked_for(quiet_sandbox, tmp_path):
    path, made = client(quiet_sandbox, tmp_path, "none")
    with made:
        made.call(CUSTOMERS, query={"limit": 3})
    assert not path.exists()


def test_a_file_that_was_there_becomes_its_owner_s(quiet_sandbox, tmp_path):
    (tmp_path / "http.log").write_text("before\n")
    path, made = client(quiet_sandbox, tmp_path, "summary")
    with made:
        made.call(CUSTOMERS, query={"limit": 3})
    assert path.read_text().startswith("before\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_people_are_seen_only_on_request(quiet_sandbox, tmp_path):
    known = people(quiet_sandbox)
    email = next(text for text in known if "@" in text)
    for shown in (False, True):
        folder = tmp_path / str(shown)
        folder.mkdir()
        path, made = client(quiet_sandbox, folder, http_log_personal=shown)
        with made:
            made.call(CUSTOMERS, query={"email": email, "limit": 100})
            made.call(description.operation("searchOrders", "orders"), query={"limit": 30})
        text = path.read_text()
        seen = [one for one in known if one in text or one.replace("@", "%40") in text]
        assert bool(seen) == shown, seen
        assert "/customers?email=" in text
        assert quiet_sandbox.token not in text


def test_a_coupon_s_code_is_in_no_path(quiet_sandbox, tmp_path):
    path, made = client(quiet_sandbox, tmp_path)
    with made, pytest.raises(RejectedError):
        made.call(COUPON, path={"discountCouponId": "FOR-EVE"})
    text = path.read_text()
    assert "/discount_coupons/{discountCouponId} → 404" in text
    assert "/discount_coupons/[personal]" in text
    assert "FOR-EVE" not in text


def test_secrets_are_seen_by_nobody(quiet_sandbox, tmp_path):
    headers = {"X-Key": "hidden-key"}
    path, made = client(
        quiet_sandbox,
        tmp_path,
        headers=headers,
        http_log_personal=True,
        client_key_password="hidden-password",
    )
    body = {"email": "a@shop.test", "password": "hidden-word", "name": quiet_sandbox.token}
    with made, pytest.raises(RejectedError):
        made.call(description.operation("createCustomer", "customers"), body=[body])
    text = path.read_text()
    assert "a@shop.test" in text
    for secret in ("hidden", quiet_sandbox.token):
        assert secret not in text
    assert "> authorization: [secret]" in text
    assert "> x-key: [secret]" in text


def test_the_curl_command_of_a_failed_request_fails_alike(quiet_sandbox, tmp_path):
    path, made = client(quiet_sandbox, tmp_path, http_log_personal=True)
    asked = description.operation("createCustomer", "customers")
    with made, pytest.raises(RejectedError) as caught:
        made.call(asked, body=[{"name": 'it\'s "$HOME"'}])
    (command,) = re.findall(r"^  (curl .*)$", path.read_text(), re.MULTILINE)
    done = subprocess.run(
        ["sh", "-c", f"{command} --silent"],
        env={**os.environ, "ECWID_ACCESS_TOKEN": quiet_sandbox.token},
        capture_output=True,
        check=True,
        timeout=30,
    )
    told = json.loads(done.stdout)
    assert told["errorMessage"] in str(caught.value)
    assert quiet_sandbox.token not in command


def test_requests_within_a_batch_have_lines(quiet_sandbox, tmp_path):
    path, made = client(quiet_sandbox, tmp_path, http_log_personal=False)
    email = next(text for text in people(quiet_sandbox) if "@" in text)
    asked = [
        Request(operation=CUSTOMERS, query={"limit": 1}),
        Request(operation=CUSTOMERS, query={"email": email}),
        Request(operation=COUPON, path={"discountCouponId": "FOR-EVE"}),
    ]
    with made:
        ask_together(made, asked, patience=30)
    text = path.read_text()
    lines = re.findall(r" GET (\S+) → (\d+), \d+ bytes, in a batch$", text, re.MULTILINE)
    assert sorted(lines) == [
        ("/customers", "200"),
        ("/customers", "200"),
        ("/discount_coupons/{discountCouponId}", "404"),
    ]
    for hidden in (email, email.replace("@", "%40"), "FOR-EVE", quiet_sandbox.token):
        assert hidden not in text


def test_a_long_body_is_cut(quiet_sandbox, tmp_path):
    path, made = client(quiet_sandbox, tmp_path)
    with made:
        made.call(description.operation("searchProducts", "products"), query={"limit": 100})
    text = path.read_text()
    assert re.search(r"… \(\d+ more characters\)$", text, re.MULTILINE)
    assert len(text) < 20_000


def test_a_file_that_can_t_be_written_is_told(quiet_sandbox, tmp_path):
    http = {"http_log": "full", "http_log_file": str(tmp_path / "no" / "http.log")}
    run = run_tap(tmp_path, settings_of(quiet_sandbox, **http))
    assert run.code == 1
    assert "http_log_file" in run.log
    assert "can't be written: No such file" in run.log


def test_the_tap_tells_of_its_requests_in_the_log(quiet_sandbox, tmp_path):
    settings = settings_of(quiet_sandbox, http_log="summary")
    catalog = select(discover(tmp_path, settings), "customers")
    run = run_tap(tmp_path, settings, catalog=catalog)
    assert run.code == 0
    assert re.search(r"GET /customers → 200, \d+ ms", run.log)
    quiet = run_tap(tmp_path, settings_of(quiet_sandbox), catalog=catalog)
    assert "/customers →" not in quiet.log


def test_the_target_tells_of_its_requests_in_a_file(sandbox, tmp_path):
    path = tmp_path / "http.log"
    rows = [{"email": f"person{n}@shop.test", "name": f"Person No {n}"} for n in range(4)]
    run = run_target(
        tmp_path,
        sandbox,
        records("customers", *rows),
        http_log="full",
        http_log_file=str(path),
        http_log_personal=False,
    )
    assert run.code == 0, run.log
    text = path.read_text()
    assert (
        len(re.findall(r"POST /customers → 200, \d+ bytes, in a batch$", text, re.MULTILINE)) == 4
    )
    assert "shop.test" not in text
    assert "Person No" not in text
