"""Many shops: Dagster, Meltano, loader and dbt as they are, and a sandbox with three shops."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from copy_of_shop import MODELLED
from ecwid_sandbox.testing import Fault, running_sandbox
from ecwid_warehouse.frames import lines_of
from expected import expected_rows

pytestmark = pytest.mark.meltano

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "many-shops"
BIN = Path(sys.executable).parent
DRIVER = Path(__file__).with_name("drive_dagster.py")
MODELS = ("products", "product_variations", "categories", "orders", "customers", "discount_coupons")
WRONG = "secret_that_no_shop_knows"


class Agency:
    """A Meltano project, a Dagster, and the shops that they load."""

    def __init__(self, folder, stores):
        self.stores = stores
        self.project, self.home, self.data = (folder / n for n in ("project", "home", "data"))
        self.project.mkdir()
        self.home.mkdir()
        shutil.copy(ROOT / "meltano.yml", self.project)
        shutil.copytree(ROOT / "pipelines", self.project / "pipelines")
        without = shutil.ignore_patterns("target", "logs")
        shutil.copytree(ROOT / "transform", self.project / "transform", ignore=without)
        shutil.copy(EXAMPLE / "dagster_home" / "dagster.yaml", self.home)
        self.tokens = {}
        for store in stores:
            store.sandbox.options.token = f"secret_of_shop_{store.store_id}_and_this_test"
            self.tokens[str(store.store_id)] = store.token
        self.tokens["1005"] = WRONG
        shutil.copy(EXAMPLE / "shops.yml", folder / "shops.yml")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TAP_", "TARGET_", "MELTANO_", "DBT_", "DAGSTER_"))
        }
        self.environment = {
            **inherited,
            "DAGSTER_HOME": str(self.home),
            "PYTHONPATH": str(EXAMPLE),
            "MANY_SHOPS_FILE": str(folder / "shops.yml"),
            "MANY_SHOPS_PROJECT": str(self.project),
            "MANY_SHOPS_MELTANO": str(BIN / "meltano"),
            "MANY_SHOPS_DATA": str(self.data),
            "MANY_SHOPS_RETRY_DELAY": "0.5",
            "TAP_ECWID_API_URL": stores[0].url,
            "TAP_ECWID_MAX_ATTEMPTS": "1",
            **{f"SHOP_{key}_TOKEN": token for key, token in self.tokens.items()},
        }

    @contextlib.contextmanager
    def driver(self):
        """A Dagster in the example's environment; where that can't be made, nothing is told."""
        with (self.home / "driver.log").open("w") as errors:
            process = subprocess.Popen(
                ["uv", "run", "--quiet", "--locked", "--project", EXAMPLE, "python", DRIVER],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
                process.communicate(timeout=60)

    def told(self, driver):
        line = driver.stdout.readline()
        assert line, (self.home / "driver.log").read_text()[-4000:]
        return json.loads(line)

    def raw(self, store, stream):
        """The records of a stream that have arrived in a shop's raw layer."""
        files = (self.data / str(store.store_id) / "raw").glob(f"{stream}-*.zst")
        return [json.loads(line) for path in files for line in lines_of(path)]

    def assert_level(self, store):
        path = self.data / str(store.store_id) / "ecwid.duckdb"
        expected = expected_rows(store.shop)
        with duckdb.connect(str(path), read_only=True) as connection:
            for stream in MODELS:
                found = connection.execute(f"select record from staging.stg_ecwid__{stream}")
                rows = [json.loads(record) for (record,) in found.fetchall()]
                by_key = {tuple(row[k] for k in MODELLED[stream]): row for row in rows}
                assert by_key == expected[stream], stream

    def assert_no_token_is_left(self):
        for path in (*self.home.rglob("*"), *self.data.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                for token in self.tokens.values():
                    assert token.encode() not in content, path


class Processes:
    """What can be seen of processes while they run."""

    def __init__(self, agency):
        self.tokens = agency.tokens
        self.ours = f"MANY_SHOPS_DATA={agency.data}\0".encode()
        self.in_arguments = set()
        self.of_others = set()
        self.at_once = 0

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
        shops = set()
        for folder in Path("/proc").glob("[0-9]*"):
            # Processes end while we look.
            with contextlib.suppress(OSError):
                arguments = (folder / "cmdline").read_bytes()
                self.in_arguments |= {k for k, t in self.tokens.items() if t.encode() in arguments}
                variables = (folder / "environ").read_bytes()
                if self.ours not in variables:
                    continue
                for key in self.tokens:
                    if b"TAP_ECWID_STORE_ID=%s\0" % key.encode() in variables:
                        shops.add(key)
                        self.of_others |= {
                            (key, other)
                            for other, token in self.tokens.items()
                            if other != key and token.encode() in variables
                        }
        self.at_once = max(self.at_once, len(shops))


@pytest.mark.soak
def test_a_backfill_of_all_shops_and_then_what_changed(tmp_path):
    with contextlib.ExitStack() as opened:
        sandbox = opened.enter_context(running_sandbox(size="tiny", stores=3))
        agency = Agency(tmp_path, sandbox.stores)
        first, second, third = sandbox.stores
        processes = Processes(agency)
        # The second shop's first request fails, and so does the run; the next attempt does not.
        second.faults.add(Fault(status=503, times=1))

        opened.enter_context(processes.watched())
        driver = opened.enter_context(agency.driver())
        runs = agency.told(driver)

        assert {key: run["status"] for key, run in runs.items()} == {
            "1003": "SUCCESS",
            "1004": "SUCCESS",
            "1005": "FAILURE",
        }
        assert {key: run["retries"] for key, run in runs.items()} == {
            "1003": 0,
            "1004": 1,
            "1005": 0,
        }
        assert runs["1005"]["starts"] == 1
        (error,) = runs["1005"]["errors"]
        assert "Shop 1005: access_token is not accepted by Ecwid for store_id 1005" in error
        assert processes.at_once == 2

        for store in (first, second):
            ids = sorted(order["id"] for order in agency.raw(store, "orders"))
            assert ids == sorted(key for (key,) in expected_rows(store.shop)["orders"])
        assert agency.raw(third, "orders") == []
        metadata = runs["1003"]["metadata"]
        assert metadata["records_by_stream"]["orders"] == len(first.shop.keys("order"))
        assert metadata["records"] == sum(metadata["records_by_stream"].values())
        assert metadata["cpu_seconds"] > 0
        assert metadata["seconds"] > 0

        states = {path.parent.name: path for path in agency.data.glob("state/*/state.json")}
        for key in ("1003", "1004"):
            state = json.loads(states[f"ecwid:tap-ecwid-to-target-raw:{key}"].read_text())
            assert state["completed"]["singer_state"]["bookmarks"]["orders"]

        first.clock.advance(3600)
        first.activity(20)
        sandbox.reset_requests()
        second.reset_requests()
        driver.stdin.write("\n")
        driver.stdin.flush()
        again = agency.told(driver)

        agency.assert_level(first)
        assert len([r for r in first.requests if not r.batch]) < 25
        assert again["shop"]["records"] < metadata["records"] * 2 / 3
        assert second.requests == []
        # The third one's time is 03:00.
        assert again["scheduled"] == {"1003": 1, "1004": 4}
        assert again["all_shops"]["shops"] == 1
        assert again["all_shops"]["left_out"] == ["1004", "1005"]
        with duckdb.connect(str(agency.data / "all.duckdb"), read_only=True) as connection:
            rows = connection.execute("select store_id, count(*) from marts.orders group by 1")
            assert rows.fetchall() == [(1003, len(expected_rows(first.shop)["orders"]))]

        assert third.requests, "the third shop was asked, with a wrong token"
        assert processes.in_arguments == set()
        assert processes.of_others == set()
        agency.assert_no_token_is_left()
