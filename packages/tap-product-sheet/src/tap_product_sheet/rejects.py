"""Writes the rows that were rejected as a sheet of the same form, with the reasons."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING, Any

from openpyxl import Workbook

from tap_product_sheet.cells import Odd
from tap_product_sheet.dialect import REASON

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ecwid_files.tables import Form
    from tap_product_sheet.errors import Problem
    from tap_product_sheet.rows import Row


class Rejects:
    """A sheet of rejected rows. It is there once it has a row.

    Attributes:
        path: The file.
        count: How many rows it has.
    """

    def __init__(self, folder: Path, source: Path, form: Form, headers: Sequence[str]) -> None:
        """Write nothing yet; an earlier run's file is deleted.

        Args:
            folder: The folder to write to.
            source: The sheet that the rows are from.
            form: How it is written.
            headers: Its headers.
        """
        self.path = folder / source.name
        self.count = 0
        if self.path.resolve() == source.resolve():
            self.path = folder / f"{source.stem}.rejected{source.suffix}"
        self._form = form
        kept = [place for place, header in enumerate(headers) if header.casefold() != REASON]
        self._places = kept
        self._headers = [headers[place] for place in kept]
        self._file: IO[str] | None = None
        self._book: Workbook | None = None
        self.path.unlink(missing_ok=True)

    def add(self, rows: Sequence[Row], problems: Sequence[Problem]) -> None:
        """Write the rows of a product, each with what is wrong with it."""
        reasons: dict[int, list[str]] = {}
        for one in problems:
            reasons.setdefault(one.line, []).append(str(one))
        # The rows of a product belong together, also those with nothing wrong.
        other = f"with row {problems[0].line}" if problems else ""
        if not self.count:
            self._begin()
        for row in rows:
            self._write(row, "; ".join(reasons.get(row.line, [other])))
        self.count += len(rows)

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        header = [*self._headers, REASON]
        if self._form.excel:
            self._book = Workbook(write_only=True)
            self._book.create_sheet(self._form.worksheet).append(header)
        else:
            self._file = self.path.open("w", encoding=self._form.encoding, newline="")
            csv.writer(self._file, delimiter=self._form.separator).writerow(header)

    def _write(self, row: Row, reason: str) -> None:
        width = len(row.cells)
        cells = [_plain(row.cells[n]) if n < width else None for n in self._places]
        if self._book is not None:
            self._book.worksheets[0].append([*cells, reason])
        elif self._file is not None:
            if self._form.encoding == "windows-1252":
                reason = reason.encode("cp1252", "replace").decode("cp1252")
            csv.writer(self._file, delimiter=self._form.separator).writerow([*cells, reason])

    def close(self) -> None:
        """Put the file onto the disk."""
        if self._book is not None:
            self._book.save(self.path)
        if self._file is not None:
            self._file.close()


def _plain(cell: Any) -> Any:  # noqa: ANN401 - any cell
    return cell.shown if isinstance(cell, Odd) else cell


def counted(counts: Mapping[str, int]) -> str:
    """Streams and how many records they have, as a sentence has them."""
    return ", ".join(f"{count} {stream.replace('_', ' ')}" for stream, count in counts.items())
