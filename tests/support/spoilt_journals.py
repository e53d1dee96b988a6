"""Ways in which a journal is broken: by a disk, by another version, by somebody else."""

from __future__ import annotations

import os
import sqlite3


def garbage(path):
    path.write_bytes(b"garbage " * 1000)


def cut(path):
    _merged(path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _merged(path):
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def holed(path):
    _merged(path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 8192))


def other_columns(path):
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE batches ADD COLUMN more TEXT")
    database.close()


def garbled_entries(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE batches SET entries = x'c1ff00'")
    database.close()


def garbled_key(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE batches SET key = 'no key'")
    database.close()


def linked(path):
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def folder(path):
    path.unlink()
    path.mkdir()


SPOILT = (
    garbage,
    cut,
    holed,
    other_columns,
    garbled_entries,
    garbled_key,
    linked,
    folder,
)
