"""Promotions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ecwid_api.description import entity_schema
from ecwid_sandbox.server.errors import RefusedError
from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.search import Search
from ecwid_sandbox.server.storage import kinds

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call
    from ecwid_sandbox.server.storage.kinds import JSONObject


@handles("searchPromotions")
def search_promotions(call: Call) -> Answer:
    """By id, in pages like all others."""
    return Search(kinds.PROMOTION, call.parameters).page(call.shop)


def read_only_refused(call: Call, known: JSONObject, sent: JSONObject) -> JSONObject:
    """What is sent: other than elsewhere, a field that can't be written is an error.

    Raises:
        RefusedError: It is sent with another value than it has.
    """
    fields = entity_schema("promotion", "promotions")["properties"]
    for name, value in msgspec.json.decode(call.content).items():
        if fields.get(name, {}).get("readOnly") and value != known.get(name):
            raise RefusedError("READ_ONLY_PROMOTION_FIELD_CHANGE", f"{name} can't be written")
    return sent
