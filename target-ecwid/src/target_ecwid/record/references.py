"""What records say of other objects: where a record has keys of others, and other keys there."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import CALLS_REFER, ENTITIES
from target_ecwid.jobs import CallJob, owner_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.jobs import Job

_NONE: Final = object()


def references_of(job: Job) -> Mapping[str, str]:
    """Field of a record, or parameter of the path -> entity whose key it holds.

    A field has dots where it is inside another.

    Args:
        job: What is done with the record.
    """
    found: dict[str, str] = {}
    if isinstance(job, CallJob):
        of_operation = (e for e in ENTITIES.values() if job.operation.id in {e.create, e.update})
        for entity in of_operation:
            found |= entity.refers
        found |= CALLS_REFER.get(job.operation.id, {})
        owner = owner_of(job.operation)
        if owner is not None:
            first, *others = job.operation.path_names
            found |= {n: parts[n] for n in others if n in (parts := _parts_of(owner.name))}
            found[first] = owner.name
    elif job.entity is not None:
        found |= job.entity.refers
    return found


def others_in_path(job: Job) -> Mapping[str, Entity]:
    """Path parameter -> the entity of its objects, where they aren't the stream's own."""
    if isinstance(job, CallJob):
        refers = references_of(job)
        return {n: ENTITIES[refers[n]] for n in job.operation.path_names if n in refers}
    entity = job.entity
    pairs = zip(entity.keys[:-1], entity.key_parameters[:-1], strict=True)
    return {name: ENTITIES[entity.refers[key]] for key, name in pairs if key in entity.refers}


@functools.cache
def _parts_of(owner: str) -> Mapping[str, str]:
    """Path parameter -> entity whose objects are parts of an owner's, and whose key it takes."""
    parts = (e for e in ENTITIES.values() if e.parent == owner and len(e.keys) > 1)
    return {entity.key_parameters[-1]: entity.name for entity in parts}


def type_at(fields: Mapping[str, Any], path: str) -> object:
    """The JSON type at a path of names with dots between them; None where it isn't described."""
    schema: Any = {"properties": fields}
    for name in path.split("."):
        schema = (schema.get("properties") or {}).get(name) or {}
        while "items" in schema:
            schema = schema["items"]
    return schema.get("type")


def top_of(path: str) -> str:
    """The field of the record in which a reference stands."""
    return path.partition(".")[0]


def keys_at(value: Any, path: str) -> Iterator[int | str]:  # noqa: ANN401 - any part of a record
    """The keys that stand at a path of names with dots between them, in lists as well."""
    return _keys_at(value, path.split("."))


def _keys_at(value: Any, path: list[str]) -> Iterator[int | str]:  # noqa: ANN401
    if isinstance(value, list):
        for one in value:
            yield from _keys_at(one, path)
    elif path:
        if isinstance(value, dict):
            yield from _keys_at(value.get(path[0]), path[1:])
    elif is_key(value):
        yield value


def is_key(value: object) -> bool:
    """Whether a value can be a key of something."""
    # 0 stands for none, such as for the parent of a category on top.
    return isinstance(value, int | str) and not isinstance(value, bool) and bool(value)


def needs_of(
    entity: Entity, values: Mapping[str, Any], names: Container[str]
) -> dict[str, list[Any]]:
    """Entity -> keys of objects that some fields of a record refer to.

    Args:
        entity: The record's entity.
        values: The record's fields.
        names: The top-level fields that count.
    """
    found: dict[str, list[Any]] = {}
    for path, other in entity.refers.items():
        if top_of(path) in names and (keys := list(keys_at(values, path))):
            found.setdefault(other, []).extend(keys)
    return found


def replaced(
    value: Any,  # noqa: ANN401 - any part of a record
    path: str,
    change: Callable[[int | str], object],
    *,
    omitted: object = _NONE,
) -> Any:  # noqa: ANN401
    """A copy with other keys at a path; the record itself stays as it is.

    Args:
        value: A record's fields.
        path: Where the keys stand.
        change: Gives the new key for one that is there.
        omitted: What ``change`` returns for a key that is left out.
    """
    return _changed(value, path.split("."), change, omitted)


def _changed(
    value: Any,  # noqa: ANN401
    path: list[str],
    change: Callable[[int | str], object],
    omitted: object,
) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        several = [_changed(one, path, change, omitted) for one in value]
        return [one for one in several if one is not omitted]
    if not path:
        return change(value) if is_key(value) else value
    name, *inner = path
    if not isinstance(value, dict) or name not in value:
        return value
    made = _changed(value[name], inner, change, omitted)
    if made is omitted:
        return {n: v for n, v in value.items() if n != name}
    return {**value, name: made}
