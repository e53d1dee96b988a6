"""Writes to the catalogue, and everywhere they can be seen."""

from __future__ import annotations

import httpx2
import pytest

from ecwid_sandbox.server.clock import format_time

FILM = "https://vimeo.com/fernweh"


def now(own):
    return format_time(own.sandbox.clock.second())


def plain(own, **fields):
    return own.post("/products", {"name": "Lamp", "price": 5, **fields})["id"]


def upload(own, method, path, content=b"", **query):
    response = own.send(method, path, content=content, params=query)
    assert response.status_code == 200, response.text
    return response.json()["id"]


def at(url):
    """What is at an address that an answer has."""
    return httpx2.get(url).raise_for_status().content


def test_stock_of_a_product(own):
    number = plain(own, quantity=5)
    path = f"/products/{number}"
    own.sandbox.clock.advance(10)
    assert own.put(f"{path}/inventory", {"quantityDelta": -2}) == {"updateCount": 1}
    product = own.get(path)
    assert (product["quantity"], product["inStock"], product["updated"]) == (3, True, now(own))
    assert own.get("/latest-stats")["productsUpdated"] == now(own)
    answer = own.put(f"{path}/inventory", {"quantityDelta": -4})
    assert answer["updateCount"] == 1
    assert answer["warning"]
    product = own.get(path)
    assert (product["quantity"], product["inStock"]) == (-1, False)
    assert number not in [p["id"] for p in own.all("/products", inStock="true")]
    own.put(path, {"unlimited": True})
    assert "quantity" not in own.get(path)
    answer = own.put(f"{path}/inventory", {"quantityDelta": 3})
    assert (answer["updateCount"], bool(answer["warning"])) == (0, True)
    own.put(path, {"quantity": 7})
    assert own.get(path)["unlimited"] is False
    own.put(f"{path}/inventory", {}, 400)
    own.put("/products/7/inventory", {"quantityDelta": 1}, 404)


def test_stock_of_a_variation(own):
    number = plain(own)
    base = f"/products/{number}/combinations"
    option = [{"name": "Size", "value": "L"}]
    one = own.post(base, {"options": option, "quantity": 1})["id"]
    path = f"{base}/{one}"
    assert own.put(f"{path}/inventory", {"quantityDelta": 4}) == {"updateCount": 1}
    assert own.get(path)["quantity"] == 5
    own.put(f"{path}/inventory", {}, quantityDelta="-5")
    assert own.get(f"/products/{number}")["inStock"] is False
    own.put(path, {"unlimited": True})
    assert own.put(f"{path}/inventory", {"quantityDelta": 4})["updateCount"] == 0
    own.put(f"{base}/7/inventory", {"quantityDelta": 4}, 404)


def test_variations_sent_with_their_product(own):
    number = plain(own)
    path = f"/products/{number}"
    sizes = [{"options": [{"name": "Size", "value": size}], "sku": size} for size in "SML"]
    own.put(path, {"combinations": sizes}, saveCombinations="true")
    before = own.get(path)["combinations"]
    assert [v["sku"] for v in before] == ["S", "M", "L"]
    (option,) = own.get(path)["options"]
    assert [choice["text"] for choice in option["choices"]] == ["S", "M", "L"]
    fewer = [{"id": before[2]["id"], "price": 9}, {"options": sizes[0]["options"], "quantity": 2}]
    own.put(path, {"combinations": fewer}, saveCombinations="true")
    large, small = own.get(path)["combinations"]
    assert (large["id"], large["price"], large["sku"]) == (before[2]["id"], 9, "L")
    assert (small["id"], small["quantity"], small["unlimited"]) == (before[0]["id"], 2, False)
    own.put(path, {"combinations": None}, saveCombinations="true")
    assert "combinations" not in own.get(path)


