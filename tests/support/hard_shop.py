"""Makes a shop hard to copy: what is alike, what has no name, what points in circles or nowhere."""

from __future__ import annotations

import random

import httpx2


class Api:
    """A shop over HTTP; any answer but success fails the test."""

    def __init__(self, sandbox):
        self.url, self.store_url = sandbox.url, sandbox.store_url
        self._client = httpx2.Client(headers=sandbox.headers, timeout=30)

    def __call__(self, method, path, body=None, content=None, **query):
        given = {"content": content} if content is not None else {"json": body} if body else {}
        answer = self._client.request(method, self.store_url + path, params=query, **given)
        assert answer.status_code == 200, (method, path, answer.text)
        return answer.json()

    def new(self, path, **body):
        return self("POST", path, body)["id"]

    def bytes(self, address):
        answer = self._client.get(address)
        assert answer.status_code == 200, address
        return answer.content

    def all(self, path, **query):
        """All objects of a list, page by page."""
        found = []
        while True:
            answer = self("GET", path, limit=100, offset=len(found), **query)
            items = answer if isinstance(answer, list) else answer.get("items", answer)
            if not isinstance(items, list):
                return [items]
            found += items
            if isinstance(answer, list) or not items or len(found) >= answer.get("total", 0):
                return found


def picture(number):
    """Bytes of a small picture; another number, another picture."""
    return b"\x89PNG\r\n\x1a\n" + number.to_bytes(8) * 4


