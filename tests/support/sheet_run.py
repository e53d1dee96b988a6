"""Reads a sheet in this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tap_product_sheet.reading import notes
from tap_product_sheet.settings import SheetSettings
from tap_product_sheet.sheet import Sheet


@dataclass
class Read:
    """What a sheet says."""

    dialect: str
    form: str
    records: list
    problems: list
    ignored: list
    notes: list

    def of(self, stream):
        return [record for name, record in self.records if name == stream]


def read(path, content=None, **settings):
    """Read a sheet.

    Args:
        path: The file.
        content: What is written into it first.
        settings: The tap's settings.
    """
    path = Path(path)
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    sheet = Sheet(path, SheetSettings.of({"path": str(path), **settings}))
    records, problems = [], []
    for _, made, wrong in sheet.results():
        records += made
        problems += wrong
    sheet.rows.close()
    return Read(
        sheet.name,
        str(sheet.table.form),
        records,
        [str(problem) for problem in problems],
        sheet.ignored,
        notes(sheet),
    )
