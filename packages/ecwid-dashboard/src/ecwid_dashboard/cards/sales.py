"""Sales over time, and what an order is worth."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ecwid_dashboard.amounts import count, counted, share
from ecwid_dashboard.changes import change, in_words
from ecwid_dashboard.charts import Series, over_time
from ecwid_dashboard.content import Card, Table, View
from ecwid_dashboard.periods import Grain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.queries import Day
    from ecwid_dashboard.timeline import Timeline


def net(days: Iterable[Day]) -> Decimal:
    """Net sales of some days."""
    return sum((day.net for day in days), Decimal(0))


def orders(days: Iterable[Day]) -> int:
    """Sales of some days, counted."""
    return sum(day.orders for day in days)


def gross(days: Iterable[Day]) -> Decimal:
    """Gross sales of some days."""
    return sum((day.gross for day in days), Decimal(0))


def refunded(days: Iterable[Day]) -> Decimal:
    """What was paid back for the orders of some days."""
    return sum((day.refunded for day in days), Decimal(0))


def order_value(days: Sequence[Day]) -> Decimal | None:
    """What an order was worth on average: net sales by orders; None without an order."""
    return share(net(days), orders(days))


def sales_card(timeline: Timeline[Day], scope: Scope) -> Card:
    """Net sales and refunds over time."""
    period, money = scope.period, scope.money
    now = timeline.between(period.first, period.last)
    moved = None
    if scope.compares and period.before:
        moved = change(net(now), net(timeline.between(*period.before)), more=True)
    finding = f"Net sales were {money.whole(net(now))}, from {counted(orders(now), 'order')}"
    finding += in_words(moved, period.days) + "."
    usual = period.grains[0]
    best = max(
        zip(period.steps(usual), timeline.steps(period, usual), strict=True),
        key=lambda pair: net(pair[1]),
    )
    if net(best[1]):
        began = "began on" if usual is Grain.WEEK else "was"
        finding += f" The best {usual} {began} {best[0].name.removeprefix('week of ')}"
        finding += f": {money.whole(net(best[1]))}."
    return Card(
        key="sales",
        title="Sales over time",
        finding=finding if orders(now) else "Nothing was sold.",
        note="Whole bars are gross sales: paid orders by the day of the order. The lower part is "
        "what was kept (net), the upper part what was paid back for these orders.",
        views=[_sales_view(timeline, scope, grain) for grain in period.grains]
        if orders(now)
        else [],
        wide=True,
        by_day=True,
    )


def _sales_view(timeline: Timeline[Day], scope: Scope, grain: Grain) -> View:
    money = scope.money
    steps = scope.period.steps(grain)
    groups = timeline.steps(scope.period, grain)
    paid_back = [refunded(days) for days in groups]
    series = [
        Series(name="Net sales", colour="main", values=[net(days) for days in groups]),
        Series(name="Refunded", colour="lost", values=paid_back),
    ]
    rows = [
        (step.name, count(orders(days)), money(gross(days)), money(back), money(net(days)))
        for step, days, back in zip(steps, groups, paid_back, strict=True)
        if orders(days)
    ]
    return View(
        grain=grain,
        chart=over_time(steps, series, grain=grain, money=money),
        table=Table(
            columns=(grain.capitalize(), "Orders", "Gross sales", "Refunded", "Net sales"),
            rows=rows[::-1],
        ),
    )


def order_value_card(timeline: Timeline[Day], scope: Scope) -> Card:
    """What an order is worth on average."""
    period, money = scope.period, scope.money
    now = timeline.between(period.first, period.last)
    value = order_value(now)
    moved = None
    if scope.compares and period.before:
        moved = change(value, order_value(timeline.between(*period.before)), more=True)
    return Card(
        key="order-value",
        title="Average order value",
        finding=f"An order was worth {money(value)} on average{in_words(moved, period.days)}."
        if value is not None
        else "There was no order.",
        note="Net sales divided by paid orders. Steps without an order have no point.",
        views=[_value_view(timeline, scope, grain) for grain in period.grains]
        if value is not None
        else [],
        by_day=True,
    )


def _value_view(timeline: Timeline[Day], scope: Scope, grain: Grain) -> View:
    steps = scope.period.steps(grain)
    groups = timeline.steps(scope.period, grain)
    values = [order_value(days) for days in groups]
    series = Series(name="Average order value", colour="main", values=values)
    rows = [
        (step.name, count(orders(days)), scope.money(value))
        for step, days, value in zip(steps, groups, values, strict=True)
        if orders(days)
    ]
    return View(
        grain=grain,
        chart=over_time(steps, [series], grain=grain, money=scope.money, line=True),
        table=Table(columns=(grain.capitalize(), "Orders", "Average order value"), rows=rows[::-1]),
    )
