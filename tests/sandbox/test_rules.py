"""What a shop forbids, and the codes that it answers."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest

from described import keys_of, required_query
from ecwid_api.description import operations
from ecwid_sandbox.server.storage.kinds import KINDS
from ecwid_sandbox.testing import running_sandbox


def code(answer):
    return answer["errorCode"]


def test_equal_skus_are_allowed_unless_the_shop_forbids_them(own):
    fields = {"name": "Rope", "price": 5, "sku": "ROPE"}
    own.post("/products", fields)
    second = own.post("/products", fields)["id"]
    own.sandbox.set(unique_skus=True)
    assert code(own.post("/products", fields, 409)) == "SKU_ALREADY_EXISTS"
    third = own.post("/products", {**fields, "sku": "ROPE-3"})["id"]
    assert code(own.put(f"/products/{third}", {"sku": "ROPE"}, 409)) == "SKU_ALREADY_EXISTS"
    variation = {"options": [{"name": "Length", "value": "10"}], "sku": "ROPE-3"}
    base = f"/products/{third}/combinations"
    assert code(own.post(base, variation, 409)) == "SKU_ALREADY_EXISTS"
    assert own.get(base) == []
    own.put(f"/products/{second}", {"price": 6, "sku": "ROPE"})
    own.put(f"/products/{second}", {"sku": "ROPE-2"})
    with running_sandbox(size="tiny", unique_skus=True) as sandbox:
        assert sandbox.shop.unique_skus


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/products", {"name": "A", "price": 1}),
        ("/categories", {"name": "A"}),
        ("/customer_groups", {"name": "A"}),
        ("/promotions", {"name": "A"}),
    ],
)
def test_external_ids_are_unique(own, path, fields):
    mine = {**fields, "externalReferenceId": "ERP-1"}
    number = own.post(path, mine)["id"]
    assert code(own.post(path, mine, 409)) == "EXTERNAL_ID_ALREADY_USED"
    other = own.post(path, fields)["id"]
    taken = {"externalReferenceId": "ERP-1"}
    assert code(own.put(f"{path}/{other}", taken, 409)) == "EXTERNAL_ID_ALREADY_USED"
    own.put(f"{path}/{number}", taken)
    own.delete(f"{path}/{number}")
    own.put(f"{path}/{other}", taken)


@pytest.mark.parametrize(
    ("path", "fields", "status", "wanted"),
    [
        ("/products", {"price": 1}, 400, "WRONG_PARAMETER"),
        ("/products", {"name": "A", "costPrice": -1}, 400, "COST_PRICE_CANT_BE_NEGATIVE"),
        ("/products", {"name": "A", "categoryIds": [7]}, 404, "CATEGORIES_NOT_FOUND"),
        ("/products", {"name": "A", "productClassId": 7}, 400, "WRONG_PARAMETER"),
        (
            "/products",
            {"name": "A", "wholesalePrices": [{"quantity": 1, "price": 2}]},
            400,
            "WHOLESALE_PRICES_QUANTITY_TOO_SMALL",
        ),
        (
            "/products",
            {"name": "A", "wholesalePrices": [{"quantity": 5, "price": -2}]},
            400,
            "WHOLESALE_PRICES_CANT_BE_NEGATIVE",
        ),
        ("/products", {"name": "A", "wholesalePrices": [{}]}, 400, "WHOLESALE_PRICES_CANT_BE_NULL"),
        ("/categories", {}, 400, "WRONG_PARAMETER"),
        ("/categories", {"name": "A", "parentId": 7}, 404, "CATEGORIES_NOT_FOUND"),
        ("/categories", {"name": "A", "productIds": [7]}, 404, "PRODUCT_NOT_FOUND"),
        ("/customers", {"name": "A"}, 400, "WRONG_PARAMETER"),
        (
            "/customers",
            {"email": "a@shop.example", "customerGroupId": 7},
            400,
            "WRONG_PARAMETER",
        ),
        ("/customer_groups", {"name": ""}, 400, "WRONG_PARAMETER"),
        ("/discount_coupons", {"name": "A", "discount": -1}, 400, "WRONG_PARAMETER"),
        ("/classes", {"attributes": []}, 400, "WRONG_PARAMETER"),
        ("/promotions", {"name": "A", "id": 7}, 422, "READ_ONLY_PROMOTION_FIELD_CHANGE"),
        ("/staff", {"email": "a@shop.example", "staffScopes": ["ALL"]}, 400, "WRONG_PARAMETER"),
        ("/staff", {"email": "ida@fernweh-and-filter.example"}, 409, "CONSTRAINT_VIOLATION"),
        ("/profile/extrafields", {"title": "A"}, 400, "WRONG_PARAMETER"),
        ("/profile/extrafields", {"key": "gftNt4k"}, 409, "CONSTRAINT_VIOLATION"),
        ("/profile/paymentOptions", {}, 400, "PAYMENT_OPTION_TITLE_REQUIRED"),
        (
            "/profile/paymentOptions",
            {"checkoutTitle": "A"},
            400,
            "PAYMENT_GATEWAY_NAME_REQUIRED",
        ),
        ("/profile/shippingOptions", {}, 400, "SHIPPING_OPTION_TITLE_REQUIRED"),
        (
            "/profile/shippingOptions",
            {"title": "A", "ratesCalculationType": "carrier-calculated"},
            400,
            "SHIPPING_CARRIER_NAME_REQUIRED",
        ),
        ("/profile/shippingOptions", {"title": "A" * 300}, 400, "SHIPPING_BAD_TITLE_LENGTH"),
        ("/domains/purchase", {"a": 1}, 403, "EMPTY_DOMAIN_NAME"),
        ("/domains/purchase", {"domain": "no dots"}, 403, "WRONG_DOMAIN_FORMAT"),
        (
            "/domains/purchase",
            {"domain": "fernweh-and-filter.example"},
            400,
            "DOMAIN_ALREADY_TAKEN",
        ),
        ("/images/main-colors", {"imageUrls": ["nowhere"]}, 422, "WRONG_URL"),
    ],
)
def test_what_is_refused(own, path, fields, status, wanted):
    assert code(own.post(path, fields, status)) == wanted


def test_what_is_there_already(own):
    customer, other = own.get("/customers", limit=2)["items"]
    taken = {"email": customer["email"].upper()}
    assert code(own.post("/customers", taken, 409)) == "CONSTRAINT_VIOLATION"
    assert code(own.put(f"/customers/{other['id']}", taken, 409)) == "CONSTRAINT_VIOLATION"
    own.put(f"/customers/{customer['id']}", {"email": customer["email"]})
    coupon = own.get("/discount_coupons", limit=1)["items"][0]
    taken = {"name": "B", "code": coupon["code"]}
    assert code(own.post("/discount_coupons", taken, 409)) == "CONSTRAINT_VIOLATION"


def test_a_category_cannot_be_below_itself(own):
    top = own.post("/categories", {"name": "Top"})["id"]
    sub = own.post("/categories", {"name": "Sub", "parentId": top})["id"]
    assert code(own.put(f"/categories/{top}", {"parentId": sub}, 409)) == "CONSTRAINT_VIOLATION"
    own.put(f"/categories/{sub}", {"parentId": 0})
    assert "parentId" not in own.get(f"/categories/{sub}")


def test_a_plan_has_so_many_products(own):
    count = own.get("/products")["total"]
    own.sandbox.set(max_products=count + 1)
    limits = own.get("/profile")["account"]["limitsAndRestrictions"]
    assert limits["maxProductLimit"] == count + 1
    own.post("/products", {"name": "The last one"})
    refused = own.post("/products", {"name": "One more"}, 402)
    assert code(refused) == "NOT_AVAILABLE_ON_CURRENT_PLAN"
    with running_sandbox(size="tiny", max_products=3) as sandbox:
        account = sandbox.shop.get("store_profile", sandbox.store_id)["account"]
        assert account["limitsAndRestrictions"]["maxProductLimit"] == 3


def test_variations_of_one_request(own):
    def body(count):
        options = [[{"name": "No.", "value": str(place)}] for place in range(count)]
        return {"name": "Many", "combinations": [{"options": chosen} for chosen in options]}

    refused = own.post("/products", body(201), 400, saveCombinations="true")
    assert code(refused) == "COMBINATION_LIMIT_PER_REQUEST_EXCEEDED"
    number = own.post("/products", body(200), saveCombinations="true")["id"]
    assert len(own.get(f"/products/{number}/combinations")) == 200
    own.post("/products", body(201))
    twice = {**body(1), "combinations": body(1)["combinations"] * 2}
    refused = own.post("/products", twice, 409, saveCombinations="true")
    assert code(refused) == "COMBINATION_DUPLICATED"


def test_options_that_variations_have_cannot_go(own):
    number = own.post("/products", {"name": "Tent", "price": 5})["id"]
    base = f"/products/{number}"
    for size in ("S", "L"):
        own.post(f"{base}/combinations", {"options": [{"name": "Size", "value": size}]})
    options = own.get(base)["options"]
    assert [choice["text"] for choice in options[0]["choices"]] == ["S", "L"]
    assert own.put(base, {"options": options}) == {"updateCount": 1}
    fewer = [{**options[0], "choices": options[0]["choices"][:1]}]
    refused = own.put(base, {"options": fewer}, 409)
    assert code(refused) == "COMBINATION_CONTAINS_REMOVED_OPTION_VALUE"
    refused = own.put(base, {"options": []}, 409)
    assert code(refused) == "COMBINATION_CONTAINS_REMOVED_OPTION"
    own.put(base, {"options": fewer}, rebuildVariationsOnOptionsUpdate="true")
    (left,) = own.get(base)["combinations"]
    assert left["options"][0]["value"] == "S"


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"amount": "0"}, "CHARGE_AMOUNT_INVALID"),
        ({"amount": "501"}, "CHARGE_LIMIT_EXCEEDED"),
        ({"currency": "CHF"}, "CHARGE_CURRENCY_INVALID"),
        ({"description": ""}, "CHARGE_DESCRIPTION_INVALID"),
        ({"idempotencyKey": ""}, "CHARGE_IDEMPOTENCY_KEY_INVALID"),
        ({"amount": "9"}, "CHARGE_IDEMPOTENCY_KEY_NOT_UNIQUE"),
        ({}, None),
    ],
)
def test_charges(own, change, wanted):
    query = {"amount": "5", "currency": "EUR", "description": "A", "idempotencyKey": "k"}
    first = own.send("POST", "/billing/transactions", params=query).json()
    assert first["idempotencyKeyInUse"] is False
    answer = own.send("POST", "/billing/transactions", params={**query, **change}).json()
    if wanted:
        assert code(answer) == wanted
    else:
        assert answer == {**first, "idempotencyKeyInUse": True}


def test_statuses_and_types_of_ecwid_s_own(own):
    refused = own.put("/profile/order_status/PAID", {"name": "Settled"}, 409)
    assert code(refused) == "NOT_ALLOWED_TO_UPDATE_PARAMETER"
    own.put("/profile/order_status/NOPE", {"name": "x"}, 404)
    assert code(own.put("/classes/0", {"name": "x"}, 409)) == "NOT_ALLOWED_TO_UPDATE_PARAMETER"
    assert code(own.delete("/classes/0", 400)) == "WRONG_PARAMETER"


def test_an_app_that_is_gone_can_do_nothing(own):
    own.delete("/application")
    assert code(own.get("/products", 403)) == "INVALID_API_TOKEN"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/products", {"name": "Lamp"}),
        ("/customers", {"email": "new@shop.example"}),
        ("/categories", {"name": "Lanterns"}),
        ("/orders", {"email": "new@shop.example", "total": 5}),
        ("/customer_groups", {"name": "Guides"}),
        ("/discount_coupons", {"name": "Less", "discount": 1}),
        ("/promotions", {"name": "Less", "amount": 1, "triggers": {"subtotal": 2}}),
        ("/classes", {"name": "Maps"}),
    ],
)
def test_ids_never_come_back(own, path, body):
    kinds = {"/categories": "category", "/discount_coupons": "coupon", "/classes": "product_type"}
    kind = kinds.get(path, path[1:-1])
    highest = own.sandbox.shop.keys(kind)[-1]
    own.delete(f"{path}/{highest}")
    first = own.post(path, body)["id"]
    assert first > highest
    own.delete(f"{path}/{first}")
    assert own.post(path, body)["id"] > first


@pytest.mark.parametrize(
    ("kind", "field", "part"),
    [
        ("customer", "shippingAddresses", {"city": "Bergen"}),
        ("customer", "contacts", {"type": "PHONE", "contact": "+47 1"}),
        ("order", "items", {"name": "Lamp", "price": 1, "quantity": 1}),
        ("product", "combinations", {"options": [{"name": "Size", "value": "XXL"}]}),
        ("product_type", "attributes", {"name": "Scale"}),
    ],
)
def test_ids_of_parts_never_come_back(own, kind, field, part):
    shop = own.sandbox.shop
    key = shop.keys(kind)[-1]
    given = {entry["id"] for document in shop.all(kind) for entry in document.get(field, ())}
    for _ in range(2):
        shop.update(kind, key, {field: [part]})
        (entry,) = shop.get(kind, key)[field]
        assert entry["id"] not in given
        given.add(entry["id"])
        shop.update(kind, key, {field: []})


def test_a_price_isn_t_null_and_an_option_has_a_name(own):
    number = own.sandbox.shop.keys("product")[0]
    for body in ({"price": None}, {"options": [{"type": "SELECT", "choices": []}]}):
        for refused in (
            own.put(f"/products/{number}", body, 400),
            own.post("/products", {"name": "Lamp", **body}, 400),
        ):
            assert refused["errorCode"] == "WRONG_PARAMETER"


def dump(api):
    """How many documents of each kind there are, and the reviews, which are changed together."""
    for kind in KINDS:
        yield kind, api.sandbox.shop.count(kind)
    yield from api.sandbox.shop.all("review")


CODES_OF_FIELDS = {
    ("createPaymentOption", "checkoutTitle"): "PAYMENT_OPTION_TITLE_REQUIRED",
    ("createPaymentOption", "paymentProcessorId"): "PAYMENT_GATEWAY_NAME_REQUIRED",
    ("createShippingOption", "title"): "SHIPPING_OPTION_TITLE_REQUIRED",
}
REQUIRED = [
    (found, name)
    for found in operations()
    if found.method in {"POST", "PUT"} and found.id != "createBatch"
    for name in sorted(found.required_fields)
]


@pytest.mark.parametrize(
    ("found", "name"), REQUIRED, ids=[f"{found.id}-{name}" for found, name in REQUIRED]
)
def test_what_the_description_requires_is_required(written, found, name):
    """Nothing is created, or changed, without a field that the description requires."""
    values = keys_of(found, written.sandbox.shop) if "{" in found.path else {}
    path = re.sub(r"{(.+?)}", lambda m: quote_plus(values[m[1]]), found.path)
    body = dict.fromkeys(found.required_fields - {name}, "x")
    before = list(dump(written))
    answer = written.send(found.method, path, json=body, params=required_query(found))
    wanted = CODES_OF_FIELDS.get((found.id, name), "WRONG_PARAMETER")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, wanted)
    assert list(dump(written)) == before


def test_ecwid_s_own_client_orders_with_little(own):
    """Its tests do: an order of an address, a product of a name, a cart of nobody."""
    assert own.post("/orders", {"email": "a@shop.example"})["id"]
    assert own.post("/orders", {"paymentStatus": "INCOMPLETE"})["id"]
    assert own.post("/products", {"name": "Lamp"})["id"]
