"""What sells."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import count, counted, percent, share
from ecwid_dashboard.cards.ranked import ranked_card
from ecwid_dashboard.charts import Series, ranking
from ecwid_dashboard.content import Card, Table, Topic, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.answers import Pair, Slice
    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.queries import Sellers

BEST: Final = 10
"""Bars, and best sellers in all."""
_SALES: Final = "Net sales of goods"


def best_sellers_card(sellers: Sellers, scope: Scope) -> Card:
    """The products with the most sales."""
    money, total, best = scope.money, sellers.sales, sellers.best
    finding = "Nothing was sold."
    if best:
        finding = (
            f"{best[0].name} sold best: {money.whole(best[0].sales)} from "
            f"{counted(best[0].units, 'unit')}, {percent(share(best[0].sales, total))} of what all "
            f"products made."
        )
    if sellers.number > BEST:
        made = sum((seller.sales for seller in best), Decimal(0))
        finding += (
            f" The first {BEST} of {count(sellers.number)} made {percent(share(made, total))}."
        )
    chart = ranking(
        [seller.name for seller in best],
        [Series(name=_SALES, colour="main", values=[seller.sales for seller in best])],
        write=money.whole,
    )
    rows = [
        (
            *(seller.name, count(seller.units), count(seller.returned), money(seller.sales)),
            percent(share(seller.sales, total)),
        )
        for seller in best
    ]
    table = Table(columns=("Product", "Units", "Returned", _SALES, "Share of all"), rows=rows)
    return Card(
        key="best-sellers",
        title="Best sellers",
        finding=finding,
        note="Net sales of goods: after discounts and refunds, without tax and shipping. Returned "
        "are the units of orders that came back whole.",
        views=[View(grain=None, chart=chart, table=table)] if best else [],
        topic=Topic.PRODUCTS,
        by="product",
    )


def categories_card(slices: Sequence[Slice], scope: Scope) -> Card:
    """The categories with the most sales."""
    money = scope.money
    total = sum((one.sales for one in slices), Decimal(0))
    finding = "Nothing was sold."
    if slices:
        best = slices[0]
        finding = (
            f"{best.name} brought the most: {money.whole(best.sales)}, "
            f"{percent(share(best.sales, total))} of what all categories made."
        )
    return ranked_card(
        slices,
        scope,
        key="categories",
        title="Categories",
        finding=finding,
        note="By the category in which the buyer found the product, or else its default category. "
        "Net sales of goods: after discounts and refunds, without tax and shipping.",
        columns=("Category", _SALES, "Share of all"),
        topic=Topic.PRODUCTS,
        by="category",
    )


def pairs_card(pairs: Sequence[Pair]) -> Card:
    """Products that are bought together."""
    finding = "No two products were bought together more than once."
    if pairs:
        best = pairs[0]
        finding = (
            f"{best.one} and {best.other} were bought together most often: "
            f"in {counted(best.orders, 'order')}."
        )
    shown = pairs[:BEST]
    chart = ranking(
        [f"{pair.one} + {pair.other}" for pair in shown],
        [Series(name="Orders", colour="main", values=[pair.orders for pair in shown])],
        write=lambda orders: counted(int(orders), "order"),
    )
    rows = [
        (
            f"{pair.one} + {pair.other}",
            count(pair.orders),
            f"{pair.lift:.1f}\N{MULTIPLICATION SIGN}",
        )
        for pair in pairs
    ]
    return Card(
        key="pairs",
        title="Bought together",
        finding=finding,
        note="All sales, for every period. The lift says how many times more often than by chance.",
        views=[
            View(
                grain=None,
                chart=chart,
                table=Table(columns=("Products", "Orders", "Lift"), rows=rows),
            )
        ]
        if pairs
        else [],
        topic=Topic.PRODUCTS,
        by="product",
        of_all=True,
    )
