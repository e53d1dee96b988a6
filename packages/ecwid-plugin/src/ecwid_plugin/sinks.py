"""Where text leaves the process: standard output and error, and the log. No secret leaves there.

What else is written (files of outcomes, the request log) hides secrets with the same ``KNOWN``.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING, Any, cast

from ecwid_api.secret_texts import KNOWN, passwords_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO


class ReaderGoneError(Exception):
    """Whoever read the output has gone. It is no ``OSError``: click would end with exit code 1."""


class _HidingStream:
    """A text stream that hides secrets; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - of any stream
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write a text without secrets."""
        try:
            self._stream.write(KNOWN.hide(text))
        except BrokenPipeError:
            raise ReaderGoneError from None
        return len(text)

    def flush(self) -> None:
        """Write what is left."""
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise ReaderGoneError from None

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts without secrets."""
        for line in lines:
            self.write(line)


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401 - as logging calls it
    """A line of the log without secrets, whichever handlers there are."""
    record = logging.LogRecord(*args, **kwargs)
    text = record.getMessage()
    shown = KNOWN.hide(text)
    if shown != text:
        record.msg, record.args = shown, None
    if record.exc_info:
        trace = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        shown = KNOWN.hide(trace)
        if shown != trace:
            record.exc_info, record.exc_text = None, shown
    return record


def hide_secrets() -> None:
    """From now on, no known secret leaves through standard output, standard error or the log."""
    if not isinstance(sys.stderr, _HidingStream):
        sys.stdout = cast("TextIO", _HidingStream(sys.stdout))
        sys.stderr = cast("TextIO", _HidingStream(sys.stderr))
    logging.setLogRecordFactory(_record)


def know_secrets(config: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Note the secrets of a configuration.

    Args:
        config: The settings.
        schema: Their JSON schema, which says what is secret.
    """
    KNOWN.add(*_secrets(config, schema))


def _secrets(config: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    for name, described in schema.get("properties", {}).items():
        value = config.get(name)
        if described.get("secret"):
            yield from _texts(value)
        if isinstance(value, str):
            yield from passwords_in(value)
        elif isinstance(value, list) and isinstance(described.get("items"), dict):
            for one in value:
                if isinstance(one, dict):
                    yield from _secrets(one, described["items"])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)
