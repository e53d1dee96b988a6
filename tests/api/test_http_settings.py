"""Each setting of the way to Ecwid does what it says, at the wire."""

from __future__ import annotations

import ssl
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
import trustme
from cryptography.hazmat.primitives import serialization as s

from ecwid_api import errors
from ecwid_api.client import Client
from ecwid_api.http_settings import OURS, HttpSettings
from ecwid_api.retrying import Patience
from ecwid_plugin.http_problems import http_problems
from ecwid_plugin.settings import declared_problems
from operations import make_operation
from raw_server import answer, answering, http2, proxy, read_request, serving

READ = make_operation()
HASTY = Patience(attempts=2, longest_wait=0.01)


def client(url, patience=HASTY, **settings):
    return Client(
        store_id=1003,
        access_token="secret_x",
        api_url=url,
        patience=patience,
        http=HttpSettings.of(settings),
    )


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory):
    """PEM files: the authority's certificate, and one for a client with its key."""
    folder = tmp_path_factory.mktemp("pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    own = authority.issue_cert("client@shop.test")
    own.cert_chain_pems[0].write_to_path(folder / "client.pem")
    own.private_key_pem.write_to_path(folder / "client.key")
    own.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    (folder / "none.pem").write_text("no certificate")
    return folder


def tls(authority, *, asks=False, protocols=()):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    if asks:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def test_headers_and_user_agent_are_sent():
    with serving(answering(answer())) as server:
        settings = {"headers": {"X-Via": "the gate"}, "user_agent": "warehouse/7"}
        with client(server.url, **settings) as made:
            made.call(READ)
    (head,) = server.heads
    assert "\r\nX-Via: the gate" in head
    assert "\r\nUser-Agent: warehouse/7" in head
    assert "\r\nAuthorization: Bearer secret_x" in head


@pytest.mark.parametrize("secured", [False, True])
def test_requests_go_through_the_proxy_with_its_password(secured, authority, files):
    context = tls(authority) if secured else None
    with serving(answering(answer()), context) as server, serving(proxy) as between:
        address = f"http://user:p%40ss@127.0.0.1:{between.port}"
        with client(server.url, proxy_url=address, ca_bundle=str(files / "ca.pem")) as made:
            assert made.call(READ) == {}
        address = f"http://user:wrong@127.0.0.1:{between.port}"
        with (
            client(server.url, proxy_url=address, ca_bundle=str(files / "ca.pem")) as made,
            pytest.raises(errors.SettingError, match="proxy_url names a proxy") as caught,
        ):
            made.call(READ)
        assert "wrong" not in str(caught.value)
        assert "407" in str(caught.value)
    assert len(server.heads) == 1
    assert between.heads[0].startswith("CONNECT" if secured else "GET http://")
    assert not secured or "secret_x" not in between.heads[0]


def test_the_environment_s_proxy_is_used(monkeypatch):
    with serving(answering(answer())) as server, serving(proxy) as between:
        monkeypatch.setenv("http_proxy", f"http://user:p%40ss@127.0.0.1:{between.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with client(server.url) as made:
            made.call(READ)
        assert len(between.heads) == 1
        monkeypatch.setenv("no_proxy", "localhost")
        with client(server.url) as made:
            made.call(READ)
        assert len(between.heads) == 1
    assert len(server.heads) == 2


def test_a_certificate_that_nobody_vouches_for_is_refused(authority):
    with (
        serving(answering(answer()), tls(authority)) as server,
        client(server.url) as made,
        pytest.raises(errors.SettingError, match=r"not trusted.*set ca_bundle"),
    ):
        made.call(READ)
    assert server.heads == []


def test_a_certificate_of_another_host_is_refused(authority, files):
    with serving(answering(answer()), tls(authority)) as server:
        url = server.url.replace("localhost", "127.0.0.1")
        made = client(url, ca_bundle=str(files / "ca.pem"))
        with made, pytest.raises(errors.SettingError, match="not trusted"):
            made.call(READ)
    assert server.heads == []


def test_the_client_s_certificate_is_shown(authority, files):
    trusted = {"ca_bundle": str(files / "ca.pem")}
    own = {"client_certificate": str(files / "client.pem"), "client_key": str(files / "client.key")}
    with serving(answering(answer()), tls(authority, asks=True)) as server:
        for shown in (own, {"client_certificate": str(files / "both.pem")}):
            with client(server.url, **trusted, **shown) as made:
                assert made.call(READ) == {}
        with pytest.raises(errors.GaveUpError), client(server.url, **trusted) as made:
            made.call(READ)
    assert len(server.heads) == 2


def test_an_encrypted_key_wants_its_password(files):
    key = ssl_key_with_password(files)
    own = {"client_certificate": str(files / "client.pem"), "client_key": str(key)}
    client("https://localhost:1", **own, client_key_password="opensesame").close()
    for wrong in ({}, {"client_key_password": "sesame"}):
        with pytest.raises(errors.SettingError, match="client_key_password") as caught:
            client("https://localhost:1", **own, **wrong)
        assert "sesame" not in str(caught.value)


def ssl_key_with_password(files):
    key = s.load_pem_private_key((files / "client.key").read_bytes(), None)
    encrypted = key.private_bytes(
        s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"opensesame")
    )
    path = files / "encrypted.key"
    path.write_bytes(encrypted)
    return path


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ca_bundle": "gone.pem"}, "ca_bundle .*gone.pem can't be read: No such file"),
        ({"ca_bundle": "none.pem"}, "ca_bundle .*none.pem holds no certificates"),
        ({"client_certificate": "gone.pem"}, "client_certificate .*gone.pem can't be read"),
        ({"client_certificate": "client.pem"}, "client_certificate .*can't be used with the key"),
    ],
)
def test_files_that_are_none_are_told_before_anything_is_sent(files, settings, words):
    named = {name: str(files / value) for name, value in settings.items()}
    with pytest.raises(errors.SettingError, match=words):
        client("https://localhost:1", **named)


