"""What a page says, before it is HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.periods import Grain, Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a card is for.

    Attributes:
        period: The span of days.
        money: How the shop writes amounts.
        compares: Whether the data reach back over the days before, to compare with.
    """

    period: Period
    money: Money
    compares: bool


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
        wide: Whether it takes the page's whole width.
    """

    key: str
    title: str
    finding: str
    note: str
    views: Sequence[View]
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
class Tile:
    """A figure that stands large at the top.

    Attributes:
        title: What it is.
        value: The figure.
        change: How it moved; None where nothing can be compared.
        before: The figure of the period before, in words.
        line: Points of a small line (``charts.sparkline``).
    """

    title: str
    value: str
    change: Change | None
    before: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPage:
    """All that is said of a period."""

    period: Period
    tiles: Sequence[Tile]
    cards: Sequence[Card]


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
    """

    store_id: int
    name: str
    url: str | None
    today: str
    timezone: str
    note: str
    periods: Sequence[PeriodPage]
