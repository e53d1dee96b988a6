"""Who runs the shop and what they keep beside it: staff, an app's notes, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.clock import DAY, format_time
from ecwid_sandbox.server.shop.addresses import STORE_URL
from ecwid_sandbox.server.shop.rules import STAFF_SCOPES
from ecwid_sandbox.server.storage.columns import FULFILLMENT_FROM, ORDER_STATUSES

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject

_STAFF: Final = (
    ("p27600011", "Ida Fernweh", "ida", STAFF_SCOPES),
    ("p27600012", "Bruno Marten", "bruno", ("SALES_MANAGEMENT", "CATALOG_MANAGEMENT")),
    ("p27600013", "Selma Roth", "selma", ("MARKETING_MANAGEMENT", "REPORT_ACCESS")),
    ("p27600014", "", "packing", ("SALES_MANAGEMENT",)),
)
_OWN_STATUSES: Final = (
    ("CUSTOM_PAYMENT_STATUS_1", "Deposit received", "Anzahlung erhalten"),
    ("CUSTOM_PAYMENT_STATUS_2", "", ""),
    ("CUSTOM_PAYMENT_STATUS_3", "", ""),
    ("CUSTOM_FULFILLMENT_STATUS_1", "In the roaster", "Wird geröstet"),
    ("CUSTOM_FULFILLMENT_STATUS_2", "Waiting for stock", "Wartet auf Ware"),
    ("CUSTOM_FULFILLMENT_STATUS_3", "", ""),
)
_REDIRECTS: Final = (
    ("6f0e2a51c3d7", "/tents", "/Tents"),
    ("6f0e2a51c3d8", "/beans", "/Beans"),
    ("6f0e2a51c3d9", "/winter-sale", "/"),
    ("6f0e2a51c3da", "/about-us.html", "/pages/about"),
    ("6f0e2a51c3db", "/kaffee", "/Coffee"),
)


def staff_documents() -> list[JSONObject]:
    """The staff; somebody who was invited has no name yet."""
    documents: list[JSONObject] = []
    for number, name, mailbox, scopes in _STAFF:
        document: JSONObject = {
            "id": number,
            "email": f"{mailbox}@fernweh-and-filter.example",
            "staffScopes": list(scopes),
            "inviteAccepted": bool(name),
        }
        if name:
            document["name"] = name
        documents.append(document)
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
    return [{"id": key, "fromUrl": old, "toUrl": new} for key, old, new in _REDIRECTS]


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
    names = {status: (english, german) for status, english, german in _OWN_STATUSES}
    documents: list[JSONObject] = []
    for place, status in enumerate(ORDER_STATUSES):
        payment = place < FULFILLMENT_FROM
        english, german = names.get(status, ("", ""))
        document: JSONObject = {
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
