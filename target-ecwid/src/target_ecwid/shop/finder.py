"""Finds the objects of the shop that records are about.

``Finder`` has what all ways share: what is known, and what this run and the last ones wrote.
Ecwid's search shows a write some seconds later; what this run writes is known without it.
``listed_finder`` and ``inner_finder`` have the ways to ask the shop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from ecwid_api.batch import Refused
from ecwid_api.errors import AnswerError, NotFoundError
from ecwid_api.request import Request
from target_ecwid.change.match import Found, Origin, PartOf, Several

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from ecwid_api.many_requests import ManyRequests
    from target_ecwid.change.match import Match
    from target_ecwid.record.lookups import Keys, Lookup
    from target_ecwid.shop.objects import Objects


class Finder(ABC):
    """Finds the objects of an entity.

    Attributes:
        entity: The entity.
        objects: What is known of them.
        names: Fields by which they are found, besides their keys.
        coming: How many records like those that are looked up come next.
    """

    def __init__(self, many: ManyRequests, entity: Entity, objects: Objects) -> None:
        """Ask nothing yet.

        Args:
            many: Asks the shop.
            entity: What is looked for.
            objects: What is known already.
        """
        self.entity = entity
        self.objects = objects
        self.names: tuple[str, ...] = entity.natural_keys
        self.many = many
        self.coming = 0
        self._recent = False

    def expect(self, fields: Iterable[str], key: str | None) -> None:
        """Say what will be compared, and by which field objects are found.

        Args:
            fields: Names of fields.
            key: A field that is no natural key of the entity; None without one.
        """
        if key is not None and key not in self.names and key not in self.entity.keys:
            self.names = (*self.names, key)
            self.objects.forget_read()
        wanted = {*fields, *self.names, *self.entity.keys, *self.entity.disabling}
        wanted |= {self.entity.updates.field} if self.entity.updates else set()
        wanted |= {self.entity.named_in} if self.entity.named_in else set()
        self.objects.expect(frozenset(name for name in wanted if name in self.entity.fields))

    def find(self, lookups: Sequence[Lookup]) -> list[Match]:
        """The objects that records name, in the records' order.

        Raises:
            EcwidError: The shop can't be asked.
        """
        self.learn(lookups)
        if self._recent:
            self._confirm(lookups)
        return [self.known(lookup) for lookup in lookups]

    def look_again(self, lookups: Sequence[Lookup]) -> None:
        """Ask the shop once more for what may have been created meanwhile."""
        del lookups
        self.objects.forget_read()

    @abstractmethod
    def learn(self, lookups: Sequence[Lookup]) -> None:
        """Ask the shop for what isn't known yet."""

    def enough(self, lookups: Sequence[Lookup]) -> int:  # noqa: ARG002 - some need to know them
        """How many records like some have to be there before objects are looked for.

        Raises:
            EcwidError: The shop can't be asked.
        """
        return 0

    def total(self) -> int | None:
        """How many objects the shop has; None where that would have to be counted.

        Raises:
            EcwidError: The shop can't be asked.
        """
        return None

    def read_all(self) -> bool:
        """Read all objects of the shop; False where they can't be read completely.

        Raises:
            EcwidError: The shop can't be asked.
        """
        return False

    # What was written.

    def wrote(self, keys: Keys, fields: Mapping[str, Any]) -> None:
        """This run wrote an object."""
        before = self.objects.by_keys(keys)
        there = {**before.fields, **fields} if before is not None else dict(fields)
        for name in self.entity.with_together(fields).difference(fields):
            there.pop(name, None)
        self.objects.add([Found(keys, there)], names=self.names, origin=Origin.WRITTEN)

    def created_recently(self, keys: Keys, fields: Mapping[str, Any]) -> None:
        """An earlier run created an object that searches may not show yet."""
        if self.objects.by_keys(keys) is None:
            self.objects.add([Found(keys, fields)], names=self.names, origin=Origin.RECENT)
            self._recent = True

    def forget_gone(self, wanted: Sequence[Keys]) -> frozenset[Keys]:
        """Look whether objects are gone, and forget those.

        A refused change doesn't say whether its object is gone, or something that it refers to.

        Args:
            wanted: Keys of objects that were there.

        Returns:
            The keys of those that are gone.
        """
        operation = self.entity.operations.get
        if operation is None:
            return frozenset()
        requests = [Request(operation=operation, path=operation.path_of(k)) for k in wanted]
        answers = zip(wanted, self.answers(requests), strict=True)
        gone = frozenset(keys for keys, answer in answers if isinstance(answer, NotFoundError))
        for keys in gone:
            self.objects.remove(keys)
        return gone

    def _confirm(self, lookups: Sequence[Lookup]) -> None:
        """Look whether what an earlier run created, and no search has shown, is still there."""
        doubtful: dict[Keys, None] = {}
        for lookup in lookups:
            found = self.objects.by_keys(lookup.keys) if lookup.keys is not None else None
            named = (
                self.objects.by_name(*lookup.natural, lookup.scope)
                if lookup.natural is not None
                else ()
            )
            for one in (found, *named):
                if one is not None and one.origin is Origin.RECENT:
                    doubtful[one.keys] = None
        operation = self.entity.operations.get
        if doubtful and operation is not None:
            self.look_up_each(operation, list(doubtful))

    # What is known.

    def known(self, lookup: Lookup) -> Match:
        """The object that a record names, without asking the shop."""
        if lookup.keys is not None:
            found = self.objects.by_keys(lookup.keys)
            if found is not None:
                return found
        if lookup.natural is None:
            return None
        several = self.objects.by_name(*lookup.natural, lookup.scope)
        if len(several) > 1:
            return Several(*lookup.natural, tuple(one.keys for one in several))
        if several:
            return several[0]
        owners = self.objects.by_part(*lookup.natural)
        return PartOf(*lookup.natural, owners[0].keys) if owners else None

    def is_unknown(self, lookup: Lookup) -> bool:
        """Whether the shop has to be asked; what was created recently may have changed since."""
        known = self.known(lookup)
        return known is None or (isinstance(known, Found) and known.origin is Origin.RECENT)

    def keep(self, items: object, parent: Keys = ()) -> None:
        """Remember objects that were read, unless this run knows better.

        Args:
            items: The objects, as a list; whatever else an answer has there is none.
            parent: Keys of the parent that holds them.
        """
        rows = items if isinstance(items, list) else ()
        found = [self._found(item, parent) for item in rows if isinstance(item, dict)]
        # What has no key can't be written, and is nobody's.
        named = [one for one in found if all(isinstance(key, str | int) for key in one.keys)]
        self.objects.add(named, names=self.names)

    def _found(self, item: Mapping[str, Any], parent: Keys) -> Found:
        own = self.entity.keys[len(parent) :]
        if own == ("storeId",):
            return Found((*parent, int(self.many.client.store_id)), item)
        return Found((*parent, *(item.get(key) for key in own)), self._whole(item))

    def _whole(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """What Ecwid says of an object: it leaves out the parent of one that has none."""
        above = self.entity.named_in
        return answer if above is None or answer.get(above) else {**answer, above: 0}

    # Asking.

    def answers(self, requests: Sequence[Request]) -> list[Any]:
        """Answers in the requests' order, or Ecwid's errors about what was asked for.

        Raises:
            EcwidError: Ecwid or the way to it fails.
        """
        found: list[Any] = []
        for reply in self.many.replies(requests):
            if not isinstance(reply, Refused):
                found.append(reply.value)
            elif isinstance(reply.error, AnswerError):
                found.append(reply.error)
            else:
                raise reply.error
        return found

    def look_up_each(self, operation: Operation, wanted: Sequence[Keys]) -> None:
        """Read objects one by one, by all their keys."""
        query: dict[str, object] = {}
        if "responseFields" in operation.query_names:
            query["responseFields"] = ",".join(sorted(self.objects.fields))
        requests = [
            Request(operation=operation, path=operation.path_of(keys), query=query)
            for keys in wanted
        ]
        for keys, answer in zip(wanted, self.answers(requests), strict=True):
            if isinstance(answer, dict):
                # Some answers leave out the key that was asked for.
                self.objects.add([Found(keys, self._whole(answer))], names=self.names)
            elif isinstance(answer, NotFoundError):
                self.objects.remove(keys)
