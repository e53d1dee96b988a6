"""Writes about orders, customers and the store, and everywhere they can be seen."""

from __future__ import annotations

import httpx2
import pytest

from ecwid_sandbox.server.clock import format_time, parse_time


def now(own):
    return format_time(own.sandbox.clock.second())


def test_contacts(own):
    customer = own.get("/customers", limit=1)["items"][0]
    path = f"/customers/{customer['id']}"
    before = own.get(f"{path}/contacts")["items"]
    own.sandbox.clock.advance(10)
    contact = {"contact": "+1 555", "type": "PHONE", "default": True}
    assert own.post(f"{path}/contacts", contact) == {"createCount": 1}
    *old, first = own.get(f"{path}/contacts")["items"]
    assert first == {**contact, "id": first["id"]}
    assert [c["id"] for c in old] == [c["id"] for c in before]
    assert own.get(path)["contacts"][-1] == first
    assert own.get(path)["updated"] == now(own)
    own.post(f"{path}/contacts", {**contact, "contact": "+1 556"})
    *_, first, second = own.get(f"{path}/contacts")["items"]
    assert (first["default"], second["default"]) == (False, True)
    own.put(f"{path}/contacts/{first['id']}", {"default": True, "note": "By day"})
    assert own.get(f"{path}/contacts/{first['id']}")["note"] == "By day"
    assert own.get(f"{path}/contacts/{second['id']}")["default"] is False
    assert own.delete(f"{path}/contacts/{first['id']}") == {"deleteCount": 1}
    own.get(f"{path}/contacts/{first['id']}", 404)
    own.put(f"{path}/contacts/{first['id']}", {"note": "x"}, 404)
    own.post(f"{path}/contacts", {"contact": "x"}, 400)


def test_extra_fields_of_customers(own):
    made = own.post("/store_extrafields/customers", {"title": "Boots", "type": "SELECT"})
    assert made["createCount"] == 1
    key = made["key"]
    path = f"/store_extrafields/customers/{key}"
    assert own.get(path)["createdDate"] == now(own)
    customer = own.get("/customers", limit=1)["items"][0]["id"]
    own.put(f"/customers/{customer}", {"extrafields": [{"key": key, "value": "44"}]})
    (answer,) = own.get(f"/customers/{customer}")["extrafields"]
    assert (answer["title"], answer["type"], answer["value"]) == ("Boots", "SELECT", "44")
    own.sandbox.clock.advance(10)
    own.put(path, {"title": "Size of boots", "key": "other"})
    assert own.get(path)["lastModifiedDate"] == now(own)
    assert own.get(f"/customers/{customer}")["extrafields"][0]["title"] == "Size of boots"
    own.delete(path)
    own.get(path, 404)
    assert own.get(f"/customers/{customer}")["extrafields"] == []


def test_many_customers(own):
    chosen = [c["id"] for c in own.get("/customers", limit=3)["items"]]
    group = own.post("/customer_groups", {"name": "Guides"})["id"]
    body = {"mode": "SELECTED", "ids": [*chosen, 7], "customer": {"customerGroupId": group}}
    assert own.post("/customers_update", body) == {"updateCount": 3}
    assert {c["id"] for c in own.all("/customers", customerGroupIds=group)} == {*chosen}
    body = {"mode": "ALL_FILTERED", "delete": True}
    assert own.post("/customers_update", body, customerGroupIds=group) == {"deleteCount": 3}
    assert own.get("/customers", customerGroupIds=group)["total"] == 0
    assert {d["id"] for d in own.all("/customers/deleted")} >= {*chosen}
    own.post("/customers_update", {"mode": "SOME"}, 400)


def test_orders_move_what_customers_say(own):
    customer = own.post("/customers", {"email": "ines@shop.example"})["id"]
    body = {"email": "ines@shop.example", "total": 30, "paymentStatus": "PAID"}
    numbers = [own.post("/orders", body)["id"] for _ in range(2)]

    def stats():
        found = own.get(f"/customers/{customer}")
        return found["totalOrderCount"], found["stats"]["salesValue"]

    assert stats() == (2, 60)
    own.sandbox.clock.advance(10)
    own.put(f"/orders/{numbers[0]}", {"paymentStatus": "CANCELLED"})
    assert stats() == (2, 30)
    assert own.get(f"/customers/{customer}")["updated"] == now(own)
    own.delete(f"/orders/{numbers[0]}")
    own.delete(f"/orders/{numbers[1]}")
    assert stats() == (0, 0)
    assert "lastOrderDate" not in own.get(f"/customers/{customer}")["stats"]


