"""Filling an empty store with a demo shop. The same seed, date and size give the same shop."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_sandbox.demo_shop import settings
from ecwid_sandbox.demo_shop.baskets import fill_basket, make_bill
from ecwid_sandbox.demo_shop.catalogue import make_article, product_document
from ecwid_sandbox.demo_shop.categories import category_documents, category_ids
from ecwid_sandbox.demo_shop.chance import Chance, buying_times
from ecwid_sandbox.demo_shop.coupons import coupon_documents
from ecwid_sandbox.demo_shop.extra_fields import (
    checkout_extra_field_documents,
    customer_extra_field_documents,
)
from ecwid_sandbox.demo_shop.orders import FIRST_ORDER_NUMBER, cart_documents, order_document
from ecwid_sandbox.demo_shop.people import customer_document, group_documents, make_person
from ecwid_sandbox.demo_shop.product_types import (
    bare_product_type_documents,
    product_type_documents,
)
from ecwid_sandbox.demo_shop.reviews import Purchase, Sample, review_documents
from ecwid_sandbox.demo_shop.subscriptions import (
    SUBSCRIBED_CATEGORY,
    Subscribers,
    subscription_documents,
)
from ecwid_sandbox.demo_shop.vocabulary import WORDS
from ecwid_sandbox.server.clock import DAY, format_time, parse_time
from ecwid_sandbox.server.shop.derived import public_order_id
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecwid_sandbox.demo_shop.catalogue import Article
    from ecwid_sandbox.demo_shop.people import Person
    from ecwid_sandbox.demo_shop.sizes import Size
    from ecwid_sandbox.demo_shop.subscriptions import Subscriber
    from ecwid_sandbox.demo_shop.vocabulary import Path
    from ecwid_sandbox.server.storage.kinds import JSONObject, Kind
    from ecwid_sandbox.server.storage.store import Store

# A tiny shop needs few categories.
_TINY_FAMILIES: Final = 5
_SMALL_CATALOGUE: Final = 20
_DELETED_PER_HUNDRED: Final = 2
_COUPON_SHARE: Final = 0.09
_ORDERING_SHARE: Final = 0.88
_RECOVERED: Final = 0.7
_COUNTING: Final = frozenset({"PAID", "PARTIALLY_REFUNDED"})


def generate(store: Store, *, store_id: int, size: Size, seed: int, now: int) -> None:
    """Fill a store."""
    with store.transaction():
        Generator(store, size, seed, now).run(store_id)


class Generator:
    """Makes a shop, most of it in one pass through the orders."""

    def __init__(self, store: Store, size: Size, seed: int, now: int) -> None:
        self._store = store
        self._size = size
        self._seed = seed
        self._now = now
        self._people: list[Person] = []
        self._sample = Sample(self._chance("sample"), size.reviews)
        self._subscribers = Subscribers()
        self._last_orders: dict[int, JSONObject] = {}

    def _chance(self, purpose: str) -> Chance:
        return Chance(self._seed, purpose)

    def run(self, store_id: int) -> None:
        """Make everything."""
        size, now = self._size, self._now
        families = _TINY_FAMILIES if size.products <= _SMALL_CATALOGUE else len(WORDS.families)
        categories = category_ids(WORDS.families[:families]) if size.products else {}
        chance = self._chance("articles")
        articles = [
            make_article(chance, number, categories, now, families)
            for number in range(size.products)
        ]
        coupons = coupon_documents(self._chance("coupons"), size.coupons, now)
        groups = group_documents()
        self._insert(kinds.CUSTOMER_GROUP, groups[:1] if size.empty else groups)
        self._insert(kinds.ORDER, self._orders(articles, coupons))
        self._add_idle_customers()
        self._insert(
            kinds.REVIEW, review_documents(self._chance("reviews"), self._sample.kept, now)
        )
        chance = self._chance("products")
        self._insert(kinds.PRODUCT, (product_document(chance, a, now) for a in articles))
        self._insert(kinds.CATEGORY, category_documents(categories, articles))
        chance = self._chance("customers")
        self._insert(kinds.CUSTOMER, (customer_document(chance, p, now) for p in self._people))
        self._insert(kinds.COUPON, coupons)
        if articles and self._people:
            self._insert(kinds.CART, self._carts(articles))
        profile = settings.profile_document(store_id, now, FIRST_ORDER_NUMBER + size.orders)
        self._insert(kinds.PROFILE, [profile])
        self._add_settings(categories)
        self._add_subscriptions()
        for name in ("profileUpdated", "categoriesUpdated", "domainsUpdated"):
            self._store.move_stats(name, now - 3 * DAY)
        self._forget_some()

    def _add_settings(self, categories: dict[Path, int]) -> None:
        """What the shop has however small it is; an empty one has only what Ecwid puts there."""
        now = self._now
        self._insert(kinds.ORDER_STATUS, settings.order_status_documents(now))
        self._insert(kinds.DOMAINS, settings.domain_documents())
        if self._size.empty:
            self._insert(kinds.PRODUCT_TYPE, bare_product_type_documents())
            return
        self._insert(kinds.PRODUCT_TYPE, product_type_documents())
        for kind, documents in (
            (kinds.PROMOTION, settings.promotion_documents(categories, now)),
            (kinds.CHECKOUT_EXTRA_FIELD, checkout_extra_field_documents()),
            (kinds.CUSTOMER_EXTRA_FIELD, customer_extra_field_documents(now)),
            (kinds.STAFF_ACCOUNT, settings.staff_documents()),
            (kinds.STORAGE_ENTRY, settings.storage_documents(now)),
            (kinds.REDIRECT, settings.redirect_documents()),
        ):
            self._insert(kind, documents)

    def _add_subscriptions(self) -> None:
        begun: list[tuple[Subscriber, JSONObject]] = []
        for subscriber in self._subscribers.chosen(self._size.subscriptions):
            body = self._store.get(kinds.ORDER, subscriber.order)
            if body is not None:
                begun.append((subscriber, msgspec.json.decode(body)))
        documents = list(subscription_documents(self._chance("subscriptions"), begun, self._now))
        self._insert(kinds.SUBSCRIPTION, documents)
        latest = max((document["updateTimestamp"] for document in documents), default=0)
        if latest:
            self._store.move_stats("subscriptionsUpdated", latest // 1000)

    def _insert(self, kind: Kind, documents: Sequence[JSONObject] | Iterator[JSONObject]) -> None:
        latest = ""

        def watched() -> Iterator[JSONObject]:
            nonlocal latest
            for document in documents:
                if kind.updated and document[kind.updated] > latest:
                    latest = document[kind.updated]
                yield document

        self._store.insert(kind, watched())
        if latest:
            for name in kind.stats:
                self._store.move_stats(name, parse_time(latest))

    def _orders(
        self, articles: Sequence[Article], coupons: Sequence[JSONObject]
    ) -> Iterator[JSONObject]:
        chance = self._chance("orders")
        times = buying_times(self._chance("calendar"), self._size.orders, self._now)
        newcomers = min(1.0, _ORDERING_SHARE * self._size.customers / max(1, self._size.orders))
        used = self._usable(coupons)
        buyers: list[Person] = []
        for place, at in enumerate(times):
            person = self._buyer(chance, buyers, newcomers, at)
            # Whoever bought often has more entries here: regulars become more regular.
            buyers.append(person)
            valid = [c for start, end, c in used if start <= at <= end]
            coupon = valid[chance.below(len(valid))] if valid and chance.yes(_COUPON_SHARE) else {}
            bill = make_bill(chance, fill_basket(chance, articles, at), person, coupon)
            number = FIRST_ORDER_NUMBER + place
            if coupon:
                coupon["orderCount"] += 1
            document = order_document(chance, number, bill, person, coupon, at, self._now)
            person.bought(bill.total, at, counts=document["paymentStatus"] in _COUNTING)
            self._last_orders[person.id] = {
                name: document[name] for name in ("orderNumber", "publicUid", "createTimestamp")
            }
            for line in bill.lines:
                beans = SUBSCRIBED_CATEGORY in line.article.family.category
                if beans and document["paymentStatus"] == "PAID":
                    self._subscribers.note(document, line.article.id)
            if document["fulfillmentStatus"] == "DELIVERED":
                for position, line in enumerate(bill.lines):
                    kept = self._sample.place()
                    if kept >= 0:
                        self._sample.keep(
                            kept,
                            Purchase(
                                public_order_id(number),
                                number,
                                number * 8 + position,
                                line,
                                person,
                                at,
                            ),
                        )
            yield document

    def _carts(self, articles: Sequence[Article]) -> Iterator[JSONObject]:
        """Some of those who left a cart came back to it."""
        size, now = self._size, self._now
        chance = self._chance("recovered")
        for cart in cart_documents(self._chance("carts"), size.carts, articles, self._people, now):
            order = self._last_orders.get(cart["customerId"])
            if (
                order
                and order["createTimestamp"] > cart["createTimestamp"]
                and chance.yes(_RECOVERED)
            ):
                cart["recoveredOrderId"] = order["orderNumber"]
                cart["recoveredPublicUid"] = order["publicUid"]
                touched = max(cart["updateTimestamp"], order["createTimestamp"])
                cart |= {"updateTimestamp": touched, "updateDate": format_time(touched)}
            yield cart

    def _usable(self, coupons: Sequence[JSONObject]) -> list[tuple[int, int, JSONObject]]:
        return [
            (
                parse_time(coupon["creationDate"]),
                parse_time(coupon["expirationDate"]) if "expirationDate" in coupon else self._now,
                coupon,
            )
            for coupon in coupons
        ]

    def _buyer(self, chance: Chance, buyers: Sequence[Person], newcomers: float, at: int) -> Person:
        if buyers and not chance.yes(newcomers):
            return buyers[chance.below(len(buyers))]
        return self._add_customer(chance, at)

    def _add_customer(self, chance: Chance, at: int) -> Person:
        person = make_person(chance, len(self._people))
        person.registered = at
        self._people.append(person)
        return person

    def _add_idle_customers(self) -> None:
        """Those who registered and never bought."""
        chance = self._chance("idle")
        missing = max(0, self._size.customers - len(self._people))
        for _ in itertools.repeat(None, missing):
            self._add_customer(chance, self._now - 3_600 - chance.below(700 * DAY))

    def _forget_some(self) -> None:
        """What the shop once had: the history of deletions."""
        chance = self._chance("deleted")
        counts = (
            (kinds.PRODUCT, 690_000_001, self._size.products),
            (kinds.CUSTOMER, 4_200_000_001, self._size.customers),
            (kinds.ORDER, 550_000_001, self._size.orders),
            (kinds.COUPON, 60_000_001, self._size.coupons),
            (kinds.REVIEW, 3_200_001, self._size.reviews),
        )
        for kind, first, count in counts:
            for place in range((count * _DELETED_PER_HUNDRED + 99) // 100):
                at = self._now - 120 - chance.below(500 * DAY)
                entry: JSONObject = {"id": first + place}
                if kind is kinds.ORDER:
                    entry["orderId"] = public_order_id(first + place)
                self._store.add_deletion(kind, entry, at)
