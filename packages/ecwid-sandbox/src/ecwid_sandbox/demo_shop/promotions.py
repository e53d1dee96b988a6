"""Promotions: discounts that apply by themselves.

Bills know nothing of them; what they would take off stands in no order of the demo shop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.demo_shop.people import FIRST_GROUP_ID
from ecwid_sandbox.server.clock import DAY, format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_sandbox.server.storage.kinds import JSONObject

_FIRST_PROMOTION_ID: Final = 608_501


def promotion_documents(categories: Mapping[tuple[str, ...], int], now: int) -> list[JSONObject]:
    """The promotions, all but one switched off for now."""
    midnight = now - now % DAY
    documents: list[JSONObject] = [
        {
            "name": "Early risers: 5% before nine",
            "enabled": False,
            "discountBase": "SUBTOTAL",
            "discountType": "PERCENT",
            "amount": 5,
            "triggers": {
                "subtotal": 40,
                "recurring": True,
                "recurrenceSettings": {
                    "activeDays": ["MON", "TUE", "WED", "THU", "FRI"],
                    "activeDayStartTime": "05:00",
                    "activeDayEndTime": "09:00",
                },
            },
        },
        {
            "name": "Parcels on the house for the trail club",
            "enabled": False,
            "discountBase": "SHIPPING",
            "discountType": "PERCENT",
            "amount": 100,
            "triggers": {"customerGroups": [FIRST_GROUP_ID], "subtotal": 80},
            "targets": {"all": True},
        },
        {
            "name": "End of winter",
            "enabled": False,
            "discountBase": "SUBTOTAL",
            "discountType": "ABSOLUTE",
            "amount": 15,
            "triggers": {
                "startDate": format_time(midnight - 90 * DAY),
                "endDate": format_time(midnight - 60 * DAY),
                "subtotal": 150,
            },
            "externalReferenceId": "CAMPAIGN-7",
        },
        {
            "name": "Every third mug",
            "enabled": True,
            "discountBase": "ITEM",
            "discountType": "PERCENT",
            "amount": 100,
            "triggers": {"startDate": format_time(midnight + 30 * DAY)},
        },
    ]
    for place, document in enumerate(documents):
        document["id"] = _FIRST_PROMOTION_ID + 7 * place
    cups = categories.get(("Coffee", "Cups"), 0) or next(iter(categories.values()), 0)
    documents[-1]["triggers"] |= {"categories": [cups], "minProductQuantityInCart": 3}
    documents[-1]["targets"] = {"categories": [cups], "maxDiscountedProductQuantity": 1}
    return documents
