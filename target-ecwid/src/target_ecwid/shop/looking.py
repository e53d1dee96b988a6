"""Looks into the shop: the way to ask that fits an entity, and whether objects are there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_api.many_requests import ManyRequests
from ecwid_plugin.temporary_database import temporary_database
from target_ecwid.change.match import Found
from target_ecwid.record.lookups import Lookup
from target_ecwid.shop.inner_finder import InnerFinder, ValueFinder
from target_ecwid.shop.listed_finder import PagedFinder, WholeFinder
from target_ecwid.shop.objects import Objects

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence

    from ecwid_api.client import Client
    from ecwid_api.entity import Entity
    from target_ecwid.record.key_map import Pair
    from target_ecwid.shop.finder import Finder

_AT_ONCE: Final = 500


def finder_of(many: ManyRequests, entity: Entity, database: sqlite3.Connection) -> Finder:
    """What finds an entity's objects.

    Args:
        many: Asks the shop.
        entity: The entity.
        database: Keeps what is known of them.
    """
    objects, read = Objects(database, entity), entity.operations.read
    if entity.embedded is not None:
        return InnerFinder(many, entity, objects, entity.embedded)
    if read is None:
        raise ValueError(f"{entity.name} is neither read nor part of a parent")
    if entity.per_value is not None:
        return ValueFinder(many, entity, objects, read, entity.per_value)
    if read.answer == "page":
        return PagedFinder(many, entity, objects, read)
    return WholeFinder(many, entity, objects, read)


def are_there(
    client: Client,
    config: Mapping[str, Any],
    pairs: Sequence[Pair],
    check_interrupted: Callable[[], None],
) -> list[bool]:
    """Whether the shop has the objects that keys of a source stand for, in their order.

    Args:
        client: The store's client.
        config: The settings.
        pairs: The keys and their objects.
        check_interrupted: Raises if the command must end.

    Raises:
        EcwidError: The shop can't be asked.
    """
    found = [False] * len(pairs)
    patience = float(config["batch_wait"])
    with (
        closing(temporary_database()) as database,
        ThreadPoolExecutor(client.http.concurrency) as executor,
    ):
        many = ManyRequests(client, executor, check=check_interrupted, patience=patience)
        for name in dict.fromkeys(pair.entity for pair in pairs):
            finder = finder_of(many, ENTITIES[name], database)
            finder.expect((), None)
            places = [n for n, pair in enumerate(pairs) if pair.entity == name]
            for start in range(0, len(places), _AT_ONCE):
                some = places[start : start + _AT_ONCE]
                finder.coming = len(places) - start - len(some)
                lookups = [Lookup(k, None, k[:-1], k) for k in (pairs[n].keys for n in some)]
                for place, match in zip(some, finder.find(lookups), strict=True):
                    found[place] = isinstance(match, Found)
    return found
