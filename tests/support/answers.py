"""What the marts answer beyond sums, worked out from the shop's objects without any SQL."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from itertools import combinations

from odd_shop import DEVICES, ORIGINS
from recount import (
    NOTHING,
    buyers_of,
    day_of,
    figures_of,
    is_sale,
    lines_of,
    money,
    net_sales,
    nth_sales,
    refunds_of,
    zone_of,
)

WINDOW = dt.timedelta(days=90)
DAY = dt.timedelta(days=1)


class Answers:
    """A shop, cut into what the answers need."""

    def __init__(self, rows):
        self.rows = rows
        (self.profile,) = rows["store_profile"].values()
        self.zone = zone_of(self.profile)
        self.orders = list(rows["orders"].values())
        self.sales = [order for order in self.orders if is_sale(order)]
        self.buyers = buyers_of(self.orders, rows["customers"].values())
        self.nth = nth_sales(self.orders, self.buyers)
        self.lines = {order["id"]: lines_of(order, rows["products"]) for order in self.orders}
        self.last_day = max((self.day(order) for order in self.sales), default=None)

    def day(self, row, field="createDate"):
        return day_of(row[field], self.zone)

    def margin(self, order):
        known = [line.margin for line in self.lines[order["id"]] if line.margin is not None]
        return sum(known, NOTHING) if known else None


def _sum(amounts):
    known = [amount for amount in amounts if amount is not None]
    return sum(known, NOTHING) if known else None


def _score(values, value):
    smaller = sum(1 for other in values if other < value)
    return 1 + 5 * smaller // len(values)


def _segment(recency, frequency, orders):
    cases = (
        ("champions", recency >= 4 and frequency >= 4),
        ("loyal", recency >= 3 and frequency >= 3),
        ("new", recency >= 4 and orders == 1),
        ("promising", recency >= 4),
        ("needs attention", recency == 3),
        ("cannot lose", frequency >= 4),
        ("at risk", frequency == 3),
        ("hibernating", recency == 2),
    )
    return next((name for name, holds in cases if holds), "lost")


def _sales_by_buyer(shop):
    found = defaultdict(list)
    for order in shop.sales:
        found[shop.buyers[order["id"]]].append(order)
    return found


def buyers(shop):
    """First sale's id -> figures of its buyer."""
    people = list(_sales_by_buyer(shop).values())
    last = [max(map(shop.day, sales)) for sales in people]
    net = [sum(map(net_sales, sales)) for sales in people]
    number = [len(sales) for sales in people]
    found = {}
    for sales, last_day, kept, orders in zip(people, last, net, number, strict=True):
        recency, frequency = _score(last, last_day), _score(number, orders)
        found[min(order["id"] for order in sales)] = (
            min(map(shop.day, sales)),
            last_day,
            orders,
            kept,
            sum(figures_of(order).goods_net_sales for order in sales),
            _sum(map(shop.margin, sales)),
            not any(order.get("customerId") for order in sales),
            (shop.last_day - last_day).days,
            recency,
            frequency,
            _score(net, kept),
            _segment(recency, frequency, orders),
        )
    return found


def _month(day):
    return 12 * day.year + day.month


def cohorts(shop):
    people = _sales_by_buyer(shop)
    first = {buyer: min(map(shop.day, sales)).replace(day=1) for buyer, sales in people.items()}
    size = Counter(first.values())
    found = {}
    for month, number in size.items():
        members = {buyer for buyer, began in first.items() if began == month}
        total = NOTHING
        for since in range(_month(shop.last_day) - _month(month) + 1):
            sales = [
                order
                for buyer in members
                for order in people[buyer]
                if _month(shop.day(order)) == _month(month) + since
            ]
            kept = sum(map(net_sales, sales), NOTHING)
            total += kept
            found[month, since] = (
                number,
                len({shop.buyers[order["id"]] for order in sales}),
                len(sales),
                kept,
                _sum(map(shop.margin, sales)),
                float(total / number),
            )
    return found


def lines(shop):
    return {
        (order["id"], line.id): (
            line.category,
            line.units_returned,
            line.goods_sales,
            line.goods_discount,
            line.goods_refunded,
            line.goods_net_sales,
            line.margin,
        )
        for order in shop.orders
        for line in shop.lines[order["id"]]
    }


def discounts(shop):
    found = {}
    for order in shop.orders:
        manual = sum(map(money, order.get("customDiscount", [])), NOTHING)
        named = {
            "volume": money(order.get("volumeDiscount")),
            "membership": money(order.get("membershipBasedDiscount")),
            "volume and membership": money(order.get("totalAndMembershipBasedDiscount")),
            "manual": manual,
        }
        rest = money(order.get("discount")) - sum(named.values())
        every = named | {"coupon": money(order.get("couponDiscount")), "promotion": rest}
        found |= {(order["id"], kind): (amount,) for kind, amount in every.items() if amount}
    return found


def transactions(shop):
    found = defaultdict(lambda: NOTHING)
    for order in shop.sales:
        day = shop.day(order)
        found[order["id"], "payment", order.get("paymentMethod"), day] += money(order["total"])
        card = money(order.get("giftCardRedemption"))
        found[order["id"], "gift card", "Gift card", day] += card
        for date, amount, _ in refunds_of(order, shop.zone):
            found[order["id"], "refund", order.get("paymentMethod"), date] -= amount
    return {key: (amount,) for key, amount in found.items() if amount}


def pairs(shop):
    sets = [
        {item["productId"] for item in order.get("items", []) if item.get("productId")}
        for order in shop.sales
    ]
    alone = Counter(product for products in sets for product in products)
    together = Counter(pair for products in sets for pair in combinations(sorted(products), 2))
    orders = sum(1 for products in sets if products)
    return {
        pair: (number, alone[pair[0]], float(number * orders / (alone[pair[0]] * alone[pair[1]])))
        for pair, number in together.items()
        if number > 1
    }


