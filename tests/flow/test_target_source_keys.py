"""Keys of the source that are texts, look alike, are missing, or are one object's."""

from __future__ import annotations

import pytest

from ecwid_sandbox.testing import running_sandbox
from mapped_shop import MADE, SHOP, a_shop, settings, shown
from target_run import keyed, product, run_command, run_target, writes


def with_texts(value, name=None):
    """The same with texts for keys, as sources have them that count in UUIDs or paths."""
    if isinstance(value, dict):
        return {name: with_texts(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner) for inner in value]
    return f" gid://shop/{value}" if name in {"id", "product_id", "collection_id"} else value


def test_keys_of_the_source_can_be_texts(empty, tmp_path):
    messages = [with_texts(message) for message in a_shop()]
    plan = run_target(tmp_path, empty, messages, plan="shop.plan", **settings(**SHOP))
    assert plan.code == 0, plan.log
    done = run_command(tmp_path, empty, "apply", "shop.plan", **settings(**SHOP))
    assert done.returncode == 0, done.stderr
    assert shown(empty) == MADE
    before = len(writes(empty))
    run = run_target(tmp_path, empty, messages, **settings(**SHOP))
    assert run.rejected == []
    assert len(writes(empty)) == before, run.log
    # One that never came is never sent.
    more = with_texts([*a_shop(collects=[(9, 12, 777)])])
    run = run_target(tmp_path, empty, more, **settings(**SHOP))
    assert {x["reason"] for x in run.rejected} == {"unknown reference"}
    assert "gid://shop/777" in run.rejected[0]["message"]
    # Numbers are the shop's, as long as the settings don't say otherwise.
    given = {**settings(collections=SHOP["collections"]), "ids": "auto"}
    run = run_target(tmp_path, empty, keyed("collections", {"id": "x", "title": "X"}), **given)
    assert [x["reason"] for x in run.rejected] == ["wrong value"]


@pytest.mark.parametrize("mode", ["written", "planned"])
def test_texts_are_followed_wherever_a_record_has_keys(empty, tmp_path, mode):
    """Parents, lists, objects in lists, and keys that Ecwid has in texts; whatever comes first."""
    rows = {
        "orders": [
            {"id": "o/1", "externalOrderId": "1", "email": "a@shop.example", "customerId": "c-1",
             "items": [{"name": "P", "price": 1, "quantity": 1, "productId": "p/1"}]},
        ],
        "products": [
            {"id": "p/1", "sku": "P1", "name": "P1", "categoryIds": ["deep/er"],
             "relatedProducts": {"productIds": ["p/2"]}},
            {"id": "p/2", "sku": "P2", "name": "P2", "categoryIds": []},
        ],
        "categories": [
            {"id": "deep/er", "name": "Deeper", "parentId": "deep"},
            {"id": "deep", "name": "Deep"},
        ],
        "customers": [{"id": "c-1", "email": "a@shop.example", "name": "A"}],
    }  # fmt: skip
    messages = [line for name, several in rows.items() for line in keyed(name, *several)]
    if mode == "planned":
        run_target(tmp_path, empty, messages, plan="texts.plan", ids="own")
        done = run_command(tmp_path, empty, "apply", "texts.plan", ids="own")
        assert done.returncode == 0, done.stderr
    else:
        run = run_target(tmp_path, empty, messages, ids="own")
        assert run.code == 0, run.log
    (order,) = empty.shop.all("order")
    one, two = sorted(empty.shop.all("product"), key=lambda product: product["sku"])
    categories = {row["name"]: row for row in empty.shop.all("category")}
    (customer,) = empty.shop.all("customer")
    assert order["customerId"] == customer["id"]
    assert [item["productId"] for item in order["items"]] == [one["id"]]
    assert one["categoryIds"] == [categories["Deeper"]["id"]]
    assert categories["Deeper"]["parentId"] == categories["Deep"]["id"]
    assert one["relatedProducts"]["productIds"] == [two["id"]]
    before = len(writes(empty))
    run = run_target(tmp_path, empty, messages, ids="own")
    assert run.code == 0, run.log
    assert len(writes(empty)) == before, run.log


VARIANTS = {
    "entity": "product_variations",
    "fields": "payload",
    "path": {"productId": "=pid"},
    "payload": {"id": "=id", "sku": "=sku", "options": [{"name": "Size", "value": "S"}]},
}


