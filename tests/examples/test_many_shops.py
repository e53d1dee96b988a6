"""Many shops: Dagster with PostgreSQL, tap, loader and dbt as they are, and a sandbox."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from copy_of_shop import MODELLED
from ecwid_sandbox.testing import running_sandbox
from ecwid_webhooks.queue import Queue
from example_dagster import DRIVERS, EXAMPLE, ROOT, driven_dagster, in_example
from expected import expected_rows
from postgresql import postgresql_server
from webhooks import SECRET, delivered, running_receiver

pytestmark = pytest.mark.meltano

BIN = Path(sys.executable).parent
MODELS = ("products", "product_variations", "categories", "orders", "customers", "discount_coupons")
PROGRAMS = {
    *("tap-ecwid", "tap-ecwid-webhooks", "queued.py"),
    *("target-raw", "ecwid-warehouse", "dbt", "meltano"),
}
WRONG = "secret_that_no_shop_knows"


@contextlib.contextmanager
def object_storage():
    """S3 by moto: the variables that name it and a bucket in it."""
    process = subprocess.Popen(
        in_example("--group", "test", "python", DRIVERS / "drive_bucket.py", "serve"),
        env=os.environ | {"PYTHONPATH": str(EXAMPLE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate(timeout=60)


class Agency:
    """A Meltano project, a Dagster, and the shops that they load in groups of two."""

    def __init__(self, folder, stores, database, **variables):
        self.stores = stores
        self.project, self.home, self.data = (folder / n for n in ("project", "home", "data"))
        self.project.mkdir()
        self.home.mkdir()
        shutil.copy(ROOT / "meltano.yml", self.project)
        shutil.copytree(ROOT / "pipelines", self.project / "pipelines")
        without = shutil.ignore_patterns("target", "logs")
        shutil.copytree(ROOT / "transform", self.project / "transform", ignore=without)
        shutil.copy(EXAMPLE / "dagster_home_postgres" / "dagster.yaml", self.home)
        self.tokens = {}
        for store in stores:
            store.sandbox.options.token = f"secret_of_shop_{store.store_id}_and_this_test"
            self.tokens[store.store_id] = store.token
        lines = [f"- {{store_id: {n}, token_from: SHOP_{n}}}\n" for n in self.tokens]
        (folder / "shops.yml").write_text("shops:\n" + "".join(lines))
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TAP_", "TARGET_", "MELTANO_", "DBT_", "DAGSTER_"))
        }
        self.environment = {
            **inherited,
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_POSTGRES_URL": database,
            "PYTHONPATH": str(EXAMPLE),
            "MANY_SHOPS_FILE": str(folder / "shops.yml"),
            "MANY_SHOPS_PROJECT": str(self.project),
            "MANY_SHOPS_PROGRAMS": str(BIN),
            "MANY_SHOPS_DATA": str(self.data),
            "MANY_SHOPS_LEDGER": database,
            "MANY_SHOPS_GROUP_SIZE": "2",
            "TAP_ECWID_API_URL": stores[0].url,
            "TAP_ECWID_MAX_ATTEMPTS": "1",
            **variables,
        }
        self.processes = Processes(self)

    def dagster(self):
        """Dagster in the environment of many shops: a function that has it do something."""
        tokens = {f"SHOP_{store}": token for store, token in self.tokens.items()}
        return driven_dagster(self.environment | tokens, self.home / "driver.log")

    def assert_level(self, group, stores):
        path = self.data / group / "ecwid.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            for stream in MODELS:
                found = connection.execute(
                    f"select store_id, record from staging.stg_ecwid__{stream}"
                ).fetchall()
                rows = {(store, json.dumps(by_key(stream, record))) for store, record in found}
                assert len(rows) == len(found), f"{stream}: a row is there twice"
                assert {store for store, _ in found} <= {store.store_id for store in stores}
                for store in stores:
                    table = {
                        tuple(row[k] for k in MODELLED[stream]): row
                        for number, record in found
                        if number == store.store_id
                        for row in [without_store(record)]
                    }
                    assert table == expected_rows(store.shop)[stream], (store.store_id, stream)

    def assert_no_token_is_left(self):
        for path in (*self.home.rglob("*"), *self.data.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                for token in self.tokens.values():
                    assert token.encode() not in content, path


def without_store(record):
    row = json.loads(record)
    row.pop("store_id", None)
    return row


def by_key(stream, record):
    row = json.loads(record)
    return [row[key] for key in MODELLED[stream]]


class Processes:
    """What can be seen of processes while they run."""

    def __init__(self, agency):
        self.tokens = agency.tokens
        self.ours = f"MANY_SHOPS_DATA={agency.data}\0".encode()
        self.in_arguments = set()
        self.have_tokens = set()

    @contextlib.contextmanager
    def watched(self):
        """Look again and again, as long as the block runs."""
        over = threading.Event()

        def watch():
            while not over.wait(0.3):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def look(self):
        """Which of our programs run now."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            # Processes end while we look.
            with contextlib.suppress(OSError):
                arguments = (folder / "cmdline").read_bytes()
                self.in_arguments |= {k for k, t in self.tokens.items() if t.encode() in arguments}
                variables = (folder / "environ").read_bytes()
                if self.ours not in variables:
                    continue
                names = {Path(os.fsdecode(word)).name for word in arguments.split(b"\0")[:3]}
                program = names & PROGRAMS
                found |= program
                if any(token.encode() in variables for token in self.tokens.values()):
                    self.have_tokens |= program
        return found


