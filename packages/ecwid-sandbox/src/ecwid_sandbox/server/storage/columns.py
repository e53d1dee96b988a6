"""What is taken out of a document for searching, by kind.

Lists become text in which every value stands between separators, so that one value can be found
with ``instr``; text that is searched by words is folded to lower case.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ecwid_api.description import entity_schema
from ecwid_sandbox.server.clock import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    _Columns: TypeAlias = Mapping[str, Callable[[dict[str, Any]], int | float | str | None]]

ORDER_STATUSES: Final[tuple[str, ...]] = tuple(
    entity_schema("order_status", "order_statuses")["properties"]["statusId"]["enum"]
)
"""In the order of the list: those of payment first, then those of fulfilment."""
FULFILLMENT_FROM: Final = ORDER_STATUSES.index("AWAITING_PROCESSING")
SEPARATOR: Final = "\n"


def listed(values: Iterable[object]) -> str:
    """Values as searchable text."""
    return SEPARATOR + "".join(f"{value}{SEPARATOR}" for value in values)


def unlisted(text: str) -> list[str]:
    """The values of a searchable text."""
    return text.split(SEPARATOR)[1:-1]


def _field(
    name: str, default: float | str | None = None
) -> Callable[[dict[str, Any]], int | float | str | None]:
    return lambda document: document.get(name, default)


def _folded(*names: str) -> Callable[[dict[str, Any]], str]:
    def fold(document: dict[str, Any]) -> str:
        return SEPARATOR.join([str(document[n]) for n in names if n in document]).casefold()

    return fold


def _moment(text: str | None) -> int | None:
    return parse_time(text) if text else None


def _stat(name: str) -> Callable[[dict[str, Any]], int | float | None]:
    def read(document: dict[str, Any]) -> int | float | None:
        value = document.get("stats", {}).get(name)
        return _moment(value) if isinstance(value, str) else value

    return read


def _addresses(name: str) -> Callable[[dict[str, Any]], str]:
    def read(document: dict[str, Any]) -> str:
        found = [document.get("billingPerson", {}), *document.get("shippingAddresses", [])]
        return listed(str(a[name]).casefold() for a in found if name in a)

    return read


def _product_skus(document: dict[str, Any]) -> str:
    found = [document, *document.get("combinations", [])]
    return listed(entry["sku"] for entry in found if entry.get("sku"))


def _pairs(name: str) -> Callable[[dict[str, Any]], str]:
    def read(document: dict[str, Any]) -> str:
        if name == "attributes":
            pairs = ((a.get("name", ""), a.get("value", "")) for a in document.get(name, []))
        else:
            pairs = (
                (option["name"], choice["text"])
                for option in document.get(name, [])
                for choice in option.get("choices", [])
            )
        return listed(f"{key}={value}".casefold() for key, value in pairs)

    return read


def _brand(document: dict[str, Any]) -> str | None:
    found = [a.get("value") for a in document.get("attributes", ()) if a.get("type") == "BRAND"]
    return found[0] or None if found else None


def _ordered(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document.get("orders", [])
    return found


def spaced(text: str) -> str:
    """The words of a text in lower case, a space before and after each."""
    letters = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    return f" {' '.join(letters.split())} "


def _product_text(document: dict[str, Any]) -> str:
    return spaced(_folded("name", "description", "subtitle")(document) + _product_skus(document))


def _order_text(document: dict[str, Any]) -> str:
    items = document.get("items", [])
    persons = (document.get("billingPerson", {}), document.get("shippingPerson", {}))
    words = [
        document.get("id", ""),
        document.get("vendorOrderNumber", ""),
        document.get("email", ""),
        document.get("trackingNumber", ""),
        document.get("externalTransactionId", ""),
        document.get("orderComments", ""),
        *(item.get(name, "") for item in items for name in ("sku", "name")),
        *(person.get(name, "") for person in persons for name in ("name", "city", "companyName")),
    ]
    return SEPARATOR.join(word for word in words if word).casefold()


PRODUCT: Final[_Columns] = {
    "name": _folded("name"),
    "price": _field("price", 0),
    "enabled": _field("enabled", default=1),
    "in_stock": _field("inStock", default=1),
    "gift_card": _field("isGiftCard", default=0),
    "discounts_allowed": _field("discountsAllowed", default=1),
    "on_sale": lambda d: int(d.get("compareToPrice", 0) > d.get("price", 0)),
    "position": _field("showOnFrontpage"),
    "external": _field("externalReferenceId"),
    "categories": lambda d: listed(d.get("categoryIds", [])),
    "skus": _product_skus,
    "attributes": _pairs("attributes"),
    "options": _pairs("options"),
    "own_price": _field("nameYourPriceEnabled", default=0),
    "taxes": lambda d: listed(d.get("tax", {}).get("enabledManualTaxes", [])),
    "tax_class": lambda d: d.get("tax", {}).get("taxClassCode"),
    "brand": _brand,
    "class_id": _field("productClassId", 0),
    "words": _product_text,
}
CATEGORY: Final[_Columns] = {
    "parent": _field("parentId", 0),
    "enabled": _field("enabled", default=1),
    "external": _field("externalReferenceId"),
    "words": _folded("name", "description"),
}
CUSTOMER: Final[_Columns] = {
    "email": _folded("email"),
    "name": _folded("name"),
    "group_id": _field("customerGroupId", 0),
    "orders": _field("totalOrderCount", 0),
    "sales": _stat("salesValue"),
    "first_order": _stat("firstOrderDate"),
    "last_order": _stat("lastOrderDate"),
    "marketing": _field("acceptMarketing"),
    "lang": _field("lang"),
    "b2b": _field("b2b_b2c"),
    "exempt": _field("taxExempt", default=0),
    "city": _addresses("city"),
    "postal": _addresses("postalCode"),
    "state": _addresses("stateOrProvinceCode"),
    "country": _addresses("countryCode"),
    "company": _addresses("companyName"),
    "phone": _addresses("phone"),
    "words": _folded("name", "email"),
}
CUSTOMER_GROUP: Final[_Columns] = {
    "external": _field("externalReferenceId"),
    "words": _folded("name"),
}
PROMOTION: Final[_Columns] = {"external": _field("externalReferenceId")}
ORDER: Final[_Columns] = {
    "public_id": _field("id"),
    "customer": _field("customerId"),
    "email": _folded("email"),
    "total": _field("total", 0),
    "payment": _field("paymentStatus"),
    "fulfillment": _field("fulfillmentStatus"),
    "coupon": lambda d: d.get("discountCoupon", {}).get("code"),
    "products": lambda d: listed(item.get("productId", 0) for item in d.get("items", [])),
    "pickup": lambda d: _moment(d.get("pickupTime")),
    "shipping_method": lambda d: d.get("shippingOption", {}).get("shippingMethodName"),
    "payment_method": _field("paymentMethod"),
    "payment_module": _field("paymentModule"),
    "marketing": _field("acceptMarketing"),
    "payment_reference": _field("paymentReference"),
    "referer": _field("refererId"),
    "preorder": lambda d: int(any(item.get("isPreorder") for item in d.get("items", []))),
    # Whether a parcel could be sent to anybody.
    "addressed": lambda d: int(bool(d.get("shippingPerson", {}).get("street"))),
    "words": _order_text,
}
COUPON: Final[_Columns] = {
    "code": _field("code"),
    "discount_type": _field("discountType"),
    "status": _field("status"),
}
CART: Final[_Columns] = {
    "email": _folded("email"),
    "customer": _field("customerId"),
    "total": _field("total", 0),
    "hidden": _field("hidden", default=0),
    "coupon": lambda d: d.get("discountCoupon", {}).get("code"),
}
REVIEW: Final[_Columns] = {
    "status": _folded("status"),
    "rating": _field("rating"),
    "order_id": _field("orderId"),
    "product": _field("productId"),
    "words": _folded("review", "productName"),
}
SUBSCRIPTION: Final[_Columns] = {
    "status": _field("status"),
    "customer": _field("customerId"),
    "cancelled": lambda d: _moment(d.get("cancelled")),
    "next_charge": lambda d: _moment(d.get("nextCharge")),
    "recurring": lambda d: d.get("chargeSettings", {}).get("recurringInterval"),
    "recurring_count": lambda d: d.get("chargeSettings", {}).get("recurringIntervalCount"),
    "email": lambda d: _folded("email")(d.get("orderTemplate", {})),
    "products": lambda d: listed(
        item.get("productId", 0) for item in d.get("orderTemplate", {}).get("items", [])
    ),
    "orders": lambda d: listed(order["id"] for order in _ordered(d)),
    "order_count": lambda d: len(_ordered(d)),
    # Lists of numbers, for SQLite's json_each.
    "order_totals": lambda d: json.dumps([order["total"] for order in _ordered(d)]),
    "order_times": lambda d: json.dumps([parse_time(o["createDate"]) for o in _ordered(d)]),
}
ORDER_STATUS: Final[_Columns] = {"position": lambda d: ORDER_STATUSES.index(d["statusId"])}
CHECKOUT_EXTRA_FIELD: Final[_Columns] = {"position": _field("orderBy", 0)}
REDIRECT: Final[_Columns] = {"source": _field("fromUrl"), "words": _folded("fromUrl", "toUrl")}
