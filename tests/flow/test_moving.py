"""Moving from another shop: the mappings in pipelines/moving, with records as taps deliver them.

What the shop must have afterwards is written out here.
"""

from __future__ import annotations

import pytest

from moving import counted_in, loaders, messages_of, planned, sample
from target_run import run_command, run_target, writes


def by(rows, name):
    return {row[name]: row for row in rows}


def only(row, *names):
    return tuple(row.get(name) for name in names)


def pictures(product):
    return [one["imageOriginalUrl"].rpartition("/")[2] for one in product["media"]["images"]]


def chosen(variation):
    return "/".join(one["value"] for one in variation["options"])


def moved(folder, sandbox, streams, settings, *, applies):
    """Plan a move, make it with the plan or without, and again; what the shop has then."""
    messages = messages_of(streams)
    promised = planned(folder, sandbox, messages, settings)
    assert writes(sandbox) == []
    if applies:
        done = run_command(folder, sandbox, "apply", "move.plan", **settings)
        assert (done.returncode, done.stdout.count("rejected:")) == (0, 0), done.stdout
        made = counted_in(done.stdout + done.stderr)
        assert {name: one.get("created", 0) for name, one in made.items()} == {
            name: one.get("created", 0) for name, one in promised.items()
        }
    else:
        run = run_target(folder, sandbox, messages, **settings)
        assert run.code == 0, run.log
        assert run.rejected == []
        assert counted_in(run.log) == promised
        assert run.states == [{"at": "end"}]
    before = len(writes(sandbox))
    again = run_target(folder, sandbox, messages, **settings)
    assert {kind for one in counted_in(again.log).values() for kind in one} == {"unchanged"}, (
        again.log
    )
    assert len(writes(sandbox)) == before
    kinds = ("product", "category", "customer", "order", "coupon", "instant_site_redirect")
    return {kind: list(sandbox.shop.all(kind)) for kind in kinds}


def dangling(shop):
    """Keys in orders and products that stand for nothing."""
    keys = {kind: {row["id"] for row in rows} for kind, rows in shop.items()}
    parts = {part["id"] for row in shop["product"] for part in row.get("combinations") or ()}
    for order in shop["order"]:
        yield from {order.get("customerId")} - {None} - keys["customer"]
        for item in order["items"]:
            yield from {item.get("productId")} - {None} - keys["product"]
            yield from {item.get("combinationId")} - {None} - parts
    for row in shop["product"]:
        yield from set(row["categoryIds"]) - keys["category"]
    for row in shop["category"]:
        yield from {row.get("parentId", 0)} - {0} - keys["category"]


