"""From one shop to another: what arrives, and that a second run finds nothing to do."""

from __future__ import annotations

import pytest

from ecwid_sandbox.testing import running_sandbox
from tap_run import run_tap, settings_of
from target_run import run_target, writes

STREAMS = {
    "product_types": {"key": "name"},
    "categories": {"key": "name"},
    "products": {"key": "sku"},
    "customer_groups": {"key": "name"},
    "customers": {"key": "email"},
    "discount_coupons": {"key": "code"},
    "promotions": {"key": "name"},
}


@pytest.fixture
def other():
    with running_sandbox(size="empty", store_id=2003) as running:
        yield running


def read(folder, sandbox):
    """What the tap says of the shop, of the streams that are copied."""
    run = run_tap(folder, settings_of(sandbox))
    assert run.code == 0, run.log
    messages = [
        message
        for message in run.messages
        if message["type"] == "STATE"
        or (message.get("stream") in STREAMS and not is_general(message))
    ]
    for message in messages:
        # Attributes have ids of their own in each shop; there they are known by their names.
        for attribute in message.get("record", {}).get("attributes", ()):
            del attribute["id"]
    return messages


def is_general(message):
    """Whether it is the product type that every shop has: it has no name to be known by."""
    named = message["type"] != "RECORD" or "name" in message["record"]
    return message["stream"] == "product_types" and not named


def test_a_shop_is_copied_and_then_left_alone(sandbox, other, tmp_path):
    messages = read(tmp_path, sandbox)
    run = run_target(tmp_path, other, messages, streams=STREAMS, on_error="skip")
    assert run.code == 0, run.log
    assert run.rejected == [], run.log
    for kind, key in (("product", "sku"), ("category", "name"), ("customer", "email")):
        there = {one[key]: one for one in other.shop.all(kind)}
        for one in sandbox.shop.all(kind):
            assert one[key] in there, (kind, one[key])
            assert there[one[key]].get("name") == one.get("name")
    ids = {one["name"]: one["id"] for one in other.shop.all("category")}
    names = {one["id"]: one["name"] for one in sandbox.shop.all("category")}
    there = {one["sku"]: one for one in other.shop.all("product")}
    types, names_of_types = (
        {one["id"]: one.get("name") for one in shop.shop.all("product_type")}
        for shop in (other, sandbox)
    )
    for product in sandbox.shop.all("product"):
        wanted = {ids[names[number]] for number in product.get("categoryIds", ())}
        copy = there[product["sku"]]
        assert set(copy.get("categoryIds", ())) == wanted
        assert types[copy["productClassId"]] == names_of_types[product["productClassId"]]
        told = [(a["name"], a["value"]) for a in product["attributes"]]
        assert [(a["name"], a["value"]) for a in copy["attributes"]] == told

    other.reset_requests()
    run = run_target(tmp_path, other, messages, streams=STREAMS, on_error="skip", results=True)
    assert run.code == 0, run.log
    assert writes(other) == [], run.log


def test_two_categories_of_one_name_under_two_parents_stay_two(sandbox, other, tmp_path):
    parents = [c["id"] for c in sandbox.shop.all("category") if "parentId" not in c][:2]
    sales = [
        sandbox.shop.create("category", {"name": "Sale", "parentId": parent}) for parent in parents
    ]
    messages = [m for m in read(tmp_path, sandbox) if m.get("stream") == "categories"]
    settings = {
        "streams": {"categories": {"key": "externalReferenceId"}},
        "stream_maps": {"categories": {"externalReferenceId": "str(id)", "productIds": "__NULL__"}},
    }
    run = run_target(tmp_path, other, messages, **settings)
    assert run.code == 0, run.log
    copies = {int(one["externalReferenceId"]): one for one in other.shop.all("category")}
    for sale, parent in zip(sales, parents, strict=True):
        assert copies[sale]["name"] == "Sale"
        assert copies[sale]["parentId"] == copies[parent]["id"]
    other.reset_requests()
    run = run_target(tmp_path, other, messages, **settings)
    assert run.code == 0, run.log
    assert writes(other) == []
