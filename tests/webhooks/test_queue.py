"""The queue, in SQLite and in PostgreSQL."""

from __future__ import annotations

import random
import sqlite3
import threading
from contextlib import closing

import psycopg
import pytest

from ecwid_sandbox.testing import running_sandbox
from ecwid_webhooks import databases
from ecwid_webhooks.events import ALL, FOREVER, Row
from ecwid_webhooks.queue import Position, Queue, QueueError, joined
from postgresql import postgresql_server
from webhooks import event, read_queue, running_receiver

MANY = 10_000


@pytest.fixture(scope="module")
def server():
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "webhooks.db")
        return
    url = request.getfixturevalue("server")
    yield url
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("queue", "events", "delivered"):
            connection.execute(f"DROP TABLE IF EXISTS webhook_{table}")


@pytest.fixture
def queue(address):
    with Queue(address) as queue:
        yield queue


def row(number, created=5, stream="products", due=0, store=1003, events=1):
    return Row(store, stream, str(number), due, created, events)


def objects(queue, stores=(1003,), moment=10):
    return [one.row for one in queue.objects(stores, moment, 0, queue.last, MANY)]


def test_events_on_one_object_are_one_row(queue):
    queue.add([row(1, 5), row(2, 5)])
    queue.add([row(1, 9)])
    queue.add([row(1, 7)])
    assert objects(queue) == [row(2, 5), row(1, 9, events=3)]
    assert joined([row(1, 5), row(1, 9), row(1, 7)]) == [row(1, 9, events=3)]


def test_only_what_was_known_is_removed(queue):
    queue.add([row(1), row(2), row(ALL), row(3, due=20), row(7, store=5), row("x", due=FOREVER)])
    last = queue.last
    queue.add([row(1, 8), row(4)])
    position = Position(objects=last, lists=last, due=10, read=10)
    assert queue.acknowledge(1003, position) == 2
    assert [one.object for one in objects(queue, moment=30)] == ["3", "1", "4"]
    assert objects(queue, stores=[5]) == [row(7, store=5)]
    assert queue.acknowledge(1003, position) == 0
    assert queue.brought(1003, "products", ["1", "2", "3", "9"]) == {
        "2": 10,
        "1": FOREVER,
        "3": FOREVER,
    }
    assert queue.status().unknown == {"products": 1}


def test_lists_and_objects_are_removed_apart(queue):
    queue.add([row(1), row(ALL, stream="categories"), row(ALL, stream="brands", due=20)])
    assert queue.streams([1003], 10) == ({"products"}, {"categories"})
    assert queue.acknowledge(1003, Position(objects=queue.last, due=30)) == 1
    assert queue.streams([1003], 30) == (set(), {"categories", "brands"})
    assert queue.acknowledge(1003, Position(lists=queue.last, due=10)) == 1
    assert queue.streams([1003], 30) == (set(), {"brands"})
    assert not queue.is_waiting([1003], 10)
    assert queue.is_waiting([1003], 20)


def test_more_than_one_transaction_removes(queue):
    queue.add([row(n) for n in range(5_000)])
    assert queue.acknowledge(1003, Position(objects=4_500, due=1)) == 4_500
    assert len(objects(queue)) == 500
    parts = queue.objects([1003], 10, 0, queue.last, 100)
    assert [one.row for one in parts] == [row(n) for n in range(4_500, 4_600)]


@pytest.mark.parametrize("events", [100, pytest.param(2_000, marks=pytest.mark.soak)])
def test_several_receivers_and_a_reader_lose_nothing(address, events):
    """A reader never takes a position after which an earlier one still appears."""
    count, names = 4, [str(n) for n in range(events)]
    ended = threading.Barrier(count + 1)

    def receive(number):
        chance = random.Random(number)
        with Queue(address) as queue:
            for name in names[number::count]:
                queue.add(joined([row(name), row(f"s{chance.randrange(5)}")]))
        ended.wait()

    with Queue(address) as reader:
        threads = [threading.Thread(target=receive, args=(n,)) for n in range(count)]
        for thread in threads:
            thread.start()
        seen, position = set(), 0
        while ended.n_waiting < count or position < reader.last:
            for one in reader.objects([1003], 10, position, reader.last, 7):
                seen.add(one.row.object)
                position = one.position
            reader.acknowledge(1003, Position(objects=position, due=10))
        ended.wait()
        for thread in threads:
            thread.join()
        assert seen >= {*names}
        assert objects(reader) == []


