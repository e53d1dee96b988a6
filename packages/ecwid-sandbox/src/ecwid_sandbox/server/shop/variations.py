"""Variations as parts of their product: which is which, and what they need of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_sandbox.server.errors import NotThereError
from ecwid_sandbox.server.shop.stock import counted

if TYPE_CHECKING:
    from ecwid_sandbox.server.storage.kinds import JSONObject


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
    raise NotThereError("COMBINATION_NOT_FOUND", f"product_variation {number} is not in the store")


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
