"""The command ``run``: loads what webhooks name as soon as they come."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from copy_of_shop import BY_DEFAULT, CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from ecwid_webhooks.queue import Queue
from expected import all_expected_rows
from tap_run import settings_of
from webhooks import SECRET, command, delivered, running_receiver, seeds

WITHOUT_EVENTS = {"recurring_subscriptions", "customer_extra_fields"}

LOADER = """
import os, sys, time
from pathlib import Path
folder = Path(sys.argv[1])
if (folder / "broken").exists():
    sys.exit(3)
lines = []
for line in sys.stdin:
    lines.append(line)
    if line.startswith('{"type":"STATE"'):
        with (folder / "loaded").open("a") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        lines = []
        try:
            print(line[len('{"type":"STATE","value":'):].rstrip()[:-1], flush=True)
        except BrokenPipeError:
            os._exit(1)
"""
"""A loader that keeps what comes before a state, and then writes the state."""


def wait_until(condition, log, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.02)


class Runner:
    """A ``run`` that can be started again."""

    def __init__(self, folder, sandbox, **settings):
        self.folder = folder
        self.log = folder / "run.log"
        self.log.touch()
        config = {"queue": str(folder / "webhooks.db"), "quiet_seconds": 0.05, **settings}
        (folder / "tap.json").write_text(json.dumps(settings_of(sandbox, **config)))
        (folder / "loader.py").write_text(LOADER)

    def start(self):
        arguments = [
            f"--config={self.folder / 'tap.json'}",
            f"--state-file={self.folder / 'state'}",
        ]
        loader = [sys.executable, str(self.folder / "loader.py"), str(self.folder)]
        with self.log.open("ab") as file:
            return subprocess.Popen(
                [*command(), "run", *arguments, "--", *loader], stdout=file, stderr=file
            )

    @contextmanager
    def running(self):
        process = self.start()
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(30)

    def copy(self):
        copy = CopyOfShop()
        path = self.folder / "loaded"
        lines = path.read_text().splitlines() if path.exists() else []
        copy.load(json.loads(line) for line in lines if line.endswith("}"))
        return copy

    def waiting(self):
        with Queue(str(self.folder / "webhooks.db")) as queue:
            return queue.is_waiting([1003], time.time())


@pytest.fixture(scope="module")
def unchanged():
    """A sandbox that no test changes."""
    with running_sandbox(size="tiny") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(tmp_path):
    with (
        running_sandbox(size="tiny", client_secret=SECRET) as sandbox,
        running_receiver(tmp_path) as receiver,
    ):
        sandbox.set(webhook_url=receiver.url)
        yield sandbox


def assert_same(copy, sandbox, streams):
    expected = all_expected_rows(sandbox)
    for stream in streams:
        assert copy.rows(stream) == expected[stream], stream


def test_changes_are_loaded_and_leave_the_queue(sandbox, tmp_path):
    runner = Runner(tmp_path, sandbox)
    with runner.running() as process:
        wait_until(lambda: "Repaired" in runner.log.read_text(), runner.log)
        assert_same(runner.copy(), sandbox, BY_DEFAULT)
        for _ in range(2):
            sandbox.activity(10)
            delivered(sandbox)
            wait_until(lambda: not runner.waiting(), runner.log)
            assert_same(runner.copy(), sandbox, BY_DEFAULT - WITHOUT_EVENTS)
        process.terminate()
        assert process.wait(20) == 0
    assert "Traceback" not in runner.log.read_text()
    assert json.loads((tmp_path / "state").read_text())["webhooks"]["repaired"]


def test_repairs_come_by_themselves(sandbox, tmp_path):
    runner = Runner(tmp_path, sandbox, repair_minutes=0.02)
    with runner.running():
        wait_until(lambda: "Repaired" in runner.log.read_text(), runner.log)
        sandbox.set(webhook_loss=1)
        sandbox.shop.update("product", sandbox.shop.keys("product")[0], {"price": 1.25})
        wait_until(lambda: "The repair brought 1 change" in runner.log.read_text(), runner.log)


@pytest.mark.parametrize(("seed", "kills"), seeds(40, usual=2, soak=4))
def test_whenever_it_is_killed_nothing_is_lost(sandbox, tmp_path, seed, kills):
    chance = random.Random(seed)
    runner = Runner(tmp_path, sandbox)
    for _ in range(kills):
        process = runner.start()
        until = time.monotonic() + chance.uniform(0.3, 1.5)
        while time.monotonic() < until:
            sandbox.activity(2)
            time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.wait()
    delivered(sandbox)
    with runner.running():
        wait_until(lambda: "Loaded" in runner.log.read_text() or not runner.waiting(), runner.log)
        wait_until(lambda: not runner.waiting(), runner.log)
    assert_same(runner.copy(), sandbox, BY_DEFAULT - WITHOUT_EVENTS)
    assert "Traceback" not in runner.log.read_text()


def test_a_loader_that_fails_is_tried_again_and_at_first_ends_the_command(sandbox, tmp_path):
    runner = Runner(tmp_path, sandbox)
    (tmp_path / "broken").touch()
    assert runner.start().wait(30) == 1
    log = runner.log.read_text()
    assert "The loader ended with exit code 3" in log or "The tap ended" in log
    assert "Traceback" not in log
    (tmp_path / "broken").unlink()
    with runner.running():
        wait_until(lambda: "Repaired" in runner.log.read_text(), runner.log)
        # The one that waits already is not broken.
        sandbox.activity(1)
        delivered(sandbox)
        wait_until(lambda: not runner.waiting(), runner.log)
        (tmp_path / "broken").touch()
        sandbox.activity(3)
        delivered(sandbox)
        time.sleep(0.5)
        (tmp_path / "broken").unlink()
        wait_until(lambda: not runner.waiting(), runner.log)
    assert_same(runner.copy(), sandbox, ["products", "orders", "customers"])


def test_a_loader_that_hangs_ends_when_it_is_asked_to_twice(unchanged, tmp_path):
    runner = Runner(tmp_path, unchanged)
    (tmp_path / "loader.py").write_text("import time\ntime.sleep(600)\n")
    with runner.running() as process:
        wait_until(lambda: "brands: " in runner.log.read_text(), runner.log)
        process.terminate()
        time.sleep(0.3)
        assert process.poll() is None
        process.terminate()
        assert process.wait(20) == 0
    assert "Traceback" not in runner.log.read_text()


def test_two_with_one_state_wait_for_each_other(sandbox, tmp_path):
    runner = Runner(tmp_path, sandbox)
    with runner.running():
        wait_until(lambda: "Repaired" in runner.log.read_text(), runner.log)
        with runner.running() as second:
            wait_until(lambda: "Another load uses" in runner.log.read_text(), runner.log)
            second.terminate()
            assert second.wait(20) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--config=tap.json", "--", "/no/such/loader"], "/no/such/loader, which can't be run"),
        (
            ["--config=tap.json", "--state-file=bad", "--", "cat"],
            "--state-file is bad, which can't be read",
        ),
        (["--config=none.json", "--", "cat"], "none.json"),
        (["--config=tap.json", "--config=wrong.json", "--", "cat"], "quiet_seconds is -1"),
        (["--config=tap.json", "--", "sh", "-c", "cat > all"], "The loader wrote no state"),
        (["--config=tap.json", "--", "sh", "-c", "cat > all; echo {}"], "a line that is no state"),
        (
            ["--config=tap.json", "--", "sh", "-c", """cat > all; echo '{"webhooks": 7}'"""],
            "--state has webhooks, which can't be used",
        ),
        (["--config=tap.json", "--", "false"], "The loader ended with exit code 1"),
    ],
)
def test_what_cannot_be_run_is_one_line(unchanged, tmp_path, arguments, words):
    Runner(tmp_path, unchanged)
    (tmp_path / "bad").write_text("no state")
    (tmp_path / "wrong.json").write_text('{"quiet_seconds": -1}')
    done = subprocess.run(
        [*command(), "run", *arguments], cwd=tmp_path, capture_output=True, timeout=60, check=False
    )
    output = done.stderr.decode()
    assert done.returncode == 1, output
    assert words in output
    assert "Traceback" not in output
    assert "defect" not in output
    assert not (tmp_path / "webhooks-state.json").exists()
