"""Every error code of Ecwid's is answered by some request, or there is a reason why not."""

from __future__ import annotations

import pytest

from ecwid_api.description import document
from ecwid_sandbox.testing import Fault

STATUSES = {error["code"]: error["status"] for error in document("common")["x-ecwid-errors"]}
ORDER = {"email": "a@shop.example", "items": [{"name": "x", "price": 1, "quantity": 1}]}
SIZED = [{"name": "Size", "value": "S"}]


def wholesale(**fields):
    return "POST", "/products", {"name": "x", "price": 10, "wholesalePrices": [fields]}


def product(own, **fields):
    return own.post("/products", {"name": "x", "sku": "X", "price": 5, **fields})["id"]


def same_sku(own, **fields):
    """A variation that has its product's SKU and says something else of it."""
    number = product(own, quantity=3, weight=1)
    variation = {"sku": "X", "options": SIZED, **fields}
    return "POST", f"/products/{number}/combinations", variation


def with_variation(own, options):
    """A change of the options of a product that has a variation of size S."""
    number = product(own)
    own.post(f"/products/{number}/combinations", {"options": SIZED})
    return "PUT", f"/products/{number}", {"options": options}


def option_of_an_order(own):
    order = own.sandbox.shop.all("order")
    found = next(o for o in order if any(i.get("selectedOptions") for i in o["items"]))
    item = next(i for i in found["items"] if i.get("selectedOptions"))
    name = item["selectedOptions"][0]["name"]
    return "POST", f"/orders/{found['internalId']}/items/{item['id']}/options/{name}", None


def fault(own, **fields):
    own.sandbox.faults.add(Fault(**fields))
    return "GET", "/orders", None


def setting(own, **fields):
    own.sandbox.set(**fields)


def without(own, group, path):
    setting(own, without={group})
    return "GET", path, None


def suspended(own):
    store = own.sandbox.shop.store_id
    account = own.sandbox.shop.get("store_profile", store)["account"]
    own.sandbox.shop.update("store_profile", store, {"account": {**account, "suspended": True}})
    return "GET", "/products", None


def crowded_plan(own):
    setting(own, max_products=1)
    return "POST", "/products", {"name": "one too many"}


def unscoped(own):
    setting(own, scopes={"read_catalog"})
    return "GET", "/orders", None


def limited(own):
    setting(own, rate_limit=1)
    own.get("/products", limit=1)
    return "GET", "/products", None


def taken_sku(own):
    product(own)
    own.sandbox.set(unique_skus=True)
    return "POST", "/products", {"name": "y", "sku": "X"}


def promotions(own):
    while own.sandbox.shop.count("promotion") < 100:
        own.sandbox.shop.create("promotion", {"name": "Less"})
    return "POST", "/promotions", {"name": "One more", "amount": 1}


def film(own, url):
    number = own.sandbox.shop.keys("product")[0]
    return "POST", f"/products/{number}/video", {"url": url}


def charge(**changes):
    wanted = {
        "amount": "5",
        "currency": "USD",
        "description": "A month",
        "idempotencyKey": "k",
        **changes,
    }
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    return "POST", f"/billing/transactions?{query}", None


def charged_twice(own):
    own.send(*charge()[:2])
    return charge(amount="6")


def external_id(own):
    product(own, externalReferenceId="E")
    return "POST", "/products", {"name": "y", "externalReferenceId": "E"}


def wrong_token(own):
    own.client.headers["Authorization"] = "Bearer nobody"
    return "GET", "/products", None


def other_store(own):
    return "GET", f"/../{own.sandbox.shop.store_id + 1}/products", None


def only_language(own):
    own.put("/profile", {"languages": {"enabledLanguages": ["en"]}})
    return "POST", "/products", {"name": "x", "nameTranslated": {"de": "y"}}


def first_product(own):
    return own.sandbox.shop.keys("product")[0]


