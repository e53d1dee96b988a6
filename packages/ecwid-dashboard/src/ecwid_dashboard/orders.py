"""All sales of a store in few bytes, for the filters on the page (``orders.js``).

No names, addresses or emails of people are in it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.queries import Store
    from ecwid_dashboard.warehouse import Warehouse

_EPOCH: Final = dt.date(1970, 1, 1)
_FILTERS: Final = ("country", "channel", "coupon")


def orders(warehouse: Warehouse, store: Store, money: Money) -> Mapping[str, Any]:
    """The sales of a store, column by column, the first ones first.

    Args:
        warehouse: Where the marts are.
        store: The store.
        money: How it writes amounts.
    """
    # Whole numbers come out of the database in a third of the time of amounts and days.
    values = (store.store_id, store.currency, 10**money.decimals)
    rows = warehouse.rows(
        """
        select orders.order_id, orders.order_date - date '1970-01-01',
            cast(round(orders.total * cast($3 as integer)) as bigint),
            cast(round(orders.refunded * cast($3 as integer)) as bigint),
            orders.nth_sale_of_customer > 1, orders.country_code, attribution.channel,
            orders.coupon_code
        from marts.orders as orders
        left join marts.order_attribution as attribution
            on attribution.order_key = orders.order_key
        where orders.store_id = $1 and coalesce(orders.currency, '') = $2 and orders.is_sale
        order by orders.order_date, orders.order_id
        """,
        *values,
    )
    lines = warehouse.rows(
        """
        with numbered as (
            select order_id, row_number() over (order by order_date, order_id) - 1 as place
            from marts.orders
            where store_id = $1 and coalesce(currency, '') = $2 and is_sale
        )
        select numbered.place, coalesce(categories.path, 'Without a category') as category,
            cast(round(sum(lines.goods_net_sales) * cast($3 as integer)) as bigint)
        from marts.order_lines as lines
        inner join numbered on numbered.order_id = lines.order_id
        left join marts.categories as categories
            on categories.store_id = lines.store_id and categories.category_id = lines.category_id
        where lines.store_id = $1
        group by 1, 2
        order by 1, 2
        """,
        *values,
    )
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    ids, days, totals, refunds, returning, *filters = columns
    places, categories, amounts = zip(*lines, strict=True) if lines else [()] * 3
    first = _EPOCH + dt.timedelta(days=days[0]) if days else None
    return {
        "money": {"prefix": money.prefix, "suffix": money.suffix, "decimals": money.decimals},
        "first": first.isoformat() if first else None,
        "ids": ids,
        "days": [0, *_steps(days)[1:]] if days else [],
        "total": totals,
        "refunded": {number: amount for number, amount in enumerate(refunds) if amount},
        "returning": "".join("1" if one else "0" for one in returning),
        "filters": {name: _coded(values) for name, values in zip(_FILTERS, filters, strict=True)},
        "lines": {
            "orders": _steps(places),
            "category": _coded(categories),
            "amount": amounts,
        },
    }


def _steps(numbers: Sequence[int]) -> list[int]:
    """Numbers by their differences, which are small."""
    return [one - before for one, before in zip(numbers, [0, *numbers], strict=False)]


def _coded(values: Sequence[str | None]) -> Mapping[str, Any]:
    """Values by their place among the different ones; -1 for none."""
    names = sorted({value for value in values if value is not None})
    place = {name: number for number, name in enumerate(names)}
    return {"names": names, "codes": [-1 if one is None else place[one] for one in values]}
