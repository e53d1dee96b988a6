"""What is done with a stream's records: an entity's objects are matched, or an operation is called.

A job comes from the setting ``streams`` and the entities; ``stream_settings`` checks it.
"""

from __future__ import annotations

import difflib
import enum
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ecwid_api import description
from ecwid_api.entities import DANGEROUS, ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin.unknown_names import meant, unknown
from target_ecwid.origins import IGNORE, added_fields, origins_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity

FILE_FIELDS: Final = ("url", "path", "base64")
"""Where a record says what to upload: an address, a file of this machine, or the content."""

# Some operations name an object's key in another way than the object's own operations.
_OTHER_NAMES: Final[Mapping[str, str]] = {"orderIdentity": "orders"}


class Action(enum.StrEnum):
    """What is done with an entity's objects."""

    UPSERT = "upsert"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """What every job has.

    Attributes:
        stream: The stream's name.
        key: Field by which objects are found; None for the entity's own keys.
        path: Path parameters: values or expressions.
        query: Query parameters: values or expressions.
        payload: Fields of the body: values or expressions.
        only_payload: Whether the record's own fields aren't sent.
        added: Fields of the record that aren't the source's, and only expressions can use.
        merge: Lists that are merged into the object's.
        skips_rejected: Whether the run goes on after a rejected record.
    """

    stream: str
    key: str | None = None
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    only_payload: bool = False
    added: frozenset[str] = frozenset()
    merge: tuple[str, ...] = ()
    skips_rejected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityJob(_Settings):
    """Each record is an object of an entity.

    Attributes:
        entity: The entity.
        action: What is done with its objects.
    """

    entity: Entity
    action: Action

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations that a record with content can lead to."""
        known = self.entity.operations
        found = {
            Action.UPSERT: (known.create, known.update),
            Action.CREATE: (known.create,),
            Action.UPDATE: (known.update,),
            Action.DELETE: (known.delete,),
        }[self.action]
        return tuple(operation for operation in found if operation is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallJob(_Settings):
    """Each record is a call of one operation.

    Attributes:
        operation: The operation.
        entity: The entity whose object the operation is about; None where there is none.
    """

    operation: Operation
    entity: Entity | None

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operation."""
        return (self.operation,)


Job: TypeAlias = EntityJob | CallJob


def skips_rejected(config: Mapping[str, Any], stream: str) -> bool:
    """Whether a run goes on after a rejected record of a stream."""
    given = (config.get("streams") or {}).get(stream) or {}
    return bool((given.get("on_error") or config.get("on_error", "fail")) == "skip")


def job_of_write(stream: str, operation: Operation, entity: str | None, *, is_object: bool) -> Job:
    """The job that a write of a plan belongs to.

    Args:
        stream: Its stream.
        operation: What it calls.
        entity: Name of its object's entity.
        is_object: Whether it says what the object becomes; otherwise it is a call.
    """
    found = ENTITIES[entity] if entity is not None else None
    if found is not None and is_object:
        return EntityJob(stream=stream, entity=found, action=Action.UPSERT)
    return CallJob(stream=stream, operation=operation, entity=found)


@functools.cache
def writing_operations() -> Mapping[str, Operation]:
    """The operations that a stream can call, by id."""
    return {o.id: o for o in description.operations() if o.method != "GET" and o.group != "batch"}


def written_entities() -> list[str]:
    """Names of the entities that can be created or updated."""
    return [e.name for e in ENTITIES.values() if e.create or e.update]


@functools.cache
def _owners() -> Mapping[str, Entity]:
    """Path parameter -> the entity whose key it takes."""
    found: dict[str, Entity] = {}
    for entity in ENTITIES.values():
        known = entity.operations
        for operation in (known.update, known.delete, *known.by_path):
            if operation is None or len(entity.keys) > 1:
                continue
            if len(operation.path_names) == 1:
                found.setdefault(operation.path_names[0], entity)
    return {**found, **{name: ENTITIES[other] for name, other in _OTHER_NAMES.items()}}


