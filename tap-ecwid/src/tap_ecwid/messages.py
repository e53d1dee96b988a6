"""Singer messages to standard output: only whole lines, a page of records in one write."""

from __future__ import annotations

import logging
import re
import signal
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerWriter
from singer_sdk.singerlib.encoding.simple import Message, StateMessage

from ecwid_api.secret_texts import KNOWN
from ecwid_plugin.command import OUTPUT, Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterable

LOGGER: Final = logging.getLogger(__name__)

# Numbers that a float would change are Decimals.
EXACT: Final = msgspec.json.Encoder(decimal_format="number")
"""Writes JSON, with all digits of numbers."""
_BITS: Final = 63
_FLOAT_BITS: Final = 1024
_NUL: Final = b"\\u0000"
# A backslash before it would be an escaped one, unless that is escaped too.
_NUL_ESCAPE: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def _within_64_bits(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A value in which larger whole numbers are floats: no warehouse takes them."""
    if isinstance(value, dict):
        return {name: _within_64_bits(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_within_64_bits(inner) for inner in value]
    if isinstance(value, int) and value.bit_length() > _BITS:
        return float(value) if value.bit_length() < _FLOAT_BITS else None
    return value


class MessageWriter(GenericSingerWriter[bytes, Message]):
    """Writes messages to standard output, in the order of the calls."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the SDK's
        super().__init__(*args, **kwargs)
        self._nul_reported: set[str] = set()

    def serialize_message(self, message: Message) -> bytes:
        """A message as one line."""
        if isinstance(message, StateMessage):
            # The SDK copies it first. That of many stores has hundreds of kilobytes.
            return EXACT.encode({"type": "STATE", "value": message.value}) + b"\n"
        return EXACT.encode(message.to_dict()) + b"\n"

    def write_message(self, message: Message) -> None:
        """Write a message and flush it."""
        self._write(KNOWN.hide_bytes(self.serialize_message(message)))

    def write_records(
        self,
        stream: str,
        records: Iterable[dict[str, Any]],
        *,
        version: int | None,
        extracted: str,
    ) -> None:
        """Write the RECORD messages of a page.

        Args:
            stream: Name of the stream.
            records: Its records.
            version: Version of the table that they belong to; None without versions.
            extracted: When they were read, in ISO 8601.
        """
        line: dict[str, Any] = {"type": "RECORD", "stream": stream, "record": None}
        if version is not None:
            line["version"] = version
        line["time_extracted"] = extracted
        lines = bytearray()
        for record in records:
            line["record"] = record
            begin = len(lines)
            try:
                EXACT.encode_into(line, lines, -1)
            except OverflowError:
                del lines[begin:]
                line["record"] = _within_64_bits(record)
                EXACT.encode_into(line, lines, -1)
            lines += b"\n"
        if _NUL in lines:
            lines = bytearray(_NUL_ESCAPE.sub(rb"\1\\ufffd", lines))
            self._report_nul(stream)
        if lines:
            self._write(lines)

    def _report_nul(self, stream: str) -> None:
        if stream not in self._nul_reported:
            self._nul_reported.add(stream)
            LOGGER.warning(
                "%s: NUL characters in texts are replaced by U+FFFD: databases refuse them", stream
            )

    @staticmethod
    def _write(lines: bytes | bytearray) -> None:
        try:
            with OUTPUT:
                sys.stdout.flush()
                sys.stdout.buffer.write(lines)
                sys.stdout.buffer.flush()
        except BrokenPipeError:
            # Python ignores the signal that would end the process; its exit code would be 1.
            raise Interrupted(signal.SIGPIPE) from None


class CollectedRecords(MessageWriter):
    """Keeps records, and writes nothing.

    Attributes:
        records: All records of all streams, in their order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.records: list[dict[str, Any]] = []

    def write_message(self, message: Message) -> None:
        """Write nothing: schemas and states are for a target."""

    def write_records(
        self, stream: str, records: Iterable[dict[str, Any]], **about: object
    ) -> None:
        """Keep the records of a page."""
        del stream, about
        self.records += records
