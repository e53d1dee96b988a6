"""A record of a wave, with what is known of it: first its name, then its change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from target_ecwid.jobs import EntityJob

if TYPE_CHECKING:
    from target_ecwid.change.changes import Change
    from target_ecwid.jobs import Job
    from target_ecwid.outcome.pending import Pending
    from target_ecwid.record.door import Record
    from target_ecwid.record.lookups import Lookup, Names
    from target_ecwid.shop.uploads import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A record of which it is known how it names its object.

    Attributes:
        pending: The record on its way.
        record: The record as it goes now.
        lookup: How it names its object.
    """

    pending: Pending
    record: Record
    lookup: Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A record of which it is known what it does to the shop.

    Attributes:
        pending: The record on its way.
        record: The record as it goes now.
        lookup: How it names its object.
        change: What it does to the shop.
        names: Names of its object.
        upload: The file that it uploads; None where it uploads none.
    """

    pending: Pending
    record: Record
    lookup: Lookup
    change: Change
    names: Names
    upload: Upload | None = None


def deferred_fields(job: Job, record: Record) -> frozenset[str]:
    """Fields of a record that can be written later, when what they refer to is there.

    Args:
        job: What is done with the record.
        record: The record.
    """
    if not isinstance(job, EntityJob):
        return frozenset()
    return frozenset(name for name in job.entity.deferred if record.values.get(name))
