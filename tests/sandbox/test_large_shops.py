"""What keeps a large shop quick: indexes, results that are kept, counts that are carried on."""

from __future__ import annotations

import random
from contextlib import contextmanager

import pytest

from ecwid_sandbox.server.requests.fields import parse_fields, select_json
from ecwid_sandbox.server.shop.consequences import _recount_categories


@contextmanager
def statements(api):
    """The searches that a shop makes meanwhile, as SQL with its values."""
    found = []
    database = api.sandbox.shop.store._database
    database.set_trace_callback(lambda text: found.append(text) if text[:6] == "SELECT" else None)
    yield found
    database.set_trace_callback(None)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/products", {"sku": "{sku}"}),
        ("/products", {"sku": "{variation}"}),
        ("/products", {"productId": "{product}"}),
        ("/products", {"externalReferenceId": "abc"}),
        ("/products", {"updatedFrom": "2100-01-01", "sortBy": "UPDATED_TIME_ASC"}),
        ("/products", {"category": "{category}"}),
        ("/categories", {"parent": "{category}"}),
        ("/customers", {"email": "{email}", "useExactEmailMatch": "true"}),
        ("/orders", {"email": "{email}"}),
        ("/orders", {"customerId": "{customer}"}),
        ("/orders", {"orderNumber": "12"}),
        ("/orders", {"productId": "{product}"}),
        ("/orders", {"createdFrom": "2100-01-01"}),
        ("/discount_coupons", {"code": "WELCOME"}),
        ("/reviews", {"productId": "{product}"}),
        ("/carts", {"customerId": "{customer}"}),
    ],
)
def test_lookups_use_an_index(shop, path, query):
    products = shop.get("/products")["items"]
    varied = next(p for p in products if any(v.get("sku") for v in p.get("combinations", ())))
    customer = shop.get("/customers", limit=1)["items"][0]
    known = {
        "sku": products[0]["sku"],
        "variation": next(v["sku"] for v in varied["combinations"] if v.get("sku")),
        "product": products[0]["id"],
        "category": next(p["categoryIds"][0] for p in products if p.get("categoryIds")),
        "email": customer["email"],
        "customer": customer["id"],
    }
    asked = {name: value.format_map(known) for name, value in query.items()}
    with statements(shop) as found:
        answer = shop.get(path, **asked)
    if "{sku}" in query.values():
        assert [p["id"] for p in answer["items"]] == [products[0]["id"]]
    if "{variation}" in query.values():
        assert [p["id"] for p in answer["items"]] == [varied["id"]]
    searches = [text for text in found if text.startswith("SELECT row FROM kind_")]
    assert searches
    database = shop.sandbox.shop.store._database
    for text in searches:
        steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {text}")]
        assert not [step for step in steps if step.startswith("SCAN")], steps


def test_pages_are_kept_while_something_else_changes(own):
    for number in range(120):
        own.sandbox.shop.create("product", {"name": f"Product {number}", "price": 1})
    own.get("/products", limit=10)
    customer = own.get("/customers", limit=1)["items"][0]["id"]
    with statements(own) as found:
        own.put(f"/customers/{customer}", {"fullName": "Somebody Else"})
        for offset in range(10, 130, 10):
            own.get("/products", limit=10, offset=offset)
    assert not [text for text in found if text.startswith("SELECT row FROM kind_product ")]


def test_pages_of_a_shop_that_changes(own):
    for number in range(120):
        own.sandbox.shop.create("product", {"name": f"Product {number}", "price": 1})
    seen = []
    for offset in range(0, 130, 10):
        page = own.get("/products", limit=10, offset=offset)
        seen += [product["id"] for product in page["items"]]
        assert page["total"] == 130
        # Nothing moves in the list of all products, in the order of their ids.
        own.put(f"/products/{seen[0]}", {"price": 2 + offset})
    assert seen == own.sandbox.shop.keys("product")
    own.delete(f"/products/{seen[0]}")
    assert own.get("/products", limit=1, offset=10**30)["items"] == []
    assert own.get("/products", limit=1)["total"] == 129


def test_counts_of_categories_are_carried_on(own):
    """Whatever happens to products, categories say what counting all of them again would."""
    chance = random.Random(4)
    shop = own.sandbox.shop
    top = own.post("/categories", {"name": "Top"})["id"]
    middle = own.post("/categories", {"name": "Middle", "parentId": top})["id"]
    low = own.post("/categories", {"name": "Low", "parentId": middle})["id"]
    categories = [top, middle, low, *shop.keys("category")[:2]]
    for _ in range(120):
        chosen = chance.sample(categories, chance.randrange(3))
        products = shop.keys("product")
        action = chance.randrange(5)
        if action == 0 or not products:
            fields = {"name": "New", "price": 1, "enabled": chance.random() < 0.7}
            own.post("/products", {**fields, "categoryIds": chosen})
        elif action == 1 and len(products) > 3:
            own.delete(f"/products/{chance.choice(products)}")
        elif action == 2:
            own.put(f"/products/{chance.choice(products)}", {"categoryIds": chosen})
        elif action == 3:
            enabled = chance.random() < 0.5
            own.put(f"/products/{chance.choice(products)}", {"enabled": enabled})
        else:
            members = chance.sample(products, min(3, len(products)))
            own.put(f"/categories/{chance.choice(categories)}", {"productIds": members})
    own.delete(f"/categories/{middle}")
    own.delete("/products/1", expect=404)
    before = {category["id"]: category for category in shop.all("category")}
    assert any(category["productCount"] for category in before.values())
    with shop.store.transaction():
        _recount_categories(shop, shop.keys("category"))
    after = {category["id"]: category for category in shop.all("category")}
    assert after == before


def test_all_products_go_at_once(own):
    own.send("DELETE", "/products")
    assert own.get("/products")["total"] == 0
    for category in own.sandbox.shop.all("category"):
        assert (category["productCount"], category["enabledProductCount"]) == (0, 0)
        assert not category["productIds"]


def test_what_was_undone_is_not_counted(own):
    shop = own.sandbox.shop
    count = shop.count("product")

    def change():
        with shop.store.transaction():
            shop.create("product", {"name": "Never", "price": 1})
            assert shop.count("product") == count + 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert shop.count("product") == count == own.get("/products")["total"]


@pytest.mark.parametrize(
    "fields",
    [
        "id,name",
        "name,id",
        "missing",
        "id,combinations(id,options(name,value))",
        "categoryIds,media(images(id)),combinations(sku)",
        "name(inside),price(inside),categoryIds(inside)",
        "id,id,combinations(id),combinations(sku)",
    ],
)
def test_selected_fields(shop, fields):
    """Read by the short way they are what a plain selection gives."""
    for product in shop.get("/products")["items"]:
        [found] = shop.get("/products", productId=product["id"], responseFields=f"items({fields})")[
            "items"
        ]
        assert found == plain(product, parse_fields(fields))
        assert [*found] == [name for name in parse_fields(fields) if name in product]


def plain(value, selection):
    if selection is None or not isinstance(value, dict | list):
        return value
    if isinstance(value, list):
        return [plain(entry, selection) for entry in value]
    return {name: plain(value[name], sub) for name, sub in selection.items() if name in value}


def test_selected_fields_of_lists_within_lists():
    body = b'{"a":[[{"b":1,"c":2}],{"b":3}],"d":4}'
    assert select_json(body, {"a": {"b": None}}) == b'{"a":[[{"b":1}],{"b":3}]}'
