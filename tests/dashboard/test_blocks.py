"""Blocks of orders: taken over from the page before only if they would be the same."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import os
import random
import re
import shutil
import statistics
from decimal import Decimal

import duckdb
import pytest

from ecwid_dashboard import orders, queries
from ecwid_dashboard.blocks import blocks_of
from ecwid_dashboard.page import page
from ecwid_dashboard.stores import store_pages
from ecwid_dashboard.warehouse import duckdb_file
from varied_marts import TODAY, insert, with_orders

TABLES = ["orders", "order_lines", "order_discounts", "refunds", "order_attribution", "categories"]


@pytest.fixture(scope="module")
def usual(marts, tmp_path_factory):
    path = shutil.copy(marts, tmp_path_factory.mktemp("usual") / "usual.duckdb")
    with duckdb.connect(str(path)) as connection:
        for table, rows in with_orders(150).items():
            insert(connection, table, rows)
    return path


@pytest.fixture
def varied(usual, tmp_path):
    return shutil.copy(usual, tmp_path / "varied.duckdb")


class Watched:
    """The marts, and the months whose rows were asked for."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        self.digest = warehouse.digest
        self.months = set()

    def rows(self, query, *values):
        if "any($3)" in query:
            self.months.update(values[2])
        return self.warehouse.rows(query, *values)


def blocks(path, kept=None):
    """The blocks of the first store by their keys, and the months that were made."""
    with duckdb_file(path) as warehouse:
        watched = Watched(warehouse)
        found = orders.blocks(watched, queries.stores(watched)[0], kept or {})
    return {block.key: block for block in found}, {f"{month:%Y-%m}" for month in watched.months}


def marked(found):
    return [(block.key, block.text, block.mark) for block in found.values()]


def other(value, kind, chance):
    """Another value of a column."""
    if kind == "BOOLEAN":
        return not value
    if kind == "DATE":
        return value + dt.timedelta(chance.choice([-40, -1, 1]))
    if kind.startswith("DECIMAL"):
        return (value or 0) + chance.choice([Decimal("0.0001"), Decimal("-0.01"), 100])
    if kind == "VARCHAR":
        return chance.choice([f"{value} new", "", '"é😀\\\n']) if value else "new"
    return (value or 0) + 1


def changes(path):
    """Every column of the tables, changed in a random row, three at a time; gives their names."""
    chance = random.Random(40)
    with duckdb.connect(str(path)) as connection:
        columns = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema = 'marts' and list_contains($1, table_name) order by all",
            [TABLES],
        ).fetchall()
    chance.shuffle(columns)
    for three in (columns[at : at + 3] for at in range(0, len(columns), 3)):
        with duckdb.connect(str(path)) as connection:
            for table, column, kind in three:
                rows = connection.execute(f"select rowid, {column} from marts.{table}").fetchall()
                row, value = chance.choice([one for one in rows if one[1] is not None] or rows)
                new = other(value, kind, chance)
                if column != "order_id" and chance.random() < 0.2:
                    new = None
                connection.execute(
                    f"update marts.{table} set {column} = $1 where rowid = $2", [new, row]
                )
        yield three


def test_a_page_over_another_has_the_blocks_of_a_new_one(varied):
    kept, made = blocks(varied)
    assert len(kept) == len(made) > 8
    taken_over = []
    for change in changes(varied):
        over, made = blocks(varied, kept)
        new, _ = blocks(varied)
        assert marked(over) == marked(new), change
        taken_over.append(len(over) - len(made))
        kept = over
    assert len(taken_over) > 15
    # Nearly all changes are of a month or two, and none are of no month.
    assert 0 < statistics.median(taken_over) < len(kept)
    assert blocks(varied, kept) == (kept, set())


def test_a_new_order_changes_its_month_alone(varied):
    kept, _ = blocks(varied)
    with duckdb.connect(str(varied)) as connection:
        connection.execute("""
            insert into marts.orders (store_id, order_id, order_key, order_date, is_sale, total,
                refunded, all_discounts) values (1, 'AAA', '1-AAA', '2026-03-30', true, 9, 0, 0);
            insert into marts.order_lines (store_id, order_id, product_id, product_name, quantity,
                order_date, is_sale, goods_net_sales) values
            (1, 'AAA', 5, 'Sold for the first time', 1, '2026-03-30', true, 9);
        """)
    over, made = blocks(varied, kept)
    assert made == {"2026-03"}
    assert {key for key in over if over[key] != kept[key]} == {"orders-1-2026-03"}


def test_a_reason_is_shown_when_it_occurs_again_in_any_month(varied):
    def reasons(found):
        texts = {key: gzip.decompress(base64.b64decode(one.text)) for key, one in found.items()}
        return {key for key, text in texts.items() if b"Only of" in text}

    kept, _ = blocks(varied)
    assert not reasons(kept)
    with duckdb.connect(str(varied)) as connection:
        ((reason, day),) = connection.execute(
            "select reason, order_date from marts.refunds where reason like 'Only of%' limit 1"
        ).fetchall()
        connection.execute(
            "update marts.refunds set reason = $1 where rowid = (select min(rowid)"
            " from marts.refunds where reason = 'Broken' and abs(order_date - $2) > 40)",
            [reason, day],
        )
    over, made = blocks(varied, kept)
    assert len(made) == len(reasons(over)) == 2


def test_blocks_that_others_have_changed_are_made_again(varied, tmp_path):
    right, _ = blocks(varied)
    with duckdb_file(varied) as warehouse:
        made = page(store_pages(warehouse, only=1, today=TODAY))
    with duckdb.connect(str(varied)) as connection:
        connection.execute("update marts.orders set total = total + 1")
    with duckdb_file(varied) as warehouse:
        foreign = page(store_pages(warehouse, only=1, today=TODAY))
    with duckdb.connect(str(varied)) as connection:
        connection.execute("update marts.orders set total = total - 1")
    file = tmp_path / "page.html"
    first, second, *_ = right.values()
    marks = [one.mark for one in right.values()]
    cut = made.index(first.text) + len(first.text) // 2
    for old, number in (
        (made, len(right)),
        (foreign, 0),
        (foreign + made, len(right)),
        (made + foreign, 0),
        ("", 0),
        (made[:cut], 0),
        (made[cut:], len(right) - 1),
        (made.replace(first.text, second.text), len(right) - 1),
        (made.replace(first.text, first.text[:-8] + "AAAA" + first.text[-4:]), len(right) - 1),
        (made.replace(first.text, ""), len(right) - 1),
        (made.replace(first.text, "</script><script>alert(1)</script>"), len(right) - 1),
        (made.replace(first.key, second.key), len(right) - 1),
        (made.replace(first.mark, second.mark), len(right) - 1),
        (made.replace('data-mark="', 'data-mark="0'), 0),
        (re.sub("|".join(marks), marks[0], made), 1),
    ):
        file.write_text(old)
        over, months = blocks(varied, blocks_of(file))
        assert marked(over) == marked(right)
        assert len(right) - len(months) == number
    os.truncate(file, 1 << 40)
    assert blocks_of(file) == blocks_of(tmp_path) == blocks_of(tmp_path / "none") == {}
