"""Notes on what each stream last had, so that unchanged records aren't written again.

A note belongs to the newest file of its stream. It is written after that file: if a killed loader
left a newer file, the note says nothing.
"""

from __future__ import annotations

import functools
import hashlib
from array import array
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from ecwid_warehouse.layer import sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ecwid_warehouse.layer import Layer

_DIGEST: Final = 8


def digest(content: bytes) -> int:
    """A number that identifies a content."""
    return int.from_bytes(hashlib.blake2b(content, digest_size=_DIGEST).digest())


@functools.cache
def key_reader(keys: tuple[str, ...], *others: str) -> Callable[[bytes], tuple[int, list[Any]]]:
    """A function that reads the key of a record, and little else.

    Args:
        keys: The fields of the key.
        others: More fields to read. One may be of the key too.

    Returns:
        It takes a record. It gives a number that identifies the key, and the other fields, None
        where the record lacks one. It raises ``MsgspecError`` if a field of the key is missing.
    """
    names = dict.fromkeys((*keys, *others))
    places = [list(names).index(name) for name in others]
    fields = [
        (f"field_{place}", msgspec.Raw) if name in keys else (f"field_{place}", Any, None)
        for place, name in enumerate(names)
    ]
    renamed = {f"field_{place}": name for place, name in enumerate(names)}
    decode = msgspec.json.Decoder(msgspec.defstruct("Line", fields, rename=renamed)).decode
    count = len(keys)

    def read(record: bytes) -> tuple[int, list[Any]]:
        values = msgspec.structs.astuple(decode(record))
        key = digest(b"\0".join(map(bytes, values[:count])))
        return key, [
            msgspec.json.decode(values[place]) if place < count else values[place]
            for place in places
        ]

    return read


class Note(msgspec.Struct, kw_only=True):
    """What a stream last had.

    Attributes:
        file: Name of the stream's newest file; empty if there is none.
        read: Moment of the newest complete reading, also of one that left no file.
        whole: Digest of a complete reading, if nothing came after it.
        keys: The fields of the key.
        changed: The field that orders the versions of a record.
    """

    file: str = ""
    read: str = ""
    whole: bytes = b""
    keys: list[str] = []
    changed: str = ""
    of_keys: bytes = b""
    of_records: bytes = b""

    def versions(self) -> dict[int, int]:
        """Key -> record, both as numbers (``digest``)."""
        return dict(zip(array("Q", self.of_keys), array("Q", self.of_records), strict=True))

    def set_versions(self, versions: Mapping[int, int]) -> None:
        """Keep the versions."""
        self.of_keys = array("Q", versions).tobytes()
        self.of_records = array("Q", versions.values()).tobytes()


def read_note(layer: Layer, stream: str) -> Note:
    """A stream's note; an empty one if it has none, or one that is not of its newest file."""
    newest = layer.newest(stream)
    try:
        found = msgspec.msgpack.decode(_path(layer, stream).read_bytes(), type=Note)
    except (FileNotFoundError, msgspec.MsgspecError):
        # A note saves work, and nothing depends on it.
        return Note()
    return found if found.file == (newest.name if newest else "") else Note()


def write_note(layer: Layer, stream: str, note: Note) -> None:
    """Write a stream's note, whole or not at all."""
    path = _path(layer, stream)
    path.parent.mkdir(exist_ok=True)
    written = path.with_name(f"{path.name}.new")
    with written.open("wb") as file:
        file.write(msgspec.msgpack.encode(note))
    written.rename(path)
    sync_folder(path.parent)


def _path(layer: Layer, stream: str) -> Path:
    return layer.notes / quote(stream, safe="")
