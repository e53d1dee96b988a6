"""A stream's Singer schema, made from the entity's schema in the API description."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.description import entity_schema
from ecwid_api.entities import ENTITIES

if TYPE_CHECKING:
    from ecwid_api.entities import Entity

DELETED_AT: Final = "_sdc_deleted_at"
"""When Ecwid deleted the object; on records that tell a deletion."""

_ANYTHING: Final = ["string", "number", "integer", "boolean", "object", "array", "null"]


def _nullable(kind: str | list[str] | None) -> list[str]:
    if kind is None:
        return list(_ANYTHING)
    kinds = [kind] if isinstance(kind, str) else list(kind)
    return kinds if "null" in kinds else [*kinds, "null"]


def _singer(schema: dict[str, Any]) -> dict[str, Any]:
    """The same with what Singer's targets know: nullable, no references, dates as date-time.

    Enums are left out: Ecwid's are open, and a target would refuse a value that is new.
    """
    made: dict[str, Any] = {"type": _nullable(schema.get("type"))}
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


def _key_schema(entity: Entity, key: str) -> dict[str, Any]:
    """The schema of a key field, which the payload may lack, from wherever it comes."""
    if entity.embedded and key in entity.embedded.keys:
        parent = ENTITIES[entity.embedded.parent]
        found = entity_schema(parent.schema, parent.group)["properties"][entity.embedded.keys[key]]
    else:
        found = entity_schema(entity.schema, entity.group)
        for part in entity.added.get(key, key).split("."):
            found = found["properties"][part]
    return {**_singer(found), "type": found["type"]}


@functools.cache
def stream_schema(entity: Entity) -> dict[str, Any]:
    """JSON schema of a stream's records.

    Keys are never null; everything else may be, since Ecwid leaves empty fields out. Do not
    change it: it is made once.
    """
    fields = _singer(entity_schema(entity.schema, entity.group))["properties"]
    keys = {key: _key_schema(entity, key) for key in entity.keys}
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {**keys, **{k: v for k, v in fields.items() if k not in keys}},
    }
    if entity.deletions:
        schema["properties"][DELETED_AT] = {
            "type": ["string", "null"],
            "format": "date-time",
            "description": "When the object was deleted in Ecwid; the record then has its key "
            "and nothing else.",
        }
    return schema
