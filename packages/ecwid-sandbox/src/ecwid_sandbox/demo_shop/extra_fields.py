"""Questions of the merchant's own, at the checkout and about customers, and what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.demo_shop.data import load
from ecwid_sandbox.server.clock import DAY, format_time

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject

_GIFT, _DAY = load("extra_fields", list[dict[str, Any]])
_GREETINGS: Final = (
    "For the long way round. M.",
    "Happy birthday from all of us!",
    "Drink it slowly.",
)
_CARD: Final = ("c7TrlCd", "Number of the trail card", "TEXT")
_ROAST: Final = ("r2Rst9m", "Favourite roast", "SELECT")
_ROASTS: Final = ("Light", "Medium", "Dark")


def checkout_extra_field_documents() -> list[JSONObject]:
    """What is asked at the checkout."""
    return [_GIFT, _DAY]


def order_extra_fields(number: int) -> list[JSONObject]:
    """What the buyer of an order answered; most say nothing."""
    found: list[JSONObject] = []
    if number % 9 == 0:
        found.append(_given(_GIFT, _GREETINGS[number // 9 % len(_GREETINGS)]))
    if number % 6 == 0:
        days = _DAY["options"]
        found.append(_given(_DAY, days[number // 6 % len(days)]["title"]))
    return found


def _given(field: JSONObject, value: str) -> JSONObject:
    return {
        "id": field["key"],
        "value": value,
        "customerInputType": field["type"].upper(),
        "title": field["title"],
        "orderDetailsDisplaySection": field["orderDetailsDisplaySection"],
        "orderBy": str(field["orderBy"]),
        "showInNotifications": field["showInNotifications"],
        "showInInvoice": field["showInInvoice"],
    }


def customer_extra_field_documents(now: int) -> list[JSONObject]:
    """What is asked of customers."""
    made = format_time(now - 610 * DAY)
    return [
        {
            "key": key,
            "title": title,
            "entityTypes": ["CUSTOMERS"],
            "type": kind,
            "shownOnOrderDetails": kind == "TEXT",
            "linkedWithCheckoutField": False,
            "createdDate": made,
            "lastModifiedDate": made,
        }
        for key, title, kind in (_CARD, _ROAST)
    ]


def customer_extra_fields(number: int, group: int) -> list[JSONObject]:
    """What a customer answered: the club's members have a card, some have a taste."""
    found: list[JSONObject] = []
    if group == 0:
        found.append(_answer(_CARD, f"TC-{10_000 + number}", 0))
    if number % 5 == 0:
        found.append(_answer(_ROAST, _ROASTS[number // 5 % len(_ROASTS)], 10))
    return found


def _answer(field: tuple[str, str, str], value: str, position: int) -> JSONObject:
    key, title, kind = field
    return {
        "key": key,
        "title": title,
        "value": value,
        "orderBy": position,
        "type": kind,
        "entityTypes": ["CUSTOMERS"],
    }
