"""What the store's plan has: whole groups of operations can be left out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_api.description import groups
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


def check_plan(group: str, without: Collection[str]) -> None:
    """Refuse an operation of a group that the plan doesn't have.

    Raises:
        RefusedError: 403 with the feature's own code, or 402 where it has none.
    """
    if group not in without:
        return
    code = _OF_THE_FEATURE.get(group, _OF_THE_PLAN)
    raise RefusedError(code, f"The store's plan doesn't have this: {group}")
