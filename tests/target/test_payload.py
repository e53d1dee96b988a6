"""What a record becomes before it is sent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ecwid_api.entities import ENTITIES
from target_ecwid.payload import plain, write_of


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (Decimal("12.50"), 12.5),
        (Decimal("12.00"), 12),
        (Decimal(7), 7),
        (0, 0),
        (False, False),
        ("12.50", "12.50"),
        (dt.datetime(2024, 5, 12, 10, 11, 12, tzinfo=dt.UTC), "2024-05-12 10:11:12 +0000"),
        (
            dt.datetime(2024, 5, 12, 10, 11, 12, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2024-05-12 08:11:12 +0000",
        ),
        ({"a": [Decimal("1.5"), {"b": Decimal(2)}]}, {"a": [1.5, {"b": 2}]}),
    ],
)
def test_values_become_what_ecwid_takes(value, sent):
    made = plain(value)
    assert made == sent
    assert type(made) is type(sent)


def test_a_record_with_its_id_is_an_update():
    write = write_of(ENTITIES["products"], {"id": Decimal(5), "name": "Tent", "price": Decimal(9)})
    assert write.operation.id == "updateProduct"
    assert write.path == {"productId": 5}
    assert write.body == {"name": "Tent", "price": 9}


def test_a_record_without_id_is_a_creation():
    write = write_of(ENTITIES["products"], {"name": "Tent", "price": Decimal("9.5")})
    assert write.operation.id == "createProduct"
    assert write.path == {}
    assert write.body == {"name": "Tent", "price": 9.5}


def test_what_ecwid_does_not_take_is_left_out():
    record = {"id": 5, "name": "Tent", "updated": "2024-05-12", "colour_of_erp": "x", "sku": None}
    assert write_of(ENTITIES["products"], record).body == {"name": "Tent"}


def test_zero_false_and_empty_are_values():
    record = {"id": 5, "price": 0, "enabled": False, "description": ""}
    assert write_of(ENTITIES["products"], record).body == {
        "price": 0,
        "enabled": False,
        "description": "",
    }


def test_an_entity_that_can_t_be_created_says_so():
    with pytest.raises(ValueError, match="abandoned_carts can't be created"):
        write_of(ENTITIES["abandoned_carts"], {"hidden": True})
