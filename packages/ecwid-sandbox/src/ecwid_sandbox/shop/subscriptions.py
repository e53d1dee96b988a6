"""Recurring subscriptions: coffee that comes by itself."""

from __future__ import annotations

import calendar
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.clock import format_time, parse_time
from ecwid_sandbox.errors import WrongParameterError
from ecwid_sandbox.shop.calendar import DAY
from ecwid_sandbox.shop.money import cents, dollars, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ecwid_sandbox.clock import Clock
    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.shop.chance import Chance

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
_STEPS: Final = {"DAY": DAY, "WEEK": 7 * DAY}
_LAST_SAFE_DAY: Final = 28
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


def next_charge(start: int, interval: str, count: int, now: int) -> int:
    """The first moment after ``now`` at which a subscription that began at ``start`` is charged."""
    if interval in _STEPS:
        step = _STEPS[interval] * count
        return start + step * max(1, (now - start) // step + 1)
    months = count * (12 if interval == "YEAR" else 1)
    at, passed = start, 0
    begun = time.gmtime(start)
    while at <= max(now, start):
        passed += months
        year, month = divmod(begun.tm_mon - 1 + passed, 12)
        day = min(begun.tm_mday, _LAST_SAFE_DAY)
        at = calendar.timegm((begun.tm_year + year, month + 1, day, *begun[3:6]))
    return at


def changed_subscription(known: JSONObject, sent: JSONObject, clock: Clock) -> JSONObject:
    """What a write changes of a subscription: another rhythm has another next charge.

    Raises:
        WrongParameterError: The next charge would be in the past.
    """
    now = clock.second()
    changes = dict(sent)
    rhythm = {**known["chargeSettings"], **(sent.get("chargeSettings") or {})}
    if "chargeSettings" in sent:
        changes["chargeSettings"] = rhythm
    if sent.get("nextCharge"):
        try:
            due = parse_time(sent["nextCharge"])
        except ValueError:
            raise WrongParameterError("Field nextCharge must be a time") from None
        if due < now:
            raise WrongParameterError("Field nextCharge must not be in the past")
        changes["nextCharge"] = format_time(due)
    elif rhythm != known["chargeSettings"]:
        start = parse_time(known["created"])
        interval, count = rhythm["recurringInterval"], rhythm["recurringIntervalCount"]
        changes["nextCharge"] = format_time(next_charge(start, interval, count, now))
    if sent.get("status") and sent["status"] != known["status"]:
        changes["statusUpdated"] = format_time(now)
        changes["cancelled"] = format_time(now) if sent["status"] == "CANCELLED" else None
    return changes


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
