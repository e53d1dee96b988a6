"""Measures a run of examples/many-shops, and works out how many cores many shops need.

The run uses the real Dagster, Meltano, tap, target-raw and dbt on this machine, against a sandbox.
With --measured FILE, the figures are those that an earlier call has kept.

--proof loads many shops once, by Dagster's daemon: one of ten has a wrong token, and a worker is
killed in the middle. It says how long that took, and compares the warehouse with the shops.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from ecwid_sandbox.testing import running_sandbox
from example_dagster import EXAMPLE, driven_dagster, in_example

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_sandbox.testing import RunningSandbox

KEYS = {"orders": "order_id", "products": "product_id"}
BUSY = 0.7
"""The highest utilisation of cores to plan with."""


@dataclass(frozen=True)
class Case:
    """What a run of a group took."""

    name: str
    shops: int
    records: int
    seconds: float
    cpu: float
    dagster: float

    @property
    def of_a_shop(self) -> float:
        """CPU seconds of a shop, with Dagster's."""
        return (self.cpu + self.dagster) / self.shops


class Agency:
    """Shops, and what loads them."""

    def __init__(self, folder: Path, stores: Sequence[RunningSandbox], wrong: int = 0) -> None:
        """Prepare the folder.

        Args:
            folder: Where everything is kept.
            stores: The shops.
            wrong: Every how many shops one has a wrong token; 0 for none.
        """
        self.data = folder / "data"
        home = folder / "home"
        home.mkdir()
        shutil.copy(EXAMPLE / "dagster_home" / "dagster.yaml", home)
        lines = [f"- {{store_id: {s.store_id}, token_from: SHOP_{s.store_id}}}" for s in stores]
        (folder / "shops.yml").write_text("shops:\n" + "\n".join(lines) + "\n")
        self.failing = {
            store.store_id for place, store in enumerate(stores, 1) if wrong and not place % wrong
        }
        tokens = {
            f"SHOP_{s.store_id}": "secret_wrong" if s.store_id in self.failing else s.token
            for s in stores
        }
        # Python keeps what it has compiled, as it does where people install it.
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.environment = {
            **inherited,
            "DAGSTER_HOME": str(home),
            "PYTHONPATH": str(EXAMPLE),
            "MANY_SHOPS_FILE": str(folder / "shops.yml"),
            "MANY_SHOPS_DATA": str(self.data),
            "TAP_ECWID_API_URL": stores[0].url,
            **tokens,
        }
        self.log = folder / "log"

    def rows(self) -> dict[str, list[tuple[int, Any]]]:
        """The keys of some streams' rows in all groups' warehouses: store and id."""
        found: dict[str, list[tuple[int, Any]]] = {}
        for path in self.data.glob("*/ecwid.duckdb"):
            with duckdb.connect(str(path), read_only=True) as connection:
                for stream, key in KEYS.items():
                    query = f"select store_id, {key} from staging.stg_ecwid__{stream}"  # noqa: S608 - names of ours
                    found.setdefault(stream, []).extend(connection.execute(query).fetchall())
        return found


