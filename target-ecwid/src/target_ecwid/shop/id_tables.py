"""The tables of the map of ids, in any database: pairs of a source's keys and a store's objects."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Final

from target_ecwid.record.key_map import Pair, decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from target_ecwid.record.lookups import Keys

_AT_ONCE: Final = 500
"""Names that one query asks for."""


class IdTables(ABC):
    """The pairs of one store, by source."""

    NUMBERED: ClassVar[str]
    """Type of a column that numbers its rows."""

    def __init__(self, server: str, store_id: int, source: str = "") -> None:
        """Make the tables that are not there.

        Args:
            server: The address of the API.
            store_id: The store.
            source: The source's name: each has keys of its own.
        """
        self._store = (server, store_id)
        self._begin(
            f"CREATE TABLE IF NOT EXISTS ecwid_sources (place {self.NUMBERED}, server TEXT, "
            "store_id BIGINT, source TEXT, UNIQUE (server, store_id, source))",
            "CREATE TABLE IF NOT EXISTS ecwid_ids (place BIGINT, entity TEXT, given TEXT, "
            "name TEXT, keys TEXT, differs INTEGER, PRIMARY KEY (place, entity, given))",
            "CREATE INDEX IF NOT EXISTS ecwid_ids_named ON ecwid_ids (place, entity, name)",
            "CREATE INDEX IF NOT EXISTS ecwid_ids_owned ON ecwid_ids (place, entity, keys)",
            "CREATE INDEX IF NOT EXISTS ecwid_ids_kinds ON ecwid_ids (place, entity, differs)",
        )
        self._place = self._place_of(source)

    @abstractmethod
    def _execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement with a question mark for each value; its rows."""

    @abstractmethod
    def _execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each of several rows of values."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back."""

    def _begin(self, *statements: str) -> None:
        for sql in statements:
            self._execute(sql)

    def _place_of(self, source: str) -> int:
        where = (*self._store, source)
        self._execute(
            "INSERT INTO ecwid_sources (server, store_id, source) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            where,
        )
        ((place,),) = self._execute(
            "SELECT place FROM ecwid_sources WHERE server = ? AND store_id = ? AND source = ?",
            where,
        )
        return int(place)

    def kinds(self, entity: str) -> tuple[bool, bool]:
        """Whether some keys are the shop's, and whether some differ from it."""
        same, differs = (
            self._execute(
                "SELECT 1 FROM ecwid_ids WHERE place = ? AND entity = ? AND differs = ? LIMIT 1",
                (self._place, entity, kind),
            )
            for kind in (0, 1)
        )
        return bool(same), bool(differs)

    def rows(self, entity: str, names: Sequence[str]) -> Iterator[Pair]:
        """The pairs of an entity whose keys have one of the names."""
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            found = self._execute(
                "SELECT given, keys FROM ecwid_ids WHERE place = ? AND entity = ? AND name IN "  # noqa: S608 - question marks
                f"({', '.join('?' * len(some))})",
                (self._place, entity, *some),
            )
            for given, keys in found:
                yield Pair(entity, given, decoded(keys))

    def parts(self, entity: str, owner: str) -> Iterator[Pair]:
        """The pairs of an entity's objects that are parts of an owner.

        Args:
            entity: The entity of the parts.
            owner: The owner's key at the source, as text.
        """
        found = self._execute(
            "SELECT given, keys FROM ecwid_ids WHERE place = ? AND entity = ? "
            "AND given > ? AND given < ?",
            (self._place, entity, f"{owner}/", f"{owner}0"),
        )
        for given, keys in found:
            yield Pair(entity, given, decoded(keys))

    def owners(self, entity: str, keys: Keys) -> Iterator[str]:
        """The keys of the source that stand for an object."""
        rows = self._execute(
            "SELECT given FROM ecwid_ids WHERE place = ? AND entity = ? AND keys = ?",
            (self._place, entity, encoded(keys)),
        )
        return (given for (given,) in rows)

    def keep(self, gone: Iterable[tuple[str, str]], found: Iterable[Pair]) -> None:
        """Remove some keys (entity, key of the source) and keep others; on disk afterwards."""
        self._execute("BEGIN")
        self._execute_many(
            "DELETE FROM ecwid_ids WHERE place = ? AND entity = ? AND given = ?",
            [(self._place, *one) for one in gone],
        )
        self._execute_many(
            "INSERT INTO ecwid_ids (place, entity, given, name, keys, differs) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (place, entity, given) DO UPDATE SET "
            "name = excluded.name, keys = excluded.keys, differs = excluded.differs",
            [
                (self._place, p.entity, p.given, p.name, encoded(p.keys), int(_kind(p)))
                for p in found
            ],
        )
        self._execute("COMMIT")

    # For people.

    def all(self, source: str | None, entity: str | None) -> Iterator[tuple[str, Pair]]:
        """All pairs of the store, with their sources.

        Args:
            source: Only of this source; None for all.
            entity: Only of this entity; None for all.
        """
        last: tuple[str, str, str] = ("", "", "")
        while True:
            rows = self._execute(
                "SELECT source, entity, given, keys FROM ecwid_ids JOIN ecwid_sources "  # noqa: S608 - no values
                "ON ecwid_ids.place = ecwid_sources.place "
                "WHERE server = ? AND store_id = ? AND (source, entity, given) > (?, ?, ?) "
                + ("AND source = ? " if source is not None else "")
                + ("AND entity = ? " if entity is not None else "")
                + "ORDER BY source, entity, given LIMIT 1000",
                (*self._store, *last, *(one for one in (source, entity) if one is not None)),
            )
            for name, kind, given, keys in rows:
                yield name, Pair(kind, given, decoded(keys))
            if not rows:
                return
            last = rows[-1][:3]

    def take(self, source: str, pairs: Iterable[Pair]) -> None:
        """Keep pairs of a source, in the place of those that it has for the same keys."""
        self._place = self._place_of(source)
        self.keep((), pairs)


def _kind(pair: Pair) -> int:
    """What a pair says of the keys of its source: 0 the shop's, 1 other ones, 2 nothing."""
    if pair.differs:
        return 1
    return 0 if pair.name == str(pair.keys[-1]) else 2
