"""Writes the plan that takes a run back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from target_ecwid.change.changes import Kind, Rejected, Write
from target_ecwid.plan.plan_file import PlanFile
from target_ecwid.plan.planning import Guards, Planning, header_of
from target_ecwid.plan.undoing import Undoing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from target_ecwid.change.changes import Change
    from target_ecwid.shop.history import RunEntry
    from target_ecwid.shop.workplace import Workplace


LAST: Final = "last"
"""What stands for the last run that wrote something."""


def plan_of_undo(
    workplace: Workplace,
    run: str,
    config: Mapping[str, Any],
    path: Path | None = None,
    *,
    made_by: str,
) -> PlanFile:
    """Write the plan that takes a run back.

    Args:
        workplace: The store's.
        run: The run's id, or ``last``.
        config: The settings.
        path: Where the plan goes; by default into the folder.
        made_by: Name and version of the program.

    Raises:
        SettingError: There is no such run, or nothing is known of what it wrote.
        PlanError: The plan can't be written.
    """
    history = workplace.history
    runs = history.runs()
    entry = _entry(runs, run)
    run = entry.id
    path = path or workplace.folder / f"undo-{run}.jsonl"
    begun = next((one for one in runs if one.undoes == run), None)
    if begun is not None and begun.state != "done" and path.exists():
        plan = PlanFile(path)
        if plan.header.id == begun.plan:
            # It goes on where it was.
            return plan
    _check_not_undone(runs, run)
    header = header_of(config, made_by=made_by, kind="undo", source=entry.source, undoes=run)
    undoing = Undoing(config, header.id)
    for past in history.writes(run):
        undoing.survey(past)
    planning = Planning(path, header, Guards())
    try:
        for turn in (undoing.turned_round, undoing.referred):
            for past in history.writes(run):
                for change in turn(past):
                    _add(planning, change)
        planning.end({})
    except BaseException:
        planning.drop()
        raise
    return PlanFile(path)


def _add(planning: Planning, change: Change) -> None:
    """Put a change into a plan."""
    if isinstance(change, Write):
        planning.write(change)
    if isinstance(change, Write | Rejected):
        planning.concluded(change, change.kind if isinstance(change, Write) else Kind.REJECTED)


def _check_not_undone(runs: list[RunEntry], run: str) -> None:
    """See that no run has taken a run back: stock that was adjusted would go back twice.

    Raises:
        SettingError: One has, at least in part.
    """
    undone = _undone_by(runs, run)
    if undone is None:
        return
    wholly = undone.state == "done"
    raise SettingError(
        "RUN",
        f"is {run}, which run {undone.id} has taken back{'' if wholly else ' in part'}. "
        + ("" if wholly else "Apply its plan again to take back the rest. ")
        + f"To have it again, undo {undone.id}",
    )


def _undone_by(runs: list[RunEntry], run: str) -> RunEntry | None:
    """The run that has taken a run back, unless it was taken back itself."""
    undos = [one for one in runs if one.undoes == run and (one.writes or one.state == "done")]
    return next((one for one in undos if _undone_by(runs, one.id) is None), None)


def _entry(runs: list[RunEntry], run: str) -> RunEntry:
    # A run of which Ecwid refused everything has nothing to take back.
    last = next((one for one in runs if one.writes), None)
    if run == LAST and last is not None:
        begun = last.undoes if last.state != "done" else None
        # An undo that was interrupted goes on.
        run = begun or last.id
    entry = next((one for one in runs if one.id == run), None)
    if entry is None and not runs:
        raise SettingError("RUN", f"is {run}, but no run of this work folder has written anything")
    if entry is None:
        known = ", ".join(one.id for one in runs[:5])
        raise SettingError(
            "RUN",
            f"is {run!r}, which is no run of this store. The last ones are {known}; 'target-ecwid "
            "runs' lists all",
        )
    if not entry.writes:
        raise SettingError(
            "RUN",
            f"is {run}, of which nothing is kept: it wrote nothing, or it is older than undo_days. "
            "There is nothing to take back",
        )
    return entry
