"""Carts that were left, and those that became orders later."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ecwid_dashboard.amounts import count, counted, percent, share
from ecwid_dashboard.charts import Series, over_time
from ecwid_dashboard.content import Card, Table, View

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.periods import Grain
    from ecwid_dashboard.queries import CartDay
    from ecwid_dashboard.timeline import Timeline


def left(days: Iterable[CartDay]) -> Decimal:
    """What was in the carts of some days."""
    return sum((day.amount for day in days), Decimal(0))


def recovered(days: Iterable[CartDay]) -> Decimal:
    """What was in those that became orders."""
    return sum((day.recovered_amount for day in days), Decimal(0))


def carts_card(timeline: Timeline[CartDay], scope: Scope) -> Card:
    """Abandoned carts over time."""
    period, money = scope.period, scope.money
    now = timeline.between(period.first, period.last)
    number, back = sum(day.carts for day in now), sum(day.recovered for day in now)
    finding = f"{counted(number, 'cart was', 'carts were')} left, worth {money.whole(left(now))}. "
    finding += (
        f"{count(back)} of them ({percent(share(back, number))}), worth "
        f"{money.whole(recovered(now))}, became orders later."
        if back
        else "None of them has become an order so far."
    )
    return Card(
        key="carts",
        title="Abandoned carts",
        finding=finding if now else "No cart was left.",
        note="By the day on which the cart was begun. Fresh ones may still be recovered.",
        views=[_view(timeline, scope, grain) for grain in period.grains] if now else [],
    )


def _view(timeline: Timeline[CartDay], scope: Scope, grain: Grain) -> View:
    money = scope.money
    steps = scope.period.steps(grain)
    groups = timeline.steps(scope.period, grain)
    back = [recovered(days) for days in groups]
    gone = [left(days) - amount for days, amount in zip(groups, back, strict=True)]
    series = [
        Series(name="Recovered", colour="good", values=back),
        Series(name="Not recovered", colour="quiet", values=gone),
    ]
    rows = [
        (
            *(step.name, count(sum(day.carts for day in days)), money(left(days)), money(amount)),
            percent(share(amount, left(days))),
        )
        for step, days, amount in zip(steps, groups, back, strict=True)
        if days
    ]
    columns = ("Carts", "Worth", "Recovered", "Recovered share")
    return View(
        grain=grain,
        chart=over_time(steps, series, grain=grain, money=money),
        table=Table(columns=(grain.capitalize(), *columns), rows=rows[::-1]),
    )
