"""Which statements dbt keeps: none whose model or test only dbt can build again as it should be."""

from __future__ import annotations

import random
import shutil
import time

import duckdb
import pytest

from built_again import build_again
from ecwid_warehouse.statements import run_again
from raw_layer import load
from shop_records import MadeUpShop, schema

PROMOTIONS = "from {{ ref('stg_ecwid__promotions') }}"
ASKS = "{% set found = run_query('select 1') if execute %}"
KEPT = {
    "plain": f"select promotion_id, name {PROMOTIONS}",
    "column_one": f"select 1 as one, promotion_id, name {PROMOTIONS}",
    "by_order": "{{ by_key('order_key', follows=[{'model': 'stg_ecwid__orders'}]) }}"
    " select store_id || '-' || order_id as order_key, 'first' as text"
    " from {{ touched(ref('stg_ecwid__orders'), \"store_id || '-' || order_id\") }}",
}
NOT_KEPT = {
    "asks_the_database": f"{ASKS} select promotion_id {PROMOTIONS}",
    "asks_the_clock": f"select '{{{{ run_started_at }}}}' as moment, promotion_id {PROMOTIONS}",
    "has_a_hook": "{{ config(post_hook='create table if not exists hooked (i int)') }}"
    f" select promotion_id {PROMOTIONS}",
    "of_dbt": f"{{{{ config(materialized='table') }}}} select promotion_id {PROMOTIONS}",
    "a_view": f"{{{{ config(materialized='view') }}}} select promotion_id {PROMOTIONS}",
    "after_a_snapshot": "{{ config(materialized='table') }} select * from {{ ref('versions') }}",
}
FAILS = "select promotion_id from {{ ref('plain') }} where promotion_id "
TESTS = {
    "finds_nothing": f"{FAILS} < 0",
    "warns_of_nothing": f"{{{{ config(severity='warn') }}}} {FAILS} < 0",
}
TESTS_NOT_KEPT = {
    "warns": f"{{{{ config(severity='warn') }}}} {FAILS} >= 0",
    "wants_rows": f"{{{{ config(error_if='= 0', warn_if='= 0') }}}} {FAILS} >= 0",
    "counts_otherwise": "{{ config(fail_calc='case when count(*) > 0 then 0 else 1 end') }}"
    f" {FAILS} >= 0",
    "may_find_some": f"{{{{ config(error_if='> 99', warn_if='> 99') }}}} {FAILS} >= 0",
    "asks": f"{ASKS} {FAILS} < 0",
}
SNAPSHOT = (
    "{% snapshot versions %}{{ config(target_schema='marts', unique_key='promotion_id',"
    " strategy='check', check_cols='all') }}"
    f" select promotion_id, name {PROMOTIONS} {{% endsnapshot %}}"
)
SOURCES = """
version: 2
sources: [{name: raw, tables: [{name: promotions}, {name: store_profile}, {name: orders}]}]
"""
SECRET = "hush-hush"
ALIASES = "{% macro generate_alias_name(name=none, node=none) %}x_{{ node.name }}{% endmacro %}"
STAGED = ("stg_ecwid__store_profile", "stg_ecwid__promotions", "stg_ecwid__orders")


def write(folder, files):
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)


@pytest.fixture(scope="module")
def small(warehouse):
    """A project with few models; the folder of its raw layer has a name that is a pattern, too."""
    models = warehouse.models / "models"
    for path in [*models.rglob("*.*"), *(warehouse.models / "tests").glob("*.sql")]:
        if path.stem not in STAGED:
            path.unlink()
    shutil.rmtree(warehouse.models / "seeds")
    (models / "sources.yml").write_text(SOURCES)
    write(models / "marts", KEPT | NOT_KEPT)
    write(warehouse.models / "tests", TESTS | TESTS_NOT_KEPT)
    write(warehouse.models / "snapshots", {"versions": SNAPSHOT})
    write(warehouse.models / "macros", {"aliases": ALIASES})
    profiles = warehouse.models / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("TimeZone: UTC", f"password: {SECRET}"))
    warehouse.raw = warehouse.folder / "r[1] o'b*"
    warehouse.raw.mkdir()
    load(warehouse.raw, *MadeUpShop(random.Random(5)).run(30))
    set_promotions(warehouse, "Old", 1, 2)
    warehouse.dbt("build")
    return warehouse


def set_promotions(warehouse, name, *keys):
    shop = MadeUpShop(random.Random())
    whole = {"stream": "promotions", "version": time.time_ns()}
    rows = [{"type": "RECORD", "record": {"id": key, "name": name}} | whole for key in keys]
    messages = [m for m in shop.run(0) if m["stream"] == "store_profile"]
    end = {"type": "ACTIVATE_VERSION"} | whole
    load(warehouse.raw, *messages, schema("promotions"), *rows, end)


def ask(warehouse, query):
    with duckdb.connect(str(warehouse.database)) as connection:
        return connection.execute(query).fetchall()


def kept(warehouse):
    query = "select node from staging.statements where statement is not null"
    return {node.split(".")[2] for (node,) in ask(warehouse, query) if node != "start"}


def test_only_what_needs_no_dbt_is_kept(small):
    found = kept(small)
    assert found >= KEPT.keys() | TESTS.keys() | {"stg_ecwid__promotions"}
    assert not found & (NOT_KEPT.keys() | TESTS_NOT_KEPT.keys() | {"versions"})
    # A snapshot has no statement, and what follows it can't be forgotten.
    reads = dict(ask(small, "select node, reads from staging.statements"))
    assert "snapshot.ecwid.versions" in reads
    assert "there is no kept statement" in run_again(small.database, ["promotions"])
    assert run_again(small.database, ["orders"]) is None
    assert SECRET not in str(ask(small, "select statement from staging.statements"))


def test_folders_columns_and_tables_may_have_any_name(small):
    set_promotions(small, "New", 2, 3)
    shop = MadeUpShop(random.Random(6))
    load(small.raw, *(m for m in shop.run(30) if m["stream"] == "orders"))
    before = ask(small, "select order_key from marts.x_by_order order by all")
    build_again(small.database)
    for model in ("plain", "column_one"):
        rows = ask(small, f"select promotion_id, name from marts.x_{model} order by all")
        assert rows == [(2, "New"), (3, "New")], model
    orders = "select store_id || '-' || order_id from staging.x_stg_ecwid__orders order by all"
    keys = ask(small, "select order_key from marts.x_by_order order by all")
    assert ask(small, orders) == keys != before


def test_what_dbt_has_to_build_now_was_kept_only_before(small):
    marts, tests = small.models / "models" / "marts", small.models / "tests"
    write(marts, {"plain": f"{{{{ config(materialized='table') }}}} {KEPT['plain']}"})
    write(marts, {"by_order": KEPT["by_order"].replace("first", "second")})
    write(tests, {"finds_nothing": TESTS_NOT_KEPT["warns"]})
    project = small.models / "dbt_project.yml"
    text = project.read_text()
    hooks = "['{{ keep_tests(results) }}', 'select 1']"
    project.write_text(text.replace('"{{ keep_tests(results) }}"', hooks))
    small.dbt("build")
    found = kept(small)
    assert found >= {"column_one", "by_order", "warns_of_nothing"}
    assert not found & {"plain", "finds_nothing"}
    assert ask(small, "select distinct text from marts.x_by_order") == [("second",)]
    assert "there is no kept statement of start" in run_again(small.database, [])
