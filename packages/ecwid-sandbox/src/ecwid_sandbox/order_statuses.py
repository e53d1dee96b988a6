"""The statuses that an order can have, those of the merchant's own included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.clock import format_time

if TYPE_CHECKING:
    from typing import Any

    from ecwid_sandbox.clock import Clock

_PAYMENT: Final = (
    "AWAITING_PAYMENT",
    "PAID",
    "CANCELLED",
    "REFUNDED",
    "PARTIALLY_REFUNDED",
    "INCOMPLETE",
)
_FULFILLMENT: Final = (
    "AWAITING_PROCESSING",
    "PROCESSING",
    "SHIPPED",
    "DELIVERED",
    "WILL_NOT_DELIVER",
    "RETURNED",
    "READY_FOR_PICKUP",
    "OUT_FOR_DELIVERY",
)
_OWN: Final = (
    ("CUSTOM_PAYMENT_STATUS_1", "Deposit received", "Anzahlung erhalten"),
    ("CUSTOM_PAYMENT_STATUS_2", "", ""),
    ("CUSTOM_PAYMENT_STATUS_3", "", ""),
    ("CUSTOM_FULFILLMENT_STATUS_1", "In the roaster", "Wird geröstet"),
    ("CUSTOM_FULFILLMENT_STATUS_2", "Waiting for stock", "Wartet auf Ware"),
    ("CUSTOM_FULFILLMENT_STATUS_3", "", ""),
)
_ORDER: Final = (
    *_PAYMENT,
    *(status for status, _, _ in _OWN[:3]),
    *_FULFILLMENT,
    *(status for status, _, _ in _OWN[3:]),
)


def position_of(status: str) -> int:
    """Where a status stands in the list: those of payment first, the merchant's own last."""
    return _ORDER.index(status) if status in _ORDER else len(_ORDER)


def renamed_status(known: dict[str, Any], sent: dict[str, Any], clock: Clock) -> dict[str, Any]:
    """What a write changes of a status; the translations are read under another name."""
    changes = {name: value for name, value in sent.items() if name != "nameTranslations"}
    translated = {**known.get("nameTranslated", {}), **(sent.get("nameTranslations") or {})}
    if sent.get("name"):
        translated["en"] = sent["name"]
    elif "en" in (sent.get("nameTranslations") or {}):
        changes["name"] = translated["en"]
    if translated != known.get("nameTranslated", {}):
        changes["nameTranslated"] = translated
        changes["lastNameChangeDate"] = format_time(clock.second())
    return changes


def order_status_documents(now: int) -> list[dict[str, Any]]:
    """All of them; of the merchant's own, those without a name are switched off."""
    names = {status: (english, german) for status, english, german in _OWN}
    documents: list[dict[str, Any]] = []
    for place, status in enumerate(_ORDER):
        payment = status in _PAYMENT or "PAYMENT_STATUS" in status
        english, german = names.get(status, ("", ""))
        document: dict[str, Any] = {
            "statusId": status,
            "orderStatusType": "PAYMENT_STATUS" if payment else "FULFILLMENT_STATUS",
            "defaultStatus": status not in names,
            "enabled": status not in names or bool(english),
            "sendNotificationWhenStatusIsAssigned": status not in {"INCOMPLETE", "CANCELLED"},
        }
        if english:
            document |= {
                "name": english,
                "nameTranslated": {"en": english, "de": german},
                "lastNameChangeDate": format_time(now - (120 + 31 * place) * 86_400),
            }
        documents.append(document)
    return documents
