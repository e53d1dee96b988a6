"""A warehouse built by dbt out of rows, without tap and loader."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg
from psycopg.conninfo import conninfo_to_dict

from copy_of_shop import MODELLED
from preloaded import preloaded

ROOT = Path(__file__).parents[2]
STREAMS = [stream for stream in MODELLED if stream not in {"swatches", "brands"}]
MARTS = ("--select", "exchange_rates", "stg_ecwid__reports", "+marts,resource_type:model")
"""Chooses the marts, and what they and their tests need."""


class Models:
    """The project's models over a raw layer; say which database by making a subclass.

    Args:
        folder: Where everything is.
        variables: The project's variables; with others, dbt parses all models again.
    """

    def __init__(self, folder, variables=None):
        self.folder = folder
        self.vars = variables or {}
        self.runs = 0
        self.variables = {}

    def add(self, stream, rows):
        """Load rows, as one run of a loader does."""
        raise NotImplementedError

    @contextmanager
    def connection(self):
        raise NotImplementedError

    def ask(self, query):
        with self.connection() as connection:
            return connection.execute(query).fetchall()

    def dbt(self, *arguments, timeout=None):
        """Run dbt, and kill it after so many seconds; gives its exit code and what it printed."""
        command = preloaded(
            *("dbt", "dbt.cli.main:cli", "dbt.cli", "dbt.task.build"),
            *("dbt.adapters.duckdb.impl", "dbt.adapters.postgres.impl"),
        )
        project = str(ROOT / "transform")
        found = subprocess.run(
            [
                *(*command, "--log-level-file", "none", *arguments),
                *("--project-dir", project, "--profiles-dir", project),
                *("--vars", json.dumps(self.vars), "--no-write-json"),
                *("--target-path", self.folder / "target", "--log-path", self.folder / "logs"),
            ],
            env=os.environ | self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=timeout,
        )
        return found.returncode, found.stdout

    def build(self, *arguments):
        code, printed = self.dbt("build", *arguments)
        assert code == 0, printed[-6000:]
        return printed

    def compiled(self, test):
        """The SQL of one of the project's own tests, as the last run had it."""
        folder = self.folder / "target" / "compiled" / "ecwid" / "tests"
        return (folder / f"{test}.sql").read_text()


class OnDuckDB(Models):
    """Raw layer in files."""

    def __init__(self, folder, variables=None):
        super().__init__(folder, variables)
        self.path = folder / "ecwid.duckdb"
        self.raw = folder / "raw"
        self.raw.mkdir()
        self.variables = {"ECWID_RAW_DIR": str(self.raw), "ECWID_DUCKDB": str(self.path)}

    def add(self, stream, rows):
        self.runs += 1
        lines = [json.dumps(row) + "\n" for row in rows]
        (self.raw / f"{stream}-20260101T{self.runs:06}.jsonl").write_text("".join(lines))

    @contextmanager
    def connection(self):
        with duckdb.connect(str(self.path)) as connection:
            yield connection


class OnPostgreSQL(Models):
    """Raw layer in tables with a column for each field."""

    def __init__(self, folder, uri):
        super().__init__(folder)
        self.uri = uri
        self.variables = {
            "ECWID_WAREHOUSE": "postgres",
            "ECWID_DUCKDB": "unused",
            "PGHOST": conninfo_to_dict(uri)["host"],
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
        }
        with self.connection() as connection:
            connection.execute("drop schema if exists ecwid, staging, marts cascade")
            connection.execute("create schema ecwid")

    def add(self, stream, rows):
        names = sorted({name for row in rows for name in row})
        with self.connection() as connection:
            columns = "".join(f', "{name}" jsonb' for name in names)
            connection.execute(f"drop table if exists ecwid.{stream}")
            connection.execute(
                f"create table ecwid.{stream} (_sdc_batched_at timestamp default now(){columns})"
            )
            if not rows:
                return
            listed = ", ".join(f'"{name}"' for name in names)
            connection.cursor().executemany(
                f"insert into ecwid.{stream} ({listed}) values ({', '.join(['%s'] * len(names))})",
                [
                    [json.dumps(row[name]) if name in row else None for name in names]
                    for row in rows
                ],
            )

    @contextmanager
    def connection(self):
        with psycopg.connect(self.uri) as connection:
            yield connection


def load(models, shops):
    """Load all that some shops have."""
    for stream in STREAMS:
        rows = [row for shop in shops for row in shop.rows[stream].values()]
        if rows:
            models.add(stream, rows)
