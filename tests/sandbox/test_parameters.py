"""Every query parameter of every reading operation has an effect, or there is a reason why not."""

from __future__ import annotations

import json
import re
import time
from urllib.parse import quote_plus

import pytest

from described import keys_of, required_query
from ecwid_api.description import operation, operations

PAIRS = [
    (found.id, parameter.name)
    for found in operations()
    if found.group != "static_pages"
    if found.method == "GET" or found.id == "getProductFilters"
    for parameter in found.parameters
    if parameter.location == "query"
]
NOBODY = "987654321"
GUEST = "guest@shop.example"
# Values that ask for something else than no value does; the first that does so is enough.
VALUES = {
    "boolean": ["true", "false"],
    "integer": [NOBODY, "0"],
    "number": [NOBODY, "0"],
    "string": ["nobody-has-this", NOBODY, "true", "false", "0"],
}
BY_NAME = {
    "lang": ["de"],
    "limit": ["1"],
    "offset": ["1"],
    "baseUrl": ["https://else.example"],
    "countryCode": ["DE", "CA"],
    "path": ["Nowhere"],
    "inventory": ["outofstock"],
    "delimeter": ["/"],
    "delimiter": ["/"],
    "slug": ["search"],
    "timeScaleValue": ["month"],
    "orderByMetric": ["orders"],
    "orderDirection": ["ASC"],
    "firstDayOfWeek": ["SUNDAY"],
    "filterFields": ["price"],
    "filterFacetLimit": ["1"],
    "searchMethod": ["STOREFRONT"],
    "internationalPages": ["https://else.example/de"],
    "tplvar_": ["LARGE"],
}
# What a parameter is called where its name holds another one.
NAMES = {
    "tplvar_": "tplvar_ec.storefront.size",
    "option_{optionName}": "option_Size",
    "attribute_{attributeName}": "attribute_Brand",
}
NO_JSON = "The answer is no JSON object: there are no fields to choose from."
TIP = "A tip is a sentence about a report, whatever its period and order."
ONE_PLATFORM = "The sandbox has one storefront, and its orders name no platform."
REASONS = {
    ("downloadProductFile", "responseFields"): NO_JSON,
    ("getOrderInvoiceHtml", "responseFields"): NO_JSON,
    ("getStoreReports", "storefrontPlatform"): ONE_PLATFORM,
    ("getStoreProfile", "getReportAvailabilityStatus"): (
        "No source says what is answered; the description has no field for it."
    ),
    ("searchProductBrands", "lang"): "Brands are names; no attribute of the shop translates them.",
    **{
        ("getReportTip", parameter.name): TIP
        for parameter in operation("getReportTip").parameters
        if parameter.location == "query" and parameter.name != "responseFields"
    },
}


@pytest.fixture(scope="module")
def prepared(written):
    """A shop that has what the demo shop hasn't: a guest, hidden things, a batch."""
    api, sandbox = written, written.sandbox
    # Otherwise answers would change by themselves.
    sandbox.clock.stop()
    item = {"name": "x", "price": 1, "quantity": 1}
    api.post("/orders", {"email": GUEST, "items": [item]})
    api.post("/customers", {"email": GUEST})
    sandbox.shop.update("abandoned_cart", sandbox.shop.keys("abandoned_cart")[0], {"hidden": True})
    maker = {"alias": "BRAND", "value": "Zenith"}
    api.post("/products", {"name": "Hidden zither", "enabled": False, "attributes": [maker]})
    api.ticket, other = (
        api.post("/batch", [{"id": name, "path": "/orders?limit=1", "method": "GET"}])["ticket"]
        for name in "ab"
    )
    while api.get("/batch", ticket=other)["status"] != "COMPLETED":
        time.sleep(0.002)
    api.values = {"ticket": [other]}
    return api


