"""What is missing on the shelf, and what lies there."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import NOTHING, count, counted
from ecwid_dashboard.charts import Series, ranking
from ecwid_dashboard.content import Card, Table, Topic, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.answers import Article

_FIRST: Final = 10
_MOST_ROWS: Final = 50
_LASTS: Final = 14


def stock_card(articles: Sequence[Article], money: Money) -> Card:
    """What is out of stock, and what soon will be.

    Args:
        articles: What is for sale and counted, what sold most in the last days first.
        money: How amounts are written.
    """
    out = [item for item in articles if item.stock == 0]
    low = [
        item for item in articles if item.stock and item.lasts is not None and item.lasts < _LASTS
    ]
    finding = "Everything whose stock is counted is there, and will last."
    if not articles:
        finding = "No product has a stock that is counted."
    elif out or low:
        lost = sum((item.lost_sales or Decimal(0) for item in out), Decimal(0))
        finding = f"{counted(len(out), 'article is', 'articles are')} out of stock"
        finding += f", which has cost {money.whole(lost)} of sales so far. " if lost else ". "
        finding += (
            f"{counted(len(low), 'more lasts', 'more last')} less than {_LASTS} days."
            if low
            else f"All else lasts {_LASTS} days or more."
        )
    # What people want comes first. What is out and doesn't sell says nothing.
    urgent = [item for item in (*out, *low) if item.sold or item.lost_sales]
    urgent.sort(key=lambda item: (-item.sold, -(item.lost_sales or 0)))
    shown = [item for item in urgent if item.sold][:_FIRST]
    chart = ranking(
        [_called(item) for item in shown],
        [
            Series(
                name="Out of stock",
                colour="lost",
                values=[None if item.stock else item.sold for item in shown],
            ),
            Series(
                name="Nearly out",
                colour="warn",
                values=[item.sold if item.stock else None for item in shown],
            ),
        ],
        write=lambda sold: f"{count(sold)} sold",
    )
    rows = [
        (
            *(_called(item), count(item.stock), count(item.sold)),
            _days(item.lasts) if item.stock else "out",
            *(count(item.days_out), money(item.lost_sales or None)),
        )
        for item in urgent[:_MOST_ROWS]
    ]
    columns = ("Article", "In stock", "Sold in 30 days", "Lasts", "Days out", "Lost sales")
    return Card(
        key="stock",
        title="Out of stock, or nearly",
        finding=finding,
        note="As of the last run, for every period. Nearly out is what lasts less than "
        f"{_LASTS} days at the pace of the last 90; days out and lost sales are of these too. "
        "Products without counted stock, and those that are switched off, are left out.",
        views=[View(grain=None, chart=chart, table=Table(columns=columns, rows=rows))]
        if shown
        else [],
        topic=Topic.PRODUCTS,
    )


def value_card(articles: Sequence[Article], money: Money) -> Card:
    """Where the money in the stock is."""
    known = [item for item in articles if item.value]
    known.sort(key=lambda item: -(item.value or 0))
    total = sum((item.value or Decimal(0) for item in known), Decimal(0))
    idle = sum((item.value or Decimal(0) for item in known if item.lasts is None), Decimal(0))
    finding = "No article in stock has a cost."
    if known:
        finding = (
            f"The stock is worth {money.whole(total)} at cost. {money.whole(idle)} of it "
            "is in articles that haven't sold in 90 days."
        )
    shown = known[:_FIRST]
    series = [
        Series(
            name="Sells",
            colour="main",
            values=[None if item.lasts is None else item.value for item in shown],
        ),
        Series(
            name="Not sold in 90 days",
            colour="quiet",
            values=[item.value if item.lasts is None else None for item in shown],
        ),
    ]
    rows = [
        (_called(item), count(item.stock), money(item.value), _days(item.lasts))
        for item in known[:_MOST_ROWS]
    ]
    columns = ("Article", "In stock", "Worth at cost", "Lasts")
    chart = ranking([_called(item) for item in shown], series, write=money.whole)
    return Card(
        key="stock-value",
        title="Worth of the stock",
        finding=finding,
        note="As of the last run, for every period: units in stock times their cost.",
        views=[View(grain=None, chart=chart, table=Table(columns=columns, rows=rows))]
        if known
        else [],
        topic=Topic.PRODUCTS,
    )


def _called(item: Article) -> str:
    return f"{item.name} \N{EN DASH} {item.options}" if item.options else item.name


def _days(days: float | None) -> str:
    if days is None:
        return NOTHING
    return counted(int(days), "day") if days >= 1 else "less than a day"
