"""What programs rely on that others have written for Ecwid, its own client first."""

from __future__ import annotations

import httpx2
import pytest

from ecwid_sandbox.server.clock import format_time

PICTURE = b"\x89PNG\r\n"


def test_times_may_name_their_zone(own):
    told = "2026-05-17 08:30:00"
    for sent in (f"{told} UTC", f"{told} GMT", f"{told} +0000", told, "2026-05-17 10:30:00 +0200"):
        number = own.post("/orders", {"email": "a@shop.example", "total": 5, "createDate": sent})[
            "id"
        ]
        order = own.get(f"/orders/{number}")
        assert order["createDate"] == f"{told} +0000"
        assert order["createTimestamp"] == 1_779_006_600
    for sent in ("yesterday", f"{told} Mars", ""):
        refused = own.post("/orders", {"total": 5, "createDate": sent}, 400)
        assert refused["errorCode"] == "WRONG_PARAMETER"
        assert "createDate" in refused["errorMessage"]


def test_names_and_addresses_of_files_may_come_as_a_form(own, web):
    product = own.sandbox.shop.keys("product")[0]
    form = {"fileName": "a guide.pdf", "description": "How", "externalUrl": f"{web}/b"}
    answer = own.send("POST", f"/products/{product}/files", data=form)
    assert answer.status_code == 200, answer.text
    file = own.get(f"/products/{product}")["files"][-1]
    assert (file["name"], file["description"]) == ("a guide.pdf", "How")
    assert httpx2.get(file["adminUrl"]).content == b"At /b"
    # JSON that is called a form is JSON.
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    made = own.send("POST", "/customer_groups", content=b'{"name":"By curl"}', headers=headers)
    assert own.get(f"/customer_groups/{made.json()['id']}")["name"] == "By curl"


def test_everybody_is_in_a_group(own):
    groups = own.get("/customer_groups", limit=1)
    assert groups["items"][0] == own.get("/customer_groups/0") == {"id": 0, "name": "General"}
    assert own.send("DELETE", "/customer_groups/0").status_code == 400
    assert groups["total"] == len(own.sandbox.shop.keys("customer_group"))


def test_a_customer_is_called_as_on_the_bill(own):
    bill = {"email": "x@shop.example", "billingPerson": {"name": "Zora Zimt"}}
    number = own.post("/customers", bill)["id"]
    assert own.get("/customers", sortBy="NAME_DESC", limit=1)["items"][0]["id"] == number
    # Of those who registered in the same second the last one is the newest.
    number = own.post("/customers", {"email": "y@shop.example"})["id"]
    newest = own.get("/customers", sortBy="REGISTERED_DATE_DESC", limit=1)["items"]
    assert newest[0]["id"] == number


def test_a_category_s_picture_is_known_by_its_number(own):
    category = own.sandbox.shop.keys("category")[0]
    for content, ending in ((PICTURE, "png"), (b"bytes", "jpg")):
        number = own.send("POST", f"/categories/{category}/image", content=content).json()["id"]
        assert own.get(f"/categories/{category}")["thumbnailUrl"].endswith(f"/{number}.{ending}")


def test_an_item_s_share_is_worked_out_anew(own):
    item = {"price": 20, "quantity": 2, "shipping": 44, "handlingFee": 7, "couponAmount": 3}
    told = own.post("/order/calculate", {"items": [{**item, "couponApplied": True}]})["items"][0]
    assert (told["shipping"], told["handlingFee"], told["couponApplied"]) == (0, 0, False)
    assert "couponAmount" not in told
    coupon = {"code": "NOBODY-S", "discountType": "ABS", "discount": 5, "orderCount": 3}
    order = own.post("/order/calculate", {"items": [item], "discountCoupon": coupon})
    assert order["discountCoupon"]["orderCount"] == 0


def test_the_site_has_the_address_of_its_name(own):
    own.put("/profile", {"generalInfo": {"starterSite": {"ecwidSubdomain": "harbour"}}})
    site = own.get("/profile")["generalInfo"]["starterSite"]
    assert site["generatedUrl"] == "https://harbour.company.site"


