"""What the generator makes: right by the description, consistent, the same for the same seed."""

from __future__ import annotations

import collections
import datetime as dt

import pytest

from ecwid_api.description import entity_schema
from ecwid_sandbox.demo_shop.activity import Activity
from ecwid_sandbox.demo_shop.generator import generate
from ecwid_sandbox.demo_shop.sizes import parse_size
from ecwid_sandbox.server.clock import Clock, parse_time
from ecwid_sandbox.server.shop.conduct import EcwidConduct
from ecwid_sandbox.server.shop.shop import Shop
from ecwid_sandbox.server.storage.kinds import KINDS
from ecwid_sandbox.server.storage.store import Store

NOW = 1_790_000_000
TYPES = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def problems(value, schema, where=""):
    """Where a value is not what a schema says; unknown fields count."""
    if "x-ecwid-conflict" in schema:
        return
    names = schema.get("type", list(TYPES))
    names = [names] if isinstance(names, str) else names
    types = {type_ for name in names for type_ in TYPES.get(name, ())}
    if type(value) not in types:
        yield f"{where}: {value!r} is no {names}"
    elif isinstance(value, str) and value not in schema.get("enum", [value]):
        yield f"{where}: {value!r} is none of {schema['enum']}"
    elif isinstance(value, list):
        for entry in value:
            yield from problems(entry, schema.get("items", {}), f"{where}[]")
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        other = schema.get("additionalProperties", not known)
        for name, entry in value.items():
            if name not in known and other is False:
                yield f"{where}.{name}: unknown"
            else:
                rest = other if isinstance(other, dict) else {}
                yield from problems(entry, known.get(name, rest), f"{where}.{name}")


def make(size="small", seed=42, now=NOW):
    store = Store(None, KINDS.values())
    generate(store, store_id=1003, size=parse_size(size), seed=seed, now=now)
    return Shop(store, Clock(), EcwidConduct(), store_id=1003, seed=seed)


@pytest.fixture(scope="module")
def demo():
    return make()


def busy():
    shop = make("tiny")
    Activity(shop).run(120)
    return shop


@pytest.mark.parametrize("kind", KINDS)
def test_documents_are_what_the_description_says(demo, kind):
    schema = entity_schema(kind, KINDS[kind].group)
    documents = list(demo.all(kind))
    assert documents
    found = collections.Counter(p for d in documents for p in problems(d, schema))
    assert not found, found.most_common(5)


@pytest.mark.parametrize("kind", KINDS)
def test_so_are_they_after_some_activity(kind):
    schema = entity_schema(kind, KINDS[kind].group)
    found = collections.Counter(p for d in busy().all(kind) for p in problems(d, schema))
    assert not found, found.most_common(5)


def cents(amount):
    assert abs(amount * 100 - round(amount * 100)) < 1e-6, amount
    return round(amount * 100)


@pytest.mark.parametrize("kind", ["order", "abandoned_cart"])
def test_totals_add_up(demo, kind):
    for order in demo.all(kind):
        subtotal = sum(cents(i["price"]) * i["quantity"] for i in order["items"])
        assert cents(order["subtotal"]) == subtotal
        shipping_tax = sum(cents(t["total"]) for t in order.get("taxesOnShipping", ()))
        tax = sum(cents(i["tax"]) for i in order["items"]) + shipping_tax
        assert cents(order["tax"]) == tax
        discount = cents(order["volumeDiscount"]) + cents(order["membershipBasedDiscount"])
        assert cents(order["discount"]) == discount
        coupon = sum(cents(i.get("couponAmount", 0)) for i in order["items"])
        assert cents(order["couponDiscount"]) == coupon
        shipping = cents(order["shippingOption"]["shippingRate"])
        assert cents(order["total"]) == subtotal - discount - coupon + shipping + tax
        refunds = sum(cents(r["amount"]) for r in order.get("refunds", ()))
        assert cents(order.get("refundedAmount", 0)) == refunds <= cents(order["total"])
        assert (order.get("paymentStatus") == "REFUNDED") == (refunds == cents(order["total"]))


def test_references_lead_somewhere(demo):
    products = {p["id"]: p for p in demo.all("product")}
    customers = {c["id"]: c for c in demo.all("customer")}
    orders = {o["id"]: o for o in demo.all("order")}
    categories = {c["id"]: c for c in demo.all("category")}
    for order in orders.values():
        assert customers[order["customerId"]]["email"] == order["email"]
        for item in order["items"]:
            product = products[item["productId"]]
            assert product["createTimestamp"] <= order["createTimestamp"]
            variations = {v["id"]: v for v in product.get("combinations", ())}
            assert bool(variations) == ("combinationId" in item)
            if variations:
                assert variations[item["combinationId"]]["sku"] == item["sku"]
    for review in demo.all("review"):
        order = orders[review["orderId"]]
        assert review["productId"] in {item["productId"] for item in order["items"]}
        assert review["customerId"] == order["customerId"]
    for category in categories.values():
        assert category.get("parentId", category["id"]) in categories
        inside = [p["id"] for p in products.values() if category["id"] in p["categoryIds"]]
        assert sorted(category["productIds"]) == inside
    assert any(not c["enabled"] for c in categories.values())


