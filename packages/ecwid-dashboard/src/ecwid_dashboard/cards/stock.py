"""What is missing on the shelf, and what lies there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import NOTHING, count, counted
from ecwid_dashboard.charts import Series, ranking
from ecwid_dashboard.content import Card, Table, Topic, View

if TYPE_CHECKING:
    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.answers import Article, Stock

_FIRST: Final = 10
MOST_ROWS: Final = 50
NEARLY_OUT: Final = 14
"""Days that something lasts."""


def stock_card(stock: Stock, money: Money) -> Card:
    """What is out of stock, and what soon will be."""
    finding = "Everything whose stock is counted is there, and will last."
    if not stock.articles:
        finding = "No product has a stock that is counted."
    elif stock.out or stock.low:
        finding = f"{counted(stock.out, 'article is', 'articles are')} out of stock"
        finding += (
            f", which has cost {money.whole(stock.lost_sales)} of sales so far. "
            if stock.lost_sales
            else ". "
        )
        finding += (
            f"{counted(stock.low, 'more lasts', 'more last')} less than {NEARLY_OUT} days."
            if stock.low
            else f"All else lasts {NEARLY_OUT} days or more."
        )
    shown = [item for item in stock.missing if item.sold][:_FIRST]
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
        for item in stock.missing
    ]
    columns = ("Article", "In stock", "Sold in 30 days", "Lasts", "Days out", "Lost sales")
    return Card(
        key="stock",
        title="Out of stock, or nearly",
        finding=finding,
        note="As of the last run, for every period. Nearly out is what lasts less than "
        f"{NEARLY_OUT} days at the pace of the last 90; days out and lost sales are of these too. "
        "Products without counted stock, and those that are switched off, are left out.",
        views=[View(grain=None, chart=chart, table=Table(columns=columns, rows=rows))]
        if shown
        else [],
        topic=Topic.PRODUCTS,
    )


def value_card(stock: Stock, money: Money) -> Card:
    """Where the money in the stock is."""
    finding = "No article in stock has a cost."
    if stock.valuable:
        finding = (
            f"The stock is worth {money.whole(stock.value)} at cost. {money.whole(stock.idle)} of "
            "it is in articles that haven't sold in 90 days."
        )
    shown = stock.valuable[:_FIRST]
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
        for item in stock.valuable
    ]
    columns = ("Article", "In stock", "Worth at cost", "Lasts")
    chart = ranking([_called(item) for item in shown], series, write=money.whole)
    return Card(
        key="stock-value",
        title="Worth of the stock",
        finding=finding,
        note="As of the last run, for every period: units in stock times their cost.",
        views=[View(grain=None, chart=chart, table=Table(columns=columns, rows=rows))]
        if shown
        else [],
        topic=Topic.PRODUCTS,
    )


def _called(item: Article) -> str:
    return f"{item.name} \N{EN DASH} {item.options}" if item.options else item.name


def _days(days: float | None) -> str:
    if days is None:
        return NOTHING
    return counted(int(days), "day") if days >= 1 else "less than a day"
