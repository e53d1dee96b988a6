"""Reads a sheet: its form and dialect, its rows into products, and those into records."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecwid_api.errors import EcwidError, SettingError
from ecwid_files.paths import files_of
from ecwid_files.rows import Broken, UnreadableError
from ecwid_files.tables import Table
from tap_product_sheet import cells, lists, people
from tap_product_sheet.categories import Categories
from tap_product_sheet.cells import Numbers, Odd
from tap_product_sheet.dialect import check_headers, dialects, recognised, resolved
from tap_product_sheet.errors import Problem, RejectedError
from tap_product_sheet.gathering import Gatherer
from tap_product_sheet.products import Products
from tap_product_sheet.reader import Reader
from tap_product_sheet.rows import Row, Rows
from tap_product_sheet.settings import headers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tap_product_sheet.cells import Cell
    from tap_product_sheet.settings import SheetSettings

    Records = list[tuple[str, dict[str, Any]]]

_EXCEL: Final = {".xlsx", ".xlsm"}
_OLD: Final = {".xls", ".ods", ".numbers"}
_KEYS: Final = (
    "product",
    "id",
    "sku",
    "name",
    "parent",
    "variation_sku",
    "store_view",
    "variations",
    *people.KEYS.values(),
)


class SheetError(EcwidError):
    """A sheet can't be used."""


class Result(NamedTuple):
    """What rows become.

    Attributes:
        rows: The rows of a product, category, customer or coupon.
        records: Its records, with their streams.
        problems: What is wrong with it; it has no records then.
    """

    rows: list[Row]
    records: Records
    problems: list[Problem]


