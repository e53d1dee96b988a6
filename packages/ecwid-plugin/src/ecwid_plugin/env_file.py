"""A file ``.env``: variables are set in it, all else stays as it is."""

from __future__ import annotations

import io
import os
import re
import secrets
from typing import TYPE_CHECKING, Final

from dotenv.parser import parse_stream

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PLAIN: Final = re.compile(r"[A-Za-z0-9_./:@+-]+")
_FOR_ME_ALONE: Final = 0o600


class EnvFile:
    """A file of variables as Meltano reads it (python-dotenv's format)."""

    def __init__(self, path: Path) -> None:
        """Nothing is read or written yet.

        Args:
            path: Of the file. Where it is a link, what it points to is written.
        """
        self.path = path
        self._real = path.resolve()

    def check(self) -> None:
        """Look whether it can be written, before something is got that has to be kept.

        Raises:
            SettingError: It can't.
        """
        folder = self._real.parent
        if self._real.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise SettingError("--env-file", f"{self.path} can't be written: choose another")
        self._text()

    def set(self, variables: Mapping[str, str]) -> None:
        """Set variables; the file is replaced in one step, and readable for its owner alone.

        Args:
            variables: Values by name.

        Raises:
            SettingError: It can't be written.
        """
        content = _changed(self._text(), variables).encode()
        draft = self._real.with_name(f"{self._real.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FOR_ME_ALONE)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(self._real)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise SettingError(
                "--env-file", f"{self.path} can't be written: {error.strerror}"
            ) from None

    def _text(self) -> str:
        try:
            # Line ends stay as they are.
            with self._real.open(encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise SettingError(
                "--env-file", f"{self.path} can't be read: {error.strerror}"
            ) from None
        except UnicodeDecodeError:
            raise SettingError("--env-file", f"{self.path} is not UTF-8 text") from None


def _changed(text: str, variables: Mapping[str, str]) -> str:
    """The text with these variables: where they stood, or at its end."""
    left = dict(variables)
    newline = "\r\n" if "\r\n" in text else "\n"
    parts: list[str] = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        original = binding.original.string
        if binding.key not in variables:
            parts.append(original)
            continue
        # What comes twice counts the last time: one line is left.
        if binding.key in left:
            before = original[: len(original) - len(original.lstrip())]
            parts.append(f"{before}{_line(binding.key, left.pop(binding.key))}{newline}")
    if left and parts and not parts[-1].endswith(("\n", "\r")):
        parts.append(newline)
    parts += [f"{_line(name, value)}{newline}" for name, value in left.items()]
    return "".join(parts)


def _line(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"
