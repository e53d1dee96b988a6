"""Many shops: commands joined by pipes, and what their logs say."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from example_dagster import EXAMPLE
from many_shops import supervised
from many_shops.results import Loaded


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


def test_commands_are_joined_and_their_exit_codes_reported():
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
