"""What a target-ecwid has written: objects that are still as it left them are no news.

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
from tap_ecwid.moments import parse_moment, time_of_change

if TYPE_CHECKING:
    from ecwid_api.entity import Entity
    from ecwid_api.paging import Row

_DATABASE: Final = "runs.db"


class _Write(msgspec.Struct):
    entity: str | None = None
    after: dict[str, Any] = {}


class OwnWrites:
    """The last writes of a target to a store."""

    def __init__(self, folder: str, store_id: str) -> None:
        """Look nothing up yet.

        Args:
            folder: The target's setting ``work_dir``.
            store_id: The store.
        """
        self._path = Path(folder) / store_id / _DATABASE

    def is_as_written(self, entity: Entity, row: Row) -> bool:
        """Whether an object is as the target's last write left it.

        It isn't if somebody has changed it later, or has changed a field that the target wrote. A
        repair brings it in any case.

        Raises:
            EcwidError: The history can't be read.
        """
        if entity.updates is None or not self._path.exists():
            return False
        schema = entity.fields.get(entity.updates.field, {})
        changed = time_of_change(row.get(entity.updates.field), schema)
        if not changed:
            return False
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
        for change, at in found:
            write = msgspec.json.decode(change, type=_Write)
            if write.entity == entity.name:
                unchanged = all(row.get(name) == value for name, value in write.after.items())
                return unchanged and parse_moment(changed).timestamp() <= math.floor(at)
        return False

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
