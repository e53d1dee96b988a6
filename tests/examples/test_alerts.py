"""Many shops: alerts by webhook and by mail."""

from __future__ import annotations

import contextlib
import http.server
import json
import smtplib
import threading

import pytest

from many_shops.alerts import AlertError, Alerts
from many_shops.shops import ShopsError


@contextlib.contextmanager
def web_server(status=200):
    """A server that keeps what is posted to it."""
    posted = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/secret-path", posted
        server.shutdown()


def test_alerts_go_to_a_webhook_and_by_mail(monkeypatch):
    sent = []

    class Server:
        def __init__(self, *address, timeout):
            sent.append(address)

        __enter__ = starttls = lambda self: self
        __exit__ = lambda self, *_: None  # noqa: E731 - as short as the others
        login = lambda self, *account: sent.append(account)  # noqa: E731
        send_message = lambda self, message: sent.append(message)  # noqa: E731

    monkeypatch.setattr(smtplib, "SMTP", Server)
    with web_server() as (url, posted):
        Alerts.of(
            {
                "MANY_SHOPS_ALERT_WEBHOOK": url,
                "MANY_SHOPS_ALERT_SMTP": "smtp://me:p%40ss@mail.example:587",
                "MANY_SHOPS_ALERT_FROM": "a@example.com",
                "MANY_SHOPS_ALERT_TO": "b@example.com,c@example.com",
            }
        ).send(["Shop 1 is late", "Shop 2 is late"])
    assert posted == [{"text": "Shop 1 is late\nShop 2 is late"}]
    address, account, message = sent
    assert (address, account) == (("mail.example", 587), ("me", "p@ss"))
    assert message["Subject"] == "Shop 1 is late (and 1 more)"
    assert message["To"] == "b@example.com, c@example.com"
    assert "Shop 2 is late" in message.get_content()
    # Nowhere to send to is no error.
    Alerts.of({}).send(["Shop 1 is late"])


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"WEBHOOK": "hooks.example"}, "MANY_SHOPS_ALERT_WEBHOOK is no http"),
        ({"SMTP": "smtp://mail.example"}, "MANY_SHOPS_ALERT_FROM is not set"),
        ({"SMTP": "mail.example", "FROM": "a", "TO": "b"}, "MANY_SHOPS_ALERT_SMTP should look"),
    ],
)
def test_a_wrong_variable_of_alerts_is_named(variables, said):
    with pytest.raises(ShopsError, match=said):
        Alerts.of({f"MANY_SHOPS_ALERT_{name}": value for name, value in variables.items()})


def test_an_alert_that_can_t_be_sent_is_an_error_without_the_address():
    with web_server(500) as (url, _), pytest.raises(AlertError) as error:
        Alerts(webhook=url).send(["Shop 1 is late"])
    assert "secret-path" not in str(error.value)
