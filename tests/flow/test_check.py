"""The command check: is the server there, is the token good, will its scopes do."""

from __future__ import annotations

import json
import signal
import socket
from typing import NamedTuple

import pytest

from ecwid_api.errors import EcwidError
from ecwid_sandbox.testing import Fault, running_sandbox
from login_run import run
from tap_ecwid import commands as tap_commands
from tap_run import settings_of
from target_ecwid import commands as target_commands

SCOPES = {"read_store_profile", "read_catalog", "read_orders", "read_promotion", "update_catalog"}


class Done(NamedTuple):
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="tiny", scopes=SCOPES) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shop):
    shop.reset_requests()
    yield shop
    shop.faults.clear()
    shop.set(without="")


@pytest.fixture
def check(tmp_path, sandbox, monkeypatch, capsys):
    """Runs the command within this process; the token is in nothing that it prints."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def run_it(*options, plugin=tap_commands, changes=None, **variables):
        config = tmp_path / "config.json"
        config.write_text(json.dumps(settings_of(sandbox, **(changes or {}))))
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        code, failure = 1, ""
        try:
            code = plugin.run(["check", "--config", str(config), *options])
        except EcwidError as error:
            failure = str(error)
        for name in variables:
            monkeypatch.delenv(name)
        printed = capsys.readouterr()
        assert sandbox.token not in printed.out + printed.err + failure
        return Done(code, printed.out, printed.err + failure)

    yield run_it
    for number, handler in handlers.items():
        signal.signal(number, handler)


def told(done):
    """What it says as JSON: the store, and verdicts by stream."""
    (store,) = json.loads(done.stdout)["stores"]
    return store, {one["stream"]: one["verdict"] for one in store["streams"]}


def lines(done):
    return [line.split(maxsplit=1) for line in done.stdout.splitlines() if line]


def test_a_table_for_people(sandbox, tmp_path):
    settings = {
        "TAP_ECWID_API_URL": sandbox.url,
        "TAP_ECWID_STORE_ID": str(sandbox.store_id),
        "TAP_ECWID_ACCESS_TOKEN": sandbox.token,
    }
    names = "products,order_items,customers"
    done = run(tmp_path, "tap-ecwid", "check", "--streams", names, **settings)
    assert sandbox.token not in done.stdout + done.stderr
    assert done.stderr == ""
    assert done.returncode == 1
    said = dict(lines(done))
    assert said["store"].startswith("1003  Fernweh & Filter")
    assert said["plan"].startswith("not known")
    assert said["token"] == "accepted"
    assert said["scopes"] == ", ".join(sorted(SCOPES))
    assert said["products"].split() == ["yes", "read_catalog"]
    assert said["order_items"].split() == ["yes", "read_orders"]
    assert said["customers"].startswith("NO, scope missing")
    assert said["Missing:"].startswith("read_customers.")


def test_all_is_well(check):
    done = check("--streams", "products,orders", "--format", "json")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["ok"]
    assert found["stores"][0]["scopes"] == sorted(SCOPES)
    assert found["stores"][0]["missing_scopes"] == []


def test_what_is_selected_counts(check, tmp_path, sandbox):
    # As Meltano tells it.
    patterns = {"TAP_ECWID__SELECT": '["*.*", "!customers.*", "!orders.email", "!product_*"]'}
    store, verdicts = told(check("--format", "json", **patterns))
    assert "orders" in verdicts
    assert "customer_groups" in verdicts
    assert not {"customers", "product_types"} & verdicts.keys()
    assert "read_customers" in store["missing_scopes"]
    # By itself, what is selected by default.
    _, verdicts = told(check("--format", "json"))
    assert {"customers", "product_types"} <= verdicts.keys()
    assert not {"staff_accounts", "product_variations"} & verdicts.keys()
    # By a catalog.
    discovered = run(
        tmp_path, "tap-ecwid", "--config", str(tmp_path / "config.json"), "--discover"
    ).stdout
    catalog = json.loads(discovered)
    for entry in catalog["streams"]:
        (root,) = (m for m in entry["metadata"] if m["breadcrumb"] == [])
        root["metadata"]["selected"] = entry["tap_stream_id"] in {"orders", "staff_accounts"}
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(catalog))
    _, verdicts = told(check("--format", "json", "--catalog", str(path)))
    assert verdicts == {"orders": "yes", "staff_accounts": "missing"}


def test_where_scopes_are_not_told_each_is_tried_once(check, sandbox):
    sandbox.faults.add(Fault(path="/application/token", status=404, times=9))
    sandbox.set(without="promotions")
    names = "products,categories,customers,customer_groups,promotions,reports"
    done = check("--format", "json", "--streams", names)
    assert done.returncode == 1
    store, verdicts = told(done)
    assert store["scopes"] is None
    assert verdicts == {
        "products": "yes",
        "categories": "yes",
        "customers": "missing",
        "customer_groups": "missing",
        "promotions": "unavailable",
        "reports": "unknown",
    }
    assert store["missing_scopes"] == ["read_customers"]
    asked = [r.path for r in sandbox.requests]
    assert asked.count("/products") == 1
    assert asked.count("/customers") == 1
    assert "limit=1" in next(r.query for r in sandbox.requests if r.path == "/products")


def test_the_target_tells_what_it_may_write(check, sandbox):
    streams = {"products": {"action": "update"}, "stock": {"action": "adjustProductStock"}}
    done = check("--format", "json", plugin=target_commands, changes={"streams": streams})
    assert done.returncode == 0, done.stdout
    assert told(done)[1] == {"products": "yes", "stock": "yes"}
    done = check("--streams", "products,categories", plugin=target_commands)
    assert done.returncode == 1
    assert "create_catalog (missing)" in done.stdout
    # Where nobody tells, a write isn't tried.
    sandbox.faults.add(Fault(path="/application/token", status=404, times=9))
    sandbox.reset_requests()
    created = {"categories": {"action": "create"}, "products": {}}
    done = check(plugin=target_commands, changes={"streams": {**streams, **created}})
    assert done.returncode == 0
    assert "not known before the first write" in done.stdout
    assert {r.method for r in sandbox.requests} == {"GET"}


def test_a_token_that_is_not_accepted(check, sandbox):
    done = check(changes={"access_token": "secret_other"})
    assert done.returncode == 1
    assert "failed   access_token is not accepted by Ecwid for store_id 1003" in done.stdout
    assert "secret_other" not in done.stdout + done.stderr


def test_a_server_that_is_not_there(check):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"http://127.0.0.1:{other.getsockname()[1]}/api/v3"
    done = check("--format", "json", changes={"api_url": address})
    assert done.returncode == 1
    (store,) = json.loads(done.stdout)["stores"]
    assert f"api_url {address} can't be reached" in store["error"]


def test_settings_that_are_not_right(check):
    done = check("--format", "json", changes={"access_token": None})
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"].startswith("access_token is not set")
    done = check(changes={"lookback_seconds": -1})
    assert done.returncode == 1
    assert "lookback_seconds is -1" in done.stderr


def test_many_stores_and_a_plan(tmp_path):
    with running_sandbox(size="empty", stores=2) as sandbox:
        stores = [
            {"store_id": 1003, "access_token": sandbox.token},
            {"store_id": 1004, "access_token": "secret_other"},
        ]
        config = tmp_path / "config.json"
        config.write_text(json.dumps({"api_url": sandbox.url, "stores": stores}))
        done = run(tmp_path, "tap-ecwid", "check", "--config", str(config), "--format", "json")
    assert done.returncode == 1
    first, second = json.loads(done.stdout)["stores"]
    assert first["ok"]
    assert first["plan"]
    assert second["error"].startswith("access_token is not accepted")


def test_discovery_marks_what_the_token_cannot_read(sandbox, tmp_path):
    config, catalog = tmp_path / "config.json", tmp_path / "catalog.json"

    def discover(**changes):
        config.write_text(json.dumps(settings_of(sandbox, **changes)))
        done = run(tmp_path, "tap-ecwid", "--config", str(config), "--discover")
        assert done.returncode == 0, done.stderr
        catalog.write_text(done.stdout)
        roots = {}
        for entry in json.loads(done.stdout)["streams"]:
            (root,) = (m["metadata"] for m in entry["metadata"] if m["breadcrumb"] == [])
            roots[entry["tap_stream_id"]] = root
        return roots

    plain = discover()
    assert sandbox.requests == []
    marked = discover(discover_access=True)
    assert {r.path for r in sandbox.requests} == {"/application/token"}
    assert marked["products"] == plain["products"]
    assert marked["customers"]["inclusion"] == "unsupported"
    assert marked["customer_contacts"]["ecwid-missing-scopes"] == ["read_customers"]
    # Whoever selects all of it, as Meltano does, still gets what can be read.
    content = json.loads(catalog.read_text())
    for entry in content["streams"]:
        for one in entry["metadata"]:
            if one["breadcrumb"] == []:
                one["metadata"]["selected"] = entry["tap_stream_id"] in {"products", "customers"}
    catalog.write_text(json.dumps(content))
    done = run(tmp_path, "tap-ecwid", "--config", str(config), "--catalog", str(catalog))
    assert done.returncode == 0, done.stderr
    written = {json.loads(line).get("stream") for line in done.stdout.splitlines()}
    assert "products" in written
    assert "customers" not in written
