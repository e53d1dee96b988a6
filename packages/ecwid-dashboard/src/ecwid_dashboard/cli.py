"""The command line."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecwid_dashboard import __version__
from ecwid_dashboard.errors import DashboardError
from ecwid_dashboard.stamp import Sources

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ecwid_dashboard.warehouse import Warehouse

_DUCKDB: Final = "ECWID_DASHBOARD_DUCKDB"
_OUTPUT: Final = "ECWID_DASHBOARD_OUTPUT"
_URL: Final = "ECWID_DASHBOARD_URL"


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-03-31") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ecwid-dashboard",
        description="A page with charts out of the Ecwid marts: one HTML file, no server.",
    )
    parser.add_argument("--version", action="version", version=f"ecwid-dashboard {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    write = commands.add_parser(
        "write",
        help="write the page",
        description="Reads the schema marts and writes the page. The marts are in a DuckDB file, "
        f"or, if ${_URL} is set and no file is named, in that PostgreSQL database.",
    )
    write.add_argument("--duckdb", metavar="FILE", help=f"the DuckDB file (${_DUCKDB})")
    write.add_argument("--output", metavar="FILE", help=f"the page's file (${_OUTPUT})")
    write.add_argument("--store", metavar="NUMBER", type=int, help="only this store; default all")
    write.add_argument(
        "--today",
        metavar="DAY",
        type=_day,
        help="the day that all periods end with; default the day of the run, where the shop is",
    )
    return parser


def _marts(named: str | None) -> Path | str:
    """Where the marts are: a DuckDB file, or the URL of a PostgreSQL database."""
    url = os.environ.get(_URL)
    file = named or (None if url else os.environ.get(_DUCKDB))
    if file:
        return Path(file)
    if url:
        return url
    raise DashboardError(f"Where are the marts? Set --duckdb, ${_DUCKDB} or ${_URL}")


def _warehouse(marts: Path | str) -> AbstractContextManager[Warehouse]:
    # A database driver takes a while to load: not for a page that stays as it is.
    from ecwid_dashboard.warehouse import (  # noqa: PLC0415 - as above
        duckdb_file,
        postgresql_database,
    )

    if isinstance(marts, Path):
        return duckdb_file(marts)
    return postgresql_database(marts, setting=_URL)


def _write(arguments: argparse.Namespace) -> str:
    """Write the page, unless it would be the same again.

    Returns:
        What was done.
    """
    named = arguments.output or os.environ.get(_OUTPUT)
    if not named:
        raise DashboardError(f"Where does the page go? Set --output or ${_OUTPUT}")
    output = Path(named)
    marts = _marts(arguments.duckdb)
    sources = None
    if isinstance(marts, Path):
        sources = Sources.of(marts, store=arguments.store, today=arguments.today)
        if sources.gave(output):
            return f"{output}: nothing new in {marts}, the page stays as it is"

    from ecwid_dashboard.blocks import blocks_of  # noqa: PLC0415 - as in _warehouse
    from ecwid_dashboard.files import replace_file  # noqa: PLC0415 - as in _warehouse
    from ecwid_dashboard.page import page  # noqa: PLC0415 - as in _warehouse
    from ecwid_dashboard.stores import store_pages  # noqa: PLC0415 - as in _warehouse

    with _warehouse(marts) as warehouse:
        stores = store_pages(
            warehouse, only=arguments.store, today=arguments.today, kept=blocks_of(output)
        )
    text = page(stores)
    if sources:
        text = sources.stamped(text, [store.timezone for store in stores])
    replace_file(output, text)
    return f"{output}: {output.stat().st_size / 1e6:.1f} MB, open it in a browser"


def main() -> None:
    """Run the command; exit code 0 when all went well, 1 after a message of what didn't."""
    arguments = _parser().parse_args()
    try:
        sys.stdout.write(f"{_write(arguments)}\n")
    except DashboardError as error:
        sys.stderr.write(f"ecwid-dashboard: {error}\n")
        sys.exit(1)
