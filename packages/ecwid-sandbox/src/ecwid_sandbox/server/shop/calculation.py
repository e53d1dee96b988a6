"""What an order would come to: prices, discounts, taxes and shipping of the shop as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.errors import NotThereError
from ecwid_sandbox.server.shop.money import cents, dollars, percent, split
from ecwid_sandbox.server.shop.variations import variation_of
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject

_HANDED_OVER: Final = frozenset(
    {"shipping", "pickup", "delivery", "SHIPPING", "PICKUP", "DELIVERY"}
)
_FROM_PRODUCT: Final = ("name", "sku", "weight", "isShippingRequired")


def calculated(shop: Shop, sent: JSONObject) -> JSONObject:
    """An order with everything that follows from what is sent of it.

    Prices that are sent count; others are those of the products. Promotions and
    discounts of the shop take nothing off, nor do discounts that are sent: Ecwid works them out
    itself, and answers its own list.
    """
    now = shop.clock.second()
    profile = shop.get(kinds.PROFILE, shop.store_id)
    items = [_item(shop, item, place) for place, item in enumerate(sent.get("items") or ())]
    amounts = [cents(item["price"]) * item["quantity"] for item in items]
    subtotal = sum(amounts)
    coupon = _coupon(shop, sent.get("discountCoupon") or {})
    less_coupon = _off(coupon, subtotal) if coupon else 0
    shipping_option = dict(sent.get("shippingOption") or _first_option(profile))
    settle_spelling(shipping_option)
    if "SHIPPING" in coupon.get("discountType", ""):
        shipping_option["shippingRate"] = 0
    shipping = cents(shipping_option.get("shippingRate", 0))
    handling = dict(sent.get("handlingFee") or {})
    surcharges, further = _surcharges(sent.get("customSurcharges") or (), subtotal)
    exempt = bool(sent.get("customerTaxExempt"))
    name, rate = _tax(profile, sent.get("shippingPerson") or sent.get("billingPerson") or {})
    rate = 0 if exempt else rate
    shares = split(less_coupon, amounts)
    tax = percent(shipping, rate)
    for item, amount, share in zip(items, amounts, shares, strict=True):
        on_item = percent(amount - share, rate)
        tax += on_item
        item["tax"] = dollars(on_item)
        if on_item:
            item["taxes"] = [{"name": name, "value": rate / 10, "total": dollars(on_item)}]
    before_card = subtotal - less_coupon + shipping + tax + further
    before_card += cents(handling.get("value") or 0)
    redeemed = min(before_card, cents(sent.get("giftCardRedemption") or 0))
    total = before_card - redeemed
    known = {field: value for field, value in sent.items() if field in _KEPT and value is not None}
    answer: JSONObject = {
        "paymentStatus": "INCOMPLETE",
        "fulfillmentStatus": "AWAITING_PROCESSING",
        **known,
        "subtotal": dollars(subtotal),
        "subtotalWithoutTax": dollars(subtotal),
        "total": dollars(total),
        "totalWithoutTax": dollars(total - tax),
        "usdTotal": dollars(total),
        "tax": dollars(tax),
        "discount": 0,
        "couponDiscount": dollars(less_coupon),
        "volumeDiscount": 0,
        "membershipBasedDiscount": 0,
        "discountInfo": [],
        "totalAndMembershipBasedDiscount": 0,
        "giftCardRedemption": dollars(redeemed),
        "totalBeforeGiftCardRedemption": dollars(before_card),
        "customerTaxExempt": exempt,
        "items": items,
        "customSurcharges": surcharges,
        "shippingOption": shipping_option,
        "availableShippingOptions": [
            _as_option(entry) for entry in _enabled(profile.get("shipping", {}))
        ],
        "availableTaxes": profile.get("taxes", []),
        "pricesIncludeTax": False,
        "hidden": False,
        "createDate": format_time(now),
        "createTimestamp": now,
    }
    if coupon:
        answer["discountCoupon"] = coupon
    if handling:
        answer["handlingFee"] = handling
    if shipping and rate:
        answer["taxesOnShipping"] = [
            {"name": name, "value": rate / 10, "total": dollars(percent(shipping, rate))}
        ]
    return answer


_KEPT: Final = frozenset(
    {
        "id",
        "email",
        "ipAddress",
        "customerId",
        "customerTaxId",
        "reversedTaxApplied",
        "billingPerson",
        "shippingPerson",
        "giftCardCode",
        "giftCardId",
        "giftCardUuid",
        "giftCardDoubleSpending",
    }
)
"""What is answered as it was sent."""


def settle_spelling(option: JSONObject) -> None:
    """Spell how an order is handed over as answers do; a documented request does otherwise."""
    spelled = option.pop("fulfilmentType", None)
    if spelled in _HANDED_OVER:
        option.setdefault("fulfillmentType", spelled)


def _item(shop: Shop, sent: JSONObject, place: int) -> JSONObject:
    item: dict[str, Any] = {"id": place + 1, **sent}
    product: JSONObject = {}
    number = sent.get("productId")
    if number and shop.has(kinds.PRODUCT, number):
        product = shop.get(kinds.PRODUCT, number)
        if sent.get("combinationId"):
            try:
                product = {**product, **variation_of(product, sent["combinationId"])}
            except NotThereError:
                item.pop("combinationId")
    for name in _FROM_PRODUCT:
        if name in product:
            item.setdefault(name, product[name])
    item.setdefault("price", product.get("price", 0))
    item.setdefault("quantity", 1)
    # These are what an order comes to, not what is asked for.
    item |= {"shipping": 0, "handlingFee": 0, "couponApplied": False, "giftCard": False}
    for name in ("couponAmount", "discounts"):
        item.pop(name, None)
    for option in item.get("selectedOptions") or ():
        option.pop("files", None)
    return item


def _off(discount: JSONObject, amount: int) -> int:
    """What a discount takes off an amount."""
    kind, value = str(discount.get("discountType")), discount.get("discount") or 0
    if kind.startswith("PERCENT"):
        return percent(amount, round(value * 10))
    if kind.startswith("ABS"):
        return min(amount, cents(value))
    return 0


def _coupon(shop: Shop, sent: JSONObject) -> JSONObject:
    """The coupon that is meant: the shop knows it by its code."""
    code = sent.get("code")
    body = shop.store.first(kinds.COUPON, "code", code) if code else None
    if body is None:
        # Nobody has used a coupon that the shop doesn't have.
        return {**sent, "orderCount": 0}
    return {name: v for name, v in shop.decoded(body).items() if name != "orderCount"}


def _surcharges(sent: Iterable[JSONObject], subtotal: int) -> tuple[list[JSONObject], int]:
    found: list[JSONObject] = []
    whole = 0
    for surcharge in sent:
        value = surcharge.get("value") or 0
        absolute = surcharge.get("type") != "PERCENT"
        amount = cents(value) if absolute else percent(subtotal, round(value * 10))
        whole += amount
        found.append({**surcharge, "total": dollars(amount), "totalWithoutTax": dollars(amount)})
    return found, whole


def _enabled(section: JSONObject) -> list[JSONObject]:
    return [entry for entry in section.get("shippingOptions", ()) if entry.get("enabled")]


def _first_option(profile: JSONObject) -> JSONObject:
    options = _enabled(profile.get("shipping", {}))
    return _as_option(options[0]) if options else {}


def _as_option(option: JSONObject) -> JSONObject:
    """A way to get a parcel as orders show it."""
    kind = option.get("fulfilmentType", "shipping")
    return {
        "shippingMethodId": option["id"],
        "shippingMethodName": option.get("title", ""),
        "shippingRate": option.get("flatRate", {}).get("rate", 0),
        "isPickup": kind == "pickup",
        "fulfillmentType": str(kind).upper(),
    }


def _tax(profile: JSONObject, person: JSONObject) -> tuple[str, int]:
    """The tax where somebody lives: its name, and its rate in per mille."""
    country, state = person.get("countryCode", ""), person.get("stateOrProvinceCode", "")
    zones = {zone["id"]: zone for zone in profile.get("zones", ())}
    for tax in profile.get("taxes", ()):
        if not tax.get("enabled"):
            continue
        for rule in tax.get("rules", ()):
            zone = zones.get(rule.get("zoneId"), {})
            states = zone.get("stateOrProvinceCodes") or ()
            if country in (zone.get("countryCodes") or ()) and (
                not states or f"{country}-{state}" in states
            ):
                return tax.get("name", ""), round(rule.get("tax", 0) * 10)
        if tax.get("defaultTax"):
            return tax.get("name", ""), round(tax["defaultTax"] * 10)
    return "", 0
