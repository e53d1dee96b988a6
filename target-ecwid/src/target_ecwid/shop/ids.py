"""The map of ids: which object of the store a key of a source stands for, kept for good.

It has a file of its own in the work folder, ``ids.db``, or a database that several machines share.
Either way the tables are the same, and what is noted is on disk before the journal says that it was
done, and before state leaves.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from ecwid_api.http_settings import normal_address
from target_ecwid.record.key_map import Ids, KeyMap
from target_ecwid.shop.id_tables import IdTables
from target_ecwid.work_folder import private_database, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class FileOfIds(IdTables):
    """The pairs of a store in a file of its work folder."""

    NUMBERED = "INTEGER PRIMARY KEY"

    def __init__(self, path: Path, server: str, store_id: int, source: str = "") -> None:
        """Open it, or begin one.

        Args:
            path: The file.
            server: The address of the API.
            store_id: The store.
            source: The source's name: each has keys of its own.

        Raises:
            WorkFolderError: It can't be read.
        """
        try:
            self._database = private_database(path)
            super().__init__(server, store_id, source)
        except sqlite3.DatabaseError as error:
            raise unreadable(
                path,
                error,
                "It has the map of ids: restore it from a copy, or move it away and import the "
                "last export",
            ) from None

    def _execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._database.execute(sql, values).fetchall()

    def _execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        self._database.executemany(sql, rows)

    def close(self) -> None:
        """Give the connection back."""
        self._database.close()


def opened_ids(config: Mapping[str, Any], folder: Path, *, holds: bool) -> IdTables:
    """The pairs of a store, where the settings keep them.

    Args:
        config: The settings.
        folder: The store's work folder.
        holds: Whether they are changed: then no other machine can do so meanwhile.

    Raises:
        SettingError: They can't be read.
    """
    server = normal_address(config["api_url"]) or config["api_url"]
    where = (server, int(config["store_id"]), config["source"])
    url = config.get("ids_database")
    if not url:
        return FileOfIds(folder / "ids.db", *where)
    from target_ecwid.shop.shared_ids import DatabaseOfIds  # noqa: PLC0415 - it needs an extra

    return DatabaseOfIds(url, *where, holds=holds)


def key_map_of(config: Mapping[str, Any], folder: Path) -> KeyMap:
    """The map of the settings' source and store, for a run.

    Args:
        config: The settings.
        folder: The store's work folder.

    Raises:
        SettingError: It can't be read.
    """
    return KeyMap(opened_ids(config, folder, holds=True), Ids(config["ids"]))
