"""The marts of tests, in a DuckDB file."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

MARTS = (Path(__file__).parent / "marts.sql").read_text()


@pytest.fixture(scope="session")
def marts(tmp_path_factory):
    path = tmp_path_factory.mktemp("marts") / "shops.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(MARTS)
    return path
