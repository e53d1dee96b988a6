"""What the marts have to say, worked out from the shop's objects without any SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

SALES = {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"}


def money(value):
    return Decimal(str(value or 0)).quantize(Decimal("0.0001"))


def day_of(text, zone):
    return dt.datetime.fromisoformat(text).astimezone(zone).date()


def refunded(order):
    if order["paymentStatus"] == "REFUNDED" and not order.get("refundedAmount"):
        return money(order["total"])
    return money(order.get("refundedAmount"))


def net_sales(order):
    return money(order["total"]) - refunded(order) if order["paymentStatus"] in SALES else money(0)


def _refunds(orders, zone):
    found = defaultdict(lambda: money(0))
    for order in orders:
        listed = order.get("refunds", [])
        for refund in listed:
            found[order["id"], day_of(refund["date"], zone)] += money(refund["amount"])
        rest = refunded(order) - sum(money(refund["amount"]) for refund in listed)
        if rest:
            found[order["id"], day_of(order["updateDate"], zone)] += rest
    return dict(found)


def _sums(pairs):
    found = defaultdict(lambda: (0, money(0)))
    for key, count, amount in pairs:
        found[key] = (found[key][0] + count, found[key][1] + amount)
    return dict(found)


def _coupon_of(order, coupons):
    """The coupon that an order used: by its id, else by its code; None where it is gone."""
    used = order["discountCoupon"]
    if (used["id"],) in coupons:
        return used["id"]
    return next((id_ for (id_,), row in coupons.items() if row["code"] == used["code"]), None)


def expected_marts(rows):
    """Key -> figures, by name of the table; the queries are in ``QUERIES``.

    Args:
        rows: The shop's objects by stream and key, as ``expected_rows`` gives them.
    """
    (profile,) = rows["store_profile"].values()
    zone = ZoneInfo(profile["formatsAndUnits"]["timezone"])
    orders = list(rows["orders"].values())
    sales = [order for order in orders if order["paymentStatus"] in SALES]
    lines = [(order, item) for order in sales for item in order.get("items", [])]
    by_product = _sums(
        (item["productId"], item["quantity"], item["quantity"] * money(item["price"]))
        for _, item in lines
        if item.get("productId")
    )
    by_variation = _sums(
        ((item["productId"], item["combinationId"]), item["quantity"], money(0))
        for _, item in lines
        if item.get("combinationId")
    )
    by_customer = _sums((o.get("customerId"), 1, net_sales(o)) for o in sales)
    by_coupon = _sums(
        (_coupon_of(o, rows["discount_coupons"]), 1, net_sales(o))
        for o in sales
        if o.get("discountCoupon")
    )
    none = (0, money(0))
    return {
        "orders": {
            order["id"]: (
                day_of(order["createDate"], zone),
                order["paymentStatus"] in SALES,
                refunded(order),
                net_sales(order),
                len(order.get("items", [])),
            )
            for order in orders
        },
        "refunds": _refunds(orders, zone),
        "customers": {id_: by_customer.get(id_, none) for (id_,) in rows["customers"]},
        "products": {id_: by_product.get(id_, none) for (id_,) in rows["products"]},
        "variations": {
            (product, variation): (
                by_variation.get((product, variation), none)[0],
                ", ".join(f"{o['name']}: {o['value']}" for o in row["options"]),
            )
            for (product, variation), row in rows["product_variations"].items()
        },
        "coupons": {id_: by_coupon.get(id_, none) for (id_,) in rows["discount_coupons"]},
        "abandoned_carts": {
            id_: (
                day_of(cart["createDate"], zone),
                money(cart["total"]),
                "recoveredOrderId" in cart,
            )
            for (id_,), cart in rows["abandoned_carts"].items()
            if not cart.get("hidden")
        },
        "daily_sales": _sums((day_of(o["createDate"], zone), 1, net_sales(o)) for o in sales),
    }


QUERIES = {
    "orders": (
        "select order_id, order_date, is_sale, refunded, net_sales, line_count from marts.orders"
    ),
    "refunds": """
        select order_id, refund_date, sum(amount) from marts.refunds
        group by order_id, refund_date""",
    "customers": "select customer_id, order_count, net_sales from marts.customers",
    "products": "select product_id, units_sold, sales from marts.products",
    "variations": (
        "select product_id, variation_id, units_sold, options_text from marts.variations"
    ),
    "coupons": "select coupon_id, orders, net_sales from marts.coupons",
    "abandoned_carts": (
        "select cart_id, cart_date, total, is_recovered from marts.abandoned_carts"
    ),
    "daily_sales": "select day, orders, net_sales from marts.daily_sales where orders > 0",
}
"""What is asked of each table: its key, then the figures."""

_PARTS_OF_KEYS = {"refunds": 2, "variations": 2}


def as_marts(table, rows):
    """Answers of a database in the shape of ``expected_marts``."""
    length = _PARTS_OF_KEYS.get(table, 1)
    found = {}
    for row in rows:
        key = row[0] if length == 1 else tuple(row[:length])
        figures = tuple(
            value.quantize(Decimal("0.0001")) if isinstance(value, Decimal) else value
            for value in row[length:]
        )
        found[key] = figures[0] if table == "refunds" else figures
    return found
