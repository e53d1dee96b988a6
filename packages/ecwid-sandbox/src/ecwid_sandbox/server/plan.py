"""What the store and its plan have, and what is done where Ecwid's ways aren't known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_api.description import document, groups
from ecwid_sandbox.server.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


_OF_THE_PLAN: Final = "NOT_AVAILABLE_ON_CURRENT_PLAN"
# The codes that Ecwid has for a single feature, by group of the description.
_OF_THE_FEATURE: Final[Mapping[str, str]] = {
    "coupons": "DISCOUNTS_FEATURE_NOT_AVAILABLE",
    "customer_groups": "CUSTOMER_GROUPS_FEATURE_NOT_AVAILABLE",
    "domains": "DOMAIN_FEATURE_NOT_AVAILABLE",
    "promotions": "ADVANCED_DISCOUNTS_FEATURE_NOT_AVAILABLE",
    "reviews": "PRODUCT_REVIEWS_FEATURE_NOT_AVAILABLE",
}


def check_groups(without: Collection[str]) -> None:
    """Refuse names that mean nothing.

    Raises:
        ValueError: One is no group of the description.
    """
    unknown = sorted(set(without) - set(groups()))
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)}: no group of operations; there are {', '.join(groups())}"
        )


def scopes_in_words() -> Mapping[str, str]:
    """What each scope lets an app do, in words."""
    scheme = document("common")["components"]["securitySchemes"]["oauth"]
    words: Mapping[str, str] = scheme["flows"]["authorizationCode"]["scopes"]
    return words


def check_scope_names(names: Collection[str]) -> None:
    """Refuse scopes that mean nothing.

    Raises:
        ValueError: Ecwid has no such scope.
    """
    unknown = sorted(set(names) - scopes_in_words().keys())
    if unknown:
        known = ", ".join(sorted(scopes_in_words()))
        raise ValueError(f"{', '.join(unknown)}: no scope; there are {known}")


def check_plan(group: str, without: Collection[str]) -> None:
    """Refuse an operation of a group that the plan doesn't have.

    Raises:
        RefusedError: 403 with the feature's own code, or 402 where it has none.
    """
    if group not in without:
        return
    code = _OF_THE_FEATURE.get(group, _OF_THE_PLAN)
    raise RefusedError(code, f"The store's plan doesn't have this: {group}")


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
    "ends-included": (
        "The end of a search by time (createdTo, updatedTo, …) is left out.",
        "It belongs to what is searched.",
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
