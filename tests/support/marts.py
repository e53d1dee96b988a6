"""What the marts have to say, worked out from the shop's objects without any SQL."""

from __future__ import annotations

from collections import defaultdict

from answer_queries import ANSWERS
from answers import expected_answers
from recount import (
    NOTHING,
    buyers_of,
    day_of,
    figures_of,
    is_sale,
    money,
    net_sales,
    nth_sales,
    refunded,
    refunds_of,
    taxes_of,
    zone_of,
)

CLOSE = 1e-6
"""Averages are floats; amounts are compared to the hundredth of a cent."""


def _sums(pairs):
    """Key -> number and amount, of triples of them."""
    found = defaultdict(lambda: (0, NOTHING))
    for key, count, amount in pairs:
        found[key] = (found[key][0] + count, found[key][1] + amount)
    return dict(found)


def _totals(pairs):
    """Key -> sums of its figures."""
    found = {}
    for key, figures in pairs:
        found[key] = (
            [a + b for a, b in zip(found[key], figures, strict=True)] if key in found else figures
        )
    return {key: tuple(figures) for key, figures in found.items()}


def _coupon_of(order, coupons):
    """The coupon that an order used: by its id, else by its code; None where it is gone."""
    used = order["discountCoupon"]
    if (used["id"],) in coupons:
        return used["id"]
    same = [id_ for (id_,), row in coupons.items() if row["code"] == used.get("code")]
    return min(same, default=None)


def _refunds(orders, zone):
    found = _sums(
        ((order["id"], day, listed), 1, amount)
        for order in orders
        for day, amount, listed in refunds_of(order, zone)
    )
    return {key: (amount,) for key, (_, amount) in found.items()}


def _taxes(orders):
    pairs = [
        ((order["id"], part, one.get("name")), [money(one["total"])])
        for order in orders
        for part, one in taxes_of(order)
    ]
    for order in orders:
        listed = sum((money(one["total"]) for _, one in taxes_of(order)), NOTHING)
        if rest := money(order.get("tax")) - listed:
            pairs.append(((order["id"], "not listed", None), [rest]))
    return _totals(pairs)


def _day(order, figures, nth):
    back = nth > 1
    return [
        1,
        figures.units,
        figures.units_returned,
        int(refunded(order) > 0),
        money(order["total"]),
        refunded(order),
        net_sales(order),
        money(order.get("discount")) + money(order.get("couponDiscount")),
        money(order.get("tax")),
        figures.surcharges,
        figures.gift_cards_sold,
        figures.goods_sales,
        figures.goods_discount,
        figures.goods_refunded,
        figures.goods_net_sales,
        int(back),
        net_sales(order) if back else NOTHING,
    ]


def expected_marts(rows):
    """Key -> figures, by name of the table; the queries are in ``QUERIES``.

    Args:
        rows: The shop's objects by stream and key, as ``expected_rows`` gives them.
    """
    (profile,) = rows["store_profile"].values()
    zone = zone_of(profile)
    orders = list(rows["orders"].values())
    figures = {order["id"]: figures_of(order) for order in orders}
    nth = nth_sales(orders, buyers_of(orders, rows["customers"].values()))
    sales = [order for order in orders if is_sale(order)]
    lines = [(order, item) for order in sales for item in order.get("items", [])]
    by_product = _sums(
        (item["productId"], item["quantity"], item["quantity"] * money(item["price"]))
        for _, item in lines
        if item.get("productId")
    )
    by_variation = _sums(
        ((item["productId"], item["combinationId"]), item["quantity"], NOTHING)
        for _, item in lines
        if item.get("combinationId")
    )
    by_customer = _sums((o.get("customerId"), 1, net_sales(o)) for o in sales)
    by_coupon = _sums(
        (_coupon_of(o, rows["discount_coupons"]), 1, net_sales(o))
        for o in sales
        if o.get("discountCoupon")
    )
    none = (0, NOTHING)
    return {
        "orders": {
            order["id"]: (
                day_of(order["createDate"], zone),
                is_sale(order),
                nth[order["id"]],
                len(order.get("items", [])),
                figures[order["id"]].units,
                figures[order["id"]].units_returned,
                refunded(order),
                net_sales(order),
                figures[order["id"]].tax_added,
                figures[order["id"]].handling_fee,
                figures[order["id"]].surcharges,
                figures[order["id"]].gift_cards_sold,
                figures[order["id"]].unexplained,
                figures[order["id"]].goods_sales,
                figures[order["id"]].goods_discount,
                figures[order["id"]].goods_refunded,
                figures[order["id"]].goods_net_sales,
            )
            for order in orders
        },
        "order_taxes": _taxes(orders),
        "refunds": _refunds(orders, zone),
        "customers": {
            id_: (*by_customer.get(id_, none), row.get("totalOrderCount"))
            for (id_,), row in rows["customers"].items()
        },
        "products": {id_: by_product.get(id_, none) for (id_,) in rows["products"]},
        "variations": {
            (product, variation): (
                by_variation.get((product, variation), none)[0],
                ", ".join(f"{o['name']}: {o['value']}" for o in row["options"]),
            )
            for (product, variation), row in rows["product_variations"].items()
        },
        "coupons": {
            id_: (*by_coupon.get(id_, none), row.get("orderCount"))
            for (id_,), row in rows["discount_coupons"].items()
        },
        "abandoned_carts": {
            id_: (
                day_of(cart["createDate"], zone),
                money(cart["total"]),
                "recoveredOrderId" in cart,
            )
            for (id_,), cart in rows["abandoned_carts"].items()
            if not cart.get("hidden")
        },
        "daily_sales": _totals(
            (
                day_of(order["createDate"], zone),
                _day(order, figures[order["id"]], nth[order["id"]]),
            )
            for order in sales
        ),
    }


