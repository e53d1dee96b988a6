"""Questions of the merchant's own, at the checkout and about customers, and what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.clock import DAY, format_time

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject

_GIFT: Final = ("gftNt4k", "A few words on a card", "Ein paar Worte auf einer Karte")
_DAY: Final = ("dlvDy7q", "Best day for a parcel", "Bester Tag für ein Paket")
_DAYS: Final = (("Any", "Egal"), ("Weekday", "Werktag"), ("Saturday", "Samstag"))
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
    return [
        {
            "key": _GIFT[0],
            "title": _GIFT[1],
            "titleTranslated": {"en": _GIFT[1], "de": _GIFT[2]},
            "type": "textarea",
            "textPlaceholder": "Dear …",
            "available": True,
            "required": False,
            "checkoutDisplaySection": "shipping_address",
            "orderDetailsDisplaySection": "shipping_info",
            "showInInvoice": False,
            "showInNotifications": True,
            "orderBy": 10,
            "shownOnOrderDetails": True,
        },
        {
            "key": _DAY[0],
            "title": _DAY[1],
            "titleTranslated": {"en": _DAY[1], "de": _DAY[2]},
            "type": "select",
            "available": True,
            "required": False,
            "checkoutDisplaySection": "shipping_methods",
            "orderDetailsDisplaySection": "shipping_info",
            "showInInvoice": False,
            "showInNotifications": False,
            "options": [
                {"title": english, "titleTranslated": {"en": english, "de": german}}
                for english, german in _DAYS
            ],
            "orderBy": 20,
            "shownOnOrderDetails": True,
        },
    ]


def order_extra_fields(number: int) -> list[JSONObject]:
    """What the buyer of an order answered; most say nothing."""
    found: list[JSONObject] = []
    if number % 9 == 0:
        found.append(
            {
                "id": _GIFT[0],
                "value": _GREETINGS[number // 9 % len(_GREETINGS)],
                "customerInputType": "TEXTAREA",
                "title": _GIFT[1],
                "orderDetailsDisplaySection": "shipping_info",
                "orderBy": "10",
                "showInNotifications": True,
                "showInInvoice": False,
            }
        )
    if number % 6 == 0:
        found.append(
            {
                "id": _DAY[0],
                "value": _DAYS[number // 6 % len(_DAYS)][0],
                "customerInputType": "SELECT",
                "title": _DAY[1],
                "orderDetailsDisplaySection": "shipping_info",
                "orderBy": "20",
                "showInNotifications": False,
                "showInInvoice": False,
            }
        )
    return found


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
