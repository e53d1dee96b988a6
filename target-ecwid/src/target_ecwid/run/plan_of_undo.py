"""Writes the plan that takes a run back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from target_ecwid.change.changes import Kind, Rejected, Write
from target_ecwid.plan.plan_file import PlanFile
from target_ecwid.plan.planning import Guards, Planning, header_of
from target_ecwid.plan.undoing import Undoing
from target_ecwid.shop.history import History

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from target_ecwid.shop.history import RunEntry


LAST: Final = "last"
"""What stands for the last run that wrote something."""


def plan_of_undo(
    folder: Path, run: str, config: Mapping[str, Any], path: Path | None, *, made_by: str
) -> PlanFile:
    """Write the plan that takes a run back.

    Args:
        folder: The store's work folder.
        run: The run's id, or ``last``.
        config: The settings.
        path: Where the plan goes; by default into the folder.
        made_by: Name and version of the program.

    Raises:
        SettingError: There is no such run, or nothing is known of what it wrote.
        PlanError: The plan can't be written.
    """
    history = History(folder, days=config["undo_days"])
    try:
        runs = history.runs()
        entry = _entry(runs, run)
        run = entry.id
        path = path or folder / f"undo-{run}.jsonl"
        begun = next((one for one in runs if one.undoes == run), None)
        if begun is not None and begun.state != "done" and path.exists():
            plan = PlanFile(path)
            if plan.header.id == begun.plan:
                # It goes on where it was.
                return plan
        header = header_of(config, made_by=made_by, kind="undo", source=entry.source, undoes=run)
        undoing = Undoing(config, header.id)
        for past in history.writes(run):
            undoing.survey(past)
        undoing.begin()
        planning = Planning(path, header, Guards.of(config))
        try:
            for past in history.writes(run):
                for change in undoing.turned_round(past):
                    if isinstance(change, Write):
                        planning.write(change)
                    if isinstance(change, Write | Rejected):
                        kind = change.kind if isinstance(change, Write) else Kind.REJECTED
                        planning.concluded(change, kind)
            planning.end({})
        except BaseException:
            planning.drop()
            raise
    finally:
        history.close()
    return PlanFile(path)


def _entry(runs: list[RunEntry], run: str) -> RunEntry:
    if run == LAST and runs:
        begun = runs[0].undoes if runs[0].state != "done" else None
        # An undo that was interrupted goes on.
        run = begun or runs[0].id
    entry = next((one for one in runs if one.id == run), None)
    if entry is None:
        known = ", ".join(one.id for one in runs[:5])
        raise SettingError(
            "RUN",
            f"is {run!r}, which is no run of this store. See 'target-ecwid runs'; "
            f"{f'the last ones are {known}' if known else 'there is none yet'}",
        )
    if not entry.writes:
        raise SettingError(
            "RUN",
            f"is {run}, of which nothing is kept: undo_days was 0. It can't be taken back",
        )
    return entry
