"""Finds objects that the shop lists: by look-ups in batches, or by listing them all.

Whichever costs fewer requests is chosen before the first look-up. Records are read ahead until it
is known: the input has ended, or has as many records as the list costs look-ups. Where so many
can't be kept, what look-ups cost is added up, and the list is read when it would have been cheaper.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ecwid_api.description import PAGE_LIMIT
from ecwid_api.errors import AnswerError, ProtocolError
from ecwid_api.many_requests import FEW
from ecwid_api.request import Request
from target_ecwid.shop.finder import Finder
from target_ecwid.shop.listing import ObjectList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from ecwid_api.many_requests import ManyRequests
    from target_ecwid.record.lookups import Keys, Lookup
    from target_ecwid.shop.objects import Objects


def list_pays(listing: ObjectList, cost: float, wanted: int) -> bool:
    """Whether it is time to read a whole list.

    Args:
        listing: The list.
        cost: What look-ups have cost, with those that are next.
        wanted: How many are next.
    """
    return wanted > FEW and cost >= listing.cost()


def enough(listing: ObjectList, spent: float, each: float) -> int:
    """How many look-ups have to be next for the list to pay.

    Args:
        listing: The list.
        spent: What look-ups have cost.
        each: What a look-up costs.
    """
    return math.ceil((listing.cost() - spent) / each)


class PagedFinder(Finder):
    """Finds objects that are listed in pages."""

    def __init__(
        self, many: ManyRequests, entity: Entity, objects: Objects, operation: Operation
    ) -> None:
        """Ask nothing yet.

        Args:
            many: Asks the shop.
            entity: What is looked for.
            objects: What is known already.
            operation: Lists them.
        """
        super().__init__(many, entity, objects)
        self._list = ObjectList(many, entity, operation, self._fields)
        self._spent = 0.0

    def _fields(self) -> str:
        fields = set(self.objects.fields)
        for search in self.entity.searches.values():
            if search.parts is not None and search.parts not in fields:
                names = ",".join(sorted({"id", *self.entity.searches}))
                fields.add(f"{search.parts}({names})")
        return ",".join(sorted(fields))

    def learn(self, lookups: Sequence[Lookup]) -> None:
        """Look objects up, or list them all."""
        unknown = [] if self.objects.complete else [k for k in lookups if self.is_unknown(k)]
        if not unknown:
            return
        cost = self._spent + self._cost(unknown) * (1 + self.coming / len(lookups))
        blind = not all(map(self._can_look_up, unknown))
        if (blind or list_pays(self._list, cost, len(unknown))) and self.read_all():
            return
        if blind:
            raise ProtocolError(
                f"{self.entity.name}: the shop changes too fast to read all of them, and "
                "they can't be looked up one by one. Run again when less is going on there"
            )
        self._spent += self._cost(unknown)
        self._look_up(unknown)

    def look_again(self, lookups: Sequence[Lookup]) -> None:
        """Ask the shop once more for what may have been created meanwhile."""
        if not all(map(self._can_look_up, lookups)):
            super().look_again(lookups)
        elif self.objects.complete:
            # Otherwise they are looked up with the others.
            self._look_up([lookup for lookup in lookups if self.is_unknown(lookup)])

    def enough(self, lookups: Sequence[Lookup]) -> int:
        """How many records like some have to be there to know whether the list pays.

        Raises:
            EcwidError: The shop can't be asked.
        """
        unknown = [] if self.objects.complete else [k for k in lookups if self.is_unknown(k)]
        if len(unknown) <= FEW or not all(map(self._can_look_up, unknown)):
            return 0
        return enough(self._list, self._spent, self._cost(unknown) / len(lookups))

    def read_all(self) -> bool:
        """Read all objects of the shop; False where they can't be read completely."""
        if not self.objects.complete:
            self.objects.complete = self._list.read_all(self.keep)
        return self.objects.complete

    def total(self) -> int | None:
        """How many objects the shop has."""
        return self._list.total()

    def _cost(self, lookups: Sequence[Lookup]) -> float:
        by_keys = sum(1 for lookup in lookups if lookup.keys is not None)
        others = len(lookups) - by_keys
        if self.entity.ids_parameter:
            by_keys = -(-by_keys // PAGE_LIMIT)
        return self.many.cost(by_keys + others)

    def _can_look_up(self, lookup: Lookup) -> bool:
        by_keys = self.entity.ids_parameter or self.entity.by_path
        if lookup.keys is not None and not by_keys:
            return False
        return lookup.natural is None or lookup.natural[0] in self.entity.searches

    def _look_up(self, lookups: Sequence[Lookup]) -> None:
        by_keys = [lookup.keys for lookup in lookups if lookup.keys is not None]
        if self.entity.ids_parameter is not None:
            self._search_ids(self.entity.ids_parameter, by_keys)
            # The search may not show them yet.
            by_keys = [keys for keys in by_keys if self.objects.by_keys(keys) is None]
        if by_keys and self.entity.operations.by_path:
            self.look_up_each(self.entity.operations.by_path[0], by_keys)
        named = [k.natural for k in lookups if k.natural is not None and self.is_unknown(k)]
        if named:
            self.keep(list(self._list.find_by(named)))

    def _search_ids(self, parameter: str, wanted: Sequence[Keys]) -> None:
        texts = [str(keys[-1]) for keys in wanted]
        requests = [
            self._list.search({parameter: ",".join(texts[start : start + PAGE_LIMIT])})
            for start in range(0, len(texts), PAGE_LIMIT)
        ]
        for answer in self.answers(requests):
            if not isinstance(answer, AnswerError):
                self.keep(answer.get("items") if isinstance(answer, dict) else None)


class WholeFinder(Finder):
    """Finds objects that one answer lists, or of which there is one in a store."""

    def __init__(
        self, many: ManyRequests, entity: Entity, objects: Objects, operation: Operation
    ) -> None:
        """Ask nothing yet; the arguments are those of ``PagedFinder``."""
        super().__init__(many, entity, objects)
        self._operation = operation

    def learn(self, lookups: Sequence[Lookup]) -> None:
        """Read the answer, once."""
        if any(map(self.is_unknown, lookups)):
            self.read_all()

    def read_all(self) -> bool:
        """Read all objects of the shop."""
        if not self.objects.complete:
            request = Request(operation=self._operation, query=self.entity.query)
            answer = self.many.wait(self.many.ask(request))
            if self._operation.items_key is not None and isinstance(answer, dict):
                answer = answer.get(self._operation.items_key)
            self.keep(answer if isinstance(answer, list) else [answer] if answer else [])
            self.objects.complete = True
        return True
