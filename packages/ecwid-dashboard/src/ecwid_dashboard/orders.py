"""All sales of a store in few bytes, from which the page computes figures (``sales.js``).

No names, addresses or emails of people are in it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from ecwid_dashboard.content import NoReason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_dashboard.amounts import Money
    from ecwid_dashboard.queries import CartDay, Store
    from ecwid_dashboard.warehouse import Warehouse

_EPOCH: Final = dt.date(1970, 1, 1)
_FILTERS: Final = ("country", "channel", "campaign", "device", "coupon")
_SIGNS: Final = [chr(code) for code in range(0x23, 0x7F) if chr(code) != "\\"]
"""Those that JSON writes as they are."""
_DIGITS: Final = 4
"""Digits of the amounts in the marts."""

_NUMBERED: Final = """
    with numbered as (
        select order_id, row_number() over (order by order_date, order_id) - 1 as place
        from marts.orders
        where store_id = $1 and coalesce(currency, '') = $2 and is_sale
    )
"""
_PARTS: Final = {
    "goods": """
        select numbered.place, coalesce(categories.path, 'Without a category'),
            cast(sum(lines.goods_net_sales) * 10000 as bigint)
        from marts.order_lines as lines
        inner join numbered on numbered.order_id = lines.order_id
        left join marts.categories as categories
            on categories.store_id = lines.store_id and categories.category_id = lines.category_id
        where lines.store_id = $1
        group by 1, 2
        order by 1, 2
    """,
    "discounts": """
        select numbered.place,
            case when name is null then kind else kind || ' (' || name || ')' end,
            cast(amount * 10000 as bigint)
        from marts.order_discounts as discounts
        inner join numbered on numbered.order_id = discounts.order_id
        where discounts.store_id = $1
        order by 1, 2, 3
    """,
    "refunds": """
        select numbered.place, nullif(trim(reason), ''), cast(amount * 10000 as bigint), is_listed
        from marts.refunds as refunds
        inner join numbered on numbered.order_id = refunds.order_id
        where refunds.store_id = $1
        order by 1, 2, 3
    """,
}
"""What an order has several of: the order's place, a name, an amount."""


def orders(
    warehouse: Warehouse, store: Store, carts: Sequence[CartDay], *, money: Money, today: dt.date
) -> Mapping[str, Any]:
    """The sales of a store, column by column, the first ones first.

    Args:
        warehouse: Where the marts are.
        store: The store.
        carts: The days on which carts were left.
        money: How the store writes amounts.
        today: The day that isn't over yet.
    """
    # Whole numbers come out of the database in a third of the time of amounts and days.
    values = (store.store_id, store.currency)
    rows = warehouse.rows(
        """
        select orders.order_id, orders.order_date - date '1970-01-01',
            coalesce(orders.nth_sale_of_customer, 0), cast(orders.total * 10000 as bigint),
            cast(orders.refunded * 10000 as bigint), cast(orders.all_discounts * 10000 as bigint),
            attribution.country_code, attribution.channel,
            coalesce(attribution.last_campaign, attribution.last_source), attribution.device,
            orders.coupon_code
        from marts.orders as orders
        left join marts.order_attribution as attribution
            on attribution.order_key = orders.order_key
        where orders.store_id = $1 and coalesce(orders.currency, '') = $2 and orders.is_sale
        order by orders.order_date, orders.order_id
        """,
        *values,
    )
    columns = list(zip(*rows, strict=True)) if rows else [()] * 11
    ids, days, nth, totals, paid_back, off, *filters = columns
    parts = {name: warehouse.rows(_NUMBERED + query, *values) for name, query in _PARTS.items()}
    parts["refunds"] = _without_single_reasons(parts["refunds"])
    of_carts = [
        [int(amount * 10**_DIGITS) for amount in amounts]
        for amounts in ([day.amount for day in carts], [day.recovered_amount for day in carts])
    ]
    amounts = [
        *(totals, paid_back, off),
        *([amount for _, _, amount in part] for part in parts.values()),
        *of_carts,
    ]
    digits = _digits_of(amounts, money.decimals)
    total, refunded, discounts, *of_parts, carts_left, carts_recovered = [
        _scaled(column, 10 ** (_DIGITS - digits)) for column in amounts
    ]
    first = _EPOCH + dt.timedelta(days=days[0]) if days else None
    return {
        "money": {
            "prefix": money.prefix,
            "suffix": money.suffix,
            "decimals": money.decimals,
            "digits": digits,
        },
        "today": today.isoformat(),
        "first": first.isoformat() if first else None,
        "ids": {"text": "".join(ids), "lengths": _column([len(one) for one in ids])},
        "days": _column([0, *_steps(days)[1:]] if days else []),
        # A buyer's first order, a later one, or neither where no buyer is known.
        "nth": _column([min(one, 2) for one in nth]),
        "total": _column(total),
        "refunded": _sparse(refunded),
        "discounts": _sparse(discounts),
        "filters": {name: _coded(values) for name, values in zip(_FILTERS, filters, strict=True)},
        "parts": {
            name: {
                "orders": _column(_steps([place for place, _, _ in part])),
                "names": _coded([one for _, one, _ in part]),
                "amounts": _column(scaled),
            }
            for (name, part), scaled in zip(parts.items(), of_parts, strict=True)
        },
        "carts": {
            "days": [(day.day - _EPOCH).days for day in carts],
            "carts": [day.carts for day in carts],
            "recovered": [day.recovered for day in carts],
            "amount": carts_left,
            "recoveredAmount": carts_recovered,
        },
    }


