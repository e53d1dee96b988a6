"""Promotions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search

if TYPE_CHECKING:
    from ecwid_sandbox.operations.calls import Answer, Call


@handles("searchPromotions")
def search_promotions(call: Call) -> Answer:
    """By id, in pages like all others."""
    return Search(kinds.PROMOTION, call.parameters).page(call.shop)