def test_customers_know_their_orders(demo):
    orders = collections.defaultdict(list)
    for order in demo.all("order"):
        orders[order["customerId"]].append(order)
    counts = []
    for customer in demo.all("customer"):
        mine = orders[customer["id"]]
        counts.append(len(mine))
        stats = customer["stats"]
        assert customer["totalOrderCount"] == stats["numberOfOrders"] == len(mine)
        sales = [o["total"] for o in mine if o["paymentStatus"] in {"PAID", "PARTIALLY_REFUNDED"}]
        assert round(sum(sales), 2) == stats["salesValue"]
        if mine:
            assert stats["firstOrderDate"] == min(o["createDate"] for o in mine)
            assert stats["lastOrderDate"] == max(o["createDate"] for o in mine)
            assert customer["registered"] <= stats["firstOrderDate"]
    assert max(counts) >= 10
    assert sum(1 for c in counts if c == 1) > len(counts) / 4


def test_it_is_a_shop_with_a_history(demo):
    orders = list(demo.all("order"))
    assert len(orders) == 1_500
    assert max(o["updateTimestamp"] for o in orders) < NOW
    days = (NOW - min(o["createTimestamp"] for o in orders)) / 86_400
    assert 700 < days < 731
    year = 365 * 86_400
    late = sum(1 for o in orders if o["createTimestamp"] > NOW - year)
    assert late > len(orders) * 0.55
    weekend = [
        o for o in orders if dt.datetime.fromtimestamp(o["createTimestamp"], dt.UTC).weekday() > 4
    ]
    assert len(weekend) > len(orders) * 2 / 7
    assert {o["paymentStatus"] for o in orders} == {
        "PAID",
        "AWAITING_PAYMENT",
        "CANCELLED",
        "REFUNDED",
        "PARTIALLY_REFUNDED",
        "INCOMPLETE",
    }
    assert len({o["fulfillmentStatus"] for o in orders}) >= 6
    seconds = collections.Counter(o["createTimestamp"] for o in orders)
    assert max(seconds.values()) > 1
    for order in orders:
        assert parse_time(order["createDate"]) == order["createTimestamp"]
        assert parse_time(order["updateDate"]) == order["updateTimestamp"]
        assert order["createTimestamp"] <= order["updateTimestamp"]
    assert any(o["couponDiscount"] for o in orders)
    copies = {o["id"]: o["discountCoupon"] for o in orders if "discountCoupon" in o}
    assert len({copy["id"] for copy in copies.values()}) == len(copies)
    assert not {copy["id"] for copy in copies.values()} & {c["id"] for c in demo.all("coupon")}
    assert all(
        o["discountCoupon"]["creationDate"] == o["createDate"] for o in orders if o["id"] in copies
    )
    assert any(o["volumeDiscount"] for o in orders)
    assert any(o["membershipBasedDiscount"] for o in orders)


def test_ids_are_unique_and_big(demo):
    orders = list(demo.all("order"))
    assert len({o["id"] for o in orders}) == len(orders)
    items = [i["id"] for o in orders for i in o["items"]]
    assert len(set(items)) == len(items)
    assert max(demo.keys("customer")) > 2**31
    variations = [v["id"] for p in demo.all("product") for v in p.get("combinations", ())]
    assert len(set(variations)) == len(variations)


def test_the_same_seed_gives_the_same_shop():
    first, again, other = make("tiny"), make("tiny"), make("tiny", seed=7)
    for kind in KINDS:
        assert list(first.all(kind)) == list(again.all(kind))
    assert list(first.all("order")) != list(other.all("order"))
    assert first.deletions("order") == again.deletions("order")


def test_sizes():
    assert parse_size("240").orders == 3_000
    assert parse_size("0.1x").products == 12
    assert parse_size("tiny").products == 10
    for text in ("huge", "-3", "0", "x"):
        with pytest.raises(ValueError, match="is no size"):
            parse_size(text)


def test_an_empty_shop_has_nothing_to_copy_onto():
    shop = make("empty")
    assert {kind: shop.count(kind) for kind in KINDS if shop.count(kind)} == {
        "customer_group": 1,
        "store_profile": 1,
        "product_type": 1,
        "order_status": 20,
        "domain_settings": 1,
    }
    assert shop.keys("customer_group") == [0]