QUERIES = {
    "orders": """
        select order_id, order_date, is_sale, nth_sale_of_customer, line_count, units,
            units_returned, refunded, net_sales, tax_added, handling_fee, surcharges,
            gift_cards_sold, unexplained, goods_sales, goods_discount, goods_refunded,
            goods_net_sales
        from marts.orders where store_id = {store}""",
    "order_taxes": """
        select order_id, part, name, sum(tax) from marts.order_taxes
        where store_id = {store} group by order_id, part, name""",
    "refunds": """
        select order_id, refund_date, is_listed, sum(amount) from marts.refunds
        where store_id = {store} group by order_id, refund_date, is_listed""",
    "customers": """
        select customer_id, order_count, net_sales, ecwid_order_count from marts.customers
        where store_id = {store}""",
    "products": "select product_id, units_sold, sales from marts.products where store_id = {store}",
    "variations": """
        select product_id, variation_id, units_sold, options_text from marts.variations
        where store_id = {store}""",
    "coupons": """
        select coupon_id, orders, net_sales, ecwid_order_count from marts.coupons
        where store_id = {store}""",
    "abandoned_carts": """
        select cart_id, cart_date, total, is_recovered from marts.abandoned_carts
        where store_id = {store}""",
    "daily_sales": """
        select day, orders, units, units_returned, refunded_orders, gross_sales, refunded,
            net_sales, discount, tax, surcharges, gift_cards_sold, goods_sales, goods_discount,
            goods_refunded, goods_net_sales, orders_of_returning_customers,
            sales_of_returning_customers
        from marts.daily_sales where store_id = {store} and orders > 0""",
}
"""What is asked of each table, for a store: its key, then the figures."""


def _same(found, expected):
    if isinstance(expected, float) and found is not None:
        return abs(float(found) - expected) <= CLOSE
    return found == expected


def _differences(table, answers, expected):
    parts = next(iter(expected), None)
    length = len(parts) if isinstance(parts, tuple) else 1
    found = {row[0] if length == 1 else tuple(row[:length]): row[length:] for row in answers}
    assert len(found) == len(answers), f"{table}: a key stands twice"
    return [
        (table, key, found.get(key), expected.get(key))
        for key in found.keys() | expected.keys()
        if key not in found or key not in expected or not all(map(_same, found[key], expected[key]))
    ]


def differences(ask, rows):
    """Where the marts of a store aren't as expected: table, key, found, worked out.

    Args:
        ask: Answers a query.
        rows: The shop's objects by stream and key, as ``expected_rows`` gives them.
    """
    ((store_id,),) = rows["store_profile"]
    expected = expected_marts(rows) | expected_answers(rows)
    return [
        difference
        for table, query in (QUERIES | ANSWERS).items()
        for difference in _differences(table, ask(query.format(store=store_id)), expected[table])
    ]
