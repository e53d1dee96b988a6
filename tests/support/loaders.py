"""Loaders of others: how each is installed, called, and what it has loaded.

They are no dependencies of the workspace: ``uvx`` installs each into an environment of its own.
Those of the SDK leave ``_sdc_deleted_at`` out unless ``add_record_metadata`` is set, target-duckdb
unless ``hard_delete`` is: a row that was deleted then seems to be there.
"""

from __future__ import annotations

import contextlib
import csv
import json
import re
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import httpx2
import psycopg
from psycopg.rows import dict_row

from ecwid_warehouse.frames import lines_of
from postgresql import postgresql_server

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
PYTHON = "3.11"
"""What the loaders of others run on: some of them know no later one."""


class Loader:
    """A loader, with a folder for what it loads.

    Attributes:
        title: Its name in the docs, if it is not the package's.
        package: What to install; None if the command is ours.
        more: What has to be installed with it.
        command: Its command.
        note: What to set, and what doesn't work and whose fault it is.
    """

    title = ""
    package = None
    more = ()
    command = ()
    note = ""

    def __init__(self, folder):
        self.folder = folder

    @contextlib.contextmanager
    def running(self):
        """What it needs besides."""
        yield self

    def settings(self):
        return {}

    def load(self, messages):
        """Load a run's messages: exit code and log."""
        path = self.folder / "settings.json"
        path.write_text(json.dumps(self.settings()))
        extra = [part for one in self.more for part in ("--with", one)]
        install = ["uvx", "--python", PYTHON, *extra, "--from", self.package or ""]
        done = subprocess.run(
            [*(install if self.package else ()), *self.command, "--config", str(path)],
            input=messages,
            capture_output=True,
            cwd=self.folder,
            timeout=280,
            check=False,
        )
        return done.returncode, done.stderr.decode()

    def rows(self, stream):
        """A table's rows, in the order in which they were loaded; names in lower case."""
        raise NotImplementedError


class Raw(Loader):
    """The project's own."""

    title = "`target-raw`, this project's"
    note = "The project's [models](warehouse.md#the-raw-layer) read it with DuckDB."
    command = (str(BIN / "target-raw"),)

    def settings(self):
        return {"path": str(self.folder / "raw")}

    def rows(self, stream):
        found = []
        for path in sorted((self.folder / "raw").glob(f"{stream}-*")):
            if ".whole." in path.name:
                # A whole list replaces what was before.
                found.clear()
            found += [json.loads(line) for line in lines_of(path)]
        return found


class JsonLines(Loader):
    note = (
        "Models keep the newest record of each key, as this project's do. Set "
        "`emit_activate_version_messages: false`: it ignores ACTIVATE_VERSION, with a warning "
        "for each."
    )
    package = "target-jsonl==0.1.4"
    more = ("setuptools<80",)
    command = ("target-jsonl",)

    def settings(self):
        return {"destination_path": str(self.folder), "do_timestamp_file": False}

    def rows(self, stream):
        path = self.folder / f"{stream}.jsonl"
        return [json.loads(line) for line in path.open()] if path.exists() else []


class Csv(Loader):
    note = (
        "Set `add_record_metadata: true`, and `file_naming_scheme: "
        '"{stream_name}-{timestamp}.csv"`: by default, each run replaces the files, and they '
        "then hold only its changes (the loader's fault; `overwrite_behavior` has no effect)."
    )
    package = "meltanolabs-target-csv==0.5.0"
    command = ("target-csv",)

    def settings(self):
        # By default, each run replaces the files: then they have its changes only.
        return {
            "output_path": str(self.folder),
            "file_naming_scheme": "{stream_name}-{timestamp}.csv",
            "add_record_metadata": True,
        }

    def rows(self, stream):
        csv.field_size_limit(1 << 24)
        files = sorted(self.folder.glob(f"{stream}-2*.csv"))
        return [row for path in files for row in csv.DictReader(path.open(newline=""))]


