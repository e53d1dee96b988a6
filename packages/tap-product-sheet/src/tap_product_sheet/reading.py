"""Reads all sheets of a run: records into a spool, rejected rows into sheets, and a summary."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecwid_plugin.progress import Progress, screen
from tap_product_sheet.names import counted
from tap_product_sheet.rejects import Rejects
from tap_product_sheet.rows import Spool
from tap_product_sheet.sheet import Sheet, SheetError, sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tap_product_sheet.errors import Problem
    from tap_product_sheet.settings import SheetSettings

_SHOWN: Final = 50
LOGGER: Final = logging.getLogger("tap-product-sheet")


class Reading:
    """What a run reads.

    Attributes:
        spool: The records.
        problems: How many cells and rows couldn't be used.
    """

    def __init__(self, settings: SheetSettings, check: Callable[[], None]) -> None:
        """Read nothing yet.

        Args:
            settings: What is read, and how.
            check: Called between products; raises if the run must end.
        """
        self.spool = Spool()
        self.problems = 0
        self._settings = settings
        self._rejected: set[Path] = set()
        self._check = check

    def read(self) -> None:
        """Read all sheets.

        Raises:
            EcwidError: A sheet can't be read; or a cell can't be used, and on_error is fail.
        """
        for path in sheets(self._settings):
            self.read_sheet(Sheet(path, self._settings))
        if self.problems and self._settings.on_error == "fail":
            raise SheetError(
                f"{self.problems} cells or rows can't be used: see above. Nothing was loaded. "
                "Correct them, or set on_error to skip to load the others"
            )
        LOGGER.info("%s", counted(self.spool.counts) or "No records")

    def read_sheet(self, sheet: Sheet) -> None:
        """Read a sheet, and log how it is written and what isn't read.

        Raises:
            EcwidError: It can't be read.
        """
        rejects = None
        if self._settings.on_error == "skip":
            folder = Path(self._settings.rejected_dir)
            rejects = Rejects(
                folder, sheet.path, sheet.table.form, sheet.headers, taken=self._rejected
            )
            self._rejected.add(rejects.path)
        LOGGER.info("%s: %s, %s", sheet.path, sheet.dialect.label, sheet.table.form)
        progress = Progress(sheet.path.name, self._log_progress, screen=screen())
        read = 0
        for rows, records, problems in sheet.results():
            self._check()
            read += len(rows)
            progress.at(read, sheet.rows.count)
            self.spool.add(records)
            self._report(sheet.path, problems)
            if rejects is not None and problems:
                rejects.add(rows, problems)
        progress.end()
        if rejects is not None:
            rejects.close()
        for line in notes(sheet):
            LOGGER.info("%s: %s", sheet.path, line)
        if rejects is not None and rejects.count:
            LOGGER.warning(
                "%s: %d rows were rejected. They are in %s, with the reasons: correct and read it",
                sheet.path,
                rejects.count,
                rejects.path,
            )
        sheet.rows.close()

    @staticmethod
    def _log_progress(words: str) -> None:
        LOGGER.info("rows: %s", words)

    def _report(self, path: Path, problems: Sequence[Problem]) -> None:
        for problem in problems:
            self.problems += 1
            if self.problems <= _SHOWN:
                LOGGER.error("%s, %s", path, problem)
            elif self.problems == _SHOWN + 1:
                LOGGER.error("There are more; they are counted only")


def notes(sheet: Sheet) -> list[str]:
    """Notes on a sheet that was read, for its user."""
    found = []
    if sheet.numbers.sign is not None:
        found.append(f"the decimal sign is the {sheet.numbers.sign}")
    if sheet.ignored:
        found.append(f"not read: {', '.join(sheet.ignored)}")
    if sheet.short:
        found.append(f"rows that end before the last column, and are empty there: {sheet.short}")
    if sheet.skipped:
        found.append(f"rows of other store views, which are not read: {sheet.skipped}")
    if sheet.categories.respelled:
        shown = ", ".join(f"{a!r} as {b!r}" for a, b in sorted(sheet.categories.respelled)[:_SHOWN])
        found.append(f"categories that are read as others, written first: {shown}")
    if sheet.gatherer.left_out:
        found.append(f"variations not for sale, which are not read: {sheet.gatherer.left_out}")
    return found
