"""What shops have beside goods and orders: lists, pages, filters, and what changes them."""

from __future__ import annotations

import itertools

import httpx2
import pytest

from ecwid_sandbox.server.clock import parse_time
from ecwid_sandbox.testing import running_sandbox


def test_product_types_fit_the_products(shop):
    types = {entry["id"]: entry for entry in shop.get("/classes")}
    assert 0 in types
    assert len(types) == 4
    assert shop.get("/classes/31400002")["name"] == "Clothing"
    shop.get("/classes/5", 404)
    seen = set()
    for product in shop.all("/products"):
        known = {a["id"]: a for a in types[product["productClassId"]]["attributes"]}
        seen.add(product["productClassId"])
        for attribute in product["attributes"]:
            assert known[attribute["id"]].items() <= attribute.items()
    assert seen == types.keys()


def test_brands(shop):
    brands = [brand["name"] for brand in shop.get("/brands")["items"]]
    counts = {name: shop.get("/products", attribute_Brand=name)["total"] for name in brands}
    assert sum(counts.values()) == 120
    made = [
        next(p["id"] for p in shop.all("/products", attribute_Brand=name, enabled="true"))
        for name in brands
    ]
    assert made == sorted(made)
    popular = [b["name"] for b in shop.get("/brands", sortBy="PRODUCT_COUNT_DESC")["items"]]
    assert popular != brands
    enabled = [
        shop.get("/products", attribute_Brand=name, enabled="true")["total"] for name in popular
    ]
    assert enabled == sorted(enabled, reverse=True)
    assert [b["name"] for b in shop.get("/brands", sortBy="NAME_ASC")["items"]] == sorted(brands)
    downward = shop.get("/brands", sortBy="NAME_DESC", limit=2, offset=1)
    assert [b["name"] for b in downward["items"]] == sorted(brands, reverse=True)[1:3]
    assert (downward["total"], downward["count"], downward["limit"]) == (7, 2, 2)
    shop.get("/brands", 400, sortBy="BEST")


def test_brands_of_disabled_products_are_hidden(own):
    first = own.all("/products")[0]
    brand = [{**a, "value": "Onlyone"} for a in first["attributes"] if a["type"] == "BRAND"]
    own.put(f"/products/{first['id']}", {"attributes": brand, "enabled": False})
    names = [b["name"] for b in own.get("/brands")["items"]]
    assert "Onlyone" not in names
    for parameter in ("hidden_brands", "hiddenBrands"):
        assert "Onlyone" in [b["name"] for b in own.get("/brands", **{parameter: "true"})["items"]]


def test_files_and_films(shop):
    products = shop.all("/products")
    files = [(p, f) for p in products for f in p.get("files", ())]
    videos = [v for p in products for v in p["media"].get("videos", ())]
    assert len(files) == 30
    assert len(videos) == 20
    product, file = files[3]
    content = shop.send("GET", f"/products/{product['id']}/files/{file['id']}").content
    assert content.startswith(b"%PDF-")
    assert len(content) == file["size"]
    shop.get(f"/products/{product['id']}/files/1", 404)
    shop.get(f"/products/{product['id']}/gallery/video/1", 404)


def test_orders_of_categories_and_products(shop):
    categories = shop.all("/categories", hidden_categories="true", productIds="true")
    for parent in (0, *(c["id"] for c in categories)):
        ids = shop.get("/categories/sort", parentCategory=parent)["sortedIds"]
        assert set(ids) == {c["id"] for c in categories if c.get("parentId", 0) == parent}
    front = shop.get("/products/sort", parentCategory=0)["sortedIds"]
    shown = shop.get("/products", sortBy="DEFINED_BY_STORE_OWNER", limit=12)["items"]
    assert front == [p["id"] for p in shown]
    category = next(c for c in categories if c["productIds"])
    found = shop.get("/products/sort", parentCategory=category["id"])["sortedIds"]
    assert found == category["productIds"]
    shop.get("/products/sort", 400)
    shop.get("/categories/sort", 404, parentCategory=1)


def by_path(shop, expect=200, **query):
    response = shop.send("GET", "/categoriesByPath", params=query)
    assert response.status_code == expect, response.text
    return response.json()


