"""Queries of the marts that answer more than sums; otherwise as ``queries``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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
class Stock:
    """What is for sale and counted.

    Attributes:
        articles: How many articles.
        out: How many of them are out of stock.
        low: How many of them nearly are.
        lost_sales: What those that are out have cost.
        value: The stock at cost, of the articles whose cost is known.
        idle: The part of it that doesn't sell.
        missing: Those that are out or nearly out, the most wanted ones first.
        valuable: Those whose stock is worth most.
    """

    articles: int
    out: int
    low: int
    lost_sales: Decimal
    value: Decimal
    idle: Decimal
    missing: Sequence[Article]
    valuable: Sequence[Article]


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


_ATTRIBUTED: Final = {
    "channel": "channel",
    "campaign": "coalesce(last_campaign, last_source)",
    "country": "country_code",
    "device": "device",
}


def attributed(sold: Sold, by: str) -> Sequence[Sequence[Slice]]:
    """Sales of each period by where their buyers came from, the most sales first.

    Args:
        sold: The sales.
        by: ``channel``, ``campaign``, ``country`` or ``device``.
    """
    name = _ATTRIBUTED[by]
    return _slices(
        sold,
        f"""
        select {{period}}, {name}, cast(count(*) as bigint), sum(net_sales),
            cast(sum(case when is_first_sale then 1 else 0 end) as bigint)
        from marts.order_attribution where {{sold}} and {name} is not null group by 1, 2
        """,  # noqa: S608 - names of columns
    )


def discounts(sold: Sold) -> Sequence[Sequence[Slice]]:
    """Discounts of the sales of each period by their kind, the largest first."""
    return _slices(
        sold,
        """
        select {period}, case when name is null then kind else kind || ' (' || name || ')' end,
            cast(count(*) as bigint), sum(amount)
        from marts.order_discounts where {sold} and is_sale group by 1, 2
        """,
    )


def categories(sold: Sold) -> Sequence[Sequence[Slice]]:
    """Sales of goods in each period by category, the most sales first."""
    return _slices(
        sold,
        """
        with named as (
            select category_id, path, min(category_id) over (partition by path) as first_of_path
            from marts.categories where store_id = $1
        ),
        of_orders as (
            select {period} as period, first_of_path, order_id, sum(goods_net_sales) as amount
            from marts.order_lines as lines
            left join named on named.category_id = lines.category_id
            where {sold} and is_sale group by 1, 2, 3
        )
        select period, coalesce(path, 'Without a category'), cast(count(*) as bigint), sum(amount)
        from of_orders left join named on named.category_id = of_orders.first_of_path
        group by 1, 2
        """,
    )


def _slices(sold: Sold, query: str) -> Sequence[Sequence[Slice]]:
    found = sold.sums(Slice, query)
    return [sorted(one, key=lambda row: (-row.sales, row.name)) for one in found]


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


_STOCKED: Final = "store_id = $1 and enabled and stock is not null"
_ARTICLE: Final = """
    coalesce(name, 'without a name') as name, option_values, cast(stock as bigint) as stock,
    units_sold_30_days as sold, cast(days_of_cover as double precision) as lasts,
    cast(days_out_of_stock as bigint), cast(lost_sales as decimal(18, 4)) as lost,
    stock_value_at_cost as value
"""


def stock(warehouse: Warehouse, store_id: int, *, nearly_out: int, most: int) -> Stock:
    """What is for sale and counted.

    Args:
        warehouse: Where the marts are.
        store_id: The store.
        nearly_out: What lasts for fewer days is nearly out of stock.
        most: How many articles of each kind are named.
    """
    low = "stock <> 0 and days_of_cover < $2"
    ((articles, out, low_ones, lost, value, idle),) = warehouse.rows(
        f"""
        select count(*), count(case when stock = 0 then 1 end), count(case when {low} then 1 end),
            coalesce(sum(case when stock = 0 then cast(lost_sales as decimal(18, 4)) end), 0),
            coalesce(sum(stock_value_at_cost), 0),
            coalesce(sum(case when days_of_cover is null then stock_value_at_cost end), 0)
        from marts.inventory where {_STOCKED}
        """,  # noqa: S608 - constants
        *(store_id, nearly_out),
    )
    # What people want comes first. What is out and doesn't sell says nothing.
    missing = warehouse.rows(
        f"""
        select {_ARTICLE} from marts.inventory
        where {_STOCKED} and (stock = 0 or {low}) and (units_sold_30_days <> 0 or lost_sales <> 0)
        order by sold desc, coalesce(lost_sales, 0) desc, abs(sign(stock)), 1, 2 limit $3
        """,  # noqa: S608 - constants
        *(store_id, nearly_out, most),
    )
    valuable = warehouse.rows(
        f"""
        select {_ARTICLE} from marts.inventory where {_STOCKED} and stock_value_at_cost <> 0
        order by value desc, sold desc, 1, 2 limit $2
        """,  # noqa: S608 - constants
        *(store_id, most),
    )
    return Stock(
        articles=articles,
        out=out,
        low=low_ones,
        lost_sales=lost,
        value=value,
        idle=idle,
        missing=[Article(*row) for row in missing],
        valuable=[Article(*row) for row in valuable],
    )


def pairs(warehouse: Warehouse, store_id: int, most: int) -> Sequence[Pair]:
    """The products that are bought together most often."""
    rows = warehouse.rows(
        """
        select least(one.name, other.name), greatest(one.name, other.name),
            cast(orders_together as bigint), cast(lift as double precision)
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
