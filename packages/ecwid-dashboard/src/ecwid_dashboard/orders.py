"""All sales of a store in few bytes, from which the page computes figures (``sales.js``).

They are in blocks, a month each. No names, addresses or emails of people are in them.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from ecwid_dashboard.blocks import Block
from ecwid_dashboard.facts import digests, rows_of
from ecwid_dashboard.packing import PackedTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.facts import Rows
    from ecwid_dashboard.queries import CartDay, Store
    from ecwid_dashboard.warehouse import Warehouse

_EPOCH: Final = dt.date(1970, 1, 1)
_FILTERS: Final = ("country", "channel", "campaign", "device", "coupon")
_PARTS: Final = ("goods", "discounts", "refunds")
"""What an order has several of, by the names of their facts: the last column is an amount."""
_DIGITS: Final = 4
"""Digits of the amounts in the marts."""


def about_orders(carts: Sequence[CartDay], *, money: Money, today: dt.date) -> Mapping[str, Any]:
    """What the page needs besides the sales.

    Args:
        carts: The days on which carts were left.
        money: How the store writes amounts.
        today: The day that isn't over yet.
    """
    return {
        "money": {
            "prefix": money.prefix,
            "suffix": money.suffix,
            "decimals": money.decimals,
            "digits": _DIGITS,
        },
        "today": today.isoformat(),
        "carts": [
            {
                "day": (day.day - _EPOCH).days,
                "carts": day.carts,
                "recovered": day.recovered,
                "amount": int(day.amount * 10**_DIGITS),
                "recoveredAmount": int(day.recovered_amount * 10**_DIGITS),
            }
            for day in carts
        ],
    }


def blocks(warehouse: Warehouse, store: Store, kept: Mapping[str, Block]) -> Sequence[Block]:
    """The sales of a store, the first ones first.

    Args:
        warehouse: Where the marts are.
        store: The store.
        kept: Blocks of the page before: those that would be the same aren't made again.
    """
    found: dict[dt.date, Block | None] = {}
    sources = digests(warehouse, store)
    keys = {month: f"orders-{store.store_id}-{month:%Y-%m}" for month in sources}
    for month, source in sources.items():
        block = kept.get(keys[month])
        found[month] = block if block and block.is_of(source) else None
    missing = [month for month, block in found.items() if block is None]
    for month, tables in rows_of(warehouse, store, missing).items() if missing else ():
        found[month] = Block.of(keys[month], _packed(tables), sources[month])
    return [block for block in found.values() if block]


def _packed(tables: Mapping[str, Rows]) -> str:
    table = PackedTable()
    days, ids, nth, totals, refunded, off, *filters = _columns(tables["orders"], 11)
    places = {order: place for place, order in enumerate(ids)}
    # A part whose order is no sale is none.
    parts = {name: [row for row in tables[name] if row[1] in places] for name in _PARTS}
    sums = {name: [0] * len(ids) for name in parts}
    for name, rows in parts.items():
        for row in rows:
            sums[name][places[row[1]]] += row[-1]
    table.add_steps("days", days)
    table.add_texts("ids", ids)
    table.add_numbers("nth", nth)
    # Most amounts follow from those of the parts.
    columns = zip(totals, sums["goods"], refunded, strict=True)
    table.add_numbers("rest", [total - goods - back for total, goods, back in columns])
    table.add_few("refunded", _differences(refunded, sums["refunds"]))
    table.add_few("off", _differences(off, sums["discounts"]))
    for name, values in zip(_FILTERS, filters, strict=True):
        table.add_names(name, values)
    _, before, is_known, names, paths = _columns(tables["articles"], 5)
    table.add_texts("articles", names)
    table.add_names("paths", paths)
    table.add_few("before", before)
    table.add_numbers("known", is_known)
    for name, rows in parts.items():
        table.add_steps(f"{name} orders", [places[row[1]] for row in rows])
        table.add_numbers(f"{name} amounts", [row[-1] for row in rows])
    articles, quantities, returned = _columns([row[2:5] for row in parts["goods"]], 3)
    table.add_numbers("goods articles", articles)
    table.add_numbers("goods quantities", quantities)
    table.add_few("goods returned", returned)
    for name in ("discounts", "refunds"):
        table.add_names(f"{name} names", [row[2] for row in parts[name]])
    return str(table)


def _columns(rows: Rows, number: int) -> Sequence[Sequence[Any]]:
    return list(zip(*rows, strict=True)) or [()] * number


def _differences(amounts: Sequence[int], others: Sequence[int]) -> Sequence[int]:
    return [one - other for one, other in zip(amounts, others, strict=True)]
