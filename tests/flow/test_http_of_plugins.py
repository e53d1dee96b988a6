"""Tap and target take the settings of the way to Ecwid, from files and from the environment."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from urllib.parse import urlsplit

import pytest

from raw_server import proxy, pump, serving
from tap_run import BIN, discover, run_tap, select, settings_of
from target_run import encoded, records, run_target


@pytest.fixture
def shop(quiet_sandbox):
    quiet_sandbox.reset_requests()
    return quiet_sandbox


def test_the_tap_goes_through_its_proxy(shop, tmp_path):
    with serving(proxy) as between:
        address = f"http://user:p%40ss@127.0.0.1:{between.port}"
        settings = settings_of(
            shop, proxy_url=address, user_agent="warehouse/7", headers={"X-Via": "gate"}
        )
        run = run_tap(tmp_path, settings, catalog=select(discover(tmp_path, settings), "brands"))
        heads = between.heads
    assert run.code == 0, run.log
    assert run.records("brands")
    assert len(heads) >= 1
    assert "warehouse/7" in heads[0]
    assert "gate" in heads[0]
    assert "p%40ss" not in run.log


def test_a_proxy_s_password_that_is_wrong_ends_the_run_with_a_word(shop, tmp_path):
    with serving(proxy) as between:
        address = f"http://user:wrong-one@127.0.0.1:{between.port}"
        run = run_tap(tmp_path, settings_of(shop, proxy_url=address))
    assert run.code == 1
    assert "proxy_url names a proxy that refuses" in run.log
    assert "wrong-one" not in run.log
    assert shop.requests == []


def test_many_stores_have_the_same_way(shop, tmp_path):
    stores = [{"store_id": shop.store_id, "access_token": shop.token}]
    with serving(proxy) as between:
        address = f"http://user:p%40ss@127.0.0.1:{between.port}"
        settings = settings_of(
            shop, store_id=None, access_token=None, stores=stores, proxy_url=address
        )
        run = run_tap(tmp_path, settings, catalog=select(discover(tmp_path, settings), "brands"))
        assert run.code == 0, run.log
        assert between.heads


def test_the_target_goes_through_its_proxy(sandbox, tmp_path):
    with serving(proxy) as between:
        address = f"http://user:p%40ss@127.0.0.1:{between.port}"
        rows = records("customers", {"email": "eve@shop.test"})
        run = run_target(tmp_path, sandbox, rows, proxy_url=address, http2=True)
        assert run.code == 0, run.log
        assert between.heads
    assert [c["email"] for c in sandbox.shop.all("customer")].count("eve@shop.test") == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ca_bundle": "/no/such.pem"}, "ca_bundle /no/such.pem can't be read: No such file"),
        ({"max_attempts": 0}, "max_attempts is 0"),
        ({"headers": {"authorization": "hidden"}}, "headers.authorization can't be set"),
        ({"proxy_url": "hidden"}, "proxy_url should look like http://user:password@"),
    ],
)
@pytest.mark.parametrize("plugin", ["tap", "target"])
def test_wrong_settings_are_told_and_nothing_is_sent(shop, tmp_path, plugin, settings, words):
    if plugin == "tap":
        run = run_tap(tmp_path, settings_of(shop, **settings))
    else:
        run = run_target(tmp_path, shop, records("customers", {"id": 1}), **settings)
    assert run.code == 1
    assert words in run.log
    assert "hidden" not in run.log
    assert shop.requests == []


def test_the_environment_sets_them_too(shop, tmp_path):
    variables = {
        "STORE_ID": str(shop.store_id),
        "ACCESS_TOKEN": shop.token,
        "API_URL": shop.url,
        "READ_TIMEOUT": "2.5",
        "HTTP2": "true",
        "HEADERS": '{"X-Via": "gate"}',
        "HTTP_LOG": "headers",
        "HTTP_LOG_FILE": str(tmp_path / "http.log"),
        "WORK_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [str(BIN / "target-ecwid"), "--config=ENV"],
        input=encoded(records("customers", {"id": 999_999_999, "email": "nobody@shop.test"})),
        env={**os.environ, **{f"TARGET_ECWID_{name}": v for name, v in variables.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )
    assert "> x-via: [secret]" in (tmp_path / "http.log").read_text(), done.stderr


class Relay:
    """Passes connections on, and counts how many there are at once."""

    def __init__(self, url):
        self._address = "127.0.0.1", urlsplit(url).port
        self._lock = threading.Lock()
        self._open = 0
        self.most = 0

    def __call__(self, server, connection):
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
        with socket.create_connection(self._address) as further:
            back = threading.Thread(target=pump, args=(further, connection), daemon=True)
            back.start()
            pump(connection, further)
            back.join(10)
        with self._lock:
            self._open -= 1


def test_the_tap_has_no_more_requests_under_way_than_concurrency(shop, tmp_path):
    relay = Relay(shop.url)
    with serving(relay) as between:
        settings = settings_of(shop, concurrency=2, api_url=between.url)
        catalog = select(discover(tmp_path, settings), "products", "orders", "customers")
        run = run_tap(tmp_path, settings, catalog=catalog)
    assert run.code == 0, run.log
    assert run.records("orders")
    assert relay.most == 2
