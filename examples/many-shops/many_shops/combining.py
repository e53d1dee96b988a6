"""Combines the marts of all groups in one database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def combine(databases: Iterable[Path], into: Path) -> dict[str, int]:
    """Copy the marts of many groups into one database.

    The new file replaces the old one in one step. Readers of the old file aren't disturbed.

    Args:
        databases: The groups' files; opened read-only.
        into: The file to write.

    Returns:
        Rows by mart.
    """
    made = into.with_suffix(".next")
    made.unlink(missing_ok=True)
    into.parent.mkdir(parents=True, exist_ok=True)
    rows: dict[str, int] = {}
    with duckdb.connect(str(made)) as connection:
        connection.execute("create schema marts")
        for path in databases:
            connection.execute(f"attach '{_quoted(str(path))}' as part (read_only)")
            for mart in _marts(connection):
                asked = f'select * from part.marts."{mart}"'  # noqa: S608 - a table's name
                if mart in rows:
                    connection.execute(f'insert into marts."{mart}" by name {asked}')
                else:
                    connection.execute(f'create table marts."{mart}" as {asked}')
                rows[mart] = _count(connection, mart)
            connection.execute("detach part")
    made.replace(into)
    return rows


def _marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        "select distinct table_name from duckdb_columns() "
        "where database_name = 'part' and schema_name = 'marts' order by table_name"
    ).fetchall()
    return [name for (name,) in found]


def _count(connection: duckdb.DuckDBPyConnection, mart: str) -> int:
    found = connection.execute(f'select count(*) from marts."{mart}"').fetchone()  # noqa: S608
    return int(found[0]) if found else 0


def _quoted(text: str) -> str:
    return text.replace("'", "''")
