"""Records as values: their keys, and what of them Ecwid takes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

from ecwid_api.entities import ENTITIES
from ecwid_copy.contents import PICTURE, WITH_UPLOADS
from target_ecwid.record.key_map import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ecwid_api.entity import Entity

MAIN: Final = "0"
"""The id of a product's main picture."""


def key_of(stream: str, record: Mapping[str, Any]) -> str:
    """The key of a record as text; empty for what a store has one of."""
    keys = ENTITIES[stream].keys
    return "" if keys == ("storeId",) else text_of([record[name] for name in keys])


def records_of(messages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The records in the tap's messages, each with its stream; without those of deleted objects."""
    for message in messages:
        if message["type"] == "RECORD" and not message["record"].get("_sdc_deleted_at"):
            yield message["stream"], message["record"]


def at(record: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    """The list at a path with dots; empty where there is none."""
    value: Any = record
    for name in path.split("."):
        value = (value or {}).get(name)
    return value or []


def pictures_of(stream: str, record: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
    """Where pictures hang, and their addresses; None where there can be several."""
    key, shown = key_of(stream, record), record.get(PICTURE)
    if stream == "categories" and shown:
        yield f"category_pictures/{key}", shown
    if stream != "products":
        return
    for image in at(record, "media.images"):
        if image.get("imageOriginalUrl"):
            place = f"main_pictures/{key}" if image["id"] == MAIN else None
            yield place, image["imageOriginalUrl"]
    for one in at(record, "combinations"):
        if one.get(PICTURE):
            yield f"variation_pictures/{key}/{one['id']}", one[PICTURE]


@functools.cache
def writable(entity: Entity) -> Mapping[str, Any]:
    """Fields that can be written -> their schemas."""
    known = entity.operations
    found = {
        name: operation.body_fields[name]
        for operation in (known.create, known.update)
        if operation is not None
        for name in operation.writable_fields
    }
    return found | {name: entity.fields[name] for name in WITH_UPLOADS.get(entity.name, ())}


@functools.cache
def spellings(entity: Entity) -> Mapping[str, str]:
    """Fields that Ecwid documents in two spellings: the tap's -> the one that can be created."""
    known = entity.operations.create.body_fields if entity.operations.create is not None else {}
    by_letters = {name.casefold(): name for name in known}
    return {
        name: by_letters[name.casefold()]
        for name in entity.fields
        if name not in known and name.casefold() in by_letters
    }


def taken(schema: Mapping[str, Any], value: Any) -> Any:  # noqa: ANN401 - any JSON
    """What of a value Ecwid takes; without ids of entries, which each shop has of its own."""
    if isinstance(value, list):
        return [taken(schema.get("items", {}), one) for one in value]
    known = schema.get("properties")
    if not known or not isinstance(value, dict):
        return value
    return {
        name: taken(known.get(name, {}), one)
        for name, one in value.items()
        if name != "id" and not known.get(name, {}).get("readOnly")
    }
