"""Whether buyers come back, and which of them matter most."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import NOTHING, count, counted, percent, share
from ecwid_dashboard.charts import Series, ranking
from ecwid_dashboard.content import Card, Table, Topic, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.answers import CohortMonth, Segment

_MONTHS: Final = 12
_COHORTS: Final = 36


def cohorts_card(months: Sequence[CohortMonth], money: Money) -> Card:
    """How many buyers come back, by months since their first sale, and what they bring."""
    by_cohort: dict[str, list[CohortMonth]] = defaultdict(list)
    for one in months:
        by_cohort[f"{one.cohort:%b %Y}"].append(one)
    retention = [_retention(months, since) for since in range(1, _MONTHS + 1)]
    known = [(since, value) for since, value in enumerate(retention, 1) if value is not None]
    finding = "There is no month after the first sales yet."
    if known:
        since, value = known[min(2, len(known) - 1)]
        buyers = sum(one.buyers for one in months if not one.months_since)
        total = sum((one.net_sales for one in months), Decimal(0))
        finding = (
            f"{percent(value)} of buyers buy again in the {_nth(since)} month after their first "
            f"sale. A buyer has brought {money.whole(share(total, buyers))} so far, on average."
        )
    chart = ranking(
        [f"{since} month{'s' if since > 1 else ''} later" for since, _ in known],
        [Series(name="Bought in this month", colour="main", values=[value for _, value in known])],
        write=percent,
    )
    rows = [
        (
            *(name, count(rows[0].buyers), money(share(rows[-1].cumulative, rows[0].buyers))),
            *(
                percent(share(rows[since].active, rows[since].buyers))
                if since < len(rows)
                else NOTHING
                for since in range(1, _MONTHS + 1)
            ),
        )
        for name, rows in list(by_cohort.items())[-_COHORTS:]
    ]
    columns = ("First sale", "Buyers", "Lifetime value", *map(str, range(1, _MONTHS + 1)))
    return Card(
        key="cohorts",
        title="Buyers who come back",
        finding=finding,
        note="All time, for every period: buyers by the month of their first sale, and the part of "
        "them who bought again that many months later. Guests are recognised by email address. "
        "Lifetime value is net sales so far, for each buyer.",
        views=[View(grain=None, chart=chart, table=Table(columns=columns, rows=rows[::-1]))]
        if known
        else [],
        topic=Topic.CUSTOMERS,
        wide=True,
    )


def _retention(months: Sequence[CohortMonth], since: int) -> Decimal | None:
    """The part of all buyers who bought in the month so long after their first."""
    there = [one for one in months if one.months_since == since]
    return share(sum(one.active for one in there), sum(one.buyers for one in there))


def _nth(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}[number]


def segments_card(segments: Sequence[Segment], money: Money) -> Card:
    """Segments of buyers by how recently and how often they bought."""
    total = sum((one.net_sales for one in segments), Decimal(0))
    finding = "Nothing was sold."
    if segments:
        best = segments[0]
        finding = (
            f"{counted(best.buyers, 'buyer')} of the segment \N{LEFT DOUBLE QUOTATION MARK}"
            f"{best.name}\N{RIGHT DOUBLE QUOTATION MARK} brought the most: "
            f"{money.whole(best.net_sales)}, {percent(share(best.net_sales, total))} of all."
        )
    chart = ranking(
        [one.name.capitalize() for one in segments],
        [Series(name="Net sales", colour="main", values=[one.net_sales for one in segments])],
        write=money.whole,
    )
    rows = [
        (
            *(one.name.capitalize(), count(one.buyers), count(one.orders), money(one.net_sales)),
            *(money(share(one.net_sales, one.buyers)), percent(share(one.net_sales, total))),
        )
        for one in segments
    ]
    columns = ("Segment", "Buyers", "Orders", "Net sales", "For each buyer", "Share of all")
    return Card(
        key="segments",
        title="Segments of buyers",
        finding=finding,
        note="All time, for every period: buyers by recency and frequency, in five classes "
        "each. Champions bought recently and often; those at risk bought often, and long ago.",
        views=[View(grain=None, chart=chart, table=Table(columns=columns, rows=rows))]
        if segments
        else [],
        topic=Topic.CUSTOMERS,
    )