def measure(shops: int) -> list[Case]:
    """Runs of one group: the first, and others after an hour with so many events in each shop."""
    cases = []
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(size="tiny", stores=shops) as sandbox,
    ):
        agency = Agency(Path(folder), sandbox.stores)
        add = (
            "import dagster as d\n"
            "from many_shops.opening import opened\n"
            "_, ledger, shops = opened()\n"
            f"ledger.add(shops, {shops})\n"
            "d.DagsterInstance.get().add_dynamic_partitions('groups', ['group-0001'])\n"
        )
        subprocess.run(in_example("python", "-c", add), env=agency.environment, check=True)
        command = in_example(
            *("dagster", "asset", "materialize", "-m", "many_shops.definitions"),
            *("--select", "shops", "--partition", "group-0001"),
        )
        for name, events in [
            ("the first", None),
            ("nothing changed", 0),
            ("2 events in each shop", 2),
            ("20 events in each shop", 20),
        ]:
            for store in sandbox.stores if events is not None else ():
                store.clock.advance(3600)
                store.activity(events)
            before = _cpu_of_children()
            done = subprocess.run(
                command, env=agency.environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SystemExit(done.stderr[-4000:])
            whole = _cpu_of_children() - before
            figures = _last_figures(agency)
            case = Case(
                name,
                figures["shops"],
                figures["records"],
                figures["seconds"],
                figures["cpu_seconds"],
                whole - figures["cpu_seconds"],
            )
            cases.append(case)
            show(case)
    return cases


def _last_figures(agency: Agency) -> dict[str, Any]:
    ask = (
        "import dagster as d, json\n"
        "event = d.DagsterInstance.get().get_latest_materialization_event(d.AssetKey('shops'))\n"
        "found = event.asset_materialization.metadata\n"
        "print(json.dumps({k: v.value for k, v in found.items()}))"
    )
    done = subprocess.run(
        in_example("python", "-c", ask),
        env=agency.environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def show(case: Case) -> None:
    print(
        f"{case.name:24}{case.shops:>6}{case.records:>9,}{case.seconds:>8.1f}{case.cpu:>8.1f}"
        f"{case.dagster:>9.1f}{case.of_a_shop:>9.2f}",
        flush=True,
    )


def work_out(cases: Sequence[Case], given: argparse.Namespace) -> None:
    print(f"\nCores for {given.runs_an_hour:g} runs an hour of each shop, {BUSY:.0%} busy at most")
    print(f"{'shops':24}" + "".join(f"{n:>9,}" for n in given.stores))
    for case in cases:
        a_shop = given.runs_an_hour * case.of_a_shop / 3600 / BUSY
        cores = [math.ceil(stores * a_shop * 10) / 10 for stores in given.stores]
        print(f"{case.name:24}" + "".join(f"{n:>9,.1f}" for n in cores))


def prove(shops: int) -> None:
    """Load many shops, one of ten failing and a worker killed; compare the warehouse with them."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(size="tiny", stores=shops) as sandbox,
    ):
        agency = Agency(Path(folder), sandbox.stores, wrong=10)
        groups = math.ceil(shops / 50)
        with driven_dagster(agency.environment, agency.log) as ask:
            began = time.monotonic()
            done = ask("load_all", groups=groups, killed="group-0002")
            seconds = time.monotonic() - began
        runs = [run for run in done if run["status"] == "SUCCESS"]
        failed = {store for run in runs for store in run["metadata"]["failed"]}
        loaded = sum(run["metadata"]["shops"] for run in runs)
        print(f"{shops} shops in {groups} groups: {seconds:.0f} s; {len(done)} runs")
        print(f"loaded: {loaded}; failed: {len(failed)}, as expected: {failed == agency.failing}")
        for stream, rows in agency.rows().items():
            expected = {
                (store.store_id, row["id"])
                for store in sandbox.stores
                if store.store_id not in failed
                for row in store.shop.all(stream.removesuffix("s"))
            }
            print(
                f"{stream}: {len(rows):,} rows, {len(expected - set(rows))} missing, "
                f"{len(rows) - len(set(rows))} doubled, {len(set(rows) - expected)} of nowhere"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, nargs="+", default=[200, 1000, 5000])
    parser.add_argument("--group", type=int, default=50, help="shops of the measured group")
    parser.add_argument("--runs-an-hour", type=float, default=1.0, help="of each shop")
    parser.add_argument("--measured", type=Path, help="figures that an earlier call has kept")
    parser.add_argument("--keep", type=Path, help="where to keep the figures")
    parser.add_argument("--proof", type=int, help="load so many shops, and compare")
    given = parser.parse_args()
    if given.proof:
        prove(given.proof)
        return
    if given.measured:
        cases = [Case(**one) for one in json.loads(given.measured.read_text())]
    else:
        print(
            f"{'':24}{'shops':>6}{'records':>9}{'wall s':>8}{'CPU s':>8}{'Dagster':>9}"
            f"{'a shop':>9}",
            flush=True,
        )
        cases = measure(given.group)
    if given.keep:
        given.keep.write_text(json.dumps([asdict(case) for case in cases], indent=1))
    work_out(cases, given)


if __name__ == "__main__":
    main()
