"""Which object of the shop a record is about.

There are two ways to know: hundreds of look-ups in one batch, or reading the keys of all objects.
What has been spent on look-ups is added up; as soon as reading all would have cost as much, all is
read, and nothing is looked up any more. So the input's size need not be known, and what is spent
is never a multiple of what would have been best.

What stands in a parent is read with the parent. A record that doesn't say in which one is found by
the parent's search, where that looks into its parts too: a variation by its SKU alone.

Ecwid's search shows a write some seconds later. What this run writes is known without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ecwid_api import description
from ecwid_api.description import PAGE_LIMIT
from ecwid_api.entities import ENTITIES
from ecwid_api.errors import AnswerError, NotFoundError, ProtocolError
from ecwid_api.request import Request
from target_ecwid.asking import FEW
from target_ecwid.listing import Listing
from target_ecwid.objects import Found, Origin, PartOf, Several

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity
    from target_ecwid.asking import Asker
    from target_ecwid.objects import Keys, Objects

# How much more than reading all may be spent on look-ups before: most inputs are small.
_PATIENT: Final = 2

Match: TypeAlias = Found | Several | PartOf | None


@dataclass(frozen=True, slots=True)
class Want:
    """How a record names its object.

    Attributes:
        keys: Values of the entity's keys; None where it has not all of them.
        name: A natural key and its value; None where it has none.
        parent: Keys of the parent in which the object stands; None within where it isn't known.
    """

    keys: Keys | None
    name: tuple[str, Any] | None = None
    parent: Keys = ()


class Matcher:
    """Finds the objects of an entity."""

    def __init__(self, asker: Asker, entity: Entity, objects: Objects) -> None:
        """Ask nothing yet.

        Args:
            asker: Asks the shop.
            entity: What is looked for.
            objects: What is known already.
        """
        self.objects = objects
        self._asker = asker
        self._entity = entity
        self._spent = 0.0
        self._may_be_gone = False
        self._parents: set[str] = set()
        self._names: tuple[str, ...] = entity.natural_keys
        self._read = (
            description.operation(entity.read, entity.group) if entity.read is not None else None
        )
        self._listing: Listing | None = None
        if self._read is not None and self._read.answer == "page":
            self._listing = Listing(asker, entity, self._asked_fields)
        self._parent = ENTITIES[entity.embedded.parent] if entity.embedded is not None else None
        self._owners: Listing | None = None
        if self._parent is not None and self._anywhere():
            self._owners = Listing(asker, self._parent, self._asked_of_owners)

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
        """The objects that are wanted, in the order in which they are.

        Raises:
            EcwidError: The shop can't be asked.
        """
        if self._entity.embedded is not None:
            self._load_parents(want.parent for want in wants)
            self._learn_anywhere(wants)
        elif self._entity.per_value is not None:
            self._load_each([want.keys[0] for want in wants if want.keys is not None])
        elif not self.objects.complete:
            self._learn(wants)
        if self._may_be_gone:
            self._confirm(wants)
        return [self._known(want) for want in wants]

    def read_all(self) -> bool:
        """See that all objects of the shop are known; False where that is no use here.

        Raises:
            EcwidError: The shop can't be asked.
        """
        if (
            self._entity.embedded is not None
            or self._entity.per_value is not None
            or not self._read
        ):
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
            self._may_be_gone = True

    def forget_gone(self, wanted: Sequence[Keys]) -> frozenset[Keys]:
        """See which objects are there no longer, and forget them.

        A refused change doesn't tell whether its object is gone, or something that it names.

        Args:
            wanted: Keys of objects that were there.

        Returns:
            The keys of those that are gone.
        """
        for name in self._entity.by_path:
            operation = description.operation(name, self._entity.group)
            names = [p.name for p in operation.parameters if p.location == "path"]
            if len(names) != len(self._entity.keys):
                continue
            requests = [
                Request(operation=operation, path=dict(zip(names, keys, strict=True)))
                for keys in wanted
            ]
            answers = zip(wanted, self._asker.ask(requests), strict=True)
            gone = frozenset(keys for keys, told in answers if isinstance(told, NotFoundError))
            for keys in gone:
                self.objects.remove(keys)
            return gone
        return frozenset()

    def _confirm(self, wants: Sequence[Want]) -> None:
        """See whether what was created a moment ago, and no search has shown, is there still."""
        doubtful: dict[Keys, None] = {}
        for want in wants:
            found = self.objects.by_keys(want.keys) if want.keys is not None else None
            named = self.objects.by_name(*want.name, want.parent) if want.name is not None else ()
            for one in (found, *named):
                if one is not None and one.origin is Origin.RECENT:
                    doubtful[one.keys] = None
        names = len(self._entity.keys)
        for name in self._entity.by_path if doubtful else ():
            operation = description.operation(name, self._entity.group)
            if sum(p.location == "path" for p in operation.parameters) == names:
                self._look_up_each(operation, list(doubtful))
                return

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
        if several:
            return several[0]
        owners = self.objects.by_part(*want.name)
        return PartOf(*want.name, owners[0].keys) if owners else None

    # Looking up, or reading all.

    def _learn(self, wants: Sequence[Want]) -> None:
        unknown = [want for want in wants if self._is_unknown(want)]
        if not unknown:
            return
        if self._read is not None and self._listing is None:
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

    def _cost_of_asking(self, wants: Sequence[Want]) -> float:
        by_keys = sum(1 for want in wants if want.keys is not None)
        if self._entity.ids_parameter:
            by_keys = -(-by_keys // PAGE_LIMIT)
        return self._asker.cost(by_keys + sum(1 for want in wants if want.keys is None))

    def _must_scan(self, wants: Sequence[Want]) -> bool:
        if self._listing is None:
            return False
        if any(not self._can_ask(want) for want in wants):
            return True
        return self._scan_pays(self._listing, len(wants))

    def _scan_pays(self, listing: Listing, wanted: int) -> bool:
        if wanted <= FEW:
            return False
        return self._spent >= listing.cost() * (1 if self._asker.counted else _PATIENT)

    def _can_ask(self, want: Want) -> bool:
        if want.keys is not None and not (self._entity.ids_parameter or self._entity.by_path):
            return False
        return want.name is None or want.name[0] in self._entity.searches

    def _refuse_to_guess(self, wants: Sequence[Want]) -> None:
        for want in wants:
            if not self._can_ask(want):
                raise ProtocolError(
                    f"{self._entity.name}: the shop changes too fast to read all of them, and "
                    "they can't be looked up one by one. Run again when less is going on there"
                )

    def _asked_fields(self) -> str:
        fields = set(self.objects.fields)
        for search in self._entity.searches.values():
            if search.parts is not None and search.parts not in fields:
                names = ",".join(sorted({"id", *self._entity.searches}))
                fields.add(f"{search.parts}({names})")
        return ",".join(sorted(fields))

    def _scan(self) -> bool:
        """Read all objects; False where the shop changes so fast that some may be missing."""
        if self._listing is None:
            self._read_list()
            return True
        self.objects.complete = self._listing.read_all(self._keep)
        return self.objects.complete

    def _keep(self, items: Iterable[Mapping[str, Any]]) -> None:
        self._remember(self._found(item) for item in items)

    def _read_list(self) -> None:
        if self._read is None:
            return
        told = self._asker.client.send(Request(operation=self._read, query=self._entity.query))
        if self._read.items_key is not None and isinstance(told, dict):
            told = told.get(self._read.items_key)
        self._keep(told if isinstance(told, list) else [told] if told else [])
        self.objects.complete = True

    def _remember(self, found: Iterable[Found]) -> None:
        """Keep what was read, unless this run knows better."""
        self.objects.add(found, names=self._names)

    def _found(self, item: Mapping[str, Any], parent: Keys = ()) -> Found:
        own = self._entity.keys[len(parent) :]
        if own == ("storeId",):
            return Found((*parent, int(self._asker.client.store_id)), item)
        return Found((*parent, *(item.get(key) for key in own)), item)

    def _look_up(self, wants: Sequence[Want]) -> None:
        by_keys = [want.keys for want in wants if want.keys is not None]
        if self._entity.ids_parameter is not None:
            self._look_up_many(self._entity.ids_parameter, by_keys)
            # The search may not have seen them yet.
            by_keys = [keys for keys in by_keys if self.objects.by_keys(keys) is None]
        if by_keys and self._entity.by_path:
            operation = description.operation(self._entity.by_path[0], self._entity.group)
            self._look_up_each(operation, by_keys)
        named = [want.name for want in wants if want.name is not None and self._is_unknown(want)]
        if self._listing is not None and named:
            self._keep(self._listing.find(_queries(self._entity, named)))

    def _look_up_many(self, parameter: str, wanted: Sequence[Keys]) -> None:
        if self._listing is None:
            return
        texts = [str(keys[-1]) for keys in wanted]
        requests = [
            self._listing.page(0, query={parameter: ",".join(texts[start : start + PAGE_LIMIT])})
            for start in range(0, len(texts), PAGE_LIMIT)
        ]
        for answer in self._asker.ask(requests):
            if not isinstance(answer, AnswerError):
                self._keep((answer or {}).get("items") or ())

    def _look_up_each(self, operation: Operation, wanted: Sequence[Keys]) -> None:
        names = [p.name for p in operation.parameters if p.location == "path"]
        query: dict[str, object] = {}
        if "responseFields" in operation.query_names:
            query["responseFields"] = ",".join(sorted(self.objects.fields))
        requests = [
            Request(operation=operation, path=dict(zip(names, keys, strict=True)), query=query)
            for keys in wanted
        ]
        for keys, answer in zip(wanted, self._asker.ask(requests), strict=True):
            if isinstance(answer, dict):
                # Some answers leave out the key that was asked for.
                self._remember([Found(keys, answer)])
            elif isinstance(answer, NotFoundError):
                self.objects.remove(keys)

    # What stands in a parent, or is asked for with one.

    def _load_parents(self, wanted: Iterable[Keys]) -> None:
        """Read the children of parents, all of a parent's together."""
        embedded, entity = self._entity.embedded, self._parent
        parents = {
            str(parent[0]): parent
            for parent in wanted
            if parent and None not in parent and str(parent[0]) not in self._parents
        }
        if embedded is None or entity is None or not parents:
            return
        operation = description.operation(entity.by_path[0], entity.group)
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
        for parent, answer in zip(parents.values(), self._asker.ask(requests), strict=True):
            if isinstance(answer, AnswerError):
                # Its children have nowhere to stand; who writes one will hear of it.
                continue
            self._keep_children(parent, answer)

    def _keep_children(self, parent: Keys, document: Mapping[str, Any]) -> None:
        inside: Any = document
        for part in self._entity.embedded.field.split(".") if self._entity.embedded else ():
            inside = (inside or {}).get(part)
        self._remember(self._found(item, parent) for item in inside or ())
        self._parents.add(str(parent[0]))

    def _anywhere(self) -> frozenset[str]:
        """Natural keys by which the parent's search finds what stands in it."""
        embedded = self._entity.embedded
        if embedded is None or self._parent is None:
            return frozenset()
        searches = self._parent.searches.items()
        return frozenset(name for name, search in searches if search.parts == embedded.field)

    def _asked_of_owners(self) -> str:
        if self._entity.embedded is None or self._parent is None:
            return ""
        outer = self._entity.embedded.field
        fields = self.objects.fields - set(self._entity.embedded.keys)
        return f"{','.join(self._parent.keys)},{outer}({','.join(sorted(fields))})"

    def _learn_anywhere(self, wants: Sequence[Want]) -> None:
        """Find what is known by a natural key alone, whoever its parent is."""
        owners, parent = self._owners, self._parent
        if owners is None or parent is None or self.objects.complete:
            return
        known = self._anywhere()
        named = [
            want.name
            for want in wants
            if want.name is not None
            and want.name[0] in known
            and None in want.parent
            and self._is_unknown(want)
        ]
        if not named:
            return
        self._spent += self._asker.cost(len(named))
        if self._scan_pays(owners, len(named)):
            self.objects.complete = owners.read_all(self._keep_owners)
            if self.objects.complete:
                return
        self._keep_owners(owners.find(_queries(parent, named)))

    def _keep_owners(self, items: Iterable[Mapping[str, Any]]) -> None:
        keys = self._parent.keys if self._parent is not None else ()
        for item in items:
            self._keep_children(tuple(item.get(key) for key in keys), item)

    def _load_each(self, wanted: Sequence[Any]) -> None:
        each = self._entity.per_value
        values = [value for value in dict.fromkeys(wanted) if str(value) not in self._parents]
        if each is None or self._read is None or not values:
            return
        requests = [
            Request(operation=self._read, query={each.parameter: value}) for value in values
        ]
        for value, answer in zip(values, self._asker.ask(requests), strict=True):
            if not isinstance(answer, AnswerError):
                self._remember([Found((value,), answer or {})])
                self._parents.add(str(value))


def _queries(entity: Entity, named: Iterable[tuple[str, Any]]) -> list[Mapping[str, object]]:
    """The searches that find objects by natural keys."""
    searches = [(entity.searches[field], value) for field, value in named]
    return [{search.parameter: value, **search.fixed} for search, value in searches]
