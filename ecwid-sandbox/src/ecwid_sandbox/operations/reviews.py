"""Product reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search

if TYPE_CHECKING:
    from ecwid_sandbox.operations.calls import Answer, Call

_ORDERS: Final = {
    "DATE_CREATED_ASC": "created",
    "DATE_CREATED_DESC": "created DESC",
    "RATING_ASC": "rating",
    "RATING_DESC": "rating DESC",
}


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