@pytest.mark.parametrize("applies", [pytest.param(True, marks=pytest.mark.soak), False])
def test_from_shopify(empty, tmp_path, applies):
    mapping = loaders("shopify")
    shop = moved(
        tmp_path, empty, sample("shopify"), mapping["target-from-shopify"], applies=applies
    )
    assert list(dangling(shop)) == []

    categories = by(shop["category"], "id")
    products = by(shop["product"], "name")
    shown = {
        name: (
            sorted(categories[key]["name"] for key in one["categoryIds"]),
            *only(one, "customSlug", "price", "compareToPrice", "weight", "enabled", "unlimited"),
            pictures(one),
        )
        for name, one in products.items()
    }
    assert shown == {
        "Beans": (
            ["Coffee", "Sale"], "beans", 12.5, 15, 1, True, True, ["beans.jpg", "beans-open.jpg"]
        ),
        "Shirt": (
            ["Clothes", "Sale"], "shirt", 20, None, 0, True, True, ["shirt.jpg", "shirt-m.jpg"]
        ),
        "Cap": (["Clothes"], "cap", 9, None, 0, False, True, []),
        "Gift card": ([], "gift-card", 0, None, 0, True, True, []),
    }  # fmt: skip
    assert only(products["Beans"], "sku", "options") == ("BEANS", [])
    assert {a["name"]: a["value"] for a in products["Beans"]["attributes"]} == {
        "Brand": "Fernweh",
        "UPC": "4006381333931",
    }
    sizes, colours = products["Shirt"]["options"]
    assert [c["text"] for c in sizes["choices"]] == ["S", "M"]
    assert (colours["name"], colours["type"]) == ("Colour", "SELECT")
    assert [
        (chosen(one), *only(one, "sku", "price"), "originalImageUrl" in one)
        for one in products["Shirt"]["combinations"]
    ] == [
        ("S/Red", "SH-S-R", 20, False),
        ("M/Red", None, 22, True),
        ("M/Blue", "SH-S-R", 22, False),
    ]
    assert [chosen(one) for one in products["Cap"]["combinations"]] == ["One size"]

    assert {one["name"]: only(one, "customSlug", "enabled") for one in shop["category"]} == {
        "Coffee": ("coffee", True),
        "Clothes": ("clothes", False),
        "Sale": ("sale", True),
    }
    assert by(shop["category"], "name")["Coffee"]["originalImageUrl"].endswith("/coffee.jpg")

    customers = by(shop["customer"], "email")
    assert {key: only(one, "name", "acceptMarketing") for key, one in customers.items()} == {
        "ada@shop.example": ("Ada Lovelace", True),
        "bob@shop.example": ("Bob", False),
        "customer-603@no-email.invalid": ("Cy Twombly", False),
    }
    ada = customers["ada@shop.example"]
    assert [one["city"] for one in ada["shippingAddresses"]] == ["Berlin", "Bonn"]
    assert only(ada["billingPerson"], "street", "phone") == ("Street 1 Floor 2", "+49 30 1")
    assert customers["customer-603@no-email.invalid"]["billingPerson"]["phone"] == "+1 555"

    names = {one["id"]: one["name"] for one in shop["customer"]}
    items = {one["id"]: one["name"] for one in shop["product"]}
    assert {
        one["externalOrderId"]: (
            *only(one, "email", "paymentStatus", "fulfillmentStatus", "total", "createDate"),
            names.get(one.get("customerId")),
            [(item["name"], items.get(item.get("productId"))) for item in one["items"]],
        )
        for one in shop["order"]
    } == {
        "5001": (
            "ada@shop.example", "PAID", "SHIPPED", 30, "2026-03-01 09:00:00 +0000", "Ada Lovelace",
            [("Beans", "Beans"), ("Shirt, M / Red", "Shirt")],
        ),
        "5002": (
            "order-5002@no-email.invalid", "PAID", "AWAITING_PROCESSING", 30,
            "2026-03-01 09:00:00 +0000", None, [("Old mug", None), ("Gone, Blue", None)],
        ),
        "5003": (
            "new@shop.example", "CANCELLED", "WILL_NOT_DELIVER", 30, "2026-03-01 09:00:00 +0000",
            None, [("Beans", "Beans")],
        ),
        "5004": (
            "customer-603@no-email.invalid", "PARTIALLY_REFUNDED", "AWAITING_PROCESSING", 30,
            "2026-03-01 09:00:00 +0000", "Cy Twombly", [("Cap, One size", "Cap")],
        ),
    }  # fmt: skip
    assert all(one["disableAllCustomerNotifications"] for one in shop["order"])

    assert {
        one["code"]: only(one, "discountType", "discount", "usesLimit", "totalLimit")
        for one in shop["coupon"]
    } == {
        "TENOFF": ("PERCENT", 10, "ONCEPERCUSTOMER", 20),
        "SHIPIT": ("SHIPPING", 0, "SINGLE", None),
        "FIVE": ("ABS", 5, "UNLIMITED", None),
    }
    assert {one["fromUrl"]: one["toUrl"] for one in shop["instant_site_redirect"]} == {
        "/collections/coffee": "/products/coffee",
        "/collections/clothes": "/products/clothes",
        "/collections/sale": "/products/sale",
    }

    # The stock comes last, and again when orders have moved it meanwhile.
    messages = messages_of(sample("shopify"))
    stock = mapping["target-stock-from-shopify"]
    run = run_target(tmp_path, empty, messages, **stock)
    assert counted_in(run.log) == {
        "products": {"updated": 1, "unchanged": 1},
        "product_variations": {"updated": 3, "unchanged": 1},
    }, run.log
    products = by(empty.shop.all("product"), "name")
    assert only(products["Beans"], "quantity", "unlimited") == (30, False)
    assert products["Gift card"]["unlimited"] is True
    assert [one.get("quantity") for one in products["Shirt"]["combinations"]] == [3, 0, None]
    run = run_target(tmp_path, empty, messages, **stock)
    assert {kind for one in counted_in(run.log).values() for kind in one} == {"unchanged"}, run.log


