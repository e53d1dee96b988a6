"""Redirects of the Instant Site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ecwid_sandbox import kinds
from ecwid_sandbox.operations.calls import handles
from ecwid_sandbox.search import Search

if TYPE_CHECKING:
    from ecwid_sandbox.operations.calls import Answer, Call


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