class Sheet:
    """A sheet.

    Attributes:
        path: The file.
        table: Opens it.
        headers: Its headers.
        name: The dialect's name.
        dialect: The dialect.
        numbers: How it writes numbers.
        skipped: How many rows are of other store views.
        short: How many rows end before the last column.
        gatherer: Gathers what rows say.
        categories: The categories.
    """

    def __init__(self, path: Path, settings: SheetSettings) -> None:
        """Read the header.

        Args:
            path: The file.
            settings: How it is read.

        Raises:
            EcwidError: It can't be read, or its dialect isn't known.
        """
        self.path = path
        self.table = _table(path, settings)
        self._header_row = settings.header_row or 1
        self.headers = self._read_headers()
        mapping = dict(headers(settings.columns or {}))
        check_headers(mapping, self.headers)
        self.name = self._chosen(settings.dialect, mapping)
        self.dialect = dialects()[self.name]
        columns, self._ignored = resolved(self.dialect, self.headers, mapping)
        self._used: set[int] = set()
        given = settings.decimals if settings.decimals != "auto" else None
        self.numbers = Numbers(given)
        self._reader = Reader(self.dialect, columns, self.numbers, settings.weight_unit)
        self._places = {c.role: c.place for c in reversed(columns) if c.role in _KEYS}
        kind = next((c.place for c in columns if c.role == "kind"), None)
        self._kind = kind if self.dialect.kinds else None
        self.categories = Categories(
            self._reader,
            separator=settings.category_separator or self.dialect.category_separator,
            root=self.dialect.category_root,
            picture_base=settings.picture_base,
        )
        self.gatherer = Gatherer(
            self._reader,
            self.categories,
            clears=settings.empty_cells == "clear",
            list_separator=settings.list_separator or self.dialect.list_separator,
        )
        self._products = Products(
            self._reader, self.categories, self.gatherer, picture_base=settings.picture_base
        )
        self.rows = Rows()
        self.skipped = 0
        self.short = 0
        self._of_categories: list[Row] = []
        self._problems: dict[int, list[Problem]] = {}
        self._last = ""

    @property
    def ignored(self) -> list[str]:
        """Headers of columns that aren't read although they have values."""
        return [
            self.headers[place] or f"column {place + 1}, without a header"
            for place in sorted(self._used)
        ]

    def results(self) -> Iterator[Result]:
        """Each product, category, customer or coupon.

        Raises:
            EcwidError: The file can't be read.
        """
        self._read_rows()
        for row in self._of_categories:
            yield self._result([row])
        for rows in self.rows.groups():
            yield self._result(rows)

    def _result(self, rows: list[Row]) -> Result:
        problems = [p for row in rows for p in self._problems.get(row.line, ())]
        records: Records = []
        if all(row.kind for row in rows):
            try:
                records = self._records(rows)
            except RejectedError as error:
                problems += error.problems
        return Result(rows, [] if problems else records, problems)

    def _records(self, rows: list[Row]) -> Records:
        if self.dialect.stream != "products":
            return [people.record_of(self._reader, rows[0])]
        if rows[0].kind == "category":
            return self.categories.of_row(rows[0])
        return self._products.records(rows)

    # The header.

    def _raw_rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        with _readable(self.path):
            yield from self.table.rows()

    def _read_headers(self) -> list[str]:
        for line, found in self._raw_rows():
            if any(isinstance(one, Broken) for one in found):
                raise SheetError(
                    f"{self.path}: row {line} has merged or broken cells, so it can't be the "
                    "header: set header_row to the row that has the headers"
                )
            self._header_row = line
            texts = (str(one if one is not None else "").strip("\ufeff") for one in found)
            return [" ".join(text.split()) for text in texts]
        from_row = f" from row {self._header_row}" if self._header_row > 1 else ""
        raise SheetError(f"{self.path}: it is empty{from_row}. Nothing was loaded")

    def _chosen(self, dialect: str, mapping: Mapping[str, str]) -> str:
        if dialect != "auto":
            return dialect
        found = recognised([*self.headers, *mapping.values()])
        if not found:
            columns, _ = resolved(dialects()["plain"], self.headers, mapping)
            roles = {column.role for column in columns}
            if roles & {"name", "sku", "product"} and len(roles) > 1:
                return "plain"
        if len(found) != 1:
            which = f"fit {' and '.join(found)}" if found else "fit no dialect"
            shown = ", ".join(filter(None, self.headers[:12]))
            raise SettingError(
                "dialect",
                f"isn't known: the headers of {self.path} {which} ({shown}). Set it; for a plain "
                "sheet, say in columns what its columns hold, such as {Preis: price}. If these "
                "aren't its headers, set header_row, or worksheet (Excel)",
            )
        return found[0]

    # The rows.

    def _read_rows(self) -> None:
        numbers = [column.place for column in self._reader.columns_of_numbers]
        for line, found in self._raw_rows():
            if line == self._header_row or all(map(cells.is_empty, found)):
                continue
            values: list[Cell] = [_kept(value) for value in found]
            self._check_width(line, values)
            values += [None] * (len(self.headers) - len(values))
            self._used.update(n for n in self._ignored if not cells.is_empty(values[n]))
            for place in numbers:
                self.numbers.learn(values[place])
            self._keep(line, values)

    def _check_width(self, line: int, values: list[Cell]) -> None:
        # Excel leaves out separators behind the last value, of some rows.
        self.short += len(values) < len(self.headers) and not self.table.form.excel
        if any(not cells.is_empty(value) for value in values[len(self.headers) :]):
            self._fault(
                line,
                f"it has {len(values)} cells, and the header has {len(self.headers)}: a quote or a "
                "separator is missing, or is too many",
            )

    def _fault(self, line: int, words: str, header: str = "", shown: str = "") -> None:
        self._problems.setdefault(line, []).append(Problem(line, header, shown, words))

    def _keep(self, line: int, values: list[Cell]) -> None:
        said = {}
        for role, place in self._places.items():
            # What can't be read is reported when the product is made.
            with suppress(cells.CellError):
                if not cells.is_empty(values[place]):
                    said[role] = cells.code(values[place])
        if said.get("store_view"):
            self.skipped += 1
            return
        kind = self._kind_of(line, values)
        row = Row(line, kind, values)
        if kind == "category":
            self._of_categories.append(row)
            return
        self._note_key(line, kind, said)
        self.rows.add(row, self._product(line, kind, said))

    def _kind_of(self, line: int, values: list[Cell]) -> str:
        if self._kind is None:
            return "product"
        text = cells.shown(values[self._kind])
        kinds = [self.dialect.kinds.get(one.strip().casefold()) for one in text.split(",")]
        found = next(filter(None, kinds), None)
        if found is None:
            known = ", ".join(self.dialect.kinds)
            self._fault(
                line,
                f"is a kind of row that can't be read: delete the row, or write one of {known}",
                self.headers[self._kind],
                text,
            )
        return found or ""

    def _note_key(self, line: int, kind: str, said: Mapping[str, str]) -> None:
        follows = self.dialect.rows_follow_product and kind != "product"
        one = people.KEYS.get(self.dialect.stream)
        role = one or ("variation_sku" if follows else "sku")
        if (
            not one
            and role not in said
            and kind == "product"
            and not {"product", "id"} & said.keys()
        ):
            # Then its name has to tell it from the others.
            role = "name"
        if role not in said:
            return
        key = said[role].casefold() if one else said[role]
        first = self.rows.first_with(f"{role} {key}", line)
        if first != line:
            header = self.headers[self._places[role]]
            lacks = ", and it has no SKU" if role == "name" else ""
            self._fault(line, f"stands in row {first} too{lacks}: correct one", header, said[role])

    def _product(self, line: int, kind: str, said: Mapping[str, str]) -> str:
        """What the rows of a product have in common."""
        own = f"row {line}"
        if self._kind is None:
            if "product" in said:
                return f"product {said['product']}"
            if "product" in self._places and self.dialect.recognised_by:
                header = self.headers[self._places["product"]]
                self._fault(line, f"it has no {header}: write that of its product")
            return own
        names = [f"{role} {said[role]}" for role in ("sku", "id") if role in said]
        if kind in {"variation", "option"}:
            return self._product_of_part(names, said)
        self._last = own
        for name in names:
            self.rows.name(name, own)
        with suppress(cells.CellError):
            for sku, _ in lists.variations(said.get("variations", "")):
                self.rows.claim(f"sku {sku}", own)
        return names[0] if names else own

    def _product_of_part(self, names: Sequence[str], said: Mapping[str, str]) -> str:
        if self.dialect.rows_follow_product:
            return names[-1] if names else self._last
        parent = said.get("parent", "")
        marked = parent.partition(":")
        return f"id {marked[2].strip()}" if marked[0] == "id" else f"sku {parent}"


