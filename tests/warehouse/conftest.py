"""The models on a raw layer, without Meltano."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from preloaded import preloaded

ROOT = Path(__file__).parents[2]


class Warehouse:
    """The project's models over a raw layer, in a DuckDB file."""

    def __init__(self, folder):
        self.folder = folder
        self.raw = folder / "raw"
        self.raw.mkdir(parents=True)
        self.database = folder / "ecwid.duckdb"
        self.models = folder / "transform"
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(ROOT / "transform", self.models, ignore=ignored)
        self._dbt = preloaded(
            *("dbt", "dbt.cli.main:cli", "dbt.cli", "dbt.task.build"),
            "dbt.adapters.duckdb.impl",
        )

    def environment(self, database=None):
        return os.environ | {
            "ECWID_RAW_DIR": str(self.raw),
            "ECWID_DUCKDB": str(database or self.database),
            "ECWID_WAREHOUSE": "duckdb",
        }

    def start(self, *arguments, database=None):
        folder = ["--project-dir", str(self.models), "--profiles-dir", str(self.models)]
        return subprocess.Popen(
            [*self._dbt, *arguments, *folder],
            cwd=self.folder,
            env=self.environment(database),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def dbt(self, *arguments, database=None):
        process = self.start(*arguments, database=database)
        printed, _ = process.communicate(timeout=200)
        assert process.returncode == 0, printed[-4000:]
        return printed

    def tables(self, database=None):
        """The rows of all tables of the schema staging, in no order, without what the load left."""
        with duckdb.connect(str(database or self.database), read_only=True) as connection:
            names = connection.execute(
                "select table_name from duckdb_tables() "
                "where schema_name = 'staging' and starts_with(table_name, 'stg_')"
            ).fetchall()
            return {name: self._rows(connection, name) for (name,) in names}

    @staticmethod
    def _rows(connection, name):
        table = connection.sql(f"select * from staging.{name}")
        kept = [c for c in table.columns if c not in {"loaded_from", "batch"}]
        return sorted(map(repr, table.select(*kept).fetchall()))

    def noted_twice(self):
        """What staging has noted more than once of its loads."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return [
                row
                for table in ("loads", "touched", "deleted_keys")
                for row in connection.execute(
                    f"select * from staging.{table} group by all having count(*) > 1"
                ).fetchall()
            ]

    def keys(self, stream, column):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            query = f"select {column} from staging.stg_ecwid__{stream}"
            return sorted(key for (key,) in connection.execute(query).fetchall())


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    return Warehouse(tmp_path_factory.mktemp("warehouse"))