def test_http_2_is_spoken_where_it_is_wanted(authority, files):
    with serving(http2, tls(authority, protocols=["h2"])) as server:
        with client(server.url, http2=True, ca_bundle=str(files / "ca.pem")) as made:
            assert made.call(READ) == {}
        assert server.heads[0][b":path"] == b"/api/v3/1003/products"
    context = tls(authority, protocols=["h2", "http/1.1"])
    with (
        serving(answering(answer()), context) as server,
        client(server.url, http2=False, ca_bundle=str(files / "ca.pem")) as made,
    ):
        assert made.call(READ) == {}


def test_a_silent_server_meets_the_read_timeout():
    def silent(server, connection):
        server.heads.append(read_request(connection))
        server.ended.wait(60)

    with (
        serving(silent) as server,
        client(server.url, read_timeout=0.1) as made,
        pytest.raises(errors.GaveUpError, match="ReadTimeout"),
    ):
        made.call(READ)
    assert len(server.heads) == 2


def test_max_attempts_is_how_often_it_is_sent():
    with (
        serving(answering(answer(status="503 Busy"))) as server,
        client(server.url, patience=None, max_attempts=1) as made,
        pytest.raises(errors.GaveUpError, match="tried once"),
    ):
        made.call(READ)
    assert len(server.heads) == 1


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_than_concurrency_are_under_way(concurrency):
    lock, under_way, most = threading.Lock(), 0, 0
    full = threading.Barrier(concurrency, timeout=20)

    def handle(server, connection):
        nonlocal under_way, most
        while read_request(connection) is not None:
            with lock:
                under_way += 1
                most = max(most, under_way)
            full.wait()
            with lock:
                under_way -= 1
            connection.sendall(answer())

    with (
        serving(handle) as server,
        client(server.url, concurrency=concurrency) as made,
        ThreadPoolExecutor(8) as executor,
    ):
        list(executor.map(lambda _: made.call(READ), range(4 * concurrency)))
    assert most == concurrency


