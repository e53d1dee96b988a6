"""What was found in the shop for a record."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_ecwid.record.lookups import Keys


class Origin(enum.IntEnum):
    """How an object is known."""

    READ = 0
    """It was read from the shop."""
    WRITTEN = 1
    """This run has written it, and knows better than a search."""
    RECENT = 2
    """An earlier run has created it a moment ago; a search may not show it yet."""
    GONE = 3
    """It was deleted; a search may still show it."""
    CONFIRMED = 4
    """As ``RECENT``, and it was read since."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object that is there.

    Attributes:
        keys: Values of the entity's keys.
        fields: What was asked of it, and what it was written with.
        origin: How it is known.
    """

    keys: Keys
    fields: Mapping[str, Any]
    origin: Origin = Origin.READ


@dataclass(frozen=True, slots=True)
class Several:
    """Objects that share the key that they are looked up with.

    Attributes:
        field: The key's name.
        value: Its value.
        found: Keys of the objects.
    """

    field: str
    value: Any
    found: tuple[Keys, ...]


@dataclass(frozen=True, slots=True)
class PartOf:
    """A part of an object has the key that the object itself was looked up with.

    Attributes:
        field: The key's name.
        value: Its value.
        keys: Keys of the object.
    """

    field: str
    value: Any
    keys: Keys


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The object with a record's id has another natural key, and nobody knows whose the id is.

    Attributes:
        field: The natural key's name.
        value: Its value in the record.
        there: Its value in the shop.
        keys: Keys of the object.
    """

    field: str
    value: Any
    there: Any
    keys: Keys


Match: TypeAlias = Found | Several | PartOf | InDoubt | None
"""What was found for a record; None where its object isn't in the shop."""
