"""The store profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.shop.languages import agree, default_language
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


def _scopes(call: Call) -> tuple[str, ...]:
    """The further scopes are for what is only shown on request."""
    if call.parameters.flag("showExtendedInfo"):
        return "read_store_profile", "read_store_profile_extended"
    return ("read_store_profile",)


@handles("getStoreProfile", scopes=_scopes)
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
