"""What can be said of an entity of Ecwid that the API description can't say."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ecwid_api import description

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecwid_api.description import Operation


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """How changes since a moment are asked for.

    Attributes:
        field: The field that holds the time of the last change.
        since: Query parameter for the earliest change, included.
        until: Query parameter for the latest change, included.
        order: Query parameters that sort by it, oldest first; empty where Ecwid has none.
    """

    field: str
    since: str = "updatedFrom"
    until: str = "updatedTo"
    order: Mapping[str, str] = dataclasses.field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletions:
    """Where deleted objects are reported.

    Attributes:
        path: Value of the history operation's path parameter ``entity``.
        keys: Field of the entity -> field of the history's item.
    """

    path: str
    keys: Mapping[str, str] = dataclasses.field(
        default_factory=lambda: MappingProxyType({"id": "id"})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A child whose records stand whole in its parent's payload.

    Attributes:
        parent: Name of the parent entity.
        field: The parent's field that lists the children; with dots where it is inside another.
        keys: Field added to the child -> the parent's field that it is taken from.
        apart: Whether children come and go by operations of their own only: a write of the parent
            changes those that are there, and ignores others.
    """

    parent: str
    field: str
    keys: Mapping[str, str]
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PerValue:
    """An entity that is asked for with a request for each value of a parameter.

    Attributes:
        parameter: The read operation's parameter.
        key: Field of the record that holds the parameter's value.
        parent: The entity whose objects give the values; None where the description lists them.
        field: The parent's field that holds the value.
        extra: Further values, which no object of the parent stands for.
    """

    parameter: str
    key: str
    parent: str | None = None
    field: str = "id"
    extra: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How objects are looked up by a natural key.

    Attributes:
        parameter: Query parameter of the operation that lists all; it takes the key's value.
        fixed: Further parameters that the look-up needs to be exact.
        folded: Whether two values that differ in case only are the same to Ecwid.
        parts: Field whose objects have such a key of their own, by which it is found as well.
    """

    parameter: str
    fixed: Mapping[str, object] = dataclasses.field(default_factory=_nothing)
    folded: bool = False
    parts: str | None = None


@dataclass(frozen=True, kw_only=True)
class Operations:
    """An entity's operations, resolved; None where Ecwid has none.

    Attributes:
        read: Lists all objects, or gives the one there is.
        get: Gives one object; its path takes all keys of the entity.
        by_path: All that read by values in the path: one object, or those of one parent.
        create: Creates an object.
        update: Changes an object.
        delete: Deletes an object.
    """

    read: Operation | None
    get: Operation | None
    by_path: tuple[Operation, ...]
    create: Operation | None
    update: Operation | None
    delete: Operation | None

    @functools.cached_property
    def reading(self) -> tuple[Operation, ...]:
        """All that read, the complete list first."""
        return (*((self.read,) if self.read else ()), *self.by_path)


@dataclass(frozen=True, kw_only=True, eq=False)
class Entity:
    """An entity of Ecwid.

    Attributes:
        name: Plural, as the stream is called.
        group: Description file that holds its operations.
        schema: Component schema of one object.
        read: Operation that lists all (pages, or a list) or gives the one there is (an object);
            None where the objects stand in their parent's payload.
        by_path: Operations that read one object, or those of one parent, by values in the path.
        keys: Fields that name an object, all together.
        natural_keys: Other fields by which people know an object.
        named_in: Field with the key of the object below which names count that are no natural
            keys; None where they count in the whole store.
        create: Operation that creates one.
        update: Operation that changes one, its fields in the body.
        delete: Operation that deletes one.
        searches: Natural key -> how it is looked up; the others are only seen by reading all.
        ids_parameter: Parameter of ``read`` that takes the keys of many objects, separated by
            commas; None without one.
        disabling: Fields and values that take an object out of use without deleting it; empty
            where Ecwid has no such thing.
        only_with: Field -> parameter without which Ecwid ignores the field in a write.
        content: Field that is the body of a write, as it stands; None where fields make it up.
        answered: Fields of a creation's answer of which one has the new object's key.
        query: Query parameters that a complete reading needs.
        added: Field that the record has and the payload has not -> where in the payload it stands,
            with dots.
        filled: Key field that Ecwid may leave out -> what the record has then.
        of_store: Whether the payload names no key since there is one in a store: the record gets
            ``storeId``.
        updates: How changes are asked for; None where only reading all will do.
        deletions: Where deleted objects are reported; None where nowhere.
        embedded: Where the objects stand in a parent; None where they stand alone.
        per_value: How it is asked for value by value; None where a request lists all.
        latest_stats: Fields of latest-stats of which one moves when one of them changes; empty
            where none does.
        optional: Whether few need it, or it needs a scope that no other stream needs.
        refers: Field, with dots where it is inside another -> entity whose keys it holds.
        moved: Fields that Ecwid keeps as they are written, and that other writes move: orders take
            from a stock, an upload changes the pictures.
        deferred: Fields of ``refers`` whose entity refers back: they are written after it.
        together: Fields of which Ecwid changes the others when one is written.
        limits: Paths of ``refers`` that say what the object applies to. It applies to everything
            where they are empty.
    """

    name: str
    group: str
    schema: str
    keys: tuple[str, ...]
    read: str | None = None
    by_path: tuple[str, ...] = ()
    natural_keys: tuple[str, ...] = ()
    named_in: str | None = None
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    searches: Mapping[str, Search] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    ids_parameter: str | None = None
    disabling: Mapping[str, object] = dataclasses.field(default_factory=_nothing)
    only_with: Mapping[str, str] = dataclasses.field(default_factory=_nothing)
    content: str | None = None
    answered: tuple[str, ...] = ("id",)
    query: Mapping[str, object] = dataclasses.field(default_factory=_nothing)
    added: Mapping[str, str] = dataclasses.field(default_factory=_nothing)
    filled: Mapping[str, str] = dataclasses.field(default_factory=_nothing)
    of_store: bool = False
    updates: Updates | None = None
    deletions: Deletions | None = None
    embedded: Embedded | None = None
    per_value: PerValue | None = None
    latest_stats: tuple[str, ...] = ()
    optional: bool = False
    refers: Mapping[str, str] = dataclasses.field(default_factory=_nothing)
    moved: tuple[str, ...] = ()
    deferred: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()

    @property
    def by_default(self) -> bool:
        """Whether the stream is selected unless the catalog says otherwise.

        A stream whose records stand in a parent's is not: the parent's record has them.
        """
        return not self.optional and self.embedded is None

    @property
    def parent(self) -> str | None:
        """The entity that its records come with: in the payload, or asked for by its objects."""
        if self.embedded is not None:
            return self.embedded.parent
        return self.per_value.parent if self.per_value is not None else None

    @functools.cached_property
    def operations(self) -> Operations:
        """Its operations, looked up in the description once."""

        def found(name: str | None) -> Operation | None:
            return description.operation(name, self.group) if name is not None else None

        by_path = tuple(description.operation(name, self.group) for name in self.by_path)
        whole = [o for o in by_path if len(o.path_names) == len(self.keys)]
        return Operations(
            read=found(self.read),
            get=whole[0] if whole else None,
            by_path=by_path,
            create=found(self.create),
            update=found(self.update),
            delete=found(self.delete),
        )

    def with_together(self, names: Iterable[str]) -> frozenset[str]:
        """Fields that are written, and those that Ecwid changes with them."""
        written = frozenset(names)
        return written if written.isdisjoint(self.together) else written.union(self.together)

    @functools.cached_property
    def fields(self) -> Mapping[str, Any]:
        """JSON schemas of its fields by name."""
        schema = description.entity_schema(self.schema, self.group)
        found: Mapping[str, Any] = schema.get("properties", {})
        return found

    @functools.cached_property
    def key_parameters(self) -> tuple[str, ...]:
        """For each key the path parameter that takes it; the key's own name where none does."""
        known = self.operations
        named = [known.update, known.delete, *known.by_path, known.create]
        longest = max((o.path_names for o in named if o is not None), key=len, default=())
        return tuple(
            longest[place] if place < len(longest) else key for place, key in enumerate(self.keys)
        )
