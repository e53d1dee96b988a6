"""Answers with half a character are read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ecwid_api.decoding import decode


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (rb'{"a": "x"}', {"a": "x"}),
        (rb'{"a": "\ud83d\ude00"}', {"a": "\N{GRINNING FACE}"}),
        (rb'{"a": "x \ud83d"}', {"a": "x \ufffd"}),
        (rb'{"a": "\ude00 x \ud83d\ude00"}', {"a": "\ufffd x \N{GRINNING FACE}"}),
        (rb'{"items": [{"\uD83D": ["\udfff"]}]}', {"items": [{"\ufffd": ["\ufffd"]}]}),
        (rb'"\\ud83d"', "\\ud83d"),
    ],
    ids=["none", "whole", "first half", "second half", "in a key", "escaped"],
)
def test_half_a_character_becomes_the_replacement_character(content, value, caplog):
    assert decode(content, "GET /products") == value
    assert caplog.text.encode("utf-8") is not None
    assert bool(caplog.records) == ("\ufffd" in str(value))


def test_the_fields_are_reported_and_not_the_texts(caplog):
    decode(rb'{"items": [{"name": "secret \ud83d"}, {"name": "\ud83d"}]}', "GET /products")
    assert "GET /products: half a character" in caplog.text
    assert "in 2 texts: items.name" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", rb'{"a": "\ud83d"', rb'"\ud83d" x', b"\xff"],
    ids=["empty", "HTML", "cut", "more behind", "no UTF-8"],
)
def test_what_is_no_json_stays_an_error(content):
    with pytest.raises(ValueError, match=r"."):
        decode(content, "GET /products")


@pytest.mark.parametrize(
    "text",
    ["12345678901234567.89", "0.12345678901234567", "1e400", "-1.2345678901234567e-7"],
)
@pytest.mark.parametrize("place", ["{}", "[[{}]]", '{{"a": {{"b": [1, {}]}}}}', '[{}, "\\ud83d"]'])
def test_a_number_that_a_float_would_change_comes_whole(text, place):
    found = decode(place.format(text).encode(), "x", exact=True)
    while isinstance(found, dict | list):
        found = next(v for v in (found.values() if isinstance(found, dict) else found) if v != 1)
    assert found == (text if text == "1e400" else Decimal(text))


@pytest.mark.parametrize("text", ["0.1", "0.30000000000000004", "1.00000000000000000", "-0.0"])
def test_all_other_numbers_are_floats(text):
    assert decode(text.encode(), "x", exact=True) == float(text)
    assert isinstance(decode(text.encode(), "x", exact=True), float)