def test_items_that_are_left_out_are_gone(own):
    items = [{"name": name, "price": 1, "quantity": 1} for name in "abc"]
    number = own.post("/orders", {"email": "a@shop.example", "items": items})["id"]
    first, _, third = own.get(f"/orders/{number}")["items"]
    own.put(f"/orders/{number}", {"items": [third, {**first, "quantity": 4}]})
    assert own.get(f"/orders/{number}")["items"] == [third, {**first, "quantity": 4}]


def test_extra_fields_of_orders(own):
    order = own.get("/orders", limit=1)["items"][0]["id"]
    path = f"/orders/{order}/extraFields"
    before = own.get(path)
    field = {"id": "ref", "value": "7", "title": "Reference"}
    own.sandbox.clock.advance(10)
    assert own.post(path, field) == {"createCount": 1}
    assert own.get(path) == [*before, field]
    assert own.get(f"/orders/{order}")["orderExtraFields"] == [*before, field]
    assert own.get(f"/orders/{order}")["updateDate"] == now(own)
    own.post(path, field, 409)
    own.post(f"{path}/more", {"value": "8", "title": "More"})
    own.put(f"{path}/more", {"value": "9", "id": "ref"})
    assert own.get(path)[-1] == {"id": "more", "value": "9", "title": "More"}
    own.delete(f"{path}/more")
    own.put(f"{path}/more", {"value": "9"}, 404)
    own.post(path, {**field, "id": "long", "value": "x" * 9000}, 400)
    own.post(path, {"id": "no"}, 400)


def test_invoices(own):
    order = own.post("/orders", {"email": "a@shop.example", "total": 5})["orderId"]
    number = own.send("POST", f"/orders/{order}/invoices/create-invoice").json()["id"]
    (invoice,) = own.get(f"/orders/{order}/invoices")["invoices"]
    assert (invoice["internalId"], invoice["created"]) == (number, now(own))
    assert own.get(f"/orders/{order}")["invoices"] == [invoice]
    items = [{"name": "Lamp & oil", "price": 5, "quantity": 2}]
    page = own.send("POST", "/orders/tax-invoice-preview", json={"items": items})
    assert page.headers["content-type"].startswith("text/html")
    assert "Lamp &amp; oil" in page.text
    assert "$10.00" in page.text


def test_an_order_is_calculated(own):
    product = own.get("/products", limit=1)["items"][0]
    coupon = own.post("/discount_coupons", {"discountType": "PERCENT", "discount": 10})["code"]
    before = own.get("/orders")["total"]
    body = {
        "items": [
            {"productId": product["id"], "quantity": 2, "price": 50},
            {"productId": product["id"]},
        ],
        "shippingPerson": {"countryCode": "US", "stateOrProvinceCode": "CO"},
        "shippingOption": {"shippingMethodName": "Mule", "shippingRate": 10},
        "discountInfo": [{"type": "ABS", "value": 5, "base": "ON_MEMBERSHIP"}],
        "handlingFee": {"name": "Wrapping", "value": 2},
        "customSurcharges": [{"id": "tips", "value": 10, "type": "PERCENT"}],
    }
    found = own.post("/order/calculate", body)
    first, second = found["items"]
    assert second["price"] == product["price"]
    assert second["name"] == product["name"]
    assert found["subtotal"] == round(100 + product["price"], 2)
    # Discounts that are sent aren't the shop's: Ecwid answers those that it works out.
    assert (found["discount"], found["discountInfo"]) == (0, [])
    assert found["tax"] > 0
    assert first["taxes"][0]["name"] == found["taxesOnShipping"][0]["name"]
    surcharge = found["customSurcharges"][0]["total"]
    whole = found["subtotal"] + 10 + 2 + surcharge + found["tax"]
    assert found["total"] == pytest.approx(whole)
    cheaper = own.post("/order/calculate", {**body, "discountCoupon": {"code": coupon}})
    assert cheaper["couponDiscount"] == pytest.approx(found["subtotal"] / 10, abs=0.01)
    exempt = own.post("/order/calculate", {**body, "customerTaxExempt": True})
    assert exempt["tax"] == 0
    titles = [o["shippingMethodName"] for o in found["availableShippingOptions"]]
    assert titles == [o["title"] for o in own.get("/profile/shippingOptions")]
    assert own.get("/orders")["total"] == before


