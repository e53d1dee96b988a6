"""A run that ends before its time, at whatever moment: the next one makes the copy level."""

from __future__ import annotations

import json
import random
import signal
import subprocess

import pytest

from copy_of_shop import KEYS, CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from expected import all_expected_rows
from tap_run import BIN, discover, run_tap, select, settings_of, write_files

SMALL_PAGES = {
    name: {"page_size": 8}
    for name in ("products", "orders", "customers", "product_reviews", "abandoned_carts")
}

SLOW = {"latency": 5, "batch_latency": 5}


def seeds(usual, soak):
    """Some for every day; the others only with ``-m soak``."""
    return [pytest.param(n, marks=pytest.mark.soak if n >= usual else ()) for n in range(soak)]


@pytest.fixture(scope="module")
def sandbox():
    """A shop that answers slowly enough for a run to be met in the middle of everything."""
    with running_sandbox(size="tiny", **SLOW) as running:
        yield running


@pytest.fixture(scope="module")
def catalog(sandbox, tmp_path_factory):
    return select(discover(tmp_path_factory.mktemp("discover"), settings_of(sandbox)), *KEYS)


@pytest.fixture(scope="module")
def usual_lines(sandbox, catalog, tmp_path_factory):
    """How many lines a run writes that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    settings = settings_of(sandbox, streams=SMALL_PAGES)
    return len(run_tap(folder, settings, catalog=catalog).messages)


def interrupt(number, after, folder, settings, **files):
    """Run the tap and send it a signal after some lines: its exit code, all lines, its log."""
    log = folder / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [str(BIN / "tap-ecwid"), *write_files(folder, settings, **files)],
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    with process.stdout as output:
        lines = [output.readline() for _ in range(after)]
        process.send_signal(number)
        lines += output.readlines()
    return process.wait(60), lines, log.read_text()


def assert_level_after(sandbox, catalog, folder, copy):
    """Let time pass and things happen, deletions of all kinds among them; sync, and compare."""
    sandbox.set(latency=0, batch_latency=0)
    sandbox.clock.advance(3600)
    sandbox.activity(25)
    for kind in ("product", "customer", "order", "review"):
        keys = sandbox.shop.keys(kind)
        if len(keys) > 1:
            sandbox.shop.delete(kind, keys[0])
    settings = settings_of(sandbox, streams=SMALL_PAGES)
    run = run_tap(folder, settings, catalog=catalog, state=copy.state)
    assert run.code == 0, run.log
    copy.load(run.messages)
    for stream, rows in all_expected_rows(sandbox).items():
        assert copy.rows(stream) == rows, stream


@pytest.mark.parametrize("seed", seeds(2, 50))
def test_a_run_that_is_killed_loses_nothing(sandbox, catalog, usual_lines, seed, tmp_path):
    chance = random.Random(seed)
    copy = CopyOfShop()
    sandbox.set(**SLOW)
    settings = settings_of(sandbox, streams=SMALL_PAGES)
    for _ in range(chance.choice((1, 1, 2))):
        after = chance.randrange(1, usual_lines)
        code, lines, _ = interrupt(
            signal.SIGKILL, after, tmp_path, settings, catalog=catalog, state=copy.state
        )
        # A run that goes on from a state can be through before.
        assert code in {-signal.SIGKILL, 0}
        # The line in which it was killed came only by half.
        copy.load(json.loads(line) for line in lines if line.endswith(b"\n"))
    assert_level_after(sandbox, catalog, tmp_path, copy)


@pytest.mark.parametrize("seed", seeds(1, 30))
def test_a_signal_ends_a_run_with_whole_lines_and_a_true_state(
    sandbox, catalog, usual_lines, seed, tmp_path
):
    chance = random.Random(seed)
    copy = CopyOfShop()
    sandbox.set(**SLOW)
    settings = settings_of(sandbox, streams=SMALL_PAGES)
    after = chance.randrange(1, usual_lines // 2)
    code, lines, log = interrupt(
        signal.SIGTERM, after, tmp_path, settings, catalog=catalog, state=None
    )
    assert code == 128 + signal.SIGTERM
    assert "Traceback" not in log
    copy.load(json.loads(line) for line in lines if line)
    assert_level_after(sandbox, catalog, tmp_path, copy)


def test_what_a_killed_run_has_written_may_be_deleted_before_the_next(sandbox, catalog, tmp_path):
    settings = settings_of(sandbox, streams=SMALL_PAGES)
    chosen = select(catalog, "customers")
    # Killed within the first page: long before there is a bookmark.
    process = subprocess.Popen(
        [str(BIN / "tap-ecwid"), *write_files(tmp_path, settings, catalog=chosen)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    copy = CopyOfShop()
    while not copy.tables["customers"]:
        copy.load([json.loads(process.stdout.readline())])
    process.kill()
    process.stdout.close()
    process.wait()
    ((written, _),) = copy.tables["customers"].items()
    sandbox.clock.advance(3600)
    sandbox.shop.delete("customer", *written)
    run = run_tap(tmp_path, settings, catalog=chosen, state=copy.state)
    copy.load(run.messages)
    assert set(copy.tables["customers"]) == {(key,) for key in sandbox.shop.keys("customer")}
