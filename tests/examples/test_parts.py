"""The parts of many shops: the list, the ledger, the pipe, the alerts, one mart over all."""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import json
import os
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from ecwid_webhooks.events import ALL, FOREVER, Row
from ecwid_webhooks.queue import Queue
from postgresql import postgresql_server

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "many-shops"
sys.path.insert(0, str(EXAMPLE))

from many_shops import supervised, turns, webhooks  # noqa: E402
from many_shops.alerts import AlertError, Alerts  # noqa: E402
from many_shops.combining import combine  # noqa: E402
from many_shops.counting import compared  # noqa: E402
from many_shops.ledger import Failed, Ledger, by_store, joined, wound_back  # noqa: E402
from many_shops.project import Project  # noqa: E402
from many_shops.results import Loaded  # noqa: E402
from many_shops.shops import ShopsError, read_shops  # noqa: E402
from many_shops.turns import Kind  # noqa: E402

MIDNIGHT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def shops(tmp_path):
    def read(text):
        path = tmp_path / "shops.yml"
        path.write_text(text)
        return read_shops(path)

    return read


def minutes_of(shop, group, minutes=24 * 60):
    moments = (MIDNIGHT + dt.timedelta(minutes=n) for n in range(minutes))
    return [n for n, moment in enumerate(moments) if shop.is_due(moment, group)]


def test_the_shops_of_a_group_are_due_together_and_groups_are_spread_over_the_hour(shops):
    found = shops("shops: [{store_id: 1, token_from: A}, {store_id: 2, token_from: B}]")
    begun = Counter()
    for number in range(100):
        first, second = (minutes_of(shop, f"group-{number:04}", 120) for shop in found.values())
        assert first == second
        assert len(first) == 2
        begun[first[0]] += 1
    assert max(begun.values()) <= 6


def test_a_shop_has_a_time_of_its_own(shops):
    found = shops("""
        shops:
        - {store_id: 1, token_from: A, every: 15m, minute: 5}
        - {store_id: 2, token_from: B, every: 1d, minute: 180}
        - {store_id: 3, token_from: C, paused: true}
    """)
    due = {store: minutes_of(shop, "group-0001") for store, shop in found.items()}
    assert due == {1: list(range(5, 24 * 60, 15)), 2: [180], 3: []}


@pytest.mark.parametrize(
    ("shop", "told"),
    [
        ("{store_id: 1, token_from: secret_abc}", "token_from looks like a token"),
        ("{store_id: 1, token_from: 'a-b'}", "token_from is no name"),
        ("{store_id: 1, token: x, token_from: A}", "unknown field `token`"),
        ("{store_id: abc, token_from: A}", "Expected `int`"),
        ("{store_id: 1, token_from: A, every: hourly}", "'hourly' is no time such as"),
        ("{store_id: 1, token_from: A, every: 2d}", "more than a day"),
        ("{store_id: 1, token_from: A, every: 1h, minute: 60}", "not between 0 and 59"),
    ],
)
def test_what_is_wrong_with_the_list_is_told(shops, shop, told):
    with pytest.raises(ShopsError, match=r"shops\.yml") as error:
        shops(f"shops: [{shop}]")
    assert told in str(error.value)
    assert "secret_abc" not in str(error.value)


def test_a_shop_is_there_once_and_its_token_is_set(shops):
    one = "{store_id: 1, token_from: A}"
    with pytest.raises(ShopsError, match="twice"):
        shops(f"shops: [{one}, {one}]")
    with pytest.raises(ShopsError, match="A is not set"):
        shops(f"shops: [{one}]")[1].token({})


