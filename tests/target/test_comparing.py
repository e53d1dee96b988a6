"""What is the same, as far as Ecwid is concerned."""

from __future__ import annotations

import pytest

from target_ecwid.change.comparing import differing, same


@pytest.mark.parametrize(
    ("sent", "there", "wanted"),
    [
        (1, 1.0, True),
        (1, True, False),
        ("a", "A", False),
        (None, None, True),
        ("", None, True),
        ([], None, True),
        (0, None, False),
        (False, None, False),
        ("x", "", False),
        ("2024-05-12 10:11:12 +0000", "2024-05-12 12:11:12 +0200", True),
        ("2024-05-12 10:11:12 +0000", "2024-05-12 10:11:13 +0000", False),
        ("2024", "2024-01-01 00:00:00 +0000", False),
        ([1, 2], [2, 1], False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 3}, {"a": 1, "b": 2}, False),
        ([{"a": 1}], [{"a": 1, "id": 7}], True),
        ([{"a": 1}], [{"a": 1}, {"a": 2}], False),
    ],
)
def test_same(sent, there, wanted):
    assert same(sent, there) is wanted


def test_only_what_is_sent_is_compared():
    assert differing({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ("b",)
