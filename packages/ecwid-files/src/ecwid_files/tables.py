"""Opens tables: CSV and Excel, row by row, with encoding and separator as given or recognised."""

from __future__ import annotations

import codecs
import csv
import functools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TextIO

from ecwid_files.excel import Worksheet
from ecwid_files.rows import Row, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BOMS: Final = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ZIP: Final = b"PK\x03\x04"
_SEPARATORS: Final = ",;\t|"
_SAMPLE: Final = 50
_BLANKS: Final = b" " * 128 + bytes(range(128, 256))
_PIECE: Final = 1 << 20
_FIELD_LIMIT: Final = 10_000_000
# Excel's own first line of a CSV file.
_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*')


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a table is written.

    Attributes:
        excel: Whether it is an Excel file; CSV otherwise.
        encoding: The encoding (CSV).
        separator: What separates columns (CSV).
        begins: The line of the file on which it begins.
        worksheet: The sheet's name (Excel).
        others: The names of the file's other sheets (Excel).
    """

    excel: bool = False
    encoding: str = ""
    separator: str = ""
    begins: int = 1
    worksheet: str = ""
    others: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The form, for people."""
        if self.excel:
            others = f" (not read: {', '.join(self.others)})" if self.others else ""
            return f"Excel, worksheet {self.worksheet}{others}"
        named = "tab" if self.separator == "\t" else self.separator
        return f"CSV, {self.encoding.removesuffix('-sig')}, separated by {named}"


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
        begins: int = 1,
    ) -> None:
        """Find out how the table is written.

        Args:
            path: The file.
            excel: Whether it is an Excel file.
            encoding: The encoding; None to recognise it.
            separator: What separates the columns; None to recognise it.
            worksheet: The sheet's name; None for the first that isn't hidden.
            begins: The line on which the table begins.

        Raises:
            UnreadableError: The file can't be read.
            OSError: Likewise.
        """
        self.path = path
        if excel:
            sheet = Worksheet(path, worksheet)
            self._rows = sheet.rows
            self.form = Form(excel=True, worksheet=sheet.title, others=sheet.others, begins=begins)
        else:
            self.form = self._csv_form(encoding, separator, begins)
            self._rows = functools.partial(self._lines, self.form)

    def rows(self) -> Iterator[Row]:
        """The rows, the header among them. Lines without a value don't count.

        Raises:
            UnreadableError: The file, or a line of it, can't be read.
            OSError: Likewise.
        """
        for row in self._rows():
            if row.line >= self.form.begins and any(value not in (None, "") for value in row.cells):
                yield row

    # CSV.

    def _csv_form(self, encoding: str | None, separator: str | None, begins: int) -> Form:
        chosen = encoding or self._encoding()
        if chosen.lower() in {"utf-8", "utf8"}:
            chosen = "utf-8-sig"
        marked = _SEPARATOR_LINE.fullmatch(self._first_line(chosen))
        if marked is not None:
            separator, begins = separator or marked[1], max(begins, 2)
        form = Form(encoding=chosen, separator=separator or ",", begins=begins)
        return form if separator else replace(form, separator=self._separator(form))

    def _encoding(self) -> str:
        """UTF-8 where the whole file is; otherwise what its first bytes say, or Windows-1252."""
        with self.path.open("rb") as file:
            piece = file.read(_PIECE)
            if piece.startswith(_ZIP):
                raise UnreadableError(self.path, "it is an Excel file: name it .xlsx")
            marked = next((name for bom, name in _BOMS.items() if piece.startswith(bom)), None)
            if marked is not None:
                return marked
            if b"\0" in piece:
                return self._encoding_with_zeros(piece)
            decoder = codecs.getincrementaldecoder("utf-8")()
            try:
                while piece:
                    decoder.decode(piece)
                    piece = file.read(_PIECE)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return self._encoding_of_a_byte()
        return "utf-8"

    def _encoding_with_zeros(self, piece: bytes) -> str:
        """UTF-16, if lines and letters come out of it."""
        found = "utf-16-le" if piece[1::2].count(0) > piece[0::2].count(0) else "utf-16-be"
        try:
            text = codecs.getincrementaldecoder(found)().decode(piece)
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text or not ("\n" in text or "\r" in text or text.isascii()):
            line = piece[: piece.index(0)].count(b"\n") + 1
            raise UnreadableError(
                self.path, "it isn't text: it has a zero byte. Save it as CSV or as .xlsx", line
            )
        return found

    def _encoding_of_a_byte(self) -> str:
        """Windows-1252, unless the file looks like UTF-8 that is broken somewhere.

        Read as Windows-1252, all of its other letters would come out wrong.
        """
        good = bad = first = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(_PIECE), b""), 1):
                letters = line.translate(_BLANKS).decode("utf-8", "replace")
                wrong = letters.count("\ufffd")
                good, bad = good + len(letters) - letters.count(" ") - wrong, bad + wrong
                first = first or (number if wrong else 0)
        if good >= bad:
            raise UnreadableError(
                self.path, "a letter isn't UTF-8, as most are: correct it, or set encoding", first
            )
        return "windows-1252"

    def _first_line(self, encoding: str) -> str:
        try:
            with self.path.open(encoding=encoding, newline="") as file:
                return file.readline(_PIECE)
        except LookupError:
            raise UnreadableError(self.path, f"there is no encoding {encoding!r}") from None
        except UnicodeError as error:
            raise self._wrong_encoding(encoding, error) from None

    def _separator(self, form: Form) -> str:
        """The separator that cuts most of the first lines into as many cells as the header has."""
        found: dict[str, tuple[int, int]] = {}
        for separator in _SEPARATORS:
            widths = self._widths(replace(form, separator=separator))
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
                if any(row.cells) and row.line >= form.begins:
                    found.append(len(row.cells))
                if len(found) == _SAMPLE:
                    break
        except UnreadableError:
            # The separator is wrong, or the file is; reading the rows reports the latter.
            return found
        return found

    def _lines(self, form: Form) -> Iterator[Row]:
        csv.field_size_limit(_FIELD_LIMIT)
        try:
            with self.path.open(encoding=form.encoding, newline="") as file:
                reader = csv.reader(_limited(file), delimiter=form.separator, strict=True)
                while True:
                    line = reader.line_num + 1
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
        words = f"it isn't {encoding.removesuffix('-sig')}: {error}; set encoding"
        return UnreadableError(self.path, words)


def _limited(file: TextIO) -> Iterator[str]:
    """The lines of a file; one that is longer than any field may be isn't kept in memory."""
    while line := file.readline(_FIELD_LIMIT):
        if len(line) == _FIELD_LIMIT:
            raise csv.Error(f"the line is longer than {_FIELD_LIMIT} characters")
        yield line
