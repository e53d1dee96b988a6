"""A shop in which every order is unusual: its objects by stream, made from a seed.

The orders add up as Ecwid's do, with taxes in the prices or on top of them. Their buyers are
customers, guests, guests who register later, people with many addresses, and nobody.
"""

from __future__ import annotations

import datetime as dt
import random
from decimal import ROUND_HALF_UP, Decimal

from copy_of_shop import CHILDREN, KEYS, at

BEGIN = dt.datetime(2024, 2, 20, tzinfo=dt.UTC)
CATEGORIES = {1: None, 2: 1, 3: 2, 4: None, 5: 4, 6: 999, 7: 8, 8: 7}
"""Category -> the one above it, which may be gone, or below it."""
ADDRESSES = (
    "a@x.example",
    " A@X.example ",
    "b@x.example",
    "c@x.example",
    "d@x.example",
    "",
    " ",
    None,
)
STATUSES = (
    *("PAID",) * 8,
    *("PARTIALLY_REFUNDED", "REFUNDED", "AWAITING_PAYMENT", "CANCELLED", "INCOMPLETE"),
    "CUSTOM_PAYMENT_STATUS_1",
)
ORIGINS = (
    ({}, "direct"),
    (
        {"refererUrl": "https://www.odd.example/shop", "globalReferer": "https://odd.example"},
        "direct",
    ),
    ({"refererUrl": "https://www.google.co.nz/search?q=odd"}, "search"),
    ({"refererUrl": "https://m.facebook.com/x", "globalReferer": "https://odd.example"}, "social"),
    ({"refererUrl": "http://blog.example:8080/odd"}, "referral"),
    ({"utmData": {"source": "News", "medium": "EMAIL", "campaign": "May"}}, "email"),
    ({"utmData": {"source": "google", "medium": "cpc"}}, "paid"),
    ({"utmData": {"source": "instagram"}}, "social"),
    ({"utmData": {"source": "poster"}}, "other campaign"),
    ({"externalOrderData": {"refererChannel": "FACEBOOK"}}, "marketplace"),
    (
        {
            "utmData": {"source": "last", "medium": "cpc"},
            "utmDataSets": [
                {"timestamp": "2024-03-02", "source": "last", "medium": "email", "campaign": "b"},
                {"timestamp": "2024-03-01", "source": "first", "medium": "cpc", "campaign": "a"},
            ],
        },
        "email",
    ),
)
"""What an order tells of where its buyer came from -> the channel."""
DEVICES = (
    ({}, None),
    ({"customerUserAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17) Mobile/15E148"}, "phone"),
    ({"customerUserAgent": "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari"}, "phone"),
    ({"customerUserAgent": "Mozilla/5.0 (Linux; Android 14) Chrome/120 Safari"}, "tablet"),
    ({"customerUserAgent": "Mozilla/5.0 (iPad; CPU OS 17)"}, "tablet"),
    ({"customerUserAgent": "Mozilla/5.0 (X11; Linux x86_64)"}, "desktop"),
)
"""What an order tells of its buyer's device -> the device."""
FULFILLMENTS = ("AWAITING_PROCESSING", "SHIPPED", "DELIVERED", "DELIVERED", "RETURNED")


def cents(amount):
    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)


def moment(seconds):
    return (BEGIN + dt.timedelta(seconds=seconds)).isoformat()


