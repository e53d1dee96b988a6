"""What of a shop is copied, as the command line and the streams say."""

from __future__ import annotations

import json
import sys
from decimal import Decimal

import pytest

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from ecwid_copy import cli
from ecwid_copy.choice import Choice, Sieve
from ecwid_copy.contents import BACKED_UP, BY_CHOICE, COPIED, IMPOSSIBLE, LAST, TARGET_STREAMS
from ecwid_copy.processes import write_catalog
from tap_ecwid.tap import TapEcwid
from target_ecwid.jobs import job_of

ALL = tuple(COPIED)


def choice(**settings):
    return Choice(streams=ALL, **settings)


def test_every_entity_that_can_be_created_is_copied_or_by_choice():
    """Parts that go with their owner's record, and documents that Ecwid makes, apart."""
    with_owner = {"order_extra_fields", "customer_contacts"}
    creatable = {e.name for e in ENTITIES.values() if e.create} - with_owner - {*IMPOSSIBLE}
    assert creatable <= {*COPIED, *BY_CHOICE}
    assert {*COPIED, *BY_CHOICE, *BACKED_UP, *IMPOSSIBLE} <= ENTITIES.keys()
    assert LAST.keys() <= {*COPIED}


@pytest.mark.parametrize("stream", TARGET_STREAMS)
def test_the_target_knows_what_to_do_with_each_stream(stream):
    assert job_of({"streams": TARGET_STREAMS}, stream).operations


def test_a_catalog_of_some_streams_is_as_the_tap_would_make_it(tmp_path):
    whole = json.loads(TapEcwid(validate_config=False).catalog_json_text)["streams"]
    whole = {one["stream"]: one for one in whole}
    for stream in (*COPIED, *BACKED_UP, *BY_CHOICE):
        write_catalog(tmp_path / "catalog.json", {stream: None})
        made = json.loads((tmp_path / "catalog.json").read_bytes())["streams"]
        for one in made:
            for name in ("tap_stream_id", "schema", "key_properties", "replication_method"):
                assert one[name] == whole[one["stream"]][name], (stream, name)
            assert one["replication_key"] == whole[one["stream"]].get("replication_key")
            assert one["metadata"][0]["metadata"]["selected"] is (one["stream"] == stream)
        # Without its parent's entry, the tap doesn't know a child.
        assert {ENTITIES[stream].parent, stream} - {None} == {one["stream"] for one in made}


@pytest.mark.parametrize(
    ("settings", "stream", "record", "wanted"),
    [
        ({}, "products", {"id": 1, "enabled": False}, True),
        ({"enabled_only": True}, "products", {"id": 1, "enabled": False}, False),
        ({"enabled_only": True}, "products", {"id": 1, "enabled": True}, True),
        ({"enabled_only": True}, "orders", {"id": "A"}, True),
        ({"categories": {1, 2}}, "products", {"id": 1, "categoryIds": [2, 9]}, True),
        ({"categories": {1, 2}}, "products", {"id": 1, "categoryIds": [9]}, False),
        ({"categories": {1, 2}}, "products", {"id": 1}, False),
        ({"categories": {1, 2}}, "categories", {"id": 2}, True),
        ({"categories": {1, 2}}, "categories", {"id": 3}, False),
        ({"categories": {1, 2}}, "products", {"id": 1, "_sdc_deleted_at": "2025-01-01"}, True),
    ],
)
def test_a_filter_keeps_what_is_wanted(settings, stream, record, wanted):
    assert choice(**settings).wants(stream, record) is wanted


def test_parts_stay_behind_with_their_owner():
    sieve = Sieve(choice(enabled_only=True))
    assert not sieve.lets_through("products", {"id": 1, "enabled": False})
    assert sieve.lets_through("products", {"id": 2, "enabled": True})
    for stream in ("product_variations", "product_images", "product_files"):
        assert not sieve.lets_through(stream, {"productId": 1, "id": 5})
        assert sieve.lets_through(stream, {"productId": 2, "id": 5})


def test_a_category_brings_those_below_it():
    tree = {1: 0, 2: 1, 3: 2, 4: 0}
    assert choice(categories=frozenset({1})).limited_to(tree).categories == {1, 2, 3}


