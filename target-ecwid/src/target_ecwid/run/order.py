"""The order in which records are written: what others refer to comes first."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ecwid_api.entities import ENTITIES
from target_ecwid.jobs import Action, CallJob
from target_ecwid.record.references import top_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_ecwid.jobs import Job


@functools.cache
def depth(name: str) -> int:
    """How many entities stand before one: those that it refers to, or is a part of."""
    entity = ENTITIES[name]
    refers = entity.refers.items()
    before = {other for path, other in refers if top_of(path) not in entity.deferred}
    before |= {entity.parent} if entity.parent else set()
    return 1 + max((depth(other) for other in before - {name}), default=0)


def _named(job: CallJob) -> Iterator[str]:
    """The entities whose objects a call's path names: an owner, and a part of it."""
    if job.entity is not None:
        yield job.entity.name
    for entity in ENTITIES.values():
        if entity.embedded and set(entity.key_parameters) <= set(job.operation.path_names):
            yield entity.name


def rank_of(job: Job) -> tuple[int, int]:
    """The place of a job's stream: what others refer to comes first, and calls come last.

    Parts that are deleted go before their owners are written, which may no longer allow them.
    """
    if isinstance(job, CallJob):
        return (max(map(depth, _named(job)), default=0), 1)
    if job.action is Action.DELETE and job.entity.embedded is not None:
        return (depth(job.entity.embedded.parent), -1)
    return (depth(job.entity.name), 0)
