"""Reads the records of a file, or says which line it can't read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import msgspec

from ecwid_files.tables import Broken, Table, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
            table = Table(
                path,
                excel=kind == "excel",
                encoding=layout.encoding,
                separator=layout.delimiter,
                worksheet=layout.worksheet,
            )
            yield from _records(table)
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


def _plain(value: object) -> object:
    """A cell's value as JSON has it."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, dt.timedelta) else value


def _records(table: Table) -> Iterator[dict[str, Any]]:
    """The rows of a table as records. A row of CSV has a value for each column."""
    path, names = table.path, None
    for line, cells in table.rows():
        for value in cells:
            if isinstance(value, Broken):
                raise UnreadableError(path, f"{value.shown or 'a cell'} is {value.problem}", line)
        row = [_plain(value) for value in cells]
        if names is None:
            names = _names(path, line, row)
            continue
        lacking = len(names) - len(row)
        if lacking < 0 or (lacking and not table.form.excel):
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
