"""What a warehouse has to hold, made from what the sandbox holds, without any code of the tap."""

from __future__ import annotations

import re

import httpx2

from copy_of_shop import CHILDREN, KEYS, at

_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)")


SPELT = {"orderby": "orderBy", "instock": "inStock"}
"""Spellings of Ecwid's -> the one in camel case."""


def normal(value):
    """The value with Ecwid's times in ISO 8601 and one spelling for each field."""
    if isinstance(value, dict):
        return {SPELT.get(key, key): normal(inner) for key, inner in value.items()}
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
    "abandoned_carts": "abandoned_cart",
    "product_types": "product_type",
    "promotions": "promotion",
    "recurring_subscriptions": "subscription",
    "order_statuses": "order_status",
    "checkout_extra_fields": "checkout_extra_field",
    "customer_extra_fields": "customer_extra_field",
    "staff_accounts": "staff_account",
    "storage": "storage_entry",
    "redirects": "instant_site_redirect",
}
"""Stream -> how the sandbox calls what is in it."""

ASKED = {
    "brands": ("/brands?hidden_brands=true", "items"),
    "swatches": ("/swatches", "colors"),
    "payment_options": ("/profile/paymentOptions", None),
    "shipping_options": ("/profile/shippingOptions", None),
    "countries": ("/countries?withStates=true", None),
    "currencies": ("/currencies", None),
}
"""Stream -> the request that lists it, and where the answer has the list; few rows, one page."""

OF_STORE = {
    "product_review_stats": "/reviews/filters_data",
    "customer_filters": "/customers/filters",
    "staff_scopes": "/profile/staffScopes",
    "domains": "/domains",
    "google_shopping_feed": "/saleschannels/google_shopping",
    "shopzilla_feed": "/saleschannels/shopzilla",
    "yahoo_shopping_feed": "/saleschannels/yahoo_shopping",
    "yandex_market_feed": "/saleschannels/yandex_market",
    "yandex_market_dbs_feed": "/saleschannels/yandex_market_dbs",
}
"""Stream -> the request that gives its one object, which names no store."""


def by_key(stream, rows):
    return {tuple(row[name] for name in KEYS[stream]): row for row in rows}


def expected_rows(shop):
    """Rows by key of the streams whose objects the shop keeps, and of those that stand in them."""
    rows = {stream: by_key(stream, map(normal, shop.all(kind))) for stream, kind in KINDS.items()}
    for row in rows["categories"].values():
        # Lists of categories leave it out where it is empty.
        if not row.get("productIds"):
            row.pop("productIds", None)
    # What an app stores is its own text, also where it looks like a time.
    rows["storage"] = by_key("storage", shop.all("storage_entry"))
    for stream, (parent, place) in CHILDREN.items():
        if parent in rows:
            keys = KEYS[stream]
            rows[stream] = by_key(
                stream,
                (
                    {**dict(zip(keys, key, strict=False)), **inner}
                    for key, row in rows[parent].items()
                    for inner in at(row, place)
                ),
            )
    (profile,) = shop.all("store_profile")
    store_id = profile["generalInfo"]["storeId"]
    rows["store_profile"] = {(store_id,): {**normal(profile), "storeId": store_id}}
    return rows


def all_expected_rows(sandbox):
    """Rows by key of every stream, the shop's computed ones as the API answers them.

    Left out are ``reports`` and ``latest_stats``, which differ with the moment, and
    ``deleted_items``.
    """
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    url = f"{sandbox.url}/{sandbox.store_id}"
    with httpx2.Client(base_url=url, headers=headers) as client:

        def get(path):
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            return normal(answer.json())

        rows = expected_rows(sandbox.shop)
        for stream, (path, items) in ASKED.items():
            found = get(path)
            rows[stream] = by_key(stream, found if items is None else found[items])
        for stream, path in OF_STORE.items():
            row = {**get(path), "storeId": sandbox.store_id}
            rows[stream] = by_key(stream, [row])
        rows["states"] = by_key(
            "states",
            (
                {"countryCode": country["code"], **state}
                for country in rows["countries"].values()
                for state in country.get("states", ())
            ),
        )
        categories = [0, *(key for (key,) in rows["categories"])]
        for stream, path in (("category_order", "categories"), ("product_order", "products")):
            rows[stream] = by_key(
                stream,
                (
                    {"parentCategory": n, **get(f"/{path}/sort?parentCategory={n}")}
                    for n in categories
                ),
            )
        rows["repeat_order_urls"] = by_key(
            "repeat_order_urls",
            ({"orderId": key, **get(f"/orders/{key}/repeatURL")} for (key,) in rows["orders"]),
        )
        codes = [code for (code,) in rows["countries"]]
        for stream, path in (
            ("country_currencies", "currencyByCountry"),
            ("tax_classes", "taxClasses"),
        ):
            rows[stream] = by_key(
                stream,
                (
                    {"stateCode": "", "countryCode": code, **row}
                    if stream == "tax_classes"
                    else {"countryCode": code, **row}
                    for code in codes
                    for row in get(f"/{path}?countryCode={code}")
                ),
            )
    return rows
