"""What the tap writes is what the shop holds: after one run, after many, after one that died."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from expected import expected_rows
from tap_run import BIN, TapRun, run_tap, settings_of, write_files


def assert_level(copy, shop):
    """The copy holds the shop's objects, field for field."""
    expected = expected_rows(shop)
    for stream in MODELLED.keys() & expected.keys():
        assert copy.rows(stream) == expected[stream], stream


def sync(copy, sandbox, folder, **changes):
    run = run_tap(folder, settings_of(sandbox, **changes), state=copy.state)
    assert run.code == 0, run.log
    copy.load(run.messages)
    return run


def test_a_full_run_brings_everything(quiet_sandbox, tmp_path):
    copy = CopyOfShop()
    run = sync(copy, quiet_sandbox, tmp_path)
    assert_level(copy, quiet_sandbox.shop)
    assert "not in the schema" not in run.log
    for stream, key in MODELLED.items():
        (schema,) = run.of("SCHEMA", stream)
        assert tuple(schema["key_properties"]) == key
        assert run.records(stream), f"the shop has no {stream} to test with"


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in (1, 2))])
def test_incremental_runs_keep_up_with_inserts_updates_and_deletions(seed, tmp_path):
    with running_sandbox(size="tiny", seed=seed) as sandbox:
        copy = CopyOfShop()
        full = sync(copy, sandbox, tmp_path)
        for _ in range(3):
            sandbox.clock.advance(3600)
            sandbox.activity(40)
            run = sync(copy, sandbox, tmp_path)
            assert_level(copy, sandbox.shop)
            assert len(run.of("RECORD")) < len(full.of("RECORD"))


def test_deletions_come_as_records_with_key_and_time(sandbox, tmp_path):
    copy = CopyOfShop()
    sync(copy, sandbox, tmp_path)
    product = sandbox.shop.keys("product")[0]
    order = sandbox.shop.get("order", sandbox.shop.keys("order")[0])
    sandbox.clock.advance(600)
    sandbox.shop.delete("product", product)
    sandbox.shop.delete("order", order["internalId"])
    run = sync(copy, sandbox, tmp_path)
    (gone,) = [r for r in run.records("products") if r.get("_sdc_deleted_at")]
    assert gone["id"] == product
    assert gone.keys() == {"id", "_sdc_deleted_at"}
    assert gone["_sdc_deleted_at"].endswith("+00:00")
    (gone,) = [r for r in run.records("orders") if r.get("_sdc_deleted_at")]
    assert gone["id"] == order["id"]
    assert gone["internalId"] == order["internalId"]
    assert_level(copy, sandbox.shop)
    for _ in range(2):
        sandbox.clock.advance(600)
        later = sync(copy, sandbox, tmp_path)
    assert not [r for r in later.records("orders") if r.get("_sdc_deleted_at")]


def test_what_did_not_change_is_not_read_again(quiet_sandbox, tmp_path):
    copy = CopyOfShop()
    first = sync(copy, quiet_sandbox, tmp_path)
    again = sync(copy, quiet_sandbox, tmp_path)
    for stream in ("products", "orders", "customers", "product_reviews"):
        # Only what shares the last minute with the bookmark.
        assert len(again.records(stream)) < len(first.records(stream)) / 20, stream


def test_start_date_leaves_out_what_is_older(quiet_sandbox, tmp_path):
    updates = sorted(o["updateTimestamp"] for o in quiet_sandbox.shop.all("order"))
    middle = updates[len(updates) // 2]
    start = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(middle))
    run = run_tap(tmp_path, settings_of(quiet_sandbox, start_date=start))
    assert len(run.records("orders")) == sum(u >= middle for u in updates)


def test_the_search_s_lag_loses_nothing(tmp_path):
    with running_sandbox(size="tiny", index_lag=5) as sandbox:
        sandbox.clock.advance(60)
        copy = CopyOfShop()
        sync(copy, sandbox, tmp_path)
        for _ in range(3):
            # Changes that the search of the next run does not show yet, and that of the one
            # after it does.
            sandbox.clock.advance(300)
            sandbox.activity(10)
            sandbox.clock.advance(2)
            sync(copy, sandbox, tmp_path)
        sandbox.clock.advance(30)
        sync(copy, sandbox, tmp_path)
        assert_level(copy, sandbox.shop)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_with_whole_lines_and_a_true_state(quiet_sandbox, number, tmp_path):
    quiet_sandbox.set(latency=150)
    try:
        process = subprocess.Popen(
            [str(BIN / "tap-ecwid"), *write_files(tmp_path, settings_of(quiet_sandbox))],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        first = process.stdout.readline()
        process.send_signal(number)
        rest, log = process.communicate(timeout=30)
    finally:
        quiet_sandbox.set(latency=0)
    assert process.returncode == 128 + number
    assert b"Traceback" not in log
    run = TapRun(process.returncode, [json.loads(x) for x in [first, *rest.splitlines()]], "")
    copy = CopyOfShop()
    copy.load(run.messages)
    sync(copy, quiet_sandbox, tmp_path)
    assert_level(copy, quiet_sandbox.shop)


def test_a_reader_that_goes_away_ends_the_run(quiet_sandbox, tmp_path):
    process = subprocess.Popen(
        [str(BIN / "tap-ecwid"), *write_files(tmp_path, settings_of(quiet_sandbox))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.readline()
    process.stdout.close()
    log = process.stderr.read()
    assert process.wait(30) == 128 + signal.SIGPIPE
    assert b"Traceback" not in log


# More seeds of this are in test_moving_shop.py.
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in (1, 2))])
def test_a_shop_that_changes_while_it_is_read(seed, tmp_path):
    with running_sandbox(size="small", seed=seed, latency=30) as sandbox:
        copy = CopyOfShop()
        resting = threading.Event()

        def trade():
            while not resting.wait(0.002):
                sandbox.activity(1)

        trader = threading.Thread(target=trade)
        trader.start()
        try:
            for _ in range(2):
                sync(copy, sandbox, tmp_path, lookback_seconds=3)
        finally:
            resting.set()
            trader.join()
        sandbox.clock.advance(10)
        sync(copy, sandbox, tmp_path, lookback_seconds=3)
        assert_level(copy, sandbox.shop)
