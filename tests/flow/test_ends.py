"""How a run ends: within two seconds of a signal, wherever it is; and where its output is gone."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time

import pytest

from raw_server import read_request, serving
from tap_run import BIN, tap, write_files
from target_run import encoded, records, state, target

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


def silent(server, connection):
    """Takes a request and never answers."""
    server.heads.append(read_request(connection))
    server.ended.wait(60)


def settings(url):
    return {"store_id": 1003, "access_token": "secret_xyz", "api_url": url}


def started(start, tmp_path, config, **streams):
    return subprocess.Popen(
        [*start, *write_files(tmp_path, config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        **streams,
    )


def ends_soon(process, number):
    begun = time.monotonic()
    process.send_signal(number)
    process.wait(timeout=30)
    log = process.stderr.read()
    assert time.monotonic() - begun < 3, log
    assert process.returncode == 128 + number, log
    assert b"Traceback" not in log
    assert b"Ended by" in log


def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("plugin", ["tap", "target"])
def test_a_server_that_says_nothing_delays_no_signal(tmp_path, plugin, number):
    with serving(silent) as server:
        start = tap() if plugin == "tap" else target()
        process = started(start, tmp_path, settings(server.url))
        if plugin == "target":
            process.stdin.write(encoded(records("products", {"sku": "A", "name": "A"})).encode())
            process.stdin.write(encoded([state({"at": 1})]).encode())
            process.stdin.close()
        until(lambda: server.heads)
        ends_soon(process, number)


@pytest.mark.parametrize(
    "sent", [b"", b'{"type": "RECORD", "x": "'], ids=["nothing", "half a line"]
)
def test_input_that_doesn_t_come_delays_no_signal(tmp_path, sent):
    process = started(target(), tmp_path, settings("http://127.0.0.1:1"))
    process.stdin.write(sent)
    process.stdin.flush()
    until((tmp_path / ".target-ecwid/1003/lock").exists)
    time.sleep(0.2)
    ends_soon(process, signal.SIGTERM)


@pytest.mark.parametrize("ignored", [True, False])
def test_nohup_keeps_a_run_alive(tmp_path, ignored):
    start = (str(BIN / "target-ecwid"),)
    process = started(
        ("nohup", *start) if ignored else start, tmp_path, settings("http://127.0.0.1:1")
    )
    until((tmp_path / ".target-ecwid/1003/lock").exists)
    time.sleep(0.2)
    process.send_signal(signal.SIGHUP)
    if ignored:
        time.sleep(0.5)
        process.stdin.close()
    process.wait(timeout=30)
    assert process.returncode == (0 if ignored else 128 + signal.SIGHUP)


RUNS = {
    "tap": (["tap-ecwid", "--discover"], ""),
    "target": (["target-ecwid"], encoded([state({"at": 1})])),
    "version": (["tap-ecwid", "--version"], ""),
    "about": (["target-ecwid", "--about"], ""),
}


@pytest.mark.parametrize("redirection", [">&-", ">/dev/full", "| true"])
@pytest.mark.parametrize("name", RUNS)
def test_output_that_is_gone_is_a_line_or_141(tmp_path, name, redirection):
    words, given = RUNS[name]
    arguments = write_files(tmp_path, settings("http://127.0.0.1:1"))
    arguments = arguments if name != "version" else []
    line = shlex.join([str(BIN / words[0]), *words[1:], *arguments])
    (tmp_path / "input").write_text(given * 3)
    # Until the reader is gone, the output has a place to go.
    line = f"{{ sleep 0.3; exec {line}; }}" if redirection == "| true" else line
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line} < input {redirection}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode in ({141} if redirection == "| true" else {1}), done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if done.returncode == 1:
        assert "utput" in done.stderr or "stream" in done.stderr


def test_input_that_is_closed_is_a_line(tmp_path):
    arguments = write_files(tmp_path, settings("http://127.0.0.1:1"))
    line = shlex.join([str(BIN / "target-ecwid"), *arguments])
    done = subprocess.run(
        ["bash", "-c", f"{line} <&-"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.returncode == 1
    assert "input is closed" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_standard_error_the_run_goes_on(tmp_path):
    arguments = write_files(tmp_path, settings("http://127.0.0.1:1"))
    line = shlex.join([str(BIN / "target-ecwid"), *arguments])
    done = subprocess.run(
        ["bash", "-c", f"{line} 2>&-"],
        input=encoded([state({"at": 1})]),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=60,
        pass_fds=(),
    )
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"at": 1}
    assert sys.stderr is not None