def owner_of(operation: Operation) -> Entity | None:
    """The entity whose object an operation is about: that of the path's first parameter."""
    for name in operation.path_names[:1]:
        for entity in ENTITIES.values():
            if operation.id in {entity.create, entity.update, entity.delete}:
                if len(entity.keys) == 1:
                    return entity
                break
        return _owners().get(name)
    return None


def job_of(config: Mapping[str, Any], stream: str) -> Job:
    """What is to be done with a stream's records.

    Args:
        config: The settings.
        stream: The stream's name.

    Raises:
        SettingError: The settings don't say, or Ecwid can't do it.
    """
    given = (config.get("streams") or {}).get(stream) or {}
    given = {name: value for name, value in given.items() if value is not None}
    setting = f"streams.{stream}"
    action = _action(setting, given.get("action", Action.UPSERT.value))
    shared: dict[str, Any] = {
        "stream": stream,
        "key": given.get("key"),
        "path": given.get("path", {}),
        "query": given.get("query", {}),
        "payload": given.get("payload", {}),
        "only_payload": given.get("fields") == "payload",
        "added": added_fields(config, stream),
        "merge": tuple(given.get("merge", ())),
        "skips_rejected": skips_rejected(config, stream),
    }
    if not isinstance(action, Action):
        _check_danger(setting, action, config.get("dangerous_operations") or [])
        entity = owner_of(action)
        if "entity" in given:
            entity = _entity(config, stream, given)
        return CallJob(operation=action, entity=entity, **shared)
    job = EntityJob(entity=_entity(config, stream, given), action=action, **shared)
    if not job.operations:
        where = f"{setting}.action" if "action" in given else f"stream {stream}"
        raise SettingError(where, _cannot(job))
    return job


def _entity(config: Mapping[str, Any], stream: str, given: Mapping[str, Any]) -> Entity:
    name = given.get("entity", stream)
    if name in ENTITIES:
        return ENTITIES[name]
    if "entity" in given:
        problem = f"{name!r}, which is no entity"
        raise unknown(f"streams.{stream}.entity", problem, name, ENTITIES)
    made_of = (origin.stream for several in origins_of(config).values() for origin in several)
    known = [*(config.get("streams") or ()), *made_of, *ENTITIES]
    near = difflib.get_close_matches(stream, dict.fromkeys(known), 2)
    question = f" Did you mean {' or '.join(n for n in near if n != stream)}?" if near else ""
    raise SettingError(
        f"stream {stream}",
        f"is no entity of Ecwid.{question} Say in streams."
        f"{stream}.entity what its records are, rename it with a stream map, or set "
        f"streams.{stream}.action to ignore to leave it out. "
        f"There are: {', '.join(written_entities())}",
    )


def _cannot(job: EntityJob) -> str:
    entity = job.entity
    can = [
        word
        for word, name in (
            ("create", entity.create),
            ("update", entity.update),
            ("delete", entity.delete),
        )
        if name
    ]
    return f"can't be: Ecwid can't {job.action.value} {entity.name}" + (
        f", only {', '.join(can)}" if can else ", they can only be read"
    )


def _check_danger(setting: str, operation: Operation, allowed: Iterable[str]) -> None:
    if operation.id in DANGEROUS and operation.id not in allowed:
        raise SettingError(
            f"{setting}.action",
            f"is {operation.id}, which {DANGEROUS[operation.id]}. "
            f"If that is meant, add {operation.id} to dangerous_operations",
        )


def _action(setting: str, text: str) -> Action | Operation:
    if text in set(Action):
        return Action(text)
    known = writing_operations()
    if text in known:
        return known[text]
    method, _, path = text.partition(" ")
    for operation in known.values():
        if operation.method == method.upper() and operation.path == path.strip():
            return operation
    ways = {f"{o.method} {o.path}": o for o in known.values()}
    near = meant(text, [*Action, IGNORE, *known, *ways])
    raise SettingError(
        f"{setting}.action",
        f"is {text!r}, and should be {', '.join([*Action, IGNORE])}, or an operation that writes, "
        f"by id or as METHOD /path.{near} There are: {', '.join(sorted(known))}",
    )
