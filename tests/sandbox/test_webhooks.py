"""The webhooks that a sandbox posts to an app."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest

from ecwid_sandbox.cli import main
from ecwid_sandbox.server.webhooks import TestEvent
from ecwid_sandbox.testing import running_sandbox


class App:
    """An app that takes webhooks; it answers with ``status``."""

    def __init__(self):
        self.status = 200
        self.posts = []
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                app.posts.append((json.loads(body), self.headers["X-Ecwid-Webhook-Signature"]))
                self.send_response(app.status)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def app():
    app = App()
    yield app
    app.close()


@pytest.fixture
def sandbox(app):
    with running_sandbox(size="tiny", webhook_url=app.url) as sandbox:
        yield sandbox


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def delivered(sandbox):
    wait_until(lambda: not sandbox.webhooks.waiting)


def test_each_change_is_posted_with_a_signature(sandbox, app):
    shop = sandbox.shop
    changed = {
        "product.updated": ("product", {"price": 3}),
        "category.updated": ("category", {"name": "Other"}),
        "customer.updated": ("customer", {"name": "Other"}),
        "customer_group.updated": ("customer_group", {"name": "Other"}),
        "order.updated": ("order", {"paymentStatus": "PAID"}),
        "discount_coupon.updated": ("coupon", {"name": "Other"}),
        "unfinished_order.updated": ("abandoned_cart", {"hidden": True}),
        "review.updated": ("review", {"status": "published"}),
        "product_class.updated": ("product_type", {"name": "Other"}),
        "profile.updated": ("checkout_extra_field", {"title": "Other"}),
    }
    keys = {}
    for event, (kind, fields) in changed.items():
        keys[event] = shop.keys(kind)[-1]
        shop.update(kind, keys[event], fields)
    shop.delete("product", keys["product.updated"])
    storage = {"Authorization": f"Bearer {sandbox.token}"}
    httpx2.put(f"{sandbox.store_url}/storage/key", headers=storage, json={"value": "x"})
    delivered(sandbox)
    posted = {event["eventType"]: event for event, _ in app.posts}
    assert posted.keys() >= {*changed, "product.deleted", "application.storageChanged"}
    for event, signature in app.posts:
        text = f"{event['eventCreated']}.{event['eventId']}".encode()
        wanted = hmac.digest(b"sandbox-app-secret", text, hashlib.sha256)
        assert base64.b64decode(signature) == wanted
        assert event["storeId"] == 1003
    assert posted["product.updated"]["entityId"] == keys["product.updated"]
    assert posted["unfinished_order.updated"]["data"]["cartId"] == keys["unfinished_order.updated"]
    order = shop.get("order", keys["order.updated"])
    assert posted["order.updated"]["data"]["orderId"] == order["id"]
    assert posted["application.storageChanged"]["entityId"] == "1003"


def test_what_doesnt_happen_is_not_posted(sandbox, app):
    shop = sandbox.shop
    number = shop.keys("product")[0]

    def fail():
        with shop.store.transaction():
            shop.update("product", number, {"price": 3})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    shop.update("product", number, {"price": 4}, quiet=True)
    shop.update("product", number, {"price": 5})
    delivered(sandbox)
    assert len(app.posts) == 1


@pytest.mark.parametrize(("retries", "attempts"), [("day", 28), ("hour", 5)])
@pytest.mark.parametrize("status", [500, 203, 301])
def test_what_is_not_taken_is_posted_again(sandbox, app, retries, attempts, status):
    sandbox.set(webhook_retries=retries)
    sandbox.clock.stop()
    app.status = status
    sandbox.webhooks.send(TestEvent("order.updated", 1))
    for attempt in range(1, attempts + 1):
        wait_until(lambda n=attempt: len(sandbox.webhooks.sent()) == n)
        assert len(app.posts) == attempt
        seconds = 900 if attempt < 5 else 3600
        due = [at - sandbox.clock.now() for at, *_ in sandbox.webhooks._waiting]
        assert due == ([] if attempt == attempts else [pytest.approx(seconds)])
        sandbox.clock.advance(seconds)
    delivered(sandbox)
    assert len(app.posts) == attempts
    assert len({event["eventId"] for event, _ in app.posts}) == 1
    assert [sent.attempt for sent in sandbox.webhooks.sent()] == [*range(1, attempts + 1)]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 209])
def test_what_is_taken_is_posted_once(sandbox, app, status):
    app.status = status
    sandbox.webhooks.send(TestEvent("order.updated", 1))
    delivered(sandbox)
    assert [sent.status for sent in sandbox.webhooks.sent()] == [status]


def test_loss_doubling_and_disorder(sandbox, app):
    sandbox.set(webhook_loss=0.2, webhook_doubles=0.3, webhook_delay=200)
    events = [sandbox.webhooks.send(TestEvent("order.updated", n)) for n in range(100)]
    delivered(sandbox)
    posted = [event["entityId"] for event, _ in app.posts]
    assert len({event.event_id for event in events}) == 100
    assert 60 < len(set(posted)) < 95
    assert len(posted) > len(set(posted)) + 5
    assert posted != sorted(posted)
    lost = {sent.event.entity_id for sent in sandbox.webhooks.sent() if sent.status is None}
    assert lost == set(range(100)) - set(posted)


def test_the_command_posts_a_test_event(app, tmp_path, capsys):
    folder = f"--directory={tmp_path / 'shop'}"
    options = ("--port=0", "--size=empty", "--control", f"--webhook-url={app.url}")
    try:
        assert command("start", folder, *options) == 0
        assert command("webhook", folder, "order.updated", "--entity-id=7") == 0
        wait_until(lambda: app.posts)
    finally:
        assert command("stop", folder) == 0
    assert app.posts[0][0]["eventType"] == "order.updated"
    assert app.posts[0][0]["entityId"] == 7
    assert "Posting event" in capsys.readouterr().out
    assert command("webhook", folder, "order.updated") == 1


def command(*arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


def test_a_test_event_on_demand(sandbox, app):
    url = f"{sandbox.control_url}/webhooks"
    made = httpx2.post(url, json={"eventType": "product.updated", "entityId": 7}).json()
    delivered(sandbox)
    found = httpx2.get(url).json()
    assert found["waiting"] == 0
    assert found["sent"][0]["event"]["eventId"] == made["eventId"] == app.posts[0][0]["eventId"]
    assert httpx2.post(url, json={"entityId": 7}).status_code == 400
    sandbox.set(webhook_url="")
    assert httpx2.post(url, json={"eventType": "x"}).status_code == 400
