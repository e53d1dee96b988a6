"""The command ``tap-product-sheet``."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import TYPE_CHECKING

from ecwid_plugin.command import run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def main() -> None:
    """Run the tap; see ``ecwid_plugin.command`` for its exit codes."""
    run("tap-product-sheet", _load, {"--detect": _detect})


def _load() -> Callable[[], object]:
    from tap_product_sheet.tap import TapProductSheet  # noqa: PLC0415 - --version need not wait

    command: Callable[[], object] = TapProductSheet.cli
    return command


def _detect(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="tap-product-sheet",
        description="Shows how a sheet is read: dialect, encoding, separator, decimal sign, rows, "
        "what it becomes, and which columns aren't read. Ends with 1 if a cell can't be used.",
    )
    parser.add_argument("--detect", metavar="FILE", required=True, help="the sheet")
    parser.add_argument(
        "--config", metavar="FILE", help="settings as JSON, over those of the environment"
    )
    found = parser.parse_args(arguments)

    from tap_product_sheet.detecting import detect  # noqa: PLC0415 - --help need not wait

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    return detect(found.detect, found.config)
