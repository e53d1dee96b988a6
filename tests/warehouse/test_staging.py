"""Staging that takes only what is new has the rows that a full build has, whatever came before."""

from __future__ import annotations

import random
import shutil
import time

import pytest

from built_again import build_again
from raw_layer import killed_load, load
from shop_records import CHANGES, MadeUpShop

MODELS = [
    "--select",
    *(
        f"stg_ecwid__{name}"
        for name in (
            *("store_profile", "promotions", "orders", "order_items", "order_refunds", "products"),
            *("product_variations", "product_images", "customers", "customer_contacts"),
        )
    ),
]


def assert_as_if_built_at_once(warehouse, shop):
    """The rows are those of a full build, and those that the shop has."""
    fresh = warehouse.folder / "fresh.duckdb"
    fresh.unlink(missing_ok=True)
    warehouse.dbt("run", *MODELS, database=fresh)
    found, expected = warehouse.tables(), warehouse.tables(fresh)
    assert found.keys() == expected.keys()
    for name, rows in expected.items():
        assert found[name] == rows, name
    orders = shop.rows["orders"].values()
    assert warehouse.keys("orders", "order_id") == sorted(row["id"] for row in orders)
    items = sorted(item["id"] for row in orders for item in row["items"])
    assert warehouse.keys("order_items", "order_item_id") == items
    assert warehouse.keys("promotions", "promotion_id") == sorted(shop.rows["promotions"])
    for stream in CHANGES.keys() - {"orders"}:
        column = f"{stream.removesuffix('s')}_id"
        assert warehouse.keys(stream, column) == sorted(shop.rows[stream]), stream


def start_over(warehouse):
    shutil.rmtree(warehouse.raw)
    warehouse.raw.mkdir()
    warehouse.database.unlink(missing_ok=True)


# A seed runs dbt a dozen times: on a busy machine, that takes longer than a test usually may.
LONG = [pytest.mark.soak, pytest.mark.timeout(1200)]
SEEDS = [0, *(pytest.param(seed, marks=LONG) for seed in range(1, 50))]


@pytest.mark.parametrize("seed", SEEDS)
def test_incremental_is_full(seed, warehouse, capsys):
    start_over(warehouse)
    rng = random.Random(seed)
    shop = MadeUpShop(rng)
    if seed % 2 == 0:
        # Records without a store are of the only one, also of one that comes later.
        messages = shop.run()
        load(warehouse.raw, *(m for m in messages if m["stream"] != "store_profile"))
        warehouse.dbt("run", *MODELS)
        assert set(warehouse.keys("products", "store_id")) <= {0}
        load(warehouse.raw, *messages)
    for _ in range(2 if seed == 0 else 8):
        for _ in range(rng.randint(1, 2)):
            messages = shop.run()
            if rng.random() < 0.3:
                killed_load(warehouse.raw, messages, rng.randint(0, 12))
            load(warehouse.raw, *messages)
        if rng.random() < 0.4:
            load(warehouse.raw, *shop.stale())
        if rng.random() < 0.3:
            process = warehouse.start("run", *MODELS)
            time.sleep(rng.uniform(0.2, 2.5))
            process.kill()
            process.communicate()
            warehouse.dbt("run", *MODELS)
        elif rng.random() < 0.2 or not warehouse.database.exists():
            warehouse.dbt("run", *MODELS)
        else:
            build_again(warehouse.database)
    # What has been read is noted once, also if nothing came since.
    warehouse.dbt("run", "--select", "stg_ecwid__products")
    assert warehouse.noted_twice() == []
    assert set(warehouse.keys("products", "store_id")) <= {1003}
    assert_as_if_built_at_once(warehouse, shop)
    capsys.readouterr()
