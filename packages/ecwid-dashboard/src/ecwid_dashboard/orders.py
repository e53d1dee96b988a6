"""All sales of a store in few bytes, for the filters on the page (``orders.js``).

No names, addresses or emails of people are in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.queries import Store
    from ecwid_dashboard.warehouse import Warehouse

_FILTERS = ("country", "channel", "coupon")


def orders(warehouse: Warehouse, store: Store, money: Money) -> Mapping[str, Any]:
    """The sales of a store, column by column, the first ones first.

    Args:
        warehouse: Where the marts are.
        store: The store.
        money: How it writes amounts.
    """
    rows = warehouse.rows(
        """
        select orders.order_id, orders.order_date, orders.total, orders.refunded,
            orders.nth_sale_of_customer > 1, orders.country_code, attribution.channel,
            orders.coupon_code
        from marts.orders as orders
        left join marts.order_attribution as attribution
            on attribution.order_key = orders.order_key
        where orders.store_id = $1 and coalesce(orders.currency, '') = $2 and orders.is_sale
        order by orders.order_date, orders.order_id
        """,
        store.store_id,
        store.currency,
    )
    lines = warehouse.rows(
        """
        select lines.order_id, coalesce(categories.path, 'Without a category'),
            sum(lines.goods_net_sales)
        from marts.order_lines as lines
        left join marts.categories as categories
            on categories.store_id = lines.store_id and categories.category_id = lines.category_id
        where lines.store_id = $1 and coalesce(lines.currency, '') = $2 and lines.is_sale
        group by lines.order_id, lines.order_date, coalesce(categories.path, 'Without a category')
        order by lines.order_date, lines.order_id, 2
        """,
        store.store_id,
        store.currency,
    )
    scale = 10**money.decimals
    first = rows[0][1] if rows else None
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    ids, days, totals, refunds, returning, *filters = columns
    place = {id_: number for number, id_ in enumerate(ids)}
    of_lines = [(place[id_], path, amount) for id_, path, amount in lines]
    return {
        "money": {"prefix": money.prefix, "suffix": money.suffix, "decimals": money.decimals},
        "first": first.isoformat() if first else None,
        "ids": ids,
        "days": _steps([(day - first).days for day in days]),
        "total": [round(total * scale) for total in totals],
        "refunded": {
            number: round(amount * scale) for number, amount in enumerate(refunds) if amount
        },
        "returning": "".join("1" if one else "0" for one in returning),
        "filters": {name: _coded(values) for name, values in zip(_FILTERS, filters, strict=True)},
        "lines": {
            "orders": _steps([number for number, _, _ in of_lines]),
            "category": _coded([path for _, path, _ in of_lines]),
            "amount": [round(amount * scale) for *_, amount in of_lines],
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
