"""What a warehouse has to hold, made from what the sandbox holds, without any code of the tap."""

from __future__ import annotations

import re

_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)")


def normal(value):
    """The value with Ecwid's times in ISO 8601."""
    if isinstance(value, dict):
        return {key: normal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [normal(inner) for inner in value]
    if isinstance(value, str) and (match := _TIME.fullmatch(value)):
        return f"{match[1]}T{match[2]}{match[3]}:{match[4]}"
    return value


KINDS = {
    "products": "product",
    "categories": "category",
    "orders": "order",
    "customers": "customer",
    "customer_groups": "customer_group",
    "discount_coupons": "coupon",
    "product_reviews": "review",
}
"""Stream -> how the sandbox calls what is in it."""


def expected_rows(shop):
    """Rows of every stream by key, from a sandbox's shop."""
    rows = {
        stream: {(row["id"],): normal(row) for row in shop.all(kind)}
        for stream, kind in KINDS.items()
    }
    rows["abandoned_carts"] = {(row["cartId"],): normal(row) for row in shop.all("abandoned_cart")}
    rows["product_variations"] = {
        (product["id"], variation["id"]): {"productId": product["id"], **normal(variation)}
        for product in shop.all("product")
        for variation in product.get("combinations", ())
    }
    (profile,) = shop.all("store_profile")
    store_id = profile["generalInfo"]["storeId"]
    rows["store_profile"] = {(store_id,): {**normal(profile), "storeId": store_id}}
    return rows
