"""Columns have names that every loader can keep apart, also those of nested fields."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from singer_sdk.sql import SQLSink

from ecwid_api.entities import ENTITIES
from tap_ecwid.schema import stream_schema

LONGEST = 63
"""Bytes of a name in PostgreSQL; the others take more."""
RESERVED = re.compile(
    # Prefixes that BigQuery refuses, and what Snowflake doesn't take as a column, even quoted by
    # many loaders.
    r"(_table_|_file_|_partition|_row_timestamp|__root__|_colidentifier).*"
    r"|current_(date|time|timestamp|user)|constraint",
    re.IGNORECASE,
)


def of_sdk(name):
    """As targets of the Meltano SDK do by default."""
    return SQLSink.conform_name(None, name)


def of_sdk_snake(name):
    """As those do that use the SDK's snakecase()."""
    return name[0].lower() + re.sub("[A-Z]", lambda m: f"_{m[0].lower()}", name[1:])


def of_bigquery_snake(name):
    """As z3-target-bigquery does with snake_case."""
    words = r"((?!^)(?<!_)[A-Z][a-z]+|(?<=[a-z0-9])[A-Z])"
    return re.sub(words, r"_\1", name).lower()


RULES = {
    "as it is": str,
    "case doesn't count: Snowflake, BigQuery, DuckDB, SQLite": str.casefold,
    "Meltano SDK": of_sdk,
    "Meltano SDK, snake case": of_sdk_snake,
    "BigQuery, snake case": of_bigquery_snake,
}


def objects(schema):
    """The objects in a schema, each as its names."""
    if names := schema.get("properties"):
        yield list(names)
    for inner in [*schema.get("properties", {}).values(), schema.get("items")]:
        if isinstance(inner, dict):
            yield from objects(inner)


def collisions(names, rule):
    """Names of which the rule makes one."""
    made = defaultdict(list)
    for name in names:
        made[rule(name)].append(name)
    return [found for found in made.values() if len(found) > 1]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("many_stores", [False, True], ids=["one", "many"])
def test_no_two_columns_become_one(rule, many_stores):
    found = [
        (entity.name, collision)
        for entity in ENTITIES.values()
        for names in objects(stream_schema(entity, many_stores=many_stores))
        for collision in collisions(names, RULES[rule])
    ]
    assert found == []
    assert collisions(ENTITIES, RULES[rule]) == []


def test_a_collision_is_found():
    assert collisions(["trackingUrl", "tracking_url", "id"], of_sdk_snake) == [
        ["trackingUrl", "tracking_url"]
    ]
    assert collisions(["inStock", "instock"], of_sdk) == [["inStock", "instock"]]


def test_every_column_has_a_name_that_databases_take():
    schemas = [stream_schema(entity, many_stores=True) for entity in ENTITIES.values()]
    names = {name for schema in schemas for name in schema["properties"]} | ENTITIES.keys()
    assert [n for n in names if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", n)] == []
    assert [n for n in names if len(n) > LONGEST or RESERVED.fullmatch(n)] == []
