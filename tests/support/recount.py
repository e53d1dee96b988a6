"""What an order comes to, worked out from the order itself without any SQL."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

SALES = {"PAID", "PARTIALLY_REFUNDED", "REFUNDED"}
NOTHING = Decimal("0.0000")


def money(value):
    return Decimal(str(value or 0)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def day_of(text, zone):
    return dt.datetime.fromisoformat(text).astimezone(zone).date()


def zone_of(profile):
    return ZoneInfo(profile.get("formatsAndUnits", {}).get("timezone") or "UTC")


def total_of(amounts):
    return sum(map(money, amounts), NOTHING)


def refunded(order):
    if order["paymentStatus"] == "REFUNDED" and not order.get("refundedAmount"):
        return money(order["total"])
    return money(order.get("refundedAmount"))


def is_sale(order):
    return order["paymentStatus"] in SALES


def net_sales(order):
    return money(order["total"]) - refunded(order) if is_sale(order) else NOTHING


def comparable_email(text):
    return (text or "").strip(" ").lower() or None


def taxes_of(order):
    """All taxes that an order lists: part, tax."""
    for item in order.get("items", []):
        for tax in item.get("taxes", []):
            yield "item", tax
    for tax in order.get("taxesOnShipping", []):
        yield "shipping", tax
    for tax in (order.get("handlingFee") or {}).get("taxes", []):
        yield "handling fee", tax
    for surcharge in order.get("customSurcharges", []):
        for tax in surcharge.get("taxes", []):
            yield "surcharge", tax


@dataclass(frozen=True, slots=True)
class Figures:
    """The amounts of an order."""

    units: int
    units_returned: int
    tax_added: Decimal
    surcharges: Decimal
    handling_fee: Decimal
    gift_cards_sold: Decimal
    unexplained: Decimal
    goods_sales: Decimal
    goods_discount: Decimal
    goods_refunded: Decimal
    goods_net_sales: Decimal


def figures_of(order):
    """The amounts of an order that Ecwid doesn't give by themselves."""
    included = bool(order.get("pricesIncludeTax"))
    items = order.get("items", [])
    tax = money(order.get("tax"))
    listed = [
        (one.get("includeInPrice", included), money(one["total"])) for _, one in taxes_of(order)
    ]
    inside = sum((amount for flag, amount in listed if flag), NOTHING)
    on_top = sum((amount for flag, amount in listed if not flag), NOTHING)
    if inside == on_top == 0:
        tax_added = NOTHING if included else tax
    else:
        tax_added = on_top if inside else tax
    shipping = order.get("shippingOption") or {}
    handling = order.get("handlingFee") or {}
    extra = order.get("customSurcharges", [])
    surcharges = total_of(one.get("total") for one in extra)
    paid = {
        "shipping": money(shipping.get("shippingRate")),
        "handling": money(handling.get("value")),
        "surcharges": surcharges,
    }
    without_tax = paid
    if included:
        without_tax = {
            "shipping": money(shipping.get("shippingRateWithoutTax", shipping.get("shippingRate"))),
            "handling": money(handling.get("valueWithoutTax", handling.get("value"))),
            "surcharges": total_of(one.get("totalWithoutTax") for one in extra),
        }
    cards = sum(
        (
            item["quantity"] * money(item.get("priceWithoutTax", item.get("price")))
            for item in items
            if item.get("giftCard")
        ),
        NOTHING,
    )
    subtotal, total = money(order.get("subtotal")), money(order.get("total"))
    less = money(order.get("discount")) + money(order.get("couponDiscount"))
    redeemed = money(order.get("giftCardRedemption"))
    unexplained = total - (subtotal - less + sum(paid.values()) + tax_added - redeemed)
    articles = subtotal
    if included:
        articles = (
            money(order["subtotalWithoutTax"]) if "subtotalWithoutTax" in order else subtotal - tax
        )
    kept = total - unexplained + redeemed - tax - sum(without_tax.values())
    goods = articles - cards
    # Gift cards have their part of the discounts.
    discount = money((articles - kept) * goods / articles) if articles else NOTHING
    kept = goods - discount
    by_hand = order["paymentStatus"] == "REFUNDED"
    back = money(kept * refunded(order) / total) if total else (kept if by_hand else NOTHING)
    units = sum(item["quantity"] for item in items)
    all_back = (
        by_hand
        or order.get("fulfillmentStatus") == "RETURNED"
        or (total > 0 and refunded(order) >= total)
    )
    return Figures(
        units=units,
        units_returned=units if all_back and is_sale(order) else 0,
        tax_added=tax_added,
        surcharges=surcharges,
        handling_fee=paid["handling"],
        gift_cards_sold=cards,
        unexplained=unexplained,
        goods_sales=goods,
        goods_discount=discount,
        goods_refunded=back,
        goods_net_sales=kept - back if is_sale(order) else NOTHING,
    )


