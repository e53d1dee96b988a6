"""``tap-product-sheet --detect``: shows how a sheet is read, and reads all of it."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tap_product_sheet.names import counted
from tap_product_sheet.reading import notes
from tap_product_sheet.settings import SheetSettings, problems
from tap_product_sheet.sheet import Sheet, sheets

if TYPE_CHECKING:
    from tap_product_sheet.errors import Problem

_SHOWN: Final = 20


def detect(path: str, config: dict[str, Any]) -> int:
    """Show how sheets are read.

    Args:
        path: The sheet, or a pattern.
        config: The settings.

    Returns:
        0, or 1 if a cell or a row can't be used.

    Raises:
        EcwidError: A sheet can't be read, or a setting is wrong.
    """
    config = {**config, "path": path}
    for problem in problems(config):
        raise problem
    settings = SheetSettings.of(config)
    return max([_show(Sheet(one, settings)) for one in sheets(settings)])


def _show(sheet: Sheet) -> int:
    counts: Counter[str] = Counter()
    wrong: list[Problem] = []
    for found in sheet.results():
        counts.update(stream for stream, _ in found.records)
        wrong += found.problems
    lines = [
        f"{sheet.path}: {sheet.dialect.label} ({sheet.name}), {sheet.table.form}",
        f"{sheet.rows.count} rows become {counted(counts) or 'nothing'}",
        *notes(sheet),
        *(f"can't be used: {one}" for one in wrong[:_SHOWN]),
    ]
    if len(wrong) > _SHOWN:
        lines.append(f"can't be used: {len(wrong) - _SHOWN} more cells or rows")
    sys.stdout.write("\n  ".join(lines) + "\n")
    return 1 if wrong else 0
