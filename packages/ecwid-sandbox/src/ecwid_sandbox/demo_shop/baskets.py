"""What somebody buys, and what it costs: the arithmetic of orders and carts.

All amounts are in cents. It always holds that

    subtotal - discount - coupon + shipping + tax = total
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.server.shop.money import cents, dollars, percent, split
from ecwid_sandbox.server.shop.pictures import image_urls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_sandbox.demo_shop.catalogue import Article, Variant
    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.demo_shop.people import Person
    from ecwid_sandbox.server.storage.kinds import JSONObject

VOLUME_FROM: Final = 25_000
"""The subtotal from which there is a volume discount."""
VOLUME_DISCOUNT: Final = 50
"""The volume discount, in per mille."""
FREE_SHIPPING_FROM: Final = 12_000

TAX_ID: Final = 15_200_111
TAX_NAME: Final = "Sales tax"

_TRIES: Final = 12


@dataclass(frozen=True, slots=True)
class ShippingMethod:
    """A way to get a parcel."""

    id: str
    name: str
    german: str
    rate: int
    kind: str
    days: str


SHIPPING: Final = (
    ShippingMethod(
        "5101-1700000000001", "Standard parcel", "Standardpaket", 690, "shipping", "3-5"
    ),
    ShippingMethod("5101-1700000000002", "Express", "Express", 1490, "shipping", "1-2"),
    ShippingMethod(
        "5101-1700000000003", "Pick up in Boulder", "Abholung in Boulder", 0, "pickup", ""
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """Some of one article."""

    article: Article
    variant: Variant | None
    quantity: int

    @property
    def price(self) -> int:
        """For one."""
        return self.variant.price if self.variant else self.article.price

    @property
    def amount(self) -> int:
        """For all."""
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Bill:
    """What a basket comes to."""

    lines: Sequence[Line]
    subtotal: int
    volume: int
    membership: int
    coupon: int
    shipping: int
    method: ShippingMethod
    rate: int
    line_discounts: Sequence[int]
    line_coupons: Sequence[int]
    line_taxes: Sequence[int]
    shipping_tax: int

    @property
    def discount(self) -> int:
        """All discounts but the coupon's."""
        return self.volume + self.membership

    @property
    def tax(self) -> int:
        """On goods and shipping."""
        return sum(self.line_taxes) + self.shipping_tax

    @property
    def total(self) -> int:
        """What is to pay."""
        return self.subtotal - self.discount - self.coupon + self.shipping + self.tax


def fill_basket(chance: Chance, articles: Sequence[Article], at: int) -> list[Line]:
    """A few things of what there was at the time; popular ones more often."""
    lines: list[Line] = []
    taken: set[int] = set()
    wanted = 1 + chance.yes(0.45) + chance.yes(0.25) + chance.yes(0.12)
    tries = 0
    while wanted and (not lines or tries < _TRIES):
        tries += 1
        # The first article was there from the beginning.
        article = (
            articles[int(len(articles) * chance.random() ** 1.7)] if tries < _TRIES else articles[0]
        )
        if article.id in taken or article.created > at:
            continue
        wanted -= 1
        taken.add(article.id)
        variants = article.variants
        variant = variants[chance.below(len(variants))] if variants else None
        lines.append(Line(article, variant, 1 + chance.yes(0.18) + 2 * chance.yes(0.04)))
    return lines


def make_bill(chance: Chance, lines: Sequence[Line], person: Person, coupon: JSONObject) -> Bill:
    """Work out a basket for a customer; ``coupon`` is empty without one."""
    amounts = [line.amount for line in lines]
    subtotal = sum(amounts)
    volume = percent(subtotal, VOLUME_DISCOUNT) if subtotal >= VOLUME_FROM else 0
    membership = percent(subtotal, person.group_discount)
    left = subtotal - volume - membership
    off = 0
    if coupon.get("discountType") == "PERCENT":
        off = percent(left, round(coupon["discount"] * 10))
    elif coupon.get("discountType") == "ABS":
        off = min(left, cents(coupon["discount"]))
    method = SHIPPING[0]
    point = chance.random()
    if point < 0.1 and person.place.city == "Boulder":  # noqa: PLR2004 - one in ten neighbours
        method = SHIPPING[2]
    elif point > 0.85:  # noqa: PLR2004 - some are in a hurry
        method = SHIPPING[1]
    shipping = method.rate
    if coupon.get("discountType") == "SHIPPING" or (
        method is SHIPPING[0] and left - off >= FREE_SHIPPING_FROM
    ):
        shipping = 0
    rate = person.place.tax
    discounts, coupons = split(volume + membership, amounts), split(off, amounts)
    taxes = [
        percent(amount - less - less_coupon, rate)
        for amount, less, less_coupon in zip(amounts, discounts, coupons, strict=True)
    ]
    return Bill(
        lines,
        subtotal,
        volume,
        membership,
        off,
        shipping,
        method,
        rate,
        discounts,
        coupons,
        taxes,
        percent(shipping, rate),
    )


