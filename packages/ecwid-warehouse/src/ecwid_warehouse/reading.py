"""A stream's records of one run, on their way into a file of the raw layer.

Records of a stream that is read in full have the version of a table. When Singer's ACTIVATE_VERSION
says that the table is complete, their file replaces all earlier ones. Other records are changes:
those that haven't changed since they were last written are left out.
"""

from __future__ import annotations

import functools
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_api.errors import SettingError
from ecwid_warehouse.frames import lines_of
from ecwid_warehouse.layer import MOMENT
from ecwid_warehouse.notes import Note, digest, key_reader, read_note, write_note

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ecwid_warehouse.frames import LineFile
    from ecwid_warehouse.layer import Layer, RawFile

LOGGER: Final = logging.getLogger("target-raw")

_MEMORY: Final = 1 << 20
_BITS: Final = 1 << 64


class Reading:
    """The records of a stream."""

    def __init__(self, layer: Layer, stream: str, stores: Collection[int] = ()) -> None:
        """Begin.

        Args:
            layer: The raw layer.
            stream: The stream's name.
            stores: The stores that are read, if the layer has others too: a complete list says
                nothing of those.
        """
        self._layer = layer
        self._stream = stream
        self._stores = stores
        self._keys: tuple[str, ...] = ()
        self._changed = ""
        self._activated: int | None = None
        self._is_unversioned = False
        self._note = read_note(layer, stream)
        self._begin()

    def _begin(self) -> None:
        """Begin a file; there is none before there is much to write, or a state to keep."""
        self._began: datetime = datetime.now(UTC)
        self._version: int | None = None
        self._file: RawFile | None = None
        self._part: LineFile | None = None
        self._lines: list[bytes] = []
        self._size = 0
        self._count = 0
        self._content = 0
        self._written: dict[int, int] = {}

    def describe(self, keys: Sequence[str], changed: str) -> None:
        """Take what a SCHEMA message says.

        Args:
            keys: The fields of the key.
            changed: The field that orders the versions of a record; empty if none does.
        """
        if tuple(keys) != self._keys:
            self.finish()
            self.__dict__.pop("_known", None)
            self._keys = tuple(keys)
            self._key_of = key_reader(self._keys)
        self._changed = changed

    @functools.cached_property
    def _known(self) -> dict[int, int]:
        """What the last runs wrote."""
        return self._note.versions() if self._note.keys == [*self._keys] else {}

    def add(self, record: bytes, version: int | None) -> None:
        """Take a record, as it is.

        Raises:
            SettingError: It lacks a field of its key.
        """
        if version != self._version and self._count:
            self.finish()
        self._version = version
        content = digest(record)
        self._is_unversioned |= version is None
        if version is None and self._keys:
            key = self._key(record)
            if self._written.get(key, self._known.get(key)) == content:
                return
            self._written[key] = content
        self._content = (self._content + content) % _BITS
        self._count += 1
        self._lines.append(record)
        self._size += len(record)
        if self._size >= _MEMORY:
            self._write()

    def _key(self, record: bytes) -> int:
        try:
            key, _ = self._key_of(record)
        except msgspec.MsgspecError as error:
            raise SettingError(
                "input", f"has a record of {self._stream} without its key: {error}"
            ) from None
        return key

    def _write(self) -> None:
        if self._part is None:
            self._file, self._part = self._layer.new_part(self._stream, self._began)
        for line in self._lines:
            self._part.append(line)
        self._lines, self._size = [], 0

    def sync(self) -> None:
        """Have all records on the disk."""
        if self._lines:
            self._write()
        if self._part is not None:
            self._part.sync()

    def activate(self, version: int) -> None:
        """The records are all that the stream has."""
        if self._is_unversioned:
            # Records that were left out as known look the same as removed ones.
            LOGGER.warning(
                "%s: what was removed stays, because its records came without the version",
                self._stream,
            )
            self.finish()
            return
        if self._count and (self._version != version or version == self._activated):
            # They are of another table, or come after it was complete.
            self.finish()
        if version == self._activated:
            return
        self._activated = version
        moment = self._began.strftime(MOMENT)
        with self._layer.locked():
            for record in self._of_other_stores():
                self.add(record, version)
            content = f"{self._count}-{self._content}".encode()
            note = read_note(self._layer, self._stream)
            # Another loader may have read it completely since.
            if note.read == self._note.read or note.read <= moment:
                if note.whole == content:
                    self._drop()
                    note.read = moment
                    write_note(self._layer, self._stream, note)
                else:
                    self._keep(Note(read=moment, whole=content), is_whole=True)
            else:
                self._drop()
        self._begin()

    def _of_other_stores(self) -> Iterator[bytes]:
        """What the layer has of the stores that aren't read, the newest version of each record."""
        if not self._stores:
            return
        files = self._layer.files(self._stream)
        wholes = [place for place, file in enumerate(files) if file.is_whole]
        read = key_reader(self._keys, "store_id")
        found: dict[int, bytes] = {}
        for file in files[wholes[-1] if wholes else 0 :]:
            for line in lines_of(self._layer.path(file)):
                key, (store,) = read(line)
                if store not in self._stores:
                    found[key] = line
        yield from found.values()

    def finish(self) -> None:
        """Keep what came as changes, if anything did."""
        if self._count:
            with self._layer.locked():
                note = read_note(self._layer, self._stream)
                if note.file != self._note.file or "_known" not in self.__dict__:
                    self._known = note.versions() if note.keys == [*self._keys] else {}
                self._known.update(self._written)
                kept = Note(read=note.read)
                if self._version is None:
                    kept.set_versions(self._known)
                self._keep(kept, is_whole=False)
        self._begin()

    def _keep(self, note: Note, *, is_whole: bool) -> None:
        self._write()
        if self._part is None or self._file is None:
            raise AssertionError("a part is made by writing")
        file = replace(self._file, is_whole=is_whole)
        self._layer.finish(self._part, file)
        note.file, note.keys, note.changed = file.name, [*self._keys], self._changed
        write_note(self._layer, self._stream, note)
        self._note = note

    def _drop(self) -> None:
        if self._part is not None:
            self._part.path.unlink()
            self._part.close()
