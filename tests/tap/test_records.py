"""What the compiled conversion keeps, drops and changes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tap_ecwid.moments import iso_time
from tap_ecwid.records import compile_record

SCHEMA = {
    "type": "object",
    "properties": {
        "id": {"type": ["integer"]},
        "created": {"type": ["string", "null"], "format": "date-time"},
        "tax": {
            "type": ["object", "null"],
            "properties": {
                "rate": {"type": ["number", "null"]},
                "since": {"type": ["string", "null"], "format": "date-time"},
            },
        },
        "items": {
            "type": ["array", "null"],
            "items": {
                "type": ["object", "null"],
                "properties": {
                    "id": {"type": ["integer", "null"]},
                    "at": {"type": ["string", "null"], "format": "date-time"},
                },
            },
        },
        "names": {"type": ["object", "null"], "additionalProperties": {"type": "string"}},
        "times": {
            "type": ["object", "null"],
            "additionalProperties": {"type": "string", "format": "date-time"},
        },
    },
}


def pruner(*, without=(), unknown=lambda field: None):
    return compile_record(SCHEMA, lambda crumb: crumb not in without, unknown)


def test_a_record_that_fits_stays_as_it_is():
    record = {"id": 1, "tax": {"rate": 0.1}, "items": [{"id": 2}], "names": {"en": "x"}}
    assert pruner()(record) == record


def test_times_become_iso_8601_wherever_they_stand():
    record = {
        "id": 1,
        "created": "2024-05-12 10:11:12 +0200",
        "tax": {"since": "2024-05-12 10:11:12 +0000"},
        "items": [{"at": "2024-05-12 10:11:12 -0330"}, {"id": 3}],
        "times": {"a": "2024-05-12 10:11:12 +0000"},
    }
    assert pruner()(record) == {
        "id": 1,
        "created": "2024-05-12T10:11:12+02:00",
        "tax": {"since": "2024-05-12T10:11:12+00:00"},
        "items": [{"at": "2024-05-12T10:11:12-03:30"}, {"id": 3}],
        "times": {"a": "2024-05-12T10:11:12+00:00"},
    }


def test_unknown_fields_are_left_out_and_told_by_their_path():
    told = []
    record = {"id": 1, "new": 1, "tax": {"rate": 1, "odd": 2}, "items": [{"id": 1, "x": 1}]}
    assert pruner(unknown=told.append)(record) == {
        "id": 1,
        "tax": {"rate": 1},
        "items": [{"id": 1}],
    }
    assert sorted(told) == ["items.x", "new", "tax.odd"]


def test_deselected_fields_are_left_out_in_silence():
    told = []
    without = {("properties", "names"), ("properties", "tax", "properties", "rate")}
    record = {"id": 1, "names": {"en": "x"}, "tax": {"rate": 1, "since": None}}
    assert pruner(without=without, unknown=told.append)(record) == {"id": 1, "tax": {"since": None}}
    assert told == []


def test_the_payload_itself_becomes_the_record():
    items = [{"at": "2024-05-12 10:11:12 +0000", "odd": 1}]
    record = {"id": 1, "tax": {"since": "x", "odd": 1}, "items": items, "odd": 1}
    assert pruner()(record) is record
    assert record == {
        "id": 1,
        "tax": {"since": "x"},
        "items": [{"at": "2024-05-12T10:11:12+00:00"}],
    }
    assert record["items"] is items


def test_what_was_pruned_can_be_pruned_again():
    record = {"id": 1, "created": "2024-05-12 10:11:12 -0330", "tax": {"rate": 1}}
    once = dict(pruner()(record))
    assert pruner()(record) == once


@pytest.mark.parametrize("odd", [None, 7, "text", [1], [[{"id": 1}]]])
def test_values_of_another_shape_pass(odd):
    assert pruner()({"id": 1, "tax": odd, "items": odd}) == {"id": 1, "tax": odd, "items": odd}


@pytest.mark.parametrize(
    ("told", "normal"),
    [
        ("2024-05-12 10:11:12 +0000", "2024-05-12T10:11:12+00:00"),
        ("2024-05-12 10:11:12", "2024-05-12T10:11:12+00:00"),
        ("2024-05-12", "2024-05-12T00:00:00+00:00"),
        ("2024-05-12T10:11:12Z", "2024-05-12T10:11:12+00:00"),
        ("soon", "soon"),
        (None, None),
        (1715508672, 1715508672),
    ],
)
def test_times_in_every_form(told, normal):
    assert iso_time(told) == normal


def test_a_number_where_text_is_due_becomes_text():
    schema = {
        "type": "object",
        "properties": {
            "orderId": {"type": ["string", "null"]},
            "items": {
                "type": ["array", "null"],
                "items": {"type": "object", "properties": {"ref": {"type": ["string", "null"]}}},
            },
        },
    }
    prune = compile_record(schema, lambda crumb: True, lambda field: None)
    assert prune({"orderId": 12, "items": [{"ref": 1.5}, {"ref": "x"}]}) == {
        "orderId": "12",
        "items": [{"ref": "1.5"}, {"ref": "x"}],
    }


# Values that don't fit the schema

TYPED = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "text": {"type": ["string", "null"]},
        "whole": {"type": ["integer", "null"]},
        "number": {"type": ["number", "null"]},
        "yes": {"type": ["boolean", "null"]},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "list": {"type": ["array", "null"], "items": {"type": ["integer", "null"]}},
        "map": {"type": ["object", "null"], "additionalProperties": {"type": ["number", "null"]}},
        "object": {"type": ["object", "null"], "properties": {"a": {"type": ["string", "null"]}}},
        "rows": {
            "type": ["array", "null"],
            "items": {
                "type": ["object", "null"],
                "properties": {"b": {"type": ["number", "null"]}},
            },
        },
        "either": {"type": ["integer", "string", "null"]},
    },
}


def converted(row):
    """The record, and the paths of what doesn't fit."""
    paths = []

    def mismatch(path, value):
        del value
        paths.append(path)

    record = compile_record(TYPED, lambda crumb: True, lambda field: None, mismatch)(row)
    return record, paths


