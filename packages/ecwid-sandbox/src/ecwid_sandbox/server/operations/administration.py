"""The store and those who run it: profile, staff, domains, redirects, feeds, the app."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.description import document
from ecwid_sandbox.server import auth
from ecwid_sandbox.server.clock import DAY, format_time, parse_time
from ecwid_sandbox.server.errors import NotThereError, RefusedError, WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.shop.languages import agree, default_language
from ecwid_sandbox.server.shop.rules import STAFF_SCOPES
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


_VERTICAL: Final = {
    "vertical": "sporting_goods",
    "primarySubvertical": "outdoor",
    "subverticals": ["outdoor", "coffee"],
    "productTypes": ["PHYSICAL"],
}
"""What the profile says of the line of business, on request."""
_FEATURES_BY_PLANS: Final = {"COMBINATIONS": "VENTURE", "CUSTOMER_GROUPS": "BUSINESS"}
"""From which plan on there is a feature, on request."""
_BILLING: Final = {
    "channelid": "ecwid",
    "pricingPlanName": "Unlimited",
    "pricingPlanPeriod": "monthly",
    "inGracePeriod": False,
    "internalBilling": True,
    "billingPageVisibleInCP": True,
}
"""What the profile says of the merchant's plan, with its extended information."""


def _profile_scopes(call: Call) -> tuple[str, ...]:
    """The further scopes are for what is only shown on request."""
    if call.parameters.flag("showExtendedInfo"):
        return "read_store_profile", "read_store_profile_extended"
    return ("read_store_profile",)


@handles("getStoreProfile", scopes=_profile_scopes)
def get_profile(call: Call) -> Answer:
    """All of it, and more on request."""
    asked = call.parameters
    profile = call.shop.get(kinds.PROFILE, call.shop.store_id)
    if asked.flag("showExtendedInfo"):
        profile["accountBilling"] = _BILLING
    if asked.flag("getStoreVertical"):
        profile["verticalSettings"] = _VERTICAL
    if asked.flag("getFeaturesByPlans"):
        profile["account"]["featuresByPlans"] = _FEATURES_BY_PLANS
    # No source says what getReportAvailabilityStatus answers.
    asked.boolean("getReportAvailabilityStatus")
    return profile


@handles("updateStoreProfile")
def update_profile(call: Call) -> Answer:
    """Merged at every depth; lists are replaced. Taxes stand in two places."""
    known = call.shop.get(kinds.PROFILE, call.shop.store_id)
    sent = call.changes(known)
    taxes = sent.get("taxes") or (sent.get("taxSettings") or {}).get("taxes")
    if taxes is not None:
        sent["taxes"] = _numbered(call, taxes)
        sent["taxSettings"] = {**(sent.get("taxSettings") or {}), "taxes": sent["taxes"]}
    for zone in sent.get("zones") or ():
        if not zone.get("id"):
            zone["id"] = str(call.shop.store.next_free("zone", 7001))
    changes: JSONObject = {name: _merged(known.get(name), part) for name, part in sent.items()}
    language = default_language(call.shop)
    for name, section in changes.items():
        if isinstance(section, dict):
            agree(known.get(name, {}), section, language)
    call.shop.update(kinds.PROFILE, call.shop.store_id, changes)
    return {"updateCount": 1}


def _numbered(call: Call, taxes: list[JSONObject]) -> list[JSONObject]:
    return [
        tax if tax.get("id") else {**tax, "id": call.shop.store.next_free("tax", 15_300_001)}
        for tax in taxes
    ]


def _merged(known: Any, sent: Any) -> Any:  # noqa: ANN401 - any JSON
    """What is sent, with whatever isn't sent."""
    if not isinstance(known, dict) or not isinstance(sent, dict):
        return sent
    return {**known, **{name: _merged(known.get(name), part) for name, part in sent.items()}}


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
    return {name: account[name] for name in ("email", "staffScopes") if name in account}


def _invited(call: Call) -> JSONObject:
    """The account of an invited person who hasn't accepted yet."""
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
        raise RefusedError("DOMAIN_ALREADY_TAKEN", f"{name} is already taken")
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


_LARGEST_CHARGE: Final = 500
_CURRENCIES: Final = frozenset({"USD", "EUR", "MXN", "INR", "GBP", "AUD"})


def _value(call: Call) -> str:
    """The body as it is: whatever the app makes of it."""
    try:
        return call.content.decode()
    except UnicodeDecodeError:
        raise WrongParameterError("The body must be text") from None


@handles("addAppStorageData")
@handles("updateSpecificAppStorageData")
def put_entry(call: Call) -> Answer:
    """Either way an entry is made or gets the new value, which may be empty.

    Answered both ways, as the documentation and as Ecwid's own client have it.
    """
    entry = {"key": call.path["key"], "value": _value(call)}
    if call.shop.has(kinds.STORAGE_ENTRY, entry["key"]):
        call.shop.update(kinds.STORAGE_ENTRY, entry["key"], entry)
    else:
        call.shop.create(kinds.STORAGE_ENTRY, entry)
    return {"success": True, "updateCount": 1}


