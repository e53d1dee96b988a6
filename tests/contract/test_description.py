"""The API description is valid, complete and says what each thing means."""

from __future__ import annotations

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from ecwid_api import description
from ecwid_api.bundle import bundle

GROUPS = [*description.groups(), "common"]
OPERATIONS = {operation.id: operation for operation in description.operations()}
ENTITIES = {
    name: group for group in GROUPS for name in description.document(group)["components"]["schemas"]
}


def nodes(node):
    """Every object of a JSON document."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from nodes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from nodes(inner)


def operation_nodes():
    for group in description.groups():
        for item in description.document(group)["paths"].values():
            for method in ("get", "post", "put", "delete"):
                if method in item:
                    yield item[method]


def test_the_whole_is_a_valid_openapi_document():
    assert [error.message for error in OpenAPIV31SpecValidator(bundle()).iter_errors()] == []


@pytest.mark.parametrize("group", GROUPS)
def test_each_file_is_openapi_3_1_by_itself(group):
    document = description.document(group)
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"]
    assert document["servers"]
    for name in ("paths", "components"):
        assert isinstance(document[name], dict)


def test_nothing_that_ecwid_can_do_is_missing():
    assert len(OPERATIONS) == 194
    assert len(ENTITIES) == 66
    assert sum(len(description.operations_of(g)) for g in description.groups()) == 194


@pytest.mark.parametrize("group", GROUPS)
def test_every_reference_leads_somewhere(group):
    for node in nodes(description.document(group)):
        if isinstance(node.get("$ref"), str):
            description.resolve(node["$ref"], group)


@pytest.mark.parametrize("entity", ENTITIES)
def test_no_entity_contains_itself(entity):
    # Expanding it would not come back from a cycle.
    schema = description.entity_schema(entity, ENTITIES[entity])
    assert "$ref" not in json.dumps(schema)


@pytest.mark.parametrize("entity", ENTITIES)
def test_entities_and_their_fields_are_described(entity):
    schema = description.entity_schema(entity, ENTITIES[entity])
    assert schema.get("description"), entity
    without = [n for n, field in schema["properties"].items() if not field.get("description")]
    assert without == []


def test_operations_and_their_parameters_are_described():
    without = [node["operationId"] for node in operation_nodes() if not node.get("description")]
    assert without == []
    for operation in OPERATIONS.values():
        assert [p.name for p in operation.parameters if not p.description] == [], operation.id


def test_descriptions_are_no_filler():
    texts = [node["description"] for node in operation_nodes()]
    assert min(map(len, texts)) > 15
    assert len(set(texts)) > 0.9 * len(texts)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_the_path_s_holes_are_its_path_parameters(operation):
    holes = re.findall(r"{([^}]+)}", operation.path)
    declared = [p for p in operation.parameters if p.location == "path"]
    assert sorted(holes) == sorted(p.name for p in declared)
    assert all(p.required for p in declared)
    assert len({(p.location, p.name) for p in operation.parameters}) == len(operation.parameters)


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_defaults_have_the_parameter_s_type(operation):
    types = {"integer": int, "boolean": bool, "string": str, "number": (int, float)}
    for parameter in operation.parameters:
        default, kind = parameter.schema.get("default"), parameter.schema.get("type")
        if default is not None and isinstance(kind, str):
            assert isinstance(default, types[kind]), parameter
            assert isinstance(default, bool) == (kind == "boolean"), parameter


def test_scopes_exist():
    oauth = description.document("common")["components"]["securitySchemes"]["oauth"]
    known = oauth["flows"]["authorizationCode"]["scopes"]
    assert all(known.values())
    for operation in OPERATIONS.values():
        assert set(operation.scopes) <= set(known), operation.id


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_the_kind_of_answer_agrees_with_its_schema(operation):
    (node,) = (n for n in operation_nodes() if n["operationId"] == operation.id)
    content = node["responses"]["200"]["content"]
    if operation.answer == "binary":
        assert list(content) == ["application/octet-stream"]
        return
    schema = description.expand(content["application/json"]["schema"], operation.group)
    if operation.answer == "page":
        assert {"total", "count", "offset", "limit", "items"} <= set(schema["properties"])
    elif operation.answer == "list" and operation.items_key is None:
        assert schema["type"] == "array"
    elif operation.answer == "list":
        assert schema["properties"][operation.items_key]["type"] == "array"
    else:
        assert schema["type"] == "object"
    if operation.entity:
        assert operation.entity in ENTITIES


def test_a_body_holds_no_field_that_is_read_only():
    for operation in OPERATIONS.values():
        for name, field in (operation.body or {}).get("properties", {}).items():
            expanded = description.expand(field, operation.group)
            assert not expanded.get("readOnly"), (operation.id, name)


def test_what_can_only_be_read_is_marked():
    product = description.entity_schema("product", "products")["properties"]
    assert all(product[name].get("readOnly") for name in ("id", "updateTimestamp", "url"))
    assert not any(product[name].get("readOnly") for name in ("name", "price", "sku", "quantity"))
    assert description.entity_schema("customer", "customers")["properties"]["password"]["writeOnly"]


def test_error_codes_have_a_status_and_a_meaning():
    errors = description.document("common")["x-ecwid-errors"]
    assert len({error["code"] for error in errors}) == len(errors)
    assert len(errors) > 80
    assert all(400 <= error["status"] < 600 and error["meaning"] for error in errors)
