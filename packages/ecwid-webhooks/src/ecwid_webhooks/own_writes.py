"""The writes of a target-ecwid: objects that haven't changed since are not read again.

Its work folder has the history of its runs (``runs.db``): each write with the fields that it set,
and when it was done by Ecwid's clock.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.errors import EcwidError
from ecwid_webhooks.events import changed_at, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.entity import Entity
    from ecwid_api.paging import Row
    from ecwid_webhooks.queue import Waiting

_DATABASE: Final = "runs.db"


class _Write(msgspec.Struct):
    entity: str | None = None
    after: dict[str, Any] = {}


class OwnWrites:
    """The last writes of a target to a store."""

    def __init__(self, folder: str, store_id: str, read: Mapping[str, int]) -> None:
        """Look nothing up yet.

        Args:
            folder: The target's setting ``work_dir``.
            store_id: The store.
            read: Key of an object -> when it was last read, in unix seconds by Ecwid's clock.
        """
        self._path = Path(folder) / store_id / _DATABASE
        self._read = read

    def has(self, entity: Entity, row: Row, wanted: Mapping[str, Waiting]) -> bool:
        """Whether an object is as the target left it, and all its events are from the target.

        Times have whole seconds. So a write accounts for one event, and for none once the object
        was read after it; its values must still be there. A repair brings the object in any case.

        Args:
            entity: The object's entity.
            row: The object.
            wanted: What the queue has of it, among others.

        Raises:
            EcwidError: The history can't be read.
        """
        changed = changed_at(entity, row)
        if not changed or not self._path.exists():
            return False
        names = names_of(entity, row)
        events = sum(wanted[name].row.events for name in names if name in wanted)
        read = max((self._read.get(name, 0) for name in names), default=0)
        keys = msgspec.json.encode([row.get(name) for name in entity.keys]).decode()
        try:
            with contextlib.closing(self._open()) as database:
                found = database.execute(
                    "SELECT change, at FROM writes WHERE keys = ? AND fate = 'done' "
                    "ORDER BY id DESC LIMIT 20",
                    (keys,),
                ).fetchall()
        except sqlite3.Error as error:
            raise EcwidError(
                f"own_writes: {self._path} can't be read ({error}). Is it the work_dir of a "
                "target-ecwid?"
            ) from None
        writes = [(msgspec.json.decode(change, type=_Write), at) for change, at in found]
        ours = [(write, at) for write, at in writes if write.entity == entity.name and at > read]
        if not ours or events > len(ours):
            return False
        last, at = ours[0]
        unchanged = all(row.get(name) == value for name, value in last.after.items())
        return unchanged and changed <= math.floor(at)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
