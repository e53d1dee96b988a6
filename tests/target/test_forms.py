"""What a record becomes before it is sent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from ecwid_api import description
from target_ecwid.record.forms import MismatchError, converter, mark, moment_of, plain
from target_ecwid.record.record_form import Form


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (Decimal("12.50"), 12.5),
        (Decimal(7), 7),
        (0, 0),
        (False, False),
        ("12.50", "12.50"),
        (dt.date(2024, 5, 12), "2024-05-12"),
        (dt.datetime(2024, 5, 12, 10, 11, 12, tzinfo=dt.UTC), "2024-05-12 10:11:12 +0000"),
        ({"a": [Decimal("1.5"), {"b": Decimal(2)}]}, {"a": [1.5, {"b": 2}]}),
    ],
)
def test_values_become_what_json_has(value, sent):
    made = plain(value)
    assert made == sent
    assert type(made) is type(sent)


@pytest.mark.parametrize(
    ("schema", "value", "sent"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "integer"}, 5.0, 5),
        ({"type": "number"}, "12.50", 12.5),
        ({"type": "number"}, None, None),
        ({"type": ["string", "null"]}, 7001, "7001"),
        ({"type": "string"}, 7.0, "7"),
        ({"type": "string"}, True, "true"),
        ({"type": "boolean"}, "TRUE", True),
        ({"type": "boolean"}, 0, False),
        (
            {"type": "string", "format": "ecwid-datetime"},
            "2024-05-12T10:11:12+02:00",
            "2024-05-12 08:11:12 +0000",
        ),
        ({"type": "array", "items": {"type": "integer"}}, '["1", 2]', [1, 2]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {"en": 1}, {"en": "1"}),
        (
            {
                "type": "object",
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": {"type": "string"},
                    "made": {"type": "string", "readOnly": True},
                },
            },
            {"id": "1", "name": "N", "made": "then", "more": 1},
            {"id": 1, "name": "N"},
        ),
    ],
)
def test_values_become_what_the_field_takes(schema, value, sent):
    made = converter(schema)(value)
    assert made == sent
    assert type(made) is type(sent)


NAN = float("nan")


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        (
            {"type": "number"},
            ["nan", "NaN", "Infinity", "1e999", "1_000", "4,20", "1 000", "free", True, NAN, [1]],
        ),
        ({"type": "integer"}, ["five", "2.5", 2.5, "1_000", True, NAN, 2**63, "9" * 20]),
        ({"type": "boolean"}, ["perhaps", "yes please", 2, 0.5]),
        ({"type": "string"}, [["a"], {"en": "a"}, NAN]),
        (
            {"type": "string", "format": "ecwid-datetime"},
            ["soon", "31.01.2027", "2027-13-01", "0000-00-00", 20270131],
        ),
        ({"type": "array", "items": {"type": "integer"}}, ["1, 2", 7, {"a": 1}, ["x"]]),
        ({"type": "object", "properties": {"a": {"type": "number"}}}, ["x", 7, [1], {"a": "x"}]),
    ],
)
def test_values_that_are_none_are_refused_and_named(schema, values):
    form = Form({"field": schema})
    for value in values:
        with pytest.raises(MismatchError, match=r"^field(\.\w+)* is .*, which is not an? |true or"):
            form.values({"field": value})


@pytest.mark.parametrize("kind", ["number", "integer", "boolean", "array", "object"])
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_text_is_no_value(kind, blank):
    assert converter({"type": kind})(blank) is None


def test_blanks_around_keys_do_not_count():
    form = Form({"sku": {"type": "string"}, "name": {"type": "string"}}, keys=frozenset({"sku"}))
    assert form.values({"sku": " A-1 ", "name": " Mug "}) == {"sku": "A-1", "name": " Mug "}


def test_fields_inside_others_that_are_not_known_are_reported():
    schema = {"type": "object", "properties": {"width": {"type": "number"}}}
    form = Form({"size": schema, "sizes": {"type": "array", "items": schema}})
    form.values({"size": {"widht": 1}, "sizes": [{"width": 1}, {"Width": 2}]})
    assert form.findings.unknown == {
        "size.widht (did you mean width?)",
        "sizes.Width (did you mean width?)",
    }


def test_a_body_has_the_fields_that_the_operation_takes():
    operation = description.operation("updateProduct", "products")
    record = {"id": 5, "sku": "A", "name": "Tent", "price": "9", "updated": "x", "weight": None}
    values = Form(operation.body_fields).values(record)
    made = {name: values[name] for name in values if name in operation.writable_fields}
    assert made == {"sku": "A", "name": "Tent", "price": 9, "weight": None}


@pytest.mark.parametrize("text", ["2024-05-12 10:11:12 +0200", "2024-05-12T08:11:12Z"])
def test_moments_are_read_in_any_format(text):
    assert moment_of(text) == dt.datetime(2024, 5, 12, 8, 11, 12, tzinfo=dt.UTC)


def test_an_object_of_which_nothing_can_be_sent_is_left_out():
    form = Form(description.operation("updatePromotion", "promotions").body_fields)
    assert form.values({"targets": {"all": True}, "amount": 5}) == {"amount": 5}
    assert form.values({"targets": {}, "amount": 5}) == {"targets": {}, "amount": 5}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        *((v, False) for v in (None, "", "  ", False, 0, 0.0, "false", "No", "0", "n", "null")),
        *((v, False) for v in ("0000-00-00", "0000-00-00 00:00:00")),
        *((v, True) for v in (True, 1, "true", "YES", "delete", 1_790_000_000, "1")),
        *((v, True) for v in ("2027-01-31", "2027-01-31T08:00:00Z", "2027-01-31 08:00:00 +0000")),
    ],
)
def test_a_mark_says_yes_or_no(value, says):
    assert mark(value) is says


@pytest.mark.parametrize("value", ["perhaps", "31.01.2027", [], {}, -1, "x y"])
def test_a_mark_that_says_neither_is_no_mark(value):
    with pytest.raises(MismatchError, match="which is not a time, or yes or no"):
        mark(value)
