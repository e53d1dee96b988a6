"""Through Meltano into DuckDB and PostgreSQL: what arrives equals what the shop holds."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import time
from pathlib import Path

import duckdb
import httpx2
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from copy_of_shop import MODELLED
from ecwid_sandbox.testing import running_sandbox
from ecwid_warehouse.frames import lines_of
from expected import all_expected_rows
from marts import differences

pytestmark = pytest.mark.meltano


@pytest.fixture
def sandbox():
    with running_sandbox(size="tiny", latency=5) as running:
        yield running


def variables_for(sandbox, **more):
    return {
        "TAP_ECWID_API_URL": sandbox.url,
        "TAP_ECWID_STORE_ID": str(sandbox.store_id),
        "TAP_ECWID_ACCESS_TOKEN": sandbox.token,
        **more,
    }


class IntoDuckDB:
    """The way into DuckDB: raw layer and models."""

    environment = "sandbox"
    job = "ecwid-to-duckdb"
    keys = MODELLED

    def __init__(self, project):
        self.path = project.output / "sandbox" / "ecwid.duckdb"
        self.variables = {}

    def rows(self):
        with duckdb.connect(str(self.path), read_only=True) as connection:
            found = {
                stream: [
                    json.loads(record)
                    for (record,) in connection.execute(
                        f"select record from staging.stg_ecwid__{stream}"
                    ).fetchall()
                ]
                for stream in MODELLED
            }
        return {
            stream: {tuple(row[name] for name in MODELLED[stream]): row for row in rows}
            for stream, rows in found.items()
        }

    def ask(self, query):
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.execute(query).fetchall()


def of_postgresql(value):
    """A value of a record: target-postgres keeps times in UTC, and doesn't say so."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+", value):
        return f"{value}+00:00"
    return value


class IntoPostgreSQL:
    """The way into PostgreSQL: a table for each stream."""

    environment = "postgres"
    job = "ecwid-to-postgres"
    keys = MODELLED

    def __init__(self, uri):
        self.uri = uri
        # The server has a socket alone, whose folder is libpq's host.
        self.variables = {
            "PGHOST": conninfo_to_dict(uri)["host"],
            "PGPORT": "5432",
            "PGUSER": "postgres",
            "PGPASSWORD": "unused",
            "PGDATABASE": "postgres",
            # Of no consequence.
            "PGTZ": "Asia/Tokyo",
        }

    def rows(self):
        found = {}
        with psycopg.connect(self.uri) as connection:
            for stream, keys in self.keys.items():
                cursor = connection.execute(f"select record from staging.stg_ecwid__{stream}")
                rows = [
                    {
                        name: of_postgresql(value)
                        for name, value in record.items()
                        if not name.startswith("_sdc_")
                    }
                    for (record,) in cursor.fetchall()
                ]
                found[stream] = {tuple(row[name] for name in keys): row for row in rows}
        return found

    def ask(self, query):
        with psycopg.connect(self.uri) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module", autouse=True)
def _models(project):
    project.preload("dbt")


@pytest.fixture(params=["duckdb", "postgresql"])
def warehouse(request, fresh_project):
    if request.param == "duckdb":
        return IntoDuckDB(fresh_project)
    uri = request.getfixturevalue("postgresql")
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("drop schema if exists ecwid, staging, marts cascade")
    return IntoPostgreSQL(uri)


def load(project, warehouse, sandbox, *options):
    code, printed = project.run(
        *(
            "meltano",
            f"--environment={warehouse.environment}",
            "run",
            *options,
            *warehouse.job.split(),
        ),
        **variables_for(sandbox, **warehouse.variables),
    )
    assert code == 0, printed[-4000:]
    assert sandbox.token not in printed
    return printed


def assert_level(warehouse, sandbox):
    """The warehouse has what the shop has, and its marts say what the shop's objects say."""
    rows, expected = warehouse.rows(), all_expected_rows(sandbox)
    for stream in warehouse.keys:
        assert rows[stream].keys() == expected[stream].keys(), stream
        for key, row in expected[stream].items():
            assert rows[stream][key] == row, (stream, key)
    assert differences(warehouse.ask, expected) == []
    assert_as_the_reports_say(warehouse, sandbox)