def test_what_is_missing_is_named(own):
    product, customer = (own.sandbox.shop.keys(kind)[0] for kind in ("product", "customer"))
    for path, problem in (
        ("/customer_groups/77", "Customer group #77 not found"),
        ("/classes/77", "Product class #77 not found"),
        ("/discount_coupons/NONE", "Coupon is not found"),
        ("/orders/77", "Order #77 not found"),
        ("/orders/NONE/extraFields", "Order #NONE not found"),
        (f"/products/{product}/combinations/77", "Combination #77 not found"),
        (f"/customers/{customer}/contacts/77", "Customer contact #77 not found"),
        ("/profile/paymentOptions/77", "Payment option #77 not found"),
        ("/categories/sort?parentCategory=77", "Category #77 not found"),
    ):
        answer = own.send("GET", path)
        assert (answer.status_code, answer.json()["errorMessage"]) == (404, problem)
    body = {"name": "Lamp", "categoryIds": [77]}
    assert own.post("/products", body, 404)["errorMessage"] == "Category #77 not found"


def test_orders_are_found_by_their_comments(own):
    number = own.post(
        "/orders", {"email": "a@shop.example", "orderComments": "Leave it with Zora"}
    )["id"]
    assert [o["internalId"] for o in own.get("/orders", keywords="zora")["items"]] == [number]
    assert own.get("/orders", keywords="zorafoo")["items"] == []


def test_products_are_found_by_whole_words_or_their_beginning(own):
    texts = {"name": "Lamp B-12: Zephyr", "description": "<p>Ein größer Schein</p>", "sku": "ZY-1"}
    number = own.post("/products", texts)["id"]
    for words, found in (
        ("zephyr", True),
        ("Zephyr lamp", True),
        ("b", True),
        ("b-12", True),
        ("GRÖSSER", True),
        ("zy-1", True),
        ("zeph", False),
        ("ephyr", False),
        ("zeph*", True),
        ("ephyr*", False),
        ("zephyrfoo", False),
        ("zephyr nobody", False),
        ("2", False),
    ):
        there = [p["id"] for p in own.get("/products", keyword=words)["items"]]
        assert (number in there) is found, words


def test_the_front_page_has_a_name_in_filters(own):
    asked = {"filterFields": "categories"}
    every = own.get("/products/filters", **asked)["filters"]["categories"]
    home = own.get("/products/filters", **asked, filterParentCategoryId="home")
    assert home["filters"]["categories"] == every
    top = own.get("/categories", parent=0)["items"][0]["id"]
    below = own.get("/products/filters", **asked, filterParentCategoryId=top)
    assert below["filters"]["categories"] != every


def test_an_invoice_has_the_marks_of_ecwid_s_own(own):
    number = own.post("/orders", {"email": "a@shop.example"})["id"]
    page = own.send("GET", f"/orders/{number}/invoice").text
    for mark in ("<!-- Invoice body markup -->", "<!-- Order number -->", f"#{number}</span>"):
        assert mark in page


def test_a_file_of_an_item_is_named_in_its_address(own, web):
    option = {"name": "Logo", "type": "FILES"}
    body = {"email": "a@shop.example", "items": [{"name": "x", "selectedOptions": [option]}]}
    number = own.post("/orders", body)["id"]
    item = own.get(f"/orders/{number}")["items"][0]["id"]
    query = {"fileName": "logo.png", "externalUrl": f"{web}/b"}
    sent = own.send("POST", f"/orders/{number}/items/{item}/options/Logo", params=query)
    assert sent.status_code == 200
    (file,) = own.get(f"/orders/{number}")["items"][0]["selectedOptions"][0]["files"]
    assert file["url"].endswith("/logo.png")
    assert file["size"] == len(b"At /b")


def test_the_token_may_stand_in_the_query(own):
    for token, status in (("secret_sandbox", 200), ("secret_other", 403), ("", 403)):
        url = f"{own.sandbox.store_url}/products?limit=1&token={token}&offset=2"
        answer = httpx2.get(url)
        assert answer.status_code == status
        assert own.sandbox.requests[-1].query == "limit=1&offset=2"
    # A token in the header is the one that counts.
    assert own.send("GET", "/products?token=secret_other").status_code == 200


