"""The commands ``target-ecwid apply``, ``runs`` and ``undo``."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecwid_plugin.access_commands import add_config, settings_of
from ecwid_plugin.command import Interruptions
from ecwid_plugin.connection import client_for
from ecwid_plugin.json_output import write_json
from ecwid_plugin.plugin_facts import refuse
from target_ecwid.change.changes import Rejected, named
from target_ecwid.commands import PLUGIN
from target_ecwid.plan.plan_file import PlanFile
from target_ecwid.run.applying import apply_plan, check_plan
from target_ecwid.run.plan_of_undo import plan_of_undo
from target_ecwid.shop.history import History
from target_ecwid.shop.workplace import Workplace
from target_ecwid.work_folder import is_held, work_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from target_ecwid.plan.plan_file import Summary
    from target_ecwid.shop.history import RunEntry

_SHOWN: Final = 20
"""How many changes that can't be taken back are shown."""

_DRIFT: Final = ("skip", "fail", "overwrite")


def run(arguments: Sequence[str]) -> int:
    """Run one of the commands.

    Args:
        arguments: The command line; its first word is the command.

    Returns:
        The exit code.

    Raises:
        EcwidError: Something is wrong.
    """
    given = _parser().parse_args(arguments)
    config = settings_of(PLUGIN, given.config)
    _show_the_log()
    if given.command == "runs":
        return _runs(given, config)
    refuse(PLUGIN.problems(config))
    if given.on_drift is not None:
        config["on_drift"] = given.on_drift
    if given.command == "apply":
        return _apply(PlanFile(Path(given.plan)), given, config)
    return _undo(given, config)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="target-ecwid", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    apply = commands.add_parser(
        "apply",
        allow_abbrev=False,
        help="carry out a plan",
        description="Carry out exactly the changes of a plan. Each object is read again first; "
        "what has changed since the plan was made is left alone and reported. A plan that was "
        "interrupted goes on where it was.",
    )
    apply.add_argument("plan", metavar="FILE", help="the plan")
    runs = commands.add_parser(
        "runs",
        allow_abbrev=False,
        help="list the runs that wrote something",
        description="List the runs that wrote to the store, the newest first.",
    )
    undo = commands.add_parser(
        "undo",
        allow_abbrev=False,
        help="take a run back",
        description="Take a run back: put fields back, delete what was created, and create again "
        "what was deleted. What has changed since the run is left alone and reported.",
    )
    undo.add_argument("run", metavar="RUN", help="the run's id (see 'target-ecwid runs'), or last")
    undo.add_argument("--plan", metavar="FILE", help="only write the plan for it into this file")
    for command in (apply, runs, undo):
        add_config(command)
        command.add_argument("--json", action="store_true", help="print JSON")
    for command in (apply, undo):
        command.add_argument("--yes", action="store_true", help="don't ask")
        command.add_argument(
            "--on-drift",
            choices=_DRIFT,
            help="what to do with what has changed meanwhile, in place of the setting on_drift",
        )
    return parser


def _apply(plan: PlanFile, given: argparse.Namespace, config: dict[str, Any]) -> int:
    check_plan(plan, config)
    stays = _stays(plan)
    if not given.yes and not _agreed(plan.summary):
        sys.stderr.write("Nothing was written.\n")
        return 1
    interruptions = Interruptions()
    interruptions.watch()
    client = client_for(config, config, PLUGIN.user_agent)
    applied = apply_plan(plan, config, client, interruptions.check)
    if given.json:
        write_json(
            {
                "run": applied.run,
                "plan": plan.header.id,
                "already": applied.already,
                "counts": applied.counts,
                "left_alone": applied.left_alone,
                "not_taken_back": stays,
            }
        )
    elif applied.already:
        sys.stdout.write(f"The plan was carried out before, by run {applied.run}.\n")
    elif applied.run is None:
        sys.stdout.write("Nothing had to be written.\n")
    else:
        sys.stdout.write(
            f"Run {applied.run}. To take it back: target-ecwid undo {applied.run}\n"
            if config["undo_days"]
            else f"Run {applied.run}.\n"
        )
    return 0


def _stays(plan: PlanFile) -> int:
    """Say what an undo can't take back, and count it."""
    if plan.header.kind != "undo":
        return 0
    count = 0
    for change in plan.changes():
        if isinstance(change, Rejected):
            count += 1
            if count <= _SHOWN:
                sys.stderr.write(f"{named(change)} {change.reason}: {change.message}\n")
    if count > _SHOWN:
        sys.stderr.write(
            f"{count - _SHOWN} more can't be taken back: see them with undo {plan.header.undoes} "
            "--plan FILE and plan show FILE\n"
        )
    return count


def _agreed(summary: Summary) -> bool:
    """Ask, where somebody is there to answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    for stream, count in summary.streams.items():
        shown = ", ".join(
            f"{getattr(count, name)} {name}"
            for name in ("created", "updated", "disabled", "deleted", "rejected")
            if getattr(count, name)
        )
        sys.stderr.write(f"{stream}: {shown or 'nothing'}\n")
    sys.stderr.write("Carry this out? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _runs(given: argparse.Namespace, config: Mapping[str, Any]) -> int:
    folder = work_folder(config)
    history = History(folder, days=config["undo_days"])
    try:
        runs = history.runs()
    finally:
        history.close()
    if not is_held(folder):
        runs = [
            msgspec.structs.replace(run, state="interrupted") if run.state == "running" else run
            for run in runs
        ]
    if given.json:
        write_json(runs)
        return 0
    if not runs:
        sys.stdout.write("No run has written to this store yet.\n")
    for run in runs:
        sys.stdout.write(_shown(run))
    return 0


def _shown(run: RunEntry) -> str:
    """A run, as lines of text."""
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(run.started))
    about = {
        "records": f"records{f' of {run.source}' if run.source else ''}",
        "apply": f"plan {run.plan}",
        "undo": f"undo of {run.undoes}",
    }[run.kind]
    lines = [f"{run.id}  {at} UTC  {run.state}  {about}  {run.writes} writes to undo"]
    for stream, counts in run.counts.items():
        shown = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        lines.append(f"    {stream}: {shown or 'nothing'}")
    return "\n".join(lines) + "\n"


def _undo(given: argparse.Namespace, config: dict[str, Any]) -> int:
    path = Path(given.plan) if given.plan else None
    interruptions = Interruptions()
    interruptions.watch()
    client = client_for(config, config, PLUGIN.user_agent)
    workplace = Workplace(config, client, interruptions.check)
    try:
        # What the run had under way when it was killed.
        workplace.resume()
        plan = plan_of_undo(workplace, given.run, config, path, made_by=PLUGIN.user_agent)
    finally:
        workplace.close(ended_well=False)
    if path is None:
        code = _apply(plan, given, config)
        if code == 0:
            plan.path.unlink(missing_ok=True)
        return code
    if given.json:
        write_json({"plan": plan.header.id, "file": given.plan, "run": given.run})
    else:
        sys.stdout.write(
            f"The plan is in {path}: {plan.summary.lines} changes. To see it: target-ecwid plan "
            f"show {path}. To carry it out: target-ecwid apply {path}\n"
        )
    return 0


def _show_the_log() -> None:
    """Write what the target logs to standard error, as plain lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    for name in ("target-ecwid", "target_ecwid"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
