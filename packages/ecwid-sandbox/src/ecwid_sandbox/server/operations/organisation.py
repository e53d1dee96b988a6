"""Staff, domains, and the app whose token is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ecwid_api.description import document
from ecwid_sandbox.server.clock import DAY, format_time, parse_time
from ecwid_sandbox.server.errors import NotThereError, RefusedError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop.rules import STAFF_SCOPES
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


_LIFETIME: Final = 20 * 365 * DAY
_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")
_LONGEST_DOMAIN: Final = 253
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


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


def _invited(call: Call) -> JSONObject:
    """The account that somebody was invited to and hasn't accepted yet."""
    address = needed(call.body(), "email")
    for account in call.shop.all(kinds.STAFF_ACCOUNT):
        if account["email"] == address and not account.get("inviteAccepted"):
            return account
    raise NotThereError(kinds.STAFF_ACCOUNT.not_found, f"{address} has no open invitation")


@handles("resendStaffAccountInvite")
def resend_invite(call: Call) -> Answer:
    """Nothing is sent."""
    _invited(call)
    return {"success": True}


@handles("cancelStaffAccountInvite")
def cancel_invite(call: Call) -> Answer:
    """The account goes with it."""
    call.shop.delete(kinds.STAFF_ACCOUNT, _invited(call)["id"])
    return {"deleteCount": 1}


@handles("getStaffAccountScopes")
def staff_scopes(_: Call) -> Answer:
    """All that there are."""
    return {"staffScopes": list(STAFF_SCOPES)}


@handles("getDomains")
def get_domains(call: Call) -> Answer:
    """One object."""
    found = Search(kinds.DOMAINS, call.parameters).first(call.shop)
    return found if found is not None else {}


@handles("purchaseDomain")
def purchase_domain(call: Call) -> Answer:
    """Nobody pays. No source says what is sent: here ``domain`` or ``domainName``."""
    body = call.body()
    name = str(body.get("domain") or body.get("domainName") or "").casefold()
    if not name:
        raise RefusedError("EMPTY_DOMAIN_NAME", "Field domain is missing")
    if len(name) > _LONGEST_DOMAIN:
        raise RefusedError("LONG_DOMAIN_NAME", f"It has more than {_LONGEST_DOMAIN} letters")
    if "." in name and not set(name) <= _LETTERS:
        raise RefusedError("ILLEGAL_DOMAIN_NAME", f"{name} has letters that aren't allowed")
    if not _DOMAIN.fullmatch(name):
        raise RefusedError("WRONG_DOMAIN_FORMAT", f"{name} is no name of a domain")
    known = next(call.shop.all(kinds.DOMAINS), {})
    if name in {known.get("customDomain"), known.get("registeredDomain")}:
        raise RefusedError("DOMAIN_ALREADY_TAKEN", f"Somebody has {name}")
    if known:
        call.shop.delete(kinds.DOMAINS, known["registeredDomain"])
    call.shop.create(kinds.DOMAINS, {**known, "registeredDomain": name})
    return {"success": True}


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
