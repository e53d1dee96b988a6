"""Reads the cells of rows by what their columns hold, and collects what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_product_sheet import cells
from tap_product_sheet.dialect import field_schema
from tap_product_sheet.errors import Problem, RejectedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tap_product_sheet.dialect import Column, Dialect
    from tap_product_sheet.rows import Row

_CODES: Final = {
    *("sku", "upc", "id", "product", "parent", "variation_sku", "category:id", "code"),
    *("billingPerson.postalCode", "billingPerson.phone"),
}
_FLAGS: Final = {"tracked", "in_stock", "option:required"}
_NUMBERS: Final = {"sale_price", "option:markup"}
_MOMENTS: Final = {"sale_begins", "sale_ends"}
# A stock that was oversold is negative, and a choice can lower the price.
_MAY_BE_NEGATIVE: Final = {"quantity", "option:markup", "picture_position"}
_GRAMS: Final = {"g": 1.0, "kg": 1000.0, "oz": 28.349523125, "lb": 453.59237, "lbs": 453.59237}
_DIGITS: Final = 6


class Reader:
    """Reads cells.

    Attributes:
        columns: The columns that are read.
        dialect: The sheet's dialect.
        numbers: How the sheet writes numbers.
        problems: What was wrong since ``check``.
    """

    def __init__(
        self,
        dialect: Dialect,
        columns: Sequence[Column],
        numbers: cells.Numbers,
        weight_unit: str,
    ) -> None:
        """Read nothing yet.

        Args:
            dialect: The sheet's dialect.
            columns: The columns that are read.
            numbers: How the sheet writes numbers.
            weight_unit: The shop's unit of weight.
        """
        self.columns = columns
        self.dialect = dialect
        self.numbers = numbers
        self.problems: list[Problem] = []
        self._weight_unit = weight_unit
        self._readers = {column.place: self._reader(column) for column in columns}

    def check(self) -> None:
        """Check that nothing was wrong since the last call.

        Raises:
            RejectedError: Something was.
        """
        found, self.problems = self.problems, []
        if found:
            raise RejectedError(found)

    @property
    def columns_of_numbers(self) -> list[Column]:
        """The columns that hold numbers."""
        return [one for one in self.columns if self.kind_of(one.role) in {"number", "integer"}]

    def kind_of(self, role: str) -> str:
        """What cells of a role are, such as ``text``, ``code``, ``boolean`` or ``number``."""
        if role in _CODES:
            return "code"
        if role in _FLAGS:
            return "boolean"
        if role in _NUMBERS:
            return "number"
        if role in _MOMENTS:
            return "moment"
        if role == "picture_position":
            return "integer"
        schema = self._schema(role)
        if schema.get("enum"):
            return "choice"
        if "time" in str(schema.get("format", "")) and schema.get("type") == "string":
            return "moment"
        found = str(schema.get("type", "text"))
        return "text" if found == "string" else found

    def _schema(self, role: str) -> Mapping[str, Any]:
        if role == "option:type":
            return {"enum": [*set(self.dialect.values.get(role, {}).values())]}
        return field_schema(self.dialect.stream, role) or {}

    def _reader(self, column: Column) -> Callable[[cells.Cell], Any]:
        role = column.role
        kind = self.kind_of(role)
        values = self.dialect.values.get(role, {})
        if kind == "choice":
            allowed = self._schema(role)["enum"]
            return lambda value: cells.choice(value, values, allowed)
        if kind == "boolean":
            return lambda value: cells.boolean(value, values)
        if role == "weight":
            unit = column.argument or self.dialect.weight_unit
            return lambda value: _not_negative(self._weight(value, column, unit))
        if role == "option:markup":
            return self._markup
        plain: dict[str, Callable[[cells.Cell], Any]] = {
            "code": cells.code,
            "moment": cells.moment,
            "number": self.numbers.number,
            "integer": self.numbers.integer,
        }
        if kind in {"number", "integer"} and role not in _MAY_BE_NEGATIVE:
            return lambda value: _not_negative(plain[kind](value))
        return plain.get(kind, cells.unmarked if self.dialect.marks_formulas else cells.text)

    def _markup(self, value: cells.Cell) -> dict[str, Any]:
        """What a choice adds to the price: money, or a percentage."""
        whole = cells.text(value)
        percent = whole.endswith("%")
        found = self.numbers.number(whole.removesuffix("%") if percent else value)
        kind = "PERCENT" if percent else "ABSOLUTE"
        return {"priceModifier": found, "priceModifierType": kind} if found else {}

    def _weight(self, value: cells.Cell, column: Column, unit: str) -> int | float:
        found = self.numbers.number(value)
        if not unit or unit == self._weight_unit:
            return found
        if unit not in _GRAMS:
            raise cells.CellError(
                f"is a weight in {unit}, which is no unit: rename {column.header}"
            )
        return round(found * _GRAMS[unit] / _GRAMS[self._weight_unit], _DIGITS)

    def filled(self, row: Row) -> Iterator[tuple[Column, Any]]:
        """The columns of a row that have a value, with the value by its type.

        A cell that can't be used is noted as a problem and left out.
        """
        for column in self.columns:
            value = row.cells[column.place]
            if not cells.is_empty(value):
                try:
                    yield column, self._readers[column.place](value)
                except cells.CellError as error:
                    self.fault(row, column, str(error))

    def fault(self, row: Row, column: Column | None, words: str) -> None:
        """Note what is wrong with a cell, or with a row."""
        header, value = (column.header, row.cells[column.place]) if column is not None else ("", "")
        self.problems.append(Problem(row.line, header, cells.shown(value), words))


def _not_negative(found: float) -> float:
    if found < 0:
        raise cells.CellError("is less than nothing: correct it")
    return found
