"""What a run found out about Ecwid's limit is known to the next one, for a while."""

from __future__ import annotations

import pytest

from ecwid_api.counting import Counting
from target_ecwid.shop import counted
from target_ecwid.shop.counted import remember_counting

SERVER = "https://app.ecwid.com/api/v3"
HOUR = 3600


def recalled(folder, *, server=SERVER, counts=None):
    counting = Counting(counts=counts)
    remember_counting(folder, server, counting)
    return counting


@pytest.mark.parametrize(
    ("counts", "hours", "known"),
    [
        (True, 23, True),
        (True, 25, None),
        (False, 24 * 7 - 1, False),
        (False, 24 * 7 + 1, None),
        (False, -1, None),
    ],
)
def test_the_next_run_knows_it_for_a_while(tmp_path, monkeypatch, counts, hours, known):
    recalled(tmp_path).learn(counts=counts)
    now = counted.time.time()
    monkeypatch.setattr(counted.time, "time", lambda: now + hours * HOUR)
    assert recalled(tmp_path).counts is known
    assert recalled(tmp_path, server="http://127.0.0.1:8765/api/v3").counts is None


@pytest.mark.parametrize("counts", [True, False])
def test_a_setting_comes_first(tmp_path, counts):
    recalled(tmp_path).learn(counts=not counts)
    counting = recalled(tmp_path, counts=counts)
    counting.learn(counts=not counts)
    assert counting.counts is counts


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"server": 1}', b"\xff"])
def test_a_file_that_says_nothing_is_written_again(tmp_path, content):
    (tmp_path / "limit.json").write_bytes(content)
    counting = recalled(tmp_path)
    assert counting.counts is None
    counting.learn(counts=False)
    assert recalled(tmp_path).counts is False
