"""Categories: their paths in cells, and their records, parents first and each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_product_sheet import lists
from tap_product_sheet.cells import CellError
from tap_product_sheet.dialect import set_field
from tap_product_sheet.names import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_product_sheet.reader import Reader
    from tap_product_sheet.rows import Row

    Path = tuple[str, ...]


class Categories:
    """The categories of a sheet.

    Attributes:
        respelled: Names in another spelling than at first, with the first spelling.
    """

    def __init__(
        self, reader: Reader, *, separator: str, root: str, picture_base: str | None
    ) -> None:
        """Start without categories.

        Args:
            reader: Reads cells.
            separator: What separates the steps of a path.
            root: A first step that is no category.
            picture_base: What goes before names of pictures.
        """
        self.respelled: set[tuple[str, str]] = set()
        self._reader = reader
        self._separator = separator
        self._root = root
        self._base = picture_base
        self._said: set[Path] = set()
        self._rows: dict[Path, int] = {}
        self._names: dict[Path, str] = {}

    def path(self, text: str) -> Path:
        """The path in a cell. Names that differ in case only are one, as it is written first.

        Raises:
            CellError: A step has no name.
        """
        steps = lists.path(text, self._separator, self._root)
        wholes = [_folded(steps[:number]) for number in range(1, len(steps) + 1)]
        found = [self._names.setdefault(*one) for one in zip(wholes, steps, strict=True)]
        self.respelled |= {(a, b) for a, b in zip(steps, found, strict=True) if a != b}
        return tuple(found)

    def new(self, paths: Iterable[Path]) -> list[tuple[str, dict[str, Any]]]:
        """Records of the categories on paths that had none before, parents first."""
        found = []
        for path in paths:
            for steps in range(1, len(path) + 1):
                whole = path[:steps]
                if whole not in self._said:
                    self._said.add(whole)
                    found.append(("categories", _record(whole)))
        return found

    def of_row(self, row: Row) -> list[tuple[str, dict[str, Any]]]:
        """The records of a row that is a category.

        Raises:
            RejectedError: Something in it can't be used.
        """
        values = {
            column.role.removeprefix("category:"): (column, value)
            for column, value in self._reader.filled(row)
            if column.role.startswith("category:")
        }
        path: Path = ()
        place: dict[str, str] = {}
        if "path" not in values:
            self._reader.fault(row, None, "it is a category without a path")
        for role, (column, value) in values.items():
            try:
                if role == "path":
                    path = self.path(value)
                elif role == "picture":
                    place = lists.picture(value, self._base)
            except CellError as error:
                self._reader.fault(row, column, str(error))
        first = self._rows.setdefault(path, row.line)
        if path and first != row.line:
            words = f"stands in row {first} too: delete one of the rows"
            self._reader.fault(row, values["path"][0], words)
        self._reader.check()
        return self._made(path, {role: value for role, (_, value) in values.items()}, place)

    def _made(
        self, path: Path, values: dict[str, Any], place: dict[str, str]
    ) -> list[tuple[str, dict[str, Any]]]:
        record = _record(path)
        for role, value in values.items():
            if role not in {"id", "path", "picture"}:
                set_field(record, role, value)
        found = [*self.new([path[:-1]]), ("categories", record)]
        self._said.add(path)
        if place:
            found.append(("category_pictures", {"categoryId": record["id"], **place}))
        return found


def _folded(path: Path) -> Path:
    return tuple(" ".join(step.split()).casefold() for step in path)


def number_of_path(path: Path) -> int:
    """The number of a category. Case and blanks in its path don't matter."""
    return number_of("category", *_folded(path))


def _record(path: Path) -> dict[str, Any]:
    parent = number_of_path(path[:-1]) if path[:-1] else 0
    return {"id": number_of_path(path), "name": path[-1], "parentId": parent}
