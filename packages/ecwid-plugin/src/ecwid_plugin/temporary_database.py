"""A database for one run, so that memory doesn't grow with the shop or the input."""

from __future__ import annotations

import sqlite3


def temporary_database() -> sqlite3.Connection:
    """A database in a temporary file, which is deleted when it is closed."""
    # SQLite takes an empty name for that.
    database = sqlite3.connect("", isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA journal_mode = OFF")
    return database
