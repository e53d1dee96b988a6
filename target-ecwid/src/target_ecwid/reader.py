"""Reads Singer messages: fast, with plain numbers, and looking out for signals in between.

A line that can't be read is the fault of a record: the run decides whether it goes on. A message
that lacks what its type needs ends the run. Either way, the error has the line's number.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import select
import sqlite3
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec
from singer_sdk.singerlib.encoding import GenericSingerReader

from ecwid_api.errors import EcwidError, SettingError
from ecwid_api.http_settings import MIB
from ecwid_api.json_shape import BYTES_A_VALUE, ShapeError, check_shape
from ecwid_api.secret_texts import line as one_line
from ecwid_plugin.command import Interrupted
from ecwid_plugin.sinks import ReaderGoneError
from target_ecwid.settings import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import IO

_PIECE: Final = 1 << 18
_LOOK: Final = 0.25
_SHOWN: Final = 60
_HALF_CHARACTER: Final = re.compile(rb"\\u[dD][89a-fA-F]")

_WORDS: Final[Mapping[type, str]] = {str: "a text", dict: "an object"}
_NEEDED: Final[Mapping[str, Mapping[str, type]]] = {
    "SCHEMA": {"stream": str, "schema": dict},
    "RECORD": {"stream": str, "record": dict},
    "STATE": {"value": object},
    "ACTIVATE_VERSION": {"stream": str},
    "BATCH": {},
}
"""Message type -> what a message of it must have."""


_NO_NUMBER: Final = re.compile(
    rb'"([^"\\]{1,80})"\s*:\s*(-?NaN|-?Infinity|-?\d[\d.]*[eE]\+?\d{3,})\s*[,}\]]'
)


class UnreadableError(Exception):
    """A line of the input can't be read; the text says why."""


def _refuse(number: int, problem: str) -> None:
    raise SettingError("input", f"has line {number}, which {problem}")