class Parquet(Loader):
    """It writes to S3, which moto stands in for."""

    note = (
        "Set `add_record_metadata: true`, and `format_parquet.get_schema_from_tap: false`: "
        "with the tap's schema, it ends at the first number with a fraction (the loader's "
        "fault)."
    )
    package = "plinxore-target-s3==0.1.7"
    command = ("target-s3",)

    @contextlib.contextmanager
    def running(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = ["uvx", "--from", "moto[server]", "moto_server", "-p", str(port)]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server:
            try:
                for _ in range(600):
                    with contextlib.suppress(httpx2.TransportError):
                        httpx2.put(f"{self.url}/warehouse")
                        break
                    time.sleep(0.1)
                yield self
            finally:
                server.terminate()

    def settings(self):
        aws = {
            "aws_access_key_id": "x",
            "aws_secret_access_key": "x",
            "aws_region": "us-east-1",
            "aws_bucket": "warehouse",
            "aws_endpoint_override": self.url,
        }
        # With the tap's schema, it fails on every number with a fraction.
        parquet = {"get_schema_from_tap": False}
        return {
            "format": {"format_type": "parquet", "format_parquet": parquet},
            "compression": "none",
            "prefix": "raw",
            "add_record_metadata": True,
            "cloud_provider": {"cloud_provider_type": "aws", "aws": aws},
        }

    def rows(self, stream):
        listed = httpx2.get(f"{self.url}/warehouse?list-type=2&prefix=raw/{stream}/").text
        found = re.findall(r"<Key>([^<]*)</Key><LastModified>([^<]*)", listed)
        rows = []
        for key, _ in sorted(found, key=lambda one: one[1]):
            path = self.folder / "found.parquet"
            path.write_bytes(httpx2.get(f"{self.url}/warehouse/{key}").content)
            table = duckdb.sql(f"select * from '{path}'")
            rows += [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
        return rows


class DuckDb(Loader):
    note = (
        "Install it with `duckdb==1.1.3`, and set `hard_delete: true`. With DuckDB 1.2 and "
        "later, it then loses the last row of each table; without `hard_delete`, it drops "
        "`_sdc_deleted_at`. It ignores ACTIVATE_VERSION. All of these are the loader's faults."
    )
    package = "target-duckdb==0.8.0"
    # With DuckDB 1.2 and later, it loses the last row of each table.
    more = ("setuptools<80", "duckdb==1.1.3")
    command = ("target-duckdb",)

    def settings(self):
        return {
            "filepath": str(self.folder / "shop.duckdb"),
            "default_target_schema": "main",
            "hard_delete": True,
        }

    def rows(self, stream):
        with duckdb.connect(str(self.folder / "shop.duckdb")) as connection:
            names = {name for (name,) in connection.execute("show tables").fetchall()}
            if stream not in names:
                return []
            table = connection.sql(f"select * from {stream}")
            return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]


class PostgreSql(Loader):
    note = (
        "Set `hard_delete: true`, for the lists; without it, their rows are marked too. Set "
        "`PGTZ=UTC`: its time columns have no zone."
    )
    package = "meltanolabs-target-postgres[psycopg3]==0.8.1"
    command = ("target-postgres",)

    @contextlib.contextmanager
    def running(self):
        with postgresql_server() as self.url:
            yield self

    def settings(self):
        return {
            "sqlalchemy_url": self.url.replace("postgresql:", "postgresql+psycopg:"),
            "default_target_schema": "shop",
            "hard_delete": True,
        }

    def rows(self, stream):
        with psycopg.connect(self.url, row_factory=dict_row) as connection:
            found = connection.execute("select to_regclass(%s) as name", [f"shop.{stream}"])
            if found.fetchone()["name"] is None:
                return []
            return connection.execute(f"select * from shop.{stream}").fetchall()


class Sqlite(Loader):
    """What the SDK makes for any SQL database."""

    title = "an SQL target of the Meltano SDK, on SQLite"
    note = (
        "Set `add_record_metadata: true` and `hard_delete: true`. Without the first, the SDK "
        "drops `_sdc_deleted_at`. SQLite has no exact numbers: more than 15 digits are "
        "rounded."
    )
    command = (sys.executable, str(HERE / "sqlite_target.py"))
    more_settings = {}

    def settings(self):
        kept = {"add_record_metadata": True, "hard_delete": True}
        return {"path": str(self.folder / "shop.sqlite"), **kept, **self.more_settings}

    def rows(self, stream):
        # DuckDB would need an extension.
        with contextlib.closing(sqlite3.connect(self.folder / "shop.sqlite")) as connection:
            connection.row_factory = sqlite3.Row
            try:
                return [dict(row) for row in connection.execute(f"select * from {stream}")]
            except sqlite3.OperationalError:
                return []


class FlatSqlite(Sqlite):
    title = "the same, flattened"
    note = "The same with `flattening_enabled: true`: objects become columns, lists stay text."
    more_settings = {"flattening_enabled": True, "flattening_max_depth": 3}


class TargetSqlite(Loader):
    package = "target-sqlite==0.2.0"
    command = ("target-sqlite",)
    note = "It doesn't start on Python 3.10 or later (the loader's fault)."

    def settings(self):
        return {"database": str(self.folder / "shop")}


class TargetParquet(Loader):
    package = "target-parquet==0.0.1"
    command = ("target-parquet",)
    note = (
        "It can't be installed on Python 3.11 or later: it needs pandas 0.24 (the loader's fault)."
    )

    def settings(self):
        return {"destination_path": str(self.folder)}


class TargetCsv(Loader):
    package = "target-csv==0.3.0"
    command = ("target-csv",)
    note = (
        "It doesn't start: it needs `pkg_resources`, and doesn't name setuptools (the loader's "
        "fault). `meltanolabs-target-csv` does."
    )

    def settings(self):
        return {"destination_path": str(self.folder)}


class TargetS3(Loader):
    package = "target-s3==0.1.0"
    command = ("target-s3",)
    note = (
        "It doesn't start on Python 3.10 or later (the loader's fault). `plinxore-target-s3` does."
    )

    def settings(self):
        return {"aws_bucket": "warehouse"}


LOADERS = (
    *(Raw, JsonLines, PostgreSql, Sqlite, FlatSqlite, Parquet, Csv, DuckDb),
    *(TargetSqlite, TargetParquet, TargetCsv, TargetS3),
)
