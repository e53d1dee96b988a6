"""How large a demo shop is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many of each there are."""

    products: int
    customers: int
    orders: int
    coupons: int
    carts: int
    reviews: int
    subscriptions: int


_NAMED: Final = {
    "empty": Size(
        products=0,
        customers=0,
        orders=0,
        coupons=0,
        carts=0,
        reviews=0,
        subscriptions=0,
    ),
    "tiny": Size(
        products=10,
        customers=15,
        orders=30,
        coupons=3,
        carts=5,
        reviews=8,
        subscriptions=2,
    ),
    "small": Size(
        products=120,
        customers=600,
        orders=1_500,
        coupons=12,
        carts=80,
        reviews=250,
        subscriptions=20,
    ),
    "medium": Size(
        products=1_000,
        customers=4_000,
        orders=12_000,
        coupons=40,
        carts=600,
        reviews=2_000,
        subscriptions=120,
    ),
    "large": Size(
        products=10_000,
        customers=40_000,
        orders=100_000,
        coupons=120,
        carts=4_000,
        reviews=15_000,
        subscriptions=900,
    ),
}
NAMES: Final = tuple(_NAMED)
COUNTS: Final = ("products", "customers", "orders")
"""What can be chosen one by one."""


def parse_size(text: str) -> Size:
    """A size by name, as a factor of the small shop (``2.5x``), or by the number of products.

    Raises:
        ValueError: It is none of these.
    """
    if text in _NAMED:
        return _NAMED[text]
    small = _NAMED["small"]
    try:
        factor = float(text[:-1]) if text.endswith("x") else int(text) / small.products
    except ValueError:
        factor = 0
    if factor <= 0:
        raise ValueError(
            f"{text!r} is no size: {', '.join(NAMES)}, a factor such as 2.5x, "
            "or a number of products"
        )
    return Size(
        products=max(1, round(small.products * factor)),
        customers=max(1, round(small.customers * factor)),
        orders=max(1, round(small.orders * factor)),
        coupons=max(1, round(small.coupons * factor)),
        carts=max(1, round(small.carts * factor)),
        reviews=max(1, round(small.reviews * factor)),
        subscriptions=max(1, round(small.subscriptions * factor)),
    )


def with_counts(size: Size, **counts: int | None) -> Size:
    """A size with other numbers of some things; None leaves one as it is.

    Raises:
        ValueError: A number is negative.
    """
    given = {name: count for name, count in counts.items() if count is not None}
    for name, count in given.items():
        if count < 0:
            raise ValueError(f"{count} is no number of {name}: 0 or more")
    return replace(size, **given)
