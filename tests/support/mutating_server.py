"""A server between a run and the sandbox that mutates some of the answers."""

from __future__ import annotations

import json

import httpx2

from mutations import VALUES, garbled, mutated
from raw_server import read_whole

HEADERS = [
    ("Date", "Fri, 31 Dec 9999 23:59:59 -2359"),
    ("Date", "soon"),
    ("Date", "Fri, 01 Jan 99999 00:00:00 GMT"),
    ("Retry-After", "1e400"),
    ("Retry-After", "nan"),
    ("Retry-After", "-1"),
    ("Retry-After", "Fri, 31 Dec 9999 23:59:59 -2359"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "deflate, gzip, x"),
    ("Content-Type", "text/html; charset=utf-7"),
    ("Location", "http://127.0.0.1:1/"),
    ("Set-Cookie", "a=" + "b" * 5000),
    ("X-Other", "\x7f\x01"),
    ("Content-Length", "5"),
    ("Transfer-Encoding", "chunked"),
]
STATUSES = [200, 201, 204, 206, 301, 304, 400, 401, 402, 403, 404, 409, 418, 429, 500, 503, 999]


def mutating(chance, upstream):
    """Passes requests on, and mutates some of the answers."""
    client = httpx2.Client(trust_env=False)

    def handle(server, connection):
        while (whole := read_whole(connection)) is not None:
            head, body = whole
            method, target, _ = head.split("\r\n")[0].split(" ", 2)
            server.heads.append(target)
            given = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            kept = {
                n: v for n, v in given.items() if n.lower() in {"authorization", "content-type"}
            }
            answer = client.request(method, upstream + target, headers=kept, content=body)
            connection.sendall(_changed(chance, answer.status_code, answer.content))

    return handle


def _changed(chance, status, content):
    headers = {"Content-Type": "application/json"}
    if chance.random() < 0.15:
        kind = chance.randrange(4)
        if kind == 0:
            headers.update([chance.choice(HEADERS)])
        elif kind == 1:
            status = chance.choice(STATUSES)
        elif kind == 2:
            content = garbled(chance, content)
        else:
            try:
                value = mutated(chance, json.loads(content or b"null"), times=chance.randint(1, 5))
                if chance.random() < 0.05:
                    value = chance.choice(VALUES)
                content = json.dumps(value).encode()
            except (ValueError, RecursionError):
                pass
    headers.setdefault("Content-Length", str(len(content)))
    lines = [f"HTTP/1.1 {status} X", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content
