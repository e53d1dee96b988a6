"""What Ecwid's documentation leaves open: what the sandbox does, and what it can do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ASSUMPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "translations-win": (
        "A text and its translation differ in a request: the text counts.",
        "The translation counts.",
    ),
    "translations-merge": (
        "Translations that are sent take the place of all that were there.",
        "Languages that aren't sent stay.",
    ),
    "foreign-languages-dropped": (
        "A text in a language that the store hasn't switched on is an error.",
        "It is dropped.",
    ),
    "other-words": (
        "A word that isn't in a documented list is an error in a body.",
        "It is taken as it is.",
    ),
    "drafts-hidden": (
        "Unfinished orders (INCOMPLETE) are listed like the others.",
        "They are listed only where paymentStatus asks for them.",
    ),
    "gone-is-done": (
        "Deleting what isn't there is an error, 404.",
        "It is deleteCount 0.",
    ),
    "stock-is-quiet": (
        "An order that takes from the stock moves the product's time of update.",
        "The stock changes, the time doesn't: whoever reads what has changed misses it.",
    ),
    "customers-are-quiet": (
        "An order moves its customer's time of update.",
        "The customer's figures change, the time doesn't.",
    ),
}
"""By name: what is done, and what is done instead where the name is given."""


def check_assumptions(names: Collection[str]) -> None:
    """Refuse names that mean nothing.

    Raises:
        ValueError: One is no assumption.
    """
    unknown = sorted(set(names) - ASSUMPTIONS.keys())
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)}: no assumption; there are {', '.join(sorted(ASSUMPTIONS))}"
        )
