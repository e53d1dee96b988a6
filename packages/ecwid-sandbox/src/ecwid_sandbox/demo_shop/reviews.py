"""What customers think of what they bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.demo_shop.vocabulary import WORDS
from ecwid_sandbox.server.clock import DAY, format_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_sandbox.demo_shop.baskets import Line
    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.demo_shop.people import Person
    from ecwid_sandbox.server.storage.kinds import JSONObject

FIRST_REVIEW_ID: Final = 3_300_001
_RATINGS: Final = (("5", 55), ("4", 25), ("3", 10), ("2", 5), ("1", 5))
_GOOD, _MIDDLING = 4, 3


@dataclass(slots=True, frozen=True)
class Purchase:
    """A line of a delivered order, about which somebody could write."""

    order_id: str
    number: int
    item_id: int
    line: Line
    person: Person
    at: int


@dataclass(slots=True)
class Sample:
    """So many purchases of all that pass by, each with the same chance."""

    chance: Chance
    size: int
    kept: list[Purchase] = field(default_factory=list)
    seen: int = 0

    def place(self) -> int:
        """Where to keep the next one; -1 to let it pass."""
        self.seen += 1
        if len(self.kept) < self.size:
            return len(self.kept)
        found = self.chance.below(self.seen)
        return found if found < self.size else -1

    def keep(self, place: int, purchase: Purchase) -> None:
        """Keep it where ``place`` said."""
        self.kept[place : place + 1] = [purchase]


def review_documents(chance: Chance, purchases: list[Purchase], now: int) -> Iterator[JSONObject]:
    """A review of each purchase; the articles learn their ratings on the way."""
    purchases.sort(key=lambda purchase: (purchase.at, purchase.item_id))
    for place, purchase in enumerate(purchases):
        yield review_document(chance, FIRST_REVIEW_ID + place, purchase, now)


def review_document(chance: Chance, number: int, purchase: Purchase, now: int) -> JSONObject:
    """A review as the API shows it."""
    rating = int(chance.weighted(_RATINGS))
    words = WORDS.praise if rating >= _GOOD else WORDS.doubt if rating == _MIDDLING else WORDS.blame
    article, person = purchase.line.article, purchase.person
    created = chance.later(purchase.at, 30 * DAY, now)
    published = now - created > 2 * DAY or chance.yes(0.5)
    updated = chance.later(created, 2 * DAY, now) if published else created
    if published:
        article.ratings.append(rating)
    else:
        article.moderated += 1
    document: JSONObject = {
        "id": number,
        "status": "published" if published else "moderated",
        "rating": rating,
        "orderId": purchase.order_id,
        "orderNumber": purchase.order_id,
        "orderItemId": purchase.item_id,
        "productId": article.id,
        "productName": article.name,
        "customerId": person.id,
        "review": words[chance.below(len(words))],
        "reviewerInfo": {
            "name": f"{person.first_name} {person.last_name[0]}.",
            "email": person.email,
            "country": person.place.country_name,
            "city": person.place.city,
            "orders": person.orders,
        },
        "createDate": format_time(created),
        "updateDate": format_time(updated),
        "createTimestamp": created,
        "updateTimestamp": updated,
    }
    if purchase.line.variant:
        document["productOptions"] = [value for _, value in purchase.line.variant.options]
    return document