@contextlib.contextmanager
def running_agency(folder, shops, *, wrong=0, variables=None, **options):
    """An agency of tiny shops, and a function that has its Dagster do something.

    Args:
        folder: Where everything is kept.
        shops: How many shops.
        wrong: How many of them, at the end, have a wrong token.
        variables: More variables of Dagster's environment.
        options: More options of the sandbox.
    """
    with (
        running_sandbox(size="tiny", stores=shops, **options) as sandbox,
        postgresql_server() as database,
    ):
        agency = Agency(folder, sandbox.stores, database, **(variables or {}))
        for store in sandbox.stores[shops - wrong :]:
            agency.tokens[store.store_id] = WRONG
        with agency.processes.watched(), agency.dagster() as ask:
            yield agency, ask


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_a_worker_is_killed_a_shop_fails_and_nothing_is_lost_or_doubled(tmp_path):
    with running_agency(tmp_path, 4, wrong=1) as (agency, ask):
        first, second, third, fourth = agency.stores
        done = ask("load_all", groups=2, killed="group-0001")
        assert sorted((run["group"], run["status"]) for run in done) == [
            ("group-0001", "FAILURE"),
            ("group-0001", "SUCCESS"),
            ("group-0002", "SUCCESS"),
        ]
        runs = {run["group"]: run for run in done if run["status"] == "SUCCESS"}
        assert runs["group-0001"]["metadata"]["shops"] == 2
        assert runs["group-0002"]["metadata"]["failed"] == [fourth.store_id]
        (reason,) = runs["group-0002"]["checks"].values()
        assert reason.startswith("access_token is not accepted by Ecwid for store_id 1006")
        agency.assert_level("group-0001", [first, second])
        agency.assert_level("group-0002", [third])

        # The failing shop has a run of its own, so that the others don't wait for it.
        assert ask("scheduled") == {"[1003, 1004]": 1, "[1005]": 1, "[1006]": 1}
        # What went from a list goes from the warehouse, though a shop of the group fails.
        gone = third.shop.keys("category")[0]
        third.clock.advance(3600)
        third.activity(20)
        third.shop.delete("category", gone)
        again = ask("load", group="group-0002", config={"stores": [third.store_id]})
        assert again["success"], again
        agency.assert_level("group-0002", [third])
        alone = ask("load", group="group-0002", config={"stores": [fourth.store_id]})
        assert not alone["success"]
        assert ask("load", group="group-0001", config={"since": "2020-01-01"})["success"]
        agency.assert_level("group-0001", [first, second])
        wrong = ask("load", group="group-0001", config={"stores": [third.store_id]})
        assert wrong["errors"] == [
            "group-0001: stores: 1005 is not in group-0001, or not in the list of shops"
        ]

        combined = ask("combine")["metadata"]
        assert combined["groups"] == 2
        with duckdb.connect(str(agency.data / "all.duckdb"), read_only=True) as connection:
            rows = connection.execute("select store_id, count(*) from marts.orders group by 1")
            assert dict(rows.fetchall()) == {
                store.store_id: len(expected_rows(store.shop)["orders"])
                for store in (first, second, third)
            }
        # A check beside a load leaves its files alone.
        running = agency.data / "group-0001" / "run-of-another"
        running.mkdir()
        assert ask("counted") == {}
        assert running.exists()
        for number in range(11):
            first.shop.create("customer", {"email": f"new-{number}@example.com"})
        assert ask("counted") == {"1003.customers": "26 in the shop, 15 in the warehouse"}
        assert ask("fresh") == {"passed": True, "late": []}

    assert agency.processes.in_arguments == set()
    assert agency.processes.have_tokens == {"tap-ecwid"}
    until = time.monotonic() + 30
    while left := agency.processes.look():
        assert time.monotonic() < until, left
    agency.assert_no_token_is_left()


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_a_machine_that_stops_goes_on_where_it_was(tmp_path):
    with running_agency(tmp_path, 2) as (agency, ask):
        done = ask("load_all", groups=1, killed="group-0001", with_all=True)
        assert [run["status"] for run in done] == ["SUCCESS", "FAILURE"]
        agency.assert_level("group-0001", agency.stores)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_webhooks_are_loaded_though_a_worker_is_killed(tmp_path):
    path = str(tmp_path / "webhooks.db")
    with (
        running_receiver(tmp_path) as receiver,
        running_agency(
            tmp_path, 2, variables={"ECWID_WEBHOOKS_QUEUE": path}, client_secret=SECRET
        ) as (agency, ask),
    ):
        first, second = agency.stores
        ask("load_all", groups=1)
        assert ask("tick") == []
        for store in agency.stores:
            store.set(webhook_url=receiver.url)
        first.activity(20)
        first.shop.delete("customer", first.shop.keys("customer")[-1])
        delivered(first)
        with Queue(path) as queue:
            assert queue.status().waiting.keys() == {first.store_id}
            (key,) = ask("tick")
            done = ask("load_queued", kills=1)
            assert [run["status"] for run in done["runs"]] == ["SUCCESS", "FAILURE"]
            # One run at a time, and only of the shop that has events.
            assert done["asked"] == [[]]
            assert done["runs"][0]["metadata"]["shops"] == 1
            assert done["then"] == []
            assert queue.status().waiting == {}
        first.activity(1)
        first.shop.delete("customer", first.shop.keys("customer")[-1])
        delivered(first)
        (other,) = ask("tick")
        assert other != key
        with_first = ask("load", group="group-0001", config={"webhooks": True})
        assert with_first["success"], with_first
        agency.assert_level("group-0001", [first, second])
        assert agency.processes.have_tokens == {"tap-ecwid", "tap-ecwid-webhooks"}
        wrong = ask("load", group="group-0001", config={"webhooks": True, "since": "2020-01-01"})
        assert wrong["errors"] == [
            "group-0001: webhooks: can't be combined with since; leave one of them out"
        ]
        agency.assert_no_token_is_left()


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_another_machine_goes_on_with_what_the_bucket_has(tmp_path):
    with (
        object_storage() as variables,
        running_agency(tmp_path, 2, variables=variables) as (agency, ask),
    ):
        first, _ = agency.stores
        ask("load_all", groups=1)
        # The next machine has none of it.
        shutil.rmtree(agency.data)
        first.clock.advance(3600)
        first.activity(20)
        first.reset_requests()
        again = ask("load", group="group-0001", config={})
        assert again["success"], again
        assert again["metadata"]["records_by_stream"]["orders"] < len(first.shop.keys("order"))
        agency.assert_level("group-0001", agency.stores)
        shutil.rmtree(agency.data)
        assert ask("combine")["metadata"]["groups"] == 1
        assert ask("counted") == {}
        with duckdb.connect(str(agency.data / "all.duckdb"), read_only=True) as connection:
            (count,) = connection.execute("select count(*) from marts.orders").fetchone()
        assert count == sum(len(expected_rows(s.shop)["orders"]) for s in agency.stores)
        agency.assert_no_token_is_left()
