"""What was paid back, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import count, counted, percent, share
from ecwid_dashboard.cards.sales import gross, refunded
from ecwid_dashboard.changes import change, in_words
from ecwid_dashboard.charts import Series, over_time, ranking
from ecwid_dashboard.content import Card, NoReason, Table, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.periods import Grain
    from ecwid_dashboard.queries import Day, Reason
    from ecwid_dashboard.timeline import Timeline

_FIRST: Final = 8


def refunds_card(timeline: Timeline[Day], scope: Scope) -> Card:
    """Refunds over time."""
    period, money = scope.period, scope.money
    now = timeline.between(period.first, period.last)
    moved = None
    if scope.compares and period.before:
        moved = change(refunded(now), refunded(timeline.between(*period.before)), more=False)
    number = _orders(now)
    finding = (
        f"{money.whole(refunded(now))} was paid back for {counted(number, 'order')}"
        f"{in_words(moved, period.days)}. "
        f"That is {percent(share(refunded(now), gross(now)))} of gross sales."
    )
    return Card(
        key="refunds",
        title="Refunds over time",
        finding=finding if number else "Nothing was paid back.",
        note="By the day of the order, whenever the money went back, as in all figures here; the "
        "rate is what was paid back, divided by the gross sales of the same orders.",
        views=[_view(timeline, scope, grain) for grain in period.grains] if number else [],
        by_day=True,
    )


def _orders(days: Iterable[Day]) -> int:
    return sum(day.refunded_orders for day in days)


def _view(timeline: Timeline[Day], scope: Scope, grain: Grain) -> View:
    money = scope.money
    steps = scope.period.steps(grain)
    groups = timeline.steps(scope.period, grain)
    amounts = [refunded(days) for days in groups]
    rows = [
        (step.name, count(_orders(days)), money(amount), percent(share(amount, gross(days))))
        for step, days, amount in zip(steps, groups, amounts, strict=True)
        if _orders(days)
    ]
    series = Series(name="Refunded", colour="lost", values=amounts)
    columns = ("Orders with a refund", "Refunded", "Of gross sales")
    return View(
        grain=grain,
        chart=over_time(steps, [series], grain=grain, money=money),
        table=Table(columns=(grain.capitalize(), *columns), rows=rows[::-1]),
    )


def reasons_card(reasons: Sequence[Reason], scope: Scope) -> Card:
    """Why something was paid back."""
    money = scope.money
    # A reason is free text. One that occurs only once may be about a person.
    listed = [one for one in reasons if one.is_listed]
    bars = [
        (one.reason or NoReason.NONE, one.refunds, one.amount)
        for one in listed
        if not one.reason or one.refunds > 1
    ]
    single = [one for one in listed if one.reason and one.refunds == 1]
    if single:
        bars.append((NoReason.ONCE, len(single), sum((one.amount for one in single), Decimal(0))))
    # What orders don't list can't be counted.
    bars += [(NoReason.UNLISTED, 0, one.amount) for one in reasons if not one.is_listed]
    bars.sort(key=lambda bar: -bar[2])
    total = sum((amount for *_, amount in bars), Decimal(0))
    finding = "No order lists a refund." if bars else "Nothing was paid back."
    named = [bar for bar in bars if bar[1]]
    if named:
        name, number, amount = named[0]
        finding = (
            f"Most was paid back for: {name} ({money.whole(amount)} in "
            f"{counted(number, 'refund')}, {percent(share(amount, total))} of all)."
        )
    shown = bars[:_FIRST]
    chart = ranking(
        [name for name, *_ in shown],
        [Series(name="Refunded", colour="lost", values=[amount for *_, amount in shown])],
        write=money.whole,
    )
    rows = [
        (name, count(number), money(amount), percent(share(amount, total)))
        for name, number, amount in bars
    ]
    table = Table(columns=("Reason", "Refunds", "Refunded", "Share of all"), rows=rows)
    return Card(
        key="reasons",
        title="Reasons of refunds",
        finding=finding,
        note="By the day of the order. Reasons are as entered; those that occur only once are "
        "combined, because they may be about a person.",
        views=[View(grain=None, chart=chart, table=table)] if bars else [],
        by="reason",
    )
