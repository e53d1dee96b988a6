"""A server that means harm: the run ends soon, with a word on why, and gives nothing away."""

from __future__ import annotations

import tracemalloc
import types
import zlib

import pytest

from ecwid_api import connecting, decoding, errors
from ecwid_api.batch import ask_together
from ecwid_api.client import Client
from ecwid_api.http_settings import HttpSettings
from ecwid_api.request import Request
from ecwid_api.retrying import Patience
from ecwid_plugin.login import App, exchange
from operations import make_operation
from raw_server import answer, answering, read_request, serving

READ = make_operation()
MIB = 2**20


def client(url, **settings):
    return Client(
        store_id=1003,
        access_token="secret_x",
        api_url=url,
        patience=Patience(attempts=2, longest_wait=0.01),
        http=HttpSettings.of(settings),
    )


def bomb(size):
    """A gzip file that unpacks to so many bytes of spaces, made without ever having them."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    return b"".join([*(packer.compress(b" " * MIB) for _ in range(size // MIB)), packer.flush()])


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_read_to_its_end():
    packed = answer(bomb(256 * MIB), headers=["Content-Encoding: gzip"])
    tracemalloc.start()
    try:
        with (
            serving(answering(packed)) as server,
            client(server.url, max_answer_size=8) as made,
            pytest.raises(errors.ProtocolError, match="the answer is larger than 8 MiB"),
        ):
            made.call(READ)
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()
    assert len(server.heads) == 1


@pytest.mark.parametrize("status", ["200 OK", "500 Oops", "404 Gone"])
def test_an_answer_without_end_is_not_read_for_ever(status):

    def endless(server, connection):
        server.heads.append(read_request(connection))
        connection.sendall(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        while not server.ended.is_set():
            connection.sendall(b"10000\r\n" + b"[" * 0x10000 + b"\r\n")

    with (
        serving(endless) as server,
        client(server.url, max_answer_size=1) as made,
        pytest.raises(errors.ProtocolError, match="larger than 1 MiB"),
    ):
        made.call(READ)
    assert len(server.heads) == 1


def test_ecwid_s_own_answers_are_far_below_the_bound():
    assert HttpSettings().most_bytes == 32 * MIB


VALUES = {
    "objects": b"{},",
    "lists": b"[],",
    "objects with a field": b'{"":0},',
    "numbers": b"1,",
    "texts": b'"",',
    "pairs": b"[[],[]],",
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("packed", [True, False])
def test_values_are_counted_before_they_are_made(kind, packed):
    many = VALUES[kind] * (3 * MIB // len(VALUES[kind]))
    body = b'{"total": 1, "items": [' + many + b"0]}"
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    sent = packer.compress(body) + packer.flush() if packed else body
    headers = ["Content-Encoding: gzip"] if packed else []
    tracemalloc.start()
    try:
        with (
            serving(answering(answer(sent, headers=headers))) as server,
            client(server.url, max_answer_size=8) as made,
            pytest.raises(errors.ProtocolError, match="has more than 262,144 values") as caught,
        ):
            made.call(READ)
        assert "raise max_answer_size" in str(caught.value)
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()
    assert len(server.heads) == 1


@pytest.mark.parametrize("escaped", [True, False])
def test_values_of_a_batch_are_counted_together(escaped):
    body = "[{},{}]" * 20_000
    body = "".join(f"\\u{ord(c):04x}" for c in body) if escaped else body
    item = '{"id": "%d", "httpStatusCode": 200, "escapedHttpBody": "%s"}'
    items = ",".join(item % (n, body) for n in range(5))
    done = f'{{"status": "COMPLETED", "responses": [{items}]}}'.encode()
    asked = [Request(operation=READ, path={"id": n}) for n in range(5)]
    with (
        serving(answering(answer(b'{"ticket": "t"}'), answer(done))) as server,
        client(server.url, max_answer_size=8) as made,
        pytest.raises(errors.ProtocolError, match="has more than 262,144 values"),
    ):
        ask_together(made, asked)


DEEP = {
    "lists": b"[" * 5000 + b"]" * 5000,
    "objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "never closed": b"[" * 100_000,
    "with others beside": b"[1,[],{}," * 500 + b"0" + b"]" * 500,
    "with brackets in texts": b'["]{",' * 500 + b"0" + b"]" * 500,
    "just too deep": b"[" * 101 + b"]" * 101,
}


@pytest.mark.parametrize("kind", DEEP)
def test_depth_is_found_before_it_is_met(kind):
    with pytest.raises(errors.ProtocolError, match="the answer is nested"):
        decoding.decode(DEEP[kind], "GET /x")


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100 + b"]" * 100,
        b'{"a": "' + b"[{" * 5000 + b'"}',
        b"[" + b'{"a": [1, {"b": "]"}]},' * 5000 + b"0]",
    ],
    ids=range(3),
)
def test_what_isn_t_deep_is_decoded(content):
    assert decoding.decode(content, "GET /x")


def app(url, **settings):
    return App(
        client_id="app",
        client_secret="app-secret-value",
        redirect_uri="http://127.0.0.1:1/",
        oauth_url=url,
        http=HttpSettings.of(settings),
    )


@pytest.mark.parametrize("status", ["200 OK", "400 Bad"])
@pytest.mark.parametrize(
    ("body", "headers", "problem"),
    [
        (b"[" * 100_000, [], "nested deeper"),
        (b'{"error":' * 100_000, [], "nested deeper"),
        (b"{},".join([b"["] * 2 + [b""] * 100_000) + b"0]", [], "has more than 32,768 values"),
        (bomb(64 * MIB), ["Content-Encoding: gzip"], "larger than 1 MiB"),
    ],
    ids=["lists", "objects", "many", "packed"],
)
def test_oauth_s_answers_are_bounded(status, body, headers, problem):
    with (
        serving(answering(answer(body, status, headers))) as server,
        pytest.raises(errors.ProtocolError, match=problem) as caught,
    ):
        exchange(app(server.url), "code")
    assert "oauth_url" in str(caught.value)


def test_oauth_s_answer_comes_in_time():
    def drip(server, connection):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not server.ended.wait(0.02):
            connection.sendall(b" ")

    with (
        serving(drip) as server,
        pytest.raises(errors.SettingError, match="gave no answer"),
    ):
        exchange(app(server.url, request_timeout=0.3), "code")


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_slow_drip_ends_with_the_request_s_time(part):
    def drip(server, connection):
        server.heads.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        if part == "body":
            connection.sendall(b"Content-Length: 1000000\r\n\r\n")
        while not server.ended.wait(0.02):
            connection.sendall(b"a")

    with (
        serving(drip) as server,
        client(server.url, request_timeout=0.3) as made,
        pytest.raises(errors.GaveUpError, match="the request took too long in all"),
    ):
        made.call(READ)
    assert len(server.heads) == 2


def test_a_connection_is_good_for_the_next_request_s_whole_time(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(connecting, "time", types.SimpleNamespace(monotonic=lambda: now[0]))
    with serving(answering(answer())) as server, client(server.url, request_timeout=60) as made:
        for _ in range(3):
            made.call(READ)
            now[0] += 50
    assert len(server.heads) == 3


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000])
def test_an_answer_that_is_nested_too_deeply_is_told(body):
    with (
        serving(answering(answer(body))) as server,
        client(server.url) as made,
        pytest.raises(errors.ProtocolError, match="nested deeper than 100 levels"),
    ):
        made.call(READ)
    assert len(server.heads) == 1


def test_an_error_that_is_nested_too_deeply_is_still_one():
    body = b'{"errorCode": "X", "more": ' + b"[" * 100_000
    with (
        serving(answering(answer(body, "400 Bad"))) as server,
        client(server.url) as made,
        pytest.raises(errors.RejectedError, match="status 400"),
    ):
        made.call(READ)


def test_an_error_s_words_are_a_line_of_some_length():
    words = "\\u001b[31mred\\r\\nINFO all is well " + "x" * 100_000
    body = f'{{"errorCode": "BAD\\n", "errorMessage": "{words}"}}'.encode()
    with (
        serving(answering(answer(body, "400 Bad"))) as server,
        client(server.url) as made,
        pytest.raises(errors.RejectedError) as caught,
    ):
        made.call(READ)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 1200


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Keep", "308 Keep"])
def test_a_redirect_is_not_followed(status):
    with serving(answering(answer())) as elsewhere:
        moved = answer(status=status, headers=[f"Location: {elsewhere.url}/1003/products"])
        with (
            serving(answering(moved)) as server,
            client(server.url) as made,
            pytest.raises(errors.RejectedError, match=f"status {status[:3]}"),
        ):
            made.call(READ)
        assert elsewhere.heads == []
    assert len(server.heads) == 1


def test_an_endless_head_is_not_read_for_ever():
    def endless(server, connection):
        server.heads.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not server.ended.is_set():
            connection.sendall(b"a" * 65536)

    with (
        serving(endless) as server,
        client(server.url) as made,
        pytest.raises(errors.GaveUpError, match="RemoteProtocolError"),
    ):
        made.call(READ)
