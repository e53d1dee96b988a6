"""The catalogue says only what the description knows: fields, parameters, operations."""

from __future__ import annotations

import pytest

from ecwid_api import description
from ecwid_api.entities import (
    DANGEROUS,
    DELETIONS_GROUP,
    DELETIONS_OPERATION,
    ENTITIES,
    LEFT_OUT,
    STATS_GROUP,
    STATS_ON_REQUEST,
    STATS_OPERATION,
    children_of,
)

ALL = pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES.keys())


def fields_of(entity):
    return description.entity_schema(entity.schema, entity.group)["properties"]


@ALL
def test_operations_are_the_description_s_and_of_the_right_kind(entity):
    kinds = {"create": "POST", "update": "PUT", "delete": "DELETE", "read": "GET"}
    for role, method in kinds.items():
        operation_id = getattr(entity, role)
        if operation_id is not None:
            operation = description.operation(operation_id, entity.group)
            assert operation.method == method
    if entity.read:
        read = description.operation(entity.read, entity.group)
        assert read.entity == entity.schema
        assert read.answer in {"page", "list", "object"}
        assert set(entity.query) <= read.query_names
    assert (entity.read is None) == (entity.embedded is not None)
    for operation_id in entity.by_path:
        operation = description.operation(operation_id, entity.group)
        assert operation.method == "GET"
        assert operation.entity == entity.schema


def test_every_operation_that_reads_is_a_stream_s_or_left_out_for_a_reason():
    used = [o for e in ENTITIES.values() for o in (e.read, *e.by_path) if o is not None]
    reading = [o.id for o in description.operations() if o.method == "GET"]
    assert sorted([*used, *LEFT_OUT]) == sorted(reading)
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())


@ALL
def test_a_request_for_each_value_asks_with_a_parameter_that_exists(entity):
    each = entity.per_value
    if each is None:
        return
    read = description.operation(entity.read, entity.group)
    (parameter,) = (p for p in read.parameters if p.name == each.parameter)
    assert parameter.required
    assert each.key in entity.keys
    if each.parent is None:
        assert parameter.schema["enum"]
    else:
        assert each.field in fields_of(ENTITIES[each.parent])
        assert list(ENTITIES).index(each.parent) < list(ENTITIES).index(entity.name)


@ALL
def test_keys_are_fields_of_the_record(entity):
    added = set(entity.added) | set(entity.embedded.keys if entity.embedded else ())
    added |= {entity.per_value.key} if entity.per_value else set()
    added |= {"storeId"} if entity.of_store else set()
    assert set(entity.keys) <= set(fields_of(entity)) | added
    assert set(entity.filled) <= set(entity.keys)
    assert set(entity.natural_keys) <= set(fields_of(entity))


@ALL
def test_added_fields_stand_where_the_catalogue_says(entity):
    for place in entity.added.values():
        schema = description.entity_schema(entity.schema, entity.group)
        for part in place.split("."):
            schema = schema["properties"][part]


@ALL
def test_changes_are_asked_for_with_parameters_that_exist(entity):
    if entity.updates is None:
        return
    read = description.operation(entity.read, entity.group)
    assert {entity.updates.since, entity.updates.until, *entity.updates.order} <= read.query_names
    assert fields_of(entity)[entity.updates.field]["format"] in {"ecwid-datetime", "unix-millis"}
    for name, value in entity.updates.order.items():
        (parameter,) = (p for p in read.parameters if p.name == name)
        assert value in parameter.schema["enum"]


@ALL
def test_deletions_are_told_by_the_history(entity):
    if entity.deletions is None:
        return
    operation = description.operation(DELETIONS_OPERATION, DELETIONS_GROUP)
    (path,) = (p for p in operation.parameters if p.location == "path")
    assert entity.deletions.path in path.schema["enum"]
    item = description.entity_schema("deleted_item", DELETIONS_GROUP)["properties"]
    assert set(entity.deletions.keys.values()) <= set(item)
    assert set(entity.keys) <= set(entity.deletions.keys)


@ALL
def test_a_child_stands_in_its_parent_s_payload(entity):
    if entity.embedded is None:
        return
    parent = ENTITIES[entity.embedded.parent]
    assert entity in children_of(parent.name)
    field = {"properties": fields_of(parent)}
    for part in entity.embedded.field.split("."):
        field = field["properties"][part]
    assert field["type"] == "array"
    assert description.expand(field["items"], parent.group) == description.entity_schema(
        entity.schema, entity.group
    )
    assert set(entity.embedded.keys.values()) <= set(fields_of(parent))
    assert list(ENTITIES).index(parent.name) < list(ENTITIES).index(entity.name)


@ALL
def test_references_point_to_entities_of_the_catalogue(entity):
    for name, other in entity.refers.items():
        assert other in ENTITIES
        mutual = other != entity.name and entity.name in ENTITIES[other].refers.values()
        assert not mutual or (name in entity.deferred) or ENTITIES[other].deferred
        outer, *inner = name.split(".")
        assert outer in fields_of(entity) or name in entity.keys
        schema = fields_of(entity).get(outer, {})
        for part in inner:
            assert part in schema["properties"], name
            schema = schema["properties"][part]


@ALL
def test_what_is_written_later_is_a_reference(entity):
    assert set(entity.deferred) <= set(entity.refers)


@ALL
def test_the_latest_stats_field_exists(entity):
    stats = description.entity_schema("latest_stats", STATS_GROUP)["properties"]
    assert set(entity.latest_stats) <= set(stats)
    assert set(STATS_ON_REQUEST) <= set(stats)
    names = description.operation(STATS_OPERATION, STATS_GROUP).query_names
    assert set(STATS_ON_REQUEST.values()) <= names


@ALL
def test_what_writing_needs_is_the_description_s(entity):
    fields = fields_of(entity)
    assert set(entity.searches) <= set(entity.natural_keys)
    if entity.read:
        names = description.operation(entity.read, entity.group).query_names
        for search in entity.searches.values():
            assert {search.parameter, *search.fixed} <= names
        assert entity.ids_parameter is None or entity.ids_parameter in names
    for name, value in entity.disabling.items():
        kinds = {"boolean": bool, "string": str}
        assert isinstance(value, kinds[fields[name]["type"]])
        assert entity.update
    for name, parameter in entity.only_with.items():
        assert name in fields
        for operation_id in (entity.create, entity.update):
            assert parameter in description.operation(operation_id, entity.group).query_names
    assert entity.content is None or entity.content in fields


@ALL
def test_keys_fill_the_paths_of_writes(entity):
    for operation_id, places in (
        (entity.create, (len(entity.keys) - 1, len(entity.keys))),
        (entity.update, (0, len(entity.keys))),
        (entity.delete, (len(entity.keys),)),
    ):
        if operation_id is not None:
            operation = description.operation(operation_id, entity.group)
            count = sum(p.location == "path" for p in operation.parameters)
            assert count in places


def test_operations_with_a_word_on_them_exist():
    known = {operation.id for operation in description.operations()}
    assert set(DANGEROUS) <= known
