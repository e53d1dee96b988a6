"""What happens in a shop on a busy afternoon: customers buy, staff tidy up.

Seeded like the shop itself: the n-th thing that happens to a shop is always the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_sandbox.demo_shop.baskets import Line, make_bill
from ecwid_sandbox.demo_shop.catalogue import Article, Variant
from ecwid_sandbox.demo_shop.chance import Chance
from ecwid_sandbox.demo_shop.data import load
from ecwid_sandbox.demo_shop.orders import cart_document, order_document
from ecwid_sandbox.demo_shop.people import GROUPS, customer_document, make_person
from ecwid_sandbox.demo_shop.places import PEOPLE
from ecwid_sandbox.demo_shop.vocabulary import RETIRED_CATEGORY, WORDS
from ecwid_sandbox.server.clock import format_time, parse_time
from ecwid_sandbox.server.shop.money import cents, dollars
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ecwid_sandbox.demo_shop.people import Person
    from ecwid_sandbox.server.shop.shop import Shop
    from ecwid_sandbox.server.storage.kinds import JSONObject, Key, Kind

_SERIAL: Final = "activity"


class _Script(msgspec.Struct):
    """What happens, by name: first this, then that, with how often; and what it leads to."""

    overture: list[str]
    usual: dict[str, float]
    next_status: dict[str, str]
    new_makers: list[str]


_SCRIPT: Final = load("activity", _Script)
_USUAL: Final = tuple(_SCRIPT.usual.items())


class Activity:
    """Lets things happen in a shop."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._chance = Chance(shop.seed, _SERIAL)
        self._others: Mapping[str, Callable[[], Key | None]] = {
            "new_order": self._new_order,
            "new_cart": self._new_cart,
            "order_status": self._order_status,
            "variation": self._variation,
            "delete_variation": self._delete_variation,
            "new_customer": self._new_customer,
            "new_category": self._new_category,
            "delete_category": self._delete_category,
            "new_promotion": self._new_promotion,
            "name_status": self._name_status,
            "new_redirect": self._new_redirect,
            "new_extra_field": self._new_extra_field,
            "payment_option": self._payment_option,
        }

    def run(self, count: int) -> list[dict[str, Any]]:
        """Let so many things happen; what and to whom."""
        done: list[dict[str, Any]] = []
        for _ in range(count):
            serial = int(self._shop.store.meta(_SERIAL) or 0)
            self._shop.store.set_meta(_SERIAL, serial + 1)
            self._chance = Chance(self._shop.seed, _SERIAL, serial)
            early = serial < len(_SCRIPT.overture)
            name = _SCRIPT.overture[serial] if early else self._chance.weighted(_USUAL)
            with self._shop.store.transaction():
                done.append({"what": name, "key": self._one(name)})
        return done

    def _one(self, name: str) -> Key | None:
        """Let one thing happen; None where there is nothing that it could happen to."""
        if name in self._others:
            return self._others[name]()
        if name in _DELETED:
            key = self._any(_DELETED[name])
            if key is not None:
                self._shop.delete(_DELETED[name], key)
            return key
        kind, change = _CHANGED[name]
        document = self._some(kind)
        if document is None:
            return None
        self._shop.update(kind, kind.key_of(document), change(self._shop, self._chance, document))
        return kind.key_of(document)

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
        """Recent orders are the ones that move."""
        keys = self._shop.keys(kinds.ORDER)
        if not keys:
            return None
        key = keys[-1 - self._chance.below(min(len(keys), 60))]
        order = self._shop.get(kinds.ORDER, key)
        status = _SCRIPT.next_status.get(order["fulfillmentStatus"], "DELIVERED")
        changes: JSONObject = {"fulfillmentStatus": status}
        if status == "SHIPPED":
            changes["trackingNumber"] = f"FF{key}"
        if order["paymentStatus"] == "AWAITING_PAYMENT":
            changes["paymentStatus"] = "PAID"
        self._shop.update(kinds.ORDER, key, changes)
        return key

    def _product_with_variations(self) -> JSONObject | None:
        for _ in range(min(self._shop.count(kinds.PRODUCT), 30)):
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
        return kinds.PRODUCT.key_of(product)

    def _delete_variation(self) -> Key | None:
        product = self._product_with_variations()
        if product is None:
            return None
        changes = {"combinations": product["combinations"][:-1]}
        self._shop.update(kinds.PRODUCT, product["id"], changes)
        return kinds.PRODUCT.key_of(product)

    def _new_customer(self) -> Key:
        number = self._shop.store.next_number(kinds.CUSTOMER)
        person = make_person(self._chance, self._shop.count(kinds.CUSTOMER), number)
        person.registered = self._shop.clock.second()
        document = customer_document(self._chance, person, person.registered)
        document.pop("updated")
        return self._shop.create(kinds.CUSTOMER, document)

    def _new_category(self) -> Key:
        parent = self._any(kinds.CATEGORY)
        fields = {"name": "New arrivals", "parentId": parent, "enabled": True}
        return self._shop.create(kinds.CATEGORY, fields)

    def _delete_category(self) -> Key | None:
        """An empty one, so that the shop stays a shop."""
        retired = [c["id"] for c in self._shop.all(kinds.CATEGORY) if c["name"] == RETIRED_CATEGORY]
        key: Key | None = retired[0] if retired else None
        if key is not None:
            self._shop.delete(kinds.CATEGORY, key)
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

    def _new_redirect(self) -> Key:
        number = self._shop.store.next_free("redirect", 101)
        identity = f"{self._chance.getrandbits(48):012x}"
        fields = {"id": identity, "fromUrl": f"/old-page-{number}", "toUrl": "/Coffee"}
        return self._shop.create(kinds.REDIRECT, fields)

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


