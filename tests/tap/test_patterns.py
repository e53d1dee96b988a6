"""Select patterns and catalogs that name what the tap doesn't have."""

from __future__ import annotations

import copy
import json

import pytest

from ecwid_api.errors import SettingError
from tap_ecwid.patterns import problems, selected_streams, unknown_fields
from tap_ecwid.tap import TapEcwid
from tap_run import root_of

NO_FIELD = "select has {}, which matches no field of orders."
WANTED = (
    "catalog selects ordres, which is no stream of the tap. Did you mean orders? Discover "
    "the catalog again (with Meltano, add --refresh-catalog), or set selected to false"
)
VARIABLES = {"TAP_ECWID__SELECT": "select", "MELTANO_EXTRACT__SELECT_FILTER": "select_filter"}


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(
    "patterns",
    [
        ["*.*"],
        [
            "orders.*",
            "orders.id",
            "orders.billingPerson.*",
            "*.id",
            "order*.total",
            "!orders.email",
        ],
        ["customers.store_id", "customers._sdc_deleted_at", "orders"],
    ],
)
def test_a_pattern_that_matches_something_is_right(monkeypatch, variable, patterns):
    monkeypatch.setenv(variable, json.dumps(patterns))
    assert [*problems({}), *unknown_fields()] == []


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize(
    "pattern",
    ["ordres.*", "ordres", "!ordres.*", "!ordres.email", "Orders.*", "ordr*.*", "xyzzy.*"],
)
def test_a_pattern_that_matches_no_stream_is_an_error(monkeypatch, variable, pattern):
    monkeypatch.setenv(variable, json.dumps(["products.*", pattern]))
    near = "" if "xyzzy" in pattern else " Did you mean orders?"
    wanted = (
        f"{VARIABLES[variable]} has {pattern}, which matches no stream.{near} "
        "Correct the pattern, or remove it"
    )
    assert list(map(str, problems({}))) == [wanted]
    with pytest.raises(SettingError, match="which matches no stream"):
        list(selected_streams())
    # What the message says helps.
    monkeypatch.setenv(variable, json.dumps(["products.*"]))
    assert list(problems({})) == []


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (
            "orders.emial",
            "select has orders.emial, which matches no field of orders. Did you mean email?",
        ),
        (
            # Fields within a list can't be selected one by one.
            "orders.items.*",
            "select has orders.items.*, which matches no field of orders. Did you mean items?",
        ),
        (
            "orders.extraFeilds",
            NO_FIELD.format("orders.extraFeilds") + " Did you mean extraFields?",
        ),
    ],
)
def test_a_pattern_that_matches_no_field_is_named(monkeypatch, pattern, found):
    monkeypatch.setenv("TAP_ECWID__SELECT", json.dumps([pattern]))
    assert list(unknown_fields()) == [found]
    assert list(problems({})) == []


def test_a_stream_of_a_catalog_that_the_tap_has_not_is_an_error_if_it_is_selected():
    tap = TapEcwid(config={"store_id": 1, "access_token": "secret_x"})
    catalog = json.loads(json.dumps(tap.catalog_dict))
    (orders,) = (s for s in catalog["streams"] if s["tap_stream_id"] == "orders")
    catalog["streams"].append(
        copy.deepcopy(orders) | {"tap_stream_id": "ordres", "stream": "ordres"}
    )

    def found():
        return list(
            map(str, problems(TapEcwid(config=dict(tap.config), catalog=catalog).input_catalog))
        )

    for selected in (False, None, True):
        root_of(catalog["streams"][-1])["selected"] = selected
        assert found() == [WANTED] * bool(selected)