def test_categories_by_path(shop):
    found = by_path(shop, path="outdoor > Packs > daypacks", delimeter=">")
    (category,) = found["items"]
    assert (category["name"], found["total"]) == ("Daypacks", 1)
    assert by_path(shop, path="Packs", delimiter="/", parent=0)["total"] == 0
    assert by_path(shop, path="Packs", delimiter="/")["total"] == 1
    hidden = {"path": "Last season", "delimeter": "/"}
    assert by_path(shop, **hidden)["total"] == 0
    assert by_path(shop, **hidden, hidden_categories="true")["total"] == 1
    by_path(shop, 400, path="Packs")


def test_promotions_are_paged(own):
    for number in range(120):
        own.sandbox.shop.create("promotion", {"name": f"More {number}", "enabled": False})
    first = own.get("/promotions")
    assert (first["total"], first["count"], first["limit"]) == (124, 100, 100)
    assert own.get("/promotions", limit=500)["limit"] == 100
    assert len({p["id"] for p in own.all("/promotions")}) == 124


def test_subscriptions(shop):
    everything = shop.all("/subscriptions")
    assert len(everything) == 20
    created = [s["created"] for s in everything]
    assert created == sorted(created, reverse=True)
    orders = {o["internalId"]: o for o in shop.sandbox.shop.all("order")}
    now = shop.sandbox.clock.second()
    for subscription in everything:
        assert parse_time(subscription["created"]) == subscription["createTimestamp"] // 1000
        assert subscription["createTimestamp"] <= subscription["updateTimestamp"]
        template = subscription["orderTemplate"]
        (item,) = template["items"]
        shipping = template["shippingOption"]["shippingRate"]
        assert round(item["price"] * item["quantity"], 2) == template["subtotal"]
        total = template["subtotal"] + template["tax"] + shipping
        assert round(total, 2) == template["total"]
        for entry in subscription["orders"]:
            order = orders[entry["id"]]
            assert order["customerId"] == subscription["customerId"]
            assert (order["total"], order["createDate"]) == (entry["total"], entry["createDate"])
            assert item["productId"] in {i["productId"] for i in order["items"]}
        assert ("cancelled" in subscription) == (subscription["status"] == "CANCELLED")
        if subscription["status"] == "ACTIVE":
            assert parse_time(subscription["nextCharge"]) > now
    one = everything[4]
    assert shop.get(f"/subscriptions/{one['subscriptionId']}") == one
    shop.get("/subscriptions/1", 404)


def some(shop, **query):
    return {s["subscriptionId"] for s in shop.get("/subscriptions", **query)["items"]}


def test_subscriptions_are_filtered(shop):
    everything = shop.all("/subscriptions")

    def those(condition):
        return {s["subscriptionId"] for s in everything if condition(s)}

    one = everything[7]
    moment = one["updateTimestamp"] // 1000
    assert some(shop, updatedFrom=moment, updatedTo=moment + 1) == {one["subscriptionId"]}
    assert some(shop, updatedFrom=moment + 1) == those(
        lambda s: s["updateTimestamp"] // 1000 > moment
    )
    assert some(shop, createdTo=one["created"]) == those(lambda s: s["created"] < one["created"])
    assert some(shop, cancelledFrom="2000-01-01") == those(lambda s: "cancelled" in s)
    due = one["nextCharge"]
    assert some(shop, nextChargeFrom=due) == those(lambda s: s["nextCharge"] >= due)
    assert some(shop, status="PAUSED") == those(lambda s: s["status"] == "PAUSED")
    assert some(shop, recurringInterval="WEEK", recurringIntervalCount=2) == those(
        lambda s: s["chargeSettings"] == {"recurringInterval": "WEEK", "recurringIntervalCount": 2}
    )
    assert some(shop, id=one["subscriptionId"]) == {one["subscriptionId"]}
    assert some(shop, customerId=one["customerId"]) == those(
        lambda s: s["customerId"] == one["customerId"]
    )
    email = one["orderTemplate"]["email"]
    assert some(shop, email=email.upper()) == those(lambda s: s["orderTemplate"]["email"] == email)
    product = one["orderTemplate"]["items"][0]["productId"]
    assert some(shop, productId=product) == those(
        lambda s: s["orderTemplate"]["items"][0]["productId"] == product
    )
    order = one["orders"][-1]
    for name in (order["id"], shop.sandbox.shop.get("order", order["id"])["id"]):
        assert one["subscriptionId"] in some(shop, orderId=name)
    assert some(shop, orderId="NOPE") == set()
    assert one["subscriptionId"] in some(shop, orderTotal=order["total"])
    at = parse_time(order["createDate"])
    span = {"orderCreatedFrom": at, "orderCreatedTo": at + 1}
    assert some(shop, **span) == those(
        lambda s: order["createDate"] in {o["createDate"] for o in s["orders"]}
    )
    by_count = shop.get("/subscriptions", sortBy="ORDER_COUNT_DESC")["items"]
    counts = [len(s["orders"]) for s in by_count]
    assert counts == sorted(counts, reverse=True)


