"""Select patterns that match nothing are named, with what is near."""

from __future__ import annotations

import json

import pytest

from tap_ecwid.patterns import problems

NO_FIELD = "select has {}, which matches no field of orders."
ORDRES = "select has {}, which matches no stream. Did you mean orders?"


@pytest.mark.parametrize("variable", ["TAP_ECWID__SELECT", "MELTANO_EXTRACT__SELECT_FILTER"])
@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*.*"], []),
        (
            [
                "orders.*",
                "orders.id",
                "orders.billingPerson.*",
                "*.id",
                "order*.total",
                "!orders.email",
            ],
            [],
        ),
        (["customers.store_id", "customers._sdc_deleted_at", "orders"], []),
        (["products.*", "ordres.*"], [ORDRES.format("ordres.*")]),
        (["ordres"], [ORDRES.format("ordres")]),
        (["!ordres.*"], [ORDRES.format("!ordres.*")]),
        (["Orders.*"], [ORDRES.format("Orders.*")]),
        (["ordr*.*"], [ORDRES.format("ordr*.*")]),
        (["xyzzy.*"], ["select has xyzzy.*, which matches no stream."]),
        (
            ["orders.emial"],
            ["select has orders.emial, which matches no field of orders. Did you mean email?"],
        ),
        (
            # Fields within a list can't be selected one by one.
            ["orders.items.*"],
            ["select has orders.items.*, which matches no field of orders. Did you mean items?"],
        ),
        (
            ["orders.extraFeilds"],
            [NO_FIELD.format("orders.extraFeilds") + " Did you mean extraFields?"],
        ),
    ],
)
def test_a_pattern_that_matches_nothing_is_named(monkeypatch, variable, patterns, found):
    monkeypatch.setenv(variable, json.dumps(patterns))
    assert list(problems(())) == found


def test_without_patterns_nothing_is_said_but_of_the_catalog():
    assert list(problems(["orders", "products"])) == []
    assert list(problems(["ordres"])) == [
        "The catalog has ordres, which is no stream of the tap. Did you mean orders?"
    ]
