"""A shop in a file: exported, imported, and made anew."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from ecwid_sandbox.server.storage.kinds import KINDS
from ecwid_sandbox.testing import running_sandbox

PROGRAM = Path(sys.executable).with_name("ecwid-sandbox")


def exported(own):
    response = own.client.get(f"{own.sandbox.control_url}/export")
    assert response.status_code == 200
    return response.content


def imported(own, content):
    return own.client.post(f"{own.sandbox.control_url}/import", content=content)


def whole(own):
    documents = {name: list(own.sandbox.shop.all(name)) for name in KINDS}
    deleted = {name: own.sandbox.shop.deletions(name) for name in KINDS}
    return documents, deleted, own.get("/latest-stats")


def test_there_and_back(own):
    product = own.get("/products")["items"][0]
    own.delete(f"/products/{own.get('/products')['items'][1]['id']}")
    own.put(f"/products/{product['id']}", {"price": 12.3, "name": "Grüße <&>"})
    file = own.client.post(
        f"{own.sandbox.store_url}/products/{product['id']}/files?fileName=a.bin",
        content=bytes(range(256)),
    ).json()["id"]
    number = own.post("/categories", {"name": "Last"})["id"]
    own.delete(f"/categories/{number}")
    before, content = whole(own), exported(own)
    assert own.sandbox.token.encode() not in content
    assert exported(own) == content

    own.sandbox.activity(30)
    own.send("DELETE", "/products")
    assert whole(own) != before
    assert imported(own, content).status_code == 200
    assert whole(own) == before
    assert exported(own) == content
    got = own.client.get(f"{own.sandbox.store_url}/products/{product['id']}/files/{file}")
    assert got.content == bytes(range(256))
    assert own.get("/products", sku=product["sku"])["items"][0]["name"] == "Grüße <&>"
    # A number that was given out isn't given out again.
    assert own.post("/categories", {"name": "Later"})["id"] > number


def test_into_another_sandbox(own):
    content = exported(own)
    with running_sandbox(size="empty", seed=7) as other:
        with httpx2.Client() as client:
            answer = client.post(f"{other.control_url}/import", content=content)
            assert answer.json()["documents"]["product"] == 10
            assert client.get(f"{other.control_url}/export").content == content
        for path in ("/products", "/orders", "/customers", "/orders/deleted", "/latest-stats"):
            answer = httpx2.get(f"{other.store_url}{path}", headers=other.headers)
            here = own.sandbox.url.removesuffix("/api/v3")
            there = answer.text.replace(other.url.removesuffix("/api/v3"), here)
            assert json.loads(there) == own.get(path), path


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda lines: [], "first line"),
        (lambda lines: [b"hello", *lines[1:]], "first line"),
        (lambda lines: [b'{"format":99,"store":1003}', *lines[1:]], "format 99"),
        (lambda lines: [b'{"format":1,"store":1004}', *lines[1:]], "store 1004"),
        (lambda lines: [*lines[:20], lines[20][:-9], *lines[21:]], "Line 21 "),
        (lambda lines: [*lines, b'{"type":"other"}'], "can't be read"),
        (
            lambda lines: [*lines, b'{"type":"document","kind":"thing","document":{}}'],
            "thing",
        ),
        (
            lambda lines: [*lines, b'{"type":"document","kind":"order","document":{}}'],
            "internalId",
        ),
        (
            lambda lines: [
                *lines,
                b'{"type":"document","kind":"order","document":{"internalId":1}}',
            ],
            "order",
        ),
    ],
)
def test_a_file_that_is_wrong_changes_nothing(own, change, problem):
    content = exported(own)
    answer = imported(own, b"\n".join(change(content.splitlines())))
    assert answer.status_code == 400
    assert problem in answer.json()["error"]
    assert exported(own) == content
    assert own.get("/products")["total"] == 10


def test_reset(own):
    fresh = exported(own)
    own.sandbox.activity(20)
    own.sandbox.set(max_products=500)
    own.delete("/application")
    own.control("POST", "/faults", [{"status": 500, "times": None}])
    own.sandbox.clock.advance(100_000)
    assert own.send("GET", "/products").status_code == 500
    own.sandbox.set(max_products=0)
    assert own.control("POST", "/reset")["documents"]["product"] == 10
    assert own.sandbox.requests == []
    assert exported(own) == fresh
    assert own.get("/products")["total"] == 10
    # A test can do the same without a request.
    own.send("DELETE", "/products")
    own.sandbox.reset()
    assert exported(own) == fresh


def test_reset_after_a_restart(tmp_path):
    chosen = {"size": "tiny", "database": tmp_path / "shop.db"}
    with running_sandbox(**chosen) as sandbox:
        fresh = httpx2.get(f"{sandbox.control_url}/export").content
        sandbox.activity(20)
    with running_sandbox(**chosen) as sandbox:
        assert httpx2.get(f"{sandbox.control_url}/export").content != fresh
        sandbox.clock.advance(500_000)
        httpx2.post(f"{sandbox.control_url}/reset")
        assert httpx2.get(f"{sandbox.control_url}/export").content == fresh


def test_commands(tmp_path):
    def run(*arguments, expect=0):
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=tmp_path,
            env=os.environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "not running" in run("export", "shop.jsonl", expect=1)
    run("start", "--port=0", "--size=tiny", "--stores=2", "--control")
    try:
        run("export", "fresh.jsonl")
        run("export", "other.jsonl", "--store-id=1004")
        run("activity", "--count=10")
        run("export", "busy.jsonl")
        fresh, busy = ((tmp_path / f"{name}.jsonl").read_bytes() for name in ("fresh", "busy"))
        assert fresh != busy
        assert json.loads(fresh.splitlines()[0]) == {"format": 1, "store": 1003}
        run("reset")
        run("export", "again.jsonl")
        assert (tmp_path / "again.jsonl").read_bytes() == fresh
        run("import", "busy.jsonl")
        run("export", "again.jsonl")
        assert (tmp_path / "again.jsonl").read_bytes() == busy
        assert "store 1004" in run("import", "other.jsonl", expect=1)
        assert "nowhere" in run("import", "nowhere.jsonl", expect=1)
        run("export", "again.jsonl", "--store-id=9", expect=1)
        assert (tmp_path / "again.jsonl").read_bytes() == busy
        assert not list(tmp_path.glob("*.part"))
    finally:
        run("stop")