LIMITED = {
    "entity": "discount_coupons",
    "fields": "payload",
    "payload": {"code": "=code", "discountType": "ABS", "discount": 1, "catalogLimit": "=limit"},
}


def test_references_that_say_what_it_is_about_are_never_left_out(tmp_path):
    """Without them, it would be about another object of the shop, or about all."""
    with running_sandbox(fetch_files=False) as shop:
        there = next(iter(shop.shop.all("product")))["id"]
        owners = [there, str(there), 999, "gid://9"]
        limits = [
            ("NONE", {"products": [there]}),
            ("NEITHER", {"products": [9], "categories": ["x"]}),
            ("SOME", {"products": [1, there], "categories": ["x"]}),
            ("OTHER", {"products": [1], "categories": ["x"]}),
            ("ALL", None),
        ]
        messages = [
            *keyed("products", {"id": 1, "sku": "mine", "name": "Mine"}),
            *keyed(
                "variants", *({"id": n, "pid": o, "sku": f"v{n}"} for n, o in enumerate(owners))
            ),
            *keyed("coupons", *({"id": n, "code": n, "limit": limit} for n, limit in limits)),
        ]
        given = settings(variants=VARIANTS, coupons=LIMITED)
        run = run_target(tmp_path, shop, messages, unknown_references="omit", **given)
        assert run.code == 0, run.log
        assert {x["reason"] for x in run.rejected} == {"unknown reference"}
        assert [x["stream"] for x in run.rejected].count("variants") == len(owners)
        assert {x["record"]["code"] for x in run.rejected if x["stream"] == "coupons"} == {
            "NONE",
            "NEITHER",
        }
        assert not [path for _, path in writes(shop) if "combinations" in path]
        mine = product(shop, "mine")["id"]
        made = {c["code"]: c.get("catalogLimit") or {} for c in shop.shop.all("coupon")}
        assert made["SOME"].get("products") == made["OTHER"].get("products") == [mine]
        assert not made["ALL"].get("products")


def test_keys_that_only_look_alike_are_two(empty, tmp_path):
    keys = (7, "007", "1e3", 1000, "a/b", "a%2Fb", "+5", "5")
    stream = {**SHOP["collections"], "payload": {"id": "=id", "name": "=title", "parentId": "=up"}}
    rows = [{"id": key, "title": f"C{n}", "up": None} for n, key in enumerate(keys)]
    below = [{"id": f"below {key}", "title": f"B{n}", "up": key} for n, key in enumerate(keys)]
    messages = keyed("collections", *rows, *below)
    for again in range(2):
        before = len(writes(empty))
        run = run_target(tmp_path, empty, messages, **settings(collections=stream))
        assert (run.code, run.rejected) == (0, []), run.log
        assert not again or len(writes(empty)) == before
    made = {one["name"]: one for one in empty.shop.all("category")}
    assert len(made) == 2 * len(keys)
    assert all(made[f"B{n}"]["parentId"] == made[f"C{n}"]["id"] for n in range(len(keys)))


def test_records_without_a_key_are_not_created_in_each_run(empty, tmp_path):
    stream = SHOP["products"]["payload"] | {"categoryIds": [], "options": []}
    given = settings(products={"fields": "payload", "key": "id", "payload": stream})
    rows = [{"id": key, "title": "T"} for key in (0, "0", " ", None)]
    run = run_target(tmp_path, empty, keyed("products", *rows), **given)
    assert {x["reason"] for x in run.rejected} == {"no key"}, run.log
    assert len(run.rejected) == len(rows)
    assert writes(empty) == []


def test_two_records_with_the_key_of_one_object_do_not_create_it_in_each_run(empty, tmp_path):
    """Ecwid shows what it has at an address, and doesn't say what it made of a list."""
    given = {"fields": "payload", "payload": {"fromUrl": "=f", "toUrl": "=t"}}
    rows = [{"id": 1, "f": "/a", "t": "/x"}, {"id": 2, "f": "/a", "t": "/x"}]
    for again in range(2):
        before = len(writes(empty))
        run = run_target(tmp_path, empty, keyed("redirects", *rows), **settings(redirects=given))
        assert run.code == 0, run.log
        assert len(writes(empty)) - before == (0 if again else 1)
    assert [x["reason"] for x in run.rejected] == ["two records, one object"]
