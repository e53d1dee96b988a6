"""A stream's Singer schema, made from the entity's schema in the API description."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.entities import ENTITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_api.entity import Entity

DELETED_AT: Final = "_sdc_deleted_at"
"""Field with the time of deletion, in records of deleted objects."""

_ANYTHING: Final = ["string", "number", "integer", "boolean", "object", "array", "null"]

_KINDS: Final = {"map": "object"}
"""Names of types in Ecwid's sources -> in JSON schema."""


def _types(schema: dict[str, Any]) -> list[str]:
    """All types that a value can have; where Ecwid's sources disagree, those of each of them.

    Disputed texts are the exception: records have text there, also for numbers.
    """
    kind = schema.get("type")
    if kind is None:
        return list(_ANYTHING)
    kinds = [kind] if isinstance(kind, str) else list(kind)
    if kind != "string":
        for said in schema.get("x-ecwid-conflict", {}).values():
            kinds += [_KINDS.get(k, k) for k in (said or "").split("|") if k]
    return list(dict.fromkeys([*kinds, "null"]))


def _disputed_texts(schema: dict[str, Any], path: str) -> Iterator[str]:
    if schema.get("type") == "string" and "x-ecwid-conflict" in schema:
        yield path
    for name, child in schema.get("properties", {}).items():
        yield from _disputed_texts(child, f"{path}.{name}" if path else name)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _disputed_texts(schema[keyword], path)


def _payload_schema(entity: Entity) -> dict[str, Any]:
    return description.entity_schema(entity.schema, entity.group)


@functools.cache
def disputed_texts(entity: Entity) -> frozenset[str]:
    """Paths of the fields that are text by one of Ecwid's sources and a number by another."""
    return frozenset(_disputed_texts(_payload_schema(entity), ""))


def _singer(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema as Singer targets know it: nullable, with dates as date-time.

    Enums are left out: Ecwid adds values to them, and a target would refuse those.
    """
    made: dict[str, Any] = {"type": _types(schema)}
    if schema.get("format") == "ecwid-datetime":
        made["format"] = "date-time"
    if "description" in schema:
        made["description"] = schema["description"]
    if "properties" in schema:
        made["properties"] = {
            name: _singer(child)
            for name, child in schema["properties"].items()
            if not child.get("writeOnly")
        }
    if isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = _singer(schema["additionalProperties"])
    elif "object" in made["type"] and "properties" not in made:
        made["additionalProperties"] = True
    if "array" in made["type"] and "type" in schema:
        made["items"] = _singer(schema.get("items", {}))
    return made


STORE_KEY: Final[dict[str, Any]] = {
    "type": ["integer"],
    "description": "The store that the record is from.",
}
"""Schema of the key that names the store."""


def _key_schema(entity: Entity, key: str) -> dict[str, Any]:
    """The schema of a key field: the payload's own, the parent's or a parameter's."""
    if entity.of_store and key == "storeId":
        return STORE_KEY
    if entity.embedded and key in entity.embedded.keys:
        parent = ENTITIES[entity.embedded.parent]
        found = parent.fields[entity.embedded.keys[key]]
    elif entity.per_value and key == entity.per_value.key and (read := entity.operations.read):
        (parameter,) = (p for p in read.parameters if p.name == entity.per_value.parameter)
        found = {**parameter.schema, "description": parameter.description}
    else:
        found = _payload_schema(entity)
        for part in entity.added.get(key, key).split("."):
            found = found["properties"][part]
    return {**_singer(found), "type": found["type"]}


@functools.cache
def stream_schema(entity: Entity, *, many_stores: bool = False) -> dict[str, Any]:
    """JSON schema of a stream's records.

    Keys are never null. Everything else can be: Ecwid leaves empty fields out. Do not change the
    result: it is cached.

    Args:
        entity: The stream's entity.
        many_stores: Whether each record names its store.
    """
    fields = _singer(_payload_schema(entity))["properties"]
    keys = {"store_id": STORE_KEY} if many_stores else {}
    keys |= {key: _key_schema(entity, key) for key in entity.keys}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {**keys, **{k: v for k, v in fields.items() if k not in keys}},
    }
    if _payload_schema(entity).get("additionalProperties"):
        schema["additionalProperties"] = True
    if entity.deletions:
        schema["properties"][DELETED_AT] = {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "When the object was deleted in Ecwid; the record then has its key "
            "and nothing else.",
        }
    return schema
