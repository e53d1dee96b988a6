"""The setting ``streams``: what becomes of a stream's records, and whether that makes sense.

Everything is checked against the API description before anything is sent.

Values of ``path``, ``query`` and ``payload`` may be expressions over the record: texts that begin
with ``=``. They name the record's fields, ``record`` (all of them) and ``config`` (the settings,
without the token).

Operations that take a file (pictures, files, logos) take it from one of three fields, which the
record or ``payload`` has: ``url`` (Ecwid fetches it), ``path`` (a file of this machine), or
``base64`` (the content).
"""

from __future__ import annotations

import difflib
import enum
import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.entities import DANGEROUS, ENTITIES
from ecwid_api.errors import SettingError
from ecwid_plugin import expressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ecwid_api.description import Operation
    from ecwid_api.entity import Entity


class Action(enum.StrEnum):
    """What is done with the records of a stream."""

    UPSERT = "upsert"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CALL = "call"


SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Streams",
    "description": "What becomes of single streams, by the stream's name: entity, action, key, "
    "path, query, payload, on_error. A text that begins with = is an expression.",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "entity": {
                "type": "string",
                "title": "Entity",
                "description": "What a record is one of; by default the stream's own name.",
            },
            "action": {
                "type": "string",
                "title": "Action",
                "description": "upsert (default), create, update, delete, an operation's id, or "
                "its method and path, such as PUT /products/{productId}/inventory.",
            },
            "key": {
                "type": "string",
                "title": "Key",
                "description": "The field by which a record's object is found; by default its id, "
                "or else its natural keys.",
            },
            "path": {
                "type": "object",
                "title": "Path parameters",
                "description": "Values of the path's parameters; by default the record's fields.",
            },
            "query": {
                "type": "object",
                "title": "Query parameters",
                "description": "Values of the request's query parameters.",
            },
            "payload": {
                "type": "object",
                "title": "Payload",
                "description": "Fields of the body: added to the record's, or in their place.",
            },
            "on_error": {
                "type": "string",
                "enum": ["fail", "skip"],
                "title": "Rejected records",
                "description": "What happens when a record of this stream is rejected: fail ends "
                "the run, skip goes on; by default as for the whole run.",
            },
        },
    },
}
"""JSON schema of the setting."""

FILE_FIELDS: Final = ("url", "path", "base64")
"""Where an operation that takes a file finds it."""

