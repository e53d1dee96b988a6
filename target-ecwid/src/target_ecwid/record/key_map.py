"""Which object of the shop a key of the source stands for, kept from run to run.

A source can have keys of its own: its product 5001 may be this shop's product 17, and this shop's
5001 another one. The setting ``ids`` says whose keys records have; with ``auto``, it is learned:

=================================================  ================================================
records of the entity, in this run or before       a key that none of them had
=================================================  ================================================
have other keys than their objects in the shop     is the source's, and never written as it came
have the keys of the shop, or none                 is the shop's
had keys, but none is in the shop                  is the source's
are still to come in this run                      waits for them
don't come in this run                             is the shop's
=================================================  ================================================
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from ecwid_api.entities import ENTITIES
from target_ecwid.record.references import is_key, keys_at, replaced

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from ecwid_api.entity import Entity
    from target_ecwid.record.lookups import Keys

_OMITTED: Final = object()


class Ids(enum.StrEnum):
    """Whose keys records have."""

    AUTO = "auto"
    SHARED = "shared"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of the source and the object that it stands for.

    Attributes:
        entity: The object's entity.
        given: The key of the source; see ``text_of``.
        keys: The object's keys in the shop.
    """

    entity: str
    given: str
    keys: Keys

    @property
    def name(self) -> str:
        """What references call the object: they have no keys of parents."""
        return name_of(self.entity, self.given)

    @property
    def differs(self) -> bool:
        """Whether a reference with the source's key would mean another object, or none."""
        name = self.name
        return name != str(self.keys[-1]) and _can_be_referred_to(self.entity, name)


def text_of(parts: Sequence[object]) -> str:
    """A key of the source as one text: ``5001``, or ``5001/7`` for a part of an object."""
    texts = [str(int(p)) if isinstance(p, float) and p.is_integer() else str(p) for p in parts]
    if len(texts) == 1:
        return texts[0]
    return "/".join(text.replace("%", "%25").replace("/", "%2F") for text in texts)


def parts_of(text: str) -> list[str]:
    """The parts of a text that ``text_of`` made."""
    if "/" not in text:
        return [text]
    return [part.replace("%2F", "/").replace("%25", "%") for part in text.split("/")]


def name_of(entity: str, given: str) -> str:
    """The last part of a key of the source: what references have of it."""
    if len(ENTITIES[entity].keys) == 1 or "/" not in given:
        return given
    return parts_of(given)[-1]


@functools.cache
def _has_numbers(entity: str) -> bool:
    known = ENTITIES[entity]
    schema: Mapping[str, Any] = known.fields.get(known.keys[-1], {})
    return bool(schema.get("type") == "integer")


def _can_be_referred_to(entity: str, name: str) -> bool:
    return not _has_numbers(entity) or name.lstrip("-").isdecimal()


class IdStore(Protocol):
    """Where the pairs of one source and one store are kept."""

    def kinds(self, entity: str) -> tuple[bool, bool]:
        """Whether some keys are the shop's, and whether some differ from it."""

    def rows(self, entity: str, names: Sequence[str]) -> Iterable[Pair]:
        """The pairs of an entity whose keys have one of the names."""

    def owners(self, entity: str, keys: Keys) -> Iterable[str]:
        """The keys of the source that stand for an object."""

    def keep(self, gone: Iterable[tuple[str, str]], found: Iterable[Pair]) -> None:
        """Remove some keys (entity, key of the source) and keep others; on disk afterwards."""

    def close(self) -> None:
        """Give back what is open."""


@dataclass(slots=True)
class _Source:
    """What is known of how the source names an entity's objects.

    Attributes:
        same: Whether an object in the shop has the key of its record.
        differs: Whether one has another.
        came: Whether the source had a record of the entity in this run.
        named: Whether one of them had a key.
    """

    same: bool
    differs: bool
    came: bool = False
    named: bool = False


