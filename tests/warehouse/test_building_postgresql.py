"""ecwid-warehouse build into PostgreSQL: only what changed is built."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from ecwid_warehouse.postgresql import PostgreSQLBuilder
from postgresql import postgresql_server

CREATE = """
    drop schema if exists ecwid, staging, marts cascade;
    create schema ecwid;
    create schema staging;
    create schema marts;
    create table ecwid.brands (
        id int, name text, _sdc_batched_at timestamp default clock_timestamp(), _sdc_deleted_at text
    );
    create table ecwid.orders (like ecwid.brands including defaults);
    insert into ecwid.brands values (1, 'a'), (2, 'b');
    insert into ecwid.orders select number, 'o' from generate_series(1, 1500) as number;
    create table ecwid.notes (text text);
"""


@pytest.fixture(scope="module")
def server():
    with postgresql_server() as uri:
        yield uri


@pytest.fixture
def ask(server):
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(CREATE)
        yield connection.execute


@pytest.fixture
def build(server, ask, tmp_path, monkeypatch):
    """Builds; gives the options that dbt got, or None if it wasn't started."""
    for name, part in (("PGHOST", "host"), ("PGUSER", "user"), ("PGDATABASE", "dbname")):
        monkeypatch.setenv(name, conninfo_to_dict(server)[part])
    (tmp_path / "dbt_project.yml").write_text("name: ecwid\nvars:\n  raw_schema: ecwid\n")
    calls = []

    def run_dbt(arguments):
        calls.append(arguments[1:])
        ask("create table if not exists marts.orders (id int)")
        return 0

    monkeypatch.setattr("ecwid_warehouse.postgresql.run_dbt", run_dbt)
    builder = PostgreSQLBuilder(project=tmp_path, options=[])

    def build():
        assert builder.build() == 0
        return calls.pop() if calls else None

    return build


def test_dbt_builds_only_what_changed(build, ask, tmp_path, monkeypatch):
    assert build() == []
    assert build() is None
    # A list that was read again, and is the same.
    ask("update ecwid.brands set _sdc_batched_at = clock_timestamp()")
    assert build() is None
    for change, built in (
        ("update ecwid.brands set name = 'c' where id = 2", "brands"),
        ("update ecwid.brands set _sdc_deleted_at = 'now' where id = 1", "brands"),
        ("delete from ecwid.brands where id = 1", "brands"),
        (
            "update ecwid.orders set name = 'x', _sdc_batched_at = clock_timestamp() where id = 7",
            "orders",
        ),
        ("insert into ecwid.orders values (0, 'early', '2000-01-01')", "orders"),
        ("update ecwid.orders set _sdc_deleted_at = 'now' where id = 7", "orders"),
        ("create table ecwid.carts (like ecwid.brands including defaults)", "carts"),
    ):
        ask(change)
        assert build() == ["--select", f"source:raw.{built}+"], change
        assert build() is None, change
    for change in (
        "drop table marts.orders",
        "drop table ecwid.carts",
        'update staging.last_build set note = replace(note, \'"day":"20\', \'"day":"19\')',
        "update staging.last_build set note = '{}'",
        "delete from staging.last_build",
    ):
        ask(change)
        assert build() == [], change
        assert build() is None, change
    (tmp_path / "orders.sql").write_text("{{ env_var('SHOP_TYPE') }}")
    assert build() == []
    assert build() is None
    for name in ("SHOP_TYPE", "DBT_FULL_REFRESH"):
        monkeypatch.setenv(name, "true")
        assert build() == []
        assert build() is None


def test_without_tables_dbt_says_what_it_finds(build, ask):
    ask("drop schema ecwid cascade")
    assert [build(), build()] == [[], []]


def test_without_an_answer_dbt_is_left_to_say_why(build, monkeypatch, caplog):
    monkeypatch.setenv("PGHOST", "/nowhere")
    caplog.set_level("INFO")
    assert build() == []
    assert "can't be asked what is new" in caplog.text
