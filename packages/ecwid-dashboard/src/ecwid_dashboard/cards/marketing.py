"""Where buyers came from, and what they got off."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import percent, share
from ecwid_dashboard.cards.ranked import ranked_card
from ecwid_dashboard.content import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.answers import Slice
    from ecwid_dashboard.content import Card, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """How the card about one kind of origin is worded.

    Attributes:
        key: As of cards.
        title: As of cards.
        column: Title of the names' column.
        nothing: The finding if there are no sales.
        note: As of cards.
    """

    key: str
    title: str
    column: str
    nothing: str
    note: str


ORIGINS: Final = {
    "channel": _Origin(
        key="channels",
        title="Channels",
        column="Channel",
        nothing="Nothing was sold.",
        note="By the UTM parameters of the last visit before the order, or else by the page that "
        "led to the shop. Orders without either are direct.",
    ),
    "campaign": _Origin(
        key="campaigns",
        title="Campaigns",
        column="Campaign",
        nothing="No order names a campaign.",
        note="The UTM campaign of the last visit before the order, or else its UTM source. Orders "
        "without either are left out.",
    ),
    "country": _Origin(
        key="countries",
        title="Countries",
        column="Country",
        nothing="No order has a country.",
        note="Country of the shipping address, or else of the billing address.",
    ),
    "device": _Origin(
        key="devices",
        title="Devices",
        column="Device",
        nothing="No order says on which device it was made.",
        note="From the browser that the order names. Orders without one are left out.",
    ),
}
"""By the names that ``answers.attributed`` takes."""


def origin_card(origin: str, slices: Sequence[Slice], scope: Scope) -> Card:
    """Sales by where their buyers came from.

    Args:
        origin: ``channel``, ``campaign``, ``country`` or ``device``.
        slices: The parts, the most sales first.
        scope: The period and how amounts are written.
    """
    said = ORIGINS[origin]
    finding = said.nothing
    if slices:
        best, total = slices[0], sum((one.sales for one in slices), Decimal(0))
        name = best.name[:1].upper() + best.name[1:]
        finding = (
            f"{name} brought the most: {scope.money.whole(best.sales)}, "
            f"{percent(share(best.sales, total))} of these sales."
        )
    return ranked_card(
        slices,
        scope,
        key=said.key,
        title=said.title,
        finding=finding,
        note=said.note,
        columns=(said.column, "Net sales", "Share of these sales"),
        topic=Topic.MARKETING,
        by=origin,
    )


def discounts_card(slices: Sequence[Slice], scope: Scope) -> Card:
    """Discounts by kind."""
    total = sum((one.sales for one in slices), Decimal(0))
    finding = "No discount was given."
    if slices:
        finding = (
            f"{scope.money.whole(total)} was given as discounts, most of it for "
            f"{slices[0].name}: {scope.money.whole(slices[0].sales)}."
        )
    return ranked_card(
        slices,
        scope,
        key="discounts",
        title="Discounts",
        finding=finding,
        note="All discounts of paid orders, coupons included.",
        columns=("Discount", "Amount", "Share of all"),
        topic=Topic.MARKETING,
        by="discount",
    )
