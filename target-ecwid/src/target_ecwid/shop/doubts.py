"""Objects that may have been created: nobody knows, and a search may not show them yet.

A doubt is on disk, so that a run that starts after a crash doesn't create such an object twice.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import sqlite3

    from target_ecwid.record.lookups import Keys


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

    def note(self, entity: str, natural: tuple[str, object], parent: Keys) -> None:
        """An object may have been created; on disk afterwards.

        Args:
            entity: Its entity's name.
            natural: A natural key and its value.
            parent: Keys of the parent that holds it.
        """
        name = _name(entity, natural, parent)
        self._until[name] = time.time() + self._lag
        self._database.execute(
            "INSERT OR REPLACE INTO doubts VALUES (?, ?)", (name, self._until[name])
        )

    def settle(self, entity: str, natural: tuple[str, object], parent: Keys) -> None:
        """An object is there."""
        name = _name(entity, natural, parent)
        if self._until.pop(name, None) is not None:
            self._database.execute("DELETE FROM doubts WHERE name = ?", (name,))

    def has(self, entity: str, natural: tuple[str, object], parent: Keys) -> bool:
        """Whether an object that no search shows may be there all the same."""
        return self._until.get(_name(entity, natural, parent), 0.0) > time.time()

    @property
    def left(self) -> float:
        """Seconds until the last doubt is over; 0 where there is none."""
        return max(0.0, max(self._until.values(), default=0.0) - time.time())


def _name(entity: str, natural: tuple[str, object], parent: Keys) -> str:
    field, value = natural
    return msgspec.json.encode([entity, field, str(value), *map(str, parent)]).decode()
