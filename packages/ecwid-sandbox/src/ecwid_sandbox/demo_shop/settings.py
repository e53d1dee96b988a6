"""What the shop has however small it is: profile, questions, promotions, staff, addresses."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_sandbox.demo_shop.baskets import SHIPPING, TAX_ID, TAX_NAME
from ecwid_sandbox.demo_shop.data import load
from ecwid_sandbox.demo_shop.places import PEOPLE
from ecwid_sandbox.server.clock import DAY, format_time
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.money import dollars
from ecwid_sandbox.server.storage.columns import FULFILLMENT_FROM, ORDER_STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_sandbox.server.storage.kinds import JSONObject

_FIRST_PROMOTION_ID: Final = 608_501


class _Staff(msgspec.Struct):
    """Someone of the staff; whoever was invited and hasn't answered has no name yet."""

    id: str
    name: str
    mailbox: str
    scopes: list[str]


class _Settings(msgspec.Struct):
    profile: dict[str, Any]
    promotions: list[dict[str, Any]]
    staff: list[_Staff]
    redirects: list[dict[str, Any]]
    statuses: dict[str, tuple[str, str]]


_SETTINGS: Final = load("settings", _Settings)


def profile_document(store_id: int, now: int, next_order: int) -> JSONObject:
    """The store profile as the API shows it."""
    profile = copy.deepcopy(_SETTINGS.profile)
    profile["generalInfo"]["storeId"] = store_id
    profile["account"]["registrationDate"] = format_time(now - 801 * DAY)
    profile["formatsAndUnits"]["orderNumberNextNumber"] = next_order
    profile["shipping"]["shippingOrigin"] = profile["company"]
    profile["shipping"]["shippingOptions"] = [
        {
            "id": method.id,
            "title": method.name,
            "titleTranslated": {"en": method.name, "de": method.german},
            "enabled": True,
            "orderby": 10 * place,
            "fulfilmentType": method.kind,
            "ratesCalculationType": "flat",
            "flatRate": {"rateType": "ABSOLUTE", "rate": dollars(method.rate)},
        }
        for place, method in enumerate(SHIPPING)
    ]
    states = {place.state: place for place in PEOPLE.places if place.tax}
    profile["zones"] = [
        {
            "id": f"us-{state}",
            "name": place.state_name,
            "countryCodes": ["US"],
            "stateOrProvinceCodes": [f"US-{state}"],
        }
        for state, place in states.items()
    ]
    tax: JSONObject = {
        "id": TAX_ID,
        "name": TAX_NAME,
        "enabled": True,
        "includeInPrice": False,
        "useShippingAddress": True,
        "taxShipping": True,
        "appliedByDefault": True,
        "defaultTax": 0,
        "rules": [{"zoneId": f"us-{s}", "tax": place.tax / 10} for s, place in states.items()],
    }
    profile["taxes"] = profile["taxSettings"]["taxes"] = [tax]
    return profile


def promotion_documents(categories: Mapping[tuple[str, ...], int], now: int) -> list[JSONObject]:
    """Discounts that apply by themselves, all but one switched off for now.

    Bills know nothing of them; what they would take off stands in no order of the demo shop.
    """
    midnight = now - now % DAY
    cups = categories.get(("Coffee", "Cups"), 0) or next(iter(categories.values()), 0)
    documents = copy.deepcopy(_SETTINGS.promotions)
    _, _, winter, mugs = documents
    winter["triggers"] = {
        "startDate": format_time(midnight - 90 * DAY),
        "endDate": format_time(midnight - 60 * DAY),
        **winter["triggers"],
    }
    mugs["triggers"] = {
        "startDate": format_time(midnight + 30 * DAY),
        "categories": [cups],
        **mugs["triggers"],
    }
    for place, document in enumerate(documents):
        document["id"] = _FIRST_PROMOTION_ID + 7 * place
    mugs["targets"] = {"categories": [cups], **mugs.pop("targets")}
    return documents


def staff_documents() -> list[JSONObject]:
    """The staff."""
    documents: list[JSONObject] = []
    for member in _SETTINGS.staff:
        document: JSONObject = {
            "id": member.id,
            "email": f"{member.mailbox}@fernweh-and-filter.example",
            "staffScopes": member.scopes,
            "inviteAccepted": bool(member.name),
        }
        documents.append(document | ({"name": member.name} if member.name else {}))
    return documents


def storage_documents(now: int) -> list[JSONObject]:
    """What an app keeps in the shop; a value is text, also where it is JSON."""
    return [
        {"key": "installed", "value": format_time(now - 400 * DAY)},
        {"key": "settings", "value": '{"exportDaily":true,"recipients":["ida"]}'},
        {"key": "public", "value": "greeting=hello"},
    ]


def redirect_documents() -> list[JSONObject]:
    """Old addresses of the site and where they lead."""
    return _SETTINGS.redirects


def domain_documents() -> list[JSONObject]:
    """The domains: one object."""
    return [
        {
            "customDomain": STORE_URL.removeprefix("https://"),
            "registeredDomain": "fernweh-and-filter.company.example",
            "sslEnabled": True,
            "redirectToCanonical": True,
            "storeFrontUrl": STORE_URL,
        }
    ]


def order_status_documents(now: int) -> list[JSONObject]:
    """All of them; of the merchant's own, those without a name are switched off."""
    documents: list[JSONObject] = []
    for place, status in enumerate(ORDER_STATUSES):
        own = status.startswith("CUSTOM_")
        english, german = _SETTINGS.statuses.get(status, ("", ""))
        document: JSONObject = {
            "statusId": status,
            "orderStatusType": (
                "PAYMENT_STATUS" if place < FULFILLMENT_FROM else "FULFILLMENT_STATUS"
            ),
            "defaultStatus": not own,
            "enabled": not own or bool(english),
            "sendNotificationWhenStatusIsAssigned": status not in {"INCOMPLETE", "CANCELLED"},
        }
        if english:
            document |= {
                "name": english,
                "nameTranslated": {"en": english, "de": german},
                "lastNameChangeDate": format_time(now - (120 + 31 * place) * DAY),
            }
        documents.append(document)
    return documents
