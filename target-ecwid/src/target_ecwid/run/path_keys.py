"""Finds the objects that records name in a path by another key than their own, as by a SKU."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from target_ecwid.change.match import Found, Several
from target_ecwid.outcome.pending import Stage
from target_ecwid.record.lookups import Lookup
from target_ecwid.record.references import others_in_path
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ecwid_api.entity import Entity
    from target_ecwid.change.match import Match
    from target_ecwid.jobs import Job
    from target_ecwid.outcome.pending import Pending
    from target_ecwid.shop.shop import Shop


@dataclasses.dataclass(frozen=True, slots=True)
class Missing:
    """An object in a path that wasn't found.

    Attributes:
        entity: Its entity.
        unfit: Why the record is rejected unless the object comes.
        can_come: Whether another record may make it.
    """

    entity: str
    unfit: Unfit
    can_come: bool

    def waits(self, pending: Pending, expected: Container[str]) -> bool:
        """Whether a record waits for it.

        Args:
            pending: The record.
            expected: Names of the entities of which records can still come.
        """
        return self.can_come and (pending.stage is not Stage.LAST or self.entity in expected)


class PathKeys:
    """Finds what the paths of a stream's records name by another key."""

    def __init__(self, job: Job, shop: Shop) -> None:
        """Look nothing up yet.

        Args:
            job: What is done with the records.
            shop: Where the objects are.
        """
        others = others_in_path(job)
        self._shop = shop
        self._named = {n: others[n] for n, value in job.path.items() if isinstance(value, dict)}
        for name, entity in self._named.items():
            finder = shop.finder(entity)
            for field in job.path[name]:
                finder.expect((), field)
            shop.remember_recent(finder)

    def found(self, pending: Sequence[Pending]) -> tuple[list[Pending], dict[int, Missing]]:
        """Records with the keys of what their paths name, and what wasn't found of others.

        Args:
            pending: The records, in the order of the input.

        Returns:
            All of them; and place in the input -> an object that isn't there.

        Raises:
            EcwidError: The shop can't be asked.
        """
        records = list(pending)
        missing: dict[int, Missing] = {}
        for name, entity in self._named.items():
            lookups = {one.sequence: self._lookup(entity, name, one) for one in records}
            wanted = {look.natural: look for look in lookups.values() if look is not None}
            matches = self._shop.finder(entity).find(list(wanted.values())) if wanted else []
            by_name = dict(zip(wanted, matches, strict=True))
            for place, one in enumerate(records):
                lookup = lookups[one.sequence]
                if lookup is None:
                    continue
                match = by_name[lookup.natural]
                if isinstance(match, Found):
                    keys = {**one.path_keys, name: match.keys[-1]}
                    records[place] = dataclasses.replace(one, path_keys=keys)
                else:
                    missing.setdefault(one.sequence, _missing(entity, lookup, match))
        return records, missing

    @staticmethod
    def _lookup(entity: Entity, name: str, pending: Pending) -> Lookup | None:
        """How a record names an object in its path; None where it has the object's own key."""
        value = pending.record.path.get(name)
        if not isinstance(value, dict):
            return None
        (natural,) = value.items()
        nowhere: tuple[Any, ...] = (None,) * (len(entity.keys) - 1)
        return Lookup(None, natural, nowhere, (*nowhere, None))


def _missing(entity: Entity, lookup: Lookup, match: Match) -> Missing:
    field, value = lookup.natural or ("", None)
    if isinstance(match, Several):
        ids = ", ".join("/".join(map(str, keys)) for keys in match.found)
        problem = f"{field} {value} is not unique among the shop's {entity.name}: {ids} have it"
        return Missing(entity.name, Unfit("duplicates in the shop", problem), can_come=False)
    if value in (None, ""):
        problem = f"the record has no {field} to find one of the {entity.name} by"
        return Missing(entity.name, Unfit("no such object", problem), can_come=False)
    problem = (
        f"none of the shop's {entity.name} has {field} {value}: correct it at the source, or send "
        f"that one of the {entity.name} too"
    )
    return Missing(entity.name, Unfit("no such object", problem), can_come=True)