@pytest.mark.parametrize("tree", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_from_woocommerce(empty, tmp_path, tree):
    """Without the stream of categories, their tree is missing, and nothing else."""
    streams = sample("woocommerce")
    if not tree:
        del streams["product_categories"]
    mapping = loaders("woocommerce")
    shop = moved(tmp_path, empty, streams, mapping["target-from-woocommerce"], applies=tree)
    assert list(dangling(shop)) == []

    names = {one["id"]: one["name"] for one in shop["category"]}
    above = {one["name"]: names.get(one.get("parentId", 0)) for one in shop["category"]}
    sale = "Sale & more"
    assert above == (
        {"Clothes": None, "Shirts": "Clothes", sale: None, "Empty": sale}
        if tree
        else {"Clothes": None, "Shirts": None, sale: None}
    )
    products = by(shop["product"], "name")
    assert {
        name: (
            sorted(names[key] for key in one["categoryIds"]),
            *only(one, "customSlug", "price", "compareToPrice", "weight", "enabled", "unlimited"),
            pictures(one),
            {a["name"]: a["value"] for a in one["attributes"]},
        )
        for name, one in products.items()
    } == {
        "Mug": (
            [sale], "mug", 8, 10, 0.3, True, True, ["mug.jpg", "mug-2.jpg"],
            {"Material": "Clay, Glass"},
        ),
        "Shirt": (
            ["Clothes", sale, "Shirts"], "shirt", 20, None, None, True, True, ["shirt.jpg"],
            {"Fabric": "Wool"},
        ),
        "Voucher": ([], "voucher", 50, None, None, False, True, [], {}),
    }  # fmt: skip
    assert [
        (chosen(one), *only(one, "sku", "price", "compareToPrice"), "originalImageUrl" in one)
        for one in products["Shirt"]["combinations"]
    ] == [("S", "SHIRT-S", 20, None, False), ("M", None, 18, 22, True)]

    ada, bob = by(shop["customer"], "email").values()
    assert only(ada["billingPerson"], "name", "city", "phone") == ("Ada Lovelace", "Berlin", "030")
    assert [one["city"] for one in ada["shippingAddresses"]] == ["Bonn"]
    assert only(bob, "email", "shippingAddresses") == ("bob@shop.example", [])

    owners = {one["id"]: one["name"] for one in shop["customer"]}
    assert {
        one["externalOrderId"]: (
            *only(one, "email", "paymentStatus", "fulfillmentStatus", "subtotal", "total"),
            owners.get(one.get("customerId")),
            [("productId" in item, "combinationId" in item) for item in one["items"]],
        )
        for one in shop["order"]
    } == {
        "401": (
            "ada@shop.example", "PAID", "SHIPPED", 34, 36.9, "Ada Lovelace",
            [(True, True), (True, False)],
        ),
        "402": (
            "guest@shop.example", "AWAITING_PAYMENT", "AWAITING_PROCESSING", 8, 20, None,
            [(True, False)],
        ),
        "403": (
            "order-403@no-email.invalid", "REFUNDED", "RETURNED", 20, 20, None, [(False, False)],
        ),
    }  # fmt: skip

    coupons = by(shop["coupon"], "code")
    assert {
        code: only(one, "discountType", "discount", "usesLimit", "totalLimit")
        for code, one in coupons.items()
    } == {
        "ten": ("PERCENT", 10, "ONCEPERCUSTOMER", 20),
        "mugs": ("ABS", 2, "UNLIMITED", None),
        "ship": ("SHIPPING", 0, "SINGLE", None),
    }
    limit = coupons["mugs"]["catalogLimit"]
    assert limit["products"] == [products["Mug"]["id"]]
    assert [names[key] for key in limit["categories"]] == ["Shirts"]
    redirects = {one["fromUrl"]: one["toUrl"] for one in shop["instant_site_redirect"]}
    assert redirects["/product/mug/"] == "/products/mug"
    assert redirects["/product-category/shirts/"] == "/products/shirts"
    assert len(redirects) == 6

    stock = mapping["target-stock-from-woocommerce"]
    for kinds in ({"updated", "unchanged"}, {"unchanged"}):
        run = run_target(tmp_path, empty, messages_of(streams), **stock)
        assert run.code == 0, run.log
        assert run.rejected == []
        assert {kind for one in counted_in(run.log).values() for kind in one} == kinds, run.log
    products = by(empty.shop.all("product"), "name")
    assert only(products["Mug"], "quantity", "unlimited") == (12, False)
    assert products["Voucher"]["quantity"] == 0
    assert [one.get("quantity") for one in products["Shirt"]["combinations"]] == [4, None]
