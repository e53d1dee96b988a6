"""Combines the marts of all shops in one database, with the store in each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def combine(databases: Mapping[str, Path], into: Path) -> dict[str, int]:
    """Copy the marts of many shops into one database.

    The new file replaces the old one in one step. Readers of the old file aren't disturbed.

    Args:
        databases: The shops' files, by store id; opened read-only.
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
        for store_id, path in sorted(databases.items()):
            connection.execute(f"attach '{_quoted(str(path))}' as shop (read_only)")
            for mart, columns in _marts(connection).items():
                named = f"{int(store_id)}::bigint as store_id, {columns}"
                asked = f'select {named} from shop.marts."{mart}"'  # noqa: S608 - names of columns
                if mart in rows:
                    there = f'marts."{mart}" (store_id, {columns})'
                    connection.execute(f"insert into {there} {asked}")
                else:
                    connection.execute(f'create table marts."{mart}" as {asked}')
                rows[mart] = _count(connection, mart)
            connection.execute("detach shop")
    made.replace(into)
    return rows


def _marts(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The marts of a shop -> their columns without the store, which comes first anyway."""
    found = connection.execute(
        """
        select table_name, string_agg('"' || column_name || '"', ', ' order by column_index)
        from duckdb_columns()
        where database_name = 'shop' and schema_name = 'marts' and column_name != 'store_id'
        group by table_name
        order by table_name
        """
    ).fetchall()
    return dict(found)


def _count(connection: duckdb.DuckDBPyConnection, mart: str) -> int:
    found = connection.execute(f'select count(*) from marts."{mart}"').fetchone()  # noqa: S608
    return int(found[0]) if found else 0


def _quoted(text: str) -> str:
    return text.replace("'", "''")
