"""A stream's Singer schema, made from the entity's schema in the API description."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from ecwid_api import description
from ecwid_api.entities import ENTITIES
from tap_ecwid.conversion import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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


def _payload_schema(entity: Entity) -> dict[str, Any]:
    return description.entity_schema(entity.schema, entity.group)


def _distinct(fields: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """The fields; of several spellings of a name, the one in camel case.

    Ecwid documents some fields in two spellings; a record has the value of either.
    """
    kept: dict[str, str] = {}
    for name in fields:
        # Capitals come before small letters and underscores.
        kept[letters(name)] = min(name, kept.get(letters(name), name))
    return ((name, child) for name, child in fields.items() if kept[letters(name)] == name)


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
            for name, child in _distinct(schema["properties"])
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


def primary_keys(entity: Entity, *, many_stores: bool = False) -> tuple[str, ...]:
    """The key of a stream's records.

    Args:
        entity: The stream's entity.
        many_stores: Whether each record names its store. What a store has one of then has no
            storeId: loaders that write names in snake case couldn't tell it from store_id.
    """
    if not many_stores:
        return entity.keys
    return ("store_id", *(key for key in entity.keys if key != "storeId"))


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
    keys = {
        key: STORE_KEY if key == "store_id" else _key_schema(entity, key)
        for key in primary_keys(entity, many_stores=many_stores)
    }
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
