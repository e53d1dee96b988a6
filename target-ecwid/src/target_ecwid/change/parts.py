"""Parts of an object that come and go by operations of their own: pictures, films and files.

A write of the whole object can change those that are there, and nothing else: what it says of
others is nobody's business, and would differ for ever between two shops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecwid_api.entities import ENTITIES
from target_ecwid.change.comparing import same

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
    for path in paths:
        if path[0] in found:
            left = _changed(found[path[0]], there.get(path[0]), path[1:])
            if left:
                found[path[0]] = left
            else:
                del found[path[0]]
    return found


def without_strange_ids(sent: Any, there: Any) -> Any:  # noqa: ANN401 - any JSON
    """What is sent, with no ids in its lists that the object's lists don't have.

    They are those of another shop: Ecwid gives each entry an id of its own, and the entry would
    differ for ever.

    Args:
        sent: What would be written.
        there: What the object has at the same place.
    """
    if isinstance(sent, dict):
        beside = there if isinstance(there, dict) else {}
        return {n: without_strange_ids(value, beside.get(n)) for n, value in sent.items()}
    if not isinstance(sent, list) or not isinstance(there, list):
        return sent
    known = {str(one["id"]) for one in there if isinstance(one, dict) and "id" in one}
    return [
        {n: value for n, value in one.items() if n != "id"}
        if known and isinstance(one, dict) and len(one) > 1 and str(one.get("id")) not in known
        else one
        for one in sent
    ]


def _changed(sent: Any, there: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON
    """What is left of a value when parts at a path are; the value itself stays as it is."""
    if path and isinstance(sent, dict):
        name, beside = path[0], there if isinstance(there, dict) else {}
        if name not in sent:
            return sent
        left = _changed(sent[name], beside.get(name), path[1:])
        return {
            key: left if key == name else value
            for key, value in sent.items()
            if left or key != name
        }
    if not isinstance(sent, list):
        return sent
    known = {str(part.get("id")): part for part in there or ()}
    return [
        part
        for part in sent
        if isinstance(part, dict)
        and str(part.get("id")) in known
        and not same(part, known[str(part.get("id"))])
    ]