@pytest.mark.parametrize(
    ("command", "arguments", "outcome"),
    [
        (cli.clone, "--only products --with staff_accounts", ("products", "staff_accounts")),
        (cli.clone, "--only products,orders --without orders", ("products",)),
        (cli.clone, "--only=", "it names nothing"),
        (cli.clone, "--languages=,", "it names nothing"),
        (cli.restore, "--with staff_accounts", "unrecognized arguments"),
        (cli.restore, "--only staff_accounts", "there is no 'staff_accounts'"),
        (cli.restore, "--object abandoned_carts/1", "abandoned_carts/1 can't be restored"),
        (
            cli.restore,
            "--field customers.email --object products/1",
            "is in products: --field names no field of theirs",
        ),
        (
            cli.restore,
            "--field product_variations.price --object products/2",
            "products/2 isn't in the backup",
        ),
        (cli.restore, "--object products", "products can't be restored"),
        (cli.restore, "--field abandoned_carts.total", "abandoned_carts.total can't be restored"),
        (cli.restore, "--field products.prices", "products.prices can't be restored"),
    ],
)
def test_the_command_line_says_what_is_wanted(
    command, arguments, outcome, place, monkeypatch, capsys
):
    shop = ["--from", "a", "--to", "b"] if command is cli.clone else [str(place.path), "--to", "b"]
    monkeypatch.setattr(sys, "argv", ["command", *shop, *arguments.split()])
    for name in ("STORE_ID", "ACCESS_TOKEN"):
        monkeypatch.setenv(f"ECWID_B_{name}", "1")
    wanted = []
    monkeypatch.setattr("ecwid_copy.clone_command.run", lambda given, of: wanted.append(of) or 0)
    monkeypatch.setattr("ecwid_copy.cli.run", lambda name, load, commands: load()())
    with pytest.raises((SystemExit, SettingError)) as ended:
        command()
    if wanted:
        assert wanted[0].streams == outcome
    else:
        assert outcome in capsys.readouterr().err + str(ended.value)


@pytest.mark.parametrize(
    ("settings", "stream", "record", "changed"),
    [
        (
            {"price_factor": Decimal("1.1")},
            "products",
            {
                "price": 10.05,
                "quantity": 3,
                "wholesalePrices": [{"quantity": 5, "price": 9}],
                "options": [
                    {
                        "name": "Size",
                        "choices": [
                            {"text": "L", "priceModifier": 2, "priceModifierType": "ABSOLUTE"},
                            {"text": "M", "priceModifier": 5, "priceModifierType": "PERCENT"},
                        ],
                    }
                ],
            },
            {
                "price": 11.06,
                "quantity": 3,
                "wholesalePrices": [{"quantity": 5, "price": 9.9}],
                "options": [
                    {
                        "name": "Size",
                        "choices": [
                            {"text": "L", "priceModifier": 2.2, "priceModifierType": "ABSOLUTE"},
                            {"text": "M", "priceModifier": 5, "priceModifierType": "PERCENT"},
                        ],
                    }
                ],
            },
        ),
        ({"price_factor": Decimal(2)}, "orders", {"total": 5}, {"total": 5}),
        (
            {"languages": frozenset({"en"})},
            "products",
            {"nameTranslated": {"en": "A", "de": "B"}, "ribbon": {"textTranslated": {"de": "N"}}},
            {"nameTranslated": {"en": "A"}, "ribbon": {"textTranslated": {}}},
        ),
        (
            {"currency": "CHF"},
            "store_profile",
            {"storeId": 1, "formatsAndUnits": {"currency": "USD", "currencyPrefix": "$"}},
            {"storeId": 1, "formatsAndUnits": {"currency": "CHF"}},
        ),
        ({}, "store_profile", {"storeId": 1, "company": {"name": "X"}}, {"storeId": 1}),
        (
            {"profile": True},
            "store_profile",
            {"company": {"name": "X"}},
            {"company": {"name": "X"}},
        ),
        (
            {"fields": {"products": frozenset({"price"})}},
            "products",
            {"id": 1, "price": 5, "name": "A"},
            {"id": 1, "price": 5},
        ),
        (
            {"fields": {"store_profile": frozenset({"company"})}},
            "store_profile",
            {"storeId": 1, "company": {"name": "X"}, "account": {}},
            {"storeId": 1, "company": {"name": "X"}},
        ),
    ],
)
def test_a_record_changes_on_the_way(settings, stream, record, changed):
    assert choice(**settings).changed(stream, record) == changed
