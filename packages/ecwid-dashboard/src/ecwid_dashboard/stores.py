"""Stores, and all that the page says of each."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from ecwid_dashboard import answers, queries
from ecwid_dashboard.amounts import Money
from ecwid_dashboard.cards.buyers import cohorts_card, segments_card
from ecwid_dashboard.cards.carts import carts_card
from ecwid_dashboard.cards.coupons import coupons_card
from ecwid_dashboard.cards.customers import returning_card
from ecwid_dashboard.cards.marketing import ORIGINS, discounts_card, origin_card
from ecwid_dashboard.cards.products import BEST, best_sellers_card, categories_card, pairs_card
from ecwid_dashboard.cards.refunds import reasons_card, refunds_card
from ecwid_dashboard.cards.sales import net, order_value_card, sales_card
from ecwid_dashboard.cards.stock import MOST_ROWS, NEARLY_OUT, stock_card, value_card
from ecwid_dashboard.content import PeriodPage, Scope, StorePage
from ecwid_dashboard.errors import DashboardError
from ecwid_dashboard.headline import tiles
from ecwid_dashboard.orders import about_orders, blocks
from ecwid_dashboard.periods import day_in, periods, written
from ecwid_dashboard.queries import Sold
from ecwid_dashboard.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_dashboard.blocks import Block
    from ecwid_dashboard.queries import CartDay, Store
    from ecwid_dashboard.warehouse import Warehouse

_PAIRS: Final = 30


def store_pages(
    warehouse: Warehouse,
    *,
    only: int | None,
    today: dt.date | None,
    kept: Mapping[str, Block] | None = None,
) -> Sequence[StorePage]:
    """What the page says of the stores in the marts.

    Args:
        warehouse: Where the marts are.
        only: The number of the one store that is wanted; None for all.
        today: The day that periods end with; None for the day of the run, where each store is.
        kept: Blocks of the page before.

    Raises:
        DashboardError: There is no such store, or none at all.
    """
    known = queries.stores(warehouse)
    wanted = [store for store in known if only in {None, store.store_id}]
    if not known:
        raise DashboardError(
            "There is no store in marts.stores: load the stream store_profile "
            "('uv run meltano run ecwid-to-duckdb' does)"
        )
    if not wanted:
        there = ", ".join(str(store.store_id) for store in known)
        raise DashboardError(f"--store: there is no store {only} in the marts, but {there}")
    return [_store_page(warehouse, store, today, kept or {}) for store in wanted]


def _today(store: Store) -> dt.date:
    try:
        return day_in(store.timezone, dt.datetime.now(dt.UTC))
    except ValueError:
        raise DashboardError(
            f"marts.stores: the time zone {store.timezone!r} of store {store.store_id} isn't known "
            "here: choose the day with --today, or install the Python package tzdata"
        ) from None


def _store_page(
    warehouse: Warehouse, store: Store, asked: dt.date | None, kept: Mapping[str, Block]
) -> StorePage:
    today = asked or _today(store)
    span = queries.span(warehouse, store.store_id)
    note = ""
    if asked is None and span.last and span.last > today:
        # A sandbox's clock may be ahead of ours.
        today = span.last
    if span.last and span.last < today:
        note = f"The last sale or cart is of {written(span.last)}."
    carts = queries.cart_days(warehouse, store.store_id)
    others = queries.other_currencies(warehouse, store.store_id, store.currency)
    if others:
        note += f" Earlier sales in {' and '.join(others)} are left out."
    return StorePage(
        store_id=store.store_id,
        name=store.name,
        url=store.url,
        today=written(today),
        timezone=store.timezone,
        note=note.strip(),
        periods=_periods(warehouse, store, carts, span.first, today) if span.first else [],
        about_orders=about_orders(carts, money=_money(store), today=today),
        blocks=blocks(warehouse, store, kept),
    )


def _money(store: Store) -> Money:
    if not store.prefix and not store.suffix:
        return Money(prefix="", suffix=f" {store.currency}".rstrip(), decimals=store.decimals)
    return Money(prefix=store.prefix, suffix=store.suffix, decimals=store.decimals)


def _periods(
    warehouse: Warehouse, store: Store, left: Sequence[CartDay], first: dt.date, today: dt.date
) -> Sequence[PeriodPage]:
    number, money = store.store_id, _money(store)
    sales = Timeline(queries.days(warehouse, number, store.currency))
    carts = Timeline(left)
    stock = answers.stock(warehouse, number, nearly_out=NEARLY_OUT, most=MOST_ROWS)
    whatever_the_period = (
        cohorts_card(answers.cohorts(warehouse, number), money),
        segments_card(answers.segments(warehouse, number), money),
        stock_card(stock, money),
        value_card(stock, money),
        pairs_card(answers.pairs(warehouse, number, most=_PAIRS)),
    )
    spans = periods(first, today)
    sold = Sold(warehouse, store, spans)
    reasons, categories = queries.reasons(sold), answers.categories(sold)
    origins = {origin: answers.attributed(sold, origin) for origin in ORIGINS}
    discounts, coupons = answers.discounts(sold), queries.coupons(sold)
    pages = []
    for at, period in enumerate(spans):
        scope = Scope(period=period, money=money, begin=first)
        cards = (
            sales_card(sales, scope),
            order_value_card(sales, scope),
            refunds_card(sales, scope),
            carts_card(carts, scope),
            reasons_card(reasons[at], scope),
            returning_card(sales, scope),
            best_sellers_card(queries.sellers(sold, period, BEST), scope),
            categories_card(categories[at], scope),
            *(origin_card(origin, slices[at], scope) for origin, slices in origins.items()),
            discounts_card(discounts[at], scope),
            coupons_card(coupons[at], net(sales.between(period.first, period.last)), scope),
            *whatever_the_period,
        )
        pages.append(PeriodPage(period=period, tiles=tiles(sales, carts, scope), cards=cards))
    return pages
