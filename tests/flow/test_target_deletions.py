"""What is taken away, or out of use."""

from __future__ import annotations

import pytest

from target_run import records, run_target, settle, state, writes

GONE = "2025-01-01T00:00:00Z"


def version(stream, number=1):
    return {"type": "ACTIVATE_VERSION", "stream": stream, "version": number}


def test_what_is_deleted_in_the_source_is_disabled(sandbox, tmp_path):
    product = sandbox.shop.keys("product")[0]
    coupon = next(c for c in sandbox.shop.all("coupon") if c["status"] == "ACTIVE")
    customer = sandbox.shop.keys("customer")[0]
    messages = [
        *records("products", {"id": product, "_sdc_deleted_at": GONE}),
        *records("discount_coupons", {"code": coupon["code"], "_sdc_deleted_at": GONE}),
        *records("customers", {"id": customer, "_sdc_deleted_at": GONE}),
        *records("products", {"id": 99999999, "_sdc_deleted_at": GONE}),
    ]
    run = run_target(tmp_path, sandbox, messages, on_error="skip")
    assert run.code == 0, run.log
    assert sandbox.shop.get("product", product)["enabled"] is False
    assert sandbox.shop.get("coupon", coupon["id"])["status"] == "PAUSED"
    assert customer in sandbox.shop.keys("customer")
    (line,) = run.rejected
    assert line["reason"] == "can't be disabled"
    assert "hard_delete" in line["message"]
    settle(sandbox)
    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, messages, on_error="skip")
    assert writes(sandbox) == []


def test_a_hard_delete_deletes(sandbox, tmp_path):
    product, customer = sandbox.shop.keys("product")[0], sandbox.shop.keys("customer")[0]
    messages = [
        *records("products", {"id": product, "_sdc_deleted_at": GONE}),
        *records("customers", {"id": customer, "_sdc_deleted_at": GONE}),
        state({"at": 2}),
    ]
    run = run_target(tmp_path, sandbox, messages, hard_delete=True)
    assert run.code == 0, run.log
    assert product not in sandbox.shop.keys("product")
    assert customer not in sandbox.shop.keys("customer")
    assert run.states == [{"at": 2}]
    run = run_target(tmp_path, sandbox, messages, hard_delete=True)
    assert run.code == 0, run.log
    assert run.log.count("1 unchanged") == 2


def test_versions_are_left_alone_unless_asked_for(sandbox, tmp_path):
    keys = sandbox.shop.keys("coupon")
    messages = [*records("discount_coupons", {"id": keys[0]}), version("discount_coupons")]
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert all(c["status"] != "PAUSED" for c in sandbox.shop.all("coupon") if c["id"] == keys[1])
    assert sandbox.shop.keys("coupon") == keys


def test_what_a_version_has_not_is_taken_away(sandbox, tmp_path):
    keys = sandbox.shop.keys("coupon")
    kept = keys[:2]
    messages = [
        *records("discount_coupons", *({"id": key} for key in kept), {"code": "NEW", "name": "N"}),
        version("discount_coupons"),
        state({"at": "end"}),
    ]
    settings = {"activate_version": True, "hard_delete": True}
    run = run_target(tmp_path, sandbox, messages, **settings, max_deletions=len(keys) - 3)
    assert run.code == 1
    assert "max_deletions" in run.log
    assert set(keys) <= set(sandbox.shop.keys("coupon"))
    assert run.states == []
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    left = sandbox.shop.keys("coupon")
    assert set(kept) <= set(left)
    assert len(left) == 3
    assert run.states == [{"at": "end"}]


def test_a_version_without_records_takes_nothing_away(sandbox, tmp_path):
    keys = sandbox.shop.keys("coupon")
    messages = [*records("discount_coupons"), version("discount_coupons")]
    run = run_target(tmp_path, sandbox, messages, activate_version=True, hard_delete=True)
    assert run.code == 0, run.log
    assert sandbox.shop.keys("coupon") == keys


def test_a_record_that_waits_is_not_missing_from_its_version(sandbox, tmp_path):
    """Its category comes later: until then, its product has not been seen."""
    keep, gone = sandbox.shop.keys("product")[:2]
    sku = sandbox.shop.get("product", keep)["sku"]
    others = sandbox.shop.keys("product")[2:]
    rows = [{"id": key} for key in others]
    waits = {"id": keep, "sku": sku, "categoryIds": [800]}
    messages = [*records("categories"), *records("products", waits, *rows), version("products")]
    messages += records("categories", {"id": 800, "name": "Later"})
    settings = {"activate_version": True, "hard_delete": True, "max_deletions": 5}
    settings["streams"] = {"categories": {"key": "name"}}
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    assert set(sandbox.shop.keys("product")) == {keep, *others}
    assert gone not in sandbox.shop.keys("product")


@pytest.mark.parametrize("together", [1, 4])
def test_what_is_deleted_of_an_object_is_not_the_object(sandbox, tmp_path, together):
    """The next run, a moment later, still finds the products: alone, and in a batch."""
    keys, count = sandbox.shop.keys("product")[:together], sandbox.shop.count("product")
    streams = {"gallery": {"action": "deleteAllGalleryProductImages"}}
    messages = records("gallery", *({"productId": key} for key in keys))
    run = run_target(tmp_path, sandbox, messages, streams=streams)
    assert run.code == 0, run.log
    skus = [sandbox.shop.get("product", key)["sku"] for key in keys]
    rows = [{"sku": sku, "name": f"Name of {sku}", "price": 1} for sku in skus]
    run = run_target(tmp_path, sandbox, records("products", *rows))
    assert run.code == 0, run.log
    assert sandbox.shop.count("product") == count
    assert [sandbox.shop.get("product", key)["name"] for key in keys] == [r["name"] for r in rows]
