"""A database in a work folder, which one run leaves for the next."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from ecwid_api.errors import SettingError
from target_ecwid.work_folder import private_database

if TYPE_CHECKING:
    from pathlib import Path


def kept_database(path: Path, *tables: str) -> sqlite3.Connection:
    """Open a database that only its owner can read, or make it.

    Args:
        path: Its file.
        tables: Definitions of its tables.

    Raises:
        SettingError: The file can't be used.
    """
    database = None
    try:
        database = private_database(path)
        for table in tables:
            database.execute(f"CREATE TABLE IF NOT EXISTS {table} WITHOUT ROWID")
    except sqlite3.DatabaseError as error:
        if database is not None:
            database.close()
        raise SettingError(
            "--work-dir", f"{path} can't be read ({error}): move it away, and run again"
        ) from None
    return database