def categories(shop):
    tree = {id_: row for (id_,), row in shop.rows["categories"].items()}

    def above(id_):
        """The category and all above it, once each."""
        seen = []
        while id_ in tree and id_ not in seen:
            seen.append(id_)
            id_ = tree[id_].get("parentId")
        return seen, id_ in tree

    def path(id_):
        line, is_circle = above(id_)
        names = [tree[one]["name"] for one in reversed(line)]
        return names[-1] if is_circle else " > ".join(names)

    units, sales, kept = Counter(), defaultdict(lambda: NOTHING), defaultdict(lambda: NOTHING)
    for order in shop.sales:
        for line in shop.lines[order["id"]]:
            for id_ in above(line.category)[0]:
                units[id_] += line.quantity
                sales[id_] += line.line_total
                kept[id_] += line.goods_net_sales
    return {
        id_: (
            path(id_),
            units[id_],
            sales[id_],
            kept[id_],
        )
        for id_ in tree
    }


def inventory(shop):
    """Articles as they are in a shop that was loaded once: their history is one version."""
    found = {}
    sold = defaultdict(int)
    for order in shop.sales:
        if shop.day(order) > shop.last_day - WINDOW:
            for item in order.get("items", []):
                sold[item.get("productId"), item.get("combinationId")] += item["quantity"]
    for (id_,), product in shop.rows["products"].items():
        for variation in product.get("combinations") or [None]:
            article = variation or product
            stock = None if article.get("unlimited") else article.get("quantity")
            stock = None if stock is None else max(stock, 0)
            cost = article.get("costPrice", product.get("costPrice"))
            units = sold[id_, variation["id"] if variation else None]
            if variation is None:
                # Lines may name a variation that is gone.
                units = sum(n for (one, other), n in sold.items() if one == id_ and other is None)
            key = (id_, variation["id"] if variation else None)
            value = None if stock is None or cost is None else stock * money(cost)
            out = 0
            if not article.get("inStock"):
                out = (
                    shop.last_day - max(shop.day(product, "updated"), shop.last_day - WINDOW + DAY)
                ).days + 1
            found[key] = (
                stock,
                value,
                units,
                max(out, 0),
                *_pace(article, product, units, stock, out),
            )
    return found


def _pace(article, product, units, stock, out):
    """Days of cover, sell-through and lost sales of an article."""
    open_days = WINDOW.days - max(out, 0)
    price = money(article.get("price", product.get("price")))
    return (
        float(stock * open_days / units) if units and stock is not None and open_days else None,
        float(units / (units + stock)) if stock is not None and units + stock else None,
        float(max(out, 0) * units * price / open_days) if open_days else None,
    )


def attribution(shop):
    def told(order, cases):
        return next(
            result
            for fields, result in reversed(cases)
            if all(order.get(k) == v for k, v in fields.items())
        )

    odd = shop.profile["settings"]["storeName"].startswith("Odd")
    return {
        order["id"]: (
            told(order, ORIGINS) if odd else None,
            told(order, DEVICES),
            shop.nth[order["id"]] == 1,
            net_sales(order),
        )
        for order in shop.sales
    }


def fulfilment(shop):
    """Hours to ship of orders that were loaded once: only shipments have a time."""
    found = {}
    for order in shop.sales:
        times = [dt.datetime.fromisoformat(one["created"]) for one in order.get("shipments", [])]
        taken = min(times) - dt.datetime.fromisoformat(order["createDate"]) if times else None
        found[order["id"]] = (None if taken is None else taken.total_seconds() / 3600,)
    return found


def days(shop):
    """Day -> what happened on it besides sales."""
    found = defaultdict(Counter)
    amounts = defaultdict(lambda: defaultdict(lambda: NOTHING))
    for order in shop.orders:
        found[shop.day(order)]["placed"] += 1
    for order in shop.sales:
        day = shop.day(order)
        found[day]["sales"] += 1
        amounts[day]["net"] += net_sales(order)
        amounts[day]["margin"] += shop.margin(order) or NOTHING
        found[day]["new"] += shop.nth[order["id"]] == 1
        for date, amount, is_listed in refunds_of(order, shop.zone):
            found[date]["refunds"] += is_listed
            amounts[date]["refunded"] += amount
    for cart in shop.rows["abandoned_carts"].values():
        if not cart.get("hidden"):
            found[shop.day(cart)]["carts"] += 1
            amounts[shop.day(cart)]["carts"] += money(cart["total"])
    for customer in shop.rows["customers"].values():
        found[shop.day(customer, "registered")]["registered"] += 1
    for review in shop.rows["product_reviews"].values():
        found[shop.day(review)]["reviews"] += 1
    names = ("placed", "sales", "new", "refunds", "carts", "registered", "reviews")
    return {
        day: (
            *(found[day][name] for name in names),
            *(amounts[day][name] for name in ("net", "margin", "refunded", "carts")),
        )
        for day in found
        if any(found[day].values()) or any(amounts[day].values())
    }


def expected_answers(rows):
    """Key -> figures, by name of the table; the queries are in ``answer_queries``.

    Args:
        rows: The shop's objects by stream and key, as ``expected_rows`` gives them.
    """
    shop = Answers(rows)
    return {
        "buyers": buyers(shop),
        "customer_cohorts": cohorts(shop),
        "order_lines": lines(shop),
        "order_discounts": discounts(shop),
        "transactions": transactions(shop),
        "product_pairs": pairs(shop),
        "categories": categories(shop),
        "inventory": inventory(shop),
        "order_attribution": attribution(shop),
        "order_fulfilment": fulfilment(shop),
        "daily_shop": days(shop),
    }
