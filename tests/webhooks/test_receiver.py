"""The receiver, as a process: what it answers, and what is on the disk then."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import httpx2
import pytest
from starlette.requests import Request

from ecwid_webhooks import cli
from ecwid_webhooks import receiver as receiving
from ecwid_webhooks.events import RefusedError
from ecwid_webhooks.queue import Queue
from webhooks import SECRET, event, run, running_receiver, seeds, signature


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    with running_receiver(tmp_path_factory.mktemp("receiver")) as running:
        yield running


def kept(folder):
    with sqlite3.connect(folder / "webhooks.db") as database:
        return {o for (o,) in database.execute("SELECT object FROM webhook_events WHERE due = 0")}


OLD = {"eventCreated": int(time.time()) - 50 * 3600}
REFUSED = [
    ("unsigned", event(), "", 401),
    ("wrong", event(), signature(1, "x"), 401),
    ("token", event(), "secret_" + "x" * 40, 401),
    ("not ascii", event(), "ü", 401),
    ("old", event(**OLD), None, 403),
    ("from the future", event(eventCreated=int(time.time()) + 7300), None, 403),
    ("no object", b"[1]", "x", 400),
    ("empty", b"", "x", 400),
    ("large", b'{"a":"' + b"x" * 70_000 + b'"}', "x", 413),
    ("no store", event(storeId=None), None, 400),
]


@pytest.mark.parametrize(
    ("posted", "sign", "status"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_is_refused(receiver, posted, sign, status):
    if sign == "ü":
        headers = {b"X-Ecwid-Webhook-Signature": "ü".encode()}
        answer = receiver.client.post(receiver.url, json=posted, headers=headers)
    else:
        answer = receiver.post(posted, sign=sign)
    assert answer.status_code == status
    assert "A webhook is refused: " in receiver.log()
    assert SECRET not in receiver.log()


def test_those_who_send_half_a_request_hold_nobody_up(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = 1_100
    with running_receiver(tmp_path) as receiver, contextlib.ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * count), hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        address = ("127.0.0.1", httpx2.URL(receiver.url).port)
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection(address, 10))
            connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n{")
        assert receiver.post(event()).status_code == 200
        assert "Traceback" not in receiver.log()


def test_a_body_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(receiving, "BODY_SECONDS", 0.02)

    async def receive():
        await asyncio.sleep(0.005)
        return {"type": "http.request", "body": b"x", "more_body": True}

    request = Request({"type": "http"}, receive)
    with pytest.raises(RefusedError, match="took longer") as refusal:
        asyncio.run(receiving.body_of(request))
    assert refusal.value.status == 408


def test_it_ends_when_it_is_asked_to(tmp_path):
    with running_receiver(tmp_path) as receiver:
        receiver.post(event())
        receiver.post(event(), sign="x")
        receiver.process.terminate()
        assert receiver.process.wait(20) == 0
        assert "1 webhooks taken, 1 refused" in receiver.log()


def test_other_requests(receiver):
    assert receiver.client.get(f"{receiver.url}health").text == "ok"
    assert receiver.client.get(receiver.url).status_code in {404, 405}
    assert receiver.post(event(), path="any/path?x=1").status_code == 200


def test_what_is_taken_is_kept_and_nothing_else(tmp_path):
    with running_receiver(tmp_path) as receiver:
        data = {"orderId": "A1", "customerEmail": "jane@example.com"}
        for posted in (
            event("order.created", 5, data=data),
            event("customer.updated", 6, data={"customerEmail": "jane@example.com"}),
            event("profile.subscriptionStatusChanged", data=None),
            event("later.invented", "x-7"),
            event("application.installed", "1003"),
        ):
            answer = receiver.post(posted)
            assert answer.status_code == 200
        log = receiver.log()
    assert kept(tmp_path) == {"A1", "6", ""}
    files = [path.read_bytes() for path in tmp_path.glob("webhooks.db*")]
    assert not any(b"jane" in content for content in files)
    assert "jane" not in log
    code, output = run(tmp_path, "status", ECWID_WEBHOOKS_QUEUE=str(tmp_path / "webhooks.db"))
    assert code == 0
    for part in ("Store 1003: ", "1 customers", "1 orders", "1 store_profile"):
        assert part in output
    assert "Unknown events: 1 later.invented" in output


def test_a_disk_that_takes_nothing_is_no_200(tmp_path):
    with running_receiver(tmp_path) as receiver:
        assert receiver.post(event(entity=1)).status_code == 200
        database = sqlite3.connect(tmp_path / "webhooks.db")
        database.execute("DROP TABLE webhook_events")
        database.close()
        answer = receiver.post(event(entity=2))
        assert answer.status_code == 503
        assert "can't be used" in receiver.log()
        # It makes the table again, as soon as it can.
        assert receiver.post(event(entity=3)).status_code == 200


def test_what_comes_after_the_file_was_deleted_is_kept(tmp_path):
    with running_receiver(tmp_path) as receiver:
        assert receiver.post(event(entity=1)).status_code == 200
        for path in tmp_path.glob("webhooks.db*"):
            path.unlink()
        assert receiver.post(event(entity=2)).status_code == 200
        assert kept(tmp_path) == {"2"}


@pytest.mark.parametrize(("seed", "most"), seeds(40, usual=100, soak=300))
def test_what_was_answered_with_200_survives_a_kill(tmp_path, seed, most):
    chance = random.Random(seed)
    taken, failed = [], threading.Event()

    def post(receiver, first):
        with httpx2.Client(timeout=10) as client:
            for number in range(first, first + 10_000):
                posted = event(entity=number)
                sign = signature(posted["eventCreated"], posted["eventId"])
                headers = {"X-Ecwid-Webhook-Signature": sign}
                try:
                    answer = client.post(receiver.url, json=posted, headers=headers)
                except httpx2.HTTPError:
                    failed.set()
                    return
                if answer.status_code == 200:
                    taken.append(str(number))

    with running_receiver(tmp_path) as receiver:
        threads = [threading.Thread(target=post, args=(receiver, n * 10_000 + 1)) for n in range(6)]
        for thread in threads:
            thread.start()
        enough = chance.randrange(1, most)
        while len(taken) < enough:
            time.sleep(0.001)
        receiver.process.kill()
        for thread in threads:
            thread.join()
    assert failed.is_set()
    assert len(taken) >= enough
    with running_receiver(tmp_path), Queue(str(tmp_path / "webhooks.db")) as queue:
        found = queue.objects([1003], 0, 0, queue.last, 100_000)
    assert {one.row.object for one in found} >= {*taken}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"client_secret": None}, "client_secret is missing"),
        ({"port": 99_999}, "port"),
        ({"max_age_hours": 0}, "max_age_hours"),
        ({"stores": [{"store_id": 5}]}, "stores[0].client_secret is missing"),
        ({"stores": [7]}, "stores"),
        ({"host": "no.such.host.test"}, "host"),
        ({"queue": "/no/such/folder/webhooks.db"}, "can't be used"),
    ],
)
def test_settings_that_cannot_be_used_are_one_line(tmp_path, settings, words):
    config = tmp_path / "c.json"
    given = {"client_secret": SECRET, "port": 0, "queue": str(tmp_path / "q.db"), **settings}
    config.write_text(json.dumps({n: v for n, v in given.items() if v is not None}))
    code, output = run(tmp_path, "serve", f"--config={config}")
    assert code == 1, output
    assert words in output.splitlines()[0]
    assert output.startswith((*given, "The queue ")), output
    assert "Traceback" not in output
    assert SECRET not in output


def test_a_test_event_is_taken(tmp_path):
    with running_receiver(tmp_path) as receiver:
        secret = {"ECWID_WEBHOOKS_CLIENT_SECRET": SECRET}
        arguments = ("send-test", "--store-id=1003", f"--url={receiver.url}")
        code, output = run(tmp_path, *arguments, **secret)
        assert (code, "took it" in output) == (0, True), output
        code, output = run(tmp_path, *arguments, ECWID_WEBHOOKS_CLIENT_SECRET="another")
        assert code == 1
        assert "answered 401: its signature doesn't match: is client_secret the app's?" in output
        assert "another" not in output
    code, output = run(tmp_path, *arguments, **secret)
    assert code == 1
    assert "can't be reached" in output


def test_waiting_for_events(tmp_path):
    queue = {"ECWID_WEBHOOKS_QUEUE": str(tmp_path / "webhooks.db")}
    arguments = ("wait", "--store-id=1003", "--timeout=0.3")
    assert run(tmp_path, *arguments, **queue)[0] == 3
    with running_receiver(tmp_path) as receiver:
        receiver.post(event())
    assert run(tmp_path, *arguments, **queue)[0] == 0


@pytest.mark.parametrize("seconds", ["nan", "-1", "soon"])
def test_a_time_that_cannot_be_waited_is_one_line(capsys, seconds):
    with pytest.raises(SystemExit) as end:
        cli._parser().parse_args(["wait", "--store-id=1", f"--timeout={seconds}"])
    assert end.value.code == 2
    words = f"argument --timeout: is {seconds}, and should be a number of seconds"
    assert words in capsys.readouterr().err


HELP = """
import sys
from ecwid_webhooks.cli import main
for command in ([], *([name] for name in ("serve", "run", "wait", "status", "send-test"))):
    sys.argv = ["ecwid-webhooks", *command, "--help"]
    try:
        main()
    except SystemExit as end:
        assert not end.code
    else:
        raise AssertionError(command)
loaded = {"starlette", "uvicorn", "singer_sdk", "sqlite3", "tap_ecwid"} & sys.modules.keys()
assert not loaded, loaded
"""


def test_help_loads_nothing_that_only_a_run_needs():
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.count("usage: ecwid-webhooks") == 6
