"""The catalogue says only what the description knows: fields, parameters, operations."""

from __future__ import annotations

import pytest

from ecwid_api import description
from ecwid_api.entities import DELETIONS_GROUP, DELETIONS_OPERATION, ENTITIES, children_of

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
        assert read.answer in {"page", "object"}
        assert set(entity.query) <= read.query_names
    assert (entity.read is None) == (entity.embedded is not None)


@ALL
def test_keys_are_fields_of_the_record(entity):
    added = set(entity.added) | set(entity.embedded.keys if entity.embedded else ())
    assert set(entity.keys) <= set(fields_of(entity)) | added
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
    assert fields_of(entity)[entity.updates.field]["format"] == "ecwid-datetime"
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
    assert fields_of(parent)[entity.embedded.field]["type"] == "array"
    assert set(entity.embedded.keys.values()) <= set(fields_of(parent))
    assert list(ENTITIES).index(parent.name) < list(ENTITIES).index(entity.name)


@ALL
def test_references_point_to_entities_of_the_catalogue(entity):
    for name, other in entity.refers.items():
        assert other in ENTITIES
        assert name in fields_of(entity) or name in entity.embedded.keys


@ALL
def test_the_latest_stats_field_exists(entity):
    stats = description.entity_schema("latest_stats", "latest_stats")["properties"]
    assert entity.latest_stats is None or entity.latest_stats in stats