def _without_single_reasons(
    refunds: Sequence[tuple[Any, ...]],
) -> list[tuple[Any, ...]]:
    """Refunds with what the page may say of their reasons.

    A reason is free text. One that occurs only once may be about a person.
    """
    times = Counter(reason for _, reason, _, is_listed in refunds if is_listed)

    def named(reason: str | None, *, is_listed: bool) -> str:
        if not is_listed:
            return NoReason.UNLISTED
        if reason is None:
            return NoReason.NONE
        return reason if times[reason] > 1 else NoReason.ONCE

    return [
        (place, named(reason, is_listed=is_listed), amount)
        for place, reason, amount, is_listed in refunds
    ]


def _digits_of(columns: Sequence[Sequence[int]], fewest: int) -> int:
    """How many digits behind the point say something."""
    digits = _DIGITS
    unit = 10
    while digits > fewest and not any(one % unit for column in columns for one in column):
        digits -= 1
        unit *= 10
    return digits


def _scaled(amounts: Sequence[int], unit: int) -> list[int]:
    return [amount // unit for amount in amounts]


def _sparse(amounts: Sequence[int]) -> Mapping[int, int]:
    """Those that aren't 0, by their place."""
    return {place: amount for place, amount in enumerate(amounts) if amount}


def _steps(numbers: Sequence[int]) -> list[int]:
    """Numbers by their differences, which are small."""
    return [one - before for one, before in zip(numbers, [0, *numbers], strict=False)]


def _coded(values: Sequence[str | None]) -> Mapping[str, Any]:
    """Values by their place among the different ones, which begin with none."""
    names = sorted({value for value in values if value is not None})
    place: dict[str | None, int] = {None: 0}
    place.update((name, number) for number, name in enumerate(names, 1))
    return {"names": names, "codes": _column([place[one] for one in values])}


def _column(numbers: Sequence[int]) -> list[str]:
    """Whole numbers as texts with a digit of each, from the last digits to the first.

    Compressed, they are a quarter smaller than numbers with commas.
    """
    # The last bit is the sign.
    rest = [2 * one if one >= 0 else -2 * one - 1 for one in numbers]
    texts = []
    while any(rest):
        texts.append("".join(map(_SIGNS.__getitem__, (one % len(_SIGNS) for one in rest))))
        rest = [one // len(_SIGNS) for one in rest]
    return texts or [_SIGNS[0] * len(rest)]
