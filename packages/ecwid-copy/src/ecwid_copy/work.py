"""The work folder of a copy: what one run leaves for the next. Only its owner can read it."""

from __future__ import annotations

import contextlib
import os
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.errors import SettingError
from ecwid_copy.kept_database import kept_database
from target_ecwid.shop.ids import FileOfIds
from target_ecwid.work_folder import locked, open_private, work_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ecwid_copy.shops import Shop

_STATE: Final = "state.json"
_UNFINISHED: Final = "unfinished"


class Work:
    """What is kept between runs of a copy from a source into a shop.

    Attributes:
        path: The folder.
        target_dir: The target's work folder.
    """

    def __init__(self, root: Path, source: str, shop: Shop, *, name: str) -> None:
        """Make the folder if it isn't there.

        Args:
            root: The folder of all copies.
            source: Names the source: each has its own keys.
            shop: Where it is written to.
            name: What the folder is called.

        Raises:
            SettingError: It can't be used.
        """
        self.source = source
        self.target_dir = root / "target"
        self._shop = shop
        self._stores = work_folder({"work_dir": str(self.target_dir), "store_id": shop.store_id})
        self.path = work_folder({"work_dir": str(root), "store_id": name})

    @property
    def log(self) -> Path:
        """The file with the log of the last run."""
        return self.path / "log.txt"

    @contextlib.contextmanager
    def held(self) -> Iterator[IO[bytes]]:
        """Hold the folder for a run; its log is empty: an error in it is one of this run.

        Raises:
            SettingError: Another run holds it.
        """
        lock = locked(self.path)
        try:
            with self.log.open("ab") as log:
                log.truncate(0)
                yield log
        finally:
            os.close(lock)

    def replace(self, name: str, content: bytes) -> None:
        """Write a file so that it is there whole, or as it was."""
        draft = self.path / f".{name}"
        try:
            with os.fdopen(open_private(draft, os.O_WRONLY | os.O_TRUNC), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path / name)
        except OSError as error:
            raise SettingError(
                "--work-dir", f"{self.path} can't be written: {error.strerror}"
            ) from None

    # Where the last run ended.

    @property
    def state(self) -> Path | None:
        """The file with the tap's state; None before the first run is through."""
        path = self.path / _STATE
        return path if path.exists() else None

    def keep_state(self, value: object) -> None:
        """Keep the tap's state. Everything before it is written."""
        self.replace(_STATE, msgspec.json.encode(value))

    @property
    def unfinished(self) -> bool:
        """Whether something has to be set again that a run has moved."""
        return (self.path / _UNFINISHED).exists()

    def begin(self) -> None:
        """From here on, orders and pictures may move what is set at the end."""
        self.replace(_UNFINISHED, b"")

    def end(self) -> None:
        """It is set."""
        (self.path / _UNFINISHED).unlink(missing_ok=True)

    # What the target knows.

    def ids(self) -> FileOfIds:
        """The map of ids, for reading."""
        path = self._stores / "ids.db"
        return FileOfIds(path, self._shop.api_url, self._shop.store_id, self.source)

    def rejected(self) -> Iterator[dict[str, Any]]:
        """What the last run could not write."""
        path = self._stores / "rejected.jsonl"
        if path.exists():
            with path.open("rb") as file:
                yield from map(msgspec.json.decode, file)


class Shown:
    """The pictures handed over so far. Only they show that the source has lost one."""

    def __init__(self, path: Path) -> None:
        """Open the list.

        Args:
            path: Its file.
        """
        self._database = kept_database(
            path, "shown (stream TEXT, key TEXT, PRIMARY KEY (stream, key))"
        )

    def add(self, stream: str, key: str) -> None:
        """A picture is handed over."""
        self._database.execute("INSERT OR IGNORE INTO shown VALUES (?, ?)", (stream, key))

    def has(self, stream: str, key: str) -> bool:
        """Whether a picture was handed over before."""
        found = self._database.execute(
            "SELECT 1 FROM shown WHERE stream = ? AND key = ?", (stream, key)
        )
        return found.fetchone() is not None

    def remove(self, gone: Iterable[tuple[str, str]]) -> None:
        """Pictures are taken down."""
        self._database.executemany("DELETE FROM shown WHERE stream = ? AND key = ?", gone)

    def close(self) -> None:
        """Give the file back."""
        self._database.close()
