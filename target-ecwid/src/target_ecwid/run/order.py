"""The order in which records are written, and how many go together."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from target_ecwid.jobs import CallJob
from target_ecwid.record.references import top_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.client import Client
    from target_ecwid.jobs import Job

_BATCHES_A_MINUTE: Final = 4
"""Batches that fill a minute of the limit, where their requests count."""

_OTHER_REQUESTS: Final = 16
"""Requests a minute that are left for what goes with them."""


@functools.cache
def depth(name: str) -> int:
    """How many entities stand before one: those that it refers to, or is a part of."""
    entity = ENTITIES[name]
    refers = entity.refers.items()
    before = {other for path, other in refers if top_of(path) not in entity.deferred}
    before |= {entity.parent} if entity.parent else set()
    return 1 + max((depth(other) for other in before - {name}), default=0)


def rank_of(job: Job) -> tuple[int, bool]:
    """The place of a job's stream: what others refer to comes first, and calls come last."""
    entity = job.entity
    return (depth(entity.name) if entity is not None else 0, isinstance(job, CallJob))


def batch_size(config: Mapping[str, Any], client: Client) -> int:
    """How many records go together.

    Where requests in batches count, a few batches fill a minute of the limit: with larger ones the
    rest of it would be unused, and their places are held for as long as they take.
    """
    size: int = config["batch_size"]
    if config["batch_requests_count"]:
        room = client.http.requests_per_minute - _OTHER_REQUESTS
        size = min(size, max(1, room // _BATCHES_A_MINUTE))
    return size
