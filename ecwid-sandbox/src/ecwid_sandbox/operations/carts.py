"""Abandoned carts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search

if TYPE_CHECKING:
    from ecwid_sandbox.operations.calls import Answer, Call


@handles("searchAbandonedCarts")
def search_carts(call: Call) -> Answer:
    """Newest first; hidden ones are listed unless ``showHidden=false``."""
    asked = call.parameters
    search = Search(kinds.CART, asked).times("created", "updated")
    search.between("total", asked.number("totalFrom"), asked.number("totalTo"))
    search.equal("email", asked.folded("email"))
    search.equal("customer", asked.integer("customerId"))
    search.contains("email", asked.text("customer"))
    search.equal("coupon", asked.text("couponCode"))
    if asked.boolean("showHidden") is False:
        search.equal("hidden", 0)
    return search.page(call.shop)