def project_of(folder, **variables):
    programs = variables.pop("programs", Path(sys.prefix) / "bin")
    return Project.of(
        {"MANY_SHOPS_DATA": str(folder), "MANY_SHOPS_PROGRAMS": str(programs), **variables}
    )


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"MANY_SHOPS_PROJECT": "/nowhere"}, "MANY_SHOPS_PROJECT: /nowhere has no meltano.yml"),
        ({"MANY_SHOPS_PROGRAMS": "/nowhere"}, "MANY_SHOPS_PROGRAMS: /nowhere has no command"),
        ({"MANY_SHOPS_GROUP_SIZE": "0"}, "MANY_SHOPS_GROUP_SIZE: '0' is no number above 0"),
        ({"MANY_SHOPS_GROUP_SIZE": "many"}, "'many' is no number"),
        ({"MANY_SHOPS_MODELS": "maybe"}, "MANY_SHOPS_MODELS: 'maybe' is none of yes, no"),
    ],
)
def test_a_wrong_variable_is_named(variables, told, tmp_path):
    with pytest.raises(ShopsError) as error:
        project_of(tmp_path, **variables)
    assert told in str(error.value)


def test_a_project_needs_the_commands_of_webhooks_if_it_has_their_queue(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("meltano", "tap-ecwid", "target-raw", "ecwid-warehouse"):
        (programs / name).symlink_to(Path(sys.prefix) / "bin" / name)
    assert project_of(tmp_path, programs=programs).queue == ""
    with pytest.raises(ShopsError, match="has no command tap-ecwid-webhooks"):
        project_of(tmp_path, programs=programs, ECWID_WEBHOOKS_QUEUE="webhooks.db")


def test_what_was_loaded_leaves_the_queue_of_webhooks_and_nothing_else_does(tmp_path):
    path = str(tmp_path / "webhooks.db")
    variables = {"PATH": os.environ["PATH"], "ECWID_WEBHOOKS_QUEUE": path}
    project = project_of(tmp_path, **variables)
    later = int(time.time()) + 3600
    kept = [
        Row(1, "orders", "new", 0, 5, 1),
        Row(2, "orders", "a", 0, 5, 1),
        Row(3, "brands", ALL, later, 5, 1),
        Row(4, "? of a kind that nobody knows", "a", FOREVER, 5, 1),
    ]
    with Queue(path) as queue:
        queue.add([Row(1, "orders", "a", 0, 5, 1), Row(1, "brands", ALL, 0, 5, 1)])
        position = {"objects": queue.last, "lists": queue.last, "due": later - 60, "read": 5}
        queue.add(kept)
        state = {"bookmarks": {}, "webhooks": {"queue": queue.id, "stores": {"1": position}}}
    assert webhooks.waiting(project, variables) == [1, 2]
    webhooks.acknowledge(project, variables, state)
    with Queue(path) as queue:
        assert queue.status().waiting == {1: {"orders": 1}, 2: {"orders": 1}}
        assert (queue.status().later, len(queue.status().unknown)) == (1, 1)


@pytest.mark.parametrize(
    ("queue", "told"),
    [
        ("/nowhere/webhooks.db", "The queue /nowhere/webhooks.db can't be used: "),
        ("mysql://host/queue", "and should be a path, or an address such as postgresql://"),
    ],
)
def test_a_queue_of_webhooks_that_can_t_be_used_is_one_line(tmp_path, queue, told):
    variables = {"PATH": os.environ["PATH"], "ECWID_WEBHOOKS_QUEUE": queue}
    project = project_of(tmp_path, **variables)
    with pytest.raises(webhooks.QueueError) as error:
        webhooks.waiting(project, variables)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_webhooks_are_loaded_of_shops_that_were_loaded_and_do_not_fail(ledger, shops):
    listed = shops("""
        shops:
        - {store_id: 1, token_from: A}
        - {store_id: 2, token_from: B}
        - {store_id: 3, token_from: C, paused: true}
        - {store_id: 4, token_from: D}
        - {store_id: 5, token_from: E}
        - {store_id: 6, token_from: F}
        - {store_id: 7, token_from: G}
    """)
    ledger.add([*listed, 8], 6)
    # 2 waits for its first load, and 8 is gone from the list.
    ledger.keep({}, loaded=[1, 3, 4, 5, 6, 7, 8])
    ledger.keep({}, failed={5: Failed("no token")})
    free = {(f"group-000{number}", Kind.WEBHOOKS) for number in (1, 2)}
    found = turns.with_events(ledger.shops(), listed, free, {1, 2, 3, 5, 6, 7, 8, 99})
    groups = {group: [known.store_id for known in some] for (group, _), some in found.items()}
    assert groups == {"group-0001": [1, 6], "group-0002": [7]}
    assert turns.with_events(ledger.shops(), listed, free, set()) == {}


MINUTE = dt.datetime(2026, 1, 1, 12, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("pick", "kind"),
    [
        (lambda *known: turns.due(*known, MINUTE), Kind.DUE),
        (lambda *known: turns.due(*known, MINUTE), Kind.FAILING),
        (lambda *known: turns.failed(*known, time.time() + 60), Kind.FAILING),
        (lambda *known: turns.with_events(*known, {1, 2}), Kind.WEBHOOKS),
    ],
)
def test_a_group_has_one_run_of_a_kind_at_a_time(ledger, shops, pick, kind):
    listed = shops("""
        shops:
        - {store_id: 1, token_from: A, every: 5m, minute: 0}
        - {store_id: 2, token_from: B, every: 5m, minute: 0}
        - {store_id: 3, token_from: C, every: 5m, minute: 0, paused: true}
    """)
    ledger.add(listed, 3)
    ledger.keep({}, loaded=[1, 2, 3])
    if kind is Kind.FAILING:
        ledger.keep({}, failed=dict.fromkeys(listed, Failed("down")))
    run = ("group-0001", kind)
    every = {("group-0001", one) for one in Kind}
    found = pick(ledger.shops(), listed, every)
    assert {key: [known.store_id for known in some] for key, some in found.items()} == {run: [1, 2]}
    assert pick(ledger.shops(), listed, every - {run}) == {}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger_url(request, tmp_path_factory):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'shops.db'}"
    else:
        with postgresql_server() as url:
            yield url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def ledger(ledger_url):
    engine = sa.create_engine(ledger_url)
    with engine.begin() as connection:
        connection.execute(sa.text("drop table if exists shops"))
    engine.dispose()
    return Ledger(ledger_url)


