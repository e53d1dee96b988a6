"""Searches and documents: pages, filters, order, fields, times, errors."""

from __future__ import annotations

import gzip
import json
import re
import socket
from urllib.parse import quote

import pytest

from ecwid_api.description import operations
from ecwid_sandbox.server.clock import format_time, parse_time
from ecwid_sandbox.server.connections import Zipper
from ecwid_sandbox.testing import running_sandbox

SEARCHES = {
    "/products": "product",
    "/orders": "order",
    "/customers": "customer",
    "/customer_groups": "customer_group",
    "/discount_coupons": "coupon",
    "/carts": "abandoned_cart",
    "/reviews": "review",
}


@pytest.mark.parametrize("path", SEARCHES)
def test_pages_hold_everything_once(shop, path):
    stored = list(shop.sandbox.shop.all(SEARCHES[path]))
    key = "cartId" if path == "/carts" else "id"
    found = shop.all(path, limit=37)
    assert {d[key]: d for d in found} == {d[key]: d for d in stored}
    assert len(found) == len(stored)


def test_envelope_default_and_greatest_limit(shop):
    page = shop.get("/orders")
    assert list(page) == ["total", "count", "offset", "limit", "items"]
    assert (page["total"], page["count"], page["offset"], page["limit"]) == (1500, 100, 0, 100)
    assert shop.get("/orders", limit=500)["limit"] == 100
    assert shop.get("/orders", limit=500)["count"] == 100
    last = shop.get("/orders", offset=1450)
    assert (last["count"], last["offset"], len(last["items"])) == (50, 1450, 50)
    beyond = shop.get("/orders", offset=5000)
    assert (beyond["total"], beyond["count"], beyond["items"]) == (1500, 0, [])
    assert shop.get("/customers", limit=1)["allCustomerCount"] == 600


def test_default_orders(shop):
    orders = [(o["createTimestamp"], o["internalId"]) for o in shop.all("/orders")]
    assert orders == sorted(orders, reverse=True)
    carts = [c["createTimestamp"] for c in shop.all("/carts")]
    assert carts == sorted(carts, reverse=True)
    coupons = [c["id"] for c in shop.all("/discount_coupons")]
    assert coupons == sorted(coupons)


@pytest.mark.parametrize(
    ("path", "sort", "key"),
    [
        ("/products", "UPDATED_TIME", lambda d: d["updateTimestamp"]),
        ("/products", "ADDED_TIME", lambda d: d["createTimestamp"]),
        ("/products", "PRICE", lambda d: d["price"]),
        ("/products", "NAME", lambda d: d["name"].casefold()),
        ("/customers", "UPDATED_DATE", lambda d: d["updated"]),
        ("/customers", "REGISTERED_DATE", lambda d: d["registered"]),
        ("/customers", "ORDER_COUNT", lambda d: d["totalOrderCount"]),
        ("/customers", "SALES_VALUE", lambda d: d["stats"]["salesValue"]),
        ("/customers", "EMAIL", lambda d: d["email"]),
        ("/reviews", "DATE_CREATED", lambda d: d["createTimestamp"]),
        ("/reviews", "RATING", lambda d: d["rating"]),
    ],
)
def test_sorting(shop, path, sort, key):
    for direction in ("ASC", "DESC"):
        found = [key(d) for d in shop.all(path, sortBy=f"{sort}_{direction}")]
        assert found == sorted(found, reverse=direction == "DESC")
    shop.get(path, 400, sortBy="SIDEWAYS")


def test_time_filters_in_every_spelling(shop):
    orders = shop.all("/orders")
    at = orders[700]["updateTimestamp"]
    expected = {o["id"] for o in orders if o["updateTimestamp"] >= at}
    text = format_time(at)
    for spelling in (at, text, text[:-6], text.replace("+0000", "-0000")):
        assert {o["id"] for o in shop.all("/orders", updatedFrom=spelling)} == expected
    inside = {o["id"] for o in orders if o["updateTimestamp"] == at}
    assert {o["id"] for o in shop.all("/orders", updatedFrom=at, updatedTo=at + 1)} == inside
    assert not shop.all("/orders", updatedFrom=at, updatedTo=at)
    day = parse_time(text[:10])
    expected = {o["id"] for o in orders if o["createTimestamp"] < day}
    assert {o["id"] for o in shop.all("/orders", createdTo=text[:10])} == expected
    cut = {c["id"] for c in shop.all("/customers") if c["updated"] < text}
    assert {c["id"] for c in shop.all("/customers", updatedTo=at)} == cut


