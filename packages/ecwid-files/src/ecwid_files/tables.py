"""Opens tables: CSV and Excel, row by row, with encoding and separator as given or recognised."""

from __future__ import annotations

import codecs
import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zipfile import BadZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.exceptions import InvalidFileException

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_BOMS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ZIP: Final = b"PK\x03\x04"
_SEPARATORS: Final = ",;\t|"
_SAMPLE: Final = 50
_PIECE: Final = 1 << 20
_FIELD_LIMIT: Final = 10_000_000
# Excel's own first line of a CSV file.
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*')

_MERGED: Final = re.compile(rb'<mergeCell [^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
# A formula without a value: a program wrote it, and nobody has opened the file in Excel since.
_UNCOMPUTED: Final = re.compile(
    rb'<c (?![^>]*t="str")[^>]*?r="([A-Z]+\d+)"[^>]*>\s*<f(?:[^>]*/>|[^>]*>[^<]*</f>)\s*'
    rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_LONGEST_CELL: Final = 1 << 16
_NEVER_COMPUTED: Final = "a formula that was never computed: open and save the file in Excel"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a table is written.

    Attributes:
        excel: Whether it is an Excel file; CSV otherwise.
        encoding: The encoding (CSV).
        separator: What separates columns (CSV).
        begins: The line of the file on which it begins (CSV).
        worksheet: The sheet's name (Excel).
    """

    excel: bool = False
    encoding: str = ""
    separator: str = ""
    begins: int = 1
    worksheet: str = ""

    def __str__(self) -> str:
        """The form, for people."""
        if self.excel:
            return f"Excel, worksheet {self.worksheet}"
        named = "tab" if self.separator == "\t" else self.separator
        return f"CSV, {self.encoding.removesuffix('-sig')}, separated by {named}"


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        line: Its first line in the file, or its number in the sheet.
        cells: Its values.
    """

    line: int
    cells: Sequence[Any]


class Table:
    """A table of a file.

    Attributes:
        path: The file.
        form: How it is written.
    """

    def __init__(
        self,
        path: Path,
        *,
        excel: bool,
        encoding: str | None = None,
        separator: str | None = None,
        worksheet: str | None = None,
    ) -> None:
        """Look how the table is written.

        Args:
            path: The file.
            excel: Whether it is an Excel file.
            encoding: The encoding; None to recognise it.
            separator: What separates the columns; None to recognise it.
            worksheet: The sheet's name; None for the first.

        Raises:
            UnreadableError: The file can't be read.
            OSError: Likewise.
        """
        self.path = path
        if excel:
            _, title = self._sheet(worksheet)
            self.form = Form(excel=True, worksheet=title)
        else:
            self.form = self._csv_form(encoding, separator)

    def rows(self) -> Iterator[Row]:
        """The rows, the header among them. Lines without a value don't count.

        Raises:
            UnreadableError: The file, or a line of it, can't be read.
            OSError: Likewise.
        """
        rows = self._excel_rows() if self.form.excel else self._csv_rows()
        return (row for row in rows if any(value not in (None, "") for value in row.cells))

    # CSV.

    def _csv_form(self, encoding: str | None, separator: str | None) -> Form:
        chosen = encoding or self._encoding()
        if chosen.lower() in {"utf-8", "utf8"}:
            chosen = "utf-8-sig"
        form = Form(encoding=chosen, separator=separator or ",")
        marked = _SEPARATOR_LINE.fullmatch(self._first_line(chosen))
        if marked is not None:
            return Form(encoding=chosen, separator=separator or marked[1], begins=2)
        return form if separator else Form(encoding=chosen, separator=self._separator(chosen))

    def _encoding(self) -> str:
        """UTF-8 where the whole file is; otherwise what its first bytes say, or Windows-1252."""
        with self.path.open("rb") as file:
            piece = file.read(_PIECE)
            if piece.startswith(_ZIP):
                raise UnreadableError(self.path, "it is an Excel file: name it .xlsx")
            marked = next((name for bom, name in _BOMS.items() if piece.startswith(bom)), None)
            if marked is not None:
                return marked
            zeros = (piece[0:_LONGEST_CELL:2].count(0), piece[1:_LONGEST_CELL:2].count(0))
            if any(zeros):
                return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
            decoder = codecs.getincrementaldecoder("utf-8")()
            try:
                while piece:
                    decoder.decode(piece)
                    piece = file.read(_PIECE)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return self._encoding_of_a_byte()
        return "utf-8"

    def _encoding_of_a_byte(self) -> str:
        """Windows-1252, unless the file looks like UTF-8 that is broken somewhere.

        Read as Windows-1252, all of its other letters would come out wrong.
        """
        good = bad = first = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                letters = [c for c in line.decode("utf-8", "replace") if not c.isascii()]
                wrong = letters.count("\ufffd")
                good, bad = good + len(letters) - wrong, bad + wrong
                first = first or (number if wrong else 0)
        if good >= bad:
            raise UnreadableError(
                self.path, "a letter isn't UTF-8, as most are: correct it, or set encoding", first
            )
        return "windows-1252"

    def _first_line(self, encoding: str) -> str:
        try:
            with self.path.open(encoding=encoding, newline="") as file:
                return file.readline(_LONGEST_CELL)
        except LookupError:
            raise UnreadableError(self.path, f"there is no encoding {encoding!r}") from None
        except UnicodeError as error:
            raise self._wrong_encoding(encoding, error) from None

    def _separator(self, encoding: str) -> str:
        """The separator that cuts most of the first lines into as many cells as the header has."""
        found: dict[str, tuple[int, int]] = {}
        for separator in _SEPARATORS:
            widths = self._widths(Form(encoding=encoding, separator=separator))
            if widths and widths[0] > 1:
                found[separator] = (widths.count(widths[0]), widths[0])
        best = max(found.values(), default=None)
        several = [separator for separator, score in found.items() if score == best]
        if len(several) > 1:
            shown = " or ".join(map(repr, several))
            raise UnreadableError(self.path, f"{shown} may separate its columns: set delimiter")
        return several[0] if several else ","

    def _widths(self, form: Form) -> list[int]:
        found: list[int] = []
        try:
            for row in self._lines(form):
                if any(row.cells):
                    found.append(len(row.cells))
                if len(found) == _SAMPLE:
                    break
        except UnreadableError:
            # With another separator, its quotes stand elsewhere; or the rows say what is wrong.
            return found
        return found

    def _csv_rows(self) -> Iterator[Row]:
        return self._lines(self.form)

    def _lines(self, form: Form) -> Iterator[Row]:
        csv.field_size_limit(_FIELD_LIMIT)
        try:
            with self.path.open(encoding=form.encoding, newline="") as file:
                for _ in range(1, form.begins):
                    file.readline()
                reader = csv.reader(file, delimiter=form.separator, strict=True)
                while True:
                    line = reader.line_num + form.begins
                    try:
                        cells = next(reader)
                    except StopIteration:
                        return
                    except csv.Error as error:
                        raise UnreadableError(self.path, f"it isn't CSV: {error}", line) from None
                    yield Row(line, cells)
        except UnicodeError as error:
            raise self._wrong_encoding(form.encoding, error) from None

    def _wrong_encoding(self, encoding: str, error: UnicodeError) -> UnreadableError:
        name = encoding.removesuffix("-sig")
        return UnreadableError(self.path, f"it isn't {name}: {error}; set encoding")

    # Excel.

    def _sheet(self, worksheet: str | None) -> tuple[ExcelReader, str]:
        try:
            reader = ExcelReader(self.path, read_only=True, data_only=True)
            reader.read()
        except (BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError) as error:
            raise UnreadableError(self.path, f"it isn't an Excel file: {error}") from None
        names = reader.wb.sheetnames
        if worksheet is not None and worksheet not in names:
            raise UnreadableError(
                self.path, f"it has no worksheet {worksheet!r}, but {', '.join(names)}"
            )
        return reader, worksheet or names[0]

    def _excel_rows(self) -> Iterator[Row]:
        reader, title = self._sheet(self.form.worksheet)
        sheet = reader.wb[title]
        # Some programs write a wrong size of the sheet.
        sheet.reset_dimensions()
        uncomputed, merged = self._odd_cells(reader, title)
        here: list[_Area] = []
        try:
            for number, cells in enumerate(sheet.iter_rows(), 1):
                row = [_value(cell) for cell in cells]
                for column in uncomputed.get(number, ()):
                    row += [None] * (column - len(row))
                    row[column - 1] = Broken("", _NEVER_COMPUTED)
                while merged and merged[-1].top <= number:
                    here.append(merged.pop())
                here = [area for area in here if area.bottom >= number]
                for area in here:
                    for column in range(area.left, min(area.right, len(row)) + 1):
                        row[column - 1] = Broken("", area.problem)
                while row and row[-1] is None:
                    row.pop()
                yield Row(number, row)
        finally:
            reader.wb.close()

    def _odd_cells(
        self, reader: ExcelReader, title: str
    ) -> tuple[dict[int, set[int]], list[_Area]]:
        """Row -> columns with a formula that has no value; and merged cells, from the bottom up."""
        uncomputed: dict[int, set[int]] = {}
        merged: set[bytes] = set()
        target = next(rel.target for one, rel in reader.parser.find_sheets() if one.name == title)
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


def _value(cell: Any) -> Any:  # noqa: ANN401 - openpyxl's cells have no common type
    return Broken(str(cell.value), "an error") if cell.data_type == "e" else cell.value