def bill_fields(bill: Bill, person: Person) -> JSONObject:
    """The amounts as orders and carts show them."""
    fields: dict[str, Any] = {
        "subtotal": dollars(bill.subtotal),
        "subtotalWithoutTax": dollars(bill.subtotal),
        "total": dollars(bill.total),
        "totalWithoutTax": dollars(bill.total - bill.tax),
        "tax": dollars(bill.tax),
        "volumeDiscount": dollars(bill.volume),
        "membershipBasedDiscount": dollars(bill.membership),
        "totalAndMembershipBasedDiscount": 0,
        "discount": dollars(bill.discount),
        "couponDiscount": dollars(bill.coupon),
        "usdTotal": dollars(bill.total),
        "pricesIncludeTax": False,
        "shippingOption": {
            "shippingMethodName": bill.method.name,
            "shippingMethodId": bill.method.id,
            "shippingRate": dollars(bill.shipping),
            "shippingRateWithoutTax": dollars(bill.shipping),
            "isPickup": bill.method.kind == "pickup",
            "fulfillmentType": bill.method.kind,
        },
    }
    if bill.method.days:
        fields["shippingOption"]["estimatedTransitTime"] = bill.method.days
    discounts: list[JSONObject] = []
    if bill.volume:
        discounts.append(
            {
                "value": VOLUME_DISCOUNT / 10,
                "type": "PERCENT",
                "base": "SUBTOTAL",
                "orderTotal": dollars(VOLUME_FROM),
            }
        )
    if bill.membership:
        discounts.append(
            {
                "value": person.group_discount / 10,
                "type": "PERCENT",
                "base": "ON_MEMBERSHIP",
                "description": person.group_name,
            }
        )
    if discounts:
        fields["discountInfo"] = discounts
    if bill.shipping_tax:
        fields["taxesOnShipping"] = [
            {
                "name": TAX_NAME,
                "value": bill.rate / 10,
                "total": dollars(bill.shipping_tax),
            }
        ]
    return fields


def item_fields(bill: Bill, place: int, number: int) -> JSONObject:
    """A line as orders and carts show it."""
    line = bill.lines[place]
    article, variant = line.article, line.variant
    tax = bill.line_taxes[place]
    less = bill.line_discounts[place] + bill.line_coupons[place]
    price = dollars(line.price)
    item: JSONObject = {
        "id": number,
        "productId": article.id,
        "categoryId": article.categories[0],
        "price": price,
        "priceWithoutTax": price,
        "productPrice": dollars(article.price),
        "costPrice": dollars(round(article.price * 0.55)),
        "weight": article.weight,
        "sku": variant.sku if variant else article.sku,
        "quantity": line.quantity,
        "shortDescription": article.family.claim,
        "tax": dollars(tax),
        "name": article.name,
        "isShippingRequired": True,
        "trackQuantity": article.quantity is not None,
        "imageUrl": image_urls(f"{article.sku.lower()}-0.png")["imageUrl"],
        "couponApplied": bill.line_coupons[place] > 0,
        "digital": False,
        "giftCard": False,
    }
    if variant:
        item["combinationId"] = variant.id
        item["selectedOptions"] = [
            {"name": name, "type": "CHOICE", "value": value, "valuesArray": [value]}
            for name, value in variant.options
        ]
    if bill.line_coupons[place]:
        item["couponAmount"] = dollars(bill.line_coupons[place])
    if tax:
        item["taxes"] = [
            {
                "name": TAX_NAME,
                "value": bill.rate / 10,
                "total": dollars(tax),
                "taxOnDiscountedSubtotal": dollars(percent(line.amount - less, bill.rate)),
                "taxOnShipping": 0,
                "includeInPrice": False,
            }
        ]
    return item
