"""Every writing operation of the description is answered, and as the description says."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest

from described import answer_of, keys_of, mistakes, required_query, status_of
from ecwid_api.description import operation, operations

ELSEWHERE = {"static_pages", "batch"}
# After these there is not much left.
LAST = ["deleteAllProducts", "cancelAppSubscription"]
WRITES = [
    o.id
    for o in operations()
    if o.method != "GET" and o.group not in ELSEWHERE and o.id not in LAST
]
READS = [o.id for o in operations() if o.method == "GET" and o.group not in ELSEWHERE | {"reports"}]
PICTURE = {"url": "https://pictures.example/a.jpg", "width": 800, "height": 600}
FILM = {"url": "https://www.youtube.com/watch?v=fernweh"}
BODIES = {
    "addAppStorageData": "anything",
    "updateSpecificAppStorageData": {"any": "thing"},
    "updateAbandonedCart": {"hidden": True},
    "createCategory": {"name": "Lanterns"},
    "updateCategory": {"enabled": False},
    "uploadCategoryImageAsync": PICTURE,
    "createCheckoutExtraField": {"key": "askMore", "title": "More"},
    "updateCheckoutExtraField": {"title": "Less"},
    "createDiscountCoupon": {"name": "A", "discount": 3},
    "updateDiscountCoupon": {"discount": 4},
    "createCustomerContact": {"contact": "+1 555", "type": "PHONE"},
    "updateCustomerContact": {"note": "By day"},
    "createCustomerExtraField": {"title": "Size of boots"},
    "updateCustomerExtraField": {"title": "Number of the card"},
    "createCustomerGroup": {"name": "Guides"},
    "updateCustomerGroup": {"name": "Mountain guides"},
    "createCustomer": {"email": "ines@shop.example"},
    "updateCustomer": {"privateAdminNotes": "Tall"},
    "massUpdateCustomers": {"mode": "ALL_FILTERED", "customer": {"taxExempt": True}},
    "purchaseDomain": {"domain": "fernweh.example"},
    "getImagesMainColors": {"imageUrls": [PICTURE["url"]], "colorsCount": 2},
    "createInstantSiteRedirects": [{"fromUrl": "/a", "toUrl": "/b"}],
    "updateInstantSiteRedirect": {"toUrl": "/c"},
    "addOrderExtraField": {"id": "ref", "value": "7", "title": "Reference"},
    "updateOrderExtraField": {"value": "8"},
    "updateCustomOrderStatus": {"name": "Half of it", "nameTranslations": {"de": "Die Hälfte"}},
    "calculateOrderDetails": {"items": [{"name": "x", "price": 10, "quantity": 3}]},
    "createOrder": {"email": "a@shop.example", "items": [{"name": "x", "price": 1, "quantity": 1}]},
    "previewTaxInvoice": {"items": [{"name": "x", "price": 1, "quantity": 1}]},
    "updateOrder": {"fulfillmentStatus": "SHIPPED"},
    "createPaymentOption": {"checkoutTitle": "Barter", "paymentProcessorId": "offline"},
    "updatePaymentOption": {"enabled": False},
    "changeProductFileDescription": {"description": "Read me"},
    "uploadGalleryProductImageAsync": PICTURE,
    "uploadGalleryProductVideo": FILM,
    "uploadMainProductImageAsync": {**PICTURE, "externalId": "DAM-1"},
    "uploadMainProductVideo": FILM,
    "createProductType": {"name": "Maps", "attributes": [{"name": "Scale"}]},
    "updateProductTypeAndAttributes": {"name": "Charts"},
    "createProduct": {"name": "Lamp", "price": 5, "sku": "L"},
    "getProductFilters": {
        "params": {"filterFields": "price,categories,attribute_Brand,option_Size"}
    },
    "updateProduct": {"price": 6.5},
    "adjustProductStock": {"quantityDelta": -1},
    "createPromotion": {"name": "Less", "amount": 1, "triggers": {"subtotal": 2}},
    "updatePromotion": {"amount": 2},
    "bulkUpdateProductReviews": {"selectMode": "ALL", "newStatus": "published"},
    "updateProductReviewStatus": {"status": "moderated"},
    "createShippingOption": {"title": "By mule"},
    "updateShippingOption": {"title": "By donkey"},
    "createStaffAccount": {"email": "new@shop.example", "staffScopes": ["REPORT_ACCESS"]},
    "updateStaffAccount": {"staffScopes": ["REPORT_ACCESS"]},
    "updateStoreProfile": {"settings": {"storeName": "Another"}},
    "updateRecurringSubscription": {"status": "PAUSED"},
    "createProductVariation": {"options": [{"name": "Size", "value": "New"}], "price": 3},
    "updateProductVariation": {"price": 4},
    "uploadProductVariationImageAsync": PICTURE,
    "adjustProductVariationStock": {"quantityDelta": 2},
}
QUERIES = {
    "createBillingTransaction": {
        "amount": "5",
        "currency": "USD",
        "description": "A month",
        "idempotencyKey": "1",
    },
    "uploadProductFile": {"fileName": "map.pdf"},
    "updateProduct": {"returnItem": "true"},
}


def values_of(found, shop):
    values = keys_of(found, shop)
    if found.group == "orders" and "optionName" in found.path:
        order = shop.get("order", int(values["orderIdentity"]))
        files = [{"id": 77, "name": "a.txt", "size": 1, "url": "https://files.example/a.txt"}]
        order["items"][0]["selectedOptions"] = [{"name": "Logo", "type": "FILES", "files": files}]
        shop.update("order", order["internalId"], {"items": order["items"]})
        values |= {"orderItemId": str(order["items"][0]["id"]), "optionName": "Logo"}
        values["fileId"] = "77"
    if found.id == "deleteProductType":
        values["classId"] = str(shop.keys("product_type")[1])
    if found.id == "addAppStorageData":
        values["key"] = "another"
    return values


def body_of(found, shop):
    if found.id in {"updateOrderOfCategories", "updateOrderOfProducts"}:
        if found.id == "updateOrderOfProducts":
            shown = [p["id"] for p in shop.all("product") if p.get("showOnFrontpage")]
            return {"sortedIds": shown[::-1]}
        return {"sortedIds": [c["id"] for c in shop.all("category") if "parentId" not in c][::-1]}
    if found.id == "bulkUpdateProductImagesAndVideos":
        # The shop's own pictures are the ones that can be fetched from anywhere.
        picture = {"imageUrl": next(shop.all("product"))["imageUrl"]}
        return {"mainMedia": picture, "galleryMedia": [{"videoUrl": FILM["url"]}, picture]}
    if found.id in {"assignProductsToTheCategory", "unassignProductsFromTheCategory"}:
        return {"productIds": shop.keys("product")[:3]}
    if found.id in {"resendStaffAccountInvite", "cancelStaffAccountInvite"}:
        return {
            "email": next(a["email"] for a in shop.all("staff_account") if not a["inviteAccepted"])
        }
    return BODIES.get(found.id)


def call(api, found):
    shop = api.sandbox.shop
    values = values_of(found, shop) if "{" in found.path else {}
    path = re.sub(r"{(.+?)}", lambda m: quote_plus(values[m[1]]), found.path)
    query = {**required_query(found), **QUERIES.get(found.id, {})}
    options = {"params": query}
    if found.method != "GET" and found.body_content_type == "application/octet-stream":
        options["content"] = b"bytes"
    elif found.method != "GET" and found.body is not None:
        options["json"] = body_of(found, shop)
        assert options["json"], f"no body for {found.id}"
    return api.send(found.method, path, **options)


@pytest.mark.parametrize("operation_id", [*WRITES, *LAST])
def test_it_is_answered_as_described(written, operation_id):
    if operation_id == LAST[0]:
        check_reads(written)
    found = operation(operation_id)
    response = call(written, found)
    assert response.status_code == status_of(found), response.text
    content_type, schema = answer_of(found)
    assert response.headers["content-type"].split(";")[0] == content_type
    if found.answer != "binary":
        assert mistakes(response.json(), schema) == []


def check_reads(api):
    """After all those writes the shop still answers as described."""
    wrong = {}
    for name in READS:
        found = operation(name)
        response = call(api, found)
        assert response.status_code == 200, (name, response.text)
        if found.answer != "binary":
            wrong[name] = mistakes(response.json(), answer_of(found)[1])
    assert {name: found for name, found in wrong.items() if found} == {}