TIMES = {
    "/orders": {
        "created": lambda d: [d["createTimestamp"]],
        "updated": lambda d: [d["updateTimestamp"]],
        "pickupTime": lambda d: [parse_time(d["pickupTime"])] if "pickupTime" in d else [],
    },
    "/carts": {
        "created": lambda d: [d["createTimestamp"]],
        "updated": lambda d: [d["updateTimestamp"]],
    },
    "/discount_coupons": {
        "created": lambda d: [parse_time(d["creationDate"])],
        "updated": lambda d: [parse_time(d["updateDate"])],
    },
    "/customers": {
        "created": lambda d: [parse_time(d["registered"])],
        "updated": lambda d: [parse_time(d["updated"])],
    },
    "/products": {
        "created": lambda d: [d["createTimestamp"]],
        "updated": lambda d: [d["updateTimestamp"]],
    },
    "/reviews": {
        "created": lambda d: [d["createTimestamp"]],
        "updated": lambda d: [d["updateTimestamp"]],
    },
    "/subscriptions": {
        "created": lambda d: [d["createTimestamp"] // 1000],
        "updated": lambda d: [d["updateTimestamp"] // 1000],
        "cancelled": lambda d: [parse_time(d["cancelled"])] if "cancelled" in d else [],
        "nextCharge": lambda d: [parse_time(d["nextCharge"])],
        "orderCreated": lambda d: [parse_time(o["createDate"]) for o in d["orders"]],
    },
}
"""By list and parameter: the times of a document that a search compares with."""


def test_the_description_has_no_other_bounds():
    found = {
        (o.path, p.name.removesuffix("To"))
        for o in operations()
        for p in o.parameters
        if p.location == "query" and re.search("(?<!total)(?<!price)To$", p.name)
    }
    there = {(path, name) for path, names in TIMES.items() for name in names}
    # Filters are those of the search for products.
    assert found - {("/products/filters", name) for name in ("created", "updated")} == there


@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in TIMES.items() for name in names]
)
def test_the_end_of_a_span_is_left_out_unless_assumed(shop, path, name):
    since, until = f"{name}From", f"{name}To"
    if name == "pickupTime":
        for number in shop.sandbox.shop.keys("order")[:9]:
            at = format_time(1_800_000_000 + number)
            shop.sandbox.shop.update("order", number, {"pickupTime": at}, quiet=True)
    documents = shop.all(path)
    times = sorted({at for d in documents for at in TIMES[path][name](d)})
    first, last = times[len(times) // 3], times[len(times) // 2]

    def between(end):
        return sum(any(first <= at < end for at in TIMES[path][name](d)) for d in documents)

    asked = {since: first, until: last}
    assert shop.get(path, **asked)["total"] == between(last)
    shop.sandbox.set(assume={"ends-included"})
    try:
        assert shop.get(path, **asked)["total"] == between(last + 1) > between(last)
    finally:
        shop.sandbox.set(assume=set())


def test_a_plus_that_is_not_encoded_makes_the_time_unreadable(shop):
    time = quote("2026-01-01 00:00:00 +0000", safe="+")
    response = shop.send("GET", f"/orders?createdFrom={time}")
    assert response.status_code == 400
    assert response.json()["errorCode"] == "WRONG_PARAMETER"


def chosen(shop, path, **query):
    return [d["id"] for d in shop.all(path, **query)]


def stored(shop, kind, test):
    return sorted(d["id"] for d in shop.sandbox.shop.all(kind) if test(d))


def test_product_filters(shop):
    everything = list(shop.sandbox.shop.all("product"))
    first, second = everything[3], everything[50]
    wanted = f"{first['id']},{second['id']}"
    assert chosen(shop, "/products", productId=wanted, updatedFrom=4_000_000_000) == [
        first["id"],
        second["id"],
    ]
    assert chosen(shop, "/products", sku=first["sku"], createdFrom=4_000_000_000) == [first["id"]]
    variation = next(v for p in everything for v in p.get("combinations", ()))
    assert len(chosen(shop, "/products", sku=variation["sku"])) == 1
    for name in ("enabled", "inStock"):
        for value in (True, False):
            expected = stored(shop, "product", lambda p, n=name, v=value: p[n] is v)
            assert chosen(shop, "/products", **{name: str(value).lower()}) == expected
    cheap = stored(shop, "product", lambda p: 20 <= p["price"] <= 60)
    assert chosen(shop, "/products", priceFrom=20, priceTo=60) == cheap
    words = stored(shop, "product", lambda p: "GRINDER" in p["name"].upper())
    assert chosen(shop, "/products", keyword="grinder") == words
    category = first["categoryIds"][0]
    inside = stored(shop, "product", lambda p: category in p["categoryIds"])
    assert chosen(shop, "/products", categories=category) == inside
    root = next(c for c in shop.all("/categories") if c["name"] == "Coffee")
    shallow = chosen(shop, "/products", categories=root["id"])
    deep = chosen(shop, "/products", categories=root["id"], includeProductsFromSubcategories="true")
    assert len(deep) == root["productCount"] > len(shallow)
    tax = everything[0]["tax"]["enabledManualTaxes"][0]
    assert len(chosen(shop, "/products", enabledManualTaxes=tax)) == len(everything)
    assert not chosen(shop, "/products", isCustomerSetPrice="true")
    moss = stored(shop, "product", lambda p: "Moss" in str(p.get("options")))
    assert chosen(shop, "/products", option_Colour="Moss") == moss


def test_order_filters(shop):
    orders = list(shop.sandbox.shop.all("order"))
    first = orders[10]
    mixed = f"{first['id']},{orders[20]['internalId']}"
    assert set(chosen(shop, "/orders", ids=mixed)) == {first["id"], orders[20]["id"]}
    for name, query in (
        ("customerId", {"customerId": first["customerId"]}),
        ("email", {"email": first["email"].upper()}),
    ):
        expected = stored(shop, "order", lambda o, n=name: o[n] == first[n])
        assert sorted(chosen(shop, "/orders", **query)) == expected
    statuses = {"REFUNDED", "CANCELLED"}
    expected = stored(shop, "order", lambda o: o["paymentStatus"] in statuses)
    assert sorted(chosen(shop, "/orders", paymentStatus="REFUNDED,CANCELLED")) == expected
    expected = stored(shop, "order", lambda o: o["fulfillmentStatus"] == "RETURNED")
    assert sorted(chosen(shop, "/orders", fulfillmentStatus="RETURNED")) == expected
    expected = stored(shop, "order", lambda o: 100 <= o["total"] <= 200)
    assert sorted(chosen(shop, "/orders", totalFrom=100, totalTo=200)) == expected
    code = "FIRSTSNOW"
    expected = stored(shop, "order", lambda o: o.get("discountCoupon", {}).get("code") == code)
    assert sorted(chosen(shop, "/orders", couponCode=code)) == expected != []
    product = first["items"][0]["productId"]
    expected = stored(
        shop, "order", lambda o: product in [item["productId"] for item in o["items"]]
    )
    assert sorted(chosen(shop, "/orders", productId=product)) == expected


def test_customer_filters(shop):
    customer = shop.get("/customers", limit=1)["items"][0]
    part = customer["email"][2:12]
    fuzzy = stored(shop, "customer", lambda c: part in c["email"])
    assert sorted(chosen(shop, "/customers", email=part.upper())) == fuzzy
    assert not chosen(shop, "/customers", email=part, useExactEmailMatch="true")
    email = customer["email"].upper()
    assert chosen(shop, "/customers", email=email, useExactEmailMatch="true") == [customer["id"]]
    group = stored(shop, "customer", lambda c: c["customerGroupId"] in {9101, 9102})
    assert sorted(chosen(shop, "/customers", customerGroupIds="9101,9102")) == group != []
    many = stored(shop, "customer", lambda c: 3 <= c["totalOrderCount"] <= 6)
    assert sorted(chosen(shop, "/customers", minOrderCount=3, maxOrderCount=6)) == many
    german = stored(shop, "customer", lambda c: c["billingPerson"]["countryCode"] == "DE")
    assert sorted(chosen(shop, "/customers", countryCodes="DE")) == german
    bought = shop.get("/orders", limit=1)["items"][0]
    product = bought["items"][0]["productId"]
    assert bought["customerId"] in chosen(shop, "/customers", purchasedProductIds=product)


def test_other_filters(shop):
    assert len(shop.all("/carts", showHidden="false")) < len(shop.all("/carts"))
    assert len(shop.all("/carts", showHidden="true")) == 80
    groups = shop.get("/customer_groups", keyword="trail")["items"]
    assert [g["name"] for g in groups] == ["Trail club"]
    assert chosen(shop, "/customer_groups", customerGroupIds="9102,9103") == [9102, 9103]
    one = stored(shop, "review", lambda r: r["status"] == "moderated")
    assert sorted(chosen(shop, "/reviews", status="MODERATED")) == one
    expected = stored(shop, "review", lambda r: r["rating"] in {1, 2})
    assert sorted(chosen(shop, "/reviews", rating="1,2")) == expected
    expected = stored(shop, "coupon", lambda c: c["status"] == "EXPIRED")
    assert chosen(shop, "/discount_coupons", availability="EXPIRED") == expected
    shop.get("/orders", nonsense="x", anotherOne="1")


def test_categories_leave_out_what_is_not_asked_for(shop):
    shown = shop.all("/categories")
    assert all(c["enabled"] and "productIds" not in c for c in shown)
    every = shop.all("/categories", hidden_categories="true", productIds="true")
    assert len(every) > len(shown)
    # An empty list is left out, as everywhere in lists of categories.
    known = {c["id"]: c["productIds"] for c in shop.sandbox.shop.all("category")}
    assert [c.get("productIds", []) for c in every] == [known[c["id"]] for c in every]
    assert all(c.get("productIds", [0]) for c in every)
    roots = [c["id"] for c in every if "parentId" not in c]
    found = shop.all("/categories", parent=0, hidden_categories="true")
    assert [c["id"] for c in found] == roots
    coffee = next(c for c in every if c["name"] == "Coffee")
    children = shop.all("/categories", parent=coffee["id"])
    assert children
    assert {c["parentId"] for c in children} == {coffee["id"]}
    below = shop.all("/categories", parentIds=coffee["id"], withSubcategories="true")
    assert len(below) > len(children)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/orders", {"limit": "abc"}),
        ("/orders", {"offset": "-1"}),
        ("/orders", {"createdFrom": "yesterday"}),
        ("/products", {"updatedTo": "2026-13-01"}),
        ("/products", {"productId": "1,x"}),
        ("/products", {"enabled": "maybe"}),
        ("/customers", {"customerGroupIds": "a"}),
        ("/orders", {"responseFields": "items(id"}),
        ("/products/deleted", {"from_date": "soon"}),
    ],
)
def test_unreadable_values(shop, path, query):
    assert shop.get(path, 400, **query)["errorCode"] == "WRONG_PARAMETER"


