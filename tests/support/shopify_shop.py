"""A small Shopify shop, as tap-shopify (Matatika, Shopify's REST API) gives its records."""

from __future__ import annotations


def _variant(number, product, title, price, *options, **more):
    names = ("option1", "option2", "option3")
    chosen = dict(zip(names, [*options, None, None, None][:3], strict=True))
    return {
        "id": number,
        "product_id": product,
        "title": title,
        "price": price,
        "position": 1,
        "inventory_policy": "deny",
        "compare_at_price": None,
        "inventory_management": "shopify",
        **chosen,
        "taxable": True,
        "barcode": None,
        "grams": 0,
        "image_id": None,
        "inventory_item_id": number + 1,
        "inventory_quantity": 0,
        "requires_shipping": True,
        "admin_graphql_api_id": f"gid://shopify/ProductVariant/{number}",
        **more,
    }


def _image(number, product, position, name):
    src = f"https://cdn.shopify.example/{name}"
    return {
        "id": number, "product_id": product, "position": position, "alt": None, "width": 800,
        "height": 600, "src": src, "variant_ids": [],
    }  # fmt: skip


def _product(number, title, handle, variants, options=(), images=(), **more):
    default = {"name": "Title", "values": ["Default Title"]}
    given = [{"name": name, "values": values} for name, values in options] or [default]
    return {
        "id": number,
        "title": title,
        "body_html": f"<p>{title}</p>",
        "vendor": "Fernweh",
        "product_type": "Coffee",
        "handle": handle,
        "created_at": "2026-01-02T03:04:05+01:00",
        "updated_at": "2026-02-02T03:04:05+01:00",
        "published_at": "2026-01-02T03:04:05+01:00",
        "status": "active",
        "tags": "new, sale",
        "variants": variants,
        "options": [
            {"id": number + n, "product_id": number, "position": n, **one}
            for n, one in enumerate(given, start=1)
        ],
        "images": list(images),
        "image": images[0] if images else None,
        **more,
    }


PRODUCTS = [
    _product(
        7001, "Beans", "beans",
        [_variant(8001, 7001, "Default Title", "12.50", "Default Title", sku="BEANS", grams=1000,
                  compare_at_price="15.00", barcode="4006381333931", inventory_quantity=30)],
        images=[_image(9001, 7001, 1, "beans.jpg"), _image(9002, 7001, 2, "beans-open.jpg")],
    ),
    _product(
        7002, "Shirt", "shirt",
        [
            _variant(8002, 7002, "S / Red", "20.00", "S", "Red", sku="SH-S-R",
                     inventory_quantity=3),
            # Without a SKU, and with a picture of its own.
            _variant(8003, 7002, "M / Red", "22.00", "M", "Red", sku=None, image_id=9004,
                     inventory_quantity=-2),
            # The SKU of another one, and not counted.
            _variant(8004, 7002, "M / Blue", "22.00", "M", "Blue", sku="SH-S-R",
                     inventory_management=None, inventory_quantity=0),
        ],
        options=[("Size", ["S", "M"]), ("Colour", ["Red", "Blue"])],
        images=[_image(9003, 7002, 1, "shirt.jpg"), _image(9004, 7002, 2, "shirt-m.jpg")],
    ),
    # No SKU, no picture, a draft, a single size.
    _product(
        7003, "Cap", "cap", [_variant(8005, 7003, "One size", "9.00", "One size", sku="")],
        options=[("Size", ["One size"])], status="draft", body_html=None, vendor=None,
        published_at=None,
    ),
    # In no collection, with the SKU of the beans.
    _product(7004, "Gift card", "gift-card",
             [_variant(8006, 7004, "Default Title", "0.00", "Default Title", sku="BEANS",
                       inventory_management=None, requires_shipping=False)]),
]  # fmt: skip

COLLECTIONS = [
    {
        "id": 501, "title": "Coffee", "handle": "coffee", "body_html": "<b>Coffee</b>",
        "published_at": "2026-01-01T00:00:00Z", "sort_order": "manual",
        "image": {"src": "https://cdn.shopify.example/coffee.jpg", "alt": None, "width": 1},
    },
    {"id": 502, "title": "Clothes", "handle": "clothes", "body_html": None, "published_at": None},
    {"id": 503, "title": "Sale", "handle": "sale", "body_html": "",
     "published_at": "2026-01-01T00:00:00Z"},
]  # fmt: skip

COLLECTS = [
    {"id": number, "collection_id": collection, "product_id": product, "position": number}
    for number, (collection, product) in enumerate(
        [(503, 7001), (501, 7001), (502, 7002), (503, 7002), (502, 7003)], start=1
    )
]


def _address(number, name, city, **more):
    return {
        "id": number, "customer_id": 1, "name": name, "first_name": name.split()[0],
        "company": None, "address1": "Street 1", "address2": "Floor 2", "city": city,
        "zip": "10115",
        "province": None, "province_code": None, "country": "Germany", "country_code": "DE",
        "country_name": "Germany", "phone": None, "default": False, **more,
    }  # fmt: skip


_HOME = _address(61, "Ada Lovelace", "Berlin", default=True, phone="+49 30 1")

CUSTOMERS = [
    {
        "id": 601, "email": "ada@shop.example", "first_name": "Ada", "last_name": "Lovelace",
        "note": "likes tea", "tax_exempt": False, "phone": None, "state": "enabled",
        "default_address": _HOME, "addresses": [_HOME, _address(62, "Ada Lovelace", "Bonn")],
        "email_marketing_consent": {"state": "subscribed", "opt_in_level": "single_opt_in"},
        "sms_marketing_consent": None,
    },
    {
        "id": 602, "email": "bob@shop.example", "first_name": "Bob", "last_name": None,
        "note": None, "tax_exempt": True, "phone": None, "state": "disabled", "addresses": [],
        "email_marketing_consent": {"state": "not_subscribed"},
    },
    # Known by a telephone number alone.
    {
        "id": 603, "email": None, "first_name": "Cy", "last_name": "Twombly", "phone": "+1 555",
        "tax_exempt": False, "addresses": [], "email_marketing_consent": None,
    },
]  # fmt: skip


def _line(number, product, variant, title, price, quantity, variant_title, sku):
    return {
        "id": number, "product_id": product, "variant_id": variant, "title": title, "price": price,
        "quantity": quantity, "variant_title": variant_title, "sku": sku, "name": title,
        "product_exists": product in {7001, 7002, 7003}, "taxable": True,
    }  # fmt: skip


def _order(number, lines, **more):
    return {
        "id": number, "name": f"#{number - 4000}", "email": None, "created_at":
        "2026-03-01T10:00:00+01:00", "cancelled_at": None, "financial_status": "paid",
        "fulfillment_status": None, "subtotal_price": 25.0, "total_price": 30.0,
        "total_tax": "4.79", "total_discounts": "0.00", "discount_codes": [], "customer": None,
        "billing_address": None, "shipping_address": None, "shipping_lines": [], "note": None,
        "payment_gateway_names": ["bogus"], "line_items": lines, **more,
    }  # fmt: skip


ORDERS = [
    _order(
        5001, [_line(1, 7001, 8001, "Beans", "12.50", 2, None, "BEANS"),
               _line(2, 7002, 8003, "Shirt", "22.00", 1, "M / Red", None)],
        email="ada@shop.example", customer={"id": 601, "email": "ada@shop.example"},
        fulfillment_status="fulfilled", billing_address=_HOME, shipping_address=_HOME,
        discount_codes=[{"code": "TENOFF", "amount": "5.00", "type": "fixed_amount"}],
        total_discounts="5.00",
        shipping_lines=[{"id": 1, "title": "DHL", "price": "4.90"}],
    ),
    # A guest at the till, and a product that was deleted since.
    _order(5002, [_line(3, None, None, "Old mug", "30.00", 1, None, "MUG"),
                  _line(4, 7999, 8999, "Gone", "0.00", 1, "Blue", "GONE")]),
    _order(5003, [_line(5, 7001, 8001, "Beans", "12.50", 1, "", "BEANS")],
           email="new@shop.example", cancelled_at="2026-03-02T10:00:00Z",
           financial_status="voided"),
    _order(5004, [_line(6, 7003, 8005, "Cap", "9.00", 1, "One size", "")],
           customer={"id": 603, "email": None}, financial_status="partially_refunded"),
]  # fmt: skip

PRICE_RULES = [
    {"id": 401, "title": "TENOFF", "target_type": "line_item", "value_type": "percentage",
     "value": "-10.0", "once_per_customer": True, "usage_limit": None,
     "starts_at": "2026-01-01T00:00:00Z", "ends_at": None,
     "prerequisite_subtotal_range": {"greater_than_or_equal_to": "20.00"}},
    {"id": 402, "title": "SHIPIT", "target_type": "shipping_line", "value_type": "percentage",
     "value": "-100.0", "once_per_customer": False, "usage_limit": 1, "starts_at": None,
     "ends_at": "2030-01-01T00:00:00Z", "prerequisite_subtotal_range": None},
    {"id": 403, "title": "FIVE", "target_type": "line_item", "value_type": "fixed_amount",
     "value": "-5.0", "once_per_customer": False, "usage_limit": None, "starts_at": None,
     "ends_at": None, "prerequisite_subtotal_range": None},
]  # fmt: skip

STREAMS = {
    # The order of tap-shopify: what others refer to comes late.
    "collects": COLLECTS,
    "customers": CUSTOMERS,
    "orders": ORDERS,
    "products": PRODUCTS,
    "custom_collections": COLLECTIONS,
    "price_rules": PRICE_RULES,
}