def assert_as_the_reports_say(warehouse, sandbox):
    """The days add up to what the shop's own reports say for all time."""
    figures = {}
    for report in ("allRevenue", "allExpenses"):
        answer = httpx2.get(
            f"{sandbox.url}/{sandbox.store_id}/reports/{report}",
            headers={"Authorization": f"Bearer {sandbox.token}"},
        )
        figures |= {one["dataId"]: one["dataValue"] for one in answer.json()["aggregatedData"]}
    ((gross, refunded, net, discount, tax),) = warehouse.ask("""
        select sum(gross_sales), sum(refunded), sum(net_sales), sum(discount), sum(tax)
        from marts.daily_sales
    """)
    names = ("revenue", "refunds", "netRevenue", "discounts", "taxes")
    assert [float(one) for one in (gross, refunded, net, discount, tax)] == pytest.approx(
        [figures[name] for name in names]
    )


@pytest.mark.soak
def test_a_loader_of_others_can_write_the_raw_layer(fresh_project, sandbox):
    warehouse = IntoDuckDB(fresh_project)
    warehouse.job = "tap-ecwid target-jsonl dbt:build"
    warehouse.variables = {"TAP_ECWID_EMIT_ACTIVATE_VERSION_MESSAGES": "false"}
    for _ in range(2):
        load(fresh_project, warehouse, sandbox)
        assert_level(warehouse, sandbox)
        sandbox.clock.advance(3600)
        sandbox.activity(30)


def assert_no_secret(project, secret):
    """No file of a project has a secret, compressed ones included."""
    for path in project.folder.rglob("*"):
        if path.is_file() and "/venv/" not in str(path):
            assert secret not in path.read_bytes(), path
            if path.suffix == ".zst":
                assert secret not in b"\n".join(lines_of(path)), path


