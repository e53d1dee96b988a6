"""The folder of a backup: JSON lines, files under their hashes, and a manifest that says it all.

The manifest is the moment at which a backup is one: new files of records wait beside the old ones
until it is written, and take their places afterwards, also when a run was killed in between.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from typing import IO, TYPE_CHECKING, Any, Final

import msgspec

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin.temporary_database import temporary_database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_NEW: Final = ".new"
_PIECE: Final = 1 << 20
_REMEDY: Final = "restore it, or delete it and back up again"


class Part(msgspec.Struct, kw_only=True):
    """A file of the backup.

    Attributes:
        records: How many lines it has.
        digest: SHA-256 of its content.
    """

    records: int
    digest: str


class Manifest(msgspec.Struct, kw_only=True):
    """What a backup is.

    Attributes:
        format: Version of the format.
        store_id: The shop.
        api_url: The address of its API.
        made_at: When it was made last, in UTC.
        streams: Stream -> its file of records.
        files: The list of pictures and files.
        state: Where the tap goes on; see ``ecwid-backup``.
    """

    format: int = FORMAT
    store_id: int
    api_url: str
    made_at: str
    streams: dict[str, Part]
    files: Part | None = None
    state: Any = None


class Place:
    """A folder with a backup, or for one.

    Attributes:
        path: The folder.
        manifest: What the backup is; None where there is none yet.
    """

    def __init__(self, path: Path) -> None:
        """Open it; what a run that was killed had finished takes its place.

        Args:
            path: The folder.

        Raises:
            SettingError: It can't be read, or has something else in it.
        """
        self.path = path
        self.manifest: Manifest | None = None
        manifest = path / _MANIFEST
        try:
            if manifest.exists():
                self.manifest = msgspec.json.decode(manifest.read_bytes(), type=Manifest)
                self._finish()
            elif path.exists() and any(path.iterdir()) and not (path / "records").exists():
                raise SettingError(str(path), "is no backup and not empty: name another folder")
        except OSError as error:
            raise SettingError(str(path), f"can't be read: {error.strerror}") from None
        except msgspec.MsgspecError as error:
            raise SettingError(str(manifest), f"can't be read ({error}): {_REMEDY}") from None
        if self.manifest is not None and self.manifest.format != FORMAT:
            raise SettingError(str(manifest), f"has format {self.manifest.format}, not {FORMAT}")
        for name in self.manifest.streams if self.manifest is not None else ():
            if name not in ENTITIES:
                raise SettingError(str(manifest), f"has the stream {name!r}: {_REMEDY}")

    def made(self) -> Manifest:
        """What the backup is.

        Raises:
            SettingError: There is none yet.
        """
        if self.manifest is None:
            raise SettingError(str(self.path), "is no backup: it has no manifest.json")
        return self.manifest

    @property
    def files(self) -> Path:
        """The folder of pictures and files."""
        return self.path / "files"

    def _file(self, name: str) -> Path:
        return self.path / ("files.jsonl" if name == "files" else f"records/{name}.jsonl")

    def _parts(self) -> dict[str, Part]:
        if self.manifest is None:
            return {}
        listed = {"files": self.manifest.files} if self.manifest.files is not None else {}
        return {**self.manifest.streams, **listed}

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for a backup; what a run that was killed had only begun goes.

        Raises:
            SettingError: Another run holds it, or the disk fails.
        """
        try:
            for folder in (self.path / "records", self.files):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise _unusable(self.path, error) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for begun in (*self.path.glob(f"*{_NEW}"), *self.path.glob(f"records/*{_NEW}")):
                begun.unlink()
        except BlockingIOError:
            os.close(descriptor)
            raise SettingError(str(self.path), "is in use by another backup: wait for it") from None
        except OSError as error:
            os.close(descriptor)
            raise _unusable(self.path, error) from None
        try:
            yield
        finally:
            os.close(descriptor)

    def _finish(self) -> None:
        """Have the files of the manifest take their places: the run that wrote it was killed."""
        for name, part in self._parts().items():
            new = self._new(name)
            if new.exists() and _part(new) == part:
                with contextlib.suppress(FileNotFoundError):  # It does so itself.
                    new.replace(self._file(name))

    def _new(self, name: str) -> Path:
        path = self._file(name)
        return path.with_name(path.name + _NEW)

    def records(self, name: str) -> Iterator[dict[str, Any]]:
        """The records of a stream, in the order of their keys."""
        if name not in self._parts():
            return
        try:
            with self._file(name).open("rb") as file:
                yield from map(msgspec.json.decode, file)
        except (OSError, msgspec.DecodeError) as error:
            problem = error.strerror if isinstance(error, OSError) else error
            raise SettingError(
                str(self._file(name)), f"can't be read ({problem}): {_REMEDY}"
            ) from None

    def write(self, name: str, lines: Iterable[bytes]) -> Part:
        """Write a new file of records beside the old one.

        Raises:
            SettingError: The disk fails.
        """
        digest, count = hashlib.sha256(), 0
        try:
            with self._new(name).open("wb") as file:
                for line in lines:
                    digest.update(line)
                    count += 1
                    file.write(line)
                _to_disk(file)
        except OSError as error:
            raise _unusable(self._new(name), error) from None
        return Part(records=count, digest=digest.hexdigest())

    def commit(self, manifest: Manifest) -> None:
        """From now on this is the backup.

        Raises:
            SettingError: The disk fails.
        """
        try:
            draft = self.path / f"{_MANIFEST}{_NEW}"
            with draft.open("wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
                _to_disk(file)
            draft.replace(self.path / _MANIFEST)
            self.manifest = manifest
            self._finish()
        except OSError as error:
            raise _unusable(self.path, error) from None

    def damaged(self) -> Iterator[str]:
        """Files of records that are not as the manifest says, a line each."""
        for name, part in self._parts().items():
            path = self._file(name)
            if not path.exists():
                yield f"{path.relative_to(self.path)} is missing"
            elif _part(path) != part:
                yield f"{path.relative_to(self.path)} was changed, or is damaged"

    def problems(self) -> Iterator[str]:
        """All that is not as the manifest says, a line each."""
        damaged = list(self.damaged())
        yield from damaged
        listed = (
            () if any(line.startswith("files.jsonl") for line in damaged) else self.records("files")
        )
        for digest, address in {one["digest"]: one["address"] for one in listed}.items():
            path = self.files / digest[:2] / digest
            if not path.exists():
                yield f"files/{digest[:2]}/{digest} is missing ({address})"
            elif _part(path).digest != digest:
                yield f"files/{digest[:2]}/{digest} was changed, or is damaged"


class Changes:
    """Records of a run by stream and key, on disk; they are merged into those that are there."""

    def __init__(self) -> None:
        self._database = temporary_database()
        self._database.execute(
            "CREATE TABLE records (stream TEXT, key TEXT, body BLOB, PRIMARY KEY (stream, key)) "
            "WITHOUT ROWID"
        )
        self.complete: set[str] = set()
        self.streams: set[str] = set()

    def note(self, stream: str, key: str, record: dict[str, Any] | None) -> None:
        """A record came; None where its object is gone."""
        self.streams.add(stream)
        body = None if record is None else msgspec.json.encode(record)
        self._database.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?)", (stream, key, body)
        )

    def merged(self, stream: str, old: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[bytes]:
        """A stream's lines by key, with what changed; without what is gone.

        Args:
            stream: The stream.
            old: Keys and records that were there; none where the stream came whole.
        """
        self._database.executemany(
            "INSERT OR IGNORE INTO records VALUES (?, ?, ?)",
            ((stream, key, msgspec.json.encode(record)) for key, record in old),
        )
        there = self._database.execute(
            "SELECT body FROM records WHERE stream = ? AND body IS NOT NULL ORDER BY key", (stream,)
        )
        for (body,) in there:
            yield body + b"\n"

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()


def now() -> str:
    """This moment, for the manifest."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _part(path: Path) -> Part:
    """A file as the manifest has it."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            lines += piece.count(b"\n")
    return Part(records=lines, digest=digest.hexdigest())


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _unusable(path: Path, error: OSError) -> SettingError:
    return SettingError(str(path), f"can't be written: {error.strerror}")
