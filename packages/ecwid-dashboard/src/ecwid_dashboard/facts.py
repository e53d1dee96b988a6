"""What of the sales is in the page, month by month: rows, and digests of them.

A digest is of the same columns as the rows: what is in the page can't change without it. Otherwise
as ``queries``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecwid_dashboard.content import NoReason

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence

    from ecwid_dashboard.queries import Store
    from ecwid_dashboard.warehouse import Warehouse

Rows = list[tuple[Any, ...]]
"""Rows of a table of facts, in the order of its columns."""

# Whole numbers come out of the database in a third of the time of amounts and days.
_DAY: Final = """
    cast(date_trunc('month', order_date) as date) as month, order_date - date '1970-01-01' as day
"""
_SOLD: Final = """
    store_id = $1 and coalesce(currency, '') = $2 and is_sale and order_date is not null
"""


@dataclass(frozen=True, slots=True)
class _Facts:
    """A table of facts.

    Attributes:
        columns: Its columns besides the month, those first that it is in order of.
        tables: Common table expressions: the last one, ``facts``, has the columns and the month.
    """

    columns: str
    tables: Sequence[str]


_LINES: Final = f"""
    lines as (
        select {_DAY}, order_id, coalesce(product_id, -1) as product_id,
            coalesce(product_name, sku, 'without a name') as name,
            coalesce(category_id, -1) as category_id, coalesce(quantity, 0) as quantity,
            coalesce(units_returned, 0) as returned,
            cast(coalesce(goods_net_sales, 0) * 10000 as bigint) as amount
        from marts.order_lines where {_SOLD}
    )
"""  # noqa: S608 - constants
# In the order of their first sales, so that a new one moves none of those that were sold earlier.
_ARTICLES: Final = """
    articles as (
        select min(month) as month, product_id, name, category_id,
            row_number() over (order by min(month), product_id, category_id, name) - 1 as number
        from lines group by product_id, name, category_id
    )
"""
_FACTS: Final = {
    "orders": _Facts(
        "day, order_id, nth, total, refunded, discounts, country, channel, campaign, device,"
        " coupon",
        [
            f"""
            sales as (
                select *, {_DAY} from marts.orders where {_SOLD}
            )
            """,  # noqa: S608 - constants
            """
            facts as (
                select sales.month, sales.day, sales.order_id,
                    least(coalesce(sales.nth_sale_of_customer, 0), 2) as nth,
                    cast(coalesce(sales.total, 0) * 10000 as bigint) as total,
                    cast(coalesce(sales.refunded, 0) * 10000 as bigint) as refunded,
                    cast(coalesce(sales.all_discounts, 0) * 10000 as bigint) as discounts,
                    attribution.country_code as country, attribution.channel,
                    coalesce(attribution.last_campaign, attribution.last_source) as campaign,
                    attribution.device, sales.coupon_code as coupon
                from sales left join marts.order_attribution as attribution
                    on attribution.order_key = sales.order_key
            )
            """,
        ],
    ),
    # A product in a category.
    "articles": _Facts(
        "number, before, is_known, name, path",
        [
            _LINES,
            _ARTICLES,
            """
            facts as (
                select articles.month, number,
                    number - min(number) over (partition by product_id, articles.name) as before,
                    case when product_id = -1 then 0 else 1 end as is_known,
                    articles.name,
                    coalesce(categories.path, 'Without a category') as path
                from articles left join marts.categories as categories
                    on categories.store_id = $1 and categories.category_id = articles.category_id
            )
            """,
        ],
    ),
    "goods": _Facts(
        "day, order_id, article, quantity, returned, amount",
        [
            _LINES,
            _ARTICLES,
            """
            facts as (
                select lines.month, day, order_id, number as article, quantity, returned, amount
                from lines inner join articles on articles.product_id = lines.product_id
                    and articles.name = lines.name and articles.category_id = lines.category_id
            )
            """,
        ],
    ),
    "discounts": _Facts(
        "day, order_id, name, amount",
        [
            f"""
            facts as (
                select {_DAY}, order_id, cast(coalesce(amount, 0) * 10000 as bigint) as amount,
                    coalesce(kind || ' (' || name || ')', kind) as name
                from marts.order_discounts where {_SOLD}
            )
            """  # noqa: S608 - constants
        ],
    ),
    # A reason is free text. One that occurs only once may be about a person.
    "refunds": _Facts(
        "day, order_id, name, amount",
        [
            f"""
            facts as (
                select {_DAY}, order_id, cast(coalesce(amount, 0) * 10000 as bigint) as amount,
                    case
                        when not is_listed then '{NoReason.UNLISTED}'
                        when coalesce(trim(reason), '') = '' then '{NoReason.NONE}'
                        when sum(case when is_listed then 1 else 0 end)
                            over (partition by trim(reason)) > 1 then trim(reason)
                        else '{NoReason.ONCE}'
                    end as name
                from marts.refunds where {_SOLD}
            )
            """  # noqa: S608 - constants
        ],
    ),
}


def digests(warehouse: Warehouse, store: Store) -> Mapping[dt.date, str]:
    """Digests of the months with sales, the first ones first.

    Args:
        warehouse: Where the marts are.
        store: The store.
    """
    found: dict[dt.date, list[str]] = defaultdict(list)
    for name, facts in _FACTS.items():
        digest = f"cast(sum({warehouse.digest(facts.columns)}) as varchar)"
        rows = warehouse.rows(
            f"with {','.join(facts.tables)}"  # noqa: S608 - constants
            f" select month, cast(count(*) as varchar), {digest} from facts group by month",
            store.store_id,
            store.currency,
        )
        for month, number, together in rows:
            found[month].append(f"{name} {number} {together}")
    return {month: " ".join(found[month]) for month in sorted(found)}


def rows_of(
    warehouse: Warehouse, store: Store, months: Collection[dt.date]
) -> Mapping[dt.date, Mapping[str, Rows]]:
    """The facts of some months, by their tables.

    Args:
        warehouse: Where the marts are.
        store: The store.
        months: Their first days.
    """
    found: dict[dt.date, dict[str, Rows]] = {
        month: {name: [] for name in _FACTS} for month in sorted(months)
    }
    for name, facts in _FACTS.items():
        rows = warehouse.rows(
            f"with {','.join(facts.tables)} select month, {facts.columns} from facts"  # noqa: S608 - constants
            f" where month = any($3) order by month, {facts.columns}",
            store.store_id,
            store.currency,
            list(found),
        )
        for month, *row in rows:
            found[month][name].append(tuple(row))
    return found
