"""Where buyers came from, and what they got off."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ecwid_dashboard.amounts import percent, share
from ecwid_dashboard.cards.ranked import ranked_card
from ecwid_dashboard.content import Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.answers import Slice
    from ecwid_dashboard.content import Card, Scope

_COLUMNS = ("Orders", "Net sales", "First orders", "Share of these sales")


def _best(slices: Sequence[Slice], nothing: str, scope: Scope) -> str:
    if not slices:
        return nothing
    best, total = slices[0], sum((one.sales for one in slices), Decimal(0))
    name = best.name[:1].upper() + best.name[1:]
    return (
        f"{name} brought the most: {scope.money.whole(best.sales)}, "
        f"{percent(share(best.sales, total))} of these sales."
    )


def channels_card(slices: Sequence[Slice], scope: Scope) -> Card:
    """Sales by channel."""
    return ranked_card(
        slices,
        scope,
        key="channels",
        title="Channels",
        finding=_best(slices, "Nothing was sold.", scope),
        note="By the UTM parameters of the last visit before the order, or else by the page that "
        "led to the shop. Orders that tell nothing are direct.",
        columns=("Channel", *_COLUMNS),
        topic=Topic.MARKETING,
        by="channel",
    )


def campaigns_card(slices: Sequence[Slice], scope: Scope) -> Card:
    """Sales by campaign."""
    return ranked_card(
        slices,
        scope,
        key="campaigns",
        title="Campaigns",
        finding=_best(slices, "No order names a campaign.", scope),
        note="The UTM campaign of the last visit before the order, or else its UTM source. Orders "
        "without either are left out.",
        columns=("Campaign", *_COLUMNS),
        topic=Topic.MARKETING,
    )


def countries_card(slices: Sequence[Slice], scope: Scope) -> Card:
    """Sales by country."""
    return ranked_card(
        slices,
        scope,
        key="countries",
        title="Countries",
        finding=_best(slices, "No order has a country.", scope),
        note="Country of the shipping address, or else of the billing address.",
        columns=("Country", *_COLUMNS),
        topic=Topic.MARKETING,
        by="country",
    )


def devices_card(slices: Sequence[Slice], scope: Scope) -> Card:
    """Sales by device."""
    return ranked_card(
        slices,
        scope,
        key="devices",
        title="Devices",
        finding=_best(slices, "No order says on which device it was made.", scope),
        note="From the browser that the order names. Orders without one are left out.",
        columns=("Device", *_COLUMNS),
        topic=Topic.MARKETING,
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
        columns=("Discount", "Orders", "Amount", "Share of all"),
        topic=Topic.MARKETING,
    )
