"""Redirects of the Instant Site."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import msgspec

from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.requests.bodies import needed
from ecwid_sandbox.server.shop import rules
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call


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
