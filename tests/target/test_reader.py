"""The input is a stranger's: what is wrong with a line or a message is said in one line, with its
number.
"""

from __future__ import annotations

import io
import json
import os
import threading

import pytest

from ecwid_api.errors import SettingError
from target_ecwid.reader import MessageReader

SCHEMA = {"type": "SCHEMA", "stream": "s", "schema": {}, "key_properties": []}
RECORD = {"type": "RECORD", "stream": "s", "record": {}}


def reader(longest=1000):
    made = MessageReader()
    made.longest = longest
    made.reported = []
    made.unreadable = lambda number, problem: made.reported.append((number, problem))
    return made


def read(made, content, **callbacks):
    """What comes of bytes on a pipe: the messages of each type."""
    found = {kind: [] for kind in ("SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION", "BATCH")}
    calls = {kind: found[kind].append for kind in found}
    reading, writing = os.pipe()

    def write():
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reading, encoding="utf-8") as stream:
        made.process_lines(stream, {**calls, **callbacks})
    thread.join()
    return found


UNREADABLE = {
    "NaN": b'{"type": "RECORD", "stream": "s", "record": {"a": NaN}}',
    "Infinity": b'{"type": "RECORD", "stream": "s", "record": {"a": -Infinity}}',
    "too large": b'{"type": "RECORD", "stream": "s", "record": {"a": 1e999}}',
    "half a character": b'{"type": "RECORD", "stream": "s", "record": {"a": "\\ud800"}}',
    "no UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"type": "STATE"}'.encode("utf-16"),
    "NUL": b"\0",
    "a mark within": b'{"a": 1}\xef\xbb\xbf',
    "no object": b"[1]",
    "a number": b"7",
    "null": b"null",
    "cut": b'{"type": "REC',
    "deep lists": b"[" * 800,
    "deep objects": b'{"a":' * 150 + b"1" + b"}" * 150,
    "long": b'{"type": "RECORD", "stream": "s", "record": {"a": "' + b"x" * 2000 + b'"}}',
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_line_that_can_t_be_read_is_reported_and_the_next_one_is_read(name):
    made = reader()
    lines = [json.dumps(SCHEMA).encode(), UNREADABLE[name], b"", json.dumps(RECORD).encode()]
    found = read(made, b"\n".join(lines) + b"\n")
    assert [number for number, _ in made.reported] == [2]
    assert made.reported[0][1].isprintable()
    assert len(made.reported[0][1]) < 300
    assert found["RECORD"] == [RECORD]
    assert made.number == 4


MESSAGES = {
    "without a type": {"a": 1},
    "of an unknown type": {"type": "RECORDS"},
    "of a type that is no text": {"type": ["RECORD"]},
    "SCHEMA without schema": {"type": "SCHEMA", "stream": "s"},
    "SCHEMA without stream": {"type": "SCHEMA", "schema": {}},
    "SCHEMA of a list": {"type": "SCHEMA", "stream": "s", "schema": []},
    "SCHEMA of null": {"type": "SCHEMA", "stream": "s", "schema": None},
    "SCHEMA of a stream that is no text": {"type": "SCHEMA", "stream": 7, "schema": {}},
    "SCHEMA with one key": {"type": "SCHEMA", "stream": "s", "schema": {}, "key_properties": "id"},
    "SCHEMA with keys": {"type": "SCHEMA", "stream": "s", "schema": {}, "key_properties": [7]},
    "RECORD without record": {"type": "RECORD", "stream": "s"},
    "RECORD without stream": {"type": "RECORD", "record": {}},
    "RECORD of a list": {"type": "RECORD", "stream": "s", "record": [1]},
    "RECORD of null": {"type": "RECORD", "stream": "s", "record": None},
    "RECORD of a long text": {"type": "RECORD", "stream": "s", "record": "x\n" * 100},
    "STATE without value": {"type": "STATE"},
    "ACTIVATE_VERSION without stream": {"type": "ACTIVATE_VERSION"},
    "ACTIVATE_VERSION of no text": {"type": "ACTIVATE_VERSION", "stream": {}},
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_s_fault_is_one_line(name):
    lines = [json.dumps(SCHEMA), json.dumps(MESSAGES[name]), json.dumps(RECORD)]
    with pytest.raises(SettingError, match="input has line 2, which is a") as caught:
        read(reader(), "\n".join(lines).encode())
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("kind", ["SCHEMA", "STATE"])
def test_what_a_message_breaks_is_its_fault(kind):
    def breaks(message):
        raise RecursionError("too deep\nfor that")

    lines = "\n".join(map(json.dumps, (SCHEMA, {"type": "STATE", "value": 1}))).encode()
    with pytest.raises(SettingError, match=f"which is a {kind} message that can't be used"):
        read(reader(), lines, **{kind: breaks})


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n  \n"])
def test_a_mark_and_line_ends_don_t_matter(mark, end):
    made = reader()
    lines = [json.dumps(message).encode() for message in (SCHEMA, RECORD, RECORD)]
    found = read(made, mark + (end or b"\n").join(lines) + end)
    assert found["RECORD"] == [RECORD] * 2
    assert made.reported == []


@pytest.mark.parametrize("size", [999, 1000, 1001, 300_000, 3_000_000])
@pytest.mark.parametrize("last", [True, False])
def test_a_line_has_a_limit(size, last):
    made = reader()
    start = b'{"type": "RECORD", "stream": "s", "record": {"a": "'
    line = start + b"x" * (size - len(start) - 3) + b'"}}'
    assert len(line) == size
    rest = b"" if last else b"\n" + json.dumps(RECORD).encode()
    found = read(made, json.dumps(SCHEMA).encode() + b"\n" + line + rest)
    too_long = size > 1000
    assert [number for number, _ in made.reported] == ([2] if too_long else [])
    assert len(found["RECORD"]) == (not too_long) + (not last)
    if too_long:
        assert "longer than 1,000 bytes: raise max_line_size" in made.reported[0][1]


def test_a_line_that_goes_on_is_not_kept():
    made = reader()
    content = json.dumps(SCHEMA).encode() + b"\n" + b"x" * 10_000_000
    pieces = [content[n : n + 65536] for n in range(0, len(content), 65536)]
    assert [line is None for line in made._split(pieces)] == [False, True]


def test_input_that_is_closed_is_a_line(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SettingError, match="input is closed"):
        reader().process_lines(None, {})


def test_text_is_read_like_bytes():
    made = reader()
    found = []
    made.process_lines(io.StringIO(f"\ufeff{json.dumps(RECORD)}\n"), {"RECORD": found.append})
    assert found == [RECORD]
