"""The headline figures."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import NOTHING, count, percent, share
from ecwid_dashboard.cards.carts import left
from ecwid_dashboard.cards.customers import returning_share
from ecwid_dashboard.cards.sales import gross, net, order_value, orders, refunded
from ecwid_dashboard.changes import change, change_of_share
from ecwid_dashboard.charts import sparkline
from ecwid_dashboard.content import Comparison, Tile

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.queries import CartDay, Day
    from ecwid_dashboard.timeline import Timeline


@dataclass(frozen=True, slots=True)
class _Span:
    """What happened on some days."""

    sales: Sequence[Day]
    carts: Sequence[CartDay] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figure:
    title: str
    of: Callable[[_Span], Decimal | None]
    is_share: bool = False
    is_amount: bool = True
    more_is_better: bool = True

    def write(self, value: Decimal | None, money: Money) -> str:
        if value is None:
            return NOTHING
        if self.is_share:
            return percent(value)
        return money.whole(value) if self.is_amount else count(value)


_FIGURES: Final = (
    _Figure(title="Net sales", of=lambda span: net(span.sales)),
    _Figure(title="Orders", of=lambda span: Decimal(orders(span.sales)), is_amount=False),
    _Figure(title="Average order", of=lambda span: order_value(span.sales)),
    _Figure(
        title="Returning customers", of=lambda span: returning_share(span.sales), is_share=True
    ),
    _Figure(
        title="Refund rate",
        of=lambda span: share(refunded(span.sales), gross(span.sales)),
        is_share=True,
        more_is_better=False,
    ),
    _Figure(
        title="Left in carts",
        of=lambda span: None if span.carts is None else left(span.carts),
        more_is_better=False,
    ),
)


def tiles(
    sales: Timeline[Day],
    carts: Timeline[CartDay],
    scope: Scope,
) -> Sequence[Tile]:
    """The headline figures of a period, beside those of the period before."""
    period = scope.period

    def span(first: dt.date, last: dt.date, *, with_carts: bool = True) -> _Span:
        return _Span(
            sales.between(first, last),
            carts.between(first, last) if with_carts else None,
        )

    now = span(period.first, period.last)
    # Carts are not kept for as long as orders: none may mean none that is still known.
    earlier = {
        words: span(*days, with_carts=carts.reaches(days[0]))
        for words, days in (("before", period.before), ("a year before", period.year_before))
        if days and days[0] >= scope.begin
    }
    grain = period.grains[0]
    drawn = list(
        map(
            _Span,
            sales.steps(period, grain),
            carts.steps(period, grain),
        )
    )
    return [_tile(figure, now, earlier, drawn, scope.money) for figure in _FIGURES]


def _tile(
    figure: _Figure,
    now: _Span,
    earlier: Mapping[str, _Span],
    steps: Sequence[_Span],
    money: Money,
) -> Tile:
    value = figure.of(now)
    compare = change_of_share if figure.is_share else change
    before = {words: figure.of(span) for words, span in earlier.items()}
    return Tile(
        title=figure.title,
        value=figure.write(value, money),
        comparisons=[
            Comparison(
                change=compare(value, was, more=figure.more_is_better),
                before=f"{figure.write(was, money)} {words}",
            )
            for words, was in before.items()
            if was is not None
        ],
        line=sparkline([figure.of(step) for step in steps]),
    )
