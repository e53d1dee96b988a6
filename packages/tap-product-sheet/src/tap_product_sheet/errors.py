"""What can be wrong with a sheet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell, or a row, that can't be used.

    Attributes:
        line: The row.
        header: The column; empty for the whole row.
        shown: What the cell says.
        words: What is wrong with it, and what to do.
    """

    line: int
    header: str
    shown: str
    words: str

    def __str__(self) -> str:
        """The problem with its place, without the file."""
        where = f"row {self.line}"
        if not self.header:
            return f"{where}: {self.words}"
        return f"{where}, column {self.header}: {self.shown!r} {self.words}"


class RejectedError(Exception):
    """A product can't be used.

    Attributes:
        problems: Why.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems
