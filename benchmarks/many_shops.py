"""What a shop's run of examples/many-shops takes, and how many cores many shops need.

Measures on this machine, against a sandbox, with the real Meltano, target-raw and dbt; then works
out what is asked for. With --measured FILE it works out from what an earlier call has kept.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from ecwid_sandbox.testing import running_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecwid_sandbox.testing import RunningSandbox

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "many-shops"
sys.path.insert(0, str(EXAMPLE))

from many_shops.loading import Project, load  # noqa: E402
from many_shops.shops import Shop  # noqa: E402

RUNS = 3
WITHOUT_MODELS = ("tap-ecwid", "target-raw")


@dataclass(frozen=True)
class Case:
    """What runs of one kind took: the median of each figure."""

    name: str
    requests: float
    inner: float
    records: float | None
    wall: float
    cpu: float


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(folder: Path) -> list[Case]:
    cases = []
    with running_sandbox(size="small") as sandbox:
        os.environ |= {"TAP_ECWID_API_URL": sandbox.url, "BENCHMARK_TOKEN": sandbox.token}
        whole = Project.of({"MANY_SHOPS_DATA": str(folder)})
        raw = Project.of(
            {
                "MANY_SHOPS_DATA": str(folder),
                "MANY_SHOPS_RUN": " ".join(WITHOUT_MODELS),
            }
        )
        shop = Shop(store_id=sandbox.store_id, token_from="BENCHMARK_TOKEN")  # noqa: S106 - a name

        def changed(count: int) -> Callable[[], None]:
            def happen() -> None:
                sandbox.clock.advance(3600)
                if count:
                    sandbox.activity(count)

            return happen

        cases.append(run("first run", sandbox, whole, shop, 1))
        # What came within the first run's last minute is read once more.
        run("", sandbox, raw, shop, 1, changed(0))
        cases += [
            run("nothing changed", sandbox, whole, shop, RUNS, changed(0)),
            run("20 events", sandbox, whole, shop, RUNS, changed(20)),
            run("400 events", sandbox, whole, shop, RUNS, changed(400)),
            run("nothing changed, no models", sandbox, raw, shop, RUNS, changed(0)),
            run("20 events, no models", sandbox, raw, shop, RUNS, changed(20)),
            plain(sandbox, folder, changed(20)),
        ]
    cases.append(dagster(folder))
    return cases


def run(
    name: str,
    sandbox: RunningSandbox,
    project: Project,
    shop: Shop,
    runs: int,
    before: Callable[[], None] = lambda: None,
) -> Case:
    found = []
    for _ in range(runs):
        before()
        sandbox.reset_requests()
        loaded = load(project, shop)
        asked = sandbox.requests
        inner = sum(bool(request.batch) for request in asked)
        records = sum(loaded.records.values())
        found.append((len(asked) - inner, inner, records, loaded.seconds, loaded.cpu_seconds))
    case = Case(name, *(median(column) for column in zip(*found, strict=True)))
    if name:
        show(case)
    return case


def plain(sandbox: RunningSandbox, folder: Path, before: Callable[[], None]) -> Case:
    """The tap and the loader in a pipe, as a worker of one's own would run them."""
    home = folder / "plain"
    home.mkdir()
    tap = ROOT / ".venv" / "bin" / "tap-ecwid"
    target = ROOT / ".venv" / "bin" / "target-raw"
    (home / "target.json").write_text(json.dumps({"path": str(home / "raw")}))
    variables = {
        **os.environ,
        "TAP_ECWID_STORE_ID": str(sandbox.store_id),
        "TAP_ECWID_ACCESS_TOKEN": sandbox.token,
    }
    state = home / "state.json"
    found = []
    for number in range(RUNS + 1):
        before()
        sandbox.reset_requests()
        began, used = time.monotonic(), cpu_of_children()
        source = subprocess.Popen(
            [tap, "--config=ENV", *(["--state", state] if state.exists() else [])],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        done = subprocess.run(
            [target, "--config", home / "target.json"],
            stdin=source.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        if source.wait():
            raise SystemExit("tap-ecwid failed")
        state.write_bytes(done.stdout.splitlines()[-1])
        asked = sandbox.requests
        inner = sum(bool(request.batch) for request in asked)
        took = time.monotonic() - began, cpu_of_children() - used
        if number:
            found.append((len(asked) - inner, inner, *took))
    requests, inner, wall, cpu = (median(column) for column in zip(*found, strict=True))
    case = Case("20 events, tap | loader", requests, inner, None, wall, cpu)
    show(case)
    return case


def dagster(folder: Path) -> Case:
    """What Dagster itself takes for a run: a process of its own, whose Meltano does nothing."""
    home = folder / "dagster"
    home.mkdir()
    variables = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "PYTHONPATH": str(EXAMPLE),
        "MANY_SHOPS_DATA": str(home),
        "MANY_SHOPS_MELTANO": "/bin/true",
        "SHOP_1003_TOKEN": "none",
    }
    in_example = ["uv", "run", "--quiet", "--locked", "--project", EXAMPLE]
    add = "import dagster as d; d.DagsterInstance.get().add_dynamic_partitions('shops', ['1003'])"
    subprocess.run([*in_example, "python", "-c", add], env=variables, check=True)
    command = [
        *(*in_example, "dagster", "asset", "materialize", "-m", "many_shops.definitions"),
        *("--select", "shop", "--partition", "1003"),
    ]
    found = []
    for _ in range(RUNS):
        began, used = time.monotonic(), cpu_of_children()
        subprocess.run(command, env=variables, check=True, capture_output=True)
        found.append((time.monotonic() - began, cpu_of_children() - used))
    wall, cpu = (median(column) for column in zip(*found, strict=True))
    case = Case("Dagster's part", 0, 0, None, wall, cpu)
    show(case)
    return case


def show(case: Case) -> None:
    records = "-" if case.records is None else f"{case.records:.0f}"
    print(
        f"{case.name:28}{case.requests:>9.0f}{case.inner:>7.0f}{records:>9}"
        f"{case.wall:>9.1f}{case.cpu:>9.1f}",
        flush=True,
    )


def work_out(cases: dict[str, Case], given: argparse.Namespace) -> None:
    own = cases["Dagster's part"].cpu
    ways = {
        "Dagster, Meltano, models": own + cases["20 events"].cpu,
        "Dagster, Meltano, no models": own + cases["20 events, no models"].cpu,
        "a worker: tap | loader": cases["20 events, tap | loader"].cpu,
    }
    print(
        f"\nCores, {given.utilisation:.0%} busy at the most, "
        f"for {given.runs_an_hour:g} runs an hour of each shop"
    )
    print(f"{'shops':28}{'CPU s a run':>13}" + "".join(f"{n:>9,}" for n in given.stores))
    for name, cpu in ways.items():
        a_shop = given.runs_an_hour * cpu / 3600 / given.utilisation
        cores = [math.ceil(stores * a_shop * 10) / 10 for stores in given.stores]
        print(f"{name:28}{cpu:>13.1f}" + "".join(f"{n:>9,.1f}" for n in cores))
    events = cases["20 events"]
    asked = events.requests + events.inner
    print(
        f"\nEcwid's limit is a token's: {asked:.0f} requests a run (those of batches counted) are "
        f"{asked * given.runs_an_hour / 60 / 600:.1%} of 600 a minute."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stores", type=int, nargs="+", default=[200, 1000, 5000])
    parser.add_argument("--runs-an-hour", type=float, default=1.0, help="of each shop")
    parser.add_argument("--utilisation", type=float, default=0.7, help="of the cores, at the most")
    parser.add_argument("--measured", type=Path, help="figures that an earlier call has kept")
    parser.add_argument("--keep", type=Path, help="where to keep the figures")
    given = parser.parse_args()
    if given.measured:
        cases = [Case(**one) for one in json.loads(given.measured.read_text())]
    else:
        print(
            f"{'':28}{'requests':>9}{'inner':>7}{'records':>9}{'wall s':>9}{'CPU s':>9}", flush=True
        )
        with tempfile.TemporaryDirectory() as folder:
            cases = measure(Path(folder))
    if given.keep:
        given.keep.write_text(json.dumps([asdict(case) for case in cases], indent=1))
    work_out({case.name: case for case in cases}, given)


if __name__ == "__main__":
    main()
