"""The command ``target-ecwid retry``: takes again what earlier runs rejected."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

from ecwid_plugin.access_commands import add_config, settings_of
from ecwid_plugin.command import Interruptions
from ecwid_plugin.json_output import write_json
from ecwid_plugin.plugin_facts import refuse, words
from target_ecwid.commands import PLUGIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet


def run(arguments: Sequence[str]) -> int:
    """Run the command.

    Args:
        arguments: The command line; its first word is ``retry``.

    Returns:
        The exit code: 1 where records are rejected again.

    Raises:
        EcwidError: Something is wrong.
    """
    given = _parser().parse_args(arguments[1:])
    config = settings_of(PLUGIN, given.config)
    refuse(PLUGIN.problems(config))
    streams = frozenset(given.streams) if given.streams is not None else None
    if given.list or given.drop:
        return _kept(given, config, streams)
    return _retry(given, config, streams)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="target-ecwid retry",
        allow_abbrev=False,
        description="Take again what earlier runs rejected, with the settings of now and in the "
        "order in which it came. A record is written only if no newer one of the same object has "
        "been. Exit code 0: none is rejected again.",
    )
    add_config(parser)
    parser.add_argument(
        "--streams",
        type=words,
        metavar="NAMES",
        help="only records of these streams, separated by commas",
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--list", action="store_true", help="only list the records")
    instead.add_argument("--drop", action="store_true", help="forget the records")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _retry(
    given: argparse.Namespace, config: dict[str, Any], streams: AbstractSet[str] | None
) -> int:
    from ecwid_plugin.connection import client_for  # noqa: PLC0415 - --help need not wait
    from target_ecwid.run.run import Run  # noqa: PLC0415

    interruptions = Interruptions()
    interruptions.watch()
    run = Run(
        config,
        client_for(config, config, PLUGIN.user_agent),
        made_by=PLUGIN.user_agent,
        check_interrupted=interruptions.check,
        emit=lambda _: None,
    )
    ended_well = False
    taken = 0
    try:
        run.start()
        taken = run.retry(streams, alone=True)
        if taken:
            run.finish()
        ended_well = True
    finally:
        run.close(ended_well=ended_well)
    counts = run.counts
    left = sum(kinds.get("rejected", 0) for kinds in counts.values())
    if given.json:
        write_json({"retried": taken, "rejected": left, "counts": counts})
    elif taken:
        sys.stdout.write(f"{taken} records were taken again; {left} were rejected again.\n")
    else:
        sys.stdout.write("No rejected records are kept.\n")
    return 1 if left else 0


def _kept(
    given: argparse.Namespace, config: Mapping[str, Any], streams: AbstractSet[str] | None
) -> int:
    from target_ecwid.outcome.kept_records import KeptRecords  # noqa: PLC0415 - as above
    from target_ecwid.work_folder import work_folder  # noqa: PLC0415

    kept = KeptRecords(work_folder(config), config["source"])
    try:
        if given.drop:
            count = kept.drop(streams)
            if given.json:
                write_json({"dropped": count})
            else:
                sys.stdout.write(f"{count} rejected records were forgotten.\n")
            return 0
        found = list(kept.all(streams))
    finally:
        kept.close()
    if given.json:
        write_json(
            [
                {name: getattr(one, name) for name in one.__struct_fields__ if name != "shape"}
                for one in found
            ]
        )
        return 0
    for one in found:
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(one.at))
        keys = {n: one.record.get(n) for n in one.shape.key_properties}
        named = ", ".join(f"{name} {value}" for name, value in keys.items())
        sys.stdout.write(f"{at} UTC  {one.stream}  {named}  {one.reason}: {one.message}\n")
    if not found:
        sys.stdout.write("No rejected records are kept.\n")
    return 0