def test_a_cart_becomes_an_order(own):
    cart = own.get("/carts", limit=1)["items"][0]
    answer = own.send("POST", f"/carts/{cart['cartId']}/place").json()
    assert answer["cartId"] == cart["cartId"]
    order = own.get(f"/orders/{answer['id']}")
    assert (order["orderNumber"], order["total"]) == (answer["orderNumber"], cart["total"])
    assert order["createDate"] == now(own)
    assert own.get("/orders", limit=1)["items"] == [order]
    assert own.get(f"/carts/{cart['cartId']}")["recoveredOrderId"] == answer["orderNumber"]
    again = own.send("POST", f"/carts/{cart['cartId']}/place")
    assert (again.status_code, again.json()["errorCode"]) == (409, "CONSTRAINT_VIOLATION")
    assert own.send("POST", "/carts/NOPE/place").status_code == 404


def test_files_of_an_option(own, web):
    options = [{"name": "Engraving", "type": "FILES"}, {"name": "Size", "type": "CHOICE"}]
    items = [{"name": "Ring", "price": 1, "quantity": 1, "selectedOptions": options}]
    order = own.post("/orders", {"email": "a@shop.example", "items": items})["id"]
    item = own.get(f"/orders/{order}")["items"][0]
    base = f"/orders/{order}/items/{item['id']}/options"

    def upload(option, **query):
        return own.send("POST", f"{base}/{option}", content=b"abc", params=query)

    one = upload("Engraving", fileName="a.svg").json()["id"]
    upload("Engraving", fileName="b 2.svg", externalUrl=f"{web}/b.svg")
    files = own.get(f"/orders/{order}")["items"][0]["selectedOptions"][0]["files"]
    assert (files[0]["name"], files[0]["size"]) == ("a.svg", 3)
    assert (files[1]["name"], files[1]["size"]) == ("b 2.svg", len(b"At /b.svg"))
    assert [httpx2.get(file["url"]).content for file in files] == [b"abc", b"At /b.svg"]
    own.put(f"/orders/{order}", {"items": [{**item, "quantity": 2}]})
    item = own.get(f"/orders/{order}")["items"][0]
    assert item["selectedOptions"][0]["files"] == files
    own.delete(f"{base}/Engraving/files/{one}")
    own.delete(f"{base}/Engraving/files/{one}", 404)
    assert own.delete(f"{base}/Engraving/files") == {"deleteCount": 1}
    assert upload("Size").json()["errorCode"] == "OPTIONS_IS_NOT_FILES_TYPE"
    assert upload("Nope").status_code == 400


def test_promotions_and_subscriptions(own):
    fields = {"name": "Less", "amount": 3, "triggers": {"subtotal": 10}}
    number = own.post("/promotions", fields)["id"]
    own.put(f"/promotions/{number}", {"amount": 4, "id": number})
    found = {p["id"]: p for p in own.all("/promotions")}[number]
    assert {**found, **fields, "amount": 4} == found
    own.delete(f"/promotions/{number}")
    assert (
        own.put(f"/promotions/{number}", {"amount": 4}, 404)["errorCode"] == "PROMOTION_NOT_FOUND"
    )

    number = own.get("/subscriptions", limit=1)["items"][0]["subscriptionId"]
    path = f"/subscriptions/{number}"
    own.put(path, {"status": "ACTIVE"})
    own.sandbox.clock.advance(100)
    own.put(path, {"status": "CANCELLED"})
    found = own.get(path)
    assert found["cancelled"] == found["statusUpdated"] == now(own)
    assert found["updateTimestamp"] // 1000 == own.sandbox.clock.second()
    own.put(path, {"status": "ACTIVE", "chargeSettings": {"recurringInterval": "YEAR"}})
    found = own.get(path)
    assert "cancelled" not in found
    assert found["chargeSettings"]["recurringInterval"] == "YEAR"
    assert parse_time(found["nextCharge"]) > own.sandbox.clock.second()
    later = format_time(own.sandbox.clock.second() + 86_400)
    own.put(path, {"nextCharge": later})
    assert own.get(path)["nextCharge"] == later
    own.put(path, {"nextCharge": "2020-01-01 00:00:00 +0000"}, 400)
    own.put(path, {"nextCharge": "soon"}, 400)


