"""What was paid back, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import count, counted, percent, share
from ecwid_dashboard.cards.sales import gross
from ecwid_dashboard.changes import change, in_words
from ecwid_dashboard.charts import Series, over_time, ranking
from ecwid_dashboard.content import Card, Table, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.periods import Grain
    from ecwid_dashboard.queries import Day, Reason, RefundDay
    from ecwid_dashboard.timeline import Timeline

_NO_REASON: Final = "No reason given"
_OTHER: Final = "Reasons given once"
_FIRST: Final = 8


def refunded(days: Iterable[RefundDay]) -> Decimal:
    """What was paid back on some days."""
    return sum((day.amount for day in days), Decimal(0))


def refunds_card(timeline: Timeline[RefundDay], sales: Timeline[Day], scope: Scope) -> Card:
    """Refunds over time."""
    period, money = scope.period, scope.money
    now = timeline.between(period.first, period.last)
    moved = None
    if scope.compares and period.before:
        moved = change(refunded(now), refunded(timeline.between(*period.before)), more=False)
    rate = share(refunded(now), gross(sales.between(period.first, period.last)))
    number = sum(day.refunds for day in now)
    finding = (
        f"{money.whole(refunded(now))} was paid back in {counted(number, 'refund')}"
        f"{in_words(moved, period.days)}. That is {percent(rate)} of gross sales."
    )
    return Card(
        key="refunds",
        title="Refunds over time",
        finding=finding if now else "Nothing was paid back.",
        note="By the day of the refund, whenever the order was made; the rate is what was paid "
        "back, divided by the gross sales of the same days.",
        views=[_view(timeline, sales, scope, grain) for grain in period.grains] if now else [],
    )


def _view(timeline: Timeline[RefundDay], sales: Timeline[Day], scope: Scope, grain: Grain) -> View:
    money = scope.money
    steps = scope.period.steps(grain)
    groups = timeline.steps(scope.period, grain)
    sold = sales.steps(scope.period, grain)
    amounts = [refunded(days) for days in groups]
    rows = [
        (
            *(step.name, count(sum(day.refunds for day in days)), money(amount)),
            percent(share(amount, gross(taken))),
        )
        for step, days, taken, amount in zip(steps, groups, sold, amounts, strict=True)
    ]
    series = Series(name="Refunded", colour="lost", values=amounts)
    return View(
        grain=grain,
        chart=over_time(steps, [series], grain=grain, money=money),
        table=Table(
            columns=(grain.capitalize(), "Refunds", "Refunded", "Of gross sales"), rows=rows[::-1]
        ),
    )


def reasons_card(reasons: Sequence[Reason], scope: Scope) -> Card:
    """Why something was paid back."""
    money = scope.money
    # A reason is free text, and one that is written just once may be about a person.
    named = [
        (one.reason or _NO_REASON, one) for one in reasons if not one.reason or one.refunds > 1
    ]
    single = [one for one in reasons if one.reason and one.refunds == 1]
    bars = [(name, one.refunds, one.amount) for name, one in named]
    if single:
        bars.append((_OTHER, len(single), sum((one.amount for one in single), Decimal(0))))
    bars.sort(key=lambda bar: -bar[2])
    total = sum((amount for *_, amount in bars), Decimal(0))
    finding = "Nothing was paid back."
    if bars:
        name, number, amount = bars[0]
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
        note="As they were typed in when money was paid back. What was typed in just once is put "
        "together: it may be about a person.",
        views=[View(grain=None, chart=chart, table=table)] if bars else [],
    )