@pytest.mark.parametrize(
    ("given", "counts"),
    [(None, None), ("auto", None), (True, True), (False, False), ("true", True), ("false", False)],
)
def test_whether_requests_in_batches_count_is_found_out_or_set(given, counts):
    config = {"batch_requests_count": given}
    assert list(declared_problems(config, HttpSettings)) == []
    assert HttpSettings.of(config).counts is counts


def test_requests_per_minute_is_the_pacer_s_limit():
    assert client("http://localhost:1", requests_per_minute=7).pacer.left == 7


WRONG = [
    ({"proxy_url": "proxy.example:3128"}, "proxy_url should look like http://user:password@"),
    (
        {"proxy_url": "http://me:hidden@proxy:port"},
        "proxy_url should look like http://user:password@",
    ),
    (
        {"proxy_url": "socks5://me:hidden@proxy:1080"},
        "proxy_url should look like http://user:password@",
    ),
    ({"proxy_url": 5}, "proxy_url should look like http://"),
    ({"ca_bundle": True}, "ca_bundle is True, and should be the path of a PEM file"),
    ({"client_key": "k.pem"}, "client_key is set, and client_certificate is not"),
    ({"client_key_password": "hidden"}, "client_key_password is set, and client_certificate"),
    ({"http2": "yes"}, "http2 is 'yes', and should be true or false"),
    ({"connect_timeout": 0}, "connect_timeout is 0, and should be a number of seconds above 0"),
    ({"read_timeout": "soon"}, "read_timeout is 'soon'"),
    ({"read_timeout": True}, "read_timeout is True"),
    ({"request_timeout": float("inf")}, "request_timeout is inf"),
    ({"max_attempts": 0}, "max_attempts is 0, and should be a number from 1 to 100"),
    ({"concurrency": 0.5}, "concurrency is 0.5, and should be a number from 1 to 256"),
    ({"requests_per_minute": 0}, "requests_per_minute is 0, and should be a number, 1 or more"),
    (
        {"batch_requests_count": "maybe"},
        "batch_requests_count is 'maybe', and should be auto, true or false",
    ),
    ({"headers": ["X"]}, "headers should be an object"),
    ({"headers": {"X Y": "hidden"}}, "headers has 'X Y', which can't be a header's name"),
    ({"headers": {"X-A": "hidden\r\nX-B: 1"}}, "headers.X-A should be a line of ASCII text"),
    ({"headers": {"X-A": 5}}, "headers.X-A should be a line of ASCII text"),
    ({"headers": {"AUTHORIZATION": "hidden"}}, "headers.AUTHORIZATION can't be set: it is made of"),
    ({"user_agent": "a\nb"}, "user_agent is 'a\\nb', and should be a line"),
    ({"http_log": "all"}, "http_log is 'all', and should be none or summary or headers or full"),
    ({"http_log_file": 5}, "http_log_file is 5"),
    ({"http_log_personal": "no"}, "http_log_personal is 'no', and should be true or false"),
]


def problems(settings):
    return [*declared_problems(settings, HttpSettings), *http_problems(settings)]


@pytest.mark.parametrize(("settings", "words"), WRONG)
def test_wrong_settings_are_told_without_secrets(settings, words):
    (problem,) = problems(settings)
    assert words in str(problem)
    assert "hidden" not in str(problem)


def test_no_header_that_the_client_makes_can_be_set():
    headers = dict.fromkeys(OURS, "x")
    assert len(problems({"headers": headers})) == len(OURS)
    made = httpx2.Client().build_request("POST", "http://x/", json={}).headers
    assert set(made) <= set(OURS)


def test_the_environment_s_numbers_come_as_text():
    settings = {"read_timeout": "2.5", "proxy_url": "", "user_agent": "", "headers": None}
    assert problems(settings) == []
    assert HttpSettings.of(settings) == HttpSettings(read_timeout=2.5)


def test_secrets_are_not_in_what_settings_look_like():
    shown = repr(
        HttpSettings(
            proxy_url="http://me:hidden@proxy",
            client_key_password="hidden",
            headers={"X": "hidden"},
        )
    )
    assert "hidden" not in shown
