"""Reads a shop: the tap as a process, its messages as values."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from ecwid_copy.processes import lines_of, started, write_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ecwid_copy.shops import Shop

_DECODER: Final = msgspec.json.Decoder(dict[str, Any])


def messages_of(
    shop: Shop,
    wanted: Mapping[str, frozenset[str] | None],
    folder: Path,
    log: IO[bytes],
    *,
    state: Path | None = None,
) -> Iterator[dict[str, Any]]:
    """What the tap says of a shop.

    Args:
        shop: The shop.
        wanted: Stream -> its fields; None for all.
        folder: Where the catalog is written.
        log: Where the tap's log goes.
        state: What the last run left; None to read everything.

    Raises:
        PartFailedError: The tap fails.
    """
    catalog = folder / f"catalog-{shop.store_id}.json"
    write_catalog(catalog, wanted)
    arguments = ["--catalog", str(catalog)]
    if state is not None:
        arguments += ["--state", str(state)]
    with started("tap_ecwid", shop.config, *arguments, log=log) as tap:
        yield from map(_DECODER.decode, lines_of(tap, "tap-ecwid", log))
