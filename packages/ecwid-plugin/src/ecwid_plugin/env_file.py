"""Sets variables in a file ``.env`` and leaves the rest of it as it is."""

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
        """Name the file; nothing is read or written yet.

        Args:
            path: The file's path. If it is a link, its target is written.
        """
        self.path = path
        self._real = path.resolve()

    def check(self) -> None:
        """Check that it can be written, before there is a token to store.

        Raises:
            SettingError: It can't be written.
        """
        folder = self._real.parent
        if self._real.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise SettingError("--env-file", f"{self.path} can't be written: choose another")
        self._text()

    def set(self, variables: Mapping[str, str]) -> None:
        """Set variables. The file is replaced atomically; only its owner can read it.

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
            # newline="" keeps the line ends.
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
    """The text with these variables, in their old places or at the end."""
    left = dict(variables)
    newline = "\r\n" if "\r\n" in text else "\n"
    parts: list[str] = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        original = binding.original.string
        if binding.key not in variables:
            parts.append(original)
            continue
        # Of a variable that is set twice, one line is left.
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
