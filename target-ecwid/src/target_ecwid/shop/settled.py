"""What was written to which object: a write that Ecwid doesn't keep isn't repeated for ever.

Ecwid can ignore a field, or keep it in another form. The next run then reads something else than
was written, and would write it again, run after run.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from typing import TYPE_CHECKING, Any, Final

import msgspec

from target_ecwid.change.drift import SLACK
from target_ecwid.record.forms import moment_of
from target_ecwid.record.lookups import token_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.change.changes import Write
    from target_ecwid.change.match import Found
    from target_ecwid.record.lookups import Keys

_CLOCKS: Final = 10.0
"""Seconds by which Ecwid's clock and ours can differ."""

_STRIKES: Final = 2
"""Writes without effect after which a field is left alone, where objects have no time of change."""


class Settled:
    """The last write of each object.

    Attributes:
        recent: Whether an earlier run wrote something a moment ago.
    """

    def __init__(self, database: sqlite3.Connection, lag: float) -> None:
        """Open it, or begin without any.

        Args:
            database: The journal's.
            lag: Seconds for which a search may not show a write.
        """
        self._database = database
        self._since = time.time() - lag - _CLOCKS
        database.execute(
            "CREATE TABLE IF NOT EXISTS written "
            "(entity TEXT, keys TEXT, at REAL, fields BLOB, PRIMARY KEY (entity, keys)) "
            "WITHOUT ROWID"
        )
        # The last one is found without a look at all of them.
        database.execute("CREATE INDEX IF NOT EXISTS written_at ON written (at)")
        row = database.execute("SELECT max(at) FROM written").fetchone()
        self.recent = (row[0] or 0.0) > self._since

    def fresh(self, entity: Entity, match: Found, values: Mapping[str, Any]) -> Found:
        """An object without fields that a search shows as they were before an earlier run.

        Otherwise a record that asks for that old value would find nothing to do.

        Args:
            entity: The object's entity.
            match: The object as the search shows it.
            values: The record's fields.
        """
        at, known = self._last(entity.name, match.keys)
        if not known:
            return match
        there = match.fields
        changed_at = moment_of(there.get(entity.updates.field)) if entity.updates else None
        if at < self._since or (changed_at is not None and changed_at.timestamp() > at):
            return match
        old = {
            name
            for name in known.keys() & values.keys()
            if known[name][0] not in {_digest(values[name]), _digest(there.get(name))}
            and (changed_at is not None or known[name][1] == _digest(there.get(name)))
        }
        fields = {name: value for name, value in there.items() if name not in old}
        return dataclasses.replace(match, fields=fields) if old else match

    def note(self, writes: Iterable[tuple[Write, Keys]], at: float) -> None:
        """Objects were created or changed; on disk afterwards.

        Args:
            writes: The writes, with the objects' keys.
            at: When the last answer came, in Unix seconds by Ecwid's clock.
        """
        self._database.execute("BEGIN")
        for write, keys in writes:
            _, known = self._last(str(write.entity), keys)
            for name in write.changed:
                pair = [_digest(write.after[name]), _digest(write.before.get(name))]
                last = known.get(name)
                known[name] = [*pair, last[2] + 1 if last and last[:2] == pair else 1]
            self._database.execute(
                "INSERT OR REPLACE INTO written VALUES (?, ?, ?, ?)",
                (write.entity, token_of(keys), at, msgspec.msgpack.encode(known)),
            )
        self._database.execute("COMMIT")

    def not_kept(
        self, entity: Entity, write: Write, keys: Keys, there: Mapping[str, Any]
    ) -> frozenset[str]:
        """Fields about to be written whose values were written before, and that Ecwid didn't keep.

        Args:
            entity: The object's entity.
            write: What is about to be written.
            keys: The object's keys.
            there: The object as the shop has it.
        """
        at, known = self._last(entity.name, keys)
        again = {
            name: known[name]
            for name in write.changed
            if name in known
            and name not in entity.moved
            and known[name][0] == _digest(write.after[name])
        }
        if not again:
            return frozenset()
        changed_at = moment_of(there.get(entity.updates.field)) if entity.updates else None
        if changed_at is not None and changed_at.timestamp() <= at + SLACK:
            # Nobody has changed the object since.
            return frozenset(again)
        if changed_at is not None:
            return frozenset()
        return frozenset(
            name
            for name, (_, before, strikes) in again.items()
            if strikes >= _STRIKES and before == _digest(there.get(name))
        )

    def _last(self, entity: str, keys: Keys) -> tuple[float, dict[str, list[Any]]]:
        """When an object was written last, and each field's digests and strikes."""
        row = self._database.execute(
            "SELECT at, fields FROM written WHERE entity = ? AND keys = ?", (entity, token_of(keys))
        ).fetchone()
        return (row[0], msgspec.msgpack.decode(row[1])) if row is not None else (0.0, {})


def _digest(value: object) -> bytes:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=8).digest()
