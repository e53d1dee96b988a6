"""The history of a store's runs: what each has written, and what was there before.

A run has an entry from its first write on. Each write is on disk before its request leaves, with
the fields that it touches as they were; afterwards, with what became of it. An undo turns these
entries round, and a plan that was interrupted goes on by them.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Write, read_back, stored
from target_ecwid.change.past_write import PastWrite
from target_ecwid.record.key_map import decoded, encoded
from target_ecwid.work_folder import private_database, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from target_ecwid.change.past_write import Fate
    from target_ecwid.record.lookups import Keys


FILE: Final = "runs.db"

_DAY: Final = 24 * 60 * 60.0

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, kind TEXT, source TEXT, plan TEXT,
    undoes TEXT, started REAL, ended REAL, state TEXT, counts TEXT);
CREATE TABLE IF NOT EXISTS writes (id INTEGER PRIMARY KEY, run TEXT, place INTEGER, fate TEXT,
    at REAL, keys TEXT, change BLOB);
CREATE INDEX IF NOT EXISTS writes_of_run ON writes (run, place);
CREATE TABLE IF NOT EXISTS plans (id TEXT PRIMARY KEY, expires REAL);
"""

RunKind: TypeAlias = Literal["records", "apply", "undo"]
"""Where a run's changes come from: records, a plan of records, another run turned round."""


class RunEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A run.

    Attributes:
        id: Names it.
        kind: Where its changes came from.
        source: Name of the source of its records.
        plan: Id of the plan that it carried out; None for others.
        undoes: The run that it turned round; None for others.
        started: When, in Unix seconds.
        ended: When; None where it hasn't, or was killed.
        state: ``running``, ``done``, ``failed`` or ``interrupted``.
        counts: Stream -> outcome -> how many.
        writes: How many of its writes can be undone.
    """

    id: str
    kind: RunKind
    source: str
    plan: str | None
    undoes: str | None
    started: float
    ended: float | None
    state: str
    counts: dict[str, dict[str, int]]
    writes: int


class History:
    """The runs of a store.

    Attributes:
        run: The id of the run that is under way; None before its first write.
    """

    def __init__(self, folder: Path, *, days: int) -> None:
        """Open it, or begin one; what is older than it is kept goes.

        Args:
            folder: The store's work folder.
            days: How long writes are kept; 0 keeps none.

        Raises:
            WorkFolderError: It can't be used.
        """
        self.run: str | None = None
        self._days = days
        # What the run is, until it has an entry: kind, source, plan, what it undoes, start.
        self._about: tuple[RunKind, str, str | None, str | None, float] | None = None
        self._place = 0
        path = folder / FILE
        try:
            self._database = private_database(path)
            self._database.executescript(_TABLES)
        except sqlite3.DatabaseError as error:
            raise unreadable(
                path,
                error,
                "It has the history of runs, which an undo needs: check the disk and restore it, "
                "or move it away",
            ) from None

    @property
    def keeps(self) -> bool:
        """Whether writes are kept after their run."""
        return self._days > 0

    # A run of our own.

    def begin(
        self,
        kind: RunKind,
        *,
        source: str = "",
        plan: str | None = None,
        expires: float = 0.0,
        undoes: str | None = None,
    ) -> None:
        """Say what the run is; it has an entry when it writes for the first time.

        Args:
            kind: Where its changes come from.
            source: Name of the source of its records.
            plan: Id of the plan that it carries out.
            expires: When that can't be carried out any more, in Unix seconds.
            undoes: The run that it turns round.
        """
        # Nobody else writes to this store now: what is running is what was killed.
        self._database.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'")
        self._forget_old()
        if plan is not None:
            self._database.execute("INSERT OR REPLACE INTO plans VALUES (?, ?)", (plan, expires))
        self._about = (kind, source, plan, undoes, time.time())
        if plan is not None:
            row = self._database.execute(
                "SELECT id FROM runs WHERE plan = ? AND state != 'done'", (plan,)
            ).fetchone()
            if row is not None:
                # It goes on.
                self.run = row[0]
                self._database.execute(
                    "UPDATE runs SET state = 'running', ended = NULL WHERE id = ?", row
                )

    def _forget_old(self) -> None:
        """Forget what is older than it is kept, unless a plan needs it so as not to run twice."""
        execute, now = self._database.execute, time.time()
        execute("DELETE FROM plans WHERE expires < ?", (now,))
        until = (now - max(self._days, 1) * _DAY,)
        execute(
            "DELETE FROM writes WHERE run IN (SELECT id FROM runs WHERE "
            "coalesce(ended, started) < ? AND "
            "(state = 'done' OR plan IS NULL OR plan NOT IN (SELECT id FROM plans)))",
            until,
        )
        execute(
            "DELETE FROM runs WHERE coalesce(ended, started) < ? AND "
            "(plan IS NULL OR plan NOT IN (SELECT id FROM plans))",
            until,
        )

    def _enter(self) -> str:
        if self._about is None:
            raise RuntimeError("a run writes before it has begun")
        kind, source, plan, undoes, started = self._about
        run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(started))}-{uuid.uuid4().hex[:4]}"
        self._database.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, NULL, 'running', '{}')",
            (run, kind, source, plan, undoes, started),
        )
        return run

    def leaving(
        self, writes: Sequence[Write], places: Sequence[int] | None = None
    ) -> list[int] | None:
        """Writes are about to leave; on disk afterwards.

        Args:
            writes: The writes.
            places: Their places in the plan; by default they are counted.

        Returns:
            What ``arrived`` knows them by; None where none is kept.
        """
        if not self._days and places is None:
            return None
        execute = self._database.execute
        execute("BEGIN")
        if self.run is None:
            self.run = self._enter()
        found = []
        for n, write in enumerate(writes):
            place = places[n] if places is not None else self._place + n
            cursor = execute(
                "INSERT INTO writes VALUES (NULL, ?, ?, 'sent', 0, ?, ?)",
                (self.run, place, _keys(write.keys), stored(_image(write))),
            )
            found.append(int(cursor.lastrowid or 0))
        execute("COMMIT")
        self._place += len(writes)
        return found

    def arrived(
        self,
        fates: Iterable[tuple[int, Fate | None, Keys | None]],
        at: float,
    ) -> None:
        """It is known what became of writes; on disk afterwards.

        Args:
            fates: What ``leaving`` gave, what became of it (None: it was refused), and the
                object's keys.
            at: When, by Ecwid's clock.
        """
        execute = self._database.execute
        execute("BEGIN")
        for image, fate, keys in fates:
            if fate is None:
                execute("DELETE FROM writes WHERE id = ?", (image,))
            else:
                execute(
                    "UPDATE writes SET fate = ?, at = ?, keys = coalesce(?, keys) WHERE id = ?",
                    (fate, at, _keys(keys), image),
                )
        execute("COMMIT")

    def end(self, state: Literal["done", "failed"], counts: dict[str, dict[str, int]]) -> None:
        """The run is over.

        Args:
            state: How.
            counts: Stream -> outcome -> how many.
        """
        if self.run is not None:
            self._database.execute(
                "UPDATE runs SET ended = ?, state = ?, counts = ? WHERE id = ?",
                (time.time(), state, msgspec.json.encode(counts).decode(), self.run),
            )
            if not self._days and state == "done":
                self._database.execute("DELETE FROM writes WHERE run = ?", (self.run,))

    # Earlier runs.

    def runs(self) -> list[RunEntry]:
        """All runs that wrote something, the newest first."""
        rows = self._database.execute(
            "SELECT id, kind, source, plan, undoes, started, ended, state, counts, "
            "(SELECT count(*) FROM writes WHERE run = runs.id) FROM runs "
            "ORDER BY started DESC, rowid DESC"
        ).fetchall()
        names = RunEntry.__struct_fields__
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return [RunEntry(**{**one, "counts": msgspec.json.decode(one["counts"])}) for one in found]

    def writes(self, run: str) -> Iterator[PastWrite]:
        """The writes of a run, the last one first."""
        rows = self._database.execute(
            "SELECT place, change, fate, at, keys FROM writes WHERE run = ? ORDER BY id DESC",
            (run,),
        )
        for row in rows:
            yield _past(row)

    def done_of(self, plan: str, places: Sequence[int]) -> dict[int, PastWrite]:
        """What runs have done of a plan already.

        Args:
            plan: The plan's id.
            places: The first and the last place that matters.

        Returns:
            Place -> the last write.
        """
        rows = self._database.execute(
            "SELECT place, change, fate, at, keys FROM writes WHERE place BETWEEN ? AND ? AND "
            "run IN (SELECT id FROM runs WHERE plan = ?) ORDER BY id",
            (places[0], places[-1], plan),
        )
        return {row[0]: _past(row) for row in rows}

    def close(self) -> None:
        """Give the file back."""
        self._database.close()


def _past(row: tuple[Any, ...]) -> PastWrite:
    place, content, fate, at, keys = row
    change = read_back(content)
    if not isinstance(change, Write):
        raise TypeError(f"{type(change).__name__} was never written")
    known = decoded(keys) if keys is not None else None
    return PastWrite(place=place, change=change, fate=fate, at=at, keys=known)


def _keys(keys: Keys | None) -> str | None:
    return encoded(keys) if keys is not None else None


def _image(write: Write) -> Write:
    """What is kept of a write: of its fields those that differ or must be sent, and no file."""
    changed = {*write.changed, *write.call.request().operation.required_fields}
    if write.entity is not None:
        changed |= ENTITIES[write.entity].with_together(changed)
    return msgspec.structs.replace(
        write,
        call=msgspec.structs.replace(
            write.call, file=None, body=None if write.after else write.call.body
        ),
        before=write.before
        if not write.after
        else {n: v for n, v in write.before.items() if n in changed},
        after={n: v for n, v in write.after.items() if n in changed},
        needs={},
        identity=None,
    )
