"""What Meltano's patterns select: the streams that the catalog has by default, and those named."""

from __future__ import annotations

import copy
import json

import pytest
from meltano.core.plugin.singer.catalog import (
    MetadataExecutor,
    select_filter_metadata_rules,
    select_metadata_rules,
)

from copy_of_shop import BY_DEFAULT, CHILDREN, KEYS
from ecwid_api.errors import SettingError
from tap_ecwid.patterns import selected_streams
from tap_ecwid.tap import TapEcwid
from tap_run import root_of

SETTINGS = {"store_id": 1, "access_token": "secret_x"}
VARIABLES = [
    f"{plugin}__{extra}"
    for plugin in ("TAP_ECWID", "MELTANO_EXTRACT")
    for extra in ("SELECT", "SELECT_FILTER", "CATALOG")
]


@pytest.fixture(scope="module")
def catalog():
    """The tap's, with few of the fields: every test takes all streams."""
    found = json.loads(json.dumps(TapEcwid(config=SETTINGS).catalog_dict))
    for stream in found["streams"]:
        kept = {*stream["key_properties"], "id", "email"}
        properties = stream["schema"]["properties"]
        stream["schema"]["properties"] = {n: {"type": "string"} for n in properties if n in kept}
        stream["metadata"] = [
            m for m in stream["metadata"] if not m["breadcrumb"] or {*m["breadcrumb"][1:]} <= kept
        ]
    return found


@pytest.fixture(autouse=True)
def without_meltano(monkeypatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def by_meltano(catalog, select, select_filter=()):
    """The catalog as Meltano hands it over."""
    handed = copy.deepcopy(catalog)
    rules = [
        *select_metadata_rules(["!*.*"]),
        *select_metadata_rules(select),
        *select_filter_metadata_rules(select_filter),
    ]
    MetadataExecutor(rules).visit(handed)
    return handed


def selected(catalog):
    return {
        s.name for s in TapEcwid(config=SETTINGS, catalog=catalog).streams.values() if s.selected
    }


def test_the_catalog_says_what_is_read_by_default(catalog):
    marked = {s["tap_stream_id"]: root_of(s)["selected-by-default"] for s in catalog["streams"]}
    assert marked == {name: name in BY_DEFAULT for name in KEYS}
    assert selected(catalog) == selected(None) == set(selected_streams()) == BY_DEFAULT
    assert not BY_DEFAULT & CHILDREN.keys()


@pytest.mark.parametrize(
    ("select", "select_filter", "expected"),
    [
        # Meltano's default.
        (["*.*"], [], BY_DEFAULT),
        (["*"], [], BY_DEFAULT),
        (["*.id"], [], BY_DEFAULT),
        (["*.*", "!orders.email"], [], BY_DEFAULT),
        (["*.*", "!product_reviews.*"], [], BY_DEFAULT - {"product_reviews"}),
        (["*.*", "!*_reviews.*"], [], BY_DEFAULT - {"product_reviews"}),
        (["*.*", "domains.*"], [], BY_DEFAULT | {"domains"}),
        (["*.*", "order_items.id"], [], BY_DEFAULT | {"order_items"}),
        (["*.*", "*_feed.*"], [], BY_DEFAULT | {n for n in KEYS if n.endswith("_feed")}),
        (
            ["*.*", "*_feed.*", "!yandex_*.*"],
            [],
            BY_DEFAULT | {n for n in KEYS if n.endswith("_feed") and "yandex" not in n},
        ),
        (["domains.*"], [], {"domains"}),
        (["order*.*"], [], {n for n in KEYS if n.startswith("order")}),
        (["?*.*"], [], KEYS.keys()),
        (["*.*"], ["domains"], {"domains"}),
        (["*.*"], ["orders", "domains"], {"orders", "domains"}),
        (["*.*"], ["!orders"], BY_DEFAULT - {"orders"}),
        (["*.*"], ["*"], BY_DEFAULT),
        (["domains.*", "orders.*"], ["*"], {"domains", "orders"}),
    ],
)
def test_a_star_selects_the_defaults_and_a_name_what_it_names(
    monkeypatch, catalog, select, select_filter, expected
):
    for variable, patterns in (("SELECT", select), ("SELECT_FILTER", select_filter)):
        monkeypatch.setenv(f"MELTANO_EXTRACT__{variable}", json.dumps(patterns))
    assert selected(by_meltano(catalog, select, select_filter)) == expected
    assert set(selected_streams()) == expected


def test_a_catalog_of_ones_own_is_taken_as_it_is(monkeypatch, catalog):
    handed = by_meltano(catalog, ["*.*"])
    assert selected(handed) == KEYS.keys()
    # Not the patterns of a run: those are in the other variable.
    monkeypatch.setenv("TAP_ECWID__SELECT", '["*.*"]')
    assert selected(handed) == KEYS.keys()
    monkeypatch.setenv("MELTANO_EXTRACT__SELECT", '["*.*"]')
    monkeypatch.setenv("MELTANO_EXTRACT__CATALOG", "catalog.json")
    assert selected(handed) == KEYS.keys()


def test_patterns_that_are_no_list_are_an_error(monkeypatch, catalog):
    monkeypatch.setenv("MELTANO_EXTRACT__SELECT", "*.*")
    with pytest.raises(SettingError, match="MELTANO_EXTRACT__SELECT holds no JSON list"):
        selected(catalog)
