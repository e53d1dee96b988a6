"""``tap-product-sheet --detect``: shows how a sheet is read, with the settings of a run."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_plugin.environment import settings_of_environment
from tap_product_sheet.names import counted
from tap_product_sheet.reading import notes
from tap_product_sheet.settings import CONFIG_SCHEMA, SheetSettings, problems
from tap_product_sheet.sheet import Sheet, sheets

if TYPE_CHECKING:
    from tap_product_sheet.errors import Problem

_SHOWN: Final = 20


def detect(path: str, config_file: str | None) -> int:
    """Show how sheets are read.

    Args:
        path: The sheet, or a pattern.
        config_file: A JSON file with settings. They override those of the environment.

    Returns:
        0, or 1 if a cell or a row can't be used.

    Raises:
        EcwidError: A sheet can't be read, or a setting is wrong.
    """
    config = settings_of_environment(CONFIG_SCHEMA, "TAP_PRODUCT_SHEET_")
    if config_file is not None:
        config |= msgspec.json.decode(Path(config_file).read_bytes(), type=dict[str, Any])
    config["path"] = path
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