def _kept(value: Any) -> Cell:  # noqa: ANN401 - what Excel's cells have
    """A cell as it is kept: dates as they are written, errors with their reason."""
    if isinstance(value, Broken):
        return Odd(value.shown, value.problem)
    if isinstance(value, dt.date | dt.time):
        return Odd(value.isoformat())
    if isinstance(value, dt.timedelta):
        return Odd(str(value))
    plain: Cell = value
    return plain


def _table(path: Path, settings: SheetSettings) -> Table:
    suffix = path.suffix.lower()
    if suffix in _OLD:
        raise SheetError(f"{path}: save it as .xlsx or .csv, and read that. Nothing was loaded")
    with _readable(path):
        return Table(
            path,
            excel=suffix in _EXCEL,
            encoding=settings.encoding,
            separator=settings.delimiter,
            worksheet=settings.worksheet,
            begins=settings.header_row or 1,
        )


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except UnreadableError as error:
        raise SheetError(str(error)) from None
    except OSError as error:
        words = f"it can't be read: {error.strerror or error}. Nothing was loaded"
        raise SheetError(f"{path}: {words}") from None


def sheets(settings: SheetSettings) -> list[Path]:
    """The files that the settings name.

    Raises:
        SettingError: There is none.
    """
    found = files_of(settings.path or "")
    if not found:
        raise SettingError("path", f"is {settings.path}, which fits no file")
    if found[0].is_dir():
        raise SettingError("path", f"is {settings.path}, a folder: set it to {settings.path}/*.csv")
    if not found[0].is_file():
        raise SettingError("path", f"is {settings.path}, and there is no such file")
    return found
