"""Which object a record is about, and when nothing is written."""

from __future__ import annotations

import re

import httpx2
import pytest

from ecwid_sandbox.testing import running_sandbox
from target_run import keyed, records, run_command, run_target, state, writes


def skus(sandbox):
    return {product["sku"]: product for product in sandbox.shop.all("product")}


def test_a_category_s_name_counts_below_its_parent(tmp_path):
    settings = {"streams": {"categories": {"key": "name"}}, "ids": "own", "source": "sheet"}
    messages = keyed(
        "categories",
        {"id": 501, "name": "Men", "parentId": 0},
        {"id": 502, "name": "Shoes", "parentId": 501},
        {"id": 503, "name": "Women", "parentId": 0},
        {"id": 504, "name": "Shoes", "parentId": 503},
        {"id": 505, "name": "Shoes", "parentId": 0},
    )
    with running_sandbox(size="empty", rate_limit=0) as shop:

        def create(**fields):
            address = f"{shop.store_url}/categories"
            return httpx2.post(address, json=fields, headers=shop.headers).json()["id"]

        women = create(name="Women")
        shoes = create(name="Shoes", parentId=women)
        plan = run_target(tmp_path, shop, messages, dry_run=True, **settings)
        assert re.search(r"categories +3 +0 +0 +2 +0", plan.log)
        run = run_target(tmp_path, shop, messages, **settings)
        assert "categories: 3 created, 0 updated, 0 deleted, 2 unchanged" in run.log
        found = {c["id"]: (c["name"], c.get("parentId")) for c in shop.shop.all("category")}
        assert found[shoes] == ("Shoes", women)
        men = next(i for i, one in found.items() if one[0] == "Men")
        tops = sorted(str(parent) for name, parent in found.values() if name == "Shoes")
        assert tops == sorted(map(str, (men, women, None)))
        again = run_target(tmp_path, shop, messages, **settings)
        assert "categories: 0 created, 0 updated, 0 deleted, 5 unchanged" in again.log
        # What has no parent in the shop is below 0 in the record: nobody has moved it since.
        undone = run_command(tmp_path, shop, "undo", "last", **settings)
        assert "categories: 0 created, 0 updated, 3 deleted, 0 unchanged" in undone.stderr
        assert {c["id"] for c in shop.shop.all("category")} == {women, shoes}


def test_products_are_upserted_by_sku_and_not_written_again(sandbox, tmp_path):
    known = sorted(skus(sandbox))[:10]
    before = skus(sandbox)
    rows = [{"sku": sku, "price": 1.5 + n} for n, sku in enumerate(known)]
    rows += [{"sku": f"NEW-{n}", "name": f"New {n}", "price": n} for n in range(20)]
    messages = [*records("products", *rows), state({"at": 30})]
    run = run_target(tmp_path, sandbox, messages, results=True)
    assert run.code == 0, run.log
    assert run.states == [{"at": 30}]
    assert "products: 20 created, 10 updated, 0 deleted, 0 unchanged, 0 rejected" in run.log
    after = skus(sandbox)
    assert len(after) == len(before) + 20
    assert [after[row["sku"]]["price"] for row in rows] == [row["price"] for row in rows]
    assert all(after[sku]["id"] == before[sku]["id"] for sku in known)
    ids = {line["key"]["sku"]: line["ecwid"] for line in run.results}
    assert ids == {row["sku"]: after[row["sku"]]["id"] for row in rows}

    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, messages, results=True)
    assert run.code == 0, run.log
    assert "products: 0 created, 0 updated, 0 deleted, 30 unchanged, 0 rejected" in run.log
    assert writes(sandbox) == []
    assert run.states == [{"at": 30}]


@pytest.mark.parametrize(
    ("stream", "kind", "key", "change"),
    [
        ("customers", "customer", "email", {"name": "Somebody Else"}),
        ("discount_coupons", "coupon", "code", {"name": "For friends"}),
        ("customer_groups", "customer_group", "name", {"externalReferenceId": "G-1"}),
        ("categories", "category", "name", {"description": "Another one"}),
        ("promotions", "promotion", "name", {"amount": 99.5}),
        ("product_types", "product_type", "id", {"name": "Another"}),
        ("order_statuses", "order_status", "statusId", {"name": "x"}),
    ],
)
def test_objects_are_known_by_their_natural_keys(sandbox, tmp_path, stream, kind, key, change):
    one = sandbox.shop.all(kind)
    one = next(o for o in one if o.get(key) and not str(o[key]).startswith("AWAITING"))
    if stream == "order_statuses":
        one = next(o for o in sandbox.shop.all(kind) if o[key].startswith("CUSTOM"))
    if stream == "customers":
        change = {"privateAdminNotes": "x"}
    settings = {"streams": {stream: {"key": key}}}
    count = sandbox.shop.count(kind)
    messages = records(stream, {key: one[key], **change})
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    assert "1 updated" in run.log
    assert sandbox.shop.count(kind) == count
    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert "1 unchanged" in run.log, run.log
    assert writes(sandbox) == []