PAYMENT = {"checkoutTitle": "Barter", "paymentProcessorId": "offline"}
SIZE = {"name": "Size", "type": "SELECT", "choices": [{"text": "M"}]}
REQUESTS = {
    "WRONG_PARAMETER": ("GET", "/products?priceFrom=cheap", None),
    "INCORRECT_IMAGE_SIZE": lambda own: (
        "POST",
        f"/products/{first_product(own)}/image/async",
        {"url": "https://a.example/a.jpg", "width": -1, "height": 3},
    ),
    "NOT_AVAILABLE_ON_CURRENT_PLAN": crowded_plan,
    "STORE_IS_SUSPENDED": suspended,
    "INSUFFICIENT_APP_SCOPE": unscoped,
    "INVALID_API_TOKEN": wrong_token,
    "STORE_NOT_FOUND": other_store,
    "ORDER_NOT_FOUND": ("GET", "/orders/1", None),
    "CHECKOUT_NOT_FOUND": ("GET", "/carts/nobody-s", None),
    "METHOD_NOT_ALLOWED": ("DELETE", "/profile", None),
    "TIMEOUT": lambda own: fault(own, status=408),
    "RATE_LIMITED": limited,
    "INTERNAL_ERROR": lambda own: fault(own, status=500),
    "EXTERNAL_ID_ALREADY_USED": external_id,
    "CONSTRAINT_VIOLATION": lambda own: (
        "POST",
        "/customers",
        {"email": next(own.sandbox.shop.all("customer"))["email"]},
    ),
    "LANGUAGES_NOT_ALLOWED": (
        "POST",
        "/products",
        {"name": "x", "nameTranslated": {"fr": "y"}},
    ),
    "MULTILINGUAL_STORE_FEATURE_NOT_ACTIVE": only_language,
    "WRONG_URL": lambda own: ("POST", f"/products/{first_product(own)}/image?externalUrl=a", None),
    "MAX_PRODUCTS_FOR_API_REQUEST_LIMIT_EXCEEDED": lambda own: (
        "POST",
        f"/categories/{own.sandbox.shop.keys('category')[0]}/assignProducts",
        {"productIds": list(range(1, 102))},
    ),
    "MAX_CATEGORIES_FOR_API_REQUEST_LIMIT_EXCEEDED": (
        "POST",
        "/products",
        {"name": "x", "categoryIds": [0] * 101},
    ),
    "COMBINATION_LIMIT_PER_REQUEST_EXCEEDED": (
        "POST",
        "/products?saveCombinations=true",
        {"name": "x", "combinations": [{"options": SIZED}] * 201},
    ),
    "PRODUCT_NOT_FOUND": ("GET", "/products/1", None),
    "COMBINATION_NOT_FOUND": lambda own: (
        "GET",
        f"/products/{first_product(own)}/combinations/1",
        None,
    ),
    "CATEGORIES_NOT_FOUND": ("POST", "/products", {"name": "x", "categoryIds": [1]}),
    "SKU_ALREADY_EXISTS": taken_sku,
    "COST_PRICE_CANT_BE_NEGATIVE": ("POST", "/products", {"name": "x", "costPrice": -1}),
    "WHOLESALE_PRICES_CANT_BE_NULL": wholesale(quantity=3),
    "WHOLESALE_PRICES_CANT_BE_NEGATIVE": wholesale(quantity=3, price=-1),
    "WHOLESALE_PRICES_TOO_BIG": wholesale(quantity=3, price=11),
    "WHOLESALE_PRICES_QUANTITY_TOO_SMALL": wholesale(quantity=1, price=9),
    "OPTIONS_IS_NOT_FILES_TYPE": option_of_an_order,
    "DIFFERENT_COMBINATION_STOCK": lambda own: same_sku(own, quantity=4),
    "DIFFERENT_COMBINATION_DIMENSIONS": lambda own: same_sku(own, weight=2),
    "COMBINATION_CONTAINS_REMOVED_OPTION": lambda own: with_variation(own, []),
    "COMBINATION_CONTAINS_REMOVED_OPTION_VALUE": lambda own: with_variation(own, [SIZE]),
    "COMBINATION_DUPLICATED": (
        "POST",
        "/products?saveCombinations=true",
        {"name": "x", "combinations": [{"options": SIZED}] * 2},
    ),
    "NOT_ALLOWED_TO_UPDATE_PARAMETER": ("PUT", "/profile/order_status/PAID", {"name": "Done"}),
    "NOT_VIDEO_URL": lambda own: film(own, "nowhere"),
    "VIDEO_NOT_SUPPORTED": lambda own: film(own, "https://films.example/1"),
    "DOMAIN_ALREADY_TAKEN": lambda own: (
        "POST",
        "/domains/purchase",
        {"domain": next(own.sandbox.shop.all("domain_settings"))["registeredDomain"]},
    ),
    "ILLEGAL_DOMAIN_NAME": ("POST", "/domains/purchase", {"domain": "fern weh.example"}),
    "EMPTY_DOMAIN_NAME": ("POST", "/domains/purchase", {"other": 1}),
    "LONG_DOMAIN_NAME": ("POST", "/domains/purchase", {"domain": "a" * 254}),
    "WRONG_DOMAIN_FORMAT": ("POST", "/domains/purchase", {"domain": "fernweh"}),
    "DOMAIN_FEATURE_NOT_AVAILABLE": lambda own: without(own, "domains", "/domains"),
    "PRODUCT_REVIEWS_FEATURE_NOT_AVAILABLE": lambda own: without(own, "reviews", "/reviews"),
    "PRODUCT_REVIEW_NOT_FOUND": ("GET", "/reviews/1", None),
    "MAX_PROMOTIONS_LIMIT_EXCEEDED": promotions,
    "ADVANCED_DISCOUNTS_FEATURE_NOT_AVAILABLE": lambda own: without(
        own, "promotions", "/promotions"
    ),
    "DISCOUNTS_FEATURE_NOT_AVAILABLE": lambda own: without(own, "coupons", "/discount_coupons"),
    "CUSTOMER_GROUPS_FEATURE_NOT_AVAILABLE": lambda own: without(
        own, "customer_groups", "/customer_groups"
    ),
    "PROMOTION_NOT_FOUND": ("DELETE", "/promotions/1", None),
    "DISCOUNT_COUPON_NOT_FOUND": ("GET", "/discount_coupons/nobody-s", None),
    "READ_ONLY_PROMOTION_FIELD_CHANGE": lambda own: (
        "PUT",
        f"/promotions/{own.sandbox.shop.keys('promotion')[0]}",
        {"id": 1},
    ),
    "SLUG_PARAMETER_NOT_FOUND": ("GET", "/storefront-widget-pages", None),
    "SLUG_PARAMETER_EMPTY": ("GET", "/storefront-widget-pages?slug=", None),
    "CHARGE_AMOUNT_INVALID": charge(amount="-1"),
    "CHARGE_CURRENCY_INVALID": charge(currency="XXX"),
    "CHARGE_DESCRIPTION_INVALID": charge(description=""),
    "CHARGE_IDEMPOTENCY_KEY_INVALID": charge(idempotencyKey=""),
    "CHARGE_IDEMPOTENCY_KEY_NOT_UNIQUE": charged_twice,
    "CHARGE_LIMIT_EXCEEDED": charge(amount="501"),
    "SHIPPING_OPTION_TITLE_REQUIRED": ("POST", "/profile/shippingOptions", {"enabled": True}),
    "SHIPPING_BAD_TITLE_LENGTH": ("POST", "/profile/shippingOptions", {"title": "a" * 256}),
    "SHIPPING_CARRIER_NAME_REQUIRED": (
        "POST",
        "/profile/shippingOptions",
        {"title": "a", "ratesCalculationType": "carrier-calculated"},
    ),
    "SHIPPING_TYPE_CARRIER_REQUIRED": (
        "POST",
        "/profile/shippingOptions",
        {"title": "a", "carrier": "USPS"},
    ),
    "SHIPPING_OPTION_ADDRESS_MISMATCH": (
        "POST",
        "/profile/shippingOptions",
        {"title": "a", "carrier": "CANADA_POST", "ratesCalculationType": "carrier-calculated"},
    ),
    "SHIPPING_NOT_FOUND": ("DELETE", "/profile/shippingOptions/1", None),
    "PAYMENT_OPTION_TITLE_REQUIRED": (
        "POST",
        "/profile/paymentOptions",
        {"paymentProcessorId": "offline"},
    ),
    "PAYMENT_OPTION_BAD_TITLE_LENGTH": (
        "POST",
        "/profile/paymentOptions",
        {**PAYMENT, "checkoutTitle": "a" * 256},
    ),
    "PAYMENT_GATEWAY_NAME_REQUIRED": ("POST", "/profile/paymentOptions", {"checkoutTitle": "a"}),
    "PAYMENT_GATEWAY_SETTING_VALUE_LENGTH_OUT_OF_BOUNDARIES": (
        "POST",
        "/profile/paymentOptions",
        {**PAYMENT, "paymentProcessorId": "a" * 201},
    ),
    "PAYMENT_GATEWAY_IS_ALREADY_ADDED": (
        "POST",
        "/profile/paymentOptions",
        {**PAYMENT, "paymentProcessorId": "stripeConnect"},
    ),
}
NOBODY_PAYS = "Nobody pays in the sandbox; a fault with the code plays it."
REASONS = {
    "PROFILE_NOT_FOUND": "Every store of the sandbox has a profile.",
    "NOT_ALLOWED_TO_UPDATE_EXTERNAL_CATEGORIES": "No field says that a category is external.",
    "VIDEO_UNAVAILABLE": "The sandbox looks at no film.",
    "NOT_ALLOWED_ON_CURRENT_PLAN": (
        "Without domains in the plan it is DOMAIN_FEATURE_NOT_AVAILABLE."
    ),
    "PAYMENT_METHOD_PROBLEM": NOBODY_PAYS,
    "OPEN_SRS_WRONG_RESPONSE": "There is no registrar.",
    "REGISTRANT_CONTACT_DATA_VERIFICATION_ERROR": "There is no registrar.",
    "NOT_VALID_DOMAIN_ORDER_UPDATE_DATA": "The description has no change of a domain.",
    "SHIPPING_DISCOUNTS_FEATURE_NOT_AVAILABLE": "No group of operations is about them alone.",
    "CHARGE_PURPOSE_INVALID": "The description has no purpose of a charge.",
    "CHARGE_PAYMENT_SOURCE_MISSING": NOBODY_PAYS,
    "CHARGE_DECLINED": NOBODY_PAYS,
    "PAYMENT_GATEWAY_NAME_UNKNOWN": "No source lists the processors that Ecwid knows.",
    "PAYMENT_GATEWAY_MISSING_SETTINGS": "The description has no settings of processors.",
    "PAYMENT_GATEWAY_MALFORMED_SETTINGS_SIGNATURE_KEY_TOO_LONG": (
        "The description has no settings of processors."
    ),
}


