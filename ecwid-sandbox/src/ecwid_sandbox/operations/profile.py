"""The store profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles

if TYPE_CHECKING:
    from ecwid_sandbox.kinds import JSONObject
    from ecwid_sandbox.operations.calls import Answer, Call


def _scopes(call: Call) -> tuple[str, ...]:
    """The further scopes are for what is only shown on request."""
    if call.parameters.flag("showExtendedInfo"):
        return "read_store_profile", "read_store_profile_extended"
    return ("read_store_profile",)


@handles("getStoreProfile", scopes=_scopes)
def get_profile(call: Call) -> Answer:
    """All of it."""
    return call.shop.get_json(kinds.PROFILE, call.shop.store_id)


@handles("updateStoreProfile")
def update_profile(call: Call) -> Answer:
    """Each section is merged: fields of a section that aren't sent stay."""
    known = call.shop.get(kinds.PROFILE, call.shop.store_id)
    changes: JSONObject = {}
    for name, section in call.body().items():
        old = known.get(name)
        both = isinstance(old, dict) and isinstance(section, dict)
        changes[name] = {**old, **section} if both else section  # type: ignore[dict-item]
    call.shop.update(kinds.PROFILE, call.shop.store_id, changes)
    return {"updateCount": 1}
