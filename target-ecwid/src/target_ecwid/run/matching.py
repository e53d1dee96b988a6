"""Finds the objects of a wave's records: by the map of ids, by the records' ids, by natural keys.

Where two of them say different things, this decides:

=======================================  ==========================================================
a record whose key is mapped             is that object, even if it has another natural key; unless
                                         that natural key is another object's: then it is the other
a record whose id an object has, which   is the object that has the natural key, where one has; the
has another natural key                  object with the id, where the source has the shop's ids,
                                         or where the parent's id fits too; and otherwise nobody
                                         knows
a record that only a name fits           is not an object that another key of the source stands for
=======================================  ==========================================================
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from target_ecwid.change.match import Found, InDoubt, Several
from target_ecwid.jobs import EntityJob
from target_ecwid.record.key_map import Ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_api.entity import Entity
    from target_ecwid.change.match import Match
    from target_ecwid.jobs import Job
    from target_ecwid.outcome.drafts import Named
    from target_ecwid.record.lookups import Keys, Lookup
    from target_ecwid.shop.finder import Finder
    from target_ecwid.shop.shop import Shop


_LABELS: Final = ("name", "title", "checkoutTitle")
"""Fields by which people tell objects apart that have no natural key."""


UNIQUE: Final = frozenset({"externalReferenceId", "email", "code", "fromUrl"})
"""Keys that no two objects of an entity share. SKUs can be equal, unless the shop forbids it."""


class Matcher:
    """Finds the objects of a stream's records.

    Attributes:
        others: How many records have the id of an object with another name, while nothing was known
            of the source's ids; and the key of the first of them.
    """

    def __init__(self, job: Job, finder: Finder, shop: Shop) -> None:
        """Look nothing up yet.

        Args:
            job: What is done with the records.
            finder: Finds objects.
            shop: Has the map of ids and the journal.
        """
        self.others: tuple[int, str] = (0, "")
        self._entity = job.entity
        self._keeps_ids = isinstance(job, EntityJob)
        self._finder = finder
        self._key_map = shop.key_map
        self._journal = shop.journal

    def matches(self, named: Sequence[Named]) -> list[Match]:
        """The objects of records; which key of the source is which object is noted."""
        lookups = [one.lookup for one in named]
        doubts, settled, entity = self._journal.doubts, self._journal.settled, self._entity
        doubtful = [lookup for lookup in lookups if doubts.ever(entity, lookup)]
        if doubtful:
            self._finder.look_again(doubtful)
        matches = self._finder.find(lookups)
        if entity is not None and self._keeps_ids:
            self._look_at_names(entity, named, matches)
            matches = self._decided(entity, lookups, matches)
        for place, match in enumerate(matches):
            if not isinstance(match, Found):
                continue
            if settled.recent and entity is not None:
                values = named[place].record.values
                matches[place] = settled.fresh(entity, match, values)
            doubts.settle(entity, lookups[place])
        return matches

    def _look_at_names(
        self, entity: Entity, named: Sequence[Named], matches: Sequence[Match]
    ) -> None:
        """Count records that may be about other objects than those with their ids."""
        if self._key_map.mode is not Ids.AUTO or self._key_map.is_shared(entity):
            return
        for one, match in zip(named, matches, strict=True):
            lookup, values = one.lookup, one.record.values
            if not isinstance(match, Found) or lookup.keys != match.keys or lookup.natural:
                continue
            if lookup.source is None or self._key_map.keys_of(entity, lookup.source) is not None:
                continue
            labels = ((values.get(label), match.fields.get(label)) for label in _LABELS)
            if any(here and there and here != there for here, there in labels):
                count, first = self.others
                # Names can be people's.
                self.others = (count + 1, first or "/".join(map(str, match.keys)))

    def _decided(
        self, entity: Entity, lookups: Sequence[Lookup], matches: Sequence[Match]
    ) -> list[Match]:
        found = list(matches)
        renamed: list[int] = []
        for place, (lookup, match) in enumerate(zip(lookups, matches, strict=True)):
            if lookup.source is None:
                continue
            if isinstance(match, Found) and lookup.keys == match.keys:
                if self._differs(lookup, match):
                    renamed.append(place)
                    continue
            else:
                self._forget_gone(entity, lookup)
                found[place] = self._unless_of_another(entity, lookup, match)
            self._note(entity, lookup, found[place])
        # The others say by now whose the source's keys are.
        for place, match in zip(renamed, self._of_renamed(lookups, renamed), strict=True):
            found[place] = self._of_two(entity, lookups[place], found[place], match)
            self._note(entity, lookups[place], found[place])
        return found

    def _note(self, entity: Entity, lookup: Lookup, match: Match) -> None:
        if isinstance(match, Found):
            self._key_map.note(entity, lookup.source, match.keys)

    def _differs(self, lookup: Lookup, match: Found) -> bool:
        """Whether an object has another natural key than its record."""
        if lookup.natural is None:
            return False
        field, value = lookup.natural
        there = match.fields.get(field)
        return there not in (None, "") and not self._finder.objects.is_named(field, value, there)

    def _of_renamed(self, lookups: Sequence[Lookup], places: Sequence[int]) -> list[Match]:
        """The objects that have the natural keys of records whose own objects have others."""
        by_name = [dataclasses.replace(lookups[place], keys=None) for place in places]
        return self._finder.find(by_name) if by_name else []

    def _of_two(self, entity: Entity, lookup: Lookup, by_key: Match, by_name: Match) -> Match:
        """Which object a record is whose key and natural key say different things."""
        known = lookup.source is not None and self._key_map.keys_of(entity, lookup.source)
        if not known and self._key_map.is_shared(entity):
            return by_key
        if by_name is not None:
            return by_name
        fits_twice = bool(lookup.parent)
        if known or fits_twice or lookup.natural is None or not isinstance(by_key, Found):
            return by_key
        field, value = lookup.natural
        return InDoubt(field, value, by_key.fields.get(field), by_key.keys)

    def _forget_gone(self, entity: Entity, lookup: Lookup) -> None:
        """The object that a key stands for isn't in the shop any more."""
        keys = lookup.keys
        if keys is not None and self._key_map.keys_of(entity, lookup.source or "") == keys:
            self._key_map.forget(entity, keys)

    def _unless_of_another(self, entity: Entity, lookup: Lookup, match: Match) -> Match:
        """A match by a name that objects can share, unless another key stands for the object."""
        if lookup.natural is None or lookup.natural[0] in UNIQUE.union(entity.searches):
            return match
        if isinstance(match, Found):
            return None if self._is_of_another(entity, lookup, match.keys) else match
        if not isinstance(match, Several):
            return match
        left = [k for k in match.found if not self._is_of_another(entity, lookup, k)]
        if len(left) > 1:
            return dataclasses.replace(match, found=tuple(left))
        return self._finder.objects.by_keys(left[0]) if left else None

    def _is_of_another(self, entity: Entity, lookup: Lookup, keys: Keys) -> bool:
        return bool(self._key_map.owners(entity, keys).difference([lookup.source]))