@pytest.fixture(scope="module")
def context(prepared):
    """What a request has to ask for besides, for a parameter to mean anything."""
    shop = prepared.sandbox.shop
    top = str(
        next(c["parentId"] for c in shop.all("category") if c.get("parentId") and c["enabled"])
    )
    names = {c["id"]: c["name"] for c in shop.all("category")}
    child = next(c for c in shop.all("category") if str(c.get("parentId")) == top)
    path = f"{names[int(top)]}/{child['name']}"
    order = next(shop.all("order"))
    customer = next(c for c in shop.all("customer") if c["email"] != order["email"])
    content = {"slug": "cart", "getStaticContent": "true"}
    return {
        "useExactEmailMatch": {"email": "example"},
        "checkOnlyCustomerId": {"minOrderCount": "1"},
        "usePrecalculatedOrderCount": {"minOrderCount": "1"},
        "withSubcategories": {"parent": top},
        "includeProductsFromSubcategories": {"categories": top},
        "customerIdOrEmail": {"customerId": str(customer["id"]), "email": order["email"]},
        "searchMethod": {"keyword": "zither"},
        "orderDirection": {"orderByMetric": "orders"},
        "delimeter": {"path": path, "delimeter": "|"},
        "delimiter": {"path": path, "delimiter": "|"},
        "keyword": {},
        "slug": {"slug": "cart"},
        "storeRootPage": {"slug": "cart"},
        "parentCategory": {"parentCategory": "0"},
        "filterParentCategoryId": {"filterFields": "categories"},
        **{
            ("getPageSlugAndStaticCode", name): content
            for name in ("lang", "baseUrl", "cleanUrls", "internationalPages", "tplvar_")
        },
        ("getPageSlugAndStaticCode", "slugsWithoutIds"): {
            "slug": next(shop.all("product"))["autogeneratedSlug"]
        },
        ("getPageSlugAndStaticCode", "lang"): {
            "slug": next(shop.all("product"))["autogeneratedSlug"],
            "getStaticContent": "true",
        },
        ("searchCategoriesByPath", "hidden_categories"): {
            "path": next(c["name"] for c in shop.all("category") if not c["enabled"]),
            "delimeter": "/",
        },
        "values": {
            "customerEmail": [order["email"]],
            "parentCategory": [top],
            "filterParentCategoryId": [top],
        },
    }


def ask(api, found, query):
    values = keys_of(found, api.sandbox.shop) if "{" in found.path else {}
    path = re.sub(r"{(.+?)}", lambda m: quote_plus(values[m[1]]), found.path)
    return api.send("GET", path, params=query)


def candidates(found, name, context, api):
    for known in (context["values"], api.values, BY_NAME):
        if name in known:
            return known[name]
    schema = next(p for p in found.parameters if p.name == name).schema
    if "x-ecwid-formats" in schema or re.search(r"(From|To|_date|endedAt)$", name):
        return ["4000000000", "1000000", NOBODY, "0"]
    return schema.get("enum") or VALUES[schema["type"]]


@pytest.mark.parametrize(("operation_id", "name"), PAIRS)
def test_it_has_an_effect(prepared, context, operation_id, name):
    found = operation(operation_id)
    special = context.get((operation_id, name), context.get(name))
    base = dict(required_query(found))
    if found.id == "getBatchStatus":
        base["ticket"] = prepared.ticket
    if special and set(special) <= found.query_names:
        base = {**base, **special}
        if "slug" in special:
            base.pop("storeRootPage", None)
        if name == "delimiter":
            base.pop("delimeter")
    before = ask(prepared, found, base)
    assert before.status_code == 200, before.text
    values = candidates(found, name, context, prepared)
    if name == "responseFields":
        whole = before.json() if (operation_id, name) not in REASONS else {"a": 1}
        values = [list(whole[0] if isinstance(whole, list) else whole)[-1]]
        if isinstance(whole, dict) and len(whole) == 1:
            # All of the answer stands under one name.
            inside = whole[values[0]]
            inside = inside[0] if isinstance(inside, list) else inside
            values = [f"{values[0]}({next(iter(inside))})"] if isinstance(inside, dict) else ["x"]
    changed = []
    for value in values:
        answer = ask(prepared, found, {**base, NAMES.get(name, name): value})
        if answer.status_code == 200 and answer.content != before.content:
            changed.append(value)
            break
    if (operation_id, name) in REASONS:
        assert not changed, "It has an effect: the reason why not is out of date"
    else:
        assert changed, f"{name} of {operation_id} changes nothing: {json.dumps(base)} {values}"
