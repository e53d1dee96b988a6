"""What happens in a shop on a busy afternoon: customers buy, staff tidy up.

Seeded like the shop itself: the n-th thing that happens to a shop is always the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.demo_shop.baskets import Line, make_bill
from ecwid_sandbox.demo_shop.carts import cart_document
from ecwid_sandbox.demo_shop.catalogue import Article, Variant
from ecwid_sandbox.demo_shop.chance import Chance
from ecwid_sandbox.demo_shop.orders import order_document
from ecwid_sandbox.demo_shop.people import GROUPS, customer_document, make_person
from ecwid_sandbox.demo_shop.places import PEOPLE
from ecwid_sandbox.demo_shop.vocabulary import RETIRED_CATEGORY, WORDS
from ecwid_sandbox.server.clock import format_time, parse_time
from ecwid_sandbox.server.shop.money import cents, dollars
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.demo_shop.people import Person
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind

_SERIAL: Final = "activity"
_NEW_MAKERS: Final = ("Kettle & Crane", "Lowland", "Nordhang", "Third Ridge")
_NEXT_STATUS: Final = {
    "AWAITING_PROCESSING": "PROCESSING",
    "PROCESSING": "SHIPPED",
    "SHIPPED": "OUT_FOR_DELIVERY",
    "OUT_FOR_DELIVERY": "DELIVERED",
    "READY_FOR_PICKUP": "DELIVERED",
    "DELIVERED": "RETURNED",
}
# The first things that happen: everything at least once within so many.
_OVERTURE: Final = (
    "new_order",
    "order_status",
    "price",
    "stock",
    "new_customer",
    "customer",
    "delete_product",
    "delete_variation",
    "new_order",
    "variation",
    "rename_category",
    "new_category",
    "delete_customer",
    "delete_review",
    "publish_review",
    "delete_order",
    "delete_coupon",
    "delete_category",
    "coupon",
    "refund",
    "promotion",
    "delete_promotion",
    "new_promotion",
    "subscription",
    "name_status",
    "brand",
    "delete_redirect",
    "new_redirect",
    "order_extra_field",
    "new_extra_field",
    "payment_option",
    "product_type",
)
_USUAL: Final = (
    ("new_order", 12),
    ("order_status", 9),
    ("price", 4),
    ("stock", 6),
    ("variation", 3),
    ("new_customer", 3),
    ("customer", 3),
    ("refund", 1),
    ("new_cart", 1),
    ("publish_review", 1),
    ("delete_review", 0.5),
    ("delete_product", 0.5),
    ("delete_order", 0.3),
    ("delete_customer", 0.3),
    ("subscription", 1),
    ("brand", 0.5),
    ("promotion", 0.5),
    ("order_extra_field", 0.5),
    ("new_redirect", 0.3),
    ("delete_redirect", 0.2),
    ("name_status", 0.2),
    ("new_promotion", 0.2),
    ("delete_promotion", 0.1),
    ("new_extra_field", 0.1),
    ("payment_option", 0.1),
    ("product_type", 0.1),
)


class Activity:
    """Lets things happen in a shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._chance = Chance(shop.seed, _SERIAL)

    def run(self, count: int) -> list[dict[str, Any]]:
        """Let so many things happen; what and to whom."""
        done: list[dict[str, Any]] = []
        for _ in range(count):
            serial = int(self._shop.store.meta(_SERIAL) or 0)
            self._shop.store.set_meta(_SERIAL, serial + 1)
            self._chance = Chance(self._shop.seed, _SERIAL, serial)
            early = serial < len(_OVERTURE)
            name = _OVERTURE[serial] if early else self._chance.weighted(_USUAL)
            what = getattr(self, f"_{name}")
            with self._shop.store.transaction():
                done.append({"what": name, "key": what()})
        return done

    def _any(self, kind: Kind) -> Key | None:
        keys = self._shop.keys(kind)
        return keys[self._chance.below(len(keys))] if keys else None

    def _some(self, kind: Kind) -> JSONObject | None:
        key = self._any(kind)
        return None if key is None else self._shop.get(kind, key)

    def _new_order(self) -> Key | None:
        shop, chance = self._shop, self._chance
        customer = self._some(kinds.CUSTOMER)
        lines = [
            _line(chance, product)
            for product in (self._some(kinds.PRODUCT) for _ in range(1 + chance.below(3)))
            if product
        ]
        if not lines:
            return None
        lines = list({line.article.id: line for line in lines}.values())
        person = _person(chance, customer) if customer else make_person(chance, 0, 0)
        coupon: JSONObject = {}
        found = self._some(kinds.COUPON) if chance.yes(0.2) else None
        if found and found.get("status") == "ACTIVE":
            coupon = {name: value for name, value in found.items() if name != "orderCount"}
        number = shop.store.next_number(kinds.ORDER)
        now = shop.clock.second()
        bill = make_bill(chance, lines, person, coupon)
        order = order_document(chance, number, bill, person, coupon, now, now)
        if not customer:
            order.pop("customerId")
        return shop.create(kinds.ORDER, order)

    def _new_cart(self) -> Key | None:
        customer = self._some(kinds.CUSTOMER)
        products = [self._some(kinds.PRODUCT) for _ in range(1 + self._chance.below(3))]
        articles = [_line(self._chance, product).article for product in products if product]
        if customer is None or not articles:
            return None
        now = self._shop.clock.second()
        number = self._shop.store.next_free("cart", 100_000)
        person = _person(self._chance, customer)
        cart = cart_document(self._chance, number, articles, person, now, now)
        return self._shop.create(kinds.CART, cart)

    def _order_status(self) -> Key | None:
        # Recent orders are the ones that move.
        keys = self._shop.keys(kinds.ORDER)
        if not keys:
            return None
        key = keys[-1 - self._chance.below(min(len(keys), 60))]
        order = self._shop.get(kinds.ORDER, key)
        status = _NEXT_STATUS.get(order["fulfillmentStatus"], "DELIVERED")
        changes: JSONObject = {"fulfillmentStatus": status}
        if status == "SHIPPED":
            changes["trackingNumber"] = f"FF{key}"
        if order["paymentStatus"] == "AWAITING_PAYMENT":
            changes["paymentStatus"] = "PAID"
        self._shop.update(kinds.ORDER, key, changes)
        return key

    def _refund(self) -> Key | None:
        order = self._some(kinds.ORDER)
        if order is None:
            return None
        refund = {
            "date": order["updateDate"],
            "source": "CP",
            "reason": "Changed my mind",
            "amount": order["total"],
        }
        changes = {
            "paymentStatus": "REFUNDED",
            "refundedAmount": order["total"],
            "refunds": [refund],
        }
        key: Key = order["internalId"]
        self._shop.update(kinds.ORDER, key, changes)
        return key

    def _price(self) -> Key | None:
        product = self._some(kinds.PRODUCT)
        if product is None:
            return None
        factor = (90, 95, 105, 110)[self._chance.below(4)]
        price = dollars(cents(product["price"]) * factor // 100)
        self._shop.update(kinds.PRODUCT, product["id"], {"price": price})
        key: Key = product["id"]
        return key

    def _stock(self) -> Key | None:
        key = self._any(kinds.PRODUCT)
        if key is not None:
            changes = {"quantity": self._chance.below(60), "unlimited": False}
            self._shop.update(kinds.PRODUCT, key, changes)
        return key

    def _product_with_variations(self) -> JSONObject | None:
        found = self._shop.keys(kinds.PRODUCT)
        for _ in range(min(len(found), 30)):
            product = self._some(kinds.PRODUCT)
            if product and len(product.get("combinations", ())) > 1:
                return product
        return None

    def _variation(self) -> Key | None:
        product = self._product_with_variations()
        if product is None:
            return None
        variations = product["combinations"]
        chosen = variations[self._chance.below(len(variations))]
        chosen["price"] = dollars(cents(chosen["price"]) + 100)
        self._shop.update(kinds.PRODUCT, product["id"], {"combinations": variations})
        key: Key = product["id"]
        return key

    def _delete_variation(self) -> Key | None:
        product = self._product_with_variations()
        if product is None:
            return None
        changes = {"combinations": product["combinations"][:-1]}
        self._shop.update(kinds.PRODUCT, product["id"], changes)
        key: Key = product["id"]
        return key

    def _new_customer(self) -> Key:
        number = self._shop.store.next_number(kinds.CUSTOMER)
        person = make_person(self._chance, len(self._shop.keys(kinds.CUSTOMER)), number)
        person.registered = self._shop.clock.second()
        document = customer_document(self._chance, person, person.registered)
        document.pop("updated")
        return self._shop.create(kinds.CUSTOMER, document)

    def _customer(self) -> Key | None:
        customer = self._some(kinds.CUSTOMER)
        if customer is None:
            return None
        changes = {
            "acceptMarketing": not customer.get("acceptMarketing"),
            "privateAdminNotes": "Called about the newsletter.",
        }
        self._shop.update(kinds.CUSTOMER, customer["id"], changes)
        key: Key = customer["id"]
        return key

    def _coupon(self) -> Key | None:
        key = self._any(kinds.COUPON)
        if key is not None:
            self._shop.update(kinds.COUPON, key, {"status": "PAUSED"})
        return key

    def _publish_review(self) -> Key | None:
        key = self._any(kinds.REVIEW)
        if key is not None:
            self._shop.update(kinds.REVIEW, key, {"status": "published"})
        return key

    def _new_category(self) -> Key:
        parent = self._any(kinds.CATEGORY)
        fields = {"name": "New arrivals", "parentId": parent, "enabled": True}
        return self._shop.create(kinds.CATEGORY, fields)

    def _rename_category(self) -> Key | None:
        category = self._some(kinds.CATEGORY)
        if category is None:
            return None
        name = f"{category['name']} & more"
        self._shop.update(kinds.CATEGORY, category["id"], {"name": name})
        key: Key = category["id"]
        return key

    def _delete_category(self) -> Key | None:
        """An empty one, so that the shop stays a shop."""
        retired = [c["id"] for c in self._shop.all(kinds.CATEGORY) if c["name"] == RETIRED_CATEGORY]
        key: Key | None = retired[0] if retired else None
        if key is not None:
            self._shop.delete(kinds.CATEGORY, key)
        return key

    def _promotion(self) -> Key | None:
        promotion = self._some(kinds.PROMOTION)
        if promotion is None:
            return None
        changes = {"amount": promotion["amount"] + 1, "enabled": not promotion["enabled"]}
        key: Key = promotion["id"]
        self._shop.update(kinds.PROMOTION, key, changes)
        return key

    def _new_promotion(self) -> Key:
        fields = {
            "name": f"Basket of {50 + self._chance.below(100)} and more",
            "enabled": False,
            "discountBase": "SUBTOTAL",
            "discountType": "PERCENT",
            "amount": 3 + self._chance.below(10),
            "triggers": {"subtotal": 50 + self._chance.below(100)},
        }
        return self._shop.create(kinds.PROMOTION, fields)

    def _subscription(self) -> Key | None:
        """Somebody goes away for a while, or comes back, or has had enough."""
        subscription = self._some(kinds.SUBSCRIPTION)
        if subscription is None:
            return None
        now = format_time(self._shop.clock.second())
        changes: JSONObject = {"status": "ACTIVE", "statusUpdated": now}
        if subscription["status"] == "ACTIVE":
            changes["status"] = "PAUSED"
            if self._chance.yes(0.3):
                changes |= {"status": "CANCELLED", "cancelled": now}
        else:
            changes["cancelled"] = None
        key: Key = subscription["subscriptionId"]
        self._shop.update(kinds.SUBSCRIPTION, key, changes)
        return key

    def _name_status(self) -> Key | None:
        """Only the merchant's own statuses can have another name."""
        own = [s for s in self._shop.all(kinds.ORDER_STATUS) if not s["defaultStatus"]]
        if not own:
            return None
        key: Key = own[self._chance.below(len(own))]["statusId"]
        name = f"Step {1 + self._chance.below(90)}"
        changes = {
            "name": name,
            "nameTranslated": {"en": name, "de": name.replace("Step", "Schritt")},
            "enabled": True,
            "lastNameChangeDate": format_time(self._shop.clock.second()),
        }
        self._shop.update(kinds.ORDER_STATUS, key, changes)
        return key

    def _brand(self) -> Key | None:
        """A product goes over to a maker that the shop may not have had yet."""
        product = self._some(kinds.PRODUCT)
        if product is None:
            return None
        attributes = product.get("attributes", [])
        for attribute in attributes:
            if attribute["type"] == "BRAND":
                attribute["value"] = _NEW_MAKERS[self._chance.below(len(_NEW_MAKERS))]
        key: Key = product["id"]
        self._shop.update(kinds.PRODUCT, key, {"attributes": attributes})
        return key

    def _product_type(self) -> Key | None:
        """A type gets one attribute more."""
        found = self._some(kinds.PRODUCT_TYPE)
        if found is None:
            return None
        number = self._shop.store.next_free("attribute", 701)
        attribute = {"id": number, "name": f"Detail {number}", "type": "CUSTOM", "show": "DESCR"}
        key: Key = found["id"]
        self._shop.update(
            kinds.PRODUCT_TYPE, key, {"attributes": [*found["attributes"], attribute]}
        )
        return key

    def _new_redirect(self) -> Key:
        number = self._shop.store.next_free("redirect", 101)
        fields = {
            "id": f"{self._chance.getrandbits(48):012x}",
            "fromUrl": f"/old-page-{number}",
            "toUrl": "/Coffee",
        }
        return self._shop.create(kinds.REDIRECT, fields)

    def _order_extra_field(self) -> Key | None:
        """Whoever packs an order adds a note to it."""
        order = self._some(kinds.ORDER)
        if order is None:
            return None
        note = {
            "id": "packNt1",
            "value": f"Shelf {1 + self._chance.below(40)}",
            "customerInputType": "TEXT",
            "title": "Where it was",
            "orderBy": "30",
        }
        others = [f for f in order.get("orderExtraFields", []) if f["id"] != note["id"]]
        key: Key = order["internalId"]
        self._shop.update(kinds.ORDER, key, {"orderExtraFields": [*others, note]})
        return key

    def _new_extra_field(self) -> Key:
        number = self._shop.store.next_free("extra field", 101)
        fields = {
            "key": f"own{number}{self._chance.below(10)}",
            "title": f"Question {number}",
            "entityTypes": ["CUSTOMERS"],
            "type": "TEXT",
            "shownOnOrderDetails": False,
            "linkedWithCheckoutField": False,
        }
        return self._shop.create(kinds.CUSTOMER_EXTRA_FIELD, fields)

    def _payment_option(self) -> Key:
        """A way to pay is switched off, or on again."""
        shop = self._shop
        payment = shop.get(kinds.PROFILE, shop.store_id)["payment"]
        options = payment["paymentOptions"]
        chosen = options[self._chance.below(len(options))]
        chosen["enabled"] = not chosen["enabled"]
        shop.update(kinds.PROFILE, shop.store_id, {"payment": payment})
        key: Key = chosen["id"]
        return key

    def _delete_promotion(self) -> Key | None:
        return self._delete(kinds.PROMOTION)

    def _delete_redirect(self) -> Key | None:
        return self._delete(kinds.REDIRECT)

    def _delete(self, kind: Kind) -> Key | None:
        key = self._any(kind)
        if key is not None:
            self._shop.delete(kind, key)
        return key

    def _delete_product(self) -> Key | None:
        return self._delete(kinds.PRODUCT)

    def _delete_customer(self) -> Key | None:
        return self._delete(kinds.CUSTOMER)

    def _delete_order(self) -> Key | None:
        return self._delete(kinds.ORDER)

    def _delete_coupon(self) -> Key | None:
        return self._delete(kinds.COUPON)

    def _delete_review(self) -> Key | None:
        return self._delete(kinds.REVIEW)


def _line(chance: Chance, product: JSONObject) -> Line:
    variants = tuple(
        Variant(
            id=variation["id"],
            sku=variation.get("sku", ""),
            price=cents(variation["price"]),
            options=tuple((o["name"], o["value"]) for o in variation.get("options", ())),
            quantity=variation.get("quantity"),
        )
        for variation in product.get("combinations", ())
    )
    article = Article(
        number=0,
        id=product["id"],
        family=WORDS.families[product["id"] % len(WORDS.families)],
        name=product["name"],
        sku=product["sku"],
        price=cents(product["price"]),
        weight=product.get("weight", 0),
        categories=tuple(product.get("categoryIds") or (0,)),
        enabled=True,
        created=0,
        quantity=product.get("quantity"),
        variants=variants,
    )
    return Line(article, variants[chance.below(len(variants))] if variants else None, 1)


def _person(chance: Chance, customer: JSONObject) -> Person:
    person = make_person(chance, customer["id"] % 254, customer["id"])
    address = customer.get("billingPerson", {})
    person.name = customer.get("name", person.name)
    person.first_name, _, person.last_name = person.name.partition(" ")
    person.email = customer.get("email", person.email)
    person.street = address.get("street", person.street)
    person.phone = address.get("phone", person.phone)
    person.company = address.get("companyName", "")
    person.marketing = bool(customer.get("acceptMarketing"))
    person.registered = parse_time(customer["registered"])
    towns = [place for place in PEOPLE.places if place.city == address.get("city")]
    person.place = towns[0] if towns else person.place
    group = customer.get("customerGroupName")
    names = [name for name, _, _ in GROUPS]
    person.group = names.index(group) if group in names else -1
    return person
