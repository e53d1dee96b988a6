"""The models for databases that no test has: compiled by dbt's own adapters, and parsed.

Two minutes with ``-m soak``, once the adapters are installed: half a gigabyte, in an environment of
their own.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

COMPILE = Path(__file__).parents[1] / "support" / "compile_models.py"
ADAPTERS = {"bigquery": "dbt-bigquery==1.12.1", "snowflake": "dbt-snowflake==1.12.4"}


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("exists", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("dialect", ADAPTERS)
def test_every_model_and_test_is_sql_that_the_database_reads(dialect, exists, tmp_path):
    with_ = ["--with", f"dbt-core=={version('dbt-core')}", "--with", ADAPTERS[dialect]]
    done = subprocess.run(
        [
            *("uv", "run", "--quiet", "--no-project", "--python", sys.executable, *with_),
            *("python", str(COMPILE), str(tmp_path), dialect, str(exists).lower()),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    compiled = list((tmp_path / "target" / "compiled").rglob("*.sql"))
    assert sum("marts" in path.parts for path in compiled) > 30
    for path in compiled:
        for statement in sqlglot.parse(path.read_text(), dialect=dialect):
            found = statement.find_all(exp.Anonymous, exp.Command)
            assert [str(one) for one in found] == [], path.name
            written = statement.sql(dialect=dialect)
            if dialect == "bigquery":
                assert "::" not in path.read_text(), path.name
            # Snowflake has no named windows.
            assert dialect != "snowflake" or " WINDOW " not in written, path.name
