"""The streams' schemas are what Singer's targets need, down to the leaves."""

from __future__ import annotations

import pytest

from ecwid_api.entities import ENTITIES
from tap_ecwid.schema import DELETED_AT, stream_schema

ALL = pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES.keys())


def nodes(schema, path=""):
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from nodes(schema[keyword], f"{path}[]")


@ALL
def test_keys_are_there_and_never_null(entity):
    properties = stream_schema(entity)["properties"]
    assert list(properties)[: len(entity.keys)] == list(entity.keys)
    for key in entity.keys:
        assert "null" not in properties[key]["type"]


@ALL
def test_everything_else_has_types_and_may_be_null(entity):
    for path, node in nodes(stream_schema(entity)):
        if path and path.lstrip(".") not in entity.keys:
            assert "null" in node["type"], path
        assert "$ref" not in node, path
        assert "enum" not in node, path
        assert ("properties" in node) <= ("object" in node["type"]), path
        if "array" in node["type"] and len(node["type"]) < 5:
            assert "items" in node, path


@ALL
def test_times_are_date_times(entity):
    if entity.updates:
        field = stream_schema(entity)["properties"][entity.updates.field]
        assert field.get("format") == "date-time" or field["type"] == ["integer", "null"]


@ALL
def test_deletions_have_a_field_where_there_are_any(entity):
    assert (DELETED_AT in stream_schema(entity)["properties"]) == (entity.deletions is not None)


def test_integers_are_integers_and_money_is_a_number():
    orders = stream_schema(ENTITIES["orders"])["properties"]
    assert orders["customerId"]["type"] == ["integer", "null"]
    assert orders["total"]["type"] == ["number", "null"]
    assert orders["items"]["items"]["properties"]["quantity"]["type"] == ["integer", "null"]


def test_secrets_that_can_only_be_written_are_in_no_schema():
    assert "password" not in stream_schema(ENTITIES["customers"])["properties"]


@pytest.mark.parametrize(
    ("stream", "place", "kind"),
    [
        ("customers", "stats.numberOfCanceledOrders", "integer"),
        ("categories", "borderInfo", "object"),
        ("orders", "items.isGiftCard", "boolean"),
        ("order_items", "isGiftCard", "boolean"),
        ("abandoned_carts", "customDiscount", "array"),
    ],
)
def test_fields_that_only_answers_have_are_in_the_schema(stream, place, kind):
    found = stream_schema(ENTITIES[stream])
    for name in place.split("."):
        found = found.get("items", found)["properties"][name]
    assert kind in found["type"]
