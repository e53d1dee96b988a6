"""Faults by chance, from a file, and answers that come drop by drop."""

from __future__ import annotations

import httpx2
import pytest

from ecwid_sandbox.testing import Fault, running_sandbox


def statuses(own, count):
    return [own.send("GET", "/orders", params={"limit": 1}).status_code for _ in range(count)]


def test_by_chance_but_the_same_each_time(own):
    seen = []
    for seed in (7, 7, 8):
        own.sandbox.faults.clear()
        own.sandbox.faults.add(Fault(status=503, chance=0.3, seed=seed, times=None))
        seen.append(statuses(own, 60))
    assert seen[0] == seen[1] != seen[2]
    assert 5 < seen[0].count(503) < 35


def test_chance_counts_only_what_happened(own):
    own.sandbox.faults.add(Fault(status=503, chance=0.2, times=3))
    assert statuses(own, 100).count(503) == 3
    own.sandbox.faults.add(Fault(status=503, chance=0, times=None))
    assert statuses(own, 10) == [200] * 10


def test_a_body_that_comes_slowly(own):
    whole = own.get("/orders", limit=1)
    own.sandbox.faults.add(Fault(path="/orders", drip=0))
    assert own.get("/orders", limit=1) == whole
    # A minute between pieces: what has come is a piece, and the rest comes when it is let go.
    own.sandbox.faults.add(Fault(path="/orders", drip=60_000, times=None))
    headers = {"Accept-Encoding": "identity"}
    with own.client.stream("GET", f"{own.sandbox.store_url}/orders", headers=headers) as response:
        length = int(response.headers["content-length"])
        first = next(response.iter_raw())
        assert 0 < len(first) <= 16 < length
    # Whoever hangs up isn't waited for, nor does anybody else wait.
    own.get("/customers", limit=1)
    own.sandbox.faults.clear()
    assert own.get("/orders", limit=1) == whole


@pytest.mark.parametrize(
    "content",
    [
        "- {path: /orders, status: 503, times: 2}\n- {method: PUT, status: 500}\n",
        '[{"path": "/orders", "status": 503, "times": 2}, {"method": "PUT", "status": 500}]',
    ],
)
def test_faults_from_a_file(tmp_path, content):
    file = tmp_path / "faults.yaml"
    file.write_text(content)
    with running_sandbox(size="tiny", faults=file, stores=2) as first:
        for sandbox in first.stores:
            with httpx2.Client(headers=sandbox.headers) as client:
                url = f"{sandbox.store_url}/orders"
                assert [client.get(url).status_code for _ in range(3)] == [503, 503, 200]
                assert client.put(f"{sandbox.store_url}/profile", json={}).status_code == 500


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "can't be read"),
        ("- {path: [", "faults.yaml"),
        ("- {way: /orders}", "way"),
        ("- {path: '(', status: 500}", "no regular expression"),
        ("- {status: 500, chance: 2}", "chance is 2"),
        ("{status: 500}", "array"),
    ],
)
def test_files_that_are_wrong(tmp_path, content, problem):
    file = tmp_path / "faults.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ValueError, match=problem), running_sandbox(size="empty", faults=file):
        pass


def test_wrong_faults_are_refused_by_the_control_route(own):
    wrong = own.client.post(f"{own.sandbox.control_url}/faults", json=[{"path": "("}])
    assert wrong.status_code == 400
    assert "no regular expression" in wrong.json()["error"]
    assert own.control("GET", "/faults") == []