def groups_of(ledger):
    return {known.store_id: known.group for known in ledger.shops()}


def test_a_shop_stays_in_the_group_in_which_it_began(ledger, ledger_url):
    ledger.add([5, 4, 3], 2)
    assert groups_of(ledger) == {5: "group-0001", 4: "group-0001", 3: "group-0002"}
    # Shops go and come, and so do processes.
    Ledger(ledger_url).add([3, 9, 1], 2)
    assert groups_of(ledger) == {
        5: "group-0001",
        4: "group-0001",
        3: "group-0002",
        9: "group-0002",
        1: "group-0003",
    }
    assert [known.store_id for known in ledger.shops("group-0002")] == [3, 9]


def mark(number):
    return {"replication_key_value": f"2026-01-0{number}T00:00:00+00:00"}


def test_each_shop_keeps_its_own_bookmarks(ledger):
    ledger.add([1, 2, 3], 50)
    state = joined({1: {"orders": mark(1)}, 2: {"orders": mark(2), "products": mark(3)}})
    assert by_store(state) == {1: {"orders": mark(1)}, 2: {"orders": mark(2), "products": mark(3)}}
    ledger.keep(state)
    assert ledger.state([1, 2, 3]) == state
    assert ledger.state([3]) == {"bookmarks": {}}
    ledger.keep(joined({1: {"orders": mark(4)}}), loaded=[1], failed={2: Failed("no")})
    assert by_store(ledger.state([1, 2])) == {
        1: {"orders": mark(4)},
        2: {"orders": mark(2), "products": mark(3)},
    }


