"""Queries of the marts that answer more than sums; otherwise as ``queries``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal

    from ecwid_dashboard.queries import Sold
    from ecwid_dashboard.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the sales.

    Attributes:
        name: Which part.
        orders: How many sales.
        sales: What they brought.
        first: How many of them were their buyers' first; None where that isn't counted.
    """

    name: str
    orders: int
    sales: Decimal
    first: int | None = None


@dataclass(frozen=True, slots=True)
class CohortMonth:
    """What the buyers of a month bought some months later."""

    cohort: dt.date
    months_since: int
    buyers: int
    active: int
    net_sales: Decimal
    cumulative: Decimal


@dataclass(frozen=True, slots=True)
class Segment:
    """Buyers who are alike in how recently and how often they bought."""

    name: str
    buyers: int
    orders: int
    net_sales: Decimal


@dataclass(frozen=True, slots=True)
class Article:
    """A product or a variation that is for sale and whose stock is counted.

    Attributes:
        name: The product's name.
        options: The values of a variation's options.
        stock: Units in stock.
        sold: Units sold in the last 30 days with sales.
        lasts: Days that the stock lasts; None where nothing sells.
        days_out: Days without stock among the last 90.
        lost_sales: What these cost.
        value: The stock at cost; None where the cost isn't known.
    """

    name: str
    options: str | None
    stock: int
    sold: int
    lasts: float | None
    days_out: int
    lost_sales: Decimal | None
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two products that are bought together.

    Attributes:
        one: A product.
        other: The other.
        orders: Sales with both.
        lift: How many times more often than by chance.
    """

    one: str
    other: str
    orders: int
    lift: float


_ATTRIBUTED = {
    "channel": "channel",
    "campaign": "coalesce(last_campaign, last_source)",
    "country": "country_code",
    "device": "device",
}


def attributed(sold: Sold, by: str) -> Sequence[Slice]:
    """Sales by where their buyers came from, the most sales first.

    Args:
        sold: The sales.
        by: ``channel``, ``campaign``, ``country`` or ``device``.
    """
    name = _ATTRIBUTED[by]
    return sold.rows(
        Slice,
        f"""
        select {name}, cast(count(*) as bigint), sum(net_sales),
            cast(sum(case when is_first_sale then 1 else 0 end) as bigint)
        from marts.order_attribution
        where store_id = $1 and coalesce(currency, '') = $2 and order_date between $3 and $4
            and {name} is not null
        group by {name} order by sum(net_sales) desc, 1
        """,  # noqa: S608 - names of columns
    )


def discounts(sold: Sold) -> Sequence[Slice]:
    """Discounts of these sales by their kind, the largest first."""
    return sold.rows(
        Slice,
        """
        select case when name is null then kind else kind || ' (' || name || ')' end,
            cast(count(*) as bigint), sum(amount)
        from marts.order_discounts
        where store_id = $1 and coalesce(currency, '') = $2 and is_sale
            and order_date between $3 and $4
        group by 1 order by sum(amount) desc, 1
        """,
    )


def categories(sold: Sold) -> Sequence[Slice]:
    """Sales of goods by category, the most sales first."""
    return sold.rows(
        Slice,
        """
        select coalesce(categories.path, 'Without a category'),
            cast(count(distinct lines.order_id) as bigint), sum(lines.goods_net_sales)
        from marts.order_lines as lines
        left join marts.categories as categories
            on categories.store_id = lines.store_id and categories.category_id = lines.category_id
        where lines.store_id = $1 and coalesce(lines.currency, '') = $2 and lines.is_sale
            and lines.order_date between $3 and $4
        group by 1 order by sum(lines.goods_net_sales) desc, 1
        """,
    )


def cohorts(warehouse: Warehouse, store_id: int) -> Sequence[CohortMonth]:
    """All cohorts, month by month."""
    rows = warehouse.rows(
        """
        select cohort_month, months_since, cast(buyers as bigint), cast(active_buyers as bigint),
            net_sales, cumulative_net_sales
        from marts.customer_cohorts where store_id = $1 order by cohort_month, months_since
        """,
        store_id,
    )
    return [CohortMonth(*row) for row in rows]


def segments(warehouse: Warehouse, store_id: int) -> Sequence[Segment]:
    """All segments of buyers, the most sales first."""
    rows = warehouse.rows(
        """
        select segment, cast(count(*) as bigint), cast(sum(orders) as bigint), sum(net_sales)
        from marts.buyers where store_id = $1
        group by segment order by sum(net_sales) desc, segment
        """,
        store_id,
    )
    return [Segment(*row) for row in rows]


def articles(warehouse: Warehouse, store_id: int) -> Sequence[Article]:
    """What is for sale and counted, the best sellers first."""
    rows = warehouse.rows(
        """
        select coalesce(name, 'without a name'), option_values, cast(stock as bigint),
            units_sold_30_days, cast(days_of_cover as double precision),
            cast(days_out_of_stock as bigint), cast(lost_sales as decimal(18, 4)),
            stock_value_at_cost
        from marts.inventory
        where store_id = $1 and enabled and stock is not null
        order by units_sold_30_days desc, 1, 2
        """,
        store_id,
    )
    return [Article(*row) for row in rows]


def pairs(warehouse: Warehouse, store_id: int, most: int) -> Sequence[Pair]:
    """The products that are bought together most often."""
    rows = warehouse.rows(
        """
        select one.name, other.name, cast(orders_together as bigint),
            cast(lift as double precision)
        from marts.product_pairs as pairs
        join marts.products as one on one.product_key = pairs.product_key
        join marts.products as other on other.product_key = pairs.other_product_key
        where pairs.store_id = $1
        order by orders_together desc, lift desc, 1, 2 limit $2
        """,
        store_id,
        most,
    )
    return [Pair(*row) for row in rows]
