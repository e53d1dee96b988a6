"""Many shops: one warehouse of many, and its rows compared with Ecwid's."""

from __future__ import annotations

import duckdb
import pytest

from many_shops.combining import combine
from many_shops.counting import compared


def test_marts_of_many_groups_become_one(tmp_path):
    paths = [tmp_path / f"{name}.duckdb" for name in ("one", "two", "three")]
    tables = [
        "select 1003 as store_id, 1 as id, 'a' as email",
        # In another order.
        "select 'b' as email, 2 as id, 1004 as store_id",
        "select 1005 as store_id, 1 as id, 'c' as email",
    ]
    for path, table in zip(paths, tables, strict=True):
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.customers as {table}")
    into = tmp_path / "it's all" / "all.duckdb"
    assert combine(paths, into) == {"customers": 3}
    assert combine(paths, into) == {"customers": 3}
    with duckdb.connect(str(into), read_only=True) as connection:
        rows = connection.execute("select store_id, id, email from marts.customers order by 1")
        assert rows.fetchall() == [(1003, 1, "a"), (1004, 2, "b"), (1005, 1, "c")]


@pytest.mark.parametrize(
    ("orders", "said"),
    [
        (40, False),
        (41, True),
        (20, False),
        (19, True),
        (0, True),
    ],
)
def test_rows_may_differ_by_what_changes_between_two_loads(orders, said):
    rows = {"customers": 1000, "orders": 30, "products": 5}
    found = compared({**rows, "orders": orders}, rows)
    words = f"{orders} in the shop, 30 in the warehouse"
    assert found == ({"orders": words} if said else {})


def test_rows_of_a_large_or_unreadable_shop():
    large = {"customers": 10_000, "orders": 0, "products": 0}
    assert compared(large, {"customers": 9_900}) == {}
    assert compared(large, {}) == {"customers": "10,000 in the shop, 0 in the warehouse"}
    assert compared({"error": "refused"}, large) == {"error": "refused"}
