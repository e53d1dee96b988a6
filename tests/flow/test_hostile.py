"""Records and servers that mean harm, through the installed commands: rejections, or one line."""

from __future__ import annotations

import json

import pytest

from raw_server import answer, read_request, serving
from tap_run import discover, run_tap, select
from target_run import records, run_target, state

NUMBER = 10**39 + 1
POISON = [
    ("a number of 40 digits", {"sku": "P-1", "price": NUMBER}),
    ("as text", {"sku": "P-2", "price": str(NUMBER)}),
    ("thousands of digits", {"sku": "P-3", "price": "9" * 5000}),
    ("as a key", {"sku": "P-4", "id": str(NUMBER)}),
    ("an object for a text", {"sku": {}}),
    ("a list for a text", {"sku": ["a"]}),
    ("a time before all times", {"sku": "P-5", "created": "0001-01-01T00:00:00+23:59"}),
    ("JSON that is too deep", {"sku": "P-6", "attributes": "[" * 5000}),
    ("an object in JSON", {"sku": "P-7", "nameTranslated": '{"a":' * 900 + "1" + "}" * 900}),
    ("an expression's number", {"sku": "P-8", "name": "x", "factor": NUMBER}),
    ("an expression's text", {"sku": "P-9", "name": "half", "factor": 1}),
    ("a stream map's value", {"sku": "P-10", "name": "map", "factor": 1}),
]
RAW = [
    b'{"type": "RECORD", "stream": "products", "record": {"sku": "R-1", "price": NaN}}',
    b'{"type": "RECORD", "stream": "products", "record": {"sku": "\\ud800"}}',
    b"[" * 100_000,
    b"\0",
]


def test_poison_is_rejected_with_its_line_and_the_others_are_written(sandbox, tmp_path):
    rows = [row for _, row in POISON]
    good = [{"sku": f"G-{n}", "name": "good", "price": 1} for n in range(2)]
    messages = records("products", good[0], *rows)
    messages += RAW
    messages.append(records("products", good[1])[1])
    messages.append(state({"at": 1}))
    run = run_target(
        tmp_path,
        sandbox,
        messages,
        on_error="skip",
        on_invalid="skip",
        streams={
            "products": {
                "payload": {
                    "weight": "=record.get('factor', 1) * 1",
                    "name": "=json.loads('\"\\\\ud800\"') if record.get('name') == 'half' else 'N'",
                }
            }
        },
        stream_maps={"products": {"subtitle": "str(1/0) if record.get('name') == 'map' else 'S'"}},
    )
    assert run.code == 0, run.log
    assert run.states == [{"at": 1}]
    found = {p["sku"] for p in sandbox.shop.all("product")}
    assert {"G-0", "G-1"} <= found
    lines = [line.get("line") or line["key"].get("line") for line in run.rejected]
    # P-5's time is in a field that isn't written.
    wanted = [n for n, (_, row) in enumerate(POISON, start=3) if row["sku"] != "P-5"]
    raw = range(3 + len(POISON), 3 + len(POISON) + len(RAW))
    assert sorted(lines) == [*wanted, *raw]
    for line in run.rejected:
        assert len(line["message"]) < 1500


@pytest.mark.parametrize(
    "line",
    [
        '{"type": "SCHEMA", "stream": "products"}',
        '{"type": "RECORD", "stream": "products"}',
        '{"type": "SCHEMA", "stream": "products", "schema": {"properties": [1]}}',
    ],
)
def test_a_message_s_fault_ends_the_run_with_one_line(sandbox, tmp_path, line):
    messages = [*records("products", {"sku": "G", "name": "good"}), line.encode()]
    run = run_target(tmp_path, sandbox, messages, on_error="skip", on_invalid="skip")
    assert run.code == 1
    (error,) = [one for one in run.log.splitlines() if "| ERROR" in one]
    assert "line 3" in error or "stream products" in error


def test_a_schema_that_would_hang_or_read_is_refused(sandbox, tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text('{"enum": ["precious"]}')
    heads = []
    with serving(lambda server, connection: heads.append(connection.recv(1))) as server:
        for schema in (
            {"properties": {"sku": {"$ref": f"{server.url}/x"}}},
            {"properties": {"sku": {"$ref": secret.as_uri()}}},
            {
                "$ref": "#/$defs/d0",
                "$defs": {
                    f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{(n + 1) % 13}"}] * 10}
                    for n in range(13)
                },
            },
        ):
            messages = records("products", {"sku": "precious"})
            messages[0]["schema"] = schema
            run = run_target(tmp_path, sandbox, messages, on_error="skip", on_invalid="skip")
            assert run.code == 1
            assert "precious" not in run.log
            assert run.rejected == []
    assert heads == []


CHANGED = "2024-05-12 10:11:12 +0000"


def rows_of(kind, offset):
    """A page of a list that means harm, and its total."""
    row = {"name": "x", "updateDate": CHANGED, "createDate": CHANGED, "outside": offset}
    if kind == "same rows":
        return [{**row, "id": n + 1, "outside": 1} for n in range(100)], offset + 200
    if kind == "no end":
        return [{**row, "id": offset + n + 1} for n in range(100)], 10**18
    if offset:
        return [], 2
    return [{**row, "id": {"a": [1]}}, {**row, "id": 2, "price": NUMBER, "weight": [NUMBER]}], 2


@pytest.mark.parametrize("kind", ["same rows", "no end", "odd values"])
def test_lists_that_mean_harm_end(tmp_path, kind):
    def handle(server, connection):
        while (head := read_request(connection)) is not None:
            server.heads.append(head)
            target = head.split(" ")[1]
            offset = int(target.partition("offset=")[2].partition("&")[0] or 0)
            items, total = rows_of(kind, offset)
            body = {"total": total, "count": len(items), "items": items}
            if "latest-stats" in target:
                body = {"productsUpdated": CHANGED}
            headers = ["Date: Fri, 31 Dec 9999 23:59:59 -2359", "Retry-After: 1e999"]
            connection.sendall(answer(json.dumps(body).encode(), headers=headers))

    with serving(handle) as server:
        settings = {
            "store_id": 1003,
            "access_token": "secret_x",
            "api_url": server.url,
            "max_list_rows": 3000,
            "requests_per_minute": 100_000,
        }
        catalog = select(discover(tmp_path, settings), "products")
        run = run_tap(tmp_path, settings, catalog=catalog)
    assert "Traceback" not in run.log
    assert "has a defect" not in run.log
    assert len(server.heads) < 200
    assert run.code == (0 if kind == "odd values" else 1), run.log
    if kind == "odd values":
        assert 2 in [row["id"] for row in run.records("products")]
    else:
        assert "may have no end" in run.log
