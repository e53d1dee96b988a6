"""The API description is valid, complete and says what each thing means."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from ecwid_api import description
from ecwid_api.personal import PERSONAL, PERSONAL_IN, SECRET, SECRET_IN
from ecwid_sandbox.server.pages.bundle import bundle

HERE = Path(__file__).parent
GROUPS = [*description.groups(), "common"]
OPERATIONS = {operation.id: operation for operation in description.operations()}
SCHEMAS = {
    name: (group, schema)
    for group in GROUPS
    for name, schema in description.document(group)["components"]["schemas"].items()
}
# A part is a structure that several entities share; it is nothing by itself.
ENTITIES = {n: group for n, (group, schema) in SCHEMAS.items() if not schema.get("x-ecwid-part")}

# These lists have bare values: the entity is the answer as a whole.
LISTS_OF_VALUES = {
    "getCustomerIds",
    "getOrderOfCategories",
    "getOrderOfProducts",
    "getStaffAccountScopes",
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
def test_each_file_is_a_valid_openapi_document(group):
    folder = Path(description.__file__).parent / "description"
    document = description.document(group)
    assert document["openapi"].startswith("3.1")
    assert document["servers"]
    base = (folder / f"{group}.json").as_uri()
    validator = OpenAPIV31SpecValidator(document, base_uri=base)
    assert [error.message for error in validator.iter_errors()] == []


def test_nothing_that_ecwid_can_do_is_missing():
    assert sorted(OPERATIONS) == (HERE / "operations.txt").read_text().split()
    assert sorted(ENTITIES) == (HERE / "entities.txt").read_text().split()
    assert sum(len(description.operations_of(g)) for g in description.groups()) == len(OPERATIONS)
    assert len(list(operation_nodes())) == len(OPERATIONS)


def test_no_name_of_a_schema_stands_for_two():
    names = [n for g in GROUPS for n in description.document(g)["components"]["schemas"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("group", GROUPS)
def test_every_reference_leads_somewhere(group):
    for node in nodes(description.document(group)):
        if isinstance(node.get("$ref"), str):
            description.resolve(node["$ref"], group)


def references_of(pointer, group):
    """Where the references below a place of the description lead."""
    node, home = description.resolve(pointer, group)
    for inner in nodes(node):
        if isinstance(inner.get("$ref"), str):
            file, _, tail = inner["$ref"].partition("#")
            yield f"#{tail}", file.removesuffix(".json") or home


def test_no_reference_comes_back_to_itself():
    done = set()

    def follow(place, above):
        assert place not in above, [*above, place]
        if place not in done:
            for target in set(references_of(*place)):
                follow(target, (*above, place))
            done.add(place)

    for name, (group, _) in SCHEMAS.items():
        follow((f"#/components/schemas/{name}", group), ())


@pytest.mark.parametrize("entity", SCHEMAS)
def test_a_schema_expands_to_one_without_references(entity):
    schema = description.entity_schema(entity, SCHEMAS[entity][0])
    assert "$ref" not in json.dumps(schema)


@pytest.mark.parametrize("entity", SCHEMAS)
def test_entities_and_their_fields_are_described(entity):
    schema = description.entity_schema(entity, SCHEMAS[entity][0])
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
        if default is not None:
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
    (success,) = (answer for status, answer in node["responses"].items() if status[0] == "2")
    ((content_type, content),) = success["content"].items()
    assert node["responses"]["default"] == {"$ref": "common.json#/components/responses/Error"}
    if operation.answer == "binary":
        assert content_type != "application/json"
        return
    assert content_type == "application/json"
    schema = description.expand(content["schema"], operation.group)
    items = schema
    if operation.answer == "page":
        assert {"total", "count", "offset", "limit", "items"} == set(schema["properties"]) - {
            "allCustomerCount"
        }
        assert operation.items_key == "items"
    if operation.items_key is not None:
        items = schema["properties"][operation.items_key]
    assert (items["type"] == "array") == (operation.answer in {"page", "list"})
    if operation.entity:
        entity = description.entity_schema(operation.entity, ENTITIES[operation.entity])
        whole = operation.answer == "object" or operation.id in LISTS_OF_VALUES
        assert (schema if whole else items["items"]) == entity


def test_a_body_holds_no_field_that_is_read_only():
    for operation in OPERATIONS.values():
        body = operation.body or {}
        for name, field in body.get("items", body).get("properties", {}).items():
            expanded = description.expand(field, operation.group)
            assert not expanded.get("readOnly"), (operation.id, name)


def test_what_can_only_be_read_is_marked():
    product = description.entity_schema("product", "products")["properties"]
    assert all(product[name].get("readOnly") for name in ("id", "updateTimestamp", "url"))
    assert not any(product[name].get("readOnly") for name in ("name", "price", "sku", "quantity"))
    assert description.entity_schema("customer", "customers")["properties"]["password"]["writeOnly"]


def test_lists_of_words_are_open():
    # Ecwid adds words and differs in letter case: a value that isn't listed is no error.
    for node in itertools.chain.from_iterable(nodes(description.document(g)) for g in GROUPS):
        if isinstance(node.get("enum"), list) and "deprecated" not in node:
            closed = node["enum"] == ["orders", "products", "coupons", "customers", "reviews"]
            assert node.get("x-ecwid-open") or closed, node


def test_error_codes_have_a_status_and_a_meaning():
    errors = description.document("common")["x-ecwid-errors"]
    assert len({error["code"] for error in errors}) == len(errors)
    assert len(errors) > 80
    assert all(400 <= error["status"] < 600 and error["meaning"] for error in errors)


def test_what_is_personal_or_secret_is_named_as_the_description_does():
    known = {
        name
        for group in GROUPS
        for node in nodes(description.document(group))
        for name in (
            *(node["properties"] if isinstance(node.get("properties"), dict) else ()),
            *([node["name"]] if "in" in node else ()),
        )
    }
    given = PERSONAL | SECRET | frozenset().union(*PERSONAL_IN.values(), *SECRET_IN.values())
    assert given - known == set()
    assert (PERSONAL_IN | SECRET_IN).keys() <= set(description.groups())
