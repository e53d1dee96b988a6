"""Reads Excel workbooks: what Excel shows, and which cells have no value that can be used."""

from __future__ import annotations

import re
import warnings
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zipfile import BadZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.exceptions import InvalidFileException

from ecwid_files.rows import Broken, Row, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OLE: Final = b"\xd0\xcf\x11\xe0"
# What zipfile, zlib, XML and openpyxl raise if a file is damaged or isn't Excel's.
_DAMAGED: Final = (
    *(BadZipFile, EOFError, InvalidFileException, zlib.error),
    *(KeyError, SyntaxError, TypeError, ValueError),
)
_PIECE: Final = 1 << 20
_MERGED: Final = re.compile(rb'<mergeCell [^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
# A formula without a value: a program wrote it, and Excel hasn't computed it since.
_UNCOMPUTED: Final = re.compile(
    rb'<c (?![^>]*t="str")[^>]*?r="([A-Z]+\d+)"[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_LONGEST_CELL: Final = 1 << 16
_NEVER_COMPUTED: Final = "a formula that was never computed: open and save the file in Excel"


class Worksheet:
    """A sheet of a workbook.

    Attributes:
        path: The file.
        title: The sheet's name.
        others: The names of the workbook's other sheets.
    """

    def __init__(self, path: Path, title: str | None) -> None:
        """Choose the sheet.

        Args:
            path: The file.
            title: The sheet's name; None for the first that isn't hidden.

        Raises:
            UnreadableError: It isn't a workbook, or has no such sheet.
            OSError: The file can't be read.
        """
        self.path = path
        with self._open() as reader:
            names = reader.wb.sheetnames
            if not names:
                raise UnreadableError(path, "it isn't an Excel Workbook: save it as one, .xlsx")
            if title is not None and title not in names:
                there = f"it has no worksheet {title!r}, but {', '.join(names)}"
                raise UnreadableError(path, there)
            shown = (one.title for one in reader.wb.worksheets if one.sheet_state == "visible")
            self.title = title or next(shown, names[0])
            self.others = tuple(name for name in names if name != self.title)

    @contextmanager
    def _open(self) -> Iterator[ExcelReader]:
        try:
            with warnings.catch_warnings():
                # They are about styles and the like, which aren't read here.
                warnings.simplefilter("ignore", UserWarning)
                reader = _ExcelReader(self.path, read_only=True, data_only=True)
                reader.read()
            try:
                yield reader
            finally:
                reader.wb.close()
        except _DAMAGED as error:
            with self.path.open("rb") as file:
                old = file.read(len(_OLE)) == _OLE
            raise UnreadableError(
                self.path,
                "it has a password, or the form of Excel 97: save it as .xlsx without a password"
                if old
                else f"it isn't an Excel file, or is damaged: {error}. Save it again as .xlsx",
            ) from None

    def rows(self) -> Iterator[Row]:
        """Its rows, without empty cells at their ends.

        Raises:
            UnreadableError: The file is damaged.
            OSError: It can't be read.
        """
        with self._open() as reader:
            sheet = reader.wb[self.title]
            # Some programs write a wrong size of the sheet.
            sheet.reset_dimensions()
            uncomputed, merged = self._odd_cells(reader)
            here: list[_Area] = []
            for number, cells in enumerate(sheet.iter_rows(), 1):
                row = [_value(cell) for cell in cells]
                for column in uncomputed.get(number, ()):
                    row += [None] * (column - len(row))
                    row[column - 1] = Broken("", _NEVER_COMPUTED)
                while merged and merged[-1].top <= number:
                    here.append(merged.pop())
                here = [area for area in here if area.bottom >= number]
                for area in here:
                    for place in range(area.left - 1, min(area.right, len(row))):
                        shown = row[place].shown if isinstance(row[place], Broken) else row[place]
                        row[place] = Broken(str(shown or ""), area.problem)
                while row and row[-1] is None:
                    row.pop()
                yield Row(number, row)

    def _odd_cells(self, reader: ExcelReader) -> tuple[dict[int, set[int]], list[_Area]]:
        """Row -> columns with a formula that has no value; and merged cells, from the bottom up."""
        uncomputed: dict[int, set[int]] = {}
        merged: set[bytes] = set()
        sheets = reader.parser.find_sheets()
        target = next(rel.target for one, rel in sheets if one.name == self.title)
        rest = b""
        with reader.archive.open(target) as file:
            while piece := file.read(_PIECE):
                text = rest + piece
                for match in _UNCOMPUTED.finditer(text) if b"<f" in text else ():
                    line, column = coordinate_to_tuple(match[1].decode())
                    uncomputed.setdefault(line, set()).add(column)
                merged.update(match[1] for match in _MERGED.finditer(text))
                rest = text[-_LONGEST_CELL:]
        areas = sorted((_Area.of(one.decode()) for one in merged), reverse=True)
        return uncomputed, areas


class _Area(NamedTuple):
    """Merged cells."""

    top: int
    bottom: int
    left: int
    right: int
    problem: str

    @classmethod
    def of(cls, text: str) -> _Area:
        (top, left), (bottom, right) = map(coordinate_to_tuple, text.split(":"))
        problem = f"in the merged cells {text}: unmerge them and fill each cell"
        return cls(top, bottom, left, right, problem)


class _ExcelReader(ExcelReader):
    """Reads workbooks. Sheets that are charts have no rows, and openpyxl fails on them."""

    def read_chartsheet(self, sheet: object, rel: object) -> None:
        """Leave the chart out."""


def _value(cell: Any) -> Any:  # noqa: ANN401 - openpyxl's cells have no common type
    """A cell's value: with the zeros that its format 00000 puts before it, as Excel shows it."""
    value = cell.value
    if cell.data_type == "e":
        return Broken(str(value), "an error")
    if isinstance(value, int | float) and (zeros := cell.number_format).startswith("00"):
        whole = not zeros.strip("0") and value >= 0 and value == int(value)
        return f"{int(value):0{len(zeros)}}" if whole else value
    return value