@pytest.mark.parametrize(
    "warehouse", ["duckdb", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
def test_a_full_run_leaves_no_secret(fresh_project, warehouse, sandbox):
    sandbox.sandbox.options.token = "secret_that_only_this_test_knows"
    load(fresh_project, warehouse, sandbox)
    assert_level(warehouse, sandbox)
    # In its folder are settings, state, logs, the raw layer and the models.
    assert_no_secret(fresh_project, sandbox.token.encode())


@pytest.mark.soak
def test_a_full_run_and_then_only_what_changed(fresh_project, warehouse, sandbox):
    load(fresh_project, warehouse, sandbox)
    assert_level(warehouse, sandbox)
    sandbox.clock.advance(3600)
    sandbox.activity(60)
    # A list that has become empty.
    assert sandbox.shop.keys("promotion")
    for key in list(sandbox.shop.keys("promotion")):
        sandbox.shop.delete("promotion", key)
    load(fresh_project, warehouse, sandbox)
    assert_level(warehouse, sandbox)


@pytest.mark.soak
def test_many_stores_stand_beside_each_other_in_the_marts(fresh_project):
    with running_sandbox(size="tiny", stores=2) as first:
        stores = [{"store_id": s.store_id, "access_token": s.token} for s in first.stores]
        code, printed = fresh_project.run(
            *("meltano", "--environment=ecwid", "run", "ecwid-to-duckdb"),
            TAP_ECWID_API_URL=first.url,
            TAP_ECWID_STORES=json.dumps(stores),
        )
        assert code == 0, printed[-4000:]
        path = str(fresh_project.output / "ecwid" / "ecwid.duckdb")
        with duckdb.connect(path, read_only=True) as connection:
            for store in first.stores:
                rows = all_expected_rows(store)
                # Each store's rows alone have to be what that store's objects say.
                assert differences(lambda q: connection.execute(q).fetchall(), rows) == []


@pytest.mark.soak
@pytest.mark.parametrize(
    "warehouse", ["duckdb", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
@pytest.mark.usefixtures("installed")
def test_a_run_that_is_killed_and_started_again(fresh_project, warehouse, sandbox):
    load(fresh_project, warehouse, sandbox)
    sandbox.clock.advance(3600)
    sandbox.activity(40)
    sandbox.reset_requests()
    sandbox.set(latency=300)
    process = fresh_project.start(
        *("meltano", f"--environment={warehouse.environment}", "run", warehouse.job),
        **variables_for(sandbox, **warehouse.variables),
    )
    deadline = time.monotonic() + 60
    while len(sandbox.requests) < 8 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    sandbox.set(latency=5)
    # Meltano takes a job that was killed for running, for five minutes.
    load(fresh_project, warehouse, sandbox, "--force")
    assert_level(warehouse, sandbox)


@pytest.mark.usefixtures("installed")
def test_the_token_is_in_no_process_list(fresh_project, sandbox):
    sandbox.set(latency=300)
    process = fresh_project.start(
        *("meltano", "run", "tap-ecwid", "target-raw"), **variables_for(sandbox)
    )
    seen = set()
    while process.poll() is None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            # Processes end while we look.
            with contextlib.suppress(OSError):
                seen.add(path.read_bytes())
        time.sleep(0.05)
    process.communicate()
    assert process.returncode == 0
    assert any(b"tap-ecwid\0--config" in line for line in seen)
    assert not any(sandbox.token.encode() in line for line in seen)


def test_a_wrong_token_is_one_clear_line(fresh_project, sandbox):
    variables = variables_for(sandbox) | {"TAP_ECWID_ACCESS_TOKEN": "secret_wrong"}
    code, printed = fresh_project.run("meltano", "run", "tap-ecwid", "target-raw", **variables)
    assert code != 0
    assert "access_token is not accepted" in printed
    assert "Traceback" not in printed
    assert "secret_wrong" not in printed


def test_missing_settings_are_named(fresh_project):
    code, printed = fresh_project.run(
        "meltano", "--environment=ecwid", "run", "tap-ecwid", "target-raw"
    )
    assert code != 0
    assert "store_id is not set" in printed
    assert "access_token is not set" in printed
    assert "Traceback" not in printed


@pytest.mark.soak
def test_the_mapper_keeps_people_out(fresh_project, sandbox):
    def run():
        code, printed = fresh_project.run(
            *("meltano", "run", "--state-id-suffix=without-people"),
            *("tap-ecwid", "without-people", "target-raw"),
            **variables_for(sandbox),
        )
        assert code == 0, printed[-3000:]

    run()
    raw = fresh_project.output / "sandbox" / "raw"

    def lines(stream):
        return [line.decode() for path in raw.glob(f"{stream}-*") for line in lines_of(path)]

    written = [json.loads(line) for line in lines("customers")]
    customers = list(sandbox.shop.all("customer"))
    assert len(written) == len(customers)
    assert all("billingPerson" not in row for row in written)
    orders = list(sandbox.shop.all("order"))
    people = [order["billingPerson"] for order in orders if "billingPerson" in order]
    people += [address for customer in customers for address in customer["shippingAddresses"]]
    said = {who[key] for who in people for key in ("name", "street", "phone") if who.get(key)}
    said |= {customer[key] for customer in customers for key in ("email", "name")}
    said |= {order[key] for order in orders for key in ("email", "ipAddress") if order.get(key)}
    files = {path.name: b"\n".join(lines_of(path)).decode() for path in raw.glob("*.zst")}
    assert len(files) > 15
    assert [(name, word) for name in files for word in said if word in files[name]] == []
    # What was deleted has no address that could be hashed.
    kinds = ("customer", "order")
    for kind in kinds:
        sandbox.shop.delete(kind, sandbox.shop.keys(kind)[0])
    run()
    for kind in kinds:
        (told,) = (line for line in lines(f"{kind}s") if "_sdc_deleted_at" in line)
        assert json.loads(told).get("email") is None