def harden(sandbox, seed=0):
    """Add to a shop all that is hard to copy."""
    api, chance = Api(sandbox), random.Random(seed)
    parents = [api.new("/categories", name=f"Parent {n}") for n in range(2)]
    sales = [api.new("/categories", name="Sale", parentId=parent) for parent in parents]
    sales.append(api.new("/categories", name="Sale", parentId=sales[0], enabled=False))
    twins = [
        api.new("/products", name=name, sku="SAME", price=price, categoryIds=[category])
        for name, price, category in (("One", 5, sales[0]), ("Two", 7.5, sales[1]))
    ]
    nameless = [
        api.new(
            "/products",
            name="Without SKU",
            price=3,
            costPrice=1.25,
            compareToPrice=4,
            quantity=chance.randint(5, 50),
            enabled=bool(number),
            categoryIds=sales,
            defaultCategoryId=sales[2],
            wholesalePrices=[{"quantity": 5, "price": 2.5}, {"quantity": 10, "price": 2}],
            nameTranslated={"en": "Without SKU", "de": "Ohne Artikelnummer"},
            description="<p>Half</p>",
            seoTitle="T",
            seoDescription="D",
            ribbon={"text": "New", "color": "#ff0000"},
        )
        for number in range(2)
    ]
    sized = api.new(
        "/products",
        name="In sizes",
        price=20,
        options=[
            {
                "type": "SELECT",
                "name": "Size",
                "required": True,
                "choices": [
                    {"text": "S", "priceModifier": 0, "priceModifierType": "ABSOLUTE"},
                    {"text": "L", "priceModifier": 2, "priceModifierType": "ABSOLUTE"},
                ],
                "defaultChoice": 0,
            }
        ],
    )
    sizes = [
        api.new(
            f"/products/{sized}/combinations",
            options=[{"name": "Size", "value": value}],
            quantity=chance.randint(5, 50),
            price=21 + place,
        )
        for place, value in enumerate("SL")
    ]
    api("POST", f"/products/{sized}/combinations/{sizes[1]}/image", content=picture(9))
    # Circles, also with oneself.
    for product, others in (
        (twins[0], [twins[1], sized]),
        (twins[1], [twins[0]]),
        (sized, [sized, nameless[0]]),
    ):
        related = {
            "productIds": others,
            "relatedCategory": {"enabled": True, "categoryId": sales[1], "productCount": 2},
        }
        api("PUT", f"/products/{product}", {"relatedProducts": related})
    # Pictures that products share, in another order than they came, with texts.
    for product in (*twins, *nameless):
        api("POST", f"/products/{product}/image", content=picture(1))
        for number in (2, 3):
            api("POST", f"/products/{product}/gallery", content=picture(number))
        images = api("GET", f"/products/{product}")["media"]["images"]
        texts = [
            {
                "id": image["id"],
                "orderBy": 10 - place if place else 0,
                "alt": {"main": f"Picture {place}", "translated": {"de": f"Bild {place}"}},
            }
            for place, image in enumerate(images)
        ]
        api("PUT", f"/products/{product}", {"media": {"images": texts}})
    api(
        "POST",
        f"/products/{twins[0]}/files",
        content=b"A manual",
        fileName="manual.txt",
        description="How to",
    )
    api.new(
        f"/products/{twins[1]}/gallery/video", url="https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    )
    for place, category in enumerate(sales):
        if place:
            api("POST", f"/categories/{category}/image", content=picture(4))
    api("PUT", "/products/sort", {"sortedIds": [*nameless[::-1]]}, parentCategory=sales[1])
    api(
        "POST",
        "/instant-site/redirects",
        [{"fromUrl": "/old", "toUrl": "/new"}, {"fromUrl": "/older", "toUrl": "/new"}],
    )
    # In another order than they came.
    for title, position in (("By boat", 50), ("By bike", 40)):
        rate = {"rateType": "ABSOLUTE", "rate": 9}
        api(
            "POST",
            "/profile/shippingOptions",
            {
                "title": title,
                "orderby": position,
                "ratesCalculationType": "flat",
                "flatRate": rate,
            },
        )
    group = api.new("/customer_groups", name="Hard buyers")
    api(
        "POST",
        "/store_extrafields/customers",
        {"key": "hardKey", "title": "Hard question", "type": "TEXT"},
    )
    answers = [{"key": "hardKey", "value": "Dark"}]
    customers = [
        api.new(
            "/customers",
            email=f"hard{number}@shop.example",
            name="Ann Other",
            customerGroupId=group,
            billingPerson={"name": "Ann Other", "city": "Bern", "countryCode": "CH"},
            shippingAddresses=[{"name": "Ann", "city": "Bern", "countryCode": "CH"}],
            privateAdminNotes="Careful",
            **({"extrafields": answers} if number else {}),
        )
        for number in range(2)
    ]
    for limit in ({"products": twins}, {"categories": [sales[0]]}):
        api.new(
            "/discount_coupons",
            name="Hard",
            code=f"HARD{len(limit)}{next(iter(limit))}".upper(),
            discountType="PERCENT",
            discount=10,
            status="ACTIVE",
            catalogLimit=limit,
        )
    api.new(
        "/promotions",
        name="Every third mug",
        enabled=True,
        discountBase="ITEM",
        discountType="PERCENT",
        amount=50,
        triggers={"categories": [sales[2]], "customerGroups": [group]},
        targets={
            "products": twins,
            "combinations": [{"productId": sized, "combinationIds": [str(sizes[0])]}],
        },
    )
    gone = api.new("/products", name="Gone", sku="GONE", price=1)
    lost = api.new("/customers", email="lost@shop.example")
    for customer, product in ((customers[0], twins[0]), (lost, gone), (customers[1], sized)):
        item = {"productId": product, "name": "Item", "price": 5, "quantity": 1, "sku": "X"}
        if product == sized:
            item["combinationId"] = sizes[1]
        api(
            "POST",
            "/orders",
            {
                "email": "lost@shop.example" if customer == lost else "hard0@shop.example",
                "customerId": customer,
                "createDate": "2024-03-01 10:00:00 +0000",
                "paymentStatus": "PAID",
                "fulfillmentStatus": "SHIPPED",
                "total": 5,
                "subtotal": 5,
                "items": [item],
                "privateAdminNotes": "Old",
                "orderExtraFields": [{"id": "gift", "title": "Gift", "value": "yes"}],
            },
        )
    api("DELETE", f"/products/{gone}")
    api("DELETE", f"/customers/{lost}")


def named(sandbox, kind):
    """The objects of a kind by name; of those that share one, a list."""
    found = {}
    for one in sandbox.shop.all(kind):
        found.setdefault(one.get("name") or one.get("email") or one["id"], []).append(one)
    return found


def change_twenty_things(sandbox):
    """Change a hard shop in about twenty places."""
    api = Api(sandbox)
    products, customers = named(sandbox, "product"), named(sandbox, "customer")
    (one,), (two,), (sized,) = products["One"], products["Two"], products["In sizes"]
    first, second = products["Without SKU"]
    small, large = sized["combinations"]
    sales = named(sandbox, "category")["Sale"]
    coupon = next(iter(sandbox.shop.all("coupon")))
    order = next(iter(sandbox.shop.all("order")))
    kind = api.new("/classes", name="New kind", attributes=[{"name": "Height", "type": "CUSTOM"}])
    for method, path, body in (
        ("PUT", f"/products/{one['id']}", {"price": 6}),
        ("PUT", f"/products/{two['id']}", {"name": "Two!", "nameTranslated": {"de": "Zwei"}}),
        ("DELETE", f"/products/{two['id']}/gallery/{two['media']['images'][1]['id']}", None),
        ("DELETE", f"/products/{second['id']}/image", None),
        ("PUT", f"/products/{first['id']}", {"quantity": 77, "productClassId": kind}),
        ("PUT", f"/products/{sized['id']}/combinations/{small['id']}", {"price": 99}),
        ("DELETE", f"/products/{sized['id']}/combinations/{large['id']}", None),
        ("DELETE", f"/products/{one['id']}/files/{one['files'][0]['id']}", None),
        ("PUT", f"/categories/{sales[0]['id']}", {"name": "Renamed"}),
        ("DELETE", f"/categories/{sales[1]['id']}/image", None),
        ("PUT", f"/customers/{customers['Ann Other'][0]['id']}", {"email": "ann@shop.example"}),
        ("POST", "/customers", {"email": "new@shop.example", "name": "New"}),
        ("PUT", f"/discount_coupons/{coupon['id']}", {"discount": 33}),
        ("PUT", f"/orders/{order['id']}", {"trackingNumber": "TT"}),
        ("POST", "/products", {"name": "Brand new", "price": 1, "categoryIds": [sales[1]["id"]]}),
        ("DELETE", f"/instant-site/redirects/{api.all('/instant-site/redirects')[0]['id']}", None),
        ("POST", "/customer_groups", {"name": "New group"}),
    ):
        api(method, path, body)
    api("POST", f"/products/{first['id']}/image", content=picture(8))
    item = {"productId": first["id"], "name": "x", "price": 3, "quantity": 2}
    new = {"email": "new@shop.example", "paymentStatus": "PAID", "total": 6, "items": [item]}
    api("POST", "/orders", new)
    gone = api.new("/products", name="Here and gone", price=1)
    api("DELETE", f"/products/{gone}")
    api("PUT", f"/products/{sized['id']}", {"relatedProducts": {"productIds": [two["id"]]}})