def test_failures_are_tried_again_and_shops_become_late(ledger):
    ledger.add([1, 2], 50)
    waits = []
    for _ in range(5):
        ledger.keep({}, failed={1: Failed("down"), 2: Failed("refused", can_pass=False)})
        first, second = ledger.shops()
        waits.append(first.retried_at and first.retried_at - first.failed_at)
        assert second.retried_at is None
    assert waits == [60, 120, 240, None, None]
    assert (first.failures, first.error) == (5, "down")
    assert not first.is_late(60, first.added_at + 3 * 3600)
    assert first.is_late(60, first.added_at + 3 * 3600 + 1)
    ledger.keep({}, loaded=[1])
    first, _ = ledger.shops()
    assert (first.failures, first.error, first.failed_at) == (0, "", None)
    assert not first.is_late(60, first.loaded_at + 3 * 3600)


def test_bookmarks_are_wound_back_and_never_forward():
    state = joined(
        {
            1: {
                "orders": {
                    "replication_key": "updateDate",
                    "replication_key_value": "2026-03-01T00:00:00+00:00",
                    "deletions_read_until": "2026-01-01T00:00:00+00:00",
                    "complete_until": "2026-03-02T00:00:00+00:00",
                    "read_as": "202603010101",
                }
            }
        }
    )
    (orders,) = by_store(wound_back(state, dt.datetime(2026, 2, 1, tzinfo=dt.UTC)))[1].values()
    assert orders == {
        "replication_key": "updateDate",
        "replication_key_value": "2026-02-01T00:00:00+00:00",
        "deletions_read_until": "2026-01-01T00:00:00+00:00",
        "complete_until": "2026-02-01T00:00:00+00:00",
        "read_as": "202603010101",
    }


def failure(store, error):
    extra = {"store_id": store, "error": error, "reason": "because"}
    return {"level": "error", "message": "Store … is left out", "extra": extra}


SOME = {"level": "error", "message": "1 of 2 stores could not be read: 1. Each store's error …"}
FULL = {"level": "error", "message": "A file can't be used: No space left on device"}


@pytest.mark.parametrize(
    ("lines", "failed"),
    [
        ([{"exit_codes": [0, 0]}], {}),
        ([failure(1, "AccessError"), SOME, {"exit_codes": [1, 0]}], {1: False}),
        ([failure(1, "UnavailableError"), SOME, {"exit_codes": [1, 0]}], {1: False}),
        ([failure(1, "GaveUpError"), SOME, {"exit_codes": [1, 0]}], {1: True}),
        # A store, and then the disk: what was read of the other isn't all there.
        ([failure(1, "AccessError"), FULL, {"exit_codes": [1, 0]}], {1: False, 2: True}),
        ([{"level": "info", "message": "torn"}, {"exit_codes": [141, 1]}], {1: True, 2: True}),
        ([failure(1, "AccessError"), SOME, {"exit_codes": [1, 1]}], {1: False, 2: True}),
        ([{"exit_codes": [-9, 0]}], {1: True, 2: True}),
        ([{"exit_codes": [0, -9]}], {1: True, 2: True}),
        ([], {1: True, 2: True}),
    ],
)
def test_a_run_says_which_shops_have_failed(lines, failed):
    loaded = Loaded()
    for line in lines:
        loaded.note({"level": "info", "message": "", **line})
    loaded.conclude([1, 2])
    assert {store: why.can_pass for store, why in loaded.failed.items()} == failed
    assert all(why.error for why in loaded.failed.values())


def test_counts_come_out_of_the_log():
    loaded = Loaded()
    for value in (100, 7):
        metric = {"metric": "record_count", "value": value, "tags": {"stream": "orders"}}
        loaded.note({"level": "info", "message": "", "extra": {"metric_info": metric}})
    loaded.note({"level": "warning", "message": "a field that nobody knows"})
    assert loaded.records == {"orders": 107}
    assert loaded.warnings == 1


