"""The page's file."""

from __future__ import annotations

import os
import secrets
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Final

from ecwid_dashboard.errors import DashboardError

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES: Final = 1 << 28
"""A larger file is no page."""


def content_of(path: Path) -> bytes:
    """What a page's file has; nothing if it isn't there, can't be read, or is too large for a page.

    Raises:
        DashboardError: It is a device or a pipe, which a page must not replace.
    """
    try:
        known = path.stat()
        if S_ISREG(known.st_mode):
            return path.read_bytes() if known.st_size <= _MOST_BYTES else b""
    except OSError:
        return b""
    if S_ISDIR(known.st_mode):
        return b""
    raise DashboardError(f"--output: {path} is a device or a pipe: choose a file")


def replace_file(path: Path, text: str) -> None:
    """Write a file in one step: a reader sees the old one or the new one.

    Args:
        path: The file; folders that aren't there are made.
        text: What is in it then.

    Raises:
        DashboardError: It can't be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DashboardError(
            f"--output: {path} can't be written ({error.strerror}): choose another"
        ) from None