@handles("deleteSpecificAppStorageData")
def delete_entry(call: Call) -> Answer:
    """Answered both ways too."""
    call.shop.delete(kinds.STORAGE_ENTRY, call.path["key"])
    return {"success": True, "deleteCount": 1}


@handles("createBillingTransaction")
def charge(call: Call) -> Answer:
    """Nobody pays. The same charge with the same key is one charge."""
    asked = call.parameters
    amount, key = asked.number("amount"), asked.text("idempotencyKey")
    if amount is None or amount <= 0:
        raise RefusedError("CHARGE_AMOUNT_INVALID", "Parameter amount must be above zero")
    if amount > _LARGEST_CHARGE:
        raise RefusedError("CHARGE_LIMIT_EXCEEDED", f"An app may charge {_LARGEST_CHARGE}")
    if asked.text("currency") not in _CURRENCIES:
        raise RefusedError("CHARGE_CURRENCY_INVALID", f"It must be one of {sorted(_CURRENCIES)}")
    if not asked.text("description"):
        raise RefusedError("CHARGE_DESCRIPTION_INVALID", "Parameter description is missing")
    if key is None:
        raise RefusedError("CHARGE_IDEMPOTENCY_KEY_INVALID", "Parameter idempotencyKey is missing")
    wanted = [amount, asked.text("currency"), asked.text("description")]
    known = call.shop.store.meta(f"charge {key}")
    if known is None:
        number = str(uuid.uuid4())
        made = msgspec.json.encode([number, wanted]).decode()
        call.shop.store.set_meta(f"charge {key}", made)
        return {"transactionId": number, "idempotencyKeyInUse": False}
    number, before = msgspec.json.decode(known)
    if before != wanted:
        raise RefusedError("CHARGE_IDEMPOTENCY_KEY_NOT_UNIQUE", "The key is that of another charge")
    return {"transactionId": number, "idempotencyKeyInUse": True}


@handles("cancelAppSubscription")
def uninstall(call: Call) -> Answer:
    """The tokens open nothing any more."""
    auth.uninstall(call.shop)
    return {"deleteCount": 1}


@handles("searchInstantSiteRedirects")
def search_redirects(call: Call) -> Answer:
    """By id."""
    asked = call.parameters
    return Search(kinds.REDIRECT, asked).words(asked.text("keyword")).page(call.shop)


@handles("getInstantSiteRedirectsForPath")
def redirects_for_path(call: Call) -> Answer:
    """Those of one path, and whether there are any at all."""
    asked = call.parameters
    found = Search(kinds.REDIRECT, asked).equal("source", asked.text("exactPath") or "")
    return {
        "items": [msgspec.json.decode(body) for body in found.all(call.shop)],
        "hasAnyRedirects": call.shop.count(kinds.REDIRECT) > 0,
    }


@handles("createInstantSiteRedirects")
def create_redirects(call: Call) -> Answer:
    """Those whose address has one already are counted, and left as they are."""
    answer = {"createCount": 0, "existsCount": 0}
    for fields in call.bodies():
        source = needed(fields, "fromUrl")
        there = call.shop.store.having(kinds.REDIRECT, "source", source)
        if not there:
            fields["id"] = uuid.uuid4().hex[:12]
            rules.create(call.shop, kinds.REDIRECT, fields)
        answer["existsCount" if there else "createCount"] += 1
    return answer


@dataclass(frozen=True)
class Feed:
    """A feed; what is switched off is never made."""

    operation: str
    fields: JSONObject
    enabled: bool = False
    taxonomy: str = ""

    def register(self) -> None:
        """Handle it."""
        handles(self.operation)(self._get)

    def _get(self, call: Call) -> Answer:
        market: JSONObject = {"enabled": self.enabled, "firstInit": not self.enabled}
        if self.taxonomy:
            market["taxonomyId"] = self.taxonomy
        answer: JSONObject = {"marketplaceConfig": market, **self.fields}
        if self.enabled:
            answer["productFeedInfo"] = self._made(call)
        return answer

    @staticmethod
    def _made(call: Call) -> JSONObject:
        """It is made every midnight, of all products that are enabled."""
        midnight = call.shop.clock.second() // DAY * DAY
        enabled = Search(kinds.PRODUCT, call.parameters).equal("enabled", 1)
        return {
            "productsProcessed": call.shop.count(kinds.PRODUCT),
            "productsIncluded": len(enabled.all(call.shop)),
            "lastGenerated": format_time(midnight),
            "nextGenerated": format_time(midnight + DAY),
        }


_WARRANTY: JSONObject = {
    "store": False,
    "manufacturerWarranty": False,
    "pickup": True,
    "adult": False,
}
for _feed in (
    Feed("getGoogleShoppingFeedConfig", {"condition": "NEW"}, enabled=True, taxonomy="en-US"),
    Feed("getShopzillaFeedConfig", {"condition": "NEW"}),
    Feed("getYahooShoppingFeedConfig", {"condition": "NEW", "taxonomy": "en-US"}),
    Feed("getYandexMarketFeedConfig", {**_WARRANTY, "salesNotes": ""}),
    Feed(
        "getYandexMarketDbsFeedConfig",
        {**_WARRANTY, "enableAutoDiscounts": False, "sizeChart": "INT"},
    ),
):
    _feed.register()