@pytest.mark.parametrize("again", [False, True])
def test_a_file_that_was_deleted_is_made_again(tmp_path, again):
    """SQLite would go on with the deleted file, and lose all that comes."""
    path = tmp_path / "webhooks.db"
    with Queue(str(path)) as receiver, Queue(str(path)) as reader:
        receiver.add([row(1)])
        before = receiver.id
        for file in tmp_path.glob("webhooks.db*"):
            file.unlink()
        if again:
            Queue(str(path)).close()
        receiver.add([row(2)])
        assert objects(reader) == [row(2)]
        assert before != receiver.id == reader.id
        reader.acknowledge(1003, Position(objects=reader.last, due=10))
        assert not receiver.is_waiting([1003], 10)


def test_a_server_that_was_started_again_is_used_again(server):
    with Queue(server) as queue:
        queue.add([row(1)])
        with psycopg.connect(server, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
            with pytest.raises(QueueError):
                queue.add([row(2)])
            queue.add([row(3)])
            assert {one.object for one in objects(queue)} == {"1", "3"}
            for table in ("queue", "events", "delivered"):
                other.execute(f"DROP TABLE webhook_{table}")


def test_a_queue_that_is_locked_is_one_line_before_ecwid_stops_waiting(tmp_path, monkeypatch):
    assert databases.BUSY_SECONDS < 10
    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.05)
    path = tmp_path / "webhooks.db"
    with Queue(str(path)) as queue, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(QueueError, match="database is locked"):
            queue.add([row(1)])
        other.execute("ROLLBACK")
        queue.add([row(2)])
        assert objects(queue) == [row(2)]


def test_the_queue_keeps_its_id(address):
    with Queue(address) as first:
        name = first.id
    with Queue(address) as second, Queue(address) as third:
        assert name == second.id == third.id


@pytest.mark.parametrize("content", [b"no database at all, " * 100, None])
def test_a_queue_that_cannot_be_used_is_one_line(tmp_path, content):
    path = tmp_path / "webhooks.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(QueueError, match="can't be used") as error:
        Queue(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("table", ["queue (id TEXT)", "events (id TEXT)"])
def test_tables_of_another_version_are_one_line_with_a_remedy(address, table):
    connect = psycopg.connect if "://" in address else sqlite3.connect
    with closing(connect(address)) as database:
        database.execute(f"CREATE TABLE webhook_{table}")
        database.commit()
    with pytest.raises(QueueError, match="delete them, and the next repair brings what they had"):
        Queue(address)


def test_a_server_that_is_away_is_one_line_without_its_password():
    with pytest.raises(QueueError) as error:
        Queue("postgresql://me:secret@127.0.0.1:9/x")
    assert "\n" not in str(error.value)
    assert "secret" not in str(error.value)


def test_nothing_of_a_person_is_kept(tmp_path):
    with Queue(str(tmp_path / "webhooks.db")) as queue:
        queue.add([row(1)])
    with sqlite3.connect(tmp_path / "webhooks.db") as database:
        columns = {
            name: [column[1] for column in database.execute(f"PRAGMA table_info({name})")]
            for name in ("webhook_events", "webhook_delivered")
        }
        (level,) = database.execute("PRAGMA journal_mode").fetchone()
    assert level == "wal"
    assert columns == {
        "webhook_events": ["store", "stream", "object", "due", "position", "created", "events"],
        "webhook_delivered": ["store", "stream", "object", "moment"],
    }


def test_two_receivers_share_a_queue_in_postgresql(server, tmp_path):
    with (
        running_sandbox(size="tiny") as sandbox,
        running_receiver(tmp_path, queue=server) as first,
        running_receiver(tmp_path, queue=server) as second,
    ):
        products = sandbox.shop.keys("product")
        for number, key in enumerate(products):
            receiver = (first, second)[number % 2]
            assert receiver.post(event("product.updated", key)).status_code == 200
        run = read_queue(tmp_path, sandbox, queue=server)
        assert {record["id"] for record in run.records("products")} == {*products}
        second.process.kill()
        first.post(event("customer.updated", sandbox.shop.keys("customer")[0]))
        again = read_queue(tmp_path, sandbox, queue=server, state=run.state)
        assert again.code == 0, again.log
        assert not again.records("products")
        assert len(again.records("customers")) == 1
        assert server not in first.log() + run.log