def test_parts_of_orders_and_customers(shop):
    orders = list(shop.sandbox.shop.all("order"))
    answered = next(o for o in orders if o.get("orderExtraFields"))
    assert shop.get(f"/orders/{answered['id']}/extraFields") == answered["orderExtraFields"]
    known = {f["key"] for f in shop.get("/profile/extrafields")["items"]}
    assert {f["id"] for o in orders for f in o.get("orderExtraFields", ())} == known
    cancelled = next(o for o in orders if len(o.get("invoices", ())) > 1)
    invoices = shop.get(f"/orders/{cancelled['internalId']}/invoices")["invoices"]
    assert [i["type"] for i in invoices] == ["SALE", "FULL_CANCEL"]
    assert invoices == cancelled["invoices"]
    numbers = [i["internalId"] for o in orders for i in o.get("invoices", ())]
    assert len(set(numbers)) == len(numbers) > 100
    plain = next(o for o in orders if "invoices" not in o)
    assert shop.get(f"/orders/{plain['id']}/invoices") == {"invoices": []}
    shop.get("/orders/NOPE/invoices", 404)
    customers = shop.all("/customers")
    contacts = shop.get(f"/customers/{customers[0]['id']}/contacts")["items"]
    assert contacts == customers[0]["contacts"]
    fields = {f["key"] for f in shop.get("/store_extrafields/customers")["items"]}
    assert {f["key"] for c in customers for f in c.get("extrafields", ())} == fields


def test_papers(shop):
    order = next(shop.sandbox.shop.all("order"))
    receipt = shop.send("GET", f"/orders/{order['id']}/invoice-pdf").content
    start = int(receipt.rsplit(b"startxref\n")[1].split()[0])
    assert receipt[start:].startswith(b"xref")
    assert order["id"].encode() in receipt
    assert order["id"] in shop.send("GET", f"/orders/{order['id']}/invoice").text


def test_what_the_profile_holds_too(shop):
    profile = shop.get("/profile")
    options = profile["payment"]["paymentOptions"]
    assert shop.get("/profile/paymentOptions") == options
    assert shop.get(f"/profile/paymentOptions/{options[1]['id']}") == options[1]
    assert shop.get("/profile/shippingOptions") == profile["shipping"]["shippingOptions"]
    shop.get("/profile/paymentOptions/none", 404)


def test_order_statuses(shop):
    statuses = shop.get("/profile/order_statuses")["items"]
    assert len(statuses) == 20
    used = {o[k] for o in shop.all("/orders") for k in ("paymentStatus", "fulfillmentStatus")}
    assert used <= {s["statusId"] for s in statuses}
    own = [s for s in statuses if not s["defaultStatus"]]
    assert all(s["enabled"] == ("name" in s) for s in own)
    assert shop.get("/profile/order_status/PAID") in statuses
    shop.get("/profile/order_status/paid", 404)


def test_lists_about_customers(shop):
    customers = shop.all("/customers")
    assert shop.get("/customers_ids")["ids"] == [c["id"] for c in customers]
    chosen = {"minOrderCount": 3, "acceptMarketing": "true"}
    found = [c["id"] for c in shop.all("/customers", **chosen)]
    assert shop.get("/customers_ids", **chosen)["ids"] == found
    filters = shop.get("/customers/filters")
    counts = [c["totalOrderCount"] for c in customers]
    assert filters["oneTimeCustomersCount"] == counts.count(1)
    assert filters["repeatedCustomersCount"] == sum(1 for c in counts if c > 1)
    (place,) = shop.get("/customers/locations", name="ger")["items"]
    assert place == {"country": "Germany", "countryCode": "DE"}
    for entry in shop.get("/customers/products", name="mug")["items"]:
        assert shop.get("/orders", productId=entry["productId"])["total"]