def test_many_reviews(own):
    reviews = own.all("/reviews")
    count = len(reviews)
    own.put("/reviews/mass_update", {"selectMode": "ALL", "newStatus": "moderated"})
    assert own.get("/reviews/filters_data")["moderatedCount"] == count
    assert own.get(f"/products/{reviews[0]['productId']}")["rating"] == 0
    body = {"selectMode": "SELECTED", "reviewIds": [reviews[0]["id"]], "newStatus": "PUBLISHED"}
    assert own.put("/reviews/mass_update", body) == {"updateCount": 1}
    assert own.put("/reviews/mass_update", body) == {"updateCount": 0}
    assert own.get(f"/products/{reviews[0]['productId']}")["reviewsPublished"] == 1
    wanted = {"productId": [reviews[0]["productId"]], "status": "published"}
    body = {"selectMode": "ALL_FILTERED", "currentFilters": wanted, "delete": True}
    assert own.put("/reviews/mass_update", body) == {"updateCount": 1}
    own.get(f"/reviews/{reviews[0]['id']}", 404)
    assert own.get("/reviews/deleted")["items"][-1]["id"] == reviews[0]["id"]
    other = f"/reviews/{reviews[1]['id']}"
    own.put(other, {"status": "PUBLISHED"})
    assert own.get(other)["status"] == "published"
    own.put(other, {"status": "hidden"}, 400)
    for wrong in ({}, {"selectMode": "ALL"}, {"selectMode": "SOME", "delete": True}):
        own.put("/reviews/mass_update", wrong, 400)


def test_own_order_statuses(own):
    path = "/profile/order_status/CUSTOM_PAYMENT_STATUS_2"
    own.sandbox.clock.advance(10)
    own.put(path, {"enabled": True, "name": "Half", "nameTranslations": {"de": "Halb"}})
    found = own.get(path)
    assert (found["name"], found["enabled"]) == ("Half", True)
    assert found["nameTranslated"] == {"en": "Half", "de": "Halb"}
    assert found["lastNameChangeDate"] == own.get("/latest-stats")["profileUpdated"] == now(own)
    own.sandbox.clock.advance(10)
    own.put(path, {"enabled": False})
    assert own.get(path)["lastNameChangeDate"] != now(own)


@pytest.mark.parametrize(
    ("path", "section", "fields", "title"),
    [
        (
            "/profile/paymentOptions",
            ("payment", "paymentOptions"),
            {"checkoutTitle": "Barter", "paymentProcessorId": "offline"},
            "checkoutTitle",
        ),
        (
            "/profile/shippingOptions",
            ("shipping", "shippingOptions"),
            {"title": "By mule", "flatRate": {"rateType": "ABSOLUTE", "rate": 3}},
            "title",
        ),
    ],
)
def test_ways_to_pay_and_to_ship(own, path, section, fields, title):
    own.sandbox.clock.advance(10)
    number = own.post(path, fields)["id"]

    def embedded():
        return own.get("/profile")[section[0]][section[1]]

    assert embedded() == own.get(path)
    made = own.get(path)[-1]
    assert {**made, **fields, "id": number} == made
    assert own.get("/latest-stats")["profileUpdated"] == now(own)
    own.put(f"{path}/{number}", {title: "Other", "enabled": False})
    assert embedded()[-1] == {**made, title: "Other", "enabled": False}
    own.put(f"{path}/{number}", {title: None}, 400)
    own.delete(f"{path}/{number}")
    assert number not in [option["id"] for option in embedded()]
    own.delete(f"{path}/{number}", 404)


def test_fields_of_the_checkout(own):
    fields = {"key": "askMore", "title": "More?", "type": "text"}
    assert own.post("/profile/extrafields", fields) == {"createCount": 1}
    found = own.get("/profile/extrafields/askMore")
    assert {**found, **fields} == found
    own.put("/profile/extrafields/askMore", {"title": "Less?", "key": "other"})
    changed = {"title": "Less?", "titleTranslated": {"en": "Less?"}}
    assert own.get("/profile/extrafields/askMore") == {**found, **changed}
    assert own.get("/profile/extrafields")["items"][-1]["key"] == "askMore"
    own.delete("/profile/extrafields/askMore")
    own.get("/profile/extrafields/askMore", 404)


def test_the_profile_is_merged_at_every_depth(own):
    before = own.get("/profile")
    sale = {"salePrice": {"oldPriceLabel": "Was"}, "storeName": None}
    own.put("/profile", {"settings": sale, "languages": {"enabledLanguages": ["en"]}})
    after = own.get("/profile")
    assert after["settings"]["salePrice"] == {
        **before["settings"]["salePrice"],
        "oldPriceLabel": "Was",
    }
    assert "storeName" not in after["settings"]
    assert after["languages"] == {**before["languages"], "enabledLanguages": ["en"]}
    own.put("/profile", {"taxes": [{"name": "Toll", "enabled": True, "defaultTax": 3}]})
    after = own.get("/profile")
    (tax,) = after["taxes"]
    assert after["taxSettings"] == {**before["taxSettings"], "taxes": [tax]}
    assert tax["id"]
    own.put("/profile", {"zones": [{"name": "World"}]})
    assert own.get("/profile")["zones"][0]["id"]
    assert own.get("/profile")["account"] == before["account"]
    own.put("/profile", {"settings": {"closed": "yes"}}, 400)


