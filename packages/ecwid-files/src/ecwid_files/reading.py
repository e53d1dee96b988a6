"""Reads the records of a file, or says which line it can't read."""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args
from zipfile import BadZipFile

import msgspec
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Format: TypeAlias = Literal["jsonl", "csv", "excel"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_OF_EXTENSION: Final[dict[str, Format]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
_BOM: Final = b"\xef\xbb\xbf"
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_FIELD_LIMIT: Final = 10_000_000


class UnreadableError(Exception):
    """A file, or something in it, can't be read."""

    def __init__(self, path: Path, problem: str, line: int | None = None) -> None:
        where = f"{path}, line {line}" if line is not None else str(path)
        super().__init__(f"{where}: {problem}. Nothing was loaded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How files are read.

    Attributes:
        format: What they are; None where their extensions say it.
        delimiter: What separates columns (CSV).
        encoding: The encoding (CSV).
        worksheet: The sheet's name (Excel); None for the first.
    """

    format: Format | None = None
    delimiter: str = ","
    encoding: str = "utf-8"
    worksheet: str | None = None


def records(path: Path, layout: Layout) -> Iterator[dict[str, Any]]:
    """The records of a file.

    Raises:
        UnreadableError: The file, or a line of it, can't be read.
    """
    kind = layout.format or _OF_EXTENSION.get(path.suffix.lower())
    if kind is None:
        raise UnreadableError(path, f"set format to one of {', '.join(FORMATS)}")
    try:
        if kind == "jsonl":
            yield from _objects(path)
        else:
            rows = _csv(path, layout) if kind == "csv" else _excel(path, layout)
            yield from _table(path, rows, whole=kind == "csv")
    except OSError as error:
        raise UnreadableError(path, f"it can't be read: {error.strerror or error}") from None


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            text = (line.removeprefix(_BOM) if number == 1 else line).strip()
            if not text:
                continue
            try:
                found = msgspec.json.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise UnreadableError(path, f"it isn't JSON: {error}", number) from None
            if not isinstance(found, dict):
                raise UnreadableError(path, 'it isn\'t an object, such as {"sku": "A-1"}', number)
            yield found


_Row: TypeAlias = "tuple[int, Sequence[Any]]"


def _csv(path: Path, layout: Layout) -> Iterator[_Row]:
    encoding = "utf-8-sig" if layout.encoding.lower() in {"utf-8", "utf8"} else layout.encoding
    csv.field_size_limit(_FIELD_LIMIT)
    try:
        with path.open(encoding=encoding, newline="") as file:
            reader = csv.reader(file, delimiter=layout.delimiter, strict=True)
            while True:
                begins = reader.line_num + 1
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise UnreadableError(path, f"it isn't CSV: {error}", begins) from None
                yield begins, row
    except LookupError:
        raise UnreadableError(path, f"there is no encoding {layout.encoding!r}") from None
    except UnicodeError as error:
        raise UnreadableError(path, f"it isn't {layout.encoding}: {error}; set encoding") from None


def _excel(path: Path, layout: Layout) -> Iterator[_Row]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError) as error:
        raise UnreadableError(path, f"it isn't an Excel file: {error}") from None
    names = book.sheetnames
    if layout.worksheet is not None and layout.worksheet not in names:
        raise UnreadableError(
            path, f"it has no worksheet {layout.worksheet!r}, but {', '.join(names)}"
        )
    for number, cells in enumerate(book[layout.worksheet or names[0]].iter_rows(), 1):
        for cell in cells:
            if cell.data_type == "e":
                raise UnreadableError(path, f"{cell.coordinate} is {cell.value}", number)
        row = [_plain(cell.value) for cell in cells]
        while row and row[-1] is None:
            row.pop()
        yield number, row
    book.close()


def _plain(value: object) -> object:
    """A cell's value as JSON has it."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, dt.timedelta) else value


def _table(path: Path, rows: Iterable[_Row], *, whole: bool) -> Iterator[dict[str, Any]]:
    """The rows as records.

    Args:
        path: The file.
        rows: The header and what is below it; lines without a value don't count.
        whole: Whether each row has a value for each column.
    """
    names: list[str] | None = None
    for line, row in rows:
        if not any(value not in (None, "") for value in row):
            continue
        if names is None:
            names = _names(path, line, row)
            continue
        lacking = len(names) - len(row)
        if lacking < 0 or (whole and lacking):
            raise UnreadableError(
                path, f"it has {len(row)} values, and the header has {len(names)} columns", line
            )
        yield dict(zip(names, [*row, *[None] * lacking], strict=True))


def _names(path: Path, line: int, header: Sequence[Any]) -> list[str]:
    names = [_OTHER.sub("_", str(name or "").lower()).strip("_") for name in header]
    for place, name in enumerate(names, 1):
        if not name:
            raise UnreadableError(path, f"column {place} has no name", line)
        if name in names[: place - 1]:
            raise UnreadableError(path, f"two columns are named {name}", line)
    return names
