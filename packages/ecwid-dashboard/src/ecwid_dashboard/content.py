"""What a page says, before it is HTML."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.blocks import Block
    from ecwid_dashboard.periods import Grain, Period


class Topic(StrEnum):
    """A part of the page that is shown by itself."""

    SALES = "Sales"
    CUSTOMERS = "Customers"
    PRODUCTS = "Products"
    MARKETING = "Marketing"
    ORDERS = "Orders"


class NoReason(StrEnum):
    """What stands for refunds whose reason isn't shown."""

    NONE = "No reason given"
    ONCE = "Reasons given once"
    UNLISTED = "Not listed in the order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a card is for.

    Attributes:
        period: The span of days.
        money: How the shop writes amounts.
        begin: The first day that there are data for: earlier days compare with nothing.
    """

    period: Period
    money: Money
    begin: dt.date

    @property
    def compares(self) -> bool:
        """Whether the data reach back over the days before, to compare with."""
        return self.period.before is not None and self.period.before[0] >= self.begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of a chart.

    Attributes:
        columns: Their titles; the first one's cells name the row.
        rows: The cells, as they are shown.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A chart with its numbers.

    Attributes:
        grain: The step that it takes through the period; None where it takes none.
        chart: As Plotly describes it.
        table: Its numbers.
    """

    grain: Grain | None
    chart: Mapping[str, Any]
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A question with its answer.

    Attributes:
        key: A short name.
        title: What it is about.
        finding: The main thing that it says, in words.
        note: How it is computed.
        views: Charts of it, the usual one first; none where there is nothing to draw.
        topic: Which part of the page it is on.
        by: The filter of orders (``orders.js``) that its bars are values of; None for others.
        by_day: Whether its bars are of the orders of a day, week or month.
        of_all: Whether it is about all orders, whatever the period.
        wide: Whether it takes the page's whole width.
    """

    key: str
    title: str
    finding: str
    note: str
    views: Sequence[View]
    topic: Topic = Topic.SALES
    by: str | None = None
    by_day: bool = False
    of_all: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a figure moved since the period before.

    Attributes:
        text: By how much.
        direction: ``up``, ``down`` or ``same``.
        good: Whether that is welcome; None where it is neither.
    """

    text: str
    direction: str
    good: bool | None

    @property
    def sign(self) -> str:
        """An arrow."""
        return {"up": "▲", "down": "▼"}.get(self.direction, "■")

    @property
    def mood(self) -> str:
        """Its class in the stylesheet."""
        return "neutral" if self.good is None else "good" if self.good else "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A figure beside an earlier one.

    Attributes:
        change: How it moved; None where it was nothing.
        before: The earlier figure, in words.
    """

    change: Change | None
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A headline figure.

    Attributes:
        title: What it is.
        value: The figure.
        comparisons: The figure beside others; none where nothing can be compared.
        line: Points of a small line (``charts.sparkline``).
    """

    title: str
    value: str
    comparisons: Sequence[Comparison]
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPage:
    """All that is said of a period."""

    period: Period
    tiles: Sequence[Tile]
    cards: Sequence[Card]

    def drawn(self) -> Iterator[Card]:
        """The cards with something to draw. One that would stand alone in its line is wide."""
        for topic in Topic:
            cards = [card for card in self.cards if card.topic is topic and card.views]
            alone = False
            for place, card in enumerate(cards):
                alone = not card.wide and not alone
                next_is_half = place + 1 < len(cards) and not cards[place + 1].wide
                if alone and not next_is_half:
                    alone = False
                    yield replace(card, wide=True)
                else:
                    yield card

    def others(self) -> Iterator[Card]:
        """The cards without anything to draw."""
        return (card for card in self.cards if not card.views)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePage:
    """All that is said of a store.

    Attributes:
        store_id: Its number.
        name: Its name.
        url: Its storefront; None where there is none.
        today: The day that the periods end with, in words.
        timezone: The time zone whose days they are.
        note: What is to be known of the data, in words; may be empty.
        periods: What is said, by period; none for a shop in which nothing has happened.
        about_orders: What the page needs besides the sales (``orders``).
        blocks: The sales.
    """

    store_id: int
    name: str
    url: str | None
    today: str
    timezone: str
    note: str
    periods: Sequence[PeriodPage]
    about_orders: Mapping[str, Any]
    blocks: Sequence[Block]
