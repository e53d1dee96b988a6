"""The setting ``streams``: its JSON schema, and whether what it says makes sense.

Everything is checked against the API description before anything is sent.

Values of ``path``, ``query`` and ``payload`` may be expressions over the record: texts that begin
with ``=``. They name the record's fields, ``record`` (the record as it came) and ``config`` (the
settings, without secrets).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ecwid_api.errors import SettingError
from ecwid_plugin import expressions
from ecwid_plugin.unknown_names import unknown
from target_ecwid import origins
from target_ecwid.change.merging import mergeable
from target_ecwid.jobs import FILE_FIELDS, EntityJob, job_of
from target_ecwid.record.references import others_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ecwid_api.entity import Entity
    from target_ecwid.jobs import Job

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "title": "Streams",
    "description": "What becomes of single streams, by the stream's name: from, entity, action, "
    "key, path, query, payload, fields, merge, on_error. A text that begins with = is an "
    "expression.",
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "from": {
                "type": ["string", "object"],
                "title": "From",
                "description": "The stream of the input that the records come from; by default the "
                "stream of this name. Or an object of several: stream: {each: =entries that "
                "become records, by: =what records have in common that become one}.",
            },
            "entity": {
                "type": "string",
                "title": "Entity",
                "description": "What a record is one of; by default the stream's own name.",
            },
            "action": {
                "type": "string",
                "title": "Action",
                "description": "upsert (default), create, update, delete, ignore (leave the stream "
                "out), an operation's id, or its method and path, such as PUT "
                "/products/{productId}/inventory.",
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
                "description": "Values of the path's parameters; by default the record's fields. "
                "An object such as {sku: =article} stands for the object that has this SKU.",
            },
            "query": {
                "type": "object",
                "title": "Query parameters",
                "description": "Values of the request's query parameters.",
            },
            "payload": {
                "type": "object",
                "title": "Payload",
                "description": "Fields of the body, and the source's id: added to the record's "
                "fields, or in their place.",
            },
            "fields": {
                "type": "string",
                "enum": ["record", "payload"],
                "title": "Fields",
                "description": "What is sent: record sends the record's fields and the payload's "
                "(default), payload sends the payload's alone.",
            },
            "merge": {
                "type": "array",
                "items": {"type": "string"},
                "title": "Merged lists",
                "description": "Fields whose lists are merged into those of the object, entry by "
                "entry. By default, lists are replaced.",
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

_OWN: Final[Mapping[str, Any]] = SCHEMA["additionalProperties"]["properties"]


def problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the setting, one error each."""
    streams = config.get("streams")
    if not isinstance(streams, dict):
        # The setting's declaration reports what is no object.
        return
    for name, given in streams.items():
        setting = f"streams.{name}"
        if not isinstance(given, dict):
            yield SettingError(setting, f"is {given!r}, and should be an object")
            continue
        kinds = list(_kind_problems(setting, given))
        if given.get("from") is not None:
            kinds += origins.problems(f"{setting}.from", given["from"])
        yield from kinds
        if not kinds and not origins.is_ignored(config, name):
            try:
                job = job_of(config, name)
            except SettingError as error:
                yield error
            else:
                yield from _job_problems(setting, job)


def _kind_problems(setting: str, given: Mapping[str, Any]) -> Iterator[SettingError]:
    for name, value in given.items():
        if name not in _OWN:
            yield unknown(f"{setting}.{name}", "no setting of a stream", name, _OWN)
        elif value is None:
            continue
        elif _OWN[name]["type"] == "string" and not isinstance(value, str):
            yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be text")
        elif _OWN[name]["type"] == "object" and not isinstance(value, dict):
            yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be an object")
        elif _OWN[name]["type"] == "array" and not _is_list_of_texts(value):
            yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be a list of fields")
        elif "enum" in _OWN[name] and value not in _OWN[name]["enum"]:
            wanted = " or ".join(_OWN[name]["enum"])
            yield SettingError(f"{setting}.{name}", f"is {value!r}, and should be {wanted}")


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _job_problems(setting: str, job: Job) -> Iterator[SettingError]:
    operations = job.operations
    called = " and ".join(o.id for o in operations)
    parts: tuple[tuple[str, Mapping[str, Any], set[str], str], ...] = (
        ("path", job.path, {n for o in operations for n in o.path_names}, "path parameter"),
        ("query", job.query, {n for o in operations for n in o.query_names}, "query parameter"),
        ("payload", job.payload, _payload_names(job), "field"),
    )
    for part, given, known, what in parts:
        for name, value in given.items():
            if name not in known and (known or part != "payload"):
                yield unknown(f"{setting}.{part}.{name}", f"no {what} of {called}", name, known)
            else:
                yield from expressions.problems(f"{setting}.{part}.{name}", value)
    yield from _merge_problems(setting, job)
    yield from _path_problems(setting, job)
    yield from _key_problems(setting, job)


def _merge_problems(setting: str, job: Job) -> Iterator[SettingError]:
    update = job.entity.operations.update if isinstance(job, EntityJob) else None
    lists = mergeable(update) if update is not None else {}
    for name in job.merge:
        if name not in lists:
            problem = f"{name!r}, which is no list whose entries have a key"
            yield unknown(f"{setting}.merge", problem, name, lists)


def _path_problems(setting: str, job: Job) -> Iterator[SettingError]:
    """Words where the path has numbers: expressions that lack their mark."""
    numbers = {
        parameter.name
        for operation in job.operations
        for parameter in operation.parameters
        if parameter.location == "path" and parameter.schema.get("type") in {"integer", "number"}
    }
    others = others_in_path(job)
    for name, value in job.path.items():
        if isinstance(value, dict):
            yield from _other_problems(f"{setting}.path.{name}", others.get(name), value)
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


def _other_problems(
    setting: str, entity: Entity | None, given: Mapping[str, Any]
) -> Iterator[SettingError]:
    """What is wrong with an object in the path that is found by another key than its own."""
    if entity is None:
        yield SettingError(
            setting,
            "names an object by another key, which a parameter of the stream's own objects can't "
            "have: set key instead",
        )
    elif len(given) != 1:
        yield SettingError(setting, f"is {given!r}, and should have one field, such as sku: =sku")
    else:
        (field,) = given
        if field not in entity.fields:
            problem = f"found by {field!r}, which is no field of {entity.name}"
            yield unknown(setting, problem, field, entity.fields)


def _payload_names(job: Job) -> set[str]:
    """Fields that a payload may have; none where any will do."""
    operations = job.operations
    names = {name for o in operations for name in o.body_fields}
    if any(o.takes_file for o in operations):
        names |= set(FILE_FIELDS)
    if job.entity is not None and job.entity.content is not None:
        names.add(job.entity.content)
    if names:
        # They are not sent, but say which object is meant.
        names |= {*(job.entity.keys if job.entity is not None else ())}
        names |= {job.key} if job.key is not None else set()
    return names


def _key_problems(setting: str, job: Job) -> Iterator[SettingError]:
    if job.key is None or job.entity is None:
        return
    names = {*job.entity.fields, *job.entity.keys}
    if job.key not in names:
        problem = f"{job.key!r}, which is no field of {job.entity.name}"
        yield unknown(f"{setting}.key", problem, job.key, names)