def test_an_email_that_is_part_of_another_is_another_customer(sandbox, tmp_path):
    one = next(iter(sandbox.shop.all("customer")))
    count = sandbox.shop.count("customer")
    run = run_target(tmp_path, sandbox, records("customers", {"email": "x" + one["email"]}))
    assert run.code == 0, run.log
    run = run_target(tmp_path, sandbox, records("customers", {"email": one["email"].upper()}))
    assert run.code == 0, run.log
    assert sandbox.shop.count("customer") == count + 1


def test_duplicates_in_the_shop_are_named(sandbox, tmp_path):
    first, second = sandbox.shop.keys("product")[:2]
    sandbox.shop.update("product", first, {"sku": "TWICE"})
    sandbox.shop.update("product", second, {"sku": "TWICE"})
    rows = [{"sku": "TWICE", "price": 1}, {"sku": "ONCE", "name": "Once", "price": 2}]
    run = run_target(tmp_path, sandbox, records("products", *rows), on_error="skip")
    assert run.code == 0, run.log
    (line,) = run.rejected
    assert line["reason"] == "duplicates in the shop"
    assert str(first) in line["message"]
    assert str(second) in line["message"]
    assert line["record"] == rows[0]
    assert "products: 1 rejected: duplicates in the shop" in run.log
    assert (run.folder / "rejected.jsonl").stat().st_mode & 0o777 == 0o600


def test_two_records_about_one_object_are_written_in_their_order(sandbox, tmp_path):
    rows = [{"sku": f"S-{n % 3}", "name": f"Name {n}", "price": n} for n in range(9)]
    run = run_target(tmp_path, sandbox, records("products", *rows))
    assert run.code == 0, run.log
    assert "3 created, 6 updated" in run.log
    found = skus(sandbox)
    assert [found[f"S-{n}"]["price"] for n in range(3)] == [6, 7, 8]


def test_what_search_does_not_show_yet_is_known(sandbox, tmp_path):
    sandbox.set(index_lag=3600)
    count = sandbox.shop.count("product")
    rows = [{"sku": f"S-{n}", "name": f"Name {n}", "price": n} for n in range(5)]
    for prices in (1, 2):
        changed = [row | {"price": prices} for row in rows]
        messages = [*records("products", *rows, *changed)]
        run = run_target(tmp_path, sandbox, messages)
        assert run.code == 0, run.log
    assert sandbox.shop.count("product") == count + 5


@pytest.mark.parametrize("again", [True, False])
def test_what_was_created_lately_and_deleted_since_is_not_taken_for_there(sandbox, tmp_path, again):
    row = {"code": "SPRING", "name": "Spring", "discount": 5, "discountType": "ABS"}

    def sent(discount):
        changed = row | {"discount": discount}
        return run_target(tmp_path, sandbox, records("discount_coupons", changed))

    assert "1 created" in sent(5).log
    (coupon,) = (c for c in sandbox.shop.all("coupon") if c["code"] == "SPRING")
    sandbox.shop.delete("coupon", coupon["id"])
    if again:
        # As staff would, in the control panel.
        sandbox.shop.create("coupon", {**coupon, "id": coupon["id"] + 1000})
    # The same record as before must not be taken for unchanged.
    run = sent(6 if again else 5)
    assert run.code == 0, run.log
    assert ("1 updated" if again else "1 created") in run.log
    (left,) = (c for c in sandbox.shop.all("coupon") if c["code"] == "SPRING")
    assert left["discount"] == (6 if again else 5)


def test_values_that_mean_the_same_are_unchanged(sandbox, tmp_path):
    key = sandbox.shop.keys("product")[0]
    sandbox.shop.update(
        "product", key, {"price": 12.5, "weight": 2, "sku": "7001", "enabled": True}
    )
    coupon = next(iter(sandbox.shop.all("coupon")))
    sandbox.shop.update("coupon", coupon["id"], {"launchDate": "2024-05-12 10:11:12 +0000"})
    rows = [{"id": str(key), "price": "12.50", "weight": 2.0, "sku": 7001, "enabled": "true"}]
    messages = records("products", *rows)
    messages += records(
        "discount_coupons", {"id": coupon["id"], "launchDate": "2024-05-12T12:11:12+02:00"}
    )
    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert writes(sandbox) == []
    assert run.log.count("1 unchanged") == 2


def test_unknown_and_read_only_fields_are_told_once(sandbox, tmp_path):
    rows = [
        {"sku": f"A{n}", "name": "A", "price": 1, "colour": 1, "updated": "2024-01-01"}
        for n in range(3)
    ]
    run = run_target(tmp_path, sandbox, records("products", *rows))
    assert run.code == 0, run.log
    assert run.log.count("left out, since Ecwid doesn't take it: updated\n") == 1
    assert run.log.count("left out, since Ecwid has no such field: colour\n") == 1
    assert run.log.count("left out") == 2


def varied(sandbox):
    """A product with variations that have SKUs of their own, and one of them."""
    for product in sandbox.shop.all("product"):
        own = product.get("combinations") or ()
        if len(own) > 1 and all(one.get("sku") for one in own):
            return product, own[0]
    raise AssertionError("the shop has none")