def test_response_fields(shop):
    page = shop.get("/products", responseFields="total,items(id, name,combinations(id))", limit=5)
    assert list(page) == ["total", "items"]
    product = shop.sandbox.shop.get("product", page["items"][0]["id"])
    assert page["items"][0] == {
        "id": product["id"],
        "name": product["name"],
        "combinations": [{"id": v["id"]} for v in product["combinations"]],
    }
    assert shop.get("/orders", responseFields="total") == {"total": 1500}
    items = shop.get("/orders", responseFields="items(nothing)", limit=2)
    assert items == {"items": [{}, {}]}
    number = product["id"]
    found = shop.get(f"/products/{number}", responseFields="id,tax(taxable)")
    assert found == {"id": number, "tax": {"taxable": True}}
    variations = shop.get(f"/products/{number}/combinations", responseFields="id")
    assert variations == page["items"][0]["combinations"]
    assert shop.get("/profile", responseFields="generalInfo(storeId)") == {
        "generalInfo": {"storeId": 1003}
    }
    names = {"productsUpdated"}
    assert shop.get("/latest-stats", responseFields="productsUpdated").keys() == names


def test_documents_by_id(shop):
    mine = shop.sandbox.shop
    for path, kind in (
        ("products", "product"),
        ("categories", "category"),
        ("customers", "customer"),
        ("customer_groups", "customer_group"),
        ("discount_coupons", "coupon"),
        ("carts", "abandoned_cart"),
        ("reviews", "review"),
    ):
        key = mine.keys(kind)[-1]
        assert shop.get(f"/{path}/{key}") == mine.get(kind, key)
    order = mine.get("order", mine.keys("order")[3])
    assert shop.get(f"/orders/{order['id']}") == order
    assert shop.get(f"/orders/{order['internalId']}") == order
    assert shop.get("/orders/last") == shop.get("/orders", limit=1)["items"][0]
    coupon = mine.get("coupon", mine.keys("coupon")[0])
    assert shop.get(f"/discount_coupons/{coupon['code']}") == coupon
    product = next(p for p in mine.all("product") if p.get("combinations"))
    base = f"/products/{product['id']}/combinations"
    assert shop.get(base) == product["combinations"]
    one = product["combinations"][0]
    assert shop.get(f"{base}/{one['id']}") == one


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/products/1", "PRODUCT_NOT_FOUND"),
        ("/products/1/combinations", "PRODUCT_NOT_FOUND"),
        ("/categories/1", "CATEGORIES_NOT_FOUND"),
        ("/customers/1", "CUSTOMER_NOT_FOUND"),
        ("/orders/ZZZZZZZ", "ORDER_NOT_FOUND"),
        ("/orders/1", "ORDER_NOT_FOUND"),
        ("/discount_coupons/NOPE", "DISCOUNT_COUPON_NOT_FOUND"),
        ("/carts/NOPE", "CHECKOUT_NOT_FOUND"),
        ("/reviews/1", "PRODUCT_REVIEW_NOT_FOUND"),
        ("/categories/deleted", "NOT_FOUND"),
        ("/nowhere", "NOT_FOUND"),
        ("/things/deleted", "NOT_FOUND"),
    ],
)
def test_what_is_not_there(shop, path, code):
    response = shop.send("GET", path)
    assert response.status_code == 404
    assert response.json().keys() == {"errorMessage", "errorCode"}
    assert response.json()["errorCode"] == code


