"""Compares the rows of a group's warehouse with those that Ecwid counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

STREAMS: Final = ("customers", "orders", "products")
_ALLOWED: Final = 10
_ALLOWED_SHARE: Final = 0.01
"""What may differ: shops change between a load and the count."""


def rows_of(database: Path) -> dict[int, dict[str, int]]:
    """The rows of a warehouse: store -> stream -> their number."""
    found: dict[int, dict[str, int]] = {}
    if database.exists():
        with duckdb.connect(str(database), read_only=True) as connection:
            for stream in STREAMS:
                query = f"select store_id, count(*) from staging.stg_ecwid__{stream} group by 1"  # noqa: S608 - ours
                for store, count in connection.execute(query).fetchall():
                    found.setdefault(store, {})[stream] = count
    return found


def compared(shop: Mapping[str, Any], warehouse: Mapping[str, int]) -> dict[str, str]:
    """What differs by more than a shop changes between two loads.

    Args:
        shop: Rows by stream, as Ecwid counts them; ``error`` if it couldn't.
        warehouse: Rows by stream in the warehouse.

    Returns:
        Stream, or ``error`` -> words for people.
    """
    if "error" in shop:
        return {"error": shop["error"]}
    return {
        stream: f"{shop[stream]:,} in the shop, {warehouse.get(stream, 0):,} in the warehouse"
        for stream in STREAMS
        if abs(shop[stream] - warehouse.get(stream, 0))
        > max(_ALLOWED, _ALLOWED_SHARE * shop[stream])
    }
