"""Objects that may have been created: nobody knows, and a search may not show them yet.

A doubt is on disk, so that a run that starts after a crash doesn't create such an object twice.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from ecwid_api.entity import Entity
    from target_ecwid.record.lookups import Lookup


class Doubts:
    """The doubts of a store's runs, by entity and natural key."""

    def __init__(self, database: sqlite3.Connection, lag: float) -> None:
        """Read what earlier runs left.

        Args:
            database: The journal's.
            lag: Seconds for which a search may not show what was created.
        """
        self._database = database
        self._lag = lag
        database.execute(
            "CREATE TABLE IF NOT EXISTS doubts (name TEXT PRIMARY KEY, until REAL) WITHOUT ROWID"
        )
        database.execute("DELETE FROM doubts WHERE until < ?", (time.time(),))
        self._until: dict[str, float] = dict(database.execute("SELECT name, until FROM doubts"))

    def __bool__(self) -> bool:
        return bool(self._until)

    def note(self, entity: Entity, lookup: Lookup) -> None:
        """An object may have been created.

        Args:
            entity: Its entity.
            lookup: How its record names it.
        """
        for name in _names(entity, lookup):
            self._until[name] = time.time() + self._lag
            self._database.execute(
                "INSERT OR REPLACE INTO doubts VALUES (?, ?)", (name, self._until[name])
            )

    def settle(self, entity: Entity | None, lookup: Lookup) -> None:
        """An object is there."""
        for name in _names(entity, lookup) if self._until else ():
            if self._until.pop(name, None) is not None:
                self._database.execute("DELETE FROM doubts WHERE name = ?", (name,))

    def ever(self, entity: Entity | None, lookup: Lookup) -> bool:
        """Whether an object may have been created, and nobody has seen it since."""
        return bool(self._until) and any(n in self._until for n in _names(entity, lookup))

    def has(self, entity: Entity | None, lookup: Lookup) -> bool:
        """Whether an object that no search shows may be there all the same."""
        if not self._until:
            return False
        return any(self._until.get(n, 0.0) > time.time() for n in _names(entity, lookup))

    @property
    def left(self) -> float:
        """Seconds until the last doubt is over; 0 where there is none."""
        return max(0.0, max(self._until.values(), default=0.0) - time.time())


def _names(entity: Entity | None, lookup: Lookup) -> Iterator[str]:
    if entity is not None and lookup.natural is not None:
        field, value = lookup.natural
        yield msgspec.json.encode(
            [entity.name, field, str(value), *map(str, lookup.parent)]
        ).decode()
