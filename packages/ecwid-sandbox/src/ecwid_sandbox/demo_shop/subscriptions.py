"""Recurring subscriptions: coffee that comes by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.clock import DAY, format_time, parse_time
from ecwid_sandbox.server.shop.money import cents, dollars, percent
from ecwid_sandbox.server.shop.subscriptions import next_charge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.server.storage.kinds import JSONObject

FIRST_SUBSCRIPTION_ID: Final = 66_001
SUBSCRIBED_CATEGORY: Final = "Beans"
"""The products that can be subscribed to are in this category."""

_RHYTHMS: Final = (("MONTH", 1), ("WEEK", 2), ("MONTH", 1), ("MONTH", 2), ("WEEK", 4))
_STATES: Final = (
    "ACTIVE",
    "ACTIVE",
    "CANCELLED",
    "ACTIVE",
    "ACTIVE",
    "LAST_CHARGE_FAILED",
    "ACTIVE",
    "CANCELLED",
    "PAUSED",
    "REQUIRES_PAYMENT_CONFIRMATION",
)
_CARDS: Final = (("visa", "*4242"), ("mastercard", "*4444"), ("amex", "*0005"))
_ITEM_FIELDS: Final = (
    "id",
    "productId",
    "categoryId",
    "price",
    "productPrice",
    "weight",
    "sku",
    "quantity",
    "shortDescription",
    "name",
    "trackQuantity",
    "imageUrl",
    "digital",
    "selectedOptions",
)


@dataclass(slots=True)
class Subscriber:
    """Somebody who bought coffee, and what they bought of the same kind later on."""

    order: int
    product: int
    orders: list[JSONObject] = field(default_factory=list)


@dataclass(slots=True)
class Subscribers:
    """Those who may subscribe, by customer and product."""

    found: dict[tuple[int, int], Subscriber] = field(default_factory=dict)

    def note(self, order: JSONObject, product: int) -> None:
        """Note that an order has a product that can be subscribed to."""
        key = (order["customerId"], product)
        known = self.found.setdefault(key, Subscriber(order["internalId"], product))
        entry = {name: order[name] for name in ("total", "createDate")}
        known.orders.append({"id": order["internalId"], **entry})

    def chosen(self, count: int) -> list[Subscriber]:
        """So many of them, from all times."""
        all_of_them = list(self.found.values())
        count = min(count, len(all_of_them))
        return [all_of_them[place * len(all_of_them) // count] for place in range(count)]


def subscription_settings(price: int) -> JSONObject:
    """What a product says that can be subscribed to."""
    return {
        "subscriptionAllowed": True,
        "oneTimePurchaseAllowed": True,
        "recurringChargeSettings": [
            {
                "recurringInterval": interval,
                "recurringIntervalCount": count,
                "subscriptionPriceWithSignUpFee": dollars(price),
            }
            for interval, count in dict.fromkeys(_RHYTHMS)
        ],
        "oneTimePurchasePrice": dollars(price),
    }


def subscription_documents(
    chance: Chance, begun: Iterable[tuple[Subscriber, JSONObject]], now: int
) -> Iterator[JSONObject]:
    """The subscriptions, each with the order that it began with."""
    for place, (subscriber, order) in enumerate(begun):
        interval, count = _RHYTHMS[place % len(_RHYTHMS)]
        status = _STATES[place % len(_STATES)]
        created = parse_time(order["createDate"])
        last = max(parse_time(entry["createDate"]) for entry in subscriber.orders)
        changed = last if status == "ACTIVE" else chance.later(last, 200 * DAY, now)
        due = next_charge(created, interval, count, changed if status == "CANCELLED" else now)
        brand, digits = _CARDS[place % len(_CARDS)]
        item = next(i for i in order["items"] if i["productId"] == subscriber.product)
        document: JSONObject = {
            "subscriptionId": FIRST_SUBSCRIPTION_ID + 3 * place,
            "customerId": order["customerId"],
            "status": status,
            "statusUpdated": format_time(created if status == "ACTIVE" else changed),
            "created": format_time(created),
            "nextCharge": format_time(due),
            "createTimestamp": created * 1000 + chance.below(1000),
            "updateTimestamp": changed * 1000 + chance.below(1000),
            "chargeSettings": {"recurringInterval": interval, "recurringIntervalCount": count},
            "paymentMethod": {"creditCardMaskedNumber": digits, "creditCardBrand": brand},
            "orderTemplate": _template(order, item, {"interval": interval, "count": count}),
            "orders": subscriber.orders,
        }
        document["updateTimestamp"] = max(document["updateTimestamp"], document["createTimestamp"])
        if status == "CANCELLED":
            document["cancelled"] = document["statusUpdated"]
        yield document


def _template(order: JSONObject, item: JSONObject, rhythm: JSONObject) -> JSONObject:
    """The order that comes again and again: one line of the first one, without its discounts."""
    rate = round(10 * item["taxes"][0]["value"]) if item.get("taxes") else 0
    subtotal = cents(item["price"]) * item["quantity"]
    shipping = cents(order["shippingOption"]["shippingRate"])
    tax, shipping_tax = percent(subtotal, rate), percent(shipping, rate)
    line: JSONObject = {name: item[name] for name in _ITEM_FIELDS if name in item}
    line["tax"] = dollars(tax)
    line["recurringChargeSettings"] = {
        "recurringInterval": rhythm["interval"],
        "intervalCount": rhythm["count"],
    }
    total = dollars(subtotal + shipping + tax + shipping_tax)
    return {
        "id": order["id"],
        "email": order["email"],
        "paymentMethod": "Credit or debit card",
        "paymentModule": "Stripe",
        "total": total,
        "subtotal": dollars(subtotal),
        "usdTotal": total,
        "tax": dollars(tax + shipping_tax),
        "customerTaxExempt": False,
        "reversedTaxApplied": False,
        "items": [line],
        "billingPerson": order["billingPerson"],
        "shippingPerson": order["shippingPerson"],
        "shippingOption": order["shippingOption"],
        "pricesIncludeTax": False,
    }
