"""A source that counts and names things in its own way, and settings that make a shop of it."""

from __future__ import annotations

from target_run import keyed, state

SHIRT = {
    "id": 11,
    "title": "Shirt",
    "options": [{"name": "Size"}, {"name": "Colour"}],
    "variants": [
        {"id": 111, "sku": "SH-S", "size": "S", "price": "10.00"},
        {"id": 112, "sku": "SH-M", "size": "M", "price": "12.00"},
    ],
    "images": ["https://old.example/1.jpg", "https://old.example/2.jpg"],
}
LAMP = {"id": 12, "title": "Lamp", "options": [], "variants": [{"id": 121, "sku": "L"}]}
COLLECTS = [(1, 12, 502), (2, 11, 501), (3, 11, 502), (4, 11, 503)]

SHOP = {
    "products": {
        "from": {"products": {"by": "=id"}, "collects": {"by": "=product_id"}},
        "fields": "payload",
        "key": "id",
        "payload": {
            "id": "=id",
            "name": "=title",
            "categoryIds": "=[one.collection_id for one in collects]",
            "options": "=[{'type': 'SELECT', 'name': o.name, 'choices': [{'text': v.size} "
            "for v in variants]} for o in options[:1]]",
        },
    },
    "variants": {
        "from": {"products": {"each": "=variants if len(variants) > 1 else []"}},
        "entity": "product_variations",
        "fields": "payload",
        "path": {"productId": "=source.id"},
        "payload": {
            "id": "=id",
            "sku": "=sku",
            "price": "=price",
            "options": [{"name": "=source.options[0].name", "value": "=size"}],
        },
    },
    "pictures": {
        "from": {"products": {"each": "=record.get('images')"}},
        "action": "uploadGalleryProductImage",
        "fields": "payload",
        "path": {"productId": "=source.id"},
        "payload": {"url": "=value"},
    },
    "collections": {
        "entity": "categories",
        "fields": "payload",
        "payload": {"id": "=id", "name": "=title"},
    },
}


def settings(**streams):
    return {"streams": streams, "ids": "own", "on_error": "skip"}


def a_shop(products=(SHIRT, LAMP), collects=COLLECTS):
    return [
        *keyed(
            "collects", *({"id": n, "product_id": p, "collection_id": c} for n, p, c in collects)
        ),
        *keyed("products", *products),
        *keyed("collections", *({"id": n, "title": f"C{n}"} for n in (501, 502, 503))),
        state({"at": 1}),
    ]


def shown(sandbox):
    """The shop by names: product -> its categories, variations and number of pictures."""
    names = {one["id"]: one["name"] for one in sandbox.shop.all("category")}
    return {
        one["name"]: (
            sorted(names[key] for key in one["categoryIds"]),
            sorted(part["sku"] for part in one.get("combinations") or ()),
            len(one.get("media", {}).get("images") or ()),
        )
        for one in sandbox.shop.all("product")
    }


MADE = {"Shirt": (["C501", "C502", "C503"], ["SH-M", "SH-S"], 2), "Lamp": (["C502"], [], 0)}
