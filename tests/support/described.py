"""Calling any reading operation of the description, and holding its answer against the schema."""

from __future__ import annotations

import jsonschema

from ecwid_api.description import document, expand
from ecwid_sandbox.server.clock import parse_time

_QUERIES = {
    "parentCategory": "0",
    "path": "Coffee",
    "delimeter": "/",
    "countryCode": "US",
}
# Needed where the description can't say so.
_FURTHER = {
    "getPageSlugAndStaticCode": {"storeRootPage": "true"},
    "getInstantSiteRedirectsForPath": {"exactPath": "/tents"},
}
FORMATS = jsonschema.FormatChecker(())


@FORMATS.checks("ecwid-datetime", ValueError)
def is_moment(value):
    return not isinstance(value, str) or (len(value) == 25 and parse_time(value) > 0)


@FORMATS.checks("unix-seconds")
def is_seconds(value):
    return not isinstance(value, int) or 10**9 < value < 4 * 10**9


@FORMATS.checks("unix-millis")
def is_milliseconds(value):
    return not isinstance(value, int) or 10**12 < value < 4 * 10**12


def path_values(shop):
    """Something that is there for every placeholder of a path."""
    products = list(shop.all("product"))
    product = next(
        p
        for p in products
        if all(p.get(name) for name in ("combinations", "files", "galleryImages"))
        and p["media"].get("videos")
    )
    order = next(o for o in shop.all("order") if o.get("orderExtraFields") and o.get("invoices"))
    customer = next(shop.all("customer"))
    profile = next(shop.all("store_profile"))
    values = {
        "productId": product["id"],
        "combinationId": product["combinations"][0]["id"],
        "fileId": product["files"][0]["id"],
        "galleryVideoId": product["media"]["videos"][0]["id"],
        "categoryId": shop.keys("category")[0],
        "customerId": customer["id"],
        "contactId": customer["contacts"][0]["id"],
        "extrafield_key": shop.keys("customer_extra_field")[0],
        "groupId": shop.keys("customer_group")[-1],
        "orderId": order["id"],
        "orderIdentity": order["internalId"],
        "discountCouponId": shop.keys("coupon")[0],
        # At some hours, others have become orders.
        "cartId": next(
            cart["cartId"] for cart in shop.all("abandoned_cart") if "recoveredOrderId" not in cart
        ),
        "reviewId": shop.keys("review")[0],
        "classId": shop.keys("product_type")[-1],
        "subscriptionId": shop.keys("subscription")[0],
        "statusId": "CUSTOM_PAYMENT_STATUS_1",
        "paymentOptionId": profile["payment"]["paymentOptions"][0]["id"],
        "staffAccountId": shop.keys("staff_account")[0],
        "redirectId": shop.keys("instant_site_redirect")[0],
        "promotionId": shop.keys("promotion")[0],
        "shippingOptionId": profile["shipping"]["shippingOptions"][0]["id"],
        "extraFieldId": order["orderExtraFields"][0]["id"],
        "galleryImageId": product["galleryImages"][0]["id"],
        "logo": "invoicelogo",
        "reportType": "allOrders",
        "entity": "orders",
        "storeId": shop.store_id,
    }
    return {name: str(value) for name, value in values.items()}


def keys_of(operation, shop):
    """The values for the path of an operation; ``key`` means another thing in each group."""
    kind = {"application": "storage_entry", "checkout_extra_fields": "checkout_extra_field"}
    values = path_values(shop)
    if operation.group in kind:
        values["key"] = shop.keys(kind[operation.group])[0]
    return values


def required_query(operation):
    """Values for what Ecwid can't do without."""
    names = {p.name for p in operation.parameters if p.location == "query" and p.required}
    known = {name: _QUERIES[name] for name in names & _QUERIES.keys()}
    return known | _FURTHER.get(operation.id, {})


def answer_of(operation):
    """The content type and the schema of an operation's answer."""
    _, success = _success(operation)
    ((content_type, content),) = success["content"].items()
    return content_type, _strict(expand(content["schema"], operation.group))


def status_of(operation):
    """The status of an operation's answer when all went well."""
    return int(_success(operation)[0])


def _success(operation):
    node = document(operation.group)["paths"][operation.path][operation.method.lower()]
    (found,) = (
        (status, answer) for status, answer in node["responses"].items() if status[0] == "2"
    )
    return found


def _strict(schema):
    """The schema without its open lists of words; whatever it doesn't name is an error."""
    if "x-ecwid-conflict" in schema:
        schema = {**schema, "type": ["array", "boolean", "integer", "number", "object", "string"]}
    made = dict(schema)
    made.pop("description", None)
    if "properties" in schema:
        made["properties"] = {name: _strict(child) for name, child in schema["properties"].items()}
        made.setdefault("additionalProperties", False)
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            made[word] = _strict(schema[word])
    return made


def mistakes(value, schema):
    """Where a value is not what a schema says."""
    validator = jsonschema.Draft202012Validator(schema, format_checker=FORMATS)
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]
