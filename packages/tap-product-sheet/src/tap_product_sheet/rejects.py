"""Writes the rows that were rejected as a sheet of the same form, with the reasons."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from tap_product_sheet.cells import Odd
from tap_product_sheet.dialect import REASON

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ecwid_files.tables import Form
    from tap_product_sheet.cells import Cell
    from tap_product_sheet.errors import Problem
    from tap_product_sheet.rows import Row


class Rejects:
    """A sheet of rejected rows. It is there once it has a row.

    Attributes:
        path: The file.
        count: How many rows it has.
    """

    def __init__(
        self,
        folder: Path,
        source: Path,
        form: Form,
        headers: Sequence[str],
        *,
        taken: Collection[Path] = (),
    ) -> None:
        """Write nothing yet; an earlier run's file is deleted.

        Args:
            folder: The folder to write to.
            source: The sheet that the rows are from.
            form: How it is written.
            headers: Its headers.
            taken: Files of other sheets, which may have the same name in another folder.
        """
        named = (f"{source.stem}-{n}{source.suffix}" for n in itertools.count(2))
        names = (folder / name for name in itertools.chain([source.name], named))
        self.path = next(path for path in names if path not in taken)
        self.count = 0
        if self.path.resolve() == source.resolve():
            self.path = folder / f"{source.stem}.rejected{source.suffix}"
        self._form = form
        kept = [place for place, header in enumerate(headers) if header.casefold() != REASON]
        self._places = kept
        self._width = len(headers)
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
        other = f"with row {problems[0].line}"
        if not self.count:
            self._begin()
        for row in rows:
            self._write(row, "; ".join(reasons.get(row.line, [other])))
        self.count += len(rows)

    def _begin(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The header stands in the row that header_row may name.
        above: list[list[str]] = [[] for _ in range(1, self._form.begins)]
        rows = [*above, [*self._headers, REASON]]
        if self._form.excel:
            self._book = Workbook(write_only=True)
            self._book.create_sheet(self._form.worksheet)
            for row in rows:
                self._book.worksheets[0].append(row)
        else:
            # Only a reason can have letters that the sheet's encoding lacks.
            self._file = self.path.open(
                "w", encoding=self._form.encoding, errors="replace", newline=""
            )
            csv.writer(self._file, delimiter=self._form.separator).writerows(rows)

    def _write(self, row: Row, reason: str) -> None:
        cells = [*(row.cells[n] for n in self._places), reason, *row.cells[self._width :]]
        if self._book is not None:
            sheet = self._book.worksheets[0]
            sheet.append([_excel_cell(sheet, cell) for cell in cells])
        elif self._file is not None:
            csv.writer(self._file, delimiter=self._form.separator).writerow(cells)

    def close(self) -> None:
        """Put the file onto the disk."""
        if self._book is not None:
            self._book.save(self.path)
        if self._file is not None:
            self._file.close()


def _excel_cell(sheet: Any, cell: Cell) -> Any:  # noqa: ANN401 - openpyxl has no types
    """A cell as Excel had it: what can't be used must not be text that can."""
    if isinstance(cell, Odd):
        if not cell.problem:
            with suppress(ValueError):
                return dt.datetime.fromisoformat(cell.shown)
        cell = cell.shown or "#N/A"
    found = WriteOnlyCell(sheet, cell)
    if isinstance(cell, str) and cell != "#N/A":
        # Otherwise a text that begins with = would be a formula.
        found.data_type = "s"
    return found
