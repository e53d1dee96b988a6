"""A small WooCommerce shop, as tap-woocommerce (hotglue, WooCommerce's REST API) gives it."""

from __future__ import annotations


def _category(number, name, slug):
    return {"id": number, "name": name, "slug": slug}


CLOTHES, SHIRTS, SALE = (
    _category(31, "Clothes", "clothes"),
    _category(32, "Shirts", "shirts"),
    _category(33, "Sale &amp; more", "sale"),
)

CATEGORIES = [
    {**SHIRTS, "parent": 31, "description": "All shirts", "image": None, "menu_order": 0},
    {**CLOTHES, "parent": 0, "description": "", "menu_order": 0,
     "image": {"id": 1, "src": "https://woo.example/clothes.jpg", "alt": ""}},
    {**SALE, "parent": 0, "description": "", "image": None},
    # Without a product.
    {**_category(34, "Empty", "empty"), "parent": 33, "description": "", "image": None},
]  # fmt: skip


def _attribute(name, options, *, variation):
    return {
        "id": 0, "name": name, "position": 0, "visible": True, "variation": variation,
        "options": options,
    }  # fmt: skip


def _product(number, name, slug, categories, **more):
    return {
        "id": number, "name": name, "slug": slug, "permalink": f"https://woo.example/product/{slug}/",
        "date_modified": "2026-02-01T00:00:00", "type": "simple", "status": "publish",
        "description": f"<p>{name}</p>", "short_description": "", "sku": "", "price": "0",
        "regular_price": "", "sale_price": "", "on_sale": False, "virtual": False,
        "manage_stock": False, "stock_quantity": None, "stock_status": "instock", "weight": "",
        "dimensions": {"length": "", "width": "", "height": ""}, "categories": categories,
        "tags": [], "images": [], "attributes": [], "default_attributes": [], "variations": [],
        "meta_data": [], **more,
    }  # fmt: skip


def _image(number, name):
    return {"id": number, "src": f"https://woo.example/{name}", "name": name, "alt": ""}


PRODUCTS = [
    _product(
        101, "Mug", "mug", [SALE], sku="MUG", price="8.00", regular_price="10.00", on_sale=True,
        sale_price="8.00", weight="0.3", manage_stock=True, stock_quantity=12,
        images=[_image(1, "mug.jpg"), _image(2, "mug-2.jpg")],
        attributes=[_attribute("Material", ["Clay", "Glass"], variation=False)],
    ),
    _product(
        102, "Shirt", "shirt", [CLOTHES, SHIRTS, SALE], type="variable", price="20.00",
        images=[_image(3, "shirt.jpg")], variations=[201, 202],
        attributes=[_attribute("Size", ["S", "M"], variation=True),
                    _attribute("Fabric", ["Wool"], variation=False)],
    ),
    _product(103, "Voucher", "voucher", [], price="50.00", regular_price="50.00", virtual=True,
             status="draft", stock_status="outofstock"),
]  # fmt: skip


def _variation(number, product, size, **more):
    href = f"https://woo.example/wp-json/wc/v3/products/{product}/variations/{number}"
    return {
        "id": number, "sku": "", "price": "20.00", "regular_price": "20.00", "sale_price": "",
        "status": "publish", "manage_stock": False, "stock_quantity": None,
        "stock_status": "instock", "weight": "", "image": None,
        "attributes": [{"id": 0, "name": "Size", "option": size}],
        "_links": {"self": [{"href": href}]}, **more,
    }  # fmt: skip


VARIATIONS = [
    _variation(201, 102, "S", sku="SHIRT-S", manage_stock=True, stock_quantity=4),
    _variation(202, 102, "M", price="18.00", regular_price="22.00", sale_price="18.00",
               image=_image(4, "shirt-m.jpg")),
]  # fmt: skip

_ADDRESS = {
    "first_name": "Ada", "last_name": "Lovelace", "company": "", "address_1": "Street 1",
    "address_2": "", "city": "Berlin", "state": "", "postcode": "10115", "country": "DE",
}  # fmt: skip
_NOWHERE = dict.fromkeys(_ADDRESS, "")

CUSTOMERS = [
    {"id": 301, "email": "ada@shop.example", "first_name": "Ada", "last_name": "Lovelace",
     "role": "customer", "username": "ada", "shipping": {**_ADDRESS, "city": "Bonn"},
     "billing": {**_ADDRESS, "email": "ada@shop.example", "phone": "030"}},
    {"id": 302, "email": "bob@shop.example", "first_name": "", "last_name": "", "role": "customer",
     "username": "bob", "billing": {**_NOWHERE, "email": "", "phone": ""}, "shipping": _NOWHERE},
]  # fmt: skip


def _line(number, product, variation, name, quantity, price, sku=""):
    total = f"{quantity * price:.2f}"
    return {
        "id": number, "name": name, "product_id": product, "variation_id": variation,
        "quantity": quantity, "subtotal": total, "total": total, "total_tax": "0.00",
        "sku": sku, "price": price, "taxes": [],
    }  # fmt: skip


def _order(number, status, lines, **more):
    return {
        "id": number, "number": str(number), "status": status, "currency": "EUR",
        "date_created_gmt": "2026-03-01T09:00:00", "discount_total": "0.00",
        "shipping_total": "0.00", "total": "20.00", "total_tax": "0.00", "customer_id": 0,
        "customer_note": "", "billing": {**_NOWHERE, "email": "", "phone": ""},
        "shipping": _NOWHERE, "payment_method_title": "Cash", "line_items": lines,
        "tax_lines": [], "shipping_lines": [], "coupon_lines": [], **more,
    }  # fmt: skip


ORDERS = [
    _order(401, "completed", [_line(1, 102, 202, "Shirt - M", 1, 18.0),
                              _line(2, 101, 0, "Mug", 2, 8.0, "MUG")],
           customer_id=301, billing=CUSTOMERS[0]["billing"], shipping=_ADDRESS, total="36.90",
           shipping_total="4.90", shipping_lines=[{"id": 1, "method_title": "DHL"}],
           discount_total="2.00", coupon_lines=[{"id": 1, "code": "ten", "discount": "2.00"}]),
    # Guests: one with an address, and one at the till.
    _order(402, "on-hold", [_line(3, 101, 0, "Mug", 1, 8.0, "MUG")],
           billing={**_ADDRESS, "email": "guest@shop.example", "phone": ""}),
    _order(403, "refunded", [_line(4, 0, 0, "Deleted", 1, 20.0)]),
]  # fmt: skip


def _coupon(number, code, kind, amount, **more):
    return {
        "id": number, "code": code, "discount_type": kind, "amount": amount, "free_shipping": False,
        "date_expires_gmt": None, "usage_limit": None, "usage_limit_per_user": None,
        "minimum_amount": "0.00", "product_ids": [], "product_categories": [], **more,
    }  # fmt: skip


COUPONS = [
    _coupon(501, "ten", "percent", "10.00", usage_limit_per_user=1, minimum_amount="20.00"),
    _coupon(502, "mugs", "fixed_cart", "2.00", product_ids=[101], product_categories=[32]),
    _coupon(503, "ship", "fixed_cart", "0.00", free_shipping=True, usage_limit=1,
            date_expires_gmt="2030-01-01T00:00:00"),
]  # fmt: skip

STREAMS = {
    "orders": ORDERS,
    "product_variance": VARIATIONS,
    "products": PRODUCTS,
    "coupons": COUPONS,
    "customers": CUSTOMERS,
    "product_categories": CATEGORIES,
}