def _refund(_: Shop, __: Chance, order: JSONObject) -> JSONObject:
    amount = order["total"]
    what = {"date": order["updateDate"], "source": "CP", "reason": "Changed my mind"}
    refunds = [{**what, "amount": amount}]
    return {"paymentStatus": "REFUNDED", "refundedAmount": amount, "refunds": refunds}


def _price(_: Shop, chance: Chance, product: JSONObject) -> JSONObject:
    factor = (90, 95, 105, 110)[chance.below(4)]
    return {"price": dollars(cents(product["price"]) * factor // 100)}


def _stock(_: Shop, chance: Chance, __: JSONObject) -> JSONObject:
    return {"quantity": chance.below(60), "unlimited": False}


def _customer(_: Shop, __: Chance, customer: JSONObject) -> JSONObject:
    wanted = not customer.get("acceptMarketing")
    return {"acceptMarketing": wanted, "privateAdminNotes": "Called about the newsletter."}


def _promotion(_: Shop, __: Chance, promotion: JSONObject) -> JSONObject:
    return {"amount": promotion["amount"] + 1, "enabled": not promotion["enabled"]}


def _subscription(shop: Shop, chance: Chance, subscription: JSONObject) -> JSONObject:
    """Someone goes away for a while, or comes back, or has had enough."""
    now = format_time(shop.clock.second())
    if subscription["status"] != "ACTIVE":
        return {"status": "ACTIVE", "statusUpdated": now, "cancelled": None}
    if chance.yes(0.3):
        return {"status": "CANCELLED", "statusUpdated": now, "cancelled": now}
    return {"status": "PAUSED", "statusUpdated": now}


def _brand(_: Shop, chance: Chance, product: JSONObject) -> JSONObject:
    """A product goes over to a maker that the shop may not have had yet."""
    attributes = product.get("attributes", [])
    for attribute in attributes:
        if attribute["type"] == "BRAND":
            attribute["value"] = _SCRIPT.new_makers[chance.below(len(_SCRIPT.new_makers))]
    return {"attributes": attributes}


def _product_type(shop: Shop, _: Chance, found: JSONObject) -> JSONObject:
    """A type gets one attribute more."""
    number = shop.store.next_free("attribute", 701)
    attribute = {"id": number, "name": f"Detail {number}", "type": "CUSTOM", "show": "DESCR"}
    return {"attributes": [*found["attributes"], attribute]}


def _order_extra_field(_: Shop, chance: Chance, order: JSONObject) -> JSONObject:
    """Whoever packs an order adds a note to it."""
    note = {
        "id": "packNt1",
        "value": f"Shelf {1 + chance.below(40)}",
        "customerInputType": "TEXT",
        "title": "Where it was",
        "orderBy": "30",
    }
    others = [f for f in order.get("orderExtraFields", []) if f["id"] != note["id"]]
    return {"orderExtraFields": [*others, note]}


_CHANGED: Final[Mapping[str, tuple[Kind, Callable[[Shop, Chance, JSONObject], JSONObject]]]] = {
    "refund": (kinds.ORDER, _refund),
    "price": (kinds.PRODUCT, _price),
    "stock": (kinds.PRODUCT, _stock),
    "customer": (kinds.CUSTOMER, _customer),
    "coupon": (kinds.COUPON, lambda _, __, ___: {"status": "PAUSED"}),
    "publish_review": (kinds.REVIEW, lambda _, __, ___: {"status": "published"}),
    "rename_category": (kinds.CATEGORY, lambda _, __, c: {"name": f"{c['name']} & more"}),
    "promotion": (kinds.PROMOTION, _promotion),
    "subscription": (kinds.SUBSCRIPTION, _subscription),
    "brand": (kinds.PRODUCT, _brand),
    "product_type": (kinds.PRODUCT_TYPE, _product_type),
    "order_extra_field": (kinds.ORDER, _order_extra_field),
}
"""What changes a document: its kind, and the fields that it gets."""
_DELETED: Final[Mapping[str, Kind]] = {
    "delete_product": kinds.PRODUCT,
    "delete_customer": kinds.CUSTOMER,
    "delete_order": kinds.ORDER,
    "delete_coupon": kinds.COUPON,
    "delete_review": kinds.REVIEW,
    "delete_promotion": kinds.PROMOTION,
    "delete_redirect": kinds.REDIRECT,
}


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
