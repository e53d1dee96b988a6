"""Parts of the sales, the largest first."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import count, percent, share
from ecwid_dashboard.charts import Series, ranking
from ecwid_dashboard.content import Card, Table, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.answers import Slice
    from ecwid_dashboard.content import Scope, Topic

_FIRST: Final = 10
_MOST_ROWS: Final = 100


def ranked_card(
    slices: Sequence[Slice],
    scope: Scope,
    *,
    key: str,
    title: str,
    finding: str,
    note: str,
    columns: tuple[str, str, str],
    topic: Topic,
    by: str | None = None,
) -> Card:
    """A card with bars for the largest parts.

    Args:
        slices: The parts, the largest first.
        scope: The period and how amounts are written.
        key: As of cards.
        title: As of cards.
        finding: As of cards.
        note: As of cards.
        columns: Titles for the name, the amount and its share.
        topic: As of cards.
        by: As of cards.
    """
    money = scope.money
    slices = [replace(one, name=one.name[:1].upper() + one.name[1:]) for one in slices]
    total = sum((one.sales for one in slices), Decimal(0))
    rows = [
        (
            *(one.name, count(one.orders), money(one.sales)),
            *([] if one.first is None else [percent(share(one.first, one.orders))]),
            percent(share(one.sales, total)),
        )
        for one in slices[:_MOST_ROWS]
    ]
    firsts = ["First orders"] if any(one.first is not None for one in slices) else []
    name, amount, of_all = columns
    titles = (name, "Orders", amount, *firsts, of_all)
    shown = [one for one in slices if one.sales][:_FIRST]
    chart = ranking(
        [one.name for one in shown],
        [Series(name=amount, colour="main", values=[one.sales for one in shown])],
        write=money.whole,
    )
    return Card(
        key=key,
        title=title,
        finding=finding,
        note=note,
        views=[View(grain=None, chart=chart, table=Table(columns=titles, rows=rows))]
        if slices
        else [],
        topic=topic,
        by=by,
    )