def test_every_code_has_a_request_or_a_reason():
    assert REQUESTS.keys() | REASONS.keys() == STATUSES.keys()
    assert not REQUESTS.keys() & REASONS.keys()


@pytest.mark.parametrize("code", REQUESTS)
def test_it_is_answered(own, code):
    made = REQUESTS[code]
    method, path, body = made(own) if callable(made) else made
    options = {} if body is None else {"json": body}
    url = f"{own.sandbox.store_url}{path}"
    if code == "STORE_NOT_FOUND":
        url = f"{own.sandbox.url}/{path.removeprefix('/../')}"
    response = own.client.request(method, url, **options)
    assert (response.status_code, response.json()["errorCode"]) == (STATUSES[code], code)


@pytest.mark.parametrize("code", REASONS)
def test_a_fault_plays_the_others(own, code):
    own.sandbox.faults.add(Fault(status=STATUSES[code], code=code))
    response = own.send("GET", "/orders")
    assert (response.status_code, response.json()["errorCode"]) == (STATUSES[code], code)


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/orders", {**ORDER, "paymentStatus": "NONSENSE"}, "paymentStatus"),
        ("/discount_coupons", {"name": "x", "discountType": "MUCH"}, "discountType"),
        ("/products", {"name": "x", "options": [{"name": "a", "type": "LEVER"}]}, "options.type"),
        ("/orders", {**ORDER, "createDate": "soon"}, "createDate"),
        ("/discount_coupons", {"name": "x", "expirationDate": "2026-13-01"}, "expirationDate"),
        ("/products", {"price": 4}, "name"),
        ("/products", {"name": "x", "price": "much"}, "price"),
        ("/products", {"name": "x", "categoryIds": "12"}, "categoryIds"),
        ("/products", {"name": "x", "productClassId": 1}, "product type 1"),
    ],
)
def test_the_message_says_which_field(own, path, body, named):
    refused = own.post(path, body, 400)
    assert refused["errorCode"] == "WRONG_PARAMETER"
    assert named in refused["errorMessage"]
