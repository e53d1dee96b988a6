"""Abandoned carts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from ecwid_sandbox.demo_shop.baskets import bill_fields, fill_basket, item_fields, make_bill
from ecwid_sandbox.server.clock import DAY, format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ecwid_sandbox.demo_shop.catalogue import Article
    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.demo_shop.people import Person
    from ecwid_sandbox.server.storage.kinds import JSONObject


def cart_documents(
    chance: Chance, count: int, articles: Sequence[Article], people: Sequence[Person], now: int
) -> Iterator[JSONObject]:
    """What somebody wanted to buy, and then didn't, in the last months."""
    for place in range(count):
        created = now - 3_600 - chance.below(120 * DAY)
        person = people[chance.below(len(people))]
        yield cart_document(chance, place, articles, person, created, now)


def cart_document(
    chance: Chance, number: int, articles: Sequence[Article], person: Person, created: int, now: int
) -> JSONObject:
    """An abandoned cart as the API shows it."""
    updated = chance.later(created, 3 * DAY, now)
    bill = make_bill(chance, fill_basket(chance, articles, created), person, {})
    document: dict[str, Any] = {
        "cartId": str(uuid.UUID(int=chance.getrandbits(128), version=4)).upper(),
        **bill_fields(bill, person),
        "email": person.email,
        "b2b_b2c": "b2b" if person.company else "b2c",
        "ipAddress": f"203.0.113.{person.number % 254 + 1}",
        "customerId": person.id,
        "createDate": format_time(created),
        "updateDate": format_time(updated),
        "createTimestamp": created,
        "updateTimestamp": updated,
        "customerGroupId": person.group_id,
        "items": [
            item_fields(bill, place, 880_000_000 + number * 8 + place)
            for place in range(len(bill.lines))
        ],
        "billingPerson": person.address(),
        "hidden": chance.yes(0.1),
        "acceptMarketing": person.marketing,
        "lang": "de" if person.place.country in {"DE", "AT"} else "en",
    }
    for item in document["items"]:
        item.pop("nameTranslated", None)
    if person.group >= 0:
        document["customerGroup"] = person.group_name
    if chance.yes(0.4):
        document["recoveryEmailSentTimestamp"] = format_time(updated)
    return document
