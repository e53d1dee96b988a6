"""The work folder of a store: ours alone, and held by one run at a time.

Records and what Ecwid knows of people stand in it. So no link in it is followed, and what others
could read or write is closed to them, or refused.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWNER_ONLY: Final = 0o700
_OTHERS: Final = 0o077
_FILE: Final = 0o600


class WorkFolderError(SettingError):
    """The work folder, or a file in it, can't be used."""

    def __init__(self, problem: str) -> None:
        super().__init__("work_dir", problem)


def work_folder(config: Mapping[str, Any]) -> Path:
    """The folder for a store's files; only its owner may read it.

    Raises:
        WorkFolderError: It can't be used.
    """
    folder = Path(config["work_dir"]) / str(config["store_id"])
    try:
        for path in (*reversed(folder.parents), folder):
            if not path.exists():
                path.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        for path, links in ((folder.parent, 0), (folder, os.O_NOFOLLOW)):
            _close_to_others(path, os.O_DIRECTORY | links, must=bool(links))
    except OSError as error:
        raise WorkFolderError(
            f"is {config['work_dir']!r}, and {error.filename or folder} can't be used "
            f"({error.strerror}): choose a folder that this user can write"
        ) from None
    return folder


def open_private(path: Path, flags: int) -> int:
    """Open a file of the folder, or make it; only its owner can read it.

    Args:
        path: The file.
        flags: As for ``os.open``.

    Raises:
        WorkFolderError: It is a link, no plain file, or can't be opened.
    """
    try:
        # A pipe in its place would be waited for.
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, _FILE)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            os.close(descriptor)
            raise WorkFolderError(f"has {path}, which is no plain file: remove it")
        if found.st_mode & _OTHERS:
            os.fchmod(descriptor, _FILE)
    except OSError as error:
        link = " It is a link: remove it." if path.is_symlink() else ""
        raise unusable(path, error.strerror, link) from None
    return descriptor


def private_database(path: Path) -> sqlite3.Connection:
    """Open a database of the folder, or make it; only its owner can read it.

    What is committed is on disk. Outside of a transaction, each statement is.

    Raises:
        WorkFolderError: It is a link, no plain file, or can't be opened.
        sqlite3.DatabaseError: It is no database.
    """
    os.close(open_private(path, os.O_RDWR))
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database


def unreadable(path: Path | str, problem: object, remedy: str) -> WorkFolderError:
    """The error about a database of the folder whose content can't be read."""
    return WorkFolderError(
        f"has {path}, which can't be read ({str(problem).splitlines()[0]}). {remedy}"
    )


def unusable(path: Path, problem: object, remedy: str = "") -> WorkFolderError:
    """The error about a file of the folder that can't be read or written."""
    return WorkFolderError(
        f"has {path}, which can't be used ({problem}).{remedy} Check the folder's disk and "
        "permissions, and run again: nothing that arrived is lost"
    )


def _close_to_others(folder: Path, flags: int, *, must: bool) -> None:
    """Take other users' permissions for a folder away.

    Raises:
        WorkFolderError: They have some that can't be taken away.
    """
    descriptor = os.open(folder, os.O_RDONLY | flags)
    try:
        found = os.fstat(descriptor)
        ours = found.st_uid == os.geteuid()
        if found.st_mode & _OTHERS and (ours or must) and folder != folder.parent:
            os.fchmod(descriptor, _OWNER_ONLY)
        elif must and not ours and os.geteuid() != 0:
            raise WorkFolderError(
                f"has {folder}, which belongs to another user: choose another folder"
            )
    finally:
        os.close(descriptor)


def is_held(folder: Path) -> bool:
    """Whether a run holds a folder now.

    Raises:
        WorkFolderError: It can't be used.
    """
    descriptor = open_private(folder / "lock", os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def locked(folder: Path) -> int:
    """Hold a folder, until the descriptor is closed: two runs would write the same records.

    Raises:
        WorkFolderError: Another run holds it, or it can't be held.
    """
    path = folder / "lock"
    descriptor = open_private(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise WorkFolderError(
            f"{folder} is in use by another run on this store: wait for it, or set another folder"
        ) from None
    except OSError as error:
        os.close(descriptor)
        raise unusable(path, error.strerror) from None
    return descriptor
