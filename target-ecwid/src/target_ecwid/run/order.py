"""The order in which entities are written: what others refer to comes first."""

from __future__ import annotations

import functools

from ecwid_api.entities import ENTITIES
from target_ecwid.record.references import top_of


@functools.cache
def depth(name: str) -> int:
    """How many entities stand before one: those that it refers to, or is a part of."""
    entity = ENTITIES[name]
    refers = entity.refers.items()
    before = {other for path, other in refers if top_of(path) not in entity.deferred}
    before |= {entity.parent} if entity.parent else set()
    return 1 + max((depth(other) for other in before - {name}), default=0)