def pipe(*programs):
    """Commands as ``supervised`` takes them; each is a program of Python."""
    return (
        json.dumps(
            [
                {"arguments": [sys.executable, "-c", p], "environment": {}, "folder": "/"}
                for p in programs
            ]
        ).encode()
        + b"\n"
    )


SUPERVISED = [sys.executable, "-I", "-S", supervised.__file__]
ENDLESS = "import time\nwhile True:\n    print('record', flush=True)\n    time.sleep(.01)"
PATIENT = (
    "import os, signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'])\n"
    "print(os.getpgrp(), flush=True)\n"
    "time.sleep(300)"
)


def test_commands_are_joined_and_their_exit_codes_told():
    upper = "import sys\nfor line in sys.stdin: print(line.upper(), end='')\nsys.exit(3)"
    process = subprocess.Popen(SUPERVISED, stdin=-1, stdout=-1, stderr=-1, start_new_session=True)
    process.stdin.write(pipe("print('a')\nprint('b')", upper))
    process.stdin.flush()
    assert process.stdout.read() == b"A\nB\n"
    assert json.loads(process.stderr.read()) == {"exit_codes": [0, 3]}
    assert process.wait() == 0


def test_if_the_loader_ends_the_tap_ends():
    done = "import sys\nsys.stdin.readline()\nsys.exit(1)"
    process = subprocess.Popen(SUPERVISED, stdin=-1, stdout=-1, stderr=-1, start_new_session=True)
    process.stdin.write(pipe(ENDLESS, done))
    process.stdin.flush()
    last = process.stderr.read().splitlines()[-1]
    assert json.loads(last)["exit_codes"][1] == 1
    assert process.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_if_the_starter_is_killed_nothing_goes_on(number, tmp_path):
    output = tmp_path / "output"
    # Its grace is shorter: what ignores SIGTERM is killed, with what it has started.
    starter = (
        "import subprocess, sys\n"
        f"code = 'import many_shops.supervised as s; s._GRACE = 0.3; s.main()'\n"
        f"output = open({str(output)!r}, 'w')\n"
        "p = subprocess.Popen([sys.executable, '-c', code], stdin=-1, stdout=output,"
        f" start_new_session=True, env={{'PYTHONPATH': {str(EXAMPLE)!r}}})\n"
        f"p.stdin.write({pipe(PATIENT)!r})\n"
        "p.stdin.flush()\n"
        "p.wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", starter])
    until = time.monotonic() + 20
    while not (output.exists() and output.read_text().endswith("\n")):
        assert time.monotonic() < until
        time.sleep(0.02)
    group = int(output.read_text())
    process.send_signal(number)
    process.wait()
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.killpg(group, 0)
            assert time.monotonic() < until, "a process goes on"
            time.sleep(0.02)


def test_marts_of_many_groups_become_one(tmp_path):
    paths = [tmp_path / f"{name}.duckdb" for name in ("one", "two", "three")]
    tables = [
        "select 1003 as store_id, 1 as id, 'a' as email",
        # In another order.
        "select 'b' as email, 2 as id, 1004 as store_id",
        "select 1005 as store_id, 1 as id, 'c' as email",
    ]
    for path, table in zip(paths, tables, strict=True):
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.customers as {table}")
    into = tmp_path / "it's all" / "all.duckdb"
    assert combine(paths, into) == {"customers": 3}
    assert combine(paths, into) == {"customers": 3}
    with duckdb.connect(str(into), read_only=True) as connection:
        rows = connection.execute("select store_id, id, email from marts.customers order by 1")
        assert rows.fetchall() == [(1003, 1, "a"), (1004, 2, "b"), (1005, 1, "c")]


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        (40, False),
        (41, True),
        (20, False),
        (19, True),
        (0, True),
    ],
)
def test_rows_may_differ_by_what_changes_between_two_loads(orders, told):
    rows = {"customers": 1000, "orders": 30, "products": 5}
    found = compared({**rows, "orders": orders}, rows)
    words = f"{orders} in the shop, 30 in the warehouse"
    assert found == ({"orders": words} if told else {})


