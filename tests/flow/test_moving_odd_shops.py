"""Moving from another shop that has what Ecwid can't have."""

from __future__ import annotations

import pytest

from moving import counted_in, loaders, messages_of, planned, sample
from target_run import run_target


def odd_records(name):
    """What real shops have beside the sample: stream -> records."""
    rows = sample(name)
    if name == "shopify":
        product, order, rule = rows["products"][0], rows["orders"][0], rows["price_rules"][0]
        ratio = {"prerequisite_quantity": 2, "entitled_quantity": 1}
        return {
            "products": [
                dict(product, id=1, images=None),
                dict(product, id=2, title=""),
                dict(product, id=3, variants=[]),
            ],
            "orders": [
                dict(order, id=4, line_items=None),
                dict(order, id=5, customer=None, financial_status="partially_paid"),
            ],
            "price_rules": [
                dict(rule, id=6, title="BUY2", prerequisite_to_entitlement_quantity_ratio=ratio),
                dict(rule, id=7, title="VIP", customer_selection="prerequisite"),
                dict(rule, id=8, title="VARIANT", entitled_variant_ids=[8001]),
                dict(rule, id=9, title="ONE", entitled_product_ids=[1, 999]),
                dict(rule, id=10, title="GONE", entitled_product_ids=[999]),
            ],
        }
    product, order, coupon = rows["products"][0], rows["orders"][0], rows["coupons"][0]
    variation = rows["product_variance"][0]
    plain = "https://woo.example/?product=plain"
    return {
        "products": [
            dict(product, id=1, name="Salt &amp; pepper", permalink=plain),
            dict(product, id=2, name="On request", price="", categories=None, attributes=None),
            dict(product, id=3, name="Draft", status="draft", slug="", permalink=plain),
            rows["products"][1],
        ],
        "product_variance": [
            variation,
            dict(variation, id=4, status="private"),
            dict(variation, id=5, price="", image={"src": "https://woo.example/5.jpg"}),
        ],
        "orders": [
            dict(order, id=6, refunds=[{"id": 1, "total": "-5.00"}]),
            dict(order, id=7, status="checkout-draft"),
        ],
        "coupons": [
            dict(coupon, id=8, code="vip", email_restrictions=["vip@shop.example"]),
            dict(coupon, id=9, code="used", usage_limit=1, usage_count=1),
            dict(coupon, id=10, code="unused", usage_limit=1, usage_count=0),
            dict(coupon, id=11, code="but", excluded_product_ids=[1]),
            dict(coupon, id=12, code="gone", product_ids=[999]),
        ],
    }


ODD_SHOPS = {
    "shopify": {
        "product": {"Beans": True},
        "order": {"4": "PAID", "5": "AWAITING_PAYMENT"},
        "coupon": {"ONE": 1},
        "rejected": {("products", 2), ("products", 3), ("price_rules", 10)},
    },
    "woocommerce": {
        "product": {"Salt & pepper": True, "On request": False, "Draft": False, "Shirt": True},
        "order": {"6": "PARTIALLY_REFUNDED"},
        "coupon": {"unused": 0},
        "rejected": {("coupons", 12)},
    },
}


@pytest.mark.parametrize("name", ODD_SHOPS)
def test_what_cannot_come_over_gives_nothing_away(empty, tmp_path, name):
    """What can't be said is left out or disabled: no coupon is wider, and nothing is free."""
    settings = loaders(name)[f"target-from-{name}"]
    messages = messages_of(odd_records(name))
    promised = planned(tmp_path, empty, messages, settings)
    run = run_target(tmp_path, empty, messages, **settings)
    assert run.code == 0, run.log
    assert counted_in(run.log) == promised
    wanted = ODD_SHOPS[name]
    rejected = {(x["stream"], x["record"].get("id")) for x in run.rejected}
    # Pictures of a product that isn't there go with it.
    kinds = {"products", "product_variance", "orders", "price_rules", "coupons"}
    assert {one for one in rejected if one[0] in kinds} == wanted["rejected"]
    shop = empty.shop
    assert {one["name"]: one["enabled"] for one in shop.all("product")} == wanted["product"]
    assert {o["externalOrderId"]: o["paymentStatus"] for o in shop.all("order")} == wanted["order"]
    limits = {one["code"]: one.get("catalogLimit") or {} for one in shop.all("coupon")}
    assert {code: len(x.get("products") or ()) for code, x in limits.items()} == wanted["coupon"]
    variations = [v for one in shop.all("product") for v in one.get("combinations") or ()]
    assert len(variations) == (1 if name == "woocommerce" else 0)
    assert not [one for one in shop.all("instant_site_redirect") if "?" in one["fromUrl"]]
