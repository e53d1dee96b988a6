"""Staff, domains, and the app whose token is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_api.description import document
from ecwid_sandbox import kinds
from ecwid_sandbox.clock import format_time, parse_time
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search
from ecwid_sandbox.shop.calendar import DAY
from ecwid_sandbox.shop.organisation import STAFF_SCOPES

if TYPE_CHECKING:
    from ecwid_sandbox.operations.calls import Answer, Call


_LIFETIME: Final = 20 * 365 * DAY


def _opened(call: Call) -> str:
    """When the shop began, and with it all that has to do with the app."""
    profile = call.shop.get(kinds.PROFILE, call.shop.store_id)
    found: str = profile["account"]["registrationDate"]
    return found


@handles("getStaffAccount")
def get_staff(call: Call) -> Answer:
    """Only the address and what they may do; the list tells more."""
    account = call.shop.get(kinds.STAFF_ACCOUNT, call.path["staffAccountId"])
    return {name: account[name] for name in ("email", "staffScopes")}


@handles("getStaffAccountScopes")
def staff_scopes(_: Call) -> Answer:
    """All that there are."""
    return {"staffScopes": list(STAFF_SCOPES)}


@handles("getDomains")
def get_domains(call: Call) -> Answer:
    """One object."""
    found = Search(kinds.DOMAINS, call.parameters).first(call.shop)
    return found if found is not None else {}


@handles("getAppSubscriptionStatus")
def app_subscription(call: Call) -> Answer:
    """Whoever has the token has subscribed; the dates are those of the profile's account."""
    return {
        "subscription": {"startDate": _opened(call), "status": "ACTIVE"},
        "subscriptionStatus": "ACTIVE",
    }


@handles("getApplicationToken")
def application_token(call: Call) -> Answer:
    """What the token may do."""
    every = document("common")["components"]["securitySchemes"]["oauth"]["flows"]
    scopes = call.scopes
    if scopes is None:
        scopes = frozenset(every["authorizationCode"]["scopes"])
    created = _opened(call)
    return {
        "permissions": sorted(scopes),
        "created": created,
        "expires": format_time(parse_time(created) + _LIFETIME),
    }
