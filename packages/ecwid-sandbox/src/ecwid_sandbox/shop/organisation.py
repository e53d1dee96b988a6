"""Who runs the shop and what they keep beside it: staff, an app's notes, addresses."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.clock import format_time
from ecwid_sandbox.shop.addresses import STORE_URL
from ecwid_sandbox.shop.calendar import DAY

if TYPE_CHECKING:
    from ecwid_sandbox.kinds import JSONObject

STAFF_SCOPES: Final = (
    "SALES_MANAGEMENT",
    "CATALOG_MANAGEMENT",
    "MARKETING_MANAGEMENT",
    "REPORT_ACCESS",
    "WEBSITE_MANAGEMENT",
    "SALES_CHANNELS_MANAGEMENT",
    "STORE_MANAGEMENT",
)
"""What staff can be allowed to do."""

_STAFF: Final = (
    ("p27600011", "Ida Fernweh", "ida", STAFF_SCOPES),
    ("p27600012", "Bruno Marten", "bruno", ("SALES_MANAGEMENT", "CATALOG_MANAGEMENT")),
    ("p27600013", "Selma Roth", "selma", ("MARKETING_MANAGEMENT", "REPORT_ACCESS")),
    ("p27600014", "", "packing", ("SALES_MANAGEMENT",)),
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


def invited() -> JSONObject:
    """What an account has until somebody accepts the invitation."""
    return {"id": f"p{uuid.uuid4().int % 10**8:08d}", "inviteAccepted": False}


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
