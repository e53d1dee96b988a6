"""Discount coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.server.clock import DAY, format_time

if TYPE_CHECKING:
    from ecwid_sandbox.demo_shop.chance import Chance
    from ecwid_sandbox.server.storage.kinds import JSONObject

FIRST_COUPON_ID: Final = 61_000_021

_IDEAS: Final = (
    ("Welcome", "WELCOME10", "PERCENT", 10),
    ("First snow", "FIRSTSNOW", "PERCENT", 15),
    ("Free parcel", "SHIPFREE", "SHIPPING", 0),
    ("Five off", "FIVEOFF", "ABS", 5),
    ("Campfire", "CAMPFIRE20", "ABS", 20),
    ("Roastery", "ROAST12", "PERCENT", 12),
)


def coupon_documents(chance: Chance, count: int, now: int) -> list[JSONObject]:
    """The coupons; how often they were used is added by the orders."""
    documents: list[JSONObject] = []
    for place in range(count):
        name, code, kind, discount = _IDEAS[place % len(_IDEAS)]
        campaign = place // len(_IDEAS)
        # The first ones run as long as the shop; later ones are campaigns of a few weeks.
        age = 720 if not campaign else 30 + chance.below(650)
        created = now - age * DAY - chance.below(DAY)
        ended = bool(campaign) and age > 90  # noqa: PLR2004 - days
        status = "EXPIRED" if ended else chance.weighted((("ACTIVE", 9), ("PAUSED", 1)))
        updated = chance.later(created, 60 * DAY, now)
        document: dict[str, Any] = {
            "id": FIRST_COUPON_ID + 4 * place,
            "name": name + (f" {campaign + 1}" if campaign else ""),
            "code": code + (f"-{campaign + 1}" if campaign else ""),
            "discountType": kind,
            "status": status if campaign else "ACTIVE",
            "discount": discount,
            "launchDate": format_time(created - created % DAY),
            "usesLimit": chance.weighted((("UNLIMITED", 3), ("ONCEPERCUSTOMER", 1))),
            "applicationLimit": "UNLIMITED",
            "repeatCustomerOnly": False,
            "creationDate": format_time(created),
            "updateDate": format_time(updated),
            "orderCount": 0,
        }
        if ended:
            document["expirationDate"] = format_time(created + 60 * DAY)
        if kind == "ABS":
            document["totalLimit"] = 50
        documents.append(document)
    return documents