def test_a_number_of_thousands_of_digits_is_a_wrong_one(shop):
    for path in (f"/products/{'9' * 5000}", f"/products?offset={'9' * 5000}"):
        assert shop.send("GET", path).status_code == 400


def test_methods_and_operations_that_are_not_there(shop, monkeypatch):
    response = shop.send("PATCH", "/products")
    assert (response.status_code, response.json()["errorCode"]) == (405, "METHOD_NOT_ALLOWED")
    monkeypatch.setattr("ecwid_sandbox.server.api.handler_of", lambda _: None)
    answer = shop.get("/domains", 501)
    assert answer["errorCode"] == "NOT_IN_SANDBOX"
    assert "getDomains" in answer["errorMessage"]


def test_answers_are_packed_when_asked_for(shop):
    plain = shop.send("GET", "/orders", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with shop.client.stream(
        "GET", f"{shop.sandbox.store_url}/orders", headers={"Accept-Encoding": "gzip"}
    ) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        content = b"".join(packed.iter_raw())
    assert gzip.decompress(content) == plain.content
    small = shop.send("GET", "/customer_groups", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in small.headers
    assert small.headers["date"].endswith(" GMT")


def test_profile_and_stats(shop):
    profile = shop.get("/profile")
    assert profile["generalInfo"]["storeId"] == shop.sandbox.store_id
    stats = shop.get("/latest-stats")
    latest = max(o["updateDate"] for o in shop.all("/orders"))
    assert stats["ordersUpdated"] == latest
    assert "reviewsUpdated" not in stats
    assert "productCount" not in stats
    more = shop.get(
        "/latest-stats",
        reviewsUpdatesRequired="true",
        productCountRequired="true",
        categoryCountRequired="true",
    )
    assert more["productCount"] == 120
    assert more["categoryCount"] == len(shop.all("/categories", hidden_categories="true"))
    assert more["reviewsUpdated"] == max(r["updateDate"] for r in shop.all("/reviews"))
    counts = shop.get("/reviews/filters_data")
    assert counts["allCount"] == 250 == counts["moderatedCount"] + counts["publishedCount"]


def _elsewhere(sandbox, kind):
    """All documents of a kind, with pictures and files nowhere in particular."""
    text = json.dumps(list(sandbox.shop.all(kind)))
    return text.replace(sandbox.url.removesuffix("/api/v3"), "")


def test_the_same_shop_comes_from_a_file(tmp_path):
    path = tmp_path / "shop.db"
    with running_sandbox(size="tiny", database=path) as first:
        first.shop.update("product", first.shop.keys("product")[0], {"name": "Renamed"})
        orders = _elsewhere(first, "order")
    with running_sandbox(size="tiny", database=path) as again:
        assert _elsewhere(again, "order") == orders
        assert next(again.shop.all("product"))["name"] == "Renamed"


def test_the_port_is_a_real_one(shop):
    host, port = shop.sandbox.url.split("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(b"GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"404" in connection.recv(200)


def test_compressed_answers_are_kept_up_to_a_size():
    zipper = Zipper(kept=400)
    bodies = [str(number).encode() * 5_000 for number in range(100)]
    for body in [*bodies, bodies[0], bodies[-1]]:
        assert gzip.decompress(zipper.zip(body)) == body
    assert zipper.zip(bodies[-1]) is zipper.zip(bodies[-1])
    assert sum(map(len, zipper._results.values())) == zipper._size <= 400
