"""A plan is made, looked at and carried out: exactly its changes, once, on objects as they were."""

from __future__ import annotations

import base64
import json

import httpx2
import pytest

from ecwid_api.errors import SettingError
from target_run import (
    plan_of,
    product,
    records,
    run_command,
    run_here,
    run_target,
    settle,
    state,
    writes,
)


def test_a_plan_is_carried_out_as_it_was_made(sandbox, tmp_path):
    there = list(sandbox.shop.all("product"))[:4]
    rows = [{"sku": p["sku"], "price": p["price"] + 1} for p in there[:3]]
    rows += [{"sku": "S-NEW", "name": "New", "price": 5, "categoryIds": [77001]}]
    rows += [{"id": there[3]["id"], "_sdc_deleted_at": "2025-01-01T00:00:00Z"}]
    messages = [
        *records("categories", {"id": 77001, "name": "Brand new"}),
        *records("products", *rows),
        state({"at": 1}),
    ]
    path = plan_of(tmp_path, sandbox, messages, hard_delete=True, source="erp")
    header, *changes, summary = map(json.loads, path.read_text().splitlines())
    assert header["store_id"] == sandbox.store_id
    assert summary["streams"]["products"]["updated"] == 3
    assert len(changes) == 6
    done = run_command(tmp_path, sandbox, "apply", path, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["counts"]["products"] == {"created": 1, "updated": 3, "deleted": 1}
    settle(sandbox)
    for row in rows[:3]:
        assert product(sandbox, row["sku"])["price"] == row["price"]
    (category,) = [c for c in sandbox.shop.all("category") if c["name"] == "Brand new"]
    assert product(sandbox, "S-NEW")["categoryIds"] == [category["id"]]
    assert there[3]["id"] not in {p["id"] for p in sandbox.shop.all("product")}
    # Again: it was carried out already.
    known = writes(sandbox)
    done = run_command(tmp_path, sandbox, "apply", path, "--json")
    assert json.loads(done.stdout)["already"]
    assert writes(sandbox) == known


def test_the_order_in_a_category_that_the_plan_creates_is_in_the_plan(sandbox, tmp_path):
    messages = [
        *records("categories", {"id": 7, "name": "New"}, {"id": 8, "name": "Empty"}),
        *records("products", *({"id": n, "name": f"New {n}", "categoryIds": [7]} for n in (1, 2))),
        *records(
            "product_order",
            {"parentCategory": 7, "sortedIds": [2, 1]},
            {"parentCategory": 8, "sortedIds": []},
        ),
    ]
    own = {"ids": "own", "source": "erp", "streams": {n: {"key": "id"} for n in ("products",)}}
    path = plan_of(tmp_path, sandbox, messages, **own)
    summary = json.loads(path.read_text().splitlines()[-1])["streams"]["product_order"]
    assert (summary["updated"], summary["unchanged"], summary["rejected"]) == (1, 1, 0)
    done = run_command(tmp_path, sandbox, "apply", path)
    assert done.returncode == 0, done.stderr
    (category,) = [c for c in sandbox.shop.all("category") if c["name"] == "New"]
    names = {p["id"]: p["name"] for p in sandbox.shop.all("product")}
    answer = httpx2.get(
        f"{sandbox.store_url}/products/sort",
        params={"parentCategory": category["id"]},
        headers=sandbox.headers,
    )
    assert [names[key] for key in answer.json()["sortedIds"]] == ["New 2", "New 1"]
    settle(sandbox)
    done = run_command(tmp_path, sandbox, "undo", "last")
    assert done.returncode == 0, done.stderr
    assert "New" not in {c["name"] for c in sandbox.shop.all("category") if c.get("enabled")}


def test_what_changed_meanwhile_is_left_alone(sandbox, tmp_path):
    there = list(sandbox.shop.all("product"))[:3]
    rows = [{"sku": p["sku"], "price": p["price"] + 1} for p in there]
    path = plan_of(tmp_path, sandbox, records("products", *rows))
    changed = there[1]
    run = run_target(tmp_path, sandbox, records("products", {"sku": changed["sku"], "price": 999}))
    assert run.code == 0, run.log
    settle(sandbox)
    done = run_command(tmp_path, sandbox, "apply", path, on_drift="fail")
    assert done.returncode == 1
    assert "on_drift" in done.stderr
    assert product(sandbox, there[0]["sku"])["price"] == there[0]["price"]
    done = run_command(tmp_path, sandbox, "apply", path)
    assert done.returncode == 0, done.stderr
    assert "1 objects had changed" in done.stderr
    settle(sandbox)
    assert product(sandbox, changed["sku"])["price"] == 999
    assert product(sandbox, there[0]["sku"])["price"] == rows[0]["price"]


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


DELETED = {"_sdc_deleted_at": "2027-01-31T00:00:00Z"}


def test_a_later_change_builds_on_an_earlier_one(sandbox, tmp_path):
    """An object is changed twice, and what one change frees, the next one takes."""
    there = list(sandbox.shop.all("product"))[:4]
    person = next(iter(sandbox.shop.all("customer")))
    coupon = next(iter(sandbox.shop.all("coupon")))
    messages = [
        *records(
            "products",
            {"id": there[0]["id"], **DELETED},
            {"sku": there[0]["sku"], "name": "In its place", "price": 3},
            {"sku": there[1]["sku"], "price": 3},
            {"sku": there[1]["sku"], "price": 4},
            {"id": there[2]["id"], "sku": "RENAMED"},
            {"sku": there[2]["sku"], "name": "Has its old name", "price": 5},
        ),
        *records("customers", {"id": person["id"], **DELETED}, {"email": person["email"]}),
        *records(
            "discount_coupons",
            {"id": coupon["id"], **DELETED},
            {n: coupon[n] for n in ("code", "name", "discountType", "discount", "status")},
        ),
    ]
    path = plan_of(tmp_path, sandbox, messages, hard_delete=True, ids="shared")
    done = run_command(tmp_path, sandbox, "apply", path, "--on-drift", "fail", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {
        "products": {"created": 2, "updated": 3, "deleted": 1},
        "customers": {"created": 1, "deleted": 1},
        "discount_coupons": {"created": 1, "deleted": 1},
    }, done.stderr
    settle(sandbox)
    assert product(sandbox, there[0]["sku"])["name"] == "In its place"
    assert product(sandbox, there[1]["sku"])["price"] == 4
    assert product(sandbox, "RENAMED")["id"] == there[2]["id"]
    done = run_command(tmp_path, sandbox, "undo", "last")
    assert done.returncode == 0, done.stderr
    settle(sandbox)
    for old in there:
        now = product(sandbox, old["sku"])
        assert (now["name"], now["price"]) == (old["name"], old["price"])
    assert len([p for p in sandbox.shop.all("customer") if p["email"] == person["email"]]) == 1
    assert len([c for c in sandbox.shop.all("coupon") if c["code"] == coupon["code"]]) == 1


def test_a_file_that_changed_meanwhile_is_not_uploaded(sandbox, tmp_path):
    here = [p["id"] for p in sandbox.shop.all("product")][:3]
    files = [tmp_path / name for name in ("one.png", "two.png", "three.png")]
    for file in files:
        file.write_bytes(PICTURE)
    rows = [{"productId": key, "path": str(f)} for key, f in zip(here, files, strict=True)]
    settings = {"files_dir": str(tmp_path), "ids": "shared"}
    path = plan_of(tmp_path, sandbox, records("product_images", *rows), **settings)
    files[1].write_bytes(PICTURE + b"other")
    files[2].unlink()
    done = run_command(tmp_path, sandbox, "apply", path, "--on-drift", "fail", **settings)
    assert done.returncode == 1
    assert writes(sandbox) == []
    done = run_command(tmp_path, sandbox, "apply", path, **settings)
    assert done.returncode == 0, done.stderr
    assert writes(sandbox) == [("POST", f"/products/{here[0]}/gallery")]
    assert "2 objects had changed" in done.stderr


def test_beyond_a_guard_nothing_is_written(sandbox, tmp_path):
    there = list(sandbox.shop.all("product"))[:3]
    rows = [{"sku": p["sku"], "price": p["price"] * 3} for p in there]
    rows += [{"id": p["id"], "_sdc_deleted_at": "2025-01-01T00:00:00Z"} for p in there[:2]]
    for guard, limit in (("max_changes", 4), ("max_deletions", 1), ("max_price_change", 50)):
        run = run_target(
            tmp_path,
            sandbox,
            [*records("products", *rows), state({"at": 1})],
            hard_delete=True,
            **{guard: limit},
        )
        assert run.code == 1
        assert guard in run.log
        assert "plan.jsonl" in run.log
        assert run.states == []
        assert writes(sandbox) == []
        assert len(run.plan) == 5
    run = run_target(
        tmp_path,
        sandbox,
        [*records("products", *rows), state({"at": 1})],
        hard_delete=True,
        max_changes=5,
    )
    assert run.code == 0, run.log
    assert run.states == [{"at": 1}]
    assert "0 created, 3 updated, 2 deleted" in run.log


def test_no_price_changes_by_more_than_it_may_however_it_is_written(sandbox, tmp_path):
    product = next(p for p in sandbox.shop.all("product") if p.get("combinations"))
    tiers = [{"quantity": 5, "price": 9}]
    sandbox.shop.update("product", product["id"], {"price": 10, "wholesalePrices": tiers})
    settle(sandbox)
    calls = {
        "whole": {"action": "PUT /products/{productId}"},
        "part": {"action": "updateProductVariation"},
        "other": {"entity": "products"},
    }
    one, part = {"id": product["id"]}, {"productId": product["id"]}
    variation = {**part, "combinationId": product["combinations"][0]["id"]}
    wholesale = {"wholesalePrices": [*tiers, {"quantity": 6, "price": 1}]}

    def changes(*messages):
        with pytest.raises(SettingError, match="max_price_change is 10, and a price") as told:
            run_here(tmp_path, sandbox, messages, max_price_change=10, streams=calls, ids="shared")
        assert writes(sandbox) == []
        return str(told.value)

    steps = [{**one, "price": price} for price in (10.9, 11.8, 12.7)]
    assert "by 27.0 %" in changes(*records("products", *steps))
    said = changes(*records("products", steps[0]), *records("other", steps[1]))
    assert "price from 10.0 to 11.8" in said
    assert "price from an unknown" in changes(*records("whole", {**part, "price": 10.1}))
    assert "[1].price from an unknown" in changes(*records("whole", {**part, **wholesale}))
    assert "price from an unknown" in changes(*records("part", {**variation, "price": 3}))
    assert "wholesalePrices[6].price from an unknown" in changes(
        *records("products", {**one, **wholesale})
    )
    assert "from 9.0 to nothing" in changes(*records("products", {**one, "wholesalePrices": []}))
    simple = next(p for p in sandbox.shop.all("product") if not p.get("combinations"))
    choices = [{"text": "S", "priceModifier": 0}, {"text": "L", "priceModifier": 2}]
    sizes = {"type": "RADIO", "name": "Size", "defaultChoice": 0, "choices": choices}
    sandbox.shop.update("product", simple["id"], {"options": [sizes]})
    settle(sandbox)

    def with_choices(*choices):
        return {"id": simple["id"], "options": [{**sizes, "choices": choices}]}

    dearer = with_choices(choices[0], {**choices[1], "priceModifier": 3})
    said = changes(*records("products", dearer))
    assert "by 50.0 %" in said
    assert "priceModifier from 2.0 to 3.0" in said
    # There and back again; a choice that is new has no price yet.
    more = with_choices(*choices, {"text": "XL", "priceModifier": 5})
    rows = [{**one, "price": 10.9}, {**one, "price": 10}, more]
    done = run_here(
        tmp_path, sandbox, records("products", *rows), max_price_change=10, ids="shared"
    )
    assert len(done.written) == 3