def test_what_nobody_can_write_survives(own):
    product = next(p for p in own.all("/products") if p.get("galleryImages"))
    path = f"/products/{product['id']}"
    tax = {"taxable": False, "defaultLocationIncludedTaxRate": 99}
    own.put(path, {"tax": tax, "media": {"images": [{"id": "0", "alt": {"main": "A lamp"}}]}})
    after = own.get(path)
    assert after["tax"] == {"taxable": False, "defaultLocationIncludedTaxRate": 0}
    main, *others = product["media"]["images"]
    assert after["media"]["images"] == [{**main, "alt": {"main": "A lamp"}}, *others]
    assert after["galleryImages"] == product["galleryImages"]
    order = own.get("/orders", limit=1)["items"][0]
    own.put(f"/orders/{order['id']}", {"items": [{"id": order["items"][0]["id"], "quantity": 9}]})
    (item,) = own.get(f"/orders/{order['id']}")["items"]
    assert item["quantity"] == 9
    assert item["costPrice"] == order["items"][0]["costPrice"]


def test_a_write_that_changes_nothing_changes_nothing(own):
    for product in own.all("/products"):
        own.put(f"/products/{product['id']}", {"enabled": product["enabled"]})
        after = own.get(f"/products/{product['id']}")
        moved = {"updated", "updateTimestamp"}
        assert {n: v for n, v in after.items() if n not in moved} == {
            n: v for n, v in product.items() if n not in moved
        }


def test_former_prices(own):
    path = f"/products/{plain(own, price=8, compareToPrice=10)}"
    product = own.get(path)
    assert product["defaultDisplayedCompareToPriceFormatted"] == "$10.00"
    assert product["defaultDisplayedCompareToPriceDiscountPercent"] == 20
    own.put(path, {"price": 5})
    assert own.get(path)["defaultDisplayedCompareToPriceDiscount"] == 5
    own.put(path, {"price": 12})
    assert "defaultDisplayedCompareToPriceDiscount" not in own.get(path)
    own.put(path, {"compareToPrice": None})
    assert [name for name in own.get(path) if "ompareTo" in name] == []


def test_null_takes_a_field_away(own):
    number = plain(own, ribbon={"text": "New", "color": "#ff0000"}, compareToPrice=9)
    path = f"/products/{number}"
    own.put(path, {"compareToPrice": None, "ribbon": {"text": "Old", "color": None}})
    product = own.get(path)
    assert "compareToPrice" not in product
    assert product["ribbon"] == {"text": "Old"}
    assert own.put(path, {"name": None}, 400)["errorCode"] == "WRONG_PARAMETER"


def test_products_come_into_a_category_and_leave_it(own):
    category = own.post("/categories", {"name": "New"})["id"]
    one, two, three = (plain(own) for _ in range(3))
    own.sandbox.clock.advance(10)
    base = f"/categories/{category}"
    assert own.post(f"{base}/assignProducts", {"productIds": [two, one]}) == {"updateCount": 1}
    assert own.get(base)["productIds"] == [two, one]
    assert own.get(base)["productCount"] == 2
    product = own.get(f"/products/{one}")
    assert product["categoryIds"] == [category]
    assert product["updated"] == now(own)
    assert own.get("/products", category=category)["total"] == 2
    assert own.get("/latest-stats")["categoriesUpdated"] == now(own)
    assert own.post(f"{base}/assignProducts", {"productIds": [one]}) == {"updateCount": 0}
    own.post(f"{base}/assignProducts", {"productIds": [three]})
    assert own.get("/products/sort", parentCategory=category)["sortedIds"] == [two, one, three]
    assert own.post(f"{base}/unassignProducts", {"productIds": [one]}) == {"deleteCount": 1}
    assert own.post(f"{base}/unassignProducts", {"productIds": [one]}) == {"deleteCount": 0}
    assert own.get(f"/products/{one}")["categoryIds"] == []
    own.put(base, {"productIds": [one]})
    assert [own.get(f"/products/{n}")["categoryIds"] for n in (one, two)] == [[category], []]
    refused = own.post(f"{base}/assignProducts", {"productIds": [7]}, 404)
    assert refused["errorCode"] == "PRODUCT_NOT_FOUND"
    refused = own.post(f"{base}/assignProducts", {"productIds": list(range(101))}, 402)
    assert refused["errorCode"] == "MAX_PRODUCTS_FOR_API_REQUEST_LIMIT_EXCEEDED"
    own.post("/categories/7/assignProducts", {"productIds": [one]}, 404)


