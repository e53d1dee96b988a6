"""What changed and what was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.clock import format_time
from ecwid_sandbox.server.errors import ApiError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Page
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject

_HISTORIES: Final = {kind.history: kind for kind in kinds.KINDS.values() if kind.history}
_SCOPES: Final = {
    "products": "read_catalog",
    "customers": "read_customers",
    "orders": "read_orders",
    "coupons": "read_discount_coupons",
    "reviews": "read_reviews",
}
_ON_REQUEST: Final = {
    "reviewsUpdated": "reviewsUpdatesRequired",
    "domainsUpdated": "domainsRequired",
    "subscriptionsUpdated": "subscriptionRequired",
}


def _scopes(call: Call) -> tuple[str, ...]:
    """Of the scopes that the description lists, those for the entity that is asked for."""
    scope = _SCOPES.get(call.path["entity"])
    return ("read_store_profile", scope) if scope else ("read_store_profile",)


@handles("getDeletedItemsHistory", scopes=_scopes)
def deleted_items(call: Call) -> Answer:
    """Oldest first."""
    kind = _HISTORIES.get(call.path["entity"])
    if kind is None:
        raise ApiError(404, "NOT_FOUND", "There is no history of deletions of that name")
    asked = call.parameters
    found = call.shop.store.deletions(kind, asked.time("from_date"), asked.time("to_date"))
    offset, limit = asked.offset(), asked.limit()
    return Page(found[offset : offset + limit], total=len(found), offset=offset, limit=limit)


@handles("getLatestStoreUpdateStats")
def latest_stats(call: Call) -> Answer:
    """When each kind of thing last changed; some only on request."""
    asked = call.parameters
    answer: JSONObject = {
        name: format_time(at)
        for name, at in sorted(call.shop.store.stats().items())
        if name not in _ON_REQUEST or asked.flag(_ON_REQUEST[name])
    }
    for kind in (kinds.PRODUCT, kinds.CATEGORY):
        if asked.flag(f"{kind.name}CountRequired"):
            answer[f"{kind.name}Count"] = call.shop.count(kind)
    return answer