def test_numbers_that_are_none_of_a_shop_s_are_refused(own):
    far = 2**70
    for path, query in (
        (f"/products/{far}", {}),
        ("/customers", {"minOrderCount": far}),
        ("/customers", {"minSalesValue": "inf"}),
        ("/orders/deleted", {"to_date": far}),
    ):
        assert own.get(path, 400, **query)["errorCode"] == "WRONG_PARAMETER"
    body = {"name": "x", "quantity": far}
    assert own.post("/products", body, 400)["errorCode"] == "WRONG_PARAMETER"


def test_what_is_only_written_isn_t_answered(own):
    option = {"shippingRate": 3, "fulfilmentType": "pickup"}
    told = own.post("/order/calculate", {"shippingOption": option})["shippingOption"]
    assert "fulfilmentType" not in told
    assert told["fulfillmentType"] == "pickup"
    number = own.post("/orders", {"email": "a@shop.example", "shippingOption": option})["id"]
    assert own.get(f"/orders/{number}")["shippingOption"] == told
    number = own.post("/products", {"name": "Lamp", "volumeUnit": "ML"})["id"]
    assert "volumeUnit" not in own.get(f"/products/{number}")


def test_an_order_that_isn_t_finished_is_an_abandoned_cart(own):
    carts = {cart["cartId"] for cart in own.all("/carts")}
    item = {"name": "Lamp", "price": 5, "quantity": 2}
    body = {"email": "a@shop.example", "paymentStatus": "INCOMPLETE", "items": [item]}
    number = own.post("/orders", body)["id"]
    (left,) = (cart for cart in own.all("/carts") if cart["cartId"] not in carts)
    assert (left["email"], left["total"], left["hidden"]) == ("a@shop.example", 10, False)
    path = f"/carts/{left['cartId']}"
    assert own.put(path, {"hidden": True, "taxesOnShipping": []}) == {"updateCount": 1}
    assert (own.get(path)["hidden"], own.get(path)["taxesOnShipping"]) == (True, [])
    before = own.get("/orders")["total"]
    assert own.send("POST", f"{path}/place").json()["orderNumber"] == number
    assert own.get("/orders")["total"] == before
    assert own.get(f"/orders/{number}")["paymentStatus"] == "AWAITING_PAYMENT"
    assert own.get(path)["recoveredOrderId"] == number
    assert own.send("POST", f"{path}/place").status_code == 409


def test_an_order_that_is_left_and_finished_later_was_a_cart(own):
    carts = {cart["cartId"] for cart in own.all("/carts")}
    number = own.post("/orders", {"email": "a@shop.example", "total": 5})["id"]
    own.put(f"/orders/{number}", {"paymentStatus": "INCOMPLETE"})
    (left,) = (cart for cart in own.all("/carts") if cart["cartId"] not in carts)
    assert "recoveredOrderId" not in left
    own.put(f"/orders/{number}", {"paymentStatus": "PAID"})
    assert own.get(f"/carts/{left['cartId']}")["recoveredOrderId"] == number


def test_codes_of_places_are_named(own):
    codes = {"countryCode": "US", "stateOrProvinceCode": "CO"}
    names = {"countryName": "United States", "stateOrProvinceName": "Colorado"}
    body = {"email": "b@shop.example", "billingPerson": codes, "shippingPerson": codes}
    order = own.get(f"/orders/{own.post('/orders', body)['id']}")
    assert order["billingPerson"] == order["shippingPerson"] == codes | names
    body = {"email": "b@shop.example", "billingPerson": codes, "shippingAddresses": [codes]}
    path = f"/customers/{own.post('/customers', body)['id']}"
    assert own.get(path)["billingPerson"] == codes | names
    assert own.get(path)["shippingAddresses"][0].items() >= (codes | names).items()
    own.put(path, {"billingPerson": {"countryCode": "DE", "countryName": "Deutschland"}})
    assert own.get(path)["billingPerson"]["countryName"] == "Deutschland"
    own.put(path, {"billingPerson": {"countryCode": "XX"}})
    assert own.get(path)["billingPerson"] == {"countryCode": "XX"}


def test_each_filter_has_a_limit_of_its_own(own):
    asked = {"filterFields": "categories,option_Size,inventory"}
    every = own.get("/products/filters", **asked)["filters"]
    limits = "option_Size:1,categories:2,inventory:all"
    found = own.get("/products/filters", **asked, filterFacetLimit=limits)["filters"]
    assert [len(found[name]["values"]) for name in ("option_Size", "categories")] == [1, 2]
    assert found["inventory"] == every["inventory"]