def test_order_of_categories_and_products(own):
    before = own.get("/categories/sort", parentCategory=0)["sortedIds"]
    own.put("/categories/sort", {"sortedIds": before[::-1]}, parentCategory=0)
    assert own.get("/categories/sort", parentCategory=0)["sortedIds"] == before[::-1]
    assert own.get(f"/categories/{before[-1]}")["orderBy"] == 10
    category = next(c["id"] for c in own.sandbox.shop.all("category") if len(c["productIds"]) > 1)
    inside = own.get("/products/sort", parentCategory=category)["sortedIds"]
    own.put("/products/sort", {"sortedIds": inside[1:]}, parentCategory=category)
    wanted = [*inside[1:], inside[0]]
    assert own.get("/products/sort", parentCategory=category)["sortedIds"] == wanted
    own.put(f"/products/{inside[0]}", {"enabled": False})
    assert own.get(f"/categories/{category}")["productIds"] == wanted
    front = own.get("/products/sort", parentCategory=0)["sortedIds"]
    own.put("/products/sort", {"sortedIds": front[::-1]}, parentCategory=0)
    assert own.get("/products/sort", parentCategory=0)["sortedIds"] == front[::-1]
    assert own.get(f"/products/{front[-1]}")["showOnFrontpage"] == 1
    own.put("/products/sort", {"sortedIds": [7]}, 404, parentCategory=0)
    own.put("/products/sort", {"sortedIds": front}, 400)


def test_product_types(own):
    attributes = [{"name": "Roast"}, {"name": "Brand", "type": "BRAND"}]
    number = own.post("/classes", {"name": "Beans", "attributes": attributes})["id"]
    found = own.get(f"/classes/{number}")
    roast, brand = found["attributes"]
    assert (roast["type"], roast["show"], roast["id"] != brand["id"]) == ("CUSTOM", "DESCR", True)
    assert number in [t["id"] for t in own.get("/classes")]
    sent = [{"id": roast["id"], "value": "Dark"}, {"alias": "BRAND", "value": "Fern"}]
    product = plain(own, productClassId=number, attributes=sent)
    shown = own.get(f"/products/{product}")["attributes"]
    assert shown[0] == {**roast, "value": "Dark"}
    assert (shown[1]["id"], shown[1]["name"]) == (brand["id"], "Brand")
    assert "Fern" in [b["name"] for b in own.all("/brands")]
    own.sandbox.clock.advance(10)
    renamed = [{**roast, "name": "How dark"}]
    own.put(f"/classes/{number}", {"attributes": renamed})
    (left,) = own.get(f"/products/{product}")["attributes"]
    assert (left["name"], left["value"]) == ("How dark", "Dark")
    own.delete(f"/classes/{number}")
    after = own.get(f"/products/{product}")
    assert (after["productClassId"], after["attributes"]) == (0, [])
    assert own.get("/latest-stats")["productsUpdated"] == now(own)
    own.get(f"/classes/{number}", 404)


def test_attributes_have_ids_of_the_shop_s_own(own):
    foreign = {"id": 511, "name": "Scale"}
    path = f"/classes/{own.post('/classes', {'name': 'Maps', 'attributes': [foreign]})['id']}"
    (scale,) = own.get(path)["attributes"]
    assert scale["id"] != 511
    own.put(path, {"attributes": [scale, {"id": 512, "name": "Paper"}]})
    kept, paper = own.get(path)["attributes"]
    assert kept == scale
    assert paper["id"] not in {511, 512, scale["id"]}


