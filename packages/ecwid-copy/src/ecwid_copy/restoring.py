"""What a restore has to know of the shop beforehand: what is still there, and what hangs where."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from ecwid_api.entities import ENTITIES
from ecwid_copy.processes import messages_of
from ecwid_copy.values import MAIN, key_of, pictures_of, records_of
from target_ecwid.record.key_map import Pair

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ecwid_copy.shops import Shop
    from ecwid_copy.work import Shown
    from target_ecwid.shop.ids import FileOfIds

_AT_ONCE: Final = 1000
_FIELDS: Final = {
    "products": frozenset({"media", "combinations"}),
    "categories": frozenset({"originalImageUrl"}),
}


def keep_ids(
    shop: Shop,
    streams: Iterable[str],
    ids: FileOfIds,
    shown: Shown,
    folder: Path,
    log: IO[bytes],
) -> dict[str, str]:
    """Have the objects that are still in the shop keep their ids.

    Args:
        shop: The shop that the backup is of.
        streams: What is restored.
        ids: The map of ids.
        shown: The pictures that hang.
        folder: Where the catalog is written.
        log: Where the tap logs.

    Returns:
        Which address hangs at which place; see ``FilesOfPlace``.

    Raises:
        EcwidError: The shop can't be asked.
    """
    wanted = {
        name: _FIELDS.get(name, frozenset(ENTITIES[name].keys))
        for name in streams
        if not ENTITIES[name].of_store and ENTITIES[name].per_value is None
    }
    pairs: list[Pair] = []
    hangs: dict[str, str] = {}
    for stream, record in records_of(messages_of(shop, wanted, folder, log)):
        for place, address in pictures_of(stream, record):
            if place is not None:
                hangs[place] = address
                shown.add(*place.split("/", 1))
        if record.get("id") != MAIN:
            keys = tuple(record[name] for name in ENTITIES[stream].keys)
            given = key_of(stream, record)
            # What an earlier restore has made stands for what was there before. Ecwid answers some
            # keys as numbers that it lists as texts.
            last = str(keys[-1])
            forms = {keys, (*keys[:-1], int(last) if last.isdecimal() else last)}
            if not any(given for form in forms for given in ids.owners(stream, form)):
                pairs.append(Pair(stream, given, keys))
        if len(pairs) >= _AT_ONCE:
            ids.keep((), pairs)
            pairs.clear()
    ids.keep((), pairs)
    return hangs