class OddShop:
    """Makes the objects.

    Attributes:
        rows: The objects by stream and key, as ``expected_rows`` gives them.
    """

    def __init__(
        self, seed, *, store_id=1003, currency="EUR", timezone="Pacific/Auckland", orders=120
    ):
        self.random = random.Random(seed)
        self.store_id = store_id
        self.rows = {stream: {} for stream in KEYS}
        self._add("store_profile", _profile(store_id, currency, timezone))
        for id_, parent in CATEGORIES.items():
            above = {"parentId": parent} if parent else {}
            self._add(
                "categories", {"id": id_, "name": f"Category {id_}", "enabled": True, **above}
            )
        for id_ in range(101, 113):
            self._add("products", self._product(id_))
        for id_ in range(1, 7):
            self._add("customers", self._customer(id_))
        for id_, code in ((71, "SPRING"), (72, "WELCOME"), (73, "NEVER")):
            self._add(
                "discount_coupons", {"id": id_, "code": code, "name": code, "orderCount": id_}
            )
        for number in range(orders):
            self._add("orders", self.order(number))
        for number in range(6):
            self._add("abandoned_carts", self._cart(number))
            self._add("product_reviews", _review(number))
        self.fill_children()

    def _add(self, stream, row):
        row["store_id"] = self.store_id
        self.rows[stream][tuple(row[name] for name in KEYS[stream])] = row

    def fill_children(self):
        """Bring the rows that stand in other rows to what these are now."""
        for stream, (parent, place) in CHILDREN.items():
            self.rows[stream] = {
                (*key, *(inner[name] for name in KEYS[stream][len(key) :])): {
                    **dict(zip(KEYS[stream], key, strict=False)),
                    **inner,
                }
                for key, row in self.rows[parent].items()
                for inner in at(row, place)
            }

    def _yes(self, chance):
        return self.random.random() < chance

    def _product(self, id_):
        product = {
            "id": id_,
            "name": f"Product {id_}",
            "sku": f"P{id_}",
            "price": self.random.randrange(100, 9000) / 100,
            "enabled": id_ != 112,
            "inStock": id_ % 4 != 0,
            "unlimited": id_ % 5 == 0,
            "quantity": 0 if id_ % 4 == 0 else self.random.randrange(1, 40),
            "created": moment(-90 * 86400),
            "updated": moment(0),
            "defaultCategoryId": self.random.choice(list(CATEGORIES)),
            "categoryIds": self.random.sample(list(CATEGORIES), 2),
            "rating": self.random.choice([3.5, 5]),
            "reviewsPublished": 2,
        }
        if id_ % 5 == 0:
            del product["quantity"]
        if self._yes(0.7):
            product["costPrice"] = float(cents(product["price"] * 0.6))
        if id_ % 3 == 0:
            product["combinations"] = [
                {
                    "id": id_ * 10 + place,
                    "combinationNumber": place,
                    "sku": f"P{id_}-{place}",
                    "unlimited": False,
                    "quantity": place,
                    "inStock": place > 0,
                    "options": [{"name": "Colour", "value": colour}],
                }
                for place, colour in enumerate(("Red", "Rust"))
            ]
        return product

    def _customer(self, id_):
        return {
            "id": id_,
            "email": self.random.choice(ADDRESSES) or f"only{id_}@x.example",
            "name": f"Person {id_}",
            "registered": moment(id_ * 86400),
            "updated": moment(id_ * 86400),
            "totalOrderCount": id_,
        }

    def _cart(self, number):
        recovered = {"recoveredOrderId": "X"} if number % 3 == 0 else {}
        return {
            "cartId": f"cart-{number}",
            "total": 10 + number,
            "createDate": moment(number * 500_000),
            "updateDate": moment(number * 500_000),
            "hidden": number == 5,
            "items": [{"id": 1}],
            **recovered,
        }

    def _item(self, number, place, *, included, rate):
        product = self.rows["products"][self.random.choice(list(self.rows["products"]))]
        price, quantity = cents(product["price"]), self.random.choice((1, 1, 2, 5))
        item = {
            "id": number * 10 + place,
            "productId": product["id"],
            "name": f"Old {product['name']}",
            "sku": product["sku"],
            "price": float(price),
            "quantity": quantity,
            "giftCard": self._yes(0.08),
        }
        if self._yes(0.8):
            item["categoryId"] = self.random.choice(list(CATEGORIES))
        if "costPrice" in product:
            item["costPrice"] = product["costPrice"]
        if product.get("combinations") and self._yes(0.8):
            item["combinationId"] = self.random.choice(product["combinations"])["id"]
        without = cents(price / (1 + rate)) if included else price
        item["priceWithoutTax"] = float(without)
        return item, price * quantity, without * quantity

    def order(self, number):
        """An order whose amounts add up."""
        included, rate = self._yes(0.4), Decimal(self.random.choice(("0", "0.07", "0.19")))
        lines = [
            self._item(number, place, included=included, rate=rate)
            for place in range(self.random.choice((1, 1, 2, 3)))
        ]
        subtotal = sum(total for _, total, _ in lines)
        discount = cents(subtotal * Decimal("0.1")) if self._yes(0.3) else Decimal(0)
        coupon = cents((subtotal - discount) * Decimal("0.2")) if self._yes(0.3) else Decimal(0)
        shipping = Decimal(self.random.choice(("0", "4.90", "12.5")))
        handling = Decimal("1.50") if self._yes(0.2) else Decimal(0)
        tips = [Decimal("2.00"), Decimal("0.35")] if self._yes(0.2) else []
        fees = shipping + handling + sum(tips)
        tax = Decimal(0)
        for (item, total, _), less in zip(lines, _split(discount + coupon, lines), strict=True):
            on_item = _tax(total - less, rate, included=included)
            tax += on_item
            item["tax"] = float(on_item)
            if on_item:
                item["taxes"] = [_listed(on_item, rate, included=included)]
        taxes_on_shipping = []
        if shipping and rate:
            on_shipping = _tax(shipping, rate, included=included)
            tax += on_shipping
            taxes_on_shipping = [_listed(on_shipping, rate, included=included)]
        before_card = subtotal - discount - coupon + fees + (0 if included else tax)
        redeemed = self.random.choice((Decimal(0),) * 6 + (Decimal(5), before_card))
        redeemed = min(redeemed, before_card)
        total = before_card - redeemed
        created = number * 40_000 + self.random.randrange(30_000)
        order = {
            "id": f"{self.store_id}-{number:04}",
            "orderNumber": number,
            "createDate": moment(created),
            "updateDate": moment(created + 5 * 86400),
            "paymentStatus": self.random.choice(STATUSES),
            "fulfillmentStatus": self.random.choice(FULFILLMENTS),
            "paymentMethod": self.random.choice(("Card", "PayPal", "Cash")),
            "items": [item for item, *_ in lines],
            "subtotal": float(subtotal),
            "discount": float(discount),
            "couponDiscount": float(coupon),
            "tax": float(tax),
            "total": float(total),
            "usdTotal": float(total) * 1.25,
            "giftCardRedemption": float(redeemed),
            "totalBeforeGiftCardRedemption": float(before_card),
            "pricesIncludeTax": included,
            "taxesOnShipping": taxes_on_shipping,
            "shippingOption": {
                "shippingMethodName": self.random.choice(("Parcel", "Pick-up")),
                "shippingRate": float(shipping),
                "shippingRateWithoutTax": float(
                    shipping - _tax(shipping, rate, included=True) if included else shipping
                ),
            },
        }
        if included:
            order["subtotalWithoutTax"] = float(sum(without for *_, without in lines))
        order |= self._discounts(discount)
        order |= self.random.choice(ORIGINS)[0] | self.random.choice(DEVICES)[0]
        if self._yes(0.3):
            days = (self.random.randrange(1, 9), self.random.randrange(1, 9))
            order["shipments"] = [
                {"id": str(day), "created": moment(created + day * 7_000)} for day in days
            ]
        if handling:
            order["handlingFee"] = {"name": "Wrapping", "value": float(handling)}
        if tips:
            order["customSurcharges"] = [
                {"id": str(place), "total": float(tip), "totalWithoutTax": float(tip)}
                for place, tip in enumerate(tips)
            ]
        return order | self._buyer() | self._coupon(coupon) | self._refund(order, total, created)

    def _buyer(self):
        found = {}
        if self._yes(0.5):
            # 0 and people who were deleted are customers too.
            found["customerId"] = self.random.choice((0, 1, 2, 3, 4, 5, 6, 99))
        email = self.random.choice(ADDRESSES)
        if email is not None:
            found["email"] = email
        country = self.random.choice(("DE", "NZ", None))
        if country:
            found["shippingPerson"] = {"countryCode": country}
        return found

    def _discounts(self, amount):
        """Discounts of an order by their kinds; what has no kind is a promotion's."""
        parts = dict.fromkeys(("volume", "member", "both", "manual"), Decimal(0))
        if amount:
            for kind in self.random.sample(list(parts), self.random.randrange(3)):
                parts[kind] = cents(amount / 4)
        return {
            "volumeDiscount": float(parts["volume"]),
            "membershipBasedDiscount": float(parts["member"]),
            "totalAndMembershipBasedDiscount": float(parts["both"]),
            "customDiscount": [float(parts["manual"])] if parts["manual"] else [],
            "discountInfo": [
                {"base": "ON_MEMBERSHIP", "description": "Friends"},
                {"base": "ITEM", "description": "Two for one"},
                {"base": "CUSTOM"},
            ],
        }

    def _coupon(self, amount):
        if not amount:
            return {}
        copies = (
            {"id": 71, "code": "SPRING"},
            {"id": 900_001, "code": "WELCOME"},
            {"id": 7, "code": "GONE"},
        )
        return {"discountCoupon": dict(self.random.choice(copies))}

    def _refund(self, order, total, created):
        if order["paymentStatus"] == "REFUNDED" and self._yes(0.5):
            # Set by hand.
            return {}
        if order["paymentStatus"] not in {"REFUNDED", "PARTIALLY_REFUNDED", "CANCELLED"}:
            return {}
        amount = total if order["paymentStatus"] == "REFUNDED" else cents(total / 3)
        parts = self.random.choice(
            ((amount,), (amount / 2, amount - amount / 2), (amount / 2,), ())
        )
        return {
            "refundedAmount": float(amount),
            "refunds": [
                {
                    "date": moment(created + (place + 1) * 90_000),
                    "amount": float(cents(part)),
                    "reason": self.random.choice(("Broken", "Late")),
                }
                for place, part in enumerate(parts)
            ],
        }


def some_shops(seed):
    return [
        OddShop(seed),
        OddShop(seed + 1, store_id=1004, currency="USD", timezone="America/Los_Angeles"),
    ]


def _review(number):
    return {
        "id": number,
        "productId": 101,
        "rating": number % 5 + 1,
        "createDate": moment(number * 100_000),
        "updateDate": moment(number * 100_000),
    }


def _profile(store_id, currency, timezone):
    return {
        "storeId": store_id,
        "settings": {"storeName": f"Odd {store_id}"},
        "formatsAndUnits": {"currency": currency, "currencyPrecision": 2, "timezone": timezone},
    }


def _tax(amount, rate, *, included):
    return cents(amount - amount / (1 + rate)) if included else cents(amount * rate)


def _listed(amount, rate, *, included):
    return {
        "name": "VAT",
        "value": float(rate * 100),
        "total": float(amount),
        "includeInPrice": included,
    }


def _split(amount, lines):
    whole = sum(total for _, total, _ in lines)
    parts = [cents(amount * total / whole) if whole else Decimal(0) for _, total, _ in lines]
    parts[-1] += amount - sum(parts)
    return parts