class KeyMap:
    """The objects that keys of a source stand for."""

    def __init__(self, ids: IdStore, mode: Ids = Ids.AUTO) -> None:
        """Read nothing yet.

        Args:
            ids: Where they are kept.
            mode: Whose keys records have.
        """
        self.mode = mode
        self._ids = ids
        self._sources: dict[str, _Source] = {}
        # By entity and name: what is kept, as far as it was read, and what this run learned since
        # (None for what is gone).
        self._read: dict[tuple[str, str], dict[str, Keys]] = {}
        self._new: dict[tuple[str, str], dict[str, Keys | None]] = {}
        self._new_owners: dict[tuple[str, Keys], set[str]] = {}
        self._planned: set[tuple[str, str]] = set()

    def saw(self, entity: Entity, given: str | None) -> None:
        """A record of an entity came.

        Args:
            entity: The entity.
            given: The source's key of it; None without one.
        """
        source = self._source(entity.name)
        source.came = True
        named = given is not None and _can_be_referred_to(entity.name, name_of(entity.name, given))
        source.named = source.named or named

    def note(self, entity: Entity, given: str | None, keys: Keys, *, planned: bool = False) -> None:
        """It is known which object of the shop a record is.

        Args:
            entity: The object's entity.
            given: The source's key of it; None without one.
            keys: The object's keys in the shop.
            planned: Whether the object is only planned.
        """
        if given is None:
            return
        pair = Pair(entity.name, given, keys)
        source = self._source(entity.name)
        if pair.differs:
            source.differs = True
        elif pair.name == str(keys[-1]):
            source.same = True
        if self._all(entity.name, pair.name).get(given) != keys:
            self._new.setdefault((entity.name, pair.name), {})[given] = keys
            self._new_owners.setdefault((entity.name, keys), set()).add(given)
            if planned:
                self._planned.add((entity.name, given))

    def forget(self, entity: Entity, keys: Keys, *, planned: bool = False) -> None:
        """An object is no longer there, or won't be, where that is only planned."""
        for given in self.owners(entity, keys):
            self._new.setdefault((entity.name, name_of(entity.name, given)), {})[given] = None
            if planned:
                self._planned.add((entity.name, given))
        self._new_owners.pop((entity.name, keys), None)

    @property
    def learned(self) -> bool:
        """Whether there is something that isn't kept yet."""
        return bool(self._new)

    def keep(self, made: Iterable[Pair] = ()) -> None:
        """Keep what was learned; on disk afterwards.

        Args:
            made: What was created just now.
        """
        found, gone = list(made), []
        for (entity, _), several in self._new.items():
            gone += [(entity, given) for given, keys in several.items() if keys is None]
            found += [Pair(entity, g, keys) for g, keys in several.items() if keys is not None]
        if found or gone:
            self._ids.keep(gone, found)
        self._new.clear()
        self._new_owners.clear()
        self._read.clear()

    def forget_planned(self) -> None:
        """Keep what was found; what was planned isn't there yet."""
        for entity, given in self._planned:
            self._new[entity, name_of(entity, given)].pop(given, None)
        self._planned.clear()
        self._sources.clear()
        self.keep()

    def close(self) -> None:
        """What isn't kept yet is lost."""
        self._ids.close()

    # What a key stands for.

    def prepare(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Read what keys stand for that are about to be asked for.

        Args:
            wanted: Entity and name of each; see ``name_of``.
        """
        self._read.clear()
        by_entity: dict[str, set[str]] = {}
        for entity, name in wanted:
            by_entity.setdefault(entity, set()).add(name)
        for entity, names in by_entity.items():
            self._read |= {(entity, name): {} for name in names}
            for pair in self._ids.rows(entity, sorted(names)):
                self._read[entity, pair.name][pair.given] = pair.keys

    def keys_of(self, entity: Entity, given: str) -> Keys | None:
        """The keys of the object that a key of the source stands for; None if unknown."""
        return self._all(entity.name, name_of(entity.name, given)).get(given)

    def owners(self, entity: Entity, keys: Keys) -> frozenset[str]:
        """The keys of the source that stand for an object."""
        known = {*self._ids.owners(entity.name, keys)}
        known |= self._new_owners.get((entity.name, keys), set())
        return frozenset(given for given in known if self.keys_of(entity, given) == keys)

    def is_strange(self, entity: Entity, given: str) -> bool:
        """Whether a key is the source's, and nobody knows what it stands for."""
        if self.mode is Ids.SHARED or self.keys_of(entity, given) is not None:
            return False
        return self.mode is Ids.OWN or self._source(entity.name).differs

    def is_shared(self, entity: Entity) -> bool:
        """Whether it is known that the source has the shop's keys of an entity."""
        source = self._source(entity.name)
        return self.mode is Ids.SHARED or (source.same and not source.differs)

    def _source(self, entity: str) -> _Source:
        if entity not in self._sources:
            self._sources[entity] = _Source(*self._ids.kinds(entity))
        return self._sources[entity]

    def _all(self, entity: str, name: str) -> Mapping[str, Keys]:
        """The keys of the source with a name, and what they stand for."""
        if (entity, name) not in self._read:
            pairs = self._ids.rows(entity, [name])
            self._read[entity, name] = {pair.given: pair.keys for pair in pairs}
        kept, new = self._read[entity, name], self._new.get((entity, name))
        if not new:
            return kept
        return {given: keys for given, keys in (kept | new).items() if keys is not None}

    # References.

    def followed(self, references: Mapping[str, str], values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """A record's values with the shop's keys of all that it refers to, where they are known.

        Args:
            references: Where it refers to what; see ``references_of``.
            values: The record's fields, with the source's keys.
        """
        for path, other in references.items():
            if self.mode is Ids.OWN or self._source(other).differs:
                values = replaced(values, path, functools.partial(self._here, other))
        return values

    def without(
        self, references: Mapping[str, str], values: Mapping[str, Any], unknown: Iterable[str]
    ) -> Any:  # noqa: ANN401
        """A record's values with the shop's keys, and without references that are unknown.

        Args:
            references: Where it refers to what; see ``references_of``.
            values: The record's fields, with the source's keys.
            unknown: The paths at which unknown references are left out.
        """
        for path in unknown:
            keep = functools.partial(self._if_known, references[path])
            values = replaced(values, path, keep, omitted=_OMITTED)
        return self.followed(references, values)

    def unknown(
        self, references: Mapping[str, str], values: Mapping[str, Any], expected: Container[str]
    ) -> dict[str, list[int | str]]:
        """Path -> references of which it isn't known what they are in the shop.

        Args:
            references: Where the record refers to what; see ``references_of``.
            values: The record's fields, with the source's keys.
            expected: Names of entities of which records can still come.
        """
        found: dict[str, list[int | str]] = {}
        for path, other in references.items():
            if self._is_the_shop_s(other, expected):
                continue
            keys = [key for key in keys_at(values, path) if self._stands_for(other, key) is None]
            if keys:
                found[path] = keys
        return found

    def _is_the_shop_s(self, entity: str, expected: Container[str]) -> bool:
        """Whether a key that no record had is the shop's."""
        if self.mode is not Ids.AUTO:
            return self.mode is Ids.SHARED
        source = self._source(entity)
        if source.differs:
            return False
        if source.same or (source.came and not source.named):
            return True
        return not source.came and entity not in expected

    def has(self, entity: Entity, key: object) -> bool:
        """Whether it is known which object of the shop a reference means."""
        return self._stands_for(entity.name, key) is not None

    def _stands_for(self, entity: str, key: object) -> Any:  # noqa: ANN401 - a key is any JSON
        """The key of the one object that a reference can mean."""
        found = {keys[-1] for keys in self._all(entity, str(key)).values()}
        return found.pop() if len(found) == 1 else None

    def _here(self, entity: str, key: int | str) -> int | str:
        here = self._stands_for(entity, key)
        if here is None:
            return key
        # A number in a text is one of Ecwid's references that are texts.
        is_number = isinstance(key, str) and key.lstrip("-").isdecimal()
        return str(here) if is_number and str(int(key)) == key else here

    def _if_known(self, entity: str, key: int | str) -> object:
        return key if self._stands_for(entity, key) is not None else _OMITTED


def decoded(text: str) -> Keys:
    """Keys of an object, as they are stored."""
    return tuple(msgspec.json.decode(text, type=list[Any]))


def encoded(keys: Keys) -> str:
    """Keys of an object, to store them."""
    return msgspec.json.encode(list(keys)).decode()


def key_of(parts: Sequence[object]) -> str | None:
    """A key of the source as one text; None where a part of it isn't there."""
    return text_of(parts) if parts and all(map(_is_part, parts)) else None


def _is_part(value: object) -> bool:
    # Taps that read tables give whole numbers as 7.0.
    return is_key(value) or (isinstance(value, float) and value.is_integer() and bool(value))
