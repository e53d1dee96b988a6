"""What the compiled conversion keeps, drops and changes."""

from __future__ import annotations

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
    prune = compile_record(
        schema, lambda crumb: True, lambda field: None, as_text={"orderId", "items.ref"}
    )
    assert prune({"orderId": 12, "items": [{"ref": 1.5}, {"ref": "x"}]}) == {
        "orderId": "12",
        "items": [{"ref": "1.5"}, {"ref": "x"}],
    }
