"""How far a run is: live on a terminal, in the log now and then, never among the messages."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import threading

import pytest

from ecwid_plugin.progress import Progress, figures
from ecwid_sandbox.testing import Fault
from tap_run import discover, run_tap, select, settings_of, tap, write_files
from target_run import command, encoded, records

ERASED = "\r\x1b[K"


def run_on_a_terminal(arguments, text="", **environment):
    """Run a command whose standard error is a terminal: output, what the terminal got, code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    shown = []

    def read():
        try:
            while piece := os.read(ours, 4096):
                shown.append(piece)
        except OSError:
            # The other side is closed.
            return

    reading = threading.Thread(target=read)
    reading.start()
    output, _ = process.communicate(text.encode(), timeout=120)
    reading.join(10)
    os.close(ours)
    return output.decode(), b"".join(shown).decode(), process.returncode


@pytest.fixture
def reading(quiet_sandbox, tmp_path):
    """The command line that reads the shop's orders, in some pages that take a while."""
    settings = settings_of(
        quiet_sandbox,
        streams={"orders": {"page_size": 5, "max_pages": 12}},
        concurrency=1,
        skip_unchanged=False,
    )
    catalog = select(discover(tmp_path, settings), "orders")
    quiet_sandbox.faults.add(Fault(path="/orders", delay=30, times=None))
    yield [*tap(), *write_files(tmp_path, settings, catalog=catalog)]
    quiet_sandbox.faults.clear()


def test_the_tap_shows_how_far_it_is_on_a_terminal(quiet_sandbox, reading):
    output, shown, code = run_on_a_terminal(reading)
    assert code == 0
    lines = re.findall(r"\r\x1b\[Korders: (\d+) of ([\d,]+) \(\d+ %\)", shown)
    total = len(list(quiet_sandbox.shop.all("order")))
    assert len(lines) > 1
    assert {int(known.replace(",", "")) for _, known in lines} == {total}
    assert [int(done) for done, _ in lines] == sorted({int(done) for done, _ in lines})
    # Whatever the log says stands on a line of its own, and nothing is left at the end.
    live = re.compile(r"orders: \d+ of [\d,]+[^\r\n]*(\r\n|\r\x1b\[K)")
    assert all(found.group(1) == ERASED for found in live.finditer(shown))
    kinds = {json.loads(line)["type"] for line in output.splitlines()}
    assert kinds <= {"SCHEMA", "RECORD", "STATE", "ACTIVATE_VERSION"}


@pytest.mark.parametrize("terminal", ["dumb", ""])
def test_a_terminal_that_can_t_erase_shows_none(reading, terminal):
    _, shown, code = run_on_a_terminal(reading, TERM=terminal)
    assert code == 0
    assert ERASED not in shown


def test_without_a_terminal_there_is_no_live_line(reading):
    done = subprocess.run(reading, capture_output=True, check=True, timeout=60)
    assert ERASED.encode() not in done.stderr


def test_the_target_shows_how_far_it_is_on_a_terminal(sandbox, tmp_path):
    rows = [{"email": f"p{n}@shop.test"} for n in range(20)]
    messages = encoded(records("customers", *rows))
    sandbox.faults.add(Fault(path="/batch", method="GET", delay=60, times=None))
    output, shown, code = run_on_a_terminal(command(tmp_path, sandbox, batch_size=5), messages)
    assert code == 0, shown
    lines = [int(n) for n in re.findall(r"\r\x1b\[Kcustomers: (\d+)", shown)]
    assert lines
    assert lines == sorted(lines)
    assert output == ""


def test_the_log_has_a_line_every_half_minute():
    now, told = [0.0], []
    progress = Progress("orders", told.append, clock=lambda: now[0])
    for second in range(0, 65, 5):
        now[0] = float(second)
        progress.at(second * 10, 1000)
    progress.end()
    assert told == [
        "300 of 1,000 (30 %), 10/s, 1 min 10 s left",
        "600 of 1,000 (60 %), 10/s, 40 s left",
    ]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ((0, None, 0.0), "0"),
        ((0, 0, 5.0), "0 of 0"),
        ((5, None, 10.0), "5, 30/min"),
        ((12_000, None, 10.0), "12,000, 1,200/s"),
        ((120, 100, 10.0), "120 of 120 (100 %), 12/s, 0 s left"),
        ((100, 1_000_000, 10.0), "100 of 1,000,000 (0 %), 10/s, 27 h 46 min left"),
    ],
)
def test_figures_say_what_is_known(told, words):
    assert figures(*told) == words


def test_a_run_logs_one_line_a_stream_and_a_summary(quiet_sandbox, tmp_path):
    # What test_http_of_plugins.py has written in the last minute would be read twice.
    quiet_sandbox.clock.advance(3600)
    settings = settings_of(quiet_sandbox)
    catalog = select(discover(tmp_path, settings), "customers", "customer_groups")
    first = run_tap(tmp_path, settings, catalog=catalog)
    again = run_tap(tmp_path, settings, catalog=catalog, state=first.state)
    verbose = run_tap(tmp_path, settings, catalog=catalog, LOGLEVEL="debug")

    def lines(run):
        return [line.rpartition(" | ")[2] for line in run.log.splitlines() if line]

    groups = quiet_sandbox.shop.count("customer_group")
    customers = quiet_sandbox.shop.count("customer")
    *streams, summary = lines(first)
    assert streams == [f"customer_groups: {groups} records", f"customers: {customers} records"]
    assert re.fullmatch(rf"2 streams: {groups + customers} records, in \d+\.\d s", summary)
    *streams, _ = lines(again)
    assert sorted(streams) == [
        f"customer_groups: {groups} records",
        "customers: nothing has changed",
    ]
    assert "METRIC" in verbose.log
    assert "Beginning sync of 'customers'" in verbose.log