def test_fields_that_expressions_use_are_not_told_as_left_out(sandbox, tmp_path):
    sku = next(iter(sandbox.shop.all("product")))["sku"]
    settings = {
        "streams": {
            "stock": {
                "action": "adjustProductStock",
                "key": "sku",
                "payload": {"quantityDelta": "=record['moved'] + 0"},
            }
        }
    }
    row = {"sku": sku, "moved": 1, "colour": "red"}
    run = run_target(tmp_path, sandbox, records("stock", row), **settings)
    assert run.code == 0, run.log
    assert "left out, since Ecwid has no such field: colour\n" in run.log


@pytest.mark.parametrize("others", [0, 30])
def test_a_variation_s_sku_makes_no_product(sandbox, tmp_path, others):
    product, variation = varied(sandbox)
    count = sandbox.shop.count("product")
    rows = [{"sku": variation["sku"], "name": "x", "price": 1}]
    rows += [{"sku": f"N-{n}", "name": "x", "price": 1} for n in range(others)]
    run = run_target(tmp_path, sandbox, records("products", *rows), on_error="skip")
    assert run.code == 0, run.log
    assert sandbox.shop.count("product") == count + others
    (line,) = run.rejected
    assert line["reason"] == "key of a part"
    assert f"one of the product_variations of {product['id']}" in line["message"]


@pytest.fixture(scope="module")
def thousand_products():
    with running_sandbox(size="tiny", products=1_150) as running:
        yield running


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("all_of_them", [True, False])
def test_variations_are_known_by_their_skus_alone(sandbox, tmp_path, all_of_them, counted):
    products = {one["id"]: one for one in sandbox.shop.all("product") if one.get("combinations")}
    owners = {
        one["sku"]: number
        for number, product in products.items()
        for one in product["combinations"]
        if one.get("sku")
    }
    if not all_of_them:
        owners = dict(list(owners.items())[:4])
    settings = {
        "streams": {"erp": {"entity": "product_variations", "key": "sku", "action": "update"}},
        "batch_requests_count": counted,
    }
    messages = records("erp", *({"sku": sku, "price": 77.5} for sku in owners))
    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    assert f"erp: 0 created, {len(owners)} updated" in run.log
    for sku, number in owners.items():
        own = sandbox.shop.get("product", number)["combinations"]
        assert next(one for one in own if one.get("sku") == sku)["price"] == 77.5
    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert f"{len(owners)} unchanged" in run.log
    assert writes(sandbox) == []


def test_the_stock_of_variations_is_adjusted_by_sku(sandbox, tmp_path):
    product, variation = varied(sandbox)
    change = {"quantity": 10, "unlimited": False}
    own = [one | change if one is variation else one for one in product["combinations"]]
    sandbox.shop.update("product", product["id"], {"combinations": own})
    stream = {
        "entity": "product_variations",
        "key": "sku",
        "action": "PUT /products/{productId}/combinations/{combinationId}/inventory",
        "payload": {"quantityDelta": "=delta"},
    }
    rows = [{"sku": variation["sku"], "delta": -3}, {"sku": "NOBODY", "delta": -3}]
    run = run_target(
        tmp_path, sandbox, records("stock", *rows), streams={"stock": stream}, on_error="skip"
    )
    assert run.code == 0, run.log
    assert "stock: 0 created, 1 updated, 0 deleted, 0 unchanged, 1 rejected" in run.log
    own = sandbox.shop.get("product", product["id"])["combinations"]
    assert next(one for one in own if one["id"] == variation["id"])["quantity"] == 7


def test_a_sku_that_several_variations_have_is_a_rejection(sandbox, tmp_path):
    product, variation = varied(sandbox)
    own = [one | {"sku": "SAME"} for one in product["combinations"]]
    sandbox.shop.update("product", product["id"], {"combinations": own})
    settings = {"streams": {"product_variations": {"key": "sku", "action": "update"}}}
    messages = records("product_variations", {"sku": "SAME", "price": 1})
    run = run_target(tmp_path, sandbox, messages, **settings, on_error="skip")
    (line,) = run.rejected
    assert line["reason"] == "duplicates in the shop"
    assert str(variation["id"]) in line["message"]


@pytest.mark.parametrize(
    ("count", "batch_size", "listed"),
    [(10, 500, False), (8, 5, False), (40, 500, True), (40, 5, True)],
)
def test_records_are_looked_up_or_the_shop_is_listed_but_not_both(
    thousand_products, tmp_path, count, batch_size, listed
):
    sandbox = thousand_products
    sandbox.reset_requests()
    rows = [{"sku": one["sku"], "price": one["price"]} for one in sandbox.shop.all("product")]
    settings = {"batch_size": batch_size, "batch_requests_count": True}
    run = run_target(tmp_path, sandbox, records("products", *rows[:count]), **settings)
    assert f"{count} unchanged" in run.log
    searches = [one.query for one in sandbox.requests if one.path == "/products"]
    assert sum("sku=" in query for query in searches) == (0 if listed else count)
    # One page of a product says how many there are.
    assert sum("sku=" not in query for query in searches) == (13 if listed else 1)
