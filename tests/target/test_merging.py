"""Merged lists lose nothing and settle: every list whose entries have a key."""

from __future__ import annotations

import random

import pytest

from ecwid_api.entities import ENTITIES
from target_ecwid.change.comparing import differing
from target_ecwid.change.merging import _KEYS, mergeable, merged

LISTS = [
    pytest.param(entity.name, name, schema, id=f"{entity.name}.{name}")
    for entity in ENTITIES.values()
    if entity.operations.update is not None
    for name, schema in mergeable(entity.operations.update).items()
]
KEYS = {
    ("products", "attributes"): ("id", "name"),
    ("products", "options"): ("name",),
    ("customers", "shippingAddresses"): ("id",),
    ("customers", "extrafields"): ("key",),
}


def value(chance, schema, name=""):
    kinds = schema.get("type") or "string"
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "array":
        return [value(chance, schema.get("items", {})) for _ in range(chance.randrange(3))]
    if kind == "object":
        fields = sorted(schema.get("properties", {}))
        some = chance.sample(fields, min(len(fields), chance.randrange(4)))
        return {field: value(chance, schema["properties"][field], field) for field in some}
    few = 4 if any(name in keys for keys in _KEYS.values()) or not name else 50
    number = chance.randrange(1, few)
    return number if kind in {"integer", "number"} else kind == "boolean" or f"v{number}"


def entries(chance, name, schema, count, *, distinct):
    """Entries of a list, with a key each where they have fields."""
    found = []
    for number in range(count):
        entry = value(chance, schema["items"])
        if isinstance(entry, dict):
            key = next(key for key in _KEYS[name] if key in schema["items"]["properties"])
            if distinct or chance.random() < 0.8:
                kind = schema["items"]["properties"][key].get("type")
                picked = number if distinct else chance.randrange(6)
                entry[key] = picked + 1 if kind in {"integer", "number"} else f"k{picked}"
        found.append(entry)
    return found


@pytest.mark.parametrize(("entity", "name", "schema"), LISTS)
def test_a_merge_loses_no_entry_and_settles(entity, name, schema):
    keys = _KEYS.get(name, ())
    for seed in range(60):
        chance = random.Random(f"{entity}{name}{seed}")
        there = entries(chance, name, schema, chance.randrange(5), distinct=True)
        sent = entries(chance, name, schema, chance.randrange(4), distinct=False)
        after = merged({name: sent}, {name: there}, {name: schema}).get(name, there)
        assert len(after) >= len(there)
        for before, now in zip(there, after, strict=False):
            if not isinstance(before, dict):
                assert now == before
                continue
            key = next(one for one in keys if before.get(one))
            assert str(now[key]) == str(before[key])
            touched = {field for entry in sent for field in entry}
            readonly = {f for f, s in schema["items"]["properties"].items() if s.get("readOnly")}
            for field in before.keys() - touched - readonly:
                assert now[field] == before[field]
        again = merged({name: sent}, {name: after}, {name: schema})
        assert differing(again, {name: after}) == ()


@pytest.mark.parametrize("case", KEYS)
def test_lists_that_people_know_can_be_merged(case):
    entity, name = case
    assert name in mergeable(ENTITIES[entity].operations.update)
    assert set(KEYS[case]) <= set(_KEYS[name])


def test_choices_within_options_are_merged_too():
    schema = mergeable(ENTITIES["products"].operations.update)["options"]
    there = [{"name": "Size", "type": "SELECT", "choices": [{"text": "S"}, {"text": "M"}]}]
    sent = [{"name": "Size", "choices": [{"text": "M", "priceModifier": 2}, {"text": "L"}]}]
    assert merged({"options": sent}, {"options": there}, {"options": schema})["options"] == [
        {
            "name": "Size",
            "type": "SELECT",
            "choices": [{"text": "S"}, {"text": "M", "priceModifier": 2}, {"text": "L"}],
        }
    ]


@pytest.mark.parametrize("sent", [None, [], ""])
def test_nothing_adds_nothing(sent):
    schema = mergeable(ENTITIES["products"].operations.update)["categoryIds"]
    body = {"categoryIds": sent, "price": 1}
    assert merged(body, {"categoryIds": [1]}, {"categoryIds": schema}) == {"price": 1}
