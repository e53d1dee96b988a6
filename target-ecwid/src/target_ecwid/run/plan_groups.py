"""Which changes of a plan go together, and how their objects are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecwid_api.entities import ENTITIES
from target_ecwid.change.changes import Kind, Write
from target_ecwid.change.new_keys import new_key, new_keys_in
from target_ecwid.record.lookups import Lookup, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from target_ecwid.plan.plan_file import PlanFile


def groups(plan: PlanFile, size: int) -> Iterator[list[tuple[int, Write]]]:
    """Changes that go together: of one sort, none of them about what another is about.

    Args:
        plan: The plan.
        size: The most changes of a group.

    Yields:
        Places in the plan, from 0, and changes.

    Raises:
        PlanError: The plan can't be read any more.
    """
    name = plan.header.id
    group: list[tuple[int, Write]] = []
    taken: set[str] = set()
    made: set[str] = set()
    for place, change in enumerate(plan.changes()):
        if not isinstance(change, Write):
            continue
        tokens = set(tokens_of(change))
        other = bool(group) and sort_of(group[0][1]) != sort_of(change)
        needs = bool(made) and not made.isdisjoint(new_keys_in(change, name))
        if group and (len(group) >= size or other or needs or not tokens.isdisjoint(taken)):
            yield group
            group, taken, made = [], set(), set()
        group.append((place, change))
        taken |= tokens
        if change.kind is Kind.CREATED:
            made.add(new_key(name, change.sequence))
    if group:
        yield group


def sort_of(write: Write) -> tuple[str, str]:
    """Changes of a sort can go together."""
    return write.stream, write.call.operation if write.is_call else (write.entity or "")


def tokens_of(write: Write) -> Iterator[str]:
    """What two changes that go together must not have in common.

    It is the object, and each natural key that it gives up or takes: what one change frees, such as
    the SKU of a deleted product, the next one may take.
    """
    lookup = lookup_of(write)
    if lookup.keys is not None:
        yield f"{write.entity} {token_of(lookup.keys)}"
    entity = ENTITIES[write.entity] if write.entity is not None else None
    for name in entity.natural_keys if entity is not None else ():
        for state in (write.before, write.after, write.key):
            value = state.get(name)
            if value not in (None, ""):
                yield f"{write.entity} {name} {str(value).casefold()}"
    if write.call.file is not None or write.is_call:
        yield f"{write.call.operation} {write.call.path}"


def lookup_of(write: Write) -> Lookup:
    """How a change's object is found."""
    if write.keys is not None:
        return Lookup(write.keys, None, write.keys[:-1], write.keys)
    parent = tuple(write.call.path.values())
    return Lookup(None, write.natural, parent, (*parent, None), write.given)