def test_orders_are_found_by_any_of_their_numbers(own):
    order = own.get("/orders", limit=1)["items"][0]
    for number in (order["vendorOrderNumber"], order["orderNumber"]):
        found = own.get("/orders", vendorOrderNumber=number)["items"]
        assert [one["id"] for one in found] == [order["id"]]
    assert own.get("/orders", vendorOrderNumber="foo")["items"] == []


def test_a_cart_that_is_placed_loses_its_message(own):
    body = {"email": "a@shop.example", "paymentStatus": "INCOMPLETE", "paymentMessage": "Declined"}
    number = own.post("/orders", body)["id"]
    cart = own.get("/carts", email="a@shop.example")["items"][0]
    assert cart["paymentMessage"] == "Declined"
    own.send("POST", f"/carts/{cart['cartId']}/place").raise_for_status()
    assert "paymentMessage" not in own.get(f"/orders/{number}")


@pytest.mark.parametrize("path", ["/products", "/categories"])
def test_texts_for_search_engines_stay_apart_where_both_are_sent(own, path):
    texts = {"seoTitle": "Lamps", "seoTitleTranslated": {"en": "EN lamps", "de": "Lampen"}}
    texts |= {"seoDescription": "All", "seoDescriptionTranslated": {"en": "EN all"}}
    new = f"{path}/{own.post(path, {'name': 'Lamp', **texts})['id']}"
    assert own.get(new) == own.get(new) | texts
    own.put(new, {"price": 3} if path == "/products" else {"orderBy": 3})
    assert own.get(new) == own.get(new) | texts
    own.put(new, {"seoTitle": "Light"})
    assert own.get(new)["seoTitleTranslated"] == {"en": "Light", "de": "Lampen"}
    own.put(new, {"seoTitleTranslated": {"en": "Glow"}})
    assert own.get(new)["seoTitle"] == "Glow"


def test_an_order_has_a_copy_of_its_coupon(own):
    coupon = next(own.sandbox.shop.all("coupon"))
    copy = {name: coupon[name] for name in ("id", "code", "creationDate", "updateDate")}
    own.sandbox.clock.advance(60)
    at = format_time(own.sandbox.clock.second())
    body = {"email": "a@shop.example", "total": 5, "discountCoupon": copy}
    orders = [own.get(f"/orders/{own.post('/orders', body)['id']}") for _ in range(2)]
    first, second = (order["discountCoupon"] for order in orders)
    assert len({first["id"], second["id"], coupon["id"]}) == 3
    assert (first["creationDate"], first["updateDate"], first["orderCount"]) == (at, at, 0)
    assert first["discount"] == coupon["discount"]
    used = own.get(f"/discount_coupons/{coupon['id']}")
    assert used["orderCount"] == coupon["orderCount"] + 2
    # It stays as it is, also when it is sent back, until there is another one.
    path = f"/orders/{orders[0]['internalId']}"
    own.sandbox.clock.advance(60)
    own.put(f"/discount_coupons/{coupon['id']}", {"name": "Renamed"})
    own.put(path, {"total": 6, "discountCoupon": first})
    assert own.get(path)["discountCoupon"] == first
    own.put(path, {"discountCoupon": {"code": "ANOTHER"}})
    changed = own.get(path)["discountCoupon"]
    assert changed["code"] == "ANOTHER"
    assert changed["id"] not in {first["id"], second["id"]}
    own.put(path, {"discountCoupon": None})
    assert "discountCoupon" not in own.get(path)


@pytest.mark.parametrize("interval", ["DAY", "WEEK", "MONTH", "YEAR"])
def test_a_subscription_that_is_never_charged_again_is_refused(own, interval):
    number = own.sandbox.shop.keys("subscription")[0]
    path = f"/subscriptions/{number}"
    for count in (0, -1, 8522 * 366, 2**62):
        settings = {"recurringInterval": interval, "recurringIntervalCount": count}
        refused = own.put(path, {"chargeSettings": settings}, 400)
        assert refused["errorCode"] == "WRONG_PARAMETER"
        assert "recurringIntervalCount" in refused["errorMessage"]
