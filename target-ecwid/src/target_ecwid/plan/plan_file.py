"""A plan as a file: a line that says what it is, a line for each change, a line that sums up.

The lines are JSON. What needs nothing written has no line, only a place in the sums. The last line
has a digest of all lines before it, so that a plan that was cut or edited isn't carried out.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from ecwid_api.errors import SettingError
from target_ecwid.change.changes import read_back, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from target_ecwid.change.changes import Change

VERSION: Final = 1

_FOR_ITS_OWNER: Final = 0o600

_UNFINISHED: Final = re.compile(r"\.[0-9a-f]{12}")
"""What the name of an unfinished plan ends with: its id."""


class PlanError(SettingError):
    """A plan can't be used."""

    def __init__(self, path: Path | str, problem: str) -> None:
        super().__init__(f"plan {path}", problem)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is.

    Attributes:
        plan: Version of the format.
        id: Names the plan.
        kind: Whether it comes from records, or turns a run round.
        store_id: The store that it is for.
        api_url: The address of the store's API.
        source: Name of the source of the records.
        made_at: When it was made, in Unix seconds.
        expires_at: When it can't be carried out any more, in Unix seconds.
        made_by: Name and version of the program.
        undoes: The run that it turns round; None for others.
    """

    plan: int = VERSION
    id: str
    kind: Literal["records", "undo"]
    store_id: int
    api_url: str
    source: str = ""
    made_at: float
    expires_at: float
    made_by: str
    undoes: str | None = None


class Count(msgspec.Struct, kw_only=True):
    """How many records of a stream become what.

    Attributes:
        entity: Name of the objects' entity; None where operations are called that have none.
        created: Objects created.
        updated: Objects changed; those that are disabled are among them.
        deleted: Objects deleted for good.
        disabled: Objects disabled in place of deleted.
        unchanged: Records with nothing to do.
        rejected: Records that can't be written.
        uploads: Files uploaded.
    """

    entity: str | None = None
    created: int = 0
    updated: int = 0
    deleted: int = 0
    disabled: int = 0
    unchanged: int = 0
    rejected: int = 0
    uploads: int = 0


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The last line of a plan.

    Attributes:
        lines: How many changes there are.
        digest: SHA-256 of all lines before, in hexadecimal digits.
        streams: Stream -> how many records become what.
        objects: Entity -> how many objects the shop had, where that is known.
    """

    lines: int
    digest: str
    streams: dict[str, Count]
    objects: dict[str, int] = {}


class PlanWriter:
    """Writes a plan; it is one when ``end`` has returned."""

    def __init__(self, path: Path, header: Header) -> None:
        """Begin the file beside its place: what was there stays until the plan is complete.

        Args:
            path: Its place.
            header: What it is.

        Raises:
            PlanError: It can't be written there.
        """
        self.path = path
        self.header = header
        self._unfinished = path.with_name(f".{path.name}.{header.id}")
        self._digest = hashlib.sha256()
        self._lines = 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            for other in path.parent.iterdir():
                if _UNFINISHED.fullmatch(other.name.removeprefix(f".{path.name}")):
                    # What a run left that was killed.
                    other.unlink()
            descriptor = os.open(self._unfinished, flags, _FOR_ITS_OWNER)
        except OSError as error:
            raise PlanError(
                path, f"can't be written: {error.strerror}. Choose another file"
            ) from None
        self._file = os.fdopen(descriptor, "wb", buffering=1 << 18)
        self._add(msgspec.json.encode(header))

    @property
    def lines(self) -> int:
        """How many changes it has."""
        return self._lines

    def add(self, change: Change) -> None:
        """Add a change.

        Raises:
            PlanError: The disk fails.
        """
        self._lines += 1
        self._add(stored(change))

    def _add(self, line: bytes) -> None:
        line += b"\n"
        self._digest.update(line)
        try:
            self._file.write(line)
        except OSError as error:
            raise PlanError(self.path, f"can't be written: {error.strerror}") from None

    def end(self, streams: dict[str, Count], objects: dict[str, int]) -> Summary:
        """Sum up, and have the plan in its place, on disk.

        Args:
            streams: Stream -> how many records become what.
            objects: Entity -> how many objects the shop had.

        Raises:
            PlanError: The disk fails.
        """
        summary = Summary(
            lines=self._lines, digest=self._digest.hexdigest(), streams=streams, objects=objects
        )
        self._add(msgspec.json.encode(summary))
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._unfinished.replace(self.path)
        except OSError as error:
            raise PlanError(self.path, f"can't be written: {error.strerror}") from None
        return summary

    def drop(self) -> None:
        """Leave no file: the plan isn't complete."""
        self._file.close()
        self._unfinished.unlink(missing_ok=True)


class PlanFile:
    """A plan that was written.

    Attributes:
        path: Its file.
        header: What it is.
        summary: Its sums.
    """

    def __init__(self, path: Path) -> None:
        """Read it once: it must be whole, and as it was made.

        Args:
            path: Its file.

        Raises:
            PlanError: It is no plan, or not as it was made.
        """
        self.path = path
        digest = hashlib.sha256()
        first = last = b""
        count = 0
        try:
            with path.open("rb") as lines:
                for line in lines:
                    if not count:
                        first = line
                    else:
                        digest.update(last)
                    last = line
                    count += 1
        except OSError as error:
            raise PlanError(path, f"can't be read: {error.strerror}") from None
        try:
            self.header = msgspec.json.decode(first, type=Header)
        except msgspec.MsgspecError:
            raise PlanError(
                path, "is no plan: name the file that a run wrote with the setting plan"
            ) from None
        if self.header.plan != VERSION:
            raise PlanError(
                path, f"was made by {self.header.made_by}, in another format: make it again"
            )
        try:
            self.summary = msgspec.json.decode(last, type=Summary)
        except msgspec.MsgspecError:
            raise PlanError(path, "has no end: it was cut. Make it again") from None
        if self.summary.digest != digest.hexdigest() or self.summary.lines != count - 2:
            raise PlanError(path, "was changed after it was made: make it again")

    def changes(self) -> Iterator[Change]:
        """Its changes, in their order.

        Raises:
            PlanError: The file was changed or taken away meanwhile.
        """
        try:
            with self.path.open("rb") as lines:
                next(lines)
                for _, line in zip(range(self.summary.lines), lines, strict=False):
                    yield read_back(line)
        except (OSError, msgspec.MsgspecError) as error:
            raise PlanError(self.path, f"can't be read any more: {error}") from None
