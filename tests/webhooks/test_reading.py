"""The tap that reads what webhooks name: it brings the rows that tap-ecwid would bring."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess

import pytest

from copy_of_shop import BY_DEFAULT, CopyOfShop
from ecwid_api.errors import SettingError
from ecwid_sandbox.server.webhooks import TestEvent
from ecwid_sandbox.testing import Fault, running_sandbox
from ecwid_webhooks.events import Row
from ecwid_webhooks.queue import Queue
from ecwid_webhooks.tap import TapEcwidWebhooks, positions_of
from expected import all_expected_rows
from tap_run import settings_of, write_files
from webhooks import SECRET, command, delivered, read_queue, running_receiver, seeds

WITHOUT_EVENTS = {"recurring_subscriptions", "customer_extra_fields"}
"""Streams that no webhook is about: a repair brings them."""


@pytest.fixture
def sandbox():
    with running_sandbox(size="tiny", client_secret=SECRET) as running:
        yield running


@pytest.fixture
def receiver(sandbox, tmp_path):
    with running_receiver(tmp_path) as running:
        sandbox.set(webhook_url=running.url)
        yield running


def loaded(folder, sandbox, **changes):
    """A copy of the shop, loaded by a first repair."""
    copy = CopyOfShop()
    run = read_queue(folder, sandbox, repair=True, **changes)
    assert run.code == 0, run.log
    copy.load(run.messages)
    return copy


def take(copy, folder, sandbox, **changes):
    """Read the queue into a copy; the run."""
    run = read_queue(folder, sandbox, state=copy.state, **changes)
    assert run.code == 0, run.log
    copy.load(run.messages)
    return run


def assert_same(copy, sandbox, streams=BY_DEFAULT):
    expected = all_expected_rows(sandbox)
    for stream in streams:
        assert copy.rows(stream) == expected[stream], stream


@pytest.mark.parametrize("rounds", [1, pytest.param(5, marks=pytest.mark.soak)])
def test_the_queue_brings_the_same_rows(sandbox, receiver, tmp_path, rounds):
    copy = loaded(tmp_path, sandbox)
    assert_same(copy, sandbox)
    sandbox.set(webhook_doubles=0.3, webhook_delay=150)
    for _ in range(rounds):
        sandbox.activity(20)
        for kind in ("product", "customer", "order", "review", "coupon", "customer_group"):
            keys = sandbox.shop.keys(kind)
            if len(keys) > 1:
                sandbox.shop.delete(kind, keys[-1])
        delivered(sandbox)
        run = take(copy, tmp_path, sandbox)
        assert "recurring_subscriptions" not in {m.get("stream") for m in run.messages}
        assert_same(copy, sandbox, BY_DEFAULT - WITHOUT_EVENTS)
    # A repair finds nothing but what no webhook is about.
    sandbox.clock.advance(7200)
    run = take(copy, tmp_path, sandbox, repair=True)
    assert_same(copy, sandbox)
    (brought,) = re.findall(r"The repair brought \d+ changes? that no webhook had(.*)", run.log)
    assert {*re.findall(r"[a-z_]+", brought)} <= WITHOUT_EVENTS
    assert "Nothing waits in the queue" in take(copy, tmp_path, sandbox).log


def test_what_was_lost_comes_with_a_repair_that_counts_it(sandbox, receiver, tmp_path):
    copy = loaded(tmp_path, sandbox)
    shop = sandbox.shop
    products = shop.keys("product")
    sandbox.clock.advance(120)
    shop.update("product", products[0], {"price": 1.5})
    sandbox.set(webhook_loss=1)
    shop.update("product", products[1], {"price": 2.5})
    shop.update("order", shop.keys("order")[0], {"privateAdminNotes": "lost"})
    shop.delete("customer", shop.keys("customer")[0])
    sandbox.set(webhook_loss=0)
    shop.update("product", products[2], {"price": 3.5})
    delivered(sandbox)
    take(copy, tmp_path, sandbox)
    # Lost, but changed again: the second webhook brought it.
    sandbox.set(webhook_loss=1)
    shop.update("product", products[3], {"price": 4.5})
    sandbox.set(webhook_loss=0)
    shop.update("product", products[3], {"price": 5.5})
    delivered(sandbox)
    run = take(copy, tmp_path, sandbox, repair=True)
    assert "The repair brought 3 changes that no webhook had: " in run.log
    for part in ("1 products", "1 orders", "1 customers"):
        assert part in run.log
    assert_same(copy, sandbox)
    # What a repair has brought is not counted by the next.
    run = take(copy, tmp_path, sandbox, repair=True)
    assert "The repair brought 0 changes" in run.log


@pytest.mark.parametrize(("seed", "kills"), seeds(60, usual=2, soak=3))
def test_a_reader_that_is_killed_loses_nothing(sandbox, receiver, tmp_path, seed, kills):
    chance = random.Random(seed)
    copy = loaded(tmp_path, sandbox)
    sandbox.set(latency=2)
    settings = settings_of(sandbox, queue=str(tmp_path / "webhooks.db"))
    for _ in range(kills):
        sandbox.activity(15)
        delivered(sandbox)
        files = write_files(tmp_path, settings, state=copy.state)
        process = subprocess.Popen(
            [*command("tap"), *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        with process.stdout as output:
            lines = [output.readline() for _ in range(chance.randrange(1, 120))]
            process.kill()
            lines += output.readlines()
        assert process.wait(60) in {-signal.SIGKILL, 0}
        # Of what was written, a loader that is killed too loads a part.
        whole = [json.loads(line) for line in lines if line.endswith(b"\n")]
        copy.load(whole[: chance.randrange(len(whole) + 1)])
    sandbox.set(latency=0)
    take(copy, tmp_path, sandbox)
    assert_same(copy, sandbox, BY_DEFAULT - WITHOUT_EVENTS)


def test_a_search_that_is_late_brings_nothing_old(sandbox, receiver, tmp_path):
    copy = loaded(tmp_path, sandbox)
    sandbox.clock.advance(600)
    sandbox.set(index_lag=30)
    shop = sandbox.shop
    product, order = shop.keys("product")[0], shop.keys("order")[0]
    shop.update("product", product, {"price": 1.25})
    shop.update("order", order, {"privateAdminNotes": "new"})
    made = shop.create("product", {"name": "New", "price": 7})
    delivered(sandbox)
    take(copy, tmp_path, sandbox)
    assert copy.tables["products"][product,]["price"] == 1.25
    assert copy.tables["products"][made,]["price"] == 7
    assert copy.tables["orders"][shop.get("order", order)["id"],]["privateAdminNotes"] == "new"


def test_events_without_a_usable_key_read_the_stream(sandbox, receiver, tmp_path):
    copy = loaded(tmp_path, sandbox)
    shop = sandbox.shop
    sandbox.set(webhook_url="")
    sandbox.clock.advance(600)
    product, order, cart = (shop.keys(kind)[0] for kind in ("product", "order", "abandoned_cart"))
    shop.update("product", product, {"price": 1.25})
    shop.update("order", order, {"privateAdminNotes": "new"})
    shop.update("abandoned_cart", cart, {"hidden": True})
    gone = shop.keys("order")[1]
    shop.delete("order", gone)
    sandbox.set(webhook_url=receiver.url)
    sandbox.webhooks.send(TestEvent("product.updated", "../profile"))
    sandbox.webhooks.send(TestEvent("order.updated", order))
    sandbox.webhooks.send(TestEvent("order.deleted", gone))
    sandbox.webhooks.send(TestEvent("unfinished_order.updated", 5))
    delivered(sandbox)
    take(copy, tmp_path, sandbox)
    assert_same(copy, sandbox, ["products", "orders", "abandoned_carts"])


def test_deletions_have_the_key_and_the_time(sandbox, receiver, tmp_path):
    shop = sandbox.shop
    order = shop.get("order", shop.keys("order")[0])
    shop.delete("order", order["internalId"])
    shop.delete("product", product := shop.keys("product")[0])
    # It says that it is deleted, and it isn't.
    sandbox.webhooks.send(TestEvent("customer.deleted", customer := shop.keys("customer")[0]))
    sandbox.webhooks.send(TestEvent("review.updated", 999_999))
    delivered(sandbox)
    run = read_queue(tmp_path, sandbox)
    (found,) = run.records("orders")
    assert (found["id"], found["internalId"]) == (order["id"], order["internalId"])
    assert found["_sdc_deleted_at"]
    assert [r["id"] for r in run.records("products") if r.get("_sdc_deleted_at")] == [product]
    assert [(r["id"], r.get("_sdc_deleted_at")) for r in run.records("customers")] == [
        (customer, None)
    ]
    assert [r["id"] for r in run.records("product_reviews")] == [999_999]
    off = read_queue(tmp_path, sandbox, deletion_records=False)
    assert not off.records("orders")


def test_many_objects_take_few_requests(sandbox, tmp_path):
    shop = sandbox.shop
    with Queue(str(tmp_path / "webhooks.db")) as queue:
        queue.add(
            [
                Row(1003, stream, str(key), 0, 1)
                for stream, kind in (("products", "product"), ("customers", "customer"))
                for key in shop.keys(kind)
            ]
        )
    sandbox.reset_requests()
    run = read_queue(tmp_path, sandbox)
    assert run.code == 0, run.log
    assert len(run.records("products")) == len(shop.keys("product"))
    assert len(run.records("customers")) == len(shop.keys("customer"))
    objects = ("/products/", "/customers/")
    assert [r for r in sandbox.requests if r.path.startswith(objects) and not r.batch] == []
    assert len([r for r in sandbox.requests if r.path == "/products"]) == 1


def test_a_store_that_fails_keeps_its_events(tmp_path):
    with (
        running_sandbox(size="tiny", client_secret=SECRET, stores=3) as first,
        running_receiver(tmp_path) as receiver,
    ):
        for store in first.stores:
            store.set(webhook_url=receiver.url)
            store.shop.update("product", store.shop.keys("product")[0], {"price": 1.25})
            store.shop.update("promotion", store.shop.create("promotion", {"name": "p"}), {})
            delivered(store)
        bad = first.stores[1]
        bad.faults.add(Fault(path="^/", status=403, code="x", times=None))
        stores = [{"store_id": s.store_id, "access_token": s.token} for s in first.stores]
        given = {"stores": stores, "store_id": None, "access_token": None}
        run = read_queue(tmp_path, first, **given)
        assert run.code == 1
        assert f"1 of 3 stores could not be read: {bad.store_id}" in run.log
        assert {r["store_id"] for r in run.records("products")} == {1003, 1005}
        bad.faults.clear()
        again = read_queue(tmp_path, first, state=run.state, **given)
        assert again.code == 0, again.log
        assert {r["store_id"] for r in again.records("products")} == {1004}
        assert "promotions" in {m.get("stream") for m in again.of("SCHEMA")}
        last = read_queue(tmp_path, first, state=again.state, **given)
        assert "Nothing waits" in last.log


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"queue": "mysql://x"}, "queue"),
        ({"queue": "a\0b"}, "queue"),
        ({"repair": "perhaps"}, "repair"),
        ({"wait_seconds": -1}, "wait_seconds"),
        ({"quiet_seconds": "soon"}, "quiet_seconds"),
        ({"repair_minutes": 0}, "repair_minutes"),
        ({"own_writes": 7}, "own_writes"),
    ],
)
def test_own_settings_are_checked(changes, setting):
    config = {"store_id": 1003, "access_token": "secret_x", **changes}
    assert [found.setting for found in TapEcwidWebhooks.problems(config)] == [setting]


@pytest.mark.parametrize(
    "positions",
    [
        *(None, 7, [], {"queue": 5}, {"stores": 3}, {"stores": {"x": {}}}),
        *({"stores": {"1003": {"objects": "5"}}}, {"repaired": None}),
    ],
)
def test_positions_that_no_run_has_written_are_one_line(positions):
    with pytest.raises(SettingError, match="--state has webhooks, which can't be used"):
        positions_of({"webhooks": positions})


def test_what_cannot_be_used_is_one_line(sandbox, tmp_path):
    for changes, words in (
        ({"queue": str(tmp_path), "repair": "perhaps"}, "repair"),
        ({"queue": str(tmp_path)}, "can't be used"),
    ):
        run = read_queue(tmp_path, sandbox, **changes)
        assert run.code == 1
        assert words in run.log
        assert "Traceback" not in run.log


def test_positions_of_another_queue_remove_nothing(sandbox, receiver, tmp_path):
    sandbox.shop.update("product", sandbox.shop.keys("product")[0], {"price": 1.25})
    delivered(sandbox)
    position = {"objects": 99, "lists": 99, "due": 2**40, "read": 1}
    state = {"webhooks": {"queue": "other", "stores": {"1003": position}}}
    assert len(read_queue(tmp_path, sandbox, state=state).records("products")) == 1
