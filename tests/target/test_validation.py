"""A stream's schema is a stranger's: it reads nothing of this machine, and costs little."""

from __future__ import annotations

import json
import time

import pytest

from ecwid_api.errors import SettingError
from target_ecwid.run.validation import validator_of


def levels(count, branches, keyword="anyOf"):
    """Each level refers to the next one ``branches`` times."""
    definitions = {
        f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}] * branches} for n in range(count)
    }
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{count}": {"type": "null"}}}


ELSEWHERE = [
    {"$ref": "http://127.0.0.1:1/x"},
    {"$ref": "https://example.com/x#/a"},
    {"$ref": "file:///etc/passwd"},
    {"$ref": "//host/x"},
    {"$ref": "other.json"},
    {"$ref": "http://json-schema.org/draft-07/schema#"},
    {"$dynamicRef": "http://127.0.0.1:1/x#a"},
    {"$recursiveRef": "http://127.0.0.1:1/x"},
    {"properties": {"a": {"items": {"anyOf": [{"$ref": "file:///etc/passwd"}]}}}},
    {"$id": "http://127.0.0.1:1/a", "properties": {"x": {"$ref": "b.json"}}},
    {"$id": "file:///etc/", "properties": {"x": {"$ref": "passwd"}}},
]


@pytest.mark.parametrize("schema", ELSEWHERE, ids=json.dumps)
def test_a_reference_out_of_the_message_is_named_and_not_followed(schema):
    with pytest.raises(SettingError) as caught:
        validator_of("s", {"type": "object", **schema})
    text = str(caught.value)
    assert text.isprintable()
    assert text.startswith("stream s has ")
    assert "root:" not in text
    reference = next(v for v in _references(schema))
    assert reference.rpartition("/")[2].partition("#")[0] in text


def _references(value):
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, str) and "ef" in str(name):
            yield inner
        elif isinstance(inner, dict | list):
            yield from _references(inner)


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": "http://127.0.0.1:1/meta"},
        {"$ref": "#/nowhere"},
        {"type": 7},
        {"pattern": "("},
        {"properties": []},
        {"$ref": 7},
        {"$ref": "#"},
        {"anyOf": [{"$ref": "#"}, {"type": "object"}]},
        {"not": {"$ref": "#"}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    ],
    ids=json.dumps,
)
def test_what_is_no_schema_is_one_line(schema):
    with pytest.raises(SettingError) as caught:
        validator_of("s", schema)
    assert str(caught.value).isprintable()
    assert str(caught.value).startswith("stream s has ")


NODE = {"$ref": "#/$defs/node"}
COSTLY = {
    "twelve levels": levels(12, 10),
    "oneOf": levels(12, 10, "oneOf"),
    "allOf": levels(12, 10, "allOf"),
    "back twice": {"$defs": {"node": {"properties": {"a": {"anyOf": [NODE, NODE]}}}}, **NODE},
    "two patterns": {
        "$defs": {"node": {"patternProperties": {"a": NODE, "b*": NODE}}},
        **NODE,
    },
    "property and pattern": {
        "$defs": {"node": {"properties": {"a": NODE}, "patternProperties": {"a": NODE}}},
        **NODE,
    },
    "if and then": {
        "$defs": {"node": {"properties": {"a": {"if": NODE, "then": NODE}}}},
        **NODE,
    },
    "constants": {"items": {"enum": [[n] for n in range(20_000)]}},
    "a constant": {"items": {"const": {"a": [[n] for n in range(20_000)]}}},
    "a long chain": levels(500, 1),
}


def test_deep_schemas_are_costly():
    schema = {"type": "object"}
    for _ in range(900):
        schema = {"properties": {"a": schema}}
    with pytest.raises(SettingError, match="simplify it at the source"):
        validator_of("s", schema)


@pytest.mark.parametrize("name", COSTLY)
def test_what_would_take_for_ever_is_refused_at_once(name):
    begun = time.monotonic()
    with pytest.raises(SettingError, match="simplify it at the source"):
        validator_of("s", COSTLY[name])
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "schema",
    [
        levels(2, 9),
        {"enum": [{"a": 1, "$ref": "http://127.0.0.1:1/x"}, {}]},
        {"properties": {"$ref": {"type": "string"}}},
        {"properties": {"a": {"enum": [f"word {n}" for n in range(20_000)]}}},
        {"$defs": {"node": {"properties": {"left": NODE, "right": NODE}}}, **NODE},
        {"$defs": {"node": {"properties": {"a": {"anyOf": [NODE, {"type": "null"}]}}}}, **NODE},
        {"$defs": {"a/b": {"type": "object"}}, "$ref": "#/$defs/a~1b"},
        {"$id": "http://a.example/a", "$ref": "b", "$defs": {"x": {"$id": "b", "type": "object"}}},
        {"properties": {f"p{n}": {"type": ["string", "null"]} for n in range(5000)}},
    ],
    ids=range(9),
)
def test_schemas_that_refer_to_themselves_with_measure_are_used(schema):
    assert validator_of("s", schema).is_valid({}) == ("d0" not in schema.get("$defs", {}))
