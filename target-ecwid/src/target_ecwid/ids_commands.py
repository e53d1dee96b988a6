"""The commands ``target-ecwid ids export`` and ``ids import``: the map of ids as a CSV file."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecwid_plugin.access_commands import add_config, settings_of
from ecwid_plugin.command import Interruptions
from ecwid_plugin.json_output import write_json
from ecwid_plugin.plugin_facts import refuse
from target_ecwid import ids_file
from target_ecwid.commands import PLUGIN
from target_ecwid.record.key_map import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_ecwid.ids_file import Row


def run(arguments: Sequence[str]) -> int:
    """Run one of the commands.

    Args:
        arguments: The command line; its first word is ``ids``.

    Returns:
        The exit code.

    Raises:
        EcwidError: Something is wrong.
    """
    given = _parser().parse_args(arguments[1:])
    config = settings_of(PLUGIN, given.config)
    refuse(PLUGIN.problems(config))
    path = Path(given.file)
    if given.command == "export":
        return _export(path, given, config)
    return _import(path, given, config)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="target-ecwid ids", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser(
        "export",
        allow_abbrev=False,
        help="write the map of ids into a CSV file",
        description="Write which key of a source is which object of the store into a CSV file: "
        "source,entity,source_key,ecwid_key.",
    )
    take = commands.add_parser(
        "import",
        allow_abbrev=False,
        help="take the map of ids from a CSV file",
        description="Take from a CSV file which key of a source is which object of the store. "
        "Pairs that the file doesn't have stay. If a row is wrong, nothing is imported.",
    )
    for command in (export, take):
        command.add_argument("file", metavar="FILE.csv", help="the file")
        add_config(command)
        command.add_argument("--source", metavar="NAME", help="only the rows of this source")
        command.add_argument(
            "--entity",
            metavar="NAME",
            choices=sorted(ids_file.entities_with_keys()),
            help="only the rows of this entity, such as products",
        )
        command.add_argument("--json", action="store_true", help="print JSON")
    take.add_argument("--check", action="store_true", help="check the file, and import nothing")
    take.add_argument(
        "--offline",
        action="store_true",
        help="don't look whether the objects are in the shop",
    )
    return parser


def _export(path: Path, given: argparse.Namespace, config: Mapping[str, Any]) -> int:
    from target_ecwid.shop.ids import opened_ids  # noqa: PLC0415 - --help need not wait
    from target_ecwid.work_folder import work_folder  # noqa: PLC0415

    ids = opened_ids(config, work_folder(config), holds=False)
    try:
        count = ids_file.write(path, ids.all(given.source, given.entity))
    finally:
        ids.close()
    _say(given, {"file": str(path), "exported": count}, f"{count} ids are in {path}.")
    return 0


def _import(path: Path, given: argparse.Namespace, config: Mapping[str, Any]) -> int:
    rows = ids_file.read(path, source=given.source, entity=given.entity, own=config["source"])
    if not given.offline:
        ids_file.refuse(path, _missing(rows, config))
    if not given.check:
        _take(rows, config)
    done = "would be imported" if given.check else "were imported"
    result = {"file": str(path), "imported": 0 if given.check else len(rows), "rows": len(rows)}
    _say(given, result, f"{len(rows)} ids {done} from {path}.")
    return 0


def _take(rows: Sequence[Row], config: Mapping[str, Any]) -> None:
    from target_ecwid.shop.ids import opened_ids  # noqa: PLC0415
    from target_ecwid.work_folder import locked, work_folder  # noqa: PLC0415

    folder = work_folder(config)
    lock = locked(folder)
    try:
        ids = opened_ids(config, folder, holds=True)
        try:
            for source in dict.fromkeys(row.source for row in rows):
                ids.take(source, [row.pair for row in rows if row.source == source])
        finally:
            ids.close()
    finally:
        os.close(lock)


def _missing(rows: Sequence[Row], config: Mapping[str, Any]) -> list[str]:
    """What is said of objects that aren't in the shop.

    Raises:
        EcwidError: The shop can't be asked.
    """
    from ecwid_plugin.connection import client_for  # noqa: PLC0415
    from target_ecwid.shop.looking import are_there  # noqa: PLC0415

    interruptions = Interruptions()
    interruptions.watch()
    client = client_for(config, config, PLUGIN.user_agent)
    try:
        there = are_there(client, config, [row.pair for row in rows], interruptions.check)
    finally:
        client.close()
    return [
        f"line {row.line}: {row.pair.entity} {text_of(row.pair.keys)} is not in the shop"
        for row, is_there in zip(rows, there, strict=True)
        if not is_there
    ]


def _say(given: argparse.Namespace, result: Mapping[str, object], text: str) -> None:
    if given.json:
        write_json(result)
    else:
        sys.stdout.write(f"{text}\n")
