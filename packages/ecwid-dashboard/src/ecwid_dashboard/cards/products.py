"""What sells, and what is missing on the shelf."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import count, counted, percent, share
from ecwid_dashboard.charts import Series, ranking
from ecwid_dashboard.content import Card, Table, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.queries import Seller, StockItem

_FIRST: Final = 10
STOCK_DAYS: Final = 30
_LASTS: Final = 14


def best_sellers_card(sellers: Sequence[Seller], scope: Scope) -> Card:
    """The products with the most sales."""
    money = scope.money
    total = sum((seller.sales for seller in sellers), Decimal(0))
    first = sellers[:_FIRST]
    finding = "Nothing was sold."
    if first:
        best = first[0]
        finding = (
            f"{best.name} sold best: {money.whole(best.sales)} from "
            f"{counted(best.units, 'unit')}, {percent(share(best.sales, total))} of what all "
            f"products made."
        )
    if len(sellers) > _FIRST:
        made = sum((seller.sales for seller in first), Decimal(0))
        finding += (
            f" The first {_FIRST} of {count(len(sellers))} made {percent(share(made, total))}."
        )
    chart = ranking(
        [seller.name for seller in first],
        [Series(name="Sales", colour="main", values=[seller.sales for seller in first])],
        write=money.whole,
    )
    rows = [
        (seller.name, count(seller.units), money(seller.sales), percent(share(seller.sales, total)))
        for seller in first
    ]
    table = Table(columns=("Product", "Units", "Sales", "Share of all"), rows=rows)
    return Card(
        key="best-sellers",
        title="Best sellers",
        finding=finding,
        note="Price times quantity of the lines of paid orders, before discounts on the order, "
        "shipping and refunds.",
        views=[View(grain=None, chart=chart, table=table)] if first else [],
    )


def _lasts(item: StockItem) -> Decimal | None:
    """For how many days the stock will do, at the pace of the last ones; None if nothing sells."""
    return share(max(item.quantity, 0) * STOCK_DAYS, item.sold)


def stock_card(items: Sequence[StockItem]) -> Card:
    """What is out of stock, and what soon will be.

    Args:
        items: What is for sale and counted, what sold most in the last days first.
    """
    out = [item for item in items if item.quantity <= 0]
    low = [
        item
        for item in items
        if item.quantity > 0 and (days := _lasts(item)) is not None and days < _LASTS
    ]
    missed = sum(item.sold for item in out)
    finding = "Everything whose stock is counted is there, and will last."
    if not items:
        finding = "No product has a stock that is counted."
    elif out or low:
        finding = (
            f"{counted(len(out), 'article is', 'articles are')} out of stock, and sold "
            f"{counted(missed, 'unit')} in the last {STOCK_DAYS} days. "
        )
        finding += (
            f"{counted(len(low), 'more lasts', 'more last')} less than {_LASTS} days."
            if low
            else f"All else lasts {_LASTS} days or more."
        )
    # What people want comes first; what is out and doesn't sell is last.
    urgent = sorted((*out, *low), key=lambda item: -item.sold)
    shown = urgent[:_FIRST]
    chart = ranking(
        [_called(item) for item in shown],
        [
            Series(
                name="Out of stock",
                colour="lost",
                values=[item.sold if item.quantity <= 0 else None for item in shown],
            ),
            Series(
                name="Nearly out",
                colour="warn",
                values=[item.sold if item.quantity > 0 else None for item in shown],
            ),
        ],
        write=lambda sold: f"{count(sold)} sold",
    )
    rows = [
        (
            _called(item),
            count(item.quantity),
            count(item.sold),
            "out" if item.quantity <= 0 else _days(_lasts(item)),
        )
        for item in urgent[: 5 * _FIRST]
    ]
    columns = ("Article", "In stock", f"Sold in {STOCK_DAYS} days", "Lasts")
    return Card(
        key="stock",
        title="Out of stock, or nearly",
        finding=finding,
        note=f"As of the last run, whatever the period: bars are the units sold in the last "
        f"{STOCK_DAYS} days. Nearly out is what lasts less than {_LASTS} days at that pace. "
        "Products without counted stock, and those that are switched off, are left out.",
        views=[View(grain=None, chart=chart, table=Table(columns=columns, rows=rows))]
        if urgent
        else [],
    )


def _called(item: StockItem) -> str:
    return f"{item.name} ({item.options})" if item.options else item.name


def _days(days: Decimal | None) -> str:
    return "" if days is None else counted(int(days), "day") if days >= 1 else "less than a day"
