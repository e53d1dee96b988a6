"""What is asked of the marts: SQL that DuckDB and PostgreSQL both understand, and typed answers.

No query takes names, addresses or emails of people: they can't get into the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from ecwid_dashboard.periods import Period
    from ecwid_dashboard.warehouse import Warehouse

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Store:
    """A shop, and how it writes amounts."""

    store_id: int
    name: str
    url: str | None
    currency: str
    prefix: str
    suffix: str
    decimals: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Sold:
    """A store's sales in some periods.

    Attributes:
        warehouse: Where the marts are.
        store: The store.
        periods: Periods that end on the same day; each has all sales of the one before it.
    """

    warehouse: Warehouse
    store: Store
    periods: Sequence[Period]

    def sums(self, row: Callable[..., _T], query: str, *, names: int = 1) -> Sequence[list[_T]]:
        """Sums by names, of each period.

        Args:
            row: Makes a row of names and sums.
            query: Gives the number of a period, names, and sums. ``{period}`` stands for the first
                period that a sale is in, ``{sold}`` for the condition that it is in one.
            names: How many names there are.
        """
        number = len(self.periods)
        cases = " ".join(f"when order_date >= ${4 + at} then {at}" for at in range(number - 1))
        period = f"(case {cases} when order_date >= ${3 + number} then {number - 1} end)"
        sold = "store_id = $1 and coalesce(currency, '') = $2 and order_date <= $3"
        days = [self.periods[0].last, *(one.first for one in self.periods)]
        values = (self.store.store_id, self.store.currency, *days)
        rows = self.warehouse.rows(query.format(period=period, sold=sold), *values)
        found = []
        so_far: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for at in range(number):
            for first, *one in rows:
                if first == at:
                    key, sums = tuple(one[:names]), one[names:]
                    before = so_far.get(key, (0,) * len(sums))
                    so_far[key] = tuple(map(sum, zip(before, sums, strict=True)))
            found.append([row(*key, *sums) for key, sums in so_far.items()])
        return found


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day that there is anything for; None where there is nothing."""

    first: dt.date | None
    last: dt.date | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day's sales."""

    day: dt.date
    orders: int = 0
    refunded_orders: int = 0
    gross: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    returning_orders: int = 0
    returning_sales: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class CartDay:
    """The carts that were left on a day, and those of them that became orders later."""

    day: dt.date
    carts: int = 0
    amount: Decimal = Decimal(0)
    recovered: int = 0
    recovered_amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Seller:
    """What was sold of a product."""

    name: str
    units: int
    returned: int
    sales: Decimal


@dataclass(frozen=True, slots=True)
class Sellers:
    """Products by their sales.

    Attributes:
        best: Those with the most sales, the first ones first.
        number: How many products were sold.
        sales: What all of them brought.
    """

    best: Sequence[Seller]
    number: int
    sales: Decimal


@dataclass(frozen=True, slots=True)
class Reason:
    """Refunds with the same reason; None where none was given.

    Attributes:
        reason: The reason.
        is_listed: Whether orders list these refunds; what they don't list has no reason.
        refunds: How many refunds.
        amount: What was paid back.
    """

    reason: str | None
    is_listed: bool
    refunds: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Coupon:
    """Orders with a coupon."""

    code: str
    orders: int
    discount: Decimal
    sales: Decimal


def stores(warehouse: Warehouse) -> Sequence[Store]:
    """All stores, in the order of their numbers."""
    rows = warehouse.rows("""
        select store_id, coalesce(store_name, 'Store ' || cast(store_id as varchar)), store_url,
            coalesce(currency, ''), coalesce(currency_prefix, ''), coalesce(currency_suffix, ''),
            cast(coalesce(currency_decimals, 2) as integer), coalesce(timezone, 'UTC')
        from marts.stores order by store_id
    """)
    return [Store(*row) for row in rows]


def span(warehouse: Warehouse, store_id: int) -> Span:
    """The days between which there are sales or carts."""
    rows = warehouse.rows(
        """
        select min(day), max(day) from (
            select order_date as day from marts.orders where store_id = $1 and is_sale
            union all select cart_date from marts.abandoned_carts where store_id = $1
        ) as days
        """,
        store_id,
    )
    return Span(*rows[0])


def days(warehouse: Warehouse, store_id: int, currency: str) -> Sequence[Day]:
    """All days with sales."""
    rows = warehouse.rows(
        """
        select day, orders, refunded_orders, gross_sales, refunded, net_sales,
            orders_of_returning_customers, sales_of_returning_customers
        from marts.daily_sales where store_id = $1 and coalesce(currency, '') = $2 order by day
        """,
        store_id,
        currency,
    )
    return [Day(*row) for row in rows]


def other_currencies(warehouse: Warehouse, store_id: int, currency: str) -> Sequence[str]:
    """The currencies of sales before the store changed its own."""
    rows = warehouse.rows(
        """
        select distinct currency from marts.daily_sales
        where store_id = $1 and currency <> $2 order by currency
        """,
        store_id,
        currency,
    )
    return [one for (one,) in rows]


def cart_days(warehouse: Warehouse, store_id: int) -> Sequence[CartDay]:
    """All days on which carts were left."""
    rows = warehouse.rows(
        """
        select cart_date, cast(count(*) as bigint), coalesce(sum(total), 0),
            cast(sum(case when is_recovered then 1 else 0 end) as bigint),
            coalesce(sum(case when is_recovered then total else 0 end), 0)
        from marts.abandoned_carts where store_id = $1 and cart_date is not null
        group by cart_date order by cart_date
        """,
        store_id,
    )
    return [CartDay(*row) for row in rows]


def sellers(sold: Sold, period: Period, most: int) -> Sellers:
    """The products that were sold in a period."""
    rows = sold.warehouse.rows(
        """
        with sellers as (
            select coalesce(product_name, sku, 'without a name') as name,
                cast(sum(quantity) as bigint) as units,
                cast(sum(units_returned) as bigint) as returned, sum(goods_net_sales) as sales
            from marts.order_lines
            where store_id = $1 and coalesce(currency, '') = $2 and is_sale
                and order_date between $3 and $4
            group by product_id, coalesce(product_name, sku, 'without a name')
        )
        select name, units, returned, sales, count(*) over (), sum(sales) over ()
        from sellers order by sales desc, name limit $5
        """,
        *(sold.store.store_id, sold.store.currency, period.first, period.last, most),
    )
    _, _, _, _, number, sales = rows[0] if rows else (None, None, None, None, 0, Decimal(0))
    return Sellers([Seller(*row[:4]) for row in rows], number, sales)


def reasons(sold: Sold) -> Sequence[Sequence[Reason]]:
    """Reasons of refunds of the orders of each period, the largest amount first."""
    found = sold.sums(
        Reason,
        """
        select {period}, nullif(trim(reason), ''), is_listed, cast(count(*) as bigint), sum(amount)
        from marts.refunds where {sold} and is_sale group by 1, 2, 3
        """,
        names=2,
    )
    return [sorted(one, key=lambda row: (-row.amount, row.reason or "")) for one in found]


def coupons(sold: Sold) -> Sequence[Sequence[Coupon]]:
    """Sales with coupons in each period, the most sales first."""
    found = sold.sums(
        Coupon,
        """
        select {period}, coupon_code, cast(count(*) as bigint), sum(all_discounts), sum(net_sales)
        from marts.orders where {sold} and is_sale and coupon_code is not null group by 1, 2
        """,
    )
    return [sorted(one, key=lambda row: (-row.sales, row.code)) for one in found]
