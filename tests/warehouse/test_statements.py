"""Statements that dbt kept run again: all that read what came, in order, or nothing at all."""

from __future__ import annotations

import duckdb
import pytest

from ecwid_warehouse.statements import run_again

ORDERS, PRODUCTS = "source.ecwid.raw.orders", "source.ecwid.raw.products"
NODES = {
    "start": ([], "set memory_limit = '200MB'"),
    # In no order.
    "test.days": (["model.days"], "select 1 where (select count(*) from ran) > 9"),
    "model.days": (["model.lines", "model.stock"], "insert into ran values ('days')"),
    "model.shop.own": (["source.shop.raw.carts"], "insert into ran values ('own')"),
    "model.lines": (["model.orders"], "insert into ran values ('lines')"),
    "model.orders": ([ORDERS], "insert into ran values ('orders')"),
    "model.stock": (
        [PRODUCTS],
        "insert into ran values ('stock'); insert into ran values ('more')",
    ),
    "test.both": (["model.orders", "model.stock"], "select 1 where false"),
}


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "ecwid.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema staging; create table ran (node varchar);"
            "create table staging.statements (node varchar, reads varchar[], statement varchar)"
        )
        connection.executemany(
            "insert into staging.statements values (?, ?, ?)",
            [[node, reads, statement] for node, (reads, statement) in NODES.items()],
        )
    return path


def ran(database, change=None):
    """What ran so far; with a change, after it."""
    with duckdb.connect(str(database)) as connection:
        if change:
            connection.execute(change)
        return [node for (node,) in connection.execute("select node from ran").fetchall()]


@pytest.mark.parametrize(
    ("streams", "expected"),
    [
        (["orders"], ["orders", "lines", "days"]),
        (["products"], ["stock", "more", "days"]),
        (["carts"], ["own"]),
        (["swatches"], []),
        ([], []),
    ],
)
def test_what_reads_a_stream_runs_in_order(database, streams, expected):
    assert run_again(database, streams) is None
    assert ran(database) == expected


def test_everything_runs_without_streams(database):
    assert run_again(database, None) is None
    found = ran(database)
    assert sorted(found) == ["days", "lines", "more", "orders", "own", "stock"]
    assert found.index("orders") < found.index("lines") < found.index("days")
    assert found.index("more") < found.index("days")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            "update staging.statements set statement = 'select 1' where node = 'test.days'",
            "test.days fails",
        ),
        (
            "update staging.statements set statement = null where node = 'model.days'",
            "there is no kept statement of model.days",
        ),
        (
            "update staging.statements set statement = null where node = 'test.both'",
            "there is no kept statement of test.both",
        ),
        (
            "delete from staging.statements where node = 'start'",
            "there is no kept statement of start",
        ),
        (
            "update staging.statements set statement = 'select * from gone' where reads[2] > ''",
            "Table with name gone does not exist",
        ),
        ("drop table staging.statements", "Table with name statements does not exist"),
    ],
)
def test_if_something_can_t_run_nothing_has_and_dbt_has_to(database, change, reason):
    ran(database, change)
    assert reason in run_again(database, ["orders"])
    assert ran(database) == []


@pytest.mark.parametrize(
    ("said", "error"), [("Query interrupted", KeyboardInterrupt), ("else", RuntimeError)]
)
def test_ctrl_c_ends_the_build(database, monkeypatch, said, error):
    def interrupted(connection, _):
        connection.execute("insert into ran values ('orders')")
        raise RuntimeError(said)

    monkeypatch.setattr("ecwid_warehouse.statements._run", interrupted)
    with pytest.raises(error):
        run_again(database, ["orders"])
    assert ran(database) == []


def test_a_database_that_another_program_writes_to_is_left_to_dbt(database):
    with duckdb.connect(str(database), read_only=True):
        assert run_again(database, None) is not None
    assert ran(database) == []