def test_rows_of_a_large_or_unreadable_shop():
    large = {"customers": 10_000, "orders": 0, "products": 0}
    assert compared(large, {"customers": 9_900}) == {}
    assert compared(large, {}) == {"customers": "10,000 in the shop, 0 in the warehouse"}
    assert compared({"error": "refused"}, large) == {"error": "refused"}


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
    ("variables", "told"),
    [
        ({"WEBHOOK": "hooks.example"}, "MANY_SHOPS_ALERT_WEBHOOK is no http"),
        ({"SMTP": "smtp://mail.example"}, "MANY_SHOPS_ALERT_FROM is not set"),
        ({"SMTP": "mail.example", "FROM": "a", "TO": "b"}, "MANY_SHOPS_ALERT_SMTP should look"),
    ],
)
def test_what_is_wrong_with_alerts_is_told(variables, told):
    with pytest.raises(ShopsError, match=told):
        Alerts.of({f"MANY_SHOPS_ALERT_{name}": value for name, value in variables.items()})


def test_an_alert_that_can_t_be_sent_is_an_error_without_the_address():
    with web_server(500) as (url, _), pytest.raises(AlertError) as error:
        Alerts(webhook=url).send(["Shop 1 is late"])
    assert "secret-path" not in str(error.value)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "ECWID_STORE_ID: is not set"),
        ({"ECWID_STORE_ID": "1003"}, "ECWID_ACCESS_TOKEN: is not set"),
        ({"ECWID_STORE_ID": "../x", "ECWID_ACCESS_TOKEN": "secret_a"}, "is no number of a shop"),
    ],
)
def test_the_container_says_what_it_lacks(tmp_path, variables, told):
    done = subprocess.run(
        ["sh", EXAMPLES / "kubernetes" / "load-shop"],
        check=False,
        env={"PATH": os.environ["PATH"], "DATA": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert told in done.stderr
    assert "secret_a" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.soak
def test_folders_move_between_machines_by_way_of_a_bucket():
    driver = Path(__file__).with_name("drive_bucket.py")
    environment = ["--quiet", "--locked", "--project", EXAMPLE, "--group", "test"]
    done = subprocess.run(
        ["uv", "run", *environment, "python", driver],
        env=os.environ | {"PYTHONPATH": str(EXAMPLE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.soak
def test_dagster_reads_the_configuration_of_every_place():
    code = (
        "import sys, kubernetes\n"
        "from dagster._core.instance.ref import InstanceRef\n"
        "kubernetes.config.load_incluster_config = lambda: None\n"
        "for home in sys.argv[1:]:\n"
        "    ref = InstanceRef.from_dir(home)\n"
        "    launcher = ref.run_launcher\n"
        "    assert launcher.supports_check_run_worker_health\n"
        "    print(type(launcher).__name__, ref.run_storage_data.class_name)\n"
    )
    homes = [EXAMPLE / f"dagster_home{name}" for name in ("", "_postgres", "_kubernetes")]
    environment = ["--quiet", "--locked", "--project", EXAMPLE, "--extra", "kubernetes"]
    variables = {
        "DAGSTER_POSTGRES_URL": "postgresql://dagster@nowhere/dagster",
        "MANY_SHOPS_NAMESPACE": "shops",
        "MANY_SHOPS_IMAGE": "registry.example.com/many-shops:1",
    }
    done = subprocess.run(
        ["uv", "run", *environment, "python", "-c", code, *homes],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "LocalRunLauncher SqliteRunStorage",
        "LocalRunLauncher PostgresRunStorage",
        "K8sRunLauncher PostgresRunStorage",
    ], done.stderr[-4000:]