def test_dictionaries(shop):
    countries = {c["code"]: c for c in shop.get("/countries", withStates="true")}
    assert {"US", "DE", "GB", "FR", "CA"} <= countries.keys()
    assert countries["US"]["states"] == shop.get("/states", countryCode="US")
    assert not any("states" in c for c in shop.get("/countries"))
    codes = {c["code"] for c in shop.get("/currencies")}
    for code in countries:
        (currency,) = shop.get("/currencyByCountry", countryCode=code)
        assert currency["currencyCode"] in codes
        assert shop.get("/taxClasses", countryCode=code)
    assert shop.get("/states", countryCode="XX") == []
    shop.get("/states", 400)


def figure(entries, name):
    return next(entry["dataValue"] for entry in entries if entry["dataId"] == name)


def test_reports_agree_with_the_orders(shop):
    orders = [o for o in shop.all("/orders") if o["paymentStatus"] != "INCOMPLETE"]
    start = min(o["createTimestamp"] for o in orders) + 86_400 * 100
    end = start + 86_400 * 45
    chosen = [o for o in orders if start <= o["createTimestamp"] <= end]
    paid = {"PAID", "REFUNDED", "PARTIALLY_REFUNDED"}
    sales = round(sum(o["total"] for o in chosen if o["paymentStatus"] in paid), 2)
    for scale in ("day", "week", "month", "year"):
        query = {"startedFrom": start, "endedAt": end, "timeScaleValue": scale}
        report = shop.get("/reports/allOrders", **query)
        assert query.items() <= report.items()
        assert figure(report["aggregatedData"], "orders") == len(chosen)
        assert figure(report["aggregatedData"], "sales") == sales
        assert sum(figure(s["data"], "orders") for s in report["dataset"]) == len(chosen)
        steps = report["dataset"]
        for step, after in itertools.pairwise(steps):
            assert step["endTimeStamp"] + 1 == after["startTimeStamp"]
        assert (steps[0]["startTimeStamp"], steps[-1]["endTimeStamp"]) == (start, end)


def test_rankings(shop):
    report = shop.get("/reports/topOfShippingMethodsByOrders")
    counts = [figure(row["data"], "orders") for row in report["dataset"]]
    assert counts == sorted(counts, reverse=True)
    assert report["itemCount"] == len(counts) == 3
    second = shop.get("/reports/topOfShippingMethodsByOrders", limit=1, offset=1)
    assert second["dataset"] == report["dataset"][1:2]
    upward = shop.get(
        "/reports/topOfShippingMethodsByOrders", orderByMetric="orders", orderDirection="ASC"
    )
    assert [figure(row["data"], "orders") for row in upward["dataset"]] == counts[::-1]
    shares = [row["percentage"] for row in shop.get("/reports/newOrdersVsRepeatOrders")["dataset"]]
    assert sum(shares) == pytest.approx(100)
    compared = shop.get("/reports/allRevenue", comparePeriod="previousPeriod")
    assert compared["comparePeriod"] == "PREVIOUS_PERIOD"
    assert figure(compared["comparePeriodAggregatedData"], "revenue") == 0
    assert shop.get("/reports/allTraffic")["dataset"] == []
    shop.get("/reports/guesses", 400)


def test_slugs(shop):
    product = next(shop.sandbox.shop.all("product"))
    found = shop.get("/storefront-widget-pages", slug=product["autogeneratedSlug"])
    assert (found["status"], found["storeEntityData"]) == ("OK", {"id": str(product["id"])})
    old = shop.get("/storefront-widget-pages", slug=f"former-name-p{product['id']}")
    assert (old["status"], old["canonicalSlug"]) == ("NONCANONICAL", product["autogeneratedSlug"])
    assert shop.get("/storefront-widget-pages", slug="nothing") == {"status": "NOT_FOUND"}
    assert shop.get("/storefront-widget-pages", slug="cart")["type"] == "CART"
    assert shop.get("/storefront-widget-pages", 400)["errorCode"] == "SLUG_PARAMETER_NOT_FOUND"


