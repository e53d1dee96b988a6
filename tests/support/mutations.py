"""Changes of JSON values and lines, as a source or a server makes them that is broken."""

from __future__ import annotations

import copy
import json


def _nested(levels, kind):
    value = 0
    for _ in range(levels):
        value = [value] if kind == "list" else {"a": value}
    return value


VALUES = [
    None,
    True,
    False,
    0,
    -1,
    1,
    0.5,
    1e308,
    -1e308,
    2**31,
    2**53 + 1,
    2**63,
    2**64,
    10**40,
    -(10**40),
    "",
    " ",
    "0",
    "-1",
    "1e400",
    "1_000",
    "4,20",
    "9" * 40,
    "9" * 5000,
    "NaN",
    "Infinity",
    "null",
    "true",
    "\0",
    "a\0b",
    "\u202e",
    "\ufeff",
    "é" * 300,
    "x" * 5000,
    "\r\n",
    "\x1b[31m",
    "{",
    "[",
    "{}",
    "[]",
    "[" * 5000,
    '{"a":' * 900,
    "=1",
    "=",
    "{x}",
    "%00",
    "%",
    "../../etc/passwd",
    ".env",
    "/dev/zero",
    "a" * 300 + "/",
    "٣",
    "1970-01-01",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "10000-01-01",
    "2026-13-45",
    "2026-01-01 00:00:00 +0000",
    "2026-02-30T00:00:00Z",
    "-0001-01-01",
    "http://[",
    "http://127.0.0.1:1/x",
    "file:///etc/passwd",
    {},
    [],
    [{}],
    [[]],
    {"": ""},
    {"a": {"b": [1, None]}},
    [None],
    [1, "a", {}],
    {"id": {}},
    {"id": []},
    {"id": None},
    _nested(60, "list"),
    _nested(60, "dict"),
    _nested(300, "list"),
    _nested(300, "dict"),
]

RAW = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"1" * 5000,
    b"-",
    b"01",
    b'"\\ud800"',
    b'"\\udc00x"',
    b'"\xff"',
    b'"\\x"',
    b"'a'",
    b'"\x00"',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"[1,]",
    b'{"a":1,"a":2}',
    b"/*x*/1",
    b"\xef\xbb\xbf1",
    b"undefined",
    b'"' + b"x" * 100_000 + b'"',
]


def places(value, path=()):
    """The paths of all values inside a value, itself included."""
    yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in inner:
            yield from places(one, (*path, name))


def _at(value, path):
    for name in path:
        value = value[name]
    return value


def mutated(chance, value, *, times=1):
    """A copy of a JSON value with changes: other values, names, types, copies, holes."""
    made = copy.deepcopy(value)
    for _ in range(times):
        path = chance.choice(list(places(made)))
        if not path:
            continue
        owner, name = _at(made, path[:-1]), path[-1]
        kind = chance.randrange(8)
        if kind == 0:
            del owner[name]
        elif kind == 1 and isinstance(owner, dict):
            owner[str(chance.choice(VALUES))[:50]] = owner.pop(name)
        elif kind == 2 and isinstance(owner, list):
            owner.extend([owner[name]] * chance.choice([1, 3, 200]))
        elif kind == 3:
            owner[name] = str(owner[name])
        elif kind == 4:
            whole = owner[name]
            owner[name] = chance.choice([[whole], {"id": whole}, json.dumps(whole)])
        elif kind == 5:
            other = chance.choice(list(places(made)))
            owner[name] = copy.deepcopy(_at(made, other)) if len(other) > len(path) else None
        else:
            owner[name] = copy.deepcopy(chance.choice(VALUES))
    return made


def garbled(chance, line):
    """A line of JSON with changes that JSON doesn't allow, or others of its bytes."""
    kind = chance.randrange(7)
    if kind == 0:
        return line[: chance.randrange(len(line) + 1)]
    if kind == 1:
        place = chance.randrange(len(line) + 1)
        return line[:place] + bytes([chance.randrange(256)]) + line[place + 1 :]
    if kind == 2:
        return chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b" ", b"[", b"\r"]) + line
    if kind == 3:
        return line + chance.choice([b"}", b"\r", b"\x00", b" x", line])
    if kind == 4:
        return line.decode(errors="replace").encode("utf-16")
    # A value for another: what stands behind a colon.
    parts = line.split(b": ")
    if len(parts) < 2:
        return chance.choice(RAW)
    place = chance.randrange(1, len(parts))
    _, comma, tail = parts[place].partition(b",")
    parts[place] = chance.choice(RAW) + comma + tail
    return b": ".join(parts)
