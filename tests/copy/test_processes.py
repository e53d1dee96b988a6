"""Tap and target as parts of a copy, and what their runs fetch and keep."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from types import SimpleNamespace

import httpx2
import pytest

from ecwid_api.errors import SettingError
from ecwid_copy.baseline import Baseline
from ecwid_copy.files import Fetcher, FileError, FileStore
from ecwid_copy.joining import join
from ecwid_copy.processes import PartFailedError
from ecwid_copy.shops import Shop
from ecwid_copy.work import Shown, Work


@pytest.mark.parametrize(
    ("answers", "requests", "kept"),
    [
        ([(200, {})], 1, True),
        ([(500, {}), (503, {}), (200, {})], 3, True),
        ([(429, {"Retry-After": "2"}), (200, {})], 2, True),
        ([(429, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}), (200, {})], 2, True),
        ([(429, {"Retry-After": "soon"}), (200, {})], 2, True),
        ([(429, {"Retry-After": "86400"})], 1, False),
        ([(500, {})] * 9, 6, False),
        ([(400, {})], 1, False),
    ],
)
def test_a_file_is_asked_for_again_while_that_can_help(
    answers, requests, kept, tmp_path, monkeypatch
):
    asked, waits = [], []
    monkeypatch.setattr("ecwid_copy.files.time.sleep", waits.append)

    def answer(request):
        asked.append(request)
        status, headers = answers[len(asked) - 1]
        return httpx2.Response(status, headers=headers, content=b"A picture")

    fetcher = Fetcher(
        Shop("live", 1, "secret", "https://x"), FileStore(tmp_path / "files", tmp_path / "files.db")
    )
    fetcher._client = httpx2.Client(transport=httpx2.MockTransport(answer))
    with contextlib.closing(fetcher):
        if kept:
            name = fetcher.at("https://x/1.png")
            assert (tmp_path / "files" / name).read_bytes() == b"A picture"
            assert fetcher.at("https://x/1.png") == name
        else:
            with pytest.raises(FileError, match="Run the command again"):
                fetcher.at("https://x/1.png")
    assert len(asked) == requests
    assert len(waits) == requests - 1
    assert all(0 < wait <= 30 for wait in waits)


@pytest.mark.parametrize(
    "opened", [Shown, Baseline, lambda path: FileStore(path.with_name("files"), path)]
)
def test_a_database_that_is_damaged_is_one_line(opened, tmp_path):
    path = tmp_path / "kept.db"
    for _ in range(2):
        opened(path).close()
    path.write_bytes(b"Not a database" * 100)
    with pytest.raises(SettingError, match=r"kept\.db can't be read .*: move it away"):
        opened(path)


def test_an_error_of_an_earlier_run_explains_nothing(tmp_path):
    work = Work(tmp_path, "1", Shop("live", 1, "secret", "https://x"), name="copy")
    for line in (b"2025-01-01 | ERROR | tap-ecwid | Yesterday's\n", b"Killed\n"):
        with work.held() as log:
            log.write(line)
    assert str(PartFailedError("tap-ecwid", -9, log)).endswith("exit code -9: Killed")


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_part_ends_with_a_copy_that_is_killed(tmp_path):
    """The target would take it for the end of its input."""
    (tmp_path / "sleeper.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(60)\n")
    script = (
        "import time; from ecwid_copy.processes import started\n"
        "with started('sleeper', {}, log=open('log.txt', 'wb')) as part:\n"
        "    part.stdout.readline(); print(part.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as copy:
        part = int(copy.stdout.readline())
        assert is_there(part)
        copy.kill()
    deadline = time.monotonic() + 20
    while is_there(part):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_state_that_cannot_be_kept_ends_the_run(monkeypatch):
    @contextlib.contextmanager
    def echo(*arguments, log, stdin):
        """In the place of the target: what comes in goes out, as long as it can."""
        command = [sys.executable, "-c", "import sys; sys.stdout.writelines(sys.stdin)"]
        with subprocess.Popen(
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            try:
                yield process
            finally:
                process.kill()
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()

    def fails(value):
        raise SettingError("--work-dir", "can't be written: No space left on device")

    monkeypatch.setattr("ecwid_copy.joining.started", echo)
    work = SimpleNamespace(keep_state=fails, target_dir="target", source="1")
    states = [{"type": "STATE", "value": {"of": "x" * 100}}] * 10_000
    with pytest.raises(SettingError, match="No space left on device"):
        join(states, None, work, Shop("live", 1, "secret", "https://x"), None)