def test_logos(own, web):
    url = f"{web}/logo.png"
    for name in ("logo", "invoicelogo", "emaillogo"):
        for method in ("POST", "PUT"):
            answer = own.send(method, f"/profile/{name}", params={"externalUrl": url})
            assert answer.json()["id"]
    profile = own.get("/profile")
    logos = [profile["settings"][name] for name in ("invoiceLogoUrl", "emailLogoUrl")]
    for address in (profile["generalInfo"]["starterSite"]["storeLogoUrl"], *logos):
        assert httpx2.get(address).content == b"At /logo.png"
    assert own.delete("/profile/emaillogo") == {"deleteCount": 1}
    assert own.delete("/profile/emaillogo") == {"deleteCount": 0}
    assert "emailLogoUrl" not in own.get("/profile")["settings"]
    assert own.send("PUT", "/profile/hat", content=b"a").status_code == 404


def test_staff(own):
    fields = {"email": "new@shop.example", "staffScopes": ["REPORT_ACCESS"]}
    assert own.post("/staff", fields) == {"success": True}
    made = next(a for a in own.get("/staff")["staffList"] if a["email"] == fields["email"])
    assert {**made, **fields, "inviteAccepted": False} == made
    path = f"/staff/{made['id']}"
    own.put(path, {"staffScopes": ["SALES_MANAGEMENT"]})
    assert own.get(path)["staffScopes"] == ["SALES_MANAGEMENT"]
    assert own.post("/staff/invite", {"email": fields["email"]}) == {"success": True}
    own.post("/staff/invite", {"email": "ida@fernweh-and-filter.example"}, 404)
    gone = own.send("DELETE", "/staff/invite", json={"email": fields["email"]})
    assert gone.json() == {"deleteCount": 1}
    own.get(path, 404)
    own.delete(path, 404)


def test_storage(own):
    both = {"success": True, "updateCount": 1}
    for method, content in (("POST", b'{"a":1}'), ("PUT", b"plain text"), ("POST", b"[]")):
        answer = own.send(method, "/storage/my+key", content=content)
        assert answer.json() == both
        assert own.get("/storage/my%20key") == {"key": "my key", "value": content.decode()}
    assert own.delete("/storage/my+key") == {"success": True, "deleteCount": 1}
    # Ecwid's own client adds entries by PUT too, and empties them by a body without anything.
    for method, content in (("PUT", b"x"), ("PUT", b""), ("POST", b"")):
        assert own.send(method, "/storage/my+key", content=content).json() == both
        assert own.get("/storage/my+key")["value"] == content.decode()


def test_redirects(own):
    before = own.get("/instant-site/redirects")["total"]
    sent = [{"fromUrl": "/a", "toUrl": "/b"}, {"fromUrl": "/tents", "toUrl": "/b"}]
    assert own.post("/instant-site/redirects", sent) == {"createCount": 1, "existsCount": 1}
    assert own.get("/instant-site/redirects")["total"] == before + 1
    made = next(r for r in own.all("/instant-site/redirects") if r["fromUrl"] == "/a")
    path = f"/instant-site/redirects/{made['id']}"
    own.put(path, {"toUrl": "/c"})
    assert own.get(path) == {**made, "toUrl": "/c"}
    own.put(path, {"fromUrl": "/tents"}, 409)
    own.delete(path)
    own.get(path, 404)
    own.post("/instant-site/redirects", {"fromUrl": "/a"}, 400)
    own.post("/instant-site/redirects", [{"toUrl": "/a"}], 400)


def test_a_domain_is_bought(own):
    own.sandbox.clock.advance(10)
    own.post("/domains/purchase", {"domain": "fernweh.example"})
    assert own.get("/domains")["registeredDomain"] == "fernweh.example"
    assert own.get("/latest-stats", domainsRequired="true")["domainsUpdated"] == now(own)


def test_colours(own):
    urls = ["https://pictures.example/a.jpg", "https://pictures.example/b.jpg"]
    found = own.post("/images/main-colors", {"imageUrls": urls, "colorsCount": 2})["result"]
    assert list(found) == urls
    assert [len(found[url]["colors"]) for url in urls] == [2, 2]
    assert own.post("/images/main-colors", {"imageUrls": urls, "colorsCount": 2})["result"] == found
