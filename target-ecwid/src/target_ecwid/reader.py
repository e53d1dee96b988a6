"""Reads Singer messages: fast, with plain numbers, and looking out for signals in between."""

from __future__ import annotations

import codecs
import os
import select
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec
from singer_sdk.singerlib.encoding import GenericSingerReader

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

_PIECE: Final = 1 << 18
_LOOK: Final = 0.25


class UnreadableError(Exception):
    """A line of the input can't be read; the text says why."""


def _refuse(number: int, problem: str) -> None:
    raise SettingError("input", f"has line {number}, which {problem}")


class MessageReader(GenericSingerReader[str]):
    """Reads messages from standard in, or from a file.

    Attributes:
        check: Called between lines and while waiting for one; raises if the run must end.
        unreadable: Takes a line's number and what is wrong with it; raises if that ends the run.
    """

    default_input = sys.stdin
    _decode = staticmethod(msgspec.json.Decoder(dict[str, Any]).decode)

    def __init__(self) -> None:
        super().__init__()
        self.check: Callable[[], None] = lambda: None
        self.unreadable: Callable[[int, str], None] = _refuse

    def deserialize_json(self, line: str | bytes) -> dict[str, Any]:
        """A line's message.

        Raises:
            UnreadableError: The line is no message.
        """
        try:
            return self._decode(line)
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise UnreadableError(
                f"isn't UTF-8: byte {byte:#04x}. Convert the source's encoding to UTF-8"
            ) from None
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
            raise UnreadableError(f"is no Singer message: {error}") from None

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
            SettingError: A message is of no known type.
        """
        counts: Counter[str] = Counter()
        by_type = {str(getattr(name, "value", name)): call for name, call in callbacks.items()}
        lines: Iterable[str | bytes] = self._lines() if file_input is None else file_input
        for number, line in enumerate(lines, start=1):
            self.check()
            if number == 1 and isinstance(line, bytes):
                line = line.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901 - a mark, no text
            if not line.strip():
                continue
            try:
                message = self.deserialize_json(line)
            except UnreadableError as error:
                self.unreadable(number, str(error))
                continue
            kind = message.get("type")
            call = by_type.get(kind) if isinstance(kind, str) else None
            if call is None:
                raise SettingError("input", f"has a message of the unknown type {kind!r}")
            call(message)
            counts[str(kind)] += 1
        return counts

    def _lines(self) -> Iterator[bytes]:
        """Lines of standard in; a signal need not wait for the next one."""
        descriptor = sys.stdin.fileno()
        rest = b""
        while True:
            self.check()
            ready, _, _ = select.select([descriptor], [], [], _LOOK)
            if not ready:
                continue
            piece = os.read(descriptor, _PIECE)
            if not piece:
                break
            first, newline, more = piece.partition(b"\n")
            if not newline:
                rest += piece
                continue
            yield rest + first
            *whole, rest = more.split(b"\n")
            yield from whole
        if rest:
            yield rest
