"""What a complete stream had not: it is deleted or disabled, where the settings say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_api.errors import SettingError
from target_ecwid.change.changes import Rejected, Unchanged
from target_ecwid.change.entity_planner import EntityPlanner
from target_ecwid.outcome.drafts import Planned
from target_ecwid.outcome.pending import Pending
from target_ecwid.record.door import Record
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from target_ecwid.change.changes import Change
    from target_ecwid.change.match import Found
    from target_ecwid.run.writer import Writer


def removals(writer: Writer, limit: int | None) -> list[Planned] | None:
    """The changes that take away what a stream had not; None where it can't be known.

    Args:
        writer: The stream's.
        limit: How many objects may be taken away; None for any number.

    Raises:
        SettingError: There are more.
        EcwidError: The shop can't be read.
    """
    planner, finder = writer.planner, writer.finder
    if finder is None or not isinstance(planner, EntityPlanner) or not finder.read_all():
        return None
    is_of_source = writer.follower.is_of_source
    unseen = [found for found in finder.objects.unseen() if is_of_source(found.keys)]
    planned = [_removal(planner, found) for found in unseen]
    planned = [one for one in planned if not isinstance(one.change, Unchanged)]
    if limit is not None and len(planned) > limit:
        raise SettingError(
            "max_deletions",
            f"isn't set, so that ACTIVATE_VERSION may take away {limit} objects, and "
            f"{len(planned)} {planner.entity.name} of the shop are not in the stream "
            f"{planner.job.stream}: none was taken away. Set it if that is meant",
        )
    return planned


def _removal(planner: EntityPlanner, found: Found) -> Planned:
    fields = dict(zip(planner.entity.keys, found.keys, strict=True))
    record = Record(stream=planner.job.stream, sequence=0, came=fields, values=fields, deleted=True)
    lookup = planner.naming.lookup(record)
    about = planner.about(record, lookup)
    change: Change
    try:
        change = planner.removal(found, about)
    except Unfit as unfit:
        change = Rejected(reason=unfit.reason, message=unfit.message, keys=found.keys, **about)
    return Planned(
        pending=Pending(record=record).last(),
        record=record,
        lookup=lookup,
        change=change,
        names=frozenset(),
    )
