"""Finds the files that a path or a pattern names."""

from __future__ import annotations

from pathlib import Path


def files_of(pattern: str) -> list[Path]:
    """The files that fit a pattern, in order. A path without ``*``, ``?`` or ``[`` is itself.

    Args:
        pattern: The path or the pattern. A file of that very name goes before the pattern.
    """
    path = Path(pattern).expanduser()
    if path.is_file() or not any(mark in str(path) for mark in "*?["):
        return [path]
    root = Path(path.anchor or ".")
    return sorted(one for one in root.glob(str(path.relative_to(path.anchor))) if one.is_file())
