"""Keeps a group's folder in object storage, so that any machine can load the group.

A run fetches what its disk lacks, and puts back what is new. Files are objects named by their
content. The group's manifest lists them; it is written last, and only if it is still the one that
the run began with. So of two runs that took each other for dead, one wins as a whole.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from typing import TYPE_CHECKING, Any, Final

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import from_url

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_NEITHER: Final = (".part", ".new", ".merging")
_HEAD: Final = "manifest.json"
_SEEN: Final = ".bucket.json"
_KEPT: Final = dt.timedelta(days=1)


class BucketError(Exception):
    """The storage can't be reached, or another run has changed the group meanwhile."""


class _Seen(msgspec.Struct, frozen=True):
    """What a local file had when it was last compared: ``digest`` holds while the others do."""

    size: int
    changed: int
    digest: str


class Bucket:
    """A group's folder, here and in object storage."""

    def __init__(self, url: str, group: str, folder: Path) -> None:
        """Open it.

        Args:
            url: Where the groups are kept, such as ``s3://bucket/ecwid``.
            group: The group's name.
            folder: Its folder here.
        """
        self._store: Any = from_url(f"{url.rstrip('/')}/{group}")
        self._folder = folder
        self._seen_path = folder / _SEEN
        self._tag: str | None = None
        self._manifest: dict[str, str] = {}

    def fetch(self, names: Collection[str] = ()) -> None:
        """Make the folder here what it is in the storage.

        Args:
            names: Some files; empty for all, and then others are removed here.

        Raises:
            BucketError: The storage can't be used.
        """
        try:
            self._fetch(names)
        except (OSError, BaseError) as error:
            raise BucketError(f"The bucket can't be read: {_words(error)}") from error

    def _fetch(self, names: Collection[str]) -> None:
        try:
            answer = obstore.get(self._store, _HEAD)
        except FileNotFoundError:
            self._tag, self._manifest = None, {}
        else:
            self._tag = answer.meta["e_tag"]
            self._manifest = msgspec.json.decode(bytes(answer.bytes()), type=dict[str, str])
        here = self._digests()
        for name, digest in self._manifest.items():
            if here.get(name) != digest and (not names or name in names):
                path = self._folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                coming = path.with_name(f"{path.name}.new")
                with coming.open("wb") as file:
                    for piece in obstore.get(self._store, digest):
                        file.write(piece)
                coming.replace(path)
        if not names:
            for name in here.keys() - self._manifest.keys():
                # A run that was killed left it, and its bookmarks weren't kept.
                (self._folder / name).unlink()

    def put(self) -> None:
        """Make the folder in the storage what it is here.

        Raises:
            BucketError: The storage can't be used, or another run has changed the group.
        """
        try:
            self._put()
        except (AlreadyExistsError, PreconditionError):
            raise BucketError("Another run has loaded the group meanwhile") from None
        except (OSError, BaseError) as error:
            raise BucketError(f"The bucket can't be written: {_words(error)}") from error

    def _put(self) -> None:
        here = self._digests()
        if here == self._manifest:
            return
        before = set(self._manifest.values())
        for name, digest in here.items():
            if digest not in before:
                obstore.put(self._store, digest, self._folder / name)
        mode: Any = "create" if self._tag is None else {"e_tag": self._tag}
        done = obstore.put(self._store, _HEAD, msgspec.json.encode(here), mode=mode)
        self._tag, self._manifest = done["e_tag"], here
        # Others may still read what a manifest has just ceased to list.
        until = dt.datetime.now(dt.UTC) - _KEPT
        listed = (one for page in obstore.list(self._store) for one in page)
        needed = {_HEAD, *here.values()}
        gone = [o["path"] for o in listed if o["path"] not in needed and o["last_modified"] < until]
        if gone:
            obstore.delete(self._store, gone)

    def _digests(self) -> dict[str, str]:
        """The files that are kept -> the digest of their content."""
        try:
            seen = msgspec.json.decode(self._seen_path.read_bytes(), type=dict[str, _Seen])
        except (FileNotFoundError, msgspec.MsgspecError):
            # It saves reading the files, and nothing depends on it.
            seen = {}
        now: dict[str, _Seen] = {}
        for path in (*self._folder.glob("ecwid.duckdb*"), *self._folder.glob("raw/**/*")):
            if not path.is_file() or path.name == ".lock" or path.suffix in _NEITHER:
                continue
            name, stat = path.relative_to(self._folder).as_posix(), path.stat()
            known = seen.get(name)
            if known is None or (known.size, known.changed) != (stat.st_size, stat.st_mtime_ns):
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "blake2b").hexdigest()[:40]
                known = _Seen(stat.st_size, stat.st_mtime_ns, digest)
            now[name] = known
        written = self._seen_path.with_name(f"{_SEEN}.{os.getpid()}")
        written.write_bytes(msgspec.json.encode(now))
        written.replace(self._seen_path)
        return {name: known.digest for name, known in now.items()}


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
