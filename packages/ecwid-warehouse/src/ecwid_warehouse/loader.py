"""From Singer messages on standard input to files of the raw layer, and states to standard output.

A state leaves when all records before it are on the disk.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import msgspec

from ecwid_api.errors import SettingError
from ecwid_api.secret_texts import line as one_line
from ecwid_warehouse.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ecwid_warehouse.layer import Layer

_PIECE: Final = 1 << 18
_LONGEST: Final = 1 << 26
_NOTHING: Final = msgspec.Raw()


class _Message(msgspec.Struct):
    type: str
    stream: str = ""
    record: msgspec.Raw = _NOTHING
    version: int | None = None
    value: msgspec.Raw = _NOTHING
    key_properties: list[str] | None = None
    bookmark_properties: list[str] | None = None


class Loader:
    """Handles messages.

    Attributes:
        count: How many records came.
    """

    def __init__(self, layer: Layer, stores: Collection[int] = ()) -> None:
        self.count = 0
        self._layer = layer
        self._stores = frozenset(stores)
        self._readings: dict[str, Reading] = {}
        self._handlers = {
            "RECORD": self._record,
            "STATE": self._state,
            "SCHEMA": self._schema,
            "ACTIVATE_VERSION": self._activate_version,
        }
        self._decode = msgspec.json.Decoder(_Message).decode

    def run(self, input_: int, check: Callable[[], None]) -> None:
        """Handle all messages; whatever happens, what came is kept.

        Args:
            input_: Descriptor of the file with the messages.
            check: Called between messages; raises if the run must end.

        Raises:
            SettingError: A line is no message that can be used.
        """
        self._layer.folder.mkdir(parents=True, exist_ok=True)
        with self._layer.locked():
            self._layer.recover()
        try:
            for number, line in enumerate(_lines(input_, check), start=1):
                try:
                    if line.strip():
                        self._handle(line)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    words = one_line(str(error))
                    raise SettingError(
                        "input", f"has line {number}, which is no Singer message: {words}"
                    ) from None
        finally:
            for reading in self._readings.values():
                reading.finish()

    def _handle(self, line: bytes) -> None:
        if not line.isascii():
            # JSON that isn't UTF-8 is found here, and half a line isn't kept.
            line.decode()
        message = self._decode(line)
        handle = self._handlers.get(message.type)
        if handle is None:
            raise msgspec.ValidationError(f"it has the unknown type {message.type!r}")
        handle(message)

    def _record(self, message: _Message) -> None:
        record = bytes(message.record)
        if not record.startswith(b"{"):
            raise msgspec.ValidationError("the record is no object")
        if b"\\u" in record:
            # Half a character fits JSON's grammar, and is no text.
            msgspec.json.decode(record)
        self._reading(message).add(record, message.version)
        self.count += 1

    def _state(self, message: _Message) -> None:
        value = bytes(message.value)
        if not value:
            raise msgspec.ValidationError("a STATE needs a value")
        for reading in self._readings.values():
            reading.sync()
        sys.stdout.write(f"{value.decode()}\n")
        sys.stdout.flush()

    def _schema(self, message: _Message) -> None:
        changed = message.bookmark_properties or [""]
        self._reading(message).describe(message.key_properties or (), changed[0])

    def _activate_version(self, message: _Message) -> None:
        if message.version is None:
            raise msgspec.ValidationError("an ACTIVATE_VERSION needs a version")
        self._reading(message).activate(message.version)

    def _reading(self, message: _Message) -> Reading:
        stream = message.stream
        if not stream:
            raise msgspec.ValidationError(f"a {message.type} needs a stream")
        found = self._readings.get(stream)
        if found is None:
            found = self._readings[stream] = Reading(self._layer, stream, self._stores)
        return found


def _lines(input_: int, check: Callable[[], None]) -> Iterator[bytes]:
    """The lines of a file as they come; the last one may lack its end.

    Raises:
        SettingError: A line is too long.
    """
    rest = b""
    while piece := os.read(input_, _PIECE):
        check()
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if len(rest) > _LONGEST:
            raise SettingError("input", f"has a line of more than {_LONGEST:,} bytes")
    if rest:
        yield rest
