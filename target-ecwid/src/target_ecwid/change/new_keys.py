"""Keys of objects that a plan creates: a text stands for each until the object is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ecwid_api.entities import ENTITIES
from target_ecwid.record.references import replaced, type_at
from target_ecwid.record.unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from target_ecwid.change.changes import Write


def new_key(plan: str, sequence: int) -> str:
    """What stands in a plan for the key of an object that it creates.

    Args:
        plan: The plan's id.
        sequence: The place in the input of the record that creates it.
    """
    return f"(new {sequence} {plan})"


def is_new(value: object, plan: str) -> bool:
    """Whether a value stands for the key of an object that a plan creates."""
    return isinstance(value, str) and value.startswith("(new ") and value.endswith(f" {plan})")


def new_keys_in(write: Write, plan: str) -> Iterator[str]:
    """What stands for keys in a write of a plan."""
    yield from _in([write.keys, write.call.path, write.call.query, write.call.body], plan)


def _in(value: Any, plan: str) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for one in value.values():
            yield from _in(one, plan)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _in(one, plan)
    elif is_new(value, plan):
        yield value


def with_keys(write: Write, plan: str, made: Mapping[str, Any]) -> Write:
    """A write with the shop's keys in place of what stands for them.

    Args:
        write: A write of a plan.
        plan: The plan's id.
        made: What stands for a key -> the key; None where the object isn't there.

    Raises:
        Unfit: It needs an object that isn't there.
    """
    wanted = set(new_keys_in(write, plan))
    if not wanted:
        return write
    missing = [text for text in wanted if made.get(text) is None]
    if missing:
        places = ", ".join(text.split()[1] for text in missing)
        raise Unfit(
            "unknown reference",
            f"it needs what record {places} of the plan creates, and that isn't in the shop. See "
            "why that record was rejected, and make a new plan",
        )

    def put(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {name: put(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(map(put, value))
        return made[value] if is_new(value, plan) else value

    call = write.call
    refers = ENTITIES[write.entity].refers if write.entity is not None else {}
    body, after = put(call.body), put(write.after)
    fields = call.request().operation.body_fields
    for path in refers:
        # Some of Ecwid's references are numbers in texts.
        if type_at(fields, path) == "string":
            body, after = replaced(body, path, str), replaced(after, path, str)
    return msgspec.structs.replace(
        write,
        keys=put(write.keys),
        after=after,
        call=msgspec.structs.replace(call, path=put(call.path), query=put(call.query), body=body),
    )
