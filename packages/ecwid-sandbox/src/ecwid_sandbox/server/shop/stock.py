"""How much there is of something: an amount, or as much as anybody wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject


def settle_stock(document: JSONObject) -> bool:
    """Settle ``unlimited`` and ``quantity`` of a product or variation; whether there is any."""
    if "quantity" in document and "unlimited" not in document:
        document["unlimited"] = False
    document.setdefault("unlimited", True)
    if document["unlimited"]:
        document.pop("quantity", None)
        return True
    document.setdefault("quantity", 0)
    return bool(document["quantity"] > 0)


def counted(changes: JSONObject) -> JSONObject:
    """The changes of a product or variation: whoever sends an amount wants it counted."""
    if changes.get("quantity") is not None and changes.get("unlimited") is None:
        return {**changes, "unlimited": False}
    return changes


def adjust(document: JSONObject, delta: int) -> JSONObject:
    """Add to the stock of a product or variation; what Ecwid answers.

    It may go below zero; then there is a warning. What is unlimited stays so.
    """
    if document.get("unlimited", True):
        return {"updateCount": 0, "warning": "The stock is unlimited and stays so"}
    document["quantity"] = document.get("quantity", 0) + delta
    answer: JSONObject = {"updateCount": 1}
    if document["quantity"] < 0:
        answer["warning"] = "Product has negative stock."
    return answer
