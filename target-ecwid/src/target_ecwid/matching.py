"""Which object of the shop a record is about.

There are two ways to know: hundreds of look-ups in one batch, or reading the keys of all objects.
What has been spent on look-ups is added up; as soon as reading all would have cost as much, all is
read, and nothing is looked up any more. So the input's size need not be known, and what is spent
is never a multiple of what would have been best.

Ecwid's search shows a write some seconds later. What this run writes is known without it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ecwid_api import description
from ecwid_api.batch import MOST, Answered, ask_together
from ecwid_api.description import PAGE_LIMIT
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import AnswerError, NotFoundError, ProtocolError
from ecwid_api.request import Request
from target_ecwid.objects import Found, Origin, Several

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from ecwid_api.client import Client
    from ecwid_api.entity import Entity
    from target_ecwid.objects import Keys, Objects

LOGGER = logging.getLogger(__name__)

_FEW: Final = 2
# Pages in a batch: their answers are held in memory together.
_PAGES: Final = 25
_SCANS: Final = 3
# Requests that a batch costs by itself: it is sent, and asked for twice.
_BATCH: Final = 3
# What a request in a batch costs where it doesn't count: a little time.
_UNCOUNTED: Final = 0.002
# How much more than reading all may be spent on look-ups before: most inputs are small.
_PATIENT: Final = 2

Match: TypeAlias = Found | Several | None


@dataclass(frozen=True, slots=True)
class Want:
    """How a record names its object.

    Attributes:
        keys: Values of the entity's keys; None where it has not all of them.
        name: A natural key and its value; None where it has none.
        parent: Keys of the parent in which the object stands.
    """

    keys: Keys | None
    name: tuple[str, Any] | None = None
    parent: Keys = ()


class Matcher:
    """Finds the objects of an entity."""

    def __init__(
        self,
        client: Client,
        entity: Entity,
        objects: Objects,
        *,
        counted: bool,
        patience: float,
        between: Callable[[], None],
    ) -> None:
        """Ask nothing yet.

        Args:
            client: The store's client.
            entity: What is looked for.
            objects: What is known already.
            counted: Whether requests in a batch count against the limit.
            patience: Seconds that a batch may take.
            between: Called while the limit leaves no room; raises if the run is to end.
        """
        self._between = between
        self.objects = objects
        self._client = client
        self._entity = entity
        self._counted = counted
        self._patience = patience
        self._spent = 0.0
        self._total: int | None = None
        self._parents: set[str] = set()
        self._names: tuple[str, ...] = entity.natural_keys
        self._read = (
            description.operation(entity.read, entity.group) if entity.read is not None else None
        )

    def expect(self, fields: Iterable[str], key: str | None) -> None:
        """Say what will be compared, and by which field objects are found.

        Args:
            fields: Names of fields.
            key: A field that is no natural key of the catalogue; None without one.
        """
        if key is not None and key not in self._names and key not in self._entity.keys:
            self._names = (*self._names, key)
            self.objects.forget_read()
            self._parents.clear()
        schema = description.entity_schema(self._entity.schema, self._entity.group)
        known = schema.get("properties", {})
        names = {*fields, *self._names, *self._entity.keys, *self._entity.disabling}
        self.objects.expect(frozenset(name for name in names if name in known))

    def resolve(self, wants: Sequence[Want]) -> list[Match]:
        """The objects that are wanted, in the order in which they are."""
        if self._entity.embedded is not None:
            self._load_parents(want.parent for want in wants)
        elif self._entity.each is not None:
            self._load_each([want.keys[0] for want in wants if want.keys is not None])
        elif not self.objects.complete:
            self._learn(wants)
        return [self._known(want) for want in wants]

    def read_all(self) -> bool:
        """See that all objects of the shop are known; False where that is no use here."""
        if self._entity.embedded is not None or self._entity.each is not None or not self._read:
            return False
        return self.objects.complete or self._scan()

    def wrote(self, keys: Keys, fields: Mapping[str, Any]) -> None:
        """An object was written by this run."""
        before = self.objects.by_keys(keys)
        there = {**before.fields, **fields} if before is not None else dict(fields)
        self.objects.add([Found(keys, there)], names=self._names, origin=Origin.WRITTEN)

    def created_lately(self, keys: Keys, fields: Mapping[str, Any]) -> None:
        """An earlier run has created an object, and searches may not show it yet."""
        if self.objects.by_keys(keys) is None:
            self.objects.add([Found(keys, fields)], names=self._names, origin=Origin.RECENT)

    def forget_gone(self, wanted: Sequence[Keys]) -> frozenset[Keys]:
        """See which objects are there no longer, and forget them.

        A refused change doesn't tell whether its object is gone, or something that it names.

        Args:
            wanted: Keys of objects that were there.

        Returns:
            The keys of those that are gone.
        """
        for name in self._entity.alone:
            operation = description.operation(name, self._entity.group)
            names = [p.name for p in operation.parameters if p.location == "path"]
            if len(names) != len(self._entity.keys):
                continue
            requests = [
                Request(operation=operation, path=dict(zip(names, keys, strict=True)))
                for keys in wanted
            ]
            answers = zip(wanted, self._ask(requests), strict=True)
            gone = frozenset(keys for keys, told in answers if isinstance(told, NotFoundError))
            for keys in gone:
                self.objects.remove(keys)
            return gone
        return frozenset()

    def _known(self, want: Want) -> Match:
        if want.keys is not None:
            found = self.objects.by_keys(want.keys)
            if found is not None:
                return found
        if want.name is None:
            return None
        several = self.objects.by_name(*want.name, want.parent)
        if len(several) > 1:
            return Several(*want.name, tuple(one.keys for one in several))
        return several[0] if several else None

    def _learn(self, wants: Sequence[Want]) -> None:
        unknown = [want for want in wants if self._is_unknown(want)]
        if not unknown:
            return
        if self._read is not None and self._read.answer != "page":
            self._read_list()
            return
        self._spent += self._cost_of_asking(unknown)
        if self._must_scan(unknown):
            if self._scan():
                return
            self._refuse_to_guess(unknown)
        self._look_up(unknown)

    def _is_unknown(self, want: Want) -> bool:
        """Whether the shop has to be asked; what was created lately may have changed since."""
        known = self._known(want)
        return known is None or (isinstance(known, Found) and known.origin is Origin.RECENT)

    def _cost(self, requests: int, size: int = MOST) -> float:
        """What requests cost in batches of a size, in requests that count."""
        if requests <= _FEW:
            return requests
        return _BATCH * -(-requests // size) + requests * (1 if self._counted else _UNCOUNTED)

    def _cost_of_asking(self, wants: Sequence[Want]) -> float:
        by_keys = sum(1 for want in wants if want.keys is not None)
        if self._entity.many:
            by_keys = -(-by_keys // PAGE_LIMIT)
        return self._cost(by_keys + sum(1 for want in wants if want.keys is None))

    def _must_scan(self, wants: Sequence[Want]) -> bool:
        if self._read is None:
            return False
        if any(not self._can_ask(want) for want in wants):
            return True
        if len(wants) <= _FEW:
            return False
        if self._total is None:
            page = self._client.send(self._page(0, limit=1))
            self._total = page.get("total", 0) if isinstance(page, dict) else 0
        scan = self._cost(-(-self._total // PAGE_LIMIT), _PAGES)
        return self._spent >= scan * (1 if self._counted else _PATIENT)

    def _can_ask(self, want: Want) -> bool:
        if want.keys is not None and not (self._entity.many or self._entity.alone):
            return False
        return want.name is None or want.name[0] in self._entity.searches

    def _refuse_to_guess(self, wants: Sequence[Want]) -> None:
        for want in wants:
            if not self._can_ask(want):
                raise ProtocolError(
                    f"{self._entity.name}: the shop changes too fast to read all of them, and "
                    "they can't be looked up one by one. Run again when less is going on there"
                )

    # Reading all.

    def _page(
        self, offset: int, limit: int = PAGE_LIMIT, query: Mapping[str, object] | None = None
    ) -> Request:
        if self._read is None:
            raise ValueError(f"{self._entity.name} can't be listed")
        asked: dict[str, object] = {**self._entity.query, "offset": offset, "limit": limit}
        asked.update(query or {})
        if "responseFields" in self._read.query_names:
            asked["responseFields"] = f"total,items({','.join(sorted(self.objects.fields))})"
        return Request(operation=self._read, query=asked)

    def _scan(self) -> bool:
        """Read all objects; False where the shop changes so fast that some may be missing."""
        if self._read is not None and self._read.answer != "page":
            self._read_list()
            return True
        for _ in range(_SCANS):
            totals: set[object] = set()
            ids: set[Keys] = set()
            for page in self._pages():
                totals.add(page.get("total"))
                found = [self._found(item) for item in page.get("items") or ()]
                ids.update(one.keys for one in found)
                self._remember(found)
            if len(totals) == 1 and totals == {len(ids)}:
                self.objects.complete = True
                LOGGER.info("%s: %d in the shop", self._entity.name, len(ids))
                return True
            LOGGER.info("%s changed while they were read; reading them again", self._entity.name)
        return False

    def _pages(self) -> Iterator[Mapping[str, Any]]:
        first = self._client.send(self._page(0))
        if not isinstance(first, dict):
            raise ProtocolError(f"{self._entity.name}: the answer is no page")
        yield first
        self._total = first.get("total", 0)
        offsets = range(PAGE_LIMIT, self._total or 0, PAGE_LIMIT)
        for start in range(0, len(offsets), _PAGES):
            requests = [self._page(offset) for offset in offsets[start : start + _PAGES]]
            for answer in self._ask(requests):
                if isinstance(answer, AnswerError):
                    raise answer
                yield answer or {}

    def _read_list(self) -> None:
        if self._read is None:
            return
        told = self._client.send(Request(operation=self._read, query=self._entity.query))
        if self._read.items_key is not None and isinstance(told, dict):
            told = told.get(self._read.items_key)
        items = told if isinstance(told, list) else [told] if told else []
        self._remember(self._found(item) for item in items)
        self.objects.complete = True

    def _remember(self, found: Iterable[Found]) -> None:
        """Keep what was read, unless this run knows better."""
        self.objects.add(found, names=self._names)

    def _found(self, item: Mapping[str, Any], parent: Keys = ()) -> Found:
        own = self._entity.keys[len(parent) :]
        if own == ("storeId",):
            return Found((*parent, int(self._client.store_id)), item)
        return Found((*parent, *(item.get(key) for key in own)), item)

    # Looking up.

    def _look_up(self, wants: Sequence[Want]) -> None:
        by_keys = [want.keys for want in wants if want.keys is not None]
        if self._entity.many is not None:
            self._look_up_many(self._entity.many, by_keys)
            # The search may not have seen them yet.
            by_keys = [keys for keys in by_keys if self.objects.by_keys(keys) is None]
        if by_keys and self._entity.alone:
            self._look_up_each(by_keys)
        named = [want.name for want in wants if want.name is not None and self._is_unknown(want)]
        requests = []
        for field, value in named:
            search = self._entity.searches[field]
            requests.append(self._page(0, query={search.parameter: value, **search.also}))
        for answer in self._ask(requests):
            if isinstance(answer, AnswerError):
                raise answer
            self._remember(self._found(item) for item in (answer or {}).get("items") or ())

    def _look_up_many(self, parameter: str, wanted: Sequence[Keys]) -> None:
        texts = [str(keys[-1]) for keys in wanted]
        requests = [
            self._page(0, query={parameter: ",".join(texts[start : start + PAGE_LIMIT])})
            for start in range(0, len(texts), PAGE_LIMIT)
        ]
        for answer in self._ask(requests):
            if not isinstance(answer, AnswerError):
                self._remember(self._found(item) for item in (answer or {}).get("items") or ())

    def _look_up_each(self, wanted: Sequence[Keys]) -> None:
        operation = description.operation(self._entity.alone[0], self._entity.group)
        names = [p.name for p in operation.parameters if p.location == "path"]
        query: dict[str, object] = {}
        if "responseFields" in operation.query_names:
            query["responseFields"] = ",".join(sorted(self.objects.fields))
        requests = [
            Request(operation=operation, path=dict(zip(names, keys, strict=True)), query=query)
            for keys in wanted
        ]
        for keys, answer in zip(wanted, self._ask(requests), strict=True):
            if isinstance(answer, dict):
                # Some answers leave out the key that was asked for.
                self._remember([Found(keys, answer)])

    def _load_parents(self, wanted: Iterable[Keys]) -> None:
        """Read the children of parents, all of a parent's together."""
        embedded = self._entity.embedded
        parents = {
            str(parent[0]): parent
            for parent in wanted
            if parent and str(parent[0]) not in self._parents
        }
        if embedded is None or not parents:
            return
        entity = ENTITIES[embedded.parent]
        operation = description.operation(entity.alone[0], entity.group)
        names = [p.name for p in operation.parameters if p.location == "path"]
        outer = embedded.field.partition(".")[0]
        requests = [
            Request(
                operation=operation,
                path=dict(zip(names, parent, strict=True)),
                query={"responseFields": outer},
            )
            for parent in parents.values()
        ]
        for parent, answer in zip(parents.values(), self._ask(requests), strict=True):
            if isinstance(answer, AnswerError):
                # Its children have nowhere to stand; who writes one will hear of it.
                continue
            inside: Any = answer
            for part in embedded.field.split("."):
                inside = (inside or {}).get(part)
            self._remember(self._found(item, parent) for item in inside or ())
            self._parents.add(str(parent[0]))

    def _load_each(self, wanted: Sequence[Any]) -> None:
        each = self._entity.each
        values = [value for value in dict.fromkeys(wanted) if str(value) not in self._parents]
        if each is None or self._read is None or not values:
            return
        requests = [
            Request(operation=self._read, query={each.parameter: value}) for value in values
        ]
        for value, answer in zip(values, self._ask(requests), strict=True):
            if not isinstance(answer, AnswerError):
                self._remember([Found((value,), answer or {})])
                self._parents.add(str(value))

    def _ask(self, requests: Sequence[Request]) -> list[Any]:
        """Answers, or errors where what is asked for is not there."""
        found: list[Any] = []
        if len(requests) <= _FEW:
            for request in requests:
                try:
                    found.append(self._client.send(request))
                except NotFoundError as error:
                    found.append(error)
            return found
        for start in range(0, len(requests), MOST):
            part = requests[start : start + MOST]
            outcomes = ask_together(
                self._client,
                part,
                patience=self._patience,
                counted=self._counted,
                between=self._between,
            )
            for outcome in outcomes:
                if isinstance(outcome, Answered):
                    found.append(outcome.value)
                elif isinstance(outcome.error, AnswerError):
                    found.append(outcome.error)
                else:
                    raise outcome.error
        return found