class MessageReader(GenericSingerReader[str]):
    """Reads messages from standard in, or from a file.

    Attributes:
        check: Called between lines and while waiting for one; raises if the run must end.
        unreadable: Takes a line's number and what is wrong with it; raises if that ends the run.
        longest: Bytes that a line may have.
        number: The number of the line that is handled, from 1.
    """

    default_input = sys.stdin
    _decode = staticmethod(msgspec.json.Decoder(dict[str, Any]).decode)

    def __init__(self) -> None:
        super().__init__()
        self.check: Callable[[], None] = lambda: None
        self.unreadable: Callable[[int, str], None] = _refuse
        self.longest = LONGEST_LINE * MIB
        self.number = 0

    def deserialize_json(self, line: str | bytes) -> dict[str, Any]:
        """A line's message.

        Raises:
            UnreadableError: The line is no message.
        """
        try:
            content = line.encode() if isinstance(line, str) else line
            check_shape(content, most_values=self.longest // BYTES_A_VALUE)
            return self._decode(content)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise UnreadableError(
                f"isn't UTF-8: byte {byte:#04x}. Convert the source's encoding to UTF-8"
            ) from None
        except ShapeError as error:
            raise UnreadableError(str(error)) from None
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
            no_number = _NO_NUMBER.search(content)
            if no_number is not None:
                name, value = (part.decode("utf-8", "replace") for part in no_number.groups())
                raise UnreadableError(f"has {name} {value}, which is no number") from None
            half = " (half a character?)" if _HALF_CHARACTER.search(content) else ""
            raise UnreadableError(f"is no Singer message: {error}{half}") from None

    def process_lines(
        self,
        file_input: IO[str] | None,
        callbacks: dict[str, Callable[[dict[str, Any]], None]],
    ) -> Counter[str]:
        """Handle all messages.

        Args:
            file_input: Where they are; None for standard in.
            callbacks: Message type -> who handles it.

        Returns:
            How many there were of each type.

        Raises:
            SettingError: A message is of no known type, or lacks something.
        """
        counts: Counter[str] = Counter()
        by_type = {str(getattr(name, "value", name)): call for name, call in callbacks.items()}
        for number, line in enumerate(self._lines(file_input), start=1):
            self.check()
            self.number = number
            if line is None:
                continue
            try:
                message = self.deserialize_json(line)
            except UnreadableError as error:
                self.unreadable(number, str(error))
                continue
            kind = self._kind(message)
            self._handle(kind, by_type[kind], message)
            counts[kind] += 1
        return counts

    def _kind(self, message: Mapping[str, Any]) -> str:
        """A message's type, once it has all that the type needs.

        Raises:
            SettingError: It is of no known type, or lacks something.
        """
        kind = message.get("type")
        needed = _NEEDED.get(kind) if isinstance(kind, str) else None
        if needed is None:
            shown = one_line(repr(kind))
            raise self._fault(f"is a message of the unknown type {shown}")
        for name, wanted in needed.items():
            if name not in message:
                raise self._fault(f"is a {kind} message without {name!r}")
            if not isinstance(message[name], wanted):
                raise self._fault(
                    f"is a {kind} message whose {name!r} is not {_WORDS[wanted]}: "
                    f"{one_line(repr(message[name])[:_SHOWN])}"
                )
        keys = message.get("key_properties")
        if kind == "SCHEMA" and not (
            keys is None or (isinstance(keys, list) and all(isinstance(k, str) for k in keys))
        ):
            raise self._fault("is a SCHEMA message whose 'key_properties' is not a list of texts")
        return str(kind)

    def _handle(
        self, kind: str, call: Callable[[dict[str, Any]], None], message: dict[str, Any]
    ) -> None:
        """Have a message handled; what it breaks is its own fault.

        Raises:
            SettingError: It can't be used.
        """
        try:
            call(message)
        except (EcwidError, Interrupted, ReaderGoneError, OSError, sqlite3.Error):
            raise
        except Exception as error:
            if kind == "RECORD":
                # Whatever is wrong with a record is a rejection: this is a defect.
                raise
            problem = one_line(f"{type(error).__name__}: {error}")
            raise self._fault(f"is a {kind} message that can't be used ({problem})") from error

    def _fault(self, problem: str) -> SettingError:
        return SettingError("input", f"has line {self.number}, which {problem}: check the source")

    def _lines(self, file_input: IO[str] | None) -> Iterator[bytes | None]:
        """Lines without their ends; None for one that is empty, or was too long and is reported."""
        stream = sys.stdin if file_input is None else file_input
        number = 0
        for number, line in enumerate(self._split(_pieces(stream, self.check)), start=1):
            if line is None:
                self.unreadable(
                    number,
                    f"is longer than {self.longest:,} bytes: raise max_line_size if that is meant",
                )
                yield None
                continue
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901 - a mark, no text
            yield line if line.strip() else None

    def _split(self, pieces: Iterable[bytes]) -> Iterator[bytes | None]:
        """Lines of what comes in pieces; None for one that is too long, as soon as it is."""
        kept: list[bytes] = []
        size = 0
        for piece in pieces:
            *ended, rest = piece.split(b"\n")
            for end in ended:
                if size + len(end) <= self.longest:
                    yield b"".join([*kept, end])
                elif size <= self.longest:
                    yield None
                kept, size = [], 0
            before, size = size, size + len(rest)
            if size <= self.longest:
                kept.append(rest)
            else:
                kept = []
                if before <= self.longest:
                    yield None
        if size and size <= self.longest:
            yield b"".join(kept)


def _pieces(stream: IO[str] | None, check: Callable[[], None]) -> Iterator[bytes]:
    """What a stream has, as it comes; a signal need not wait for the next piece.

    Raises:
        SettingError: There is no stream, or it can't be read.
    """
    if stream is None:
        raise SettingError("input", "is closed: the target reads messages from standard input")
    try:
        descriptor = stream.fileno()
    except (AttributeError, io.UnsupportedOperation):
        for line in stream:
            yield line.encode(errors="surrogatepass")
        return
    try:
        while True:
            check()
            ready, _, _ = select.select([descriptor], [], [], _LOOK)
            if not ready:
                continue
            piece = os.read(descriptor, _PIECE)
            if not piece:
                return
            yield piece
    except OSError as error:
        raise SettingError("input", f"can't be read: {error.strerror}") from None
