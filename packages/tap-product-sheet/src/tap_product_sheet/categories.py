"""Categories: their paths in cells, and their records, parents first and each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_product_sheet import lists
from tap_product_sheet.cells import CellError
from tap_product_sheet.errors import RejectedError
from tap_product_sheet.names import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_product_sheet.reader import Reader
    from tap_product_sheet.rows import Row

    Path = tuple[str, ...]


class Categories:
    """The categories of a sheet."""

    def __init__(
        self, reader: Reader, *, separator: str, root: str, picture_base: str | None
    ) -> None:
        """Know none yet.

        Args:
            reader: Reads cells.
            separator: What separates the steps of a path.
            root: A first step that is no category.
            picture_base: What goes before names of pictures.
        """
        self._reader = reader
        self._separator = separator
        self._root = root
        self._base = picture_base
        self._said: set[Path] = set()

    def path(self, text: str) -> Path:
        """The path in a cell.

        Raises:
            CellError: A step has no name.
        """
        return lists.path(text, self._separator, self._root)

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
        found: list[tuple[str, dict[str, Any]]] = []
        if "path" not in values:
            self._reader.fault(row, None, "it is a category without a path")
        else:
            column, text = values.pop("path")
            try:
                found = self._made(self.path(text), {n: v for n, (_, v) in values.items()})
            except CellError as error:
                self._reader.fault(row, column, str(error))
        problems = self._reader.take()
        if problems:
            raise RejectedError(problems)
        return found

    def _made(self, path: Path, values: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        picture = values.pop("picture", None)
        record = _record(path)
        for role, value in values.items():
            field, _, language = role.partition(".")
            if language:
                record.setdefault(field, {})[language] = value
            elif field != "id":
                record[field] = value
        found = [*self.new([path[:-1]]), ("categories", record)]
        self._said.add(path)
        if picture is not None:
            place = lists.picture(picture, self._base)
            found.append(("category_pictures", {"categoryId": record["id"], **place}))
        return found


def _record(path: Path) -> dict[str, Any]:
    parent = number_of("category", *path[:-1]) if path[:-1] else 0
    return {"id": number_of("category", *path), "name": path[-1], "parentId": parent}