def test_pictures_of_a_product(own, web):
    number = plain(own)
    path = f"/products/{number}"
    assert own.get(path)["media"] == {"images": []}
    upload(own, "POST", f"{path}/image", b"bytes")
    first = upload(own, "POST", f"{path}/gallery", externalUrl=f"{web}/a.jpg")
    described = {"url": f"{web}/b.jpg", "width": 9, "height": 9, "externalId": "D-1"}
    second = own.post(f"{path}/gallery/async", {**described, "alt": {"main": "B"}})["id"]
    product = own.get(path)
    main, one, two = product["media"]["images"]
    assert (main["id"], main["isMain"], main["orderBy"]) == ("0", True, 0)
    assert product["imageUrl"] == main["image1500pxUrl"]
    assert {at(one[name]) for name in one if name.endswith("Url")} == {b"At /a.jpg"}
    assert one["image1500pxUrl"].endswith(f"/{first}.jpg")
    assert (two["externalId"], two["alt"]) == ("D-1", {"main": "B"})
    assert [shown["id"] for shown in product["galleryImages"]] == [first, second]
    own.delete(f"{path}/gallery/{first}")
    own.delete(f"{path}/gallery/{first}", 404)
    assert [shown["id"] for shown in own.get(path)["galleryImages"]] == [second]
    own.post(f"{path}/image/async", described)
    assert at(own.get(path)["originalImageUrl"]) == b"At /b.jpg"
    assert own.delete(f"{path}/image") == {"deleteCount": 1}
    assert own.delete(f"{path}/image") == {"deleteCount": 0}
    assert "imageUrl" not in own.get(path)
    assert own.delete(f"{path}/gallery") == {"deleteCount": 1}
    assert own.delete(f"{path}/gallery") == {"deleteCount": 0}
    assert "galleryImages" not in own.get(path)


def test_films_of_a_product(own, web):
    number = plain(own)
    path = f"/products/{number}"
    film = own.post(f"{path}/gallery/video", {"url": FILM})["id"]
    own.post(f"{path}/video", {"url": f"{FILM}-main"})
    urls = [shown["url"] for shown in own.get(path)["media"]["videos"]]
    assert urls == [f"{FILM}-main", FILM]
    cover = upload(own, "PUT", f"{path}/gallery/video/{film}", externalUrl=f"{web}/c.jpg")
    shown = own.get(f"{path}/gallery/video/{film}")
    assert shown["videoCoverId"] == str(cover)
    assert at(shown["imageOriginalUrl"]) == b"At /c.jpg"
    for url, code in (("fernweh", "NOT_VIDEO_URL"), ("https://a.example", "VIDEO_NOT_SUPPORTED")):
        assert own.post(f"{path}/video", {"url": url}, 422)["errorCode"] == code
    assert own.delete(f"{path}/video") == {"deleteCount": 1}
    assert own.delete(f"{path}/video") == {"deleteCount": 0}
    own.delete(f"{path}/gallery/{film}")
    assert own.get(path)["media"] == {"images": []}


def test_all_pictures_and_films_at_once(own, web):
    product = next(p for p in own.all("/products") if p.get("galleryImages"))
    path = f"/products/{product['id']}"
    media = {"galleryMedia": [{"imageUrl": f"{web}/1.jpg"}, {"videoUrl": FILM}]}
    own.put(f"{path}/media", media)
    after = own.get(path)
    assert [at(p["image400pxUrl"]) for p in after["media"]["images"]] == [b"At /1.jpg"]
    assert [v["url"] for v in after["media"]["videos"]] == [FILM]
    assert "imageUrl" not in after
    own.put(f"{path}/media", {"mainMedia": {"imageUrl": f"{web}/0.jpg"}})
    after = own.get(path)
    assert at(after["originalImageUrl"]) == b"At /0.jpg"
    assert after["media"].keys() == {"images"}
    assert (
        own.put(f"{path}/media", {"mainMedia": {"imageUrl": "x"}}, 422)["errorCode"] == "WRONG_URL"
    )
    assert own.get(path) == after


@pytest.mark.parametrize("kind", ["category", "variation"])
def test_pictures_of_categories_and_variations(own, web, kind):
    if kind == "category":
        path = f"/categories/{own.post('/categories', {'name': 'New'})['id']}"
    else:
        base = f"/products/{plain(own)}/combinations"
        path = f"{base}/{own.post(base, {'options': [{'name': 'Size', 'value': 'L'}]})['id']}"
    before = own.get(path)
    upload(own, "POST", f"{path}/image", externalUrl=f"{web}/a.jpg")
    assert at(own.get(path)["originalImageUrl"]) == b"At /a.jpg"
    described = {"url": f"{web}/b.jpg", "width": 9, "height": 9, "alt": {"main": "B"}}
    own.post(f"{path}/image/async", described)
    assert at(own.get(path)["originalImageUrl"]) == b"At /b.jpg"
    assert own.get(path)["alt"] == {"main": "B"}
    own.post(f"{path}/image/async", {**described, "width": 0}, 400)
    assert own.delete(f"{path}/image") == {"deleteCount": 1}
    assert own.delete(f"{path}/image") == {"deleteCount": 0}
    assert own.get(path) == before


