"""Parts of an object that come and go by operations of their own: pictures, films and files.

A write of the whole object can change those that are there, and nothing else: what it says of
others is nobody's business, and would differ for ever between two shops.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ecwid_api.entities import ENTITIES
from target_ecwid.comparing import same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ecwid_api.entity import Entity


def paths_of(entity: Entity) -> tuple[tuple[str, ...], ...]:
    """Where such parts stand in an entity's objects."""
    return tuple(
        tuple(one.embedded.field.split("."))
        for one in ENTITIES.values()
        if one.embedded is not None and one.embedded.parent == entity.name and one.embedded.apart
    )


def changed_parts(
    body: Mapping[str, Any], there: Mapping[str, Any], paths: Sequence[tuple[str, ...]]
) -> dict[str, Any]:
    """A body in which only those parts are left that the object has, and has otherwise.

    Args:
        body: What would be written.
        there: What the object has.
        paths: Where the parts stand.
    """
    found = dict(body)
    for outer in {path[0] for path in paths} & body.keys():
        found[outer] = copy.deepcopy(body[outer])
    for path in paths:
        _keep_changed(found, there, path)
    return found


def _keep_changed(body: dict[str, Any], there: Any, path: tuple[str, ...]) -> None:  # noqa: ANN401
    name, inner = path[0], path[1:]
    if name not in body:
        return
    beside = there.get(name) if isinstance(there, dict) else None
    if inner and isinstance(body[name], dict):
        _keep_changed(body[name], beside, inner)
    elif isinstance(body[name], list):
        known = {str(part.get("id")): part for part in beside or ()}
        body[name] = [
            part
            for part in body[name]
            if isinstance(part, dict)
            and str(part.get("id")) in known
            and not same(part, known[str(part.get("id"))])
        ]
    if not body[name]:
        del body[name]