def test_the_token_tells_its_scopes():
    with running_sandbox(size="empty", scopes={"read_orders", "read_catalog"}) as sandbox:
        url = f"{sandbox.store_url}/application/token"
        token = httpx2.get(url, headers=sandbox.headers).json()
        assert token["permissions"] == ["read_catalog", "read_orders"]


def test_changes_move_their_stamps(own):
    shop, clock = own.sandbox.shop, own.sandbox.clock
    asked = {"subscriptionRequired": "true", "domainsRequired": "true"}
    before = own.get("/latest-stats", **asked)
    assert {"subscriptionsUpdated", "domainsUpdated"} <= before.keys()
    assert not {"subscriptionsUpdated", "domainsUpdated"} & own.get("/latest-stats").keys()
    newest = max(s["updateTimestamp"] for s in shop.all("subscription")) // 1000
    assert parse_time(before["subscriptionsUpdated"]) == newest

    def moved(kind, key, changes):
        clock.advance(10)
        known = own.get("/latest-stats", **asked)
        shop.update(kind, key, changes)
        found = own.get("/latest-stats", **asked)
        return {name for name, at in found.items() if known[name] != at}

    statuses = [s["statusId"] for s in shop.all("order_status") if not s["defaultStatus"]]
    assert moved("order_status", statuses[0], {"name": "Other"}) == {"profileUpdated"}
    field = shop.keys("checkout_extra_field")[0]
    assert moved("checkout_extra_field", field, {"required": True}) == {"profileUpdated"}
    domain = shop.keys("domain_settings")[0]
    assert moved("domain_settings", domain, {"sslEnabled": False}) == {"domainsUpdated"}
    one = shop.keys("subscription")[0]
    assert moved("subscription", one, {"status": "PAUSED"}) == {"subscriptionsUpdated"}
    assert own.get(f"/subscriptions/{one}")["updateTimestamp"] == int(clock.now() * 1000)
    (found,) = own.get("/subscriptions", updatedFrom=clock.second())["items"]
    assert found["subscriptionId"] == one
    assert moved("product_type", 0, {"name": "All else"}) == {"productsUpdated"}


def test_activity_reaches_the_settings(own):
    def everything():
        return {
            "promotions": own.get("/promotions")["items"],
            "subscriptions": own.get("/subscriptions")["items"],
            "statuses": own.get("/profile/order_statuses"),
            "redirects": own.get("/instant-site/redirects")["items"],
            "fields": own.get("/store_extrafields/customers"),
            "payment": own.get("/profile/paymentOptions"),
            "types": own.get("/classes"),
        }

    before = everything()
    own.sandbox.activity(40)
    after = everything()
    assert [name for name in before if before[name] == after[name]] == []
    old, new = ({p["id"] for p in each["promotions"]} for each in (before, after))
    assert new - old


def test_a_plan_without_some_features():
    with running_sandbox(size="tiny", without={"reviews", "promotions", "subscriptions"}) as own:

        def ask(path):
            response = httpx2.get(f"{own.store_url}{path}", headers=own.headers)
            return response.status_code, response.json().get("errorCode")

        assert ask("/reviews") == (403, "PRODUCT_REVIEWS_FEATURE_NOT_AVAILABLE")
        assert ask("/reviews/filters_data") == (403, "PRODUCT_REVIEWS_FEATURE_NOT_AVAILABLE")
        assert ask("/promotions") == (403, "ADVANCED_DISCOUNTS_FEATURE_NOT_AVAILABLE")
        assert ask("/subscriptions") == (402, "NOT_AVAILABLE_ON_CURRENT_PLAN")
        assert ask("/orders") == (200, None)
        own.set(without=["orders"])
        assert ask("/orders") == (402, "NOT_AVAILABLE_ON_CURRENT_PLAN")
        assert ask("/reviews") == (200, None)
    with (
        pytest.raises(ValueError, match="nope: no group"),
        running_sandbox(size="empty", without={"nope"}),
    ):
        pass
