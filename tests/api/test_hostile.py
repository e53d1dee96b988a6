"""A server that means harm: the run ends soon, with a word on why, and gives nothing away."""

from __future__ import annotations

import tracemalloc
import types
import zlib

import pytest

from ecwid_api import connecting, decoding, errors
from ecwid_api.client import Client
from ecwid_api.http_settings import HttpSettings
from ecwid_api.retrying import Patience
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


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(decoding, "LARGEST_ANSWER", 8 * MIB)
    packed = answer(bomb(256 * MIB), headers=["Content-Encoding: gzip"])
    tracemalloc.start()
    try:
        with (
            serving(answering(packed)) as server,
            client(server.url) as made,
            pytest.raises(errors.ProtocolError, match="the answer is larger than 8 MiB"),
        ):
            made.call(READ)
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()
    assert len(server.heads) == 1


@pytest.mark.parametrize("status", ["200 OK", "500 Oops", "404 Gone"])
def test_an_answer_without_end_is_not_read_for_ever(monkeypatch, status):
    monkeypatch.setattr(decoding, "LARGEST_ANSWER", MIB)

    def endless(server, connection):
        server.heads.append(read_request(connection))
        connection.sendall(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        while not server.ended.is_set():
            connection.sendall(b"10000\r\n" + b"[" * 0x10000 + b"\r\n")

    with (
        serving(endless) as server,
        client(server.url) as made,
        pytest.raises(errors.ProtocolError, match="larger than 1 MiB"),
    ):
        made.call(READ)
    assert len(server.heads) == 1


def test_ecwid_s_own_answers_are_far_below_the_bound():
    assert decoding.LARGEST_ANSWER == 256 * MIB


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
        pytest.raises(errors.ProtocolError, match="nested too deeply"),
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
