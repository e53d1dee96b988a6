"""Finds objects that stand in a parent, or are asked for by a parent's key.

What stands in a parent is read with it, all of a parent's together. A record that doesn't say which
parent it means is found by the parent's search, where that looks into its parts too: a variation by
its SKU alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import AnswerError
from ecwid_api.many_requests import FEW
from ecwid_api.request import Request
from target_ecwid.change.match import Found
from target_ecwid.shop.finder import Finder
from target_ecwid.shop.listed_finder import enough, list_pays
from target_ecwid.shop.listing import ObjectList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ecwid_api.description import Operation
    from ecwid_api.entity import Embedded, Entity, PerValue
    from ecwid_api.many_requests import ManyRequests
    from target_ecwid.record.lookups import Keys, Lookup
    from target_ecwid.shop.objects import Objects


class InnerFinder(Finder):
    """Finds objects that stand whole in a parent's payload."""

    def __init__(
        self, many: ManyRequests, entity: Entity, objects: Objects, embedded: Embedded
    ) -> None:
        """Ask nothing yet.

        Args:
            many: Asks the shop.
            entity: What is looked for.
            objects: What is known already.
            embedded: Where they stand.
        """
        super().__init__(many, entity, objects)
        self._embedded = embedded
        self._parent = ENTITIES[embedded.parent]
        self._read: set[str] = set()
        self._spent = 0.0
        # Natural keys by which the parent's search finds what stands in it.
        searches = self._parent.searches.items()
        self._anywhere = frozenset(n for n, s in searches if s.parts == embedded.field)
        listing = self._parent.operations.read
        self._owners: ObjectList | None = None
        if self._anywhere and listing is not None:
            self._owners = ObjectList(many, self._parent, listing, self._owner_fields)

    def _owner_fields(self) -> str:
        fields = self.objects.fields - set(self._embedded.keys)
        return f"{','.join(self._parent.keys)},{self._embedded.field}({','.join(sorted(fields))})"

    def learn(self, lookups: Sequence[Lookup]) -> None:
        """Read the parents that records name, and search for the others."""
        # What has neither key nor name isn't found in its parent either.
        named = (one for one in lookups if one.keys is not None or one.natural is not None)
        self._read_parents(one.parent for one in named)
        if self._owners is not None and not self.objects.complete:
            self._learn_anywhere(self._owners, lookups)

    def _read_parents(self, wanted: Iterable[Keys]) -> None:
        parents = {
            str(parent[0]): parent
            for parent in wanted
            if parent and None not in parent and str(parent[0]) not in self._read
        }
        operation = self._parent.operations.get
        if not parents or operation is None:
            return
        query = {"responseFields": self._embedded.field.partition(".")[0]}
        requests = [
            Request(operation=operation, path=operation.path_of(parent), query=query)
            for parent in parents.values()
        ]
        for parent, answer in zip(parents.values(), self.answers(requests), strict=True):
            # A parent that isn't there has no children; writing one will report that.
            if not isinstance(answer, AnswerError):
                self._keep_children(parent, answer)

    def _keep_children(self, parent: Keys, document: Mapping[str, Any]) -> None:
        inside: Any = document
        for part in self._embedded.field.split("."):
            inside = inside.get(part) if isinstance(inside, dict) else None
        self.keep(inside, parent)
        self._read.add(str(parent[0]))

    def _learn_anywhere(self, owners: ObjectList, lookups: Sequence[Lookup]) -> None:
        """Find what records name by a natural key alone, whichever parent it stands in."""
        named = self._named(lookups)
        if not named:
            return
        cost = self.many.cost(len(named))
        if list_pays(owners, self._spent + cost * (1 + self.coming / len(lookups)), len(named)):
            self.objects.complete = owners.read_all(self._keep_owners)
            if self.objects.complete:
                return
        self._spent += cost
        self._keep_owners(owners.find_by(named))

    def _named(self, lookups: Sequence[Lookup]) -> list[tuple[str, Any]]:
        """Natural keys of objects that can stand in any parent, and aren't known."""
        return [
            lookup.natural
            for lookup in lookups
            if lookup.natural is not None
            and lookup.natural[0] in self._anywhere
            and None in lookup.parent
            and self.is_unknown(lookup)
        ]

    def enough(self, lookups: Sequence[Lookup]) -> int:
        """How many records like some have to be there to know whether the list pays.

        Raises:
            EcwidError: The shop can't be asked.
        """
        named = [] if self._owners is None or self.objects.complete else self._named(lookups)
        if self._owners is None or len(named) <= FEW:
            return 0
        return enough(self._owners, self._spent, self.many.cost(len(named)) / len(lookups))

    def _keep_owners(self, items: Iterable[Mapping[str, Any]]) -> None:
        for item in items:
            self._keep_children(tuple(item.get(key) for key in self._parent.keys), item)


class ValueFinder(Finder):
    """Finds objects that are asked for value by value, such as the order of a category."""

    def __init__(
        self,
        many: ManyRequests,
        entity: Entity,
        objects: Objects,
        operation: Operation,
        per_value: PerValue,
    ) -> None:
        """Ask nothing yet.

        Args:
            many: Asks the shop.
            entity: What is looked for.
            objects: What is known already.
            operation: Asks for one value.
            per_value: Which parameter takes the value.
        """
        super().__init__(many, entity, objects)
        self._operation = operation
        self._per_value = per_value
        self._read: set[str] = set()

    def learn(self, lookups: Sequence[Lookup]) -> None:
        """Ask for the values that records name."""
        keys = dict.fromkeys(k.keys[0] for k in lookups if k.keys is not None)
        values = [value for value in keys if str(value) not in self._read]
        requests = [
            Request(operation=self._operation, query={self._per_value.parameter: value})
            for value in values
        ]
        for value, answer in zip(values, self.answers(requests), strict=True):
            if not isinstance(answer, AnswerError):
                fields = answer if isinstance(answer, dict) else {}
                self.objects.add([Found((value,), fields)], names=self.names)
                self._read.add(str(value))
