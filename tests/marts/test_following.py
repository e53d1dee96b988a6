"""Marts that make only the rows of what changed have the rows that a full build has."""

from __future__ import annotations

import subprocess

import pytest

from built_again import build_again
from marts import differences
from models import MARTS, OnDuckDB, load
from odd_shop import ADDRESSES, STATUSES, OddShop, moment, some_shops

pytestmark = [pytest.mark.meltano, pytest.mark.soak, pytest.mark.timeout(1200)]
SEEN = {
    *("product_history", "order_status_history", "order_currencies"),
    *("inventory", "order_fulfilment", "daily_stock"),
}
"""Tables that also say what earlier builds saw."""


class BusyShop:
    """Lets things happen in a shop, and loads what a tap would read of it.

    Args:
        shop: The shop.
        models: Its warehouse.
    """

    def __init__(self, shop, models):
        self.shop = shop
        self.models = models
        self.chance = shop.random
        self.now = 20_000_000
        self.news = {}

    def _change(self, stream, key, **values):
        row = {**self.shop.rows[stream][key], **values}
        if stream not in {"categories", "store_profile"}:
            row["updated" if stream in {"products", "customers"} else "updateDate"] = moment(
                self.now
            )
        self.shop.rows[stream][key] = row
        self.news.setdefault(stream, []).append(row)

    def _delete(self, stream, key):
        row = self.shop.rows[stream].pop(key)
        gone = {"_sdc_deleted_at": moment(self.now), "store_id": self.shop.store_id}
        self.news.setdefault(stream, []).append({"id": row["id"], **gone})

    def _some(self, stream, most):
        keys = sorted(self.shop.rows[stream])
        return self.chance.sample(keys, min(len(keys), self.chance.randint(1, most)))

    def orders_move_on(self):
        for key in self._some("orders", 6):
            self._change("orders", key, paymentStatus=self.chance.choice(STATUSES))

    def orders_come(self):
        for number in range(self.chance.randint(1, 4)):
            order = self.shop.order(1_000 + len(self.shop.rows["orders"]) * 10 + number)
            self.shop.rows["orders"][order["id"],] = {**order, "store_id": self.shop.store_id}
            self._change("orders", (order["id"],))

    def orders_go(self):
        for key in self._some("orders", 3):
            self._delete("orders", key)

    def guests_register(self):
        for key in self._some("orders", 3):
            buyer = {"customerId": self.chance.choice((0, 1, 2, 3, 99))}
            self._change("orders", key, email=self.chance.choice(ADDRESSES) or "", **buyer)

    def customers_get_another_address(self):
        for key in self._some("customers", 2):
            self._change("customers", key, email=self.chance.choice(ADDRESSES) or "")

    def a_customer_goes(self):
        if len(self.shop.rows["customers"]) > 2:
            self._delete("customers", self.chance.choice(sorted(self.shop.rows["customers"])))

    def coupons_change(self):
        coupons = self.shop.rows["discount_coupons"]
        free = {"SPRING", "WELCOME", "GONE", "OTHER"} - {row["code"] for row in coupons.values()}
        if coupons and self.chance.random() < 0.3:
            self._delete("discount_coupons", self.chance.choice(sorted(coupons)))
        elif free:
            new = (80 + self.now % 1_000,)
            key = self.chance.choice([*sorted(coupons), new])
            if key == new:
                coupons[key] = {"id": new[0], "store_id": self.shop.store_id, "orderCount": 0}
            self._change("discount_coupons", key, code=self.chance.choice(sorted(free)))

    def products_change(self):
        for key in self._some("products", 3):
            values = self.chance.choice(
                (
                    {"name": f"Renamed {self.now}"},
                    {"defaultCategoryId": self.chance.choice((1, 3, 5))},
                    {"price": self.chance.randrange(100, 9000) / 100},
                    {"enabled": self.chance.random() < 0.5},
                    {"combinations": []},
                )
            )
            self._change("products", key, **values)

    def a_product_goes(self):
        if len(self.shop.rows["products"]) > 3:
            self._delete("products", self.chance.choice(sorted(self.shop.rows["products"])))

    def a_category_is_renamed(self):
        key = self.chance.choice(sorted(self.shop.rows["categories"]))
        self._change("categories", key, name=f"Category at {self.now}")

    def the_time_zone_changes(self):
        ((key, row),) = self.shop.rows["store_profile"].items()
        zone = self.chance.choice(("America/Los_Angeles", "UTC", "Asia/Tokyo"))
        formats = {**row["formatsAndUnits"], "timezone": zone}
        self._change("store_profile", key, formatsAndUnits=formats)

    def happen(self):
        """Something or other."""
        self.now += 1_000
        events = [
            *(self.orders_move_on, self.orders_come, self.orders_go, self.guests_register),
            *(self.customers_get_another_address, self.a_customer_goes, self.coupons_change),
            *(self.products_change, self.a_product_goes, self.a_category_is_renamed),
            self.the_time_zone_changes,
        ]
        for event in self.chance.sample(events, self.chance.randint(1, 4)):
            event()
        self.shop.fill_children()
        for stream in list(self.news):
            rows = self.news.pop(stream)
            # Lists are read in full; of the rest, earlier rows may come again.
            if stream in {"categories", "store_profile"} or self.chance.random() < 0.2:
                rows = [*self.shop.rows[stream].values(), *rows]
            self.models.add(stream, rows)


def tables(models):
    """The rows of all marts that say what is, in no order."""
    with models.connection() as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        return {
            name: sorted(map(repr, connection.execute(f"select * from marts.{name}").fetchall()))
            for (name,) in names
            if name not in SEEN
        }


@pytest.mark.parametrize("seed", range(50))
def test_marts_that_follow_changes_are_those_of_a_full_build(seed, tmp_path):
    models = OnDuckDB(tmp_path)
    # In one shop, so that lists of one store are whole; every third seed has two.
    shops = some_shops(seed) if seed % 3 == 0 else [OddShop(seed)]
    load(models, shops)
    models.build(*MARTS)
    busy = [BusyShop(shop, models) for shop in shops]
    chance = shops[0].random
    for _ in range(4):
        for _ in range(chance.randint(1, 2)):
            chance.choice(busy).happen()
        if chance.random() < 0.4:
            with pytest.raises(subprocess.TimeoutExpired):
                models.dbt("run", *MARTS, timeout=chance.uniform(1, 3))
            models.build(*MARTS)
        elif chance.random() < 0.2:
            models.build(*MARTS)
        else:
            build_again(models.path)
    for shop in shops:
        found = differences(models.ask, shop.rows)
        assert [one for one in found if one[0] not in SEEN] == []
    followed = tables(models)
    models.path.unlink()
    models.build(*MARTS)
    full = tables(models)
    assert followed.keys() == full.keys()
    for name, rows in full.items():
        assert followed[name] == rows, name