_OWN: Final[Mapping[str, Any]] = SCHEMA["additionalProperties"]["properties"]
_BINARY: Final = "application/octet-stream"
# Several operations on one object may call it by other names.
_ALSO_CALLED: Final[Mapping[str, str]] = {"orderIdentity": "orders"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is done with a stream's records, as the settings and the catalogue say.

    Attributes:
        stream: The stream's name.
        action: What is done.
        entity: What a record is one of, or what the operation is done to; None where an operation
            is about no entity.
        operation: The operation, where the action is one.
        key: Field by which objects are found; None for the catalogue's.
        path: Path parameters: values or expressions.
        query: Query parameters likewise.
        payload: Fields of the body likewise.
        skips: Whether a rejected record lets the run go on.
    """

    stream: str
    action: Action
    entity: Entity | None
    operation: Operation | None = None
    key: str | None = None
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    skips: bool = False

    def writers(self) -> tuple[Operation, ...]:
        """The operations that can be called for a record with content."""
        if self.operation is not None:
            return (self.operation,)
        if self.entity is None:
            return ()
        names = {
            Action.UPSERT: (self.entity.create, self.entity.update),
            Action.CREATE: (self.entity.create,),
            Action.UPDATE: (self.entity.update,),
            Action.DELETE: (self.entity.delete,),
        }[self.action]
        return tuple(description.operation(n, self.entity.group) for n in names if n is not None)


def is_binary(operation: Operation) -> bool:
    """Whether an operation takes the bytes of a file."""
    return operation.body_content_type == _BINARY


def path_names(operation: Operation) -> tuple[str, ...]:
    """Names of the path's parameters, as they stand in it."""
    return tuple(p.name for p in operation.parameters if p.location == "path")


@functools.cache
def writing_operations() -> Mapping[str, Operation]:
    """The operations that a stream can be sent to, by id."""
    return {o.id: o for o in description.operations() if o.method != "GET" and o.group != "batch"}


@functools.cache
def _body(operation_id: str, group: str) -> Mapping[str, Any]:
    operation = description.operation(operation_id, group)
    return description.expand(operation.body or {}, group)


def body_fields(operation: Operation) -> Mapping[str, Any]:
    """Schemas of the body's fields by name; empty where the body has no fields of its own."""
    schema = _body(operation.id, operation.group)
    if schema.get("type") == "array":
        schema = schema.get("items", {})
    found: Mapping[str, Any] = schema.get("properties", {})
    return found


def needed_fields(operation: Operation) -> frozenset[str]:
    """Fields that the body must have."""
    return frozenset(_body(operation.id, operation.group).get("required", ()))


def takes_many(operation: Operation) -> bool:
    """Whether the body is a list of what could be one."""
    return _body(operation.id, operation.group).get("type") == "array"


@functools.cache
def _owners() -> Mapping[str, Entity]:
    """Path parameter -> the entity whose key it takes."""
    found: dict[str, Entity] = {}
    for entity in ENTITIES.values():
        for name in (entity.update, entity.delete, *entity.by_path):
            if name is None or len(entity.keys) > 1:
                continue
            names = path_names(description.operation(name, entity.group))
            if len(names) == 1:
                found.setdefault(names[0], entity)
    for name, other in _ALSO_CALLED.items():
        found[name] = ENTITIES[other]
    return found


def owner_of(operation: Operation) -> Entity | None:
    """The entity whose object an operation is done to: that of the path's first parameter."""
    for name in path_names(operation)[:1]:
        for entity in ENTITIES.values():
            if operation.id in {entity.create, entity.update, entity.delete}:
                if len(entity.keys) == 1:
                    return entity
                break
        return _owners().get(name)
    return None


def job_of(config: Mapping[str, Any], stream: str) -> Job:
    """What is to be done with a stream's records.

    Raises:
        SettingError: It isn't clear, or can't be done.
    """
    given = (config.get("streams") or {}).get(stream) or {}
    given = {name: value for name, value in given.items() if value is not None}
    setting = f"streams.{stream}"
    action, operation = _action(setting, given.get("action", Action.UPSERT.value))
    name = given.get("entity", stream)
    if operation is not None and "entity" not in given:
        entity = owner_of(operation)
    elif name in ENTITIES:
        entity = ENTITIES[name]
    elif "entity" in given:
        raise _unknown(f"{setting}.entity", f"{name!r}, which is no entity", name, ENTITIES)
    else:
        near = difflib.get_close_matches(stream, [*(config.get("streams") or ()), *ENTITIES], 2)
        meant = f" Did you mean {' or '.join(n for n in near if n != stream)}?" if near else ""
        raise SettingError(
            f"stream {stream}",
            f"is no entity of Ecwid.{meant} Say in streams."
            f"{stream}.entity what its records are, rename it with a stream map, or leave it out. "
            f"There are: {', '.join(written_entities())}",
        )
    job = Job(
        stream=stream,
        action=action,
        entity=entity,
        operation=operation,
        key=given.get("key"),
        path=given.get("path", {}),
        query=given.get("query", {}),
        payload=given.get("payload", {}),
        skips=given.get("on_error", config.get("on_error", "fail")) == "skip",
    )
    if entity is not None and operation is None and not job.writers():
        can = [
            word
            for word, there in (
                ("create", entity.create),
                ("update", entity.update),
                ("delete", entity.delete),
            )
            if there
        ]
        where = f"{setting}.action" if "action" in given else f"stream {stream}"
        raise SettingError(
            where,
            f"can't be: Ecwid can't {action.value} {entity.name}"
            + (f", only {', '.join(can)}" if can else ", they can only be read"),
        )
    if operation is not None and operation.id in DANGEROUS:
        allowed = config.get("dangerous_operations") or []
        if operation.id not in allowed:
            raise SettingError(
                f"{setting}.action",
                f"is {operation.id}, which {DANGEROUS[operation.id]}. "
                f"If that is meant, add {operation.id} to dangerous_operations",
            )
    return job


def written_entities() -> list[str]:
    """Names of the entities that can be created or updated."""
    return [e.name for e in ENTITIES.values() if e.create or e.update]


def _action(setting: str, text: str) -> tuple[Action, Operation | None]:
    if text in set(Action) - {Action.CALL}:
        return Action(text), None
    known = writing_operations()
    if text in known:
        return Action.CALL, known[text]
    method, _, path = text.partition(" ")
    for operation in known.values():
        if operation.method == method.upper() and operation.path == path.strip():
            return Action.CALL, operation
    words = [a.value for a in Action if a is not Action.CALL]
    ways = {f"{o.method} {o.path}": o for o in known.values()}
    near = difflib.get_close_matches(text, [*words, *known, *ways], 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise SettingError(
        f"{setting}.action",
        f"is {text!r}, and should be {', '.join(words)}, or an operation that writes, by id or as "
        f"METHOD /path.{meant} There are: {', '.join(sorted(known))}",
    )


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the setting, one error each."""
    streams = config.get("streams")
    if streams is None:
        return
    if not isinstance(streams, dict):
        yield SettingError("streams", "should be an object: settings by name of stream")
        return
    for name, given in streams.items():
        setting = f"streams.{name}"
        if not isinstance(given, dict):
            yield SettingError(setting, f"is {given!r}, and should be an object")
            continue
        kinds = list(_kind_problems(setting, given))
        yield from kinds
        if not kinds:
            try:
                job = job_of(config, name)
            except SettingError as error:
                yield error
            else:
                yield from _job_problems(setting, job)


def _unknown(setting: str, what: str, name: str, known: Iterable[str]) -> SettingError:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    meant = f" Did you mean {near[0]}?" if near else ""
    return SettingError(setting, f"is {what}.{meant} There are: {', '.join(names) or 'none'}")


def _kind_problems(setting: str, given: Mapping[str, Any]) -> Iterator[SettingError]:
    for name, value in given.items():
        if name not in _OWN:
            yield _unknown(f"{setting}.{name}", "no setting of a stream", name, _OWN)
        elif value is None:
            continue
        elif _OWN[name]["type"] == "string" and not isinstance(value, str):
            yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be text")
        elif _OWN[name]["type"] == "object" and not isinstance(value, dict):
            yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be an object")
        elif "enum" in _OWN[name] and value not in _OWN[name]["enum"]:
            wanted = " or ".join(_OWN[name]["enum"])
            yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be {wanted}")


def _job_problems(setting: str, job: Job) -> Iterator[SettingError]:
    operations = job.writers()
    called = " and ".join(o.id for o in operations)
    parts: tuple[tuple[str, Mapping[str, Any], set[str], str], ...] = (
        ("path", job.path, {n for o in operations for n in path_names(o)}, "path parameter"),
        ("query", job.query, {n for o in operations for n in o.query_names}, "query parameter"),
        ("payload", job.payload, _payload_names(job), "field"),
    )
    for part, given, known, what in parts:
        for name, value in given.items():
            if name not in known and (known or part != "payload"):
                yield _unknown(f"{setting}.{part}.{name}", f"no {what} of {called}", name, known)
            elif expressions.is_expression(value):
                try:
                    expressions.check(value)
                except expressions.ExpressionError as error:
                    yield SettingError(f"{setting}.{part}.{name}", f"is {value!r}, which {error}")
    yield from _path_problems(setting, job)
    yield from _key_problems(setting, job)


def _path_problems(setting: str, job: Job) -> Iterator[SettingError]:
    """Words where the path has numbers: expressions that lack their mark."""
    numbers = {
        parameter.name
        for operation in job.writers()
        for parameter in operation.parameters
        if parameter.location == "path" and parameter.schema.get("type") in {"integer", "number"}
    }
    for name in numbers & job.path.keys():
        value = job.path[name]
        if isinstance(value, str) and not (
            expressions.is_expression(value) or value.lstrip("-").isdecimal()
        ):
            yield SettingError(
                f"{setting}.path.{name}",
                f"is {value!r}, and should be a number, or an expression: to take it from a field, "
                f"write '={value}'",
            )


def _payload_names(job: Job) -> set[str]:
    """Fields that a payload may have; none where any will do."""
    operations = job.writers()
    names = {name for o in operations for name in body_fields(o)}
    if any(is_binary(o) for o in operations):
        names |= set(FILE_FIELDS)
    if job.entity is not None and job.entity.content is not None:
        names.add(job.entity.content)
    return names


def _key_problems(setting: str, job: Job) -> Iterator[SettingError]:
    if job.key is None or job.entity is None:
        return
    schema = description.entity_schema(job.entity.schema, job.entity.group)
    names = {*schema.get("properties", {}), *job.entity.keys}
    if job.key not in names:
        problem = f"{job.key!r}, which is no field of {job.entity.name}"
        yield _unknown(f"{setting}.key", problem, job.key, names)
