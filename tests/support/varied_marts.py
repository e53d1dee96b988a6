"""Marts with random orders of all kinds, for tests of the dashboard."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal

TODAY = dt.date(2026, 3, 31)
PRODUCTS = {
    11: "Teapot",
    12: "Mug",
    13: "\ufeffCup 😀 with a name that is too long for a bar",
    14: "Teapot + Mug",
    15: "Kestrel Travel Press of Steel \N{EN DASH} Moss",
    None: None,
}
CATEGORIES = {1: "Tea", 2: "Tea > Mugs", 3: "Teas", None: "Without a category"}
CHOICES = {
    "country": ["DE", "AT", "FR", None],
    "channel": ["direct", "email", "paid"],
    "campaign": ["spring", "Spring", "<b>&amp;\"'", None],
    "device": ["phone", "desktop", None],
    "coupon": ["SPRING", "= 1 + 1", None, None],
}


def cents(chance, most):
    return Decimal(chance.randrange(most)) / 100


def insert(connection, table, rows):
    columns = list(rows[0])
    places = ", ".join("?" for _ in columns)
    connection.execute(f"delete from marts.{table} where store_id = 1")
    connection.executemany(
        f"insert into marts.{table} ({', '.join(columns)}) values ({places})",
        [list(row.values()) for row in rows],
    )


def with_orders(number):
    """Rows of the marts about some orders of all kinds, by table."""
    chance = random.Random(20)
    rows = defaultdict(list)
    ends = [0, 1, 26, 29, 30, 31, 59, 60, 89, 90, 364, 365]
    for name in map(str, range(100, 100 + number)):
        # Many on the days at the ends of periods, weeks and months.
        day = TODAY - dt.timedelta(chance.choice([*ends, chance.randrange(511)]))
        order = {"store_id": 1, "order_id": name, "order_date": day}
        sale = {**order, "is_sale": True}
        nth = chance.choice([1, 1, 2, 3, None])
        total = cents(chance, 300_000)
        back = round(chance.choice([Decimal(0), Decimal(0), total, total / 2]), 2)
        of = {key: chance.choice(values) for key, values in CHOICES.items()}
        known = {"order_key": f"1-{name}", "net_sales": total - back, "country_code": of["country"]}
        amounts = {"total": total, "refunded": back, "all_discounts": cents(chance, 900)}
        coupon = {"coupon_code": of["coupon"], "nth_sale_of_customer": nth}
        rows["orders"].append({**sale, **known, **amounts, **coupon})
        source = None if of["campaign"] else chance.choice(["news", None])
        touch = {"last_campaign": of["campaign"], "last_source": source, "is_first_sale": nth == 1}
        origin = {**known, **touch, "channel": of["channel"], "device": of["device"]}
        rows["order_attribution"].append({"store_id": 1, "order_date": day, **origin})
        for _ in range(chance.randrange(4)):
            product = chance.choice(list(PRODUCTS))
            units = {"quantity": chance.randrange(1, 4), "units_returned": chance.randrange(2)}
            goods = {"category_id": chance.choice(list(CATEGORIES)), **units}
            named = {"product_id": product, "product_name": PRODUCTS[product], "sku": "POST"}
            sold = {"goods_net_sales": cents(chance, 90_000) - 20 + Decimal(nth or 0) / 10_000}
            rows["order_lines"].append({**sale, **goods, **named, **sold})
        if back:
            reason = chance.choice(["Broken", "Broken", "Late", f"Only of {name}", " ", None])
            paid = {"amount": back - Decimal("0.01"), "reason": reason, "is_listed": True}
            rest = {"amount": Decimal("0.01"), "reason": None, "is_listed": False}
            rows["refunds"] += [{**sale, **paid}, {**sale, **rest}]
        for kind in chance.sample(["coupon", "volume", "manual"], chance.randrange(3)):
            off = {"name": chance.choice(["A & B", None]), "amount": cents(chance, 900)}
            rows["order_discounts"].append({**sale, "kind": kind, **off})
    return rows
