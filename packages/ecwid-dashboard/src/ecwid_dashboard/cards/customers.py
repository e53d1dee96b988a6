"""New customers, and those who came back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ecwid_dashboard.amounts import count, percent, share
from ecwid_dashboard.cards.sales import net, orders
from ecwid_dashboard.charts import Series, over_time
from ecwid_dashboard.content import Card, Table, Topic, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.periods import Grain
    from ecwid_dashboard.queries import Day
    from ecwid_dashboard.timeline import Timeline


def returning_sales(days: Iterable[Day]) -> Decimal:
    """Net sales of some days to customers who had bought before."""
    return sum((day.returning_sales for day in days), Decimal(0))


def returning_orders(days: Iterable[Day]) -> int:
    """Their orders."""
    return sum(day.returning_orders for day in days)


def returning_share(days: Sequence[Day]) -> Decimal | None:
    """Their part of net sales; None without sales."""
    return share(returning_sales(days), net(days))


def returning_card(timeline: Timeline[Day], scope: Scope) -> Card:
    """Net sales to new and to returning customers over time."""
    period = scope.period
    now = timeline.between(period.first, period.last)
    finding = (
        f"{percent(returning_share(now))} of net sales came from customers who had bought before: "
        f"{count(returning_orders(now))} of {count(orders(now))} orders."
    )
    return Card(
        key="returning",
        title="Returning customers",
        finding=finding if orders(now) else "Nothing was sold.",
        note="An order is a returning customer's if the same customer, or the same email address, "
        "had bought before it, at any time. Other orders count as new.",
        views=[_view(timeline, scope, grain) for grain in period.grains] if orders(now) else [],
        topic=Topic.CUSTOMERS,
        by_day=True,
    )


def _view(timeline: Timeline[Day], scope: Scope, grain: Grain) -> View:
    money = scope.money
    steps = scope.period.steps(grain)
    groups = timeline.steps(scope.period, grain)
    back = [returning_sales(days) for days in groups]
    new = [net(days) - amount for days, amount in zip(groups, back, strict=True)]
    series = [
        Series(name="Returning", colour="main", values=back),
        Series(name="New", colour="second", values=new),
    ]
    rows = [
        (
            *(step.name, money(old), money(fresh), percent(returning_share(days))),
            percent(share(returning_orders(days), orders(days))),
        )
        for step, days, old, fresh in zip(steps, groups, back, new, strict=True)
        if orders(days)
    ]
    columns = ("Returning", "New", "Share of net sales", "Share of orders")
    return View(
        grain=grain,
        chart=over_time(steps, series, grain=grain, money=money),
        table=Table(columns=(grain.capitalize(), *columns), rows=rows[::-1]),
    )
