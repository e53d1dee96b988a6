"""The raw layer: a folder with a file for each stream and reading, and what each stream last had.

``orders-20260102T030405678901.jsonl.zst`` has records that changed; with ``.whole`` before
``.jsonl`` a file has all records that the stream had at that moment, none if it is empty. The files
that target-jsonl writes (``orders-20260102T030405.jsonl``) may be there too. No file changes
once it has its name. ``.part`` at the end marks one that is being written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from ecwid_warehouse.frames import LineFile, mend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME: Final = re.compile(
    r"(?P<stream>.+)-(?P<moment>\d{8}T\d{6,12})(?P<whole>\.whole)?\.jsonl(?P<packed>\.zst)?"
)
MOMENT: Final = "%Y%m%dT%H%M%S%f"
_PART: Final = ".part"
_TEMPORARY: Final = ".new"


@dataclass(frozen=True, order=True, slots=True)
class RawFile:
    """A file of the raw layer.

    Attributes:
        moment: When its reading began, to the microsecond; files are ordered by it.
        stream: Its stream's name.
        is_whole: Whether it has all records that the stream had.
        is_ours: Whether target-raw wrote it.
    """

    moment: str
    stream: str
    is_whole: bool
    is_ours: bool = True

    @property
    def name(self) -> str:
        """Its name in the folder."""
        whole = ".whole" if self.is_whole else ""
        packed = ".zst" if self.is_ours else ""
        return f"{_start(self.stream)}{self.moment}{whole}.jsonl{packed}"

    @property
    def began(self) -> datetime:
        """When its reading began."""
        return datetime.strptime(self.moment, MOMENT).replace(tzinfo=UTC)


def _start(stream: str) -> str:
    """How the names of a stream's files start."""
    return f"{quote(stream, safe='')}-"


def named(name: str) -> RawFile | None:
    """The file of a name; None if it is none of the raw layer's."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return RawFile(
        moment=match["moment"],
        stream=unquote(match["stream"]),
        is_whole=match["whole"] is not None,
        is_ours=match["packed"] is not None,
    )


class Layer:
    """The folder of a raw layer.

    Attributes:
        folder: The folder.
        notes: The folder of what each stream last had.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / ".streams"

    def files(self, stream: str | None = None) -> list[RawFile]:
        """Its files, or those of a stream, the oldest first."""
        if not self.folder.is_dir():
            return []
        # Of a long history, names of other streams aren't taken apart.
        start = "" if stream is None else _start(stream)
        names = (entry.name for entry in os.scandir(self.folder))
        found = (named(name) for name in names if name.startswith(start))
        return sorted(one for one in found if one is not None and stream in {None, one.stream})

    def newest(self, stream: str) -> RawFile | None:
        """A stream's newest file."""
        return max(self.files(stream), default=None)

    def path(self, file: RawFile) -> Path:
        """Where a file is."""
        return self.folder / file.name

    def new_part(self, stream: str, moment: datetime) -> tuple[RawFile, LineFile]:
        """Begin a file, newer than all others of its stream.

        Args:
            stream: The stream's name.
            moment: When its reading began.
        """
        newest = self.newest(stream)
        if newest is not None and newest.is_ours:
            moment = max(moment, newest.began + timedelta(microseconds=1))
        while True:
            file = RawFile(moment=moment.strftime(MOMENT), stream=stream, is_whole=False)
            path = self.folder / f"{file.name}{_PART}"
            if not path.exists():
                with contextlib.suppress(FileExistsError):
                    lines = LineFile(path, self.folder / f"{file.name}{_TEMPORARY}")
                    sync_folder(self.folder)
                    return file, lines
            moment += timedelta(microseconds=1)

    def finish(self, part: LineFile, file: RawFile) -> None:
        """Give a file its name; it is on the disk then."""
        part.sync()
        part.path.rename(self.path(file))
        sync_folder(self.folder)
        part.close()

    def recover(self) -> None:
        """Take what loaders that were killed have left: their whole frames are records."""
        for path in sorted(self.folder.glob(f"*{_PART}")):
            count = mend(path)
            if count == 0:
                path.unlink()
            elif count is not None:
                path.rename(path.with_name(path.name.removesuffix(_PART)))
                sync_folder(self.folder)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from changing what the streams last had, and from removing files."""
        descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