def buyers_of(orders, customers):
    """The buyer of each order: orders of one buyer have the same one.

    Args:
        orders: The orders of a store.
        customers: Its customers.
    """
    leader = {}

    def find(name):
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    def names(customer_id, email):
        known = [("customer", customer_id)] if customer_id else []
        return known + ([("address", comparable_email(email))] if comparable_email(email) else [])

    seen = [names(order.get("customerId"), order.get("email")) for order in orders]
    for one in [*seen, *(names(row["id"], row.get("email")) for row in customers)]:
        for name in one:
            leader[find(name)] = find(one[0])
    return {
        order["id"]: find(one[0]) if one else ("order", order["id"])
        for order, one in zip(orders, seen, strict=True)
    }


def nth_sales(orders, buyers):
    """Order -> which of its buyer's sales it is; None if it isn't one."""
    count = defaultdict(int)
    nth = {}
    moment = {order["id"]: dt.datetime.fromisoformat(order["createDate"]) for order in orders}
    for order in sorted(orders, key=lambda order: (moment[order["id"]], order["id"])):
        if is_sale(order):
            count[buyers[order["id"]]] += 1
        nth[order["id"]] = count[buyers[order["id"]]] if is_sale(order) else None
    return nth


def refunds_of(order, zone):
    """The refunds of an order: day, amount, whether it lists them."""
    listed = [
        (day_of(one.get("date") or order["createDate"], zone), money(one.get("amount")), True)
        for one in order.get("refunds", [])
    ]
    rest = refunded(order) - sum((amount for _, amount, _ in listed), NOTHING)
    if rest:
        days = [day_of(one["date"], zone) for one in order.get("refunds", []) if one.get("date")]
        listed.append((max(days, default=day_of(order["createDate"], zone)), rest, False))
    return listed


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order, with its part of what the order got less or gave back."""

    id: int
    category: int | None
    quantity: int
    line_total: Decimal
    units_returned: int
    goods_sales: Decimal
    goods_discount: Decimal
    goods_refunded: Decimal
    goods_net_sales: Decimal
    margin: Decimal | None


def _divided(amount, sizes):
    """An amount in parts that are proportional to sizes, and add up to it."""
    whole, until, parts = sum(sizes), NOTHING, []
    for size in sizes:
        before = money(amount * until / whole) if whole else NOTHING
        until += size
        parts.append((money(amount * until / whole) if whole else NOTHING) - before)
    return parts


def lines_of(order, products):
    """The lines of an order.

    Args:
        order: The order.
        products: The products of the shop by key.
    """
    figures = figures_of(order)
    items = sorted(order.get("items", []), key=lambda item: item["id"])
    totals = [item["quantity"] * money(item.get("price")) for item in items]
    sizes = [
        NOTHING if item.get("giftCard") else total
        for item, total in zip(items, totals, strict=True)
    ]
    amounts = (figures.goods_sales, figures.goods_discount, figures.goods_refunded)
    parts = [_divided(amount, sizes) for amount in amounts]
    found = []
    for item, total, sales, discount, back in zip(items, totals, *parts, strict=True):
        product = products.get((item.get("productId"),), {})
        kept = sales - discount - back if is_sale(order) else NOTHING
        returned = item["quantity"] if figures.units_returned else 0
        cost = None if "costPrice" not in item else item["quantity"] * money(item["costPrice"])
        margin = None
        if is_sale(order) and cost is not None and not item.get("giftCard"):
            margin = kept - (NOTHING if returned else cost)
        found.append(
            Line(
                id=item["id"],
                category=item.get("categoryId", product.get("defaultCategoryId")),
                quantity=item["quantity"],
                line_total=total,
                units_returned=returned,
                goods_sales=sales,
                goods_discount=discount,
                goods_refunded=back,
                goods_net_sales=kept,
                margin=margin,
            )
        )
    return found