def test_files_of_a_product(own, web):
    number = plain(own)
    path = f"/products/{number}"
    one = upload(own, "POST", f"{path}/files", b"A map", fileName="a.pdf", description="Map")
    two = upload(own, "POST", f"{path}/files", fileName="b.pdf", externalUrl=f"{web}/b.pdf")
    files = own.get(path)["files"]
    assert [(f["id"], f["name"]) for f in files] == [(one, "a.pdf"), (two, "b.pdf")]
    assert (files[0]["size"], files[0]["description"]) == (5, "Map")
    assert files[1]["size"] == len(b"At /b.pdf")
    assert [at(file["adminUrl"]) for file in files] == [b"A map", b"At /b.pdf"]
    assert own.send("GET", f"{path}/files/{one}").content == b"A map"
    assert own.send("GET", f"{path}/files/{two}").content == b"At /b.pdf"
    own.put(f"{path}/files/{two}", {"description": "Other"})
    assert own.get(path)["files"][1] == {**files[1], "description": "Other"}
    more = [{"id": two, "description": "Once more", "name": "x"}, {"name": "new.pdf"}]
    own.put(path, {"files": more})
    assert own.get(path)["files"] == [{**files[1], "description": "Once more"}]
    own.put(path, {"files": None})
    assert own.get(path)["files"] == []
    own.put(f"{path}/files/{two}", {"description": "x"}, 404)
    one, two = (upload(own, "POST", f"{path}/files", b"x", fileName=name) for name in "ab")
    own.delete(f"{path}/files/{one}")
    own.delete(f"{path}/files/{one}", 404)
    assert own.delete(f"{path}/files") == {"deleteCount": 1}
    assert own.delete(f"{path}/files") == {"deleteCount": 0}
    for query in ({}, {"fileName": "a"}, {"fileName": "a", "externalUrl": "nowhere"}):
        status = own.send("POST", f"{path}/files", params=query).status_code
        assert status == (422 if "externalUrl" in query else 400)


def test_pictures_have_a_largest_size(own):
    path = f"/products/{plain(own)}/image"
    answer = own.send("POST", path, content=b"0" * (20 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "INCORRECT_IMAGE_SIZE")


def test_all_products_at_once(own):
    count = own.get("/products")["total"]
    own.sandbox.clock.advance(10)
    response = own.send("DELETE", "/products")
    assert (response.status_code, response.json()) == (202, {})
    assert own.get("/products")["total"] == 0
    assert {c["productCount"] for c in own.all("/categories")} == {0}
    gone = own.get("/products/deleted", from_date=own.sandbox.clock.second())
    assert gone["total"] == count


def test_product_filters(own):
    number = plain(own, compareToPrice=9, price=4)
    wanted = "price,inventory,onsale,categories,attribute_Brand,option_Size,nonsense"
    body = {"params": {"filterFields": wanted, "enabled": "true"}}
    found = own.post("/products/filters", body)
    assert found["productCount"] == own.get("/products", enabled="true")["total"]
    filters = found["filters"]
    assert filters.keys() == set(wanted.split(",")) - {"nonsense"}
    assert filters["price"]["minValue"] == own.get(f"/products/{number}")["price"]
    for value in filters["categories"]["values"]:
        inside = own.get("/products", categories=value["id"], enabled="true")["total"]
        assert value["productCount"] == inside
    for value in filters["attribute_Brand"]["values"]:
        inside = own.get("/products", attribute_Brand=value["title"], enabled="true")["total"]
        assert value["productCount"] == inside
    assert own.get("/products/filters", **body["params"]) == found
    few = own.get("/products/filters", filterFields="categories", filterFacetLimit=1)
    assert len(few["filters"]["categories"]["values"]) == 1
