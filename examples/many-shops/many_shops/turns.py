"""Which shops are loaded next: those that are due, that failed, or that webhooks name."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from many_shops.ledger import Known
    from many_shops.shops import Shop


class Kind(enum.StrEnum):
    """Why a run was started. One of each kind can run or wait for a group."""

    DUE = "due"
    FAILING = "failing"
    WEBHOOKS = "webhooks"


Free: TypeAlias = "Collection[tuple[str, Kind]]"
"""The groups that can be loaded, each with the kinds of run that it hasn't already."""
Runs: TypeAlias = "dict[tuple[str, Kind], list[Known]]"
"""Group and kind of a run -> the shops that it loads."""


def active(known: Iterable[Known], shops: Mapping[int, Shop]) -> Iterator[tuple[Known, Shop]]:
    """The shops that are in the list and not paused.

    Args:
        known: What is known of the shops.
        shops: The list of shops.
    """
    for one in known:
        shop = shops.get(one.store_id)
        if shop is not None and not shop.paused:
            yield one, shop


def late(known: Iterable[Known], shops: Mapping[int, Shop], now: float) -> list[Known]:
    """The shops that have missed two turns; ``now`` is in Unix seconds."""
    return [one for one, shop in active(known, shops) if one.is_late(shop.period, now)]


def due(known: Iterable[Known], shops: Mapping[int, Shop], free: Free, moment: dt.datetime) -> Runs:
    """The shops whose turn it is in a minute; those that failed last time are loaded apart."""
    return _runs(
        (
            (Kind.FAILING if one.failures else Kind.DUE, one)
            for one, shop in active(known, shops)
            if shop.is_due(moment, one.group)
        ),
        free,
    )


def failed(known: Iterable[Known], shops: Mapping[int, Shop], free: Free, now: float) -> Runs:
    """The shops that are tried again before their next turn; ``now`` is in Unix seconds."""
    return _runs(
        (
            (Kind.FAILING, one)
            for one, _ in active(known, shops)
            if one.retried_at is not None and one.retried_at <= now
        ),
        free,
    )


def with_events(
    known: Iterable[Known], shops: Mapping[int, Shop], free: Free, stores: Collection[int]
) -> Runs:
    """The shops with events that a run can load.

    The events of a shop wait for its first load, and while it fails: it is then tried alone.

    Args:
        known: What is known of the shops.
        shops: The list of shops.
        free: The groups that can be loaded.
        stores: The stores that have events.
    """
    return _runs(
        (
            (Kind.WEBHOOKS, one)
            for one, _ in active(known, shops)
            if one.store_id in stores and one.loaded_at is not None and not one.failures
        ),
        free,
    )


def _runs(wanted: Iterable[tuple[Kind, Known]], free: Free) -> Runs:
    found: Runs = {}
    for kind, one in wanted:
        if (one.group, kind) in free:
            found.setdefault((one.group, kind), []).append(one)
    return found