@pytest.mark.parametrize(
    ("field", "given", "record"),
    [
        ("text", 70001, "70001"),
        ("text", 1.5, "1.5"),
        ("text", True, "true"),
        ("whole", 3.0, 3),
        ("whole", "7", 7),
        ("whole", " -7 ", -7),
        ("number", "12.50", 12.5),
        ("number", "1e3", 1000.0),
        ("number", "12345678901234567.89", Decimal("12345678901234567.89")),
        ("number", Decimal("12345678901234567.89"), Decimal("12345678901234567.89")),
        ("text", Decimal("12345678901234567.89"), "12345678901234567.89"),
        ("number", 7, 7),
        ("yes", "TRUE", True),
        ("yes", 0, False),
        ("object", [], {}),
        ("map", [], {}),
        ("map", {"x": "1.5"}, {"x": 1.5}),
        ("list", {}, []),
        ("list", ["4", 5.0, None], [4, 5, None]),
        ("object", {"a": 1}, {"a": "1"}),
        ("rows", [{"b": "2.5"}, {"b": 1}], [{"b": 2.5}, {"b": 1}]),
        ("either", "x", "x"),
        ("either", 1.0, 1),
        ("TEXT", "another spelling", None),
    ],
)
def test_what_can_be_converted_without_loss_is(field, given, record):
    found, paths = converted({"id": 1, field: given})
    assert paths == []
    if field == "TEXT":
        assert found == {"id": 1, "text": given}
    else:
        assert found == {"id": 1, field: record}
        assert type(found[field]) is type(record)


@pytest.mark.parametrize(
    ("field", "given", "path"),
    [
        ("number", "1,000.50", "number"),
        ("number", "1e400", "number"),
        ("number", True, "number"),
        ("number", "", "number"),
        ("whole", 3.5, "whole"),
        ("whole", True, "whole"),
        ("yes", "maybe", "yes"),
        ("yes", 2, "yes"),
        ("text", {"en": "x"}, "text"),
        ("object", "none", "object"),
        ("object", [1], "object"),
        ("list", "none", "list"),
        ("at", "0000-00-00 00:00:00 +0000", "at"),
        ("at", "", "at"),
        ("at", "soon", "at"),
        ("at", 1715508672, "at"),
        ("at", "9999-12-31 23:59:59 -1200", "at"),
        ("at", "2024-02-30 00:00:00 +0000", "at"),
    ],
)
def test_the_rest_is_null_and_reported(field, given, path):
    found, paths = converted({"id": 1, field: given})
    assert paths == [path]
    assert found == {"id": 1, field: None}


@pytest.mark.parametrize(
    ("field", "given", "record"),
    [
        ("list", ["none", 4], [None, 4]),
        ("map", {"x": "?", "y": 1}, {"x": None, "y": 1}),
        ("object", {"a": []}, {"a": None}),
        ("rows", [None, {"b": 1}], [{"b": 1}]),
        ("rows", [None], []),
        ("rows", [{"b": "?"}], [{"b": None}]),
    ],
)
def test_within_lists_and_objects_only_the_value_is_lost(field, given, record):
    found, paths = converted({"id": 1, field: given})
    assert len(paths) == 1
    assert found == {"id": 1, field: record}


def test_a_value_that_does_not_fit_can_be_kept():
    keep = compile_record(TYPED, lambda crumb: True, lambda field: None)
    row = {"id": 1, "number": "1,000.50", "at": "soon", "object": [1]}
    assert keep(dict(row)) == row


def test_rows_of_many_shapes_are_converted_alike():
    convert = compile_record(
        TYPED, lambda crumb: True, lambda field: None, lambda path, value: None
    )
    for number in range(500):
        row = {"id": str(number), f"new{number}": 1, "number": "1.5", "at": "2024-05-12"}
        assert convert(row) == {
            "id": number,
            "number": 1.5,
            "at": "2024-05-12T00:00:00+00:00",
        }
