"""Product reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.errors import WrongParameterError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject

_ORDERS: Final = {
    "DATE_CREATED_ASC": "created",
    "DATE_CREATED_DESC": "created DESC",
    "RATING_ASC": "rating",
    "RATING_DESC": "rating DESC",
}


_STATUSES: Final = ("published", "moderated")


@handles("searchProductReviews")
def search_reviews(call: Call) -> Answer:
    """Newest first. Docs and client call the filter for words by different names."""
    asked = call.parameters
    search = Search(kinds.REVIEW, asked).sorted(_ORDERS).times("created", "updated")
    search.equal("status", asked.folded("status"))
    search.one_of("rating", asked.integers("rating"))
    search.one_of("order_id", asked.texts("orderId"))
    search.one_of("product", asked.integers("productId"))
    search.one_of("key", asked.integers("reviewId"))
    for name in ("keyword", "searchKeyword"):
        search.words(asked.text(name))
    return search.page(call.shop)


@handles("getProductReviewsStats")
def review_stats(call: Call) -> Answer:
    """How many there are."""
    having = call.shop.store.having
    published = len(having(kinds.REVIEW, "status", "published"))
    moderated = len(having(kinds.REVIEW, "status", "moderated"))
    return {
        "allCount": published + moderated,
        "moderatedCount": moderated,
        "publishedCount": published,
    }


@handles("bulkUpdateProductReviews")
def update_many(call: Call) -> Answer:
    """Those of ``reviewIds``, those that match the filters, or all; ``delete`` wins."""
    body = call.body()
    mode = str(needed(body, "selectMode")).upper()
    status = None if body.get("delete") else review_status(needed(body, "newStatus"))
    search = Search(kinds.REVIEW, call.parameters)
    if mode == "SELECTED":
        search.one_of("key", body.get("reviewIds") or ())
    elif mode == "ALL_FILTERED":
        _filter(call, search, body.get("currentFilters") or body.get("filters") or {})
    elif mode != "ALL":
        raise WrongParameterError("Field selectMode must be one of SELECTED, ALL_FILTERED, ALL")
    count = 0
    for review in [call.shop.decoded(found) for found in search.all(call.shop)]:
        if status is None:
            call.shop.delete(kinds.REVIEW, review["id"])
        elif review["status"] == status:
            continue
        else:
            call.shop.update(kinds.REVIEW, review["id"], {"status": status})
        count += 1
    return {"updateCount": count}


def review_status(text: str) -> str:
    """A status as reviews have it; either case will do.

    Raises:
        WrongParameterError: There is none of that name.
    """
    if text.lower() not in _STATUSES:
        raise WrongParameterError(f"The status must be one of {', '.join(_STATUSES)}")
    return text.lower()


def _filter(call: Call, search: Search, filters: JSONObject) -> None:
    for column, name in (("key", "reviewId"), ("product", "productId"), ("rating", "rating")):
        search.one_of(column, filters.get(name))
    orders = filters.get("orderId")
    search.one_of("order_id", None if orders is None else [str(order) for order in orders])
    search.equal("status", str(filters["status"]).casefold() if filters.get("status") else None)
    search.words(filters.get("searchKeyword"))
    bounds = ("createdFrom", "createdTo")
    sent = {name: str(filters[name]) for name in bounds if filters.get(name)}
    search.between("created", *call.parameters.with_more(sent).span(*bounds))
