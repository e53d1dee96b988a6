"""tap-files reads all of a file, or ends with the line that it can't read and loads nothing."""

from __future__ import annotations

import datetime as dt
import json

import openpyxl
import pytest
from click.testing import CliRunner

from ecwid_files.tap import TapFiles


def run(folder, name, content, **settings):
    """Run the tap over a file: exit code, messages, and what it said last."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif content is not None:
        book = openpyxl.Workbook()
        for row in content:
            book.active.append(row)
        book.save(path)
    config = folder / "config.json"
    settings = {"path": str(path), "stream_name": "products", **settings}
    config.write_text(json.dumps(settings))
    result = CliRunner().invoke(TapFiles.cli, [f"--config={config}"])
    messages = [json.loads(x) for x in result.stdout.splitlines() if x.startswith("{")]
    return result.exit_code, messages, result.stderr


def rows(messages):
    return [one["record"] for one in messages if one["type"] == "RECORD"]


READ = {
    "lines": ("a.jsonl", '{"sku": "A", "price": 1.5}\n\n{"sku": "B", "more": [1]}\n', {}),
    "byte-order mark": ("a.jsonl", b'\xef\xbb\xbf{"sku": "A", "price": 1.5}\n', {}),
    "csv": ("a.csv", 'SKU,Net price\nA,"1,50"\n\nB,\n', {}),
    "csv with a mark": ("a.csv", b"\xef\xbb\xbfSKU;Net price\r\nA;x\r\n", {"delimiter": ";"}),
    "latin": ("a.csv", "sku,name\nA,Käse\n".encode("latin-1"), {"encoding": "latin-1"}),
    "line breaks": ("a.csv", 'sku,name\nA,"two\nlines"\n', {}),
    "excel": ("a.xlsx", [["SKU", "Net price"], ["A", 1.5], [None, None], ["B"]], {}),
    "dates": ("a.xlsx", [["sku", "on"], [12, dt.date(2026, 1, 31)]], {}),
    "excel's own first line": ("a.csv", "sep=;\nsku;n\nA;1\n", {"delimiter": ";"}),
    "format": ("a.txt", "sku\nA\n", {"format": "csv"}),
    "nothing": ("a.jsonl", "", {}),
}
FOUND = {
    "lines": [{"sku": "A", "price": 1.5}, {"sku": "B", "more": [1]}],
    "byte-order mark": [{"sku": "A", "price": 1.5}],
    "csv": [{"sku": "A", "net_price": "1,50"}, {"sku": "B", "net_price": ""}],
    "csv with a mark": [{"sku": "A", "net_price": "x"}],
    "latin": [{"sku": "A", "name": "Käse"}],
    "line breaks": [{"sku": "A", "name": "two\nlines"}],
    "excel": [{"sku": "A", "net_price": 1.5}, {"sku": "B", "net_price": None}],
    "dates": [{"sku": 12, "on": "2026-01-31T00:00:00"}],
    "excel's own first line": [{"sku": "A", "n": "1"}],
    "format": [{"sku": "A"}],
    "nothing": [],
}


@pytest.mark.parametrize("case", READ)
def test_what_can_be_read_arrives_as_it_is(tmp_path, case):
    name, content, settings = READ[case]
    code, messages, said = run(tmp_path, name, content, **settings)
    assert code == 0, said
    assert rows(messages) == FOUND[case]


BROKEN = {
    "half a line": ("a.jsonl", '{"sku": "A"}\n{"sku": "B\n', {}, "a.jsonl, line 2: it isn't JSON"),
    "no number": ("a.jsonl", '{"price": NaN}\n', {}, "line 1: it isn't JSON"),
    "no text": ("a.jsonl", b'{"sku": "A"}\n\n{"sku": "\xff"}\n', {}, "line 3: it isn't JSON"),
    "no object": ("a.jsonl", '{"sku": "A"}\n["B"]\n', {}, "line 2: it isn't an object"),
    "too long": ("a.csv", "sku,price\nA,1,50\n", {}, "line 2: it has 3 values"),
    "too short": ("a.csv", 'sku,n\nA,"x\ny"\nB\n', {}, "line 4: it has 1 values"),
    "open quote": ("a.csv", 'sku,price\nA,"1\nB,2\n', {}, "line 2: it isn't CSV"),
    "no utf-8": ("a.csv", b"sku\nK\xe4se\n", {}, "it isn't utf-8"),
    "no such encoding": ("a.csv", "sku\n", {"encoding": "klingon"}, "no encoding 'klingon'"),
    "no name": ("a.csv", "sku,\nA,1\n", {}, "line 1: column 2 has no name"),
    "one name twice": ("a.csv", "Price,price \n1,2\n", {}, "two columns are named price"),
    "unknown": ("a.txt", "sku\nA\n", {}, "set format to one of jsonl, csv, excel"),
    "not there": ("a.csv", None, {}, "No such file"),
    "no excel": ("a.xlsx", "sku\nA\n", {}, "it isn't an Excel file"),
    "no sheet": ("a.xlsx", [["sku"]], {"worksheet": "May"}, "no worksheet 'May', but Sheet"),
    "formula": ("a.xlsx", [["sku", "n"], ["A", "=1+1"]], {}, "line 2: a cell is a formula that"),
    "error": ("a.xlsx", [["sku", "n"], ["A", "#N/A"]], {}, "line 2: #N/A is an error"),
    "wider": ("a.xlsx", [["sku"], ["A", 1]], {}, "line 2: it has 2 values"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_can_not_be_read_ends_the_run_before_the_first_record(tmp_path, case):
    name, content, settings, words = BROKEN[case]
    code, messages, said = run(tmp_path, name, content, **settings)
    assert code == 1
    assert rows(messages) == []
    assert words in said
    assert said.rstrip().endswith("Nothing was loaded")
    assert "Traceback" not in said


def test_a_broken_file_keeps_the_others_from_being_loaded(tmp_path):
    (tmp_path / "a.csv").write_text("sku\nA\n")
    code, messages, said = run(tmp_path, "b.csv", "sku\nB,2\n", path=str(tmp_path / "*.csv"))
    assert (code, rows(messages)) == (1, [])
    assert "b.csv, line 2" in said
    code, messages, _ = run(tmp_path, "b.csv", "sku\nB\n", path=str(tmp_path / "*.csv"))
    assert (code, rows(messages)) == (0, [{"sku": "A"}, {"sku": "B"}])


def test_a_pattern_may_match_nothing(tmp_path):
    code, messages, _ = run(tmp_path, "a.csv", None, path=str(tmp_path / "*.tsv"))
    assert (code, rows(messages)) == (0, [])


def test_a_name_may_look_like_a_pattern(tmp_path):
    code, messages, said = run(tmp_path, "a[1].csv", "sku\nA\n")
    assert (code, rows(messages)) == (0, [{"sku": "A"}]), said


def test_each_file_is_a_stream_of_its_own_where_none_is_named(tmp_path):
    for name in ("orders.csv", "products.csv"):
        (tmp_path / name).write_text(f"sku\n{name}\n")
    pattern = str(tmp_path / "[op]*.*")
    more = '{"sku": "more"}\n'
    code, messages, said = run(tmp_path, "products.jsonl", more, path=pattern, stream_name="")
    assert code == 0, said
    found = {(one["stream"], one["record"]["sku"]) for one in messages if one["type"] == "RECORD"}
    assert found == {
        ("orders", "orders.csv"),
        ("products", "products.csv"),
        ("products", "more"),
    }
