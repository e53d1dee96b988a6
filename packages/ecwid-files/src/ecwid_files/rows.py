"""Rows of tables, and what can't be read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class UnreadableError(Exception):
    """A file, or something in it, can't be read."""

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{where}: {problem}. Nothing was loaded")


class Broken(NamedTuple):
    """A cell without a value that can be used.

    Attributes:
        shown: What Excel shows.
        problem: What is wrong with it.
    """

    shown: str
    problem: str


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        line: Its first line in the file, or its number in the sheet.
        cells: Its values.
    """

    line: int
    cells: Sequence[Any]
