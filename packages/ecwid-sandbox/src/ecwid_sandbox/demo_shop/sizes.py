"""How large a demo shop is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Size:
    """How many of each there are."""

    products: int
    customers: int
    orders: int
    coupons: int
    carts: int
    reviews: int
    subscriptions: int

    @property
    def empty(self) -> bool:
        """Whether there is nothing of anything."""
        return not any(asdict(self).values())


_NAMED: Final = {
    "empty": Size(0, 0, 0, 0, 0, 0, 0),
    "tiny": Size(10, 15, 30, 3, 5, 8, 2),
    "small": Size(120, 600, 1_500, 12, 80, 250, 20),
    "medium": Size(1_000, 4_000, 12_000, 40, 600, 2_000, 120),
    "large": Size(10_000, 40_000, 100_000, 120, 4_000, 15_000, 900),
}


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
            f"{text!r} is no size: {', '.join(_NAMED)}, a factor such as 2.5x, "
            "or a number of products"
        )
    return Size(**{name: max(1, round(count * factor)) for name, count in asdict(small).items()})


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
