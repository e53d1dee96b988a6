"""Builds the models whose tables in PostgreSQL have changed, and nothing if none have.

The table ``staging.last_build`` says what was built: with which models, on which day, from what
tables, and which relations there were afterwards. If all of that is the same, dbt isn't started.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, LiteralString

import msgspec
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ecwid_warehouse.building import digest_of, run_dbt, variables_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from psycopg import Connection

LOGGER: Final = logging.getLogger("ecwid-warehouse")

_SMALL: Final = 1000
"""Lists that a run reads in full are written again each time: up to so many rows are compared."""
_TABLES: Final[LiteralString] = """
    select table_name from information_schema.columns
    where table_schema = %s and column_name = '_sdc_batched_at' order by table_name
"""
_MARK: Final[LiteralString] = """
    select concat_ws(' ', count(*), max(_sdc_batched_at), count(_sdc_deleted_at)), count(*)
    from {table}
"""
_CONTENT: Final[LiteralString] = """
    select md5(string_agg(line, '' order by line))
    from (
        select (to_jsonb(raw) - array[
            '_sdc_batched_at', '_sdc_received_at', '_sdc_extracted_at', '_sdc_sequence',
            '_sdc_table_version', '_sdc_sync_started_at'
        ])::text as line
        from {table} as raw
    ) as lines
"""
_RELATIONS: Final[LiteralString] = """
    select md5(string_agg(pg_class.oid::text, ' ' order by pg_class.oid))
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('staging', 'marts') and relkind in ('r', 'v') and relname <> 'last_build'
"""


class _Variables(msgspec.Struct):
    raw_schema: str = "ecwid"


class _Project(msgspec.Struct):
    vars: _Variables = msgspec.field(default_factory=_Variables)


class Build(msgspec.Struct, frozen=True, kw_only=True):
    """What was built.

    Attributes:
        models: Digest of the models' text.
        variables: Digest of the environment's variables that the models name, and of dbt's options.
        day: The day, in UTC: models may refer to today.
        tables: What each table of the raw layer had.
        relations: Digest of the relations that the models are.
    """

    models: str
    day: str
    tables: Mapping[str, str]
    variables: str = ""
    relations: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQLBuilder:
    """Runs dbt on the tables that a loader wrote.

    Attributes:
        project: The folder of the dbt project.
        options: More options for dbt's command line.
    """

    project: Path
    options: Sequence[str]

    def build(self) -> int:
        """Build the models whose tables have changed.

        Returns:
            dbt's exit code.
        """
        try:
            with _connection() as connection:
                before = _last(connection)
                now = self._now(connection)
        except psycopg.Error as error:
            # dbt meets it too, and says more of it.
            LOGGER.info("PostgreSQL can't be asked what is new (%s)", str(error).splitlines()[0])
            return run_dbt(["build", *self.options])
        chosen: list[str] = []
        # Without tables, the loader's schema may have another name, which dbt knows.
        if before == now and now.tables:
            LOGGER.info("Nothing new in PostgreSQL: the models stay as they are")
            return 0
        if before is not None and before == msgspec.structs.replace(now, tables=before.tables):
            streams = [name for name, had in now.tables.items() if before.tables.get(name) != had]
            if streams and before.tables.keys() <= now.tables.keys():
                LOGGER.info("New: %s", ", ".join(streams))
                chosen = ["--select", *(f"source:raw.{stream}+" for stream in streams)]
        code = run_dbt(["build", *self.options, *chosen])
        if code == 0:
            with _connection() as connection:
                _keep(connection, now)
        return code

    def _now(self, connection: Connection) -> Build:
        text = (self.project / "dbt_project.yml").read_bytes()
        schema = msgspec.yaml.decode(text, type=_Project).vars.raw_schema
        return Build(
            models=digest_of(self.project),
            variables=variables_of(self.project),
            day=datetime.now(UTC).date().isoformat(),
            tables={
                name: _mark(connection, sql.Identifier(schema, name))
                for (name,) in connection.execute(_TABLES, [schema]).fetchall()
            },
            relations=_one(connection, sql.SQL(_RELATIONS)),
        )


def _connection() -> Connection:
    """As dbt's profile connects."""
    return psycopg.connect(
        make_conninfo(
            host=os.environ.get("PGHOST", "localhost"),
            user=os.environ.get("PGUSER", "postgres"),
            dbname=os.environ.get("PGDATABASE", "postgres"),
        )
    )


def _one(connection: Connection, query: sql.SQL | sql.Composed) -> str:
    row = connection.execute(query).fetchone()
    return str(row[0]) if row else ""


def _mark(connection: Connection, table: sql.Identifier) -> str:
    """What a table has: its content if it is small, or else when it was last written."""
    row: Any = connection.execute(sql.SQL(_MARK).format(table=table)).fetchone()
    mark, count = row
    return str(mark) if count > _SMALL else _one(connection, sql.SQL(_CONTENT).format(table=table))


def _last(connection: Connection) -> Build | None:
    """What was built last; None if it isn't known."""
    row: Any = connection.execute("select to_regclass('staging.last_build')").fetchone()
    if row[0] is None:
        return None
    try:
        return msgspec.json.decode(
            _one(connection, sql.SQL("select note from staging.last_build")), type=Build
        )
    except msgspec.MsgspecError:
        return None


def _keep(connection: Connection, build: Build) -> None:
    kept = msgspec.structs.replace(build, relations=_one(connection, sql.SQL(_RELATIONS)))
    connection.execute("drop table if exists staging.last_build")
    connection.execute("create table staging.last_build (note text)")
    note = msgspec.json.encode(kept).decode()
    connection.execute("insert into staging.last_build values (%s)", [note])
