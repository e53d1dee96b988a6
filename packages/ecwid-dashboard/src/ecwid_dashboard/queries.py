"""What is asked of the marts: SQL that DuckDB and PostgreSQL both understand, and typed answers.

No query takes names, addresses or emails of people: they can't get into the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

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
    """A store's sales between two days, both included."""

    warehouse: Warehouse
    store: Store
    first: dt.date
    last: dt.date

    def rows(self, row: Callable[..., _T], query: str) -> Sequence[_T]:
        """The answer to a query about these sales.

        Args:
            row: Makes a row out of its columns.
            query: ``$1`` is the store, ``$2`` its currency; ``$3`` and ``$4`` are the days.
        """
        values = (self.store.store_id, self.store.currency, self.first, self.last)
        return [row(*one) for one in self.warehouse.rows(query, *values)]


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


def sellers(sold: Sold) -> Sequence[Seller]:
    """Products by their sales, the most sales first."""
    return sold.rows(
        Seller,
        """
        select coalesce(product_name, sku, 'without a name'), cast(sum(quantity) as bigint),
            cast(sum(units_returned) as bigint), sum(goods_net_sales)
        from marts.order_lines
        where store_id = $1 and coalesce(currency, '') = $2 and is_sale
            and order_date between $3 and $4
        group by product_id, coalesce(product_name, sku, 'without a name')
        order by sum(goods_net_sales) desc, 1
        """,
    )


def reasons(sold: Sold) -> Sequence[Reason]:
    """Reasons of refunds of these orders, the largest amount first."""
    return sold.rows(
        Reason,
        """
        select nullif(trim(reason), ''), is_listed, cast(count(*) as bigint), sum(amount)
        from marts.refunds
        where store_id = $1 and coalesce(currency, '') = $2 and is_sale
            and order_date between $3 and $4
        group by nullif(trim(reason), ''), is_listed order by sum(amount) desc, 1
        """,
    )


def coupons(sold: Sold) -> Sequence[Coupon]:
    """Sales with coupons, the most sales first."""
    return sold.rows(
        Coupon,
        """
        select coupon_code, cast(count(*) as bigint), sum(all_discounts), sum(net_sales)
        from marts.orders
        where store_id = $1 and coalesce(currency, '') = $2 and is_sale
            and coupon_code is not null and order_date between $3 and $4
        group by coupon_code order by sum(net_sales) desc, coupon_code
        """,
    )
