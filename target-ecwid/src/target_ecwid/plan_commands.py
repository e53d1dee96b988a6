"""The command ``target-ecwid plan``: a plan as people and machines read it.

It needs no settings and no network.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from target_ecwid.plan.page import write_page
from target_ecwid.plan.plan_file import PlanFile
from target_ecwid.plan.show import Shown, as_json, as_text
from target_ecwid.plan.warnings import MOST_GONE

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(arguments: Sequence[str]) -> int:
    """Run ``plan show``.

    Args:
        arguments: The command line; its first word is ``plan``.

    Returns:
        The exit code.

    Raises:
        EcwidError: The plan can't be read, or the page not be written.
    """
    given = _parser().parse_args(arguments[1:])
    plan = PlanFile(given.file)
    shown = Shown(plan, most_gone=given.most_gone)
    if given.html is not None:
        write_page(given.html, shown)
        if not given.json:
            sys.stdout.write(f"{given.html} has the plan: open it in a browser\n")
            return 0
    if given.json:
        for piece in as_json(shown):
            sys.stdout.write(piece)
        return 0
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for line in as_text(shown, colour=colour):
        sys.stdout.write(f"{line}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="target-ecwid plan", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser(
        "show",
        allow_abbrev=False,
        help="show what a plan changes",
        description="Show what a plan changes, object by object and field by field, with warnings "
        "first. Nothing is sent to Ecwid.",
    )
    show.add_argument("file", type=Path, metavar="FILE", help="the plan")
    show.add_argument(
        "--html", type=Path, metavar="PAGE", help="write a page for the browser instead"
    )
    # As all commands have it: Meltano and scripts may give it to each.
    show.add_argument(
        "--config", action="append", metavar="FILE", help="accepted; a plan needs no settings"
    )
    show.add_argument("--json", action="store_true", help="write one JSON document")
    show.add_argument(
        "--most-gone",
        type=float,
        default=MOST_GONE,
        metavar="PERCENT",
        help="warn when more than PERCENT of an entity's objects are deleted or disabled "
        "(default: %(default)s)",
    )
    return parser
