"""What of a write can be put back, and what can't. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Kind
from target_ecwid.change.pictures import pictures
from target_ecwid.record.forms import needs_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.change.changes import Write
    from target_ecwid.record.lookups import Keys


def impossible(write: Write) -> str | None:
    """Why a write can't be taken back at all; None where it can, as far as it can be known.

    Args:
        write: A write, before or after it was carried out.
    """
    operation = write.call.request().operation
    if operation.id in pictures():
        return None
    if operation.adds and isinstance(write.call.body, dict):
        numbers = all(isinstance(v, int | float) for v in write.call.body.values())
        return None if numbers else f"{operation.id} adds what can't be counted"
    if write.entity is None:
        return f"{operation.id} is about no object that can be read"
    entity = ENTITIES[write.entity]
    known = entity.operations
    if operation.id == entity.create:
        return None if known.delete is not None else f"Ecwid can't delete {entity.name}"
    if operation.id == entity.delete:
        return None if known.create is not None else f"Ecwid can't create {entity.name}"
    if operation.id == entity.update and write.after:
        return None
    return f"nobody knows what was there before {operation.id}"


def lasting(write: Write) -> str:
    """What of a write an undo can't take back; empty where it takes back everything.

    Args:
        write: A write of a plan.
    """
    why = impossible(write)
    if why is not None:
        return why
    if write.kind is Kind.DELETED and not write.is_call:
        holds_others = ENTITIES[write.entity or ""].refers.get("parentId") == write.entity
        more = f", but not the {write.entity} below it" if holds_others else ""
        return f"an undo creates it again, with another id{more}"
    if write.kind is not Kind.UPDATED or write.entity is None:
        return ""
    changed = {name: write.after[name] for name in write.changed}
    _, lost = to_put_back(ENTITIES[write.entity], write, changed)
    return no_value(lost) if lost else ""


def to_put_back(
    entity: Entity, write: Write, changed: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """What gives an object its fields back, and names of those that can't be without a value.

    Args:
        entity: The object's entity.
        write: What changed it.
        changed: The fields as they were written.
    """
    update = entity.operations.update
    lost: list[str] = []
    schemas = update.body_fields if update is not None else {}
    values = _as_before(changed, write.before, schemas, lost)
    others = entity.with_together(changed).difference(changed)
    values |= {n: write.before[n] for n in others if write.before.get(n) is not None}
    # Where the other one is put back, such as unlimited, Ecwid takes the value away by itself.
    gone = [n for n in lost if (entity.with_together([n]) - {n}).isdisjoint(values)]
    return values, gone


def no_value(names: list[str]) -> str:
    """What is said of fields that had no value."""
    return f"{', '.join(names)} had no value, and Ecwid can't take one away"


def _as_before(
    after: Mapping[str, Any],
    before: object,
    schemas: Mapping[str, Any],
    lost: list[str],
    path: str = "",
) -> dict[str, Any]:
    """What gives fields back what they were before.

    Ecwid changes of an object inside another only what is sent: so each of its fields is looked at.

    Args:
        after: The fields as they were written.
        before: The object, or the one inside it, as it was.
        schemas: The fields' JSON schemas.
        lost: Takes the names of fields that had no value and can't be without one again.
        path: Where the object stands in another.
    """
    had = before if isinstance(before, dict) else {}
    found: dict[str, Any] = {}
    for name, value in after.items():
        schema = schemas.get(name) or {}
        inner = schema.get("properties") or {}
        there = had.get(name)
        if isinstance(value, dict) and inner:
            within = _as_before(value, there, inner, lost, f"{path}{name}.")
            found |= {name: {**(there or {}), **within}} if within or there else {}
        elif there is not None:
            found[name] = there
        elif value not in (None, "", [], {}) and needs_value(schema):
            lost.append(f"{path}{name}")
        else:
            found[name] = [] if isinstance(value, list) else "" if isinstance(value, str) else None
    return found


def adds(write: Write) -> bool:
    """Whether a write adds to what is there, such as to a stock."""
    return write.call.request().operation.adds


def root_of(entity: Entity, keys: Keys) -> tuple[str, str]:
    """The object that stands by itself: of a part, the one that it is a part of.

    Where its keys aren't known, the key is empty: no other object has that one.
    """
    name = entity.embedded.parent if entity.embedded is not None else entity.name
    return name, str(keys[0]) if keys else ""
