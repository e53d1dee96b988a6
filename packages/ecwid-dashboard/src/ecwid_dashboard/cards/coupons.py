"""Sales with coupons."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.amounts import count, counted, percent, share
from ecwid_dashboard.charts import Series, ranking
from ecwid_dashboard.content import Card, Table, Topic, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_dashboard.content import Scope
    from ecwid_dashboard.queries import Coupon

_FIRST: Final = 8


def coupons_card(coupons: Sequence[Coupon], net_sales: Decimal, scope: Scope) -> Card:
    """The coupons with the most sales.

    Args:
        coupons: What was sold with them, the most sales first.
        net_sales: All net sales of the period.
        scope: The period and how amounts are written.
    """
    money = scope.money
    sales = sum((coupon.sales for coupon in coupons), Decimal(0))
    number = sum(coupon.orders for coupon in coupons)
    finding = "No order came with a coupon."
    if coupons:
        finding = (
            f"{counted(number, 'order')} came with a coupon: {money.whole(sales)}, "
            f"{percent(share(sales, net_sales))} of net sales. {coupons[0].code} brought the most: "
            f"{money.whole(coupons[0].sales)}."
        )
    shown = coupons[:_FIRST]
    chart = ranking(
        [coupon.code for coupon in shown],
        [Series(name="Net sales", colour="main", values=[coupon.sales for coupon in shown])],
        write=money.whole,
    )
    rows = [
        (coupon.code, count(coupon.orders), money(coupon.discount), money(coupon.sales))
        for coupon in coupons
    ]
    table = Table(columns=("Coupon", "Orders", "Discounts", "Net sales"), rows=rows)
    return Card(
        key="coupons",
        title="Coupons",
        finding=finding,
        note="Net sales of paid orders with the coupon. Discounts are all that these orders got, "
        "the coupon's included.",
        views=[View(grain=None, chart=chart, table=table)] if coupons else [],
        topic=Topic.MARKETING,
        by="coupon",
    )
