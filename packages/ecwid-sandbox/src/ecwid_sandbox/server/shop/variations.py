"""Variations as parts of their product, and how much there is of either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.server.errors import NotThereError

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


def chosen_options(variation: JSONObject) -> frozenset[tuple[str, str]]:
    """What tells a variation from the others: the value that it has of each option."""
    return frozenset(
        (option.get("name", ""), option.get("value", ""))
        for option in variation.get("options") or ()
    )


def variation_of(product: JSONObject, number: int) -> JSONObject:
    """The variation with a number.

    Raises:
        NotThereError: The product has none.
    """
    for variation in product.get("combinations", ()):
        if variation["id"] == number:
            found: JSONObject = variation
            return found
    raise NotThereError("COMBINATION_NOT_FOUND", f"Combination #{number} not found")


def changed(variation: JSONObject, changes: JSONObject) -> JSONObject:
    """A variation with changes; None takes a field away."""
    merged = {**variation, **counted(changes)}
    return {name: value for name, value in merged.items() if value is not None}


def replaced(product: JSONObject, sent: list[JSONObject]) -> list[JSONObject]:
    """The variations that a product gets: known by id or by options, they keep what isn't sent."""
    by_id = {variation["id"]: variation for variation in product.get("combinations", ())}
    by_options = {chosen_options(variation): variation for variation in by_id.values()}
    found: list[JSONObject] = []
    for entry in sent:
        # An id that the product doesn't know would be somebody else's.
        known = by_id.get(entry.get("id")) or by_options.get(chosen_options(entry)) or {}
        fields = {name: value for name, value in entry.items() if name != "id"}
        found.append(changed(known, fields))
    return found


def with_options(product: JSONObject, variations: list[JSONObject]) -> list[JSONObject]:
    """The options of a product, with those that variations have beyond them."""
    options: list[JSONObject] = [*product.get("options", ())]
    by_name = {option.get("name"): option for option in options}
    chosen = (pair for variation in variations for pair in sorted(chosen_options(variation)))
    for name, value in chosen:
        option = by_name.get(name)
        if option is None:
            option = {"type": "SELECT", "name": name, "defaultChoice": 0, "required": True}
            by_name[name] = option
            options.append(option)
        choices = option.setdefault("choices", [])
        if value not in {choice.get("text") for choice in choices}:
            choices.append({"text": value, "priceModifier": 0, "priceModifierType": "ABSOLUTE"})
    return options


def without_removed(product: JSONObject, options: list[JSONObject]) -> list[JSONObject]:
    """The variations of a product that other options leave possible."""
    there = {
        (option.get("name", ""), choice.get("text", ""))
        for option in options
        for choice in option.get("choices") or ()
    }
    return [v for v in product.get("combinations", ()) if chosen_options(v) <= there]
