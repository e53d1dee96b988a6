"""Broken disks and folders that others can write: one line, no state, and nothing lost."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import subprocess

import pytest

from ecwid_sandbox.testing import Fault
from spoilt_journals import SPOILT, garbage, other_columns
from tap_run import BIN
from target_run import command, encoded, records, run_target, state, target

ROWS = [{"sku": f"D-{n}", "name": f"N {n}", "price": n + 1} for n in range(5)]
MESSAGES = [*records("products", *ROWS), state({"at": 5})]


def nightly(values, *daily):
    """Values of a table of which only some are tried each day."""
    return [v if v in daily else pytest.param(v, marks=pytest.mark.soak) for v in values]


def made(sandbox):
    return sorted(p["sku"] for p in sandbox.shop.all("product") if p["sku"].startswith("D-"))


def into(folder, work_dir):
    """Have the next run use another work folder."""
    config = folder / "config.json"
    settings = json.loads(config.read_text())
    config.write_text(json.dumps({**settings, "work_dir": str(work_dir)}))


def modes(folder):
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


@pytest.fixture
def journal(sandbox, tmp_path):
    """The journal of a run that was interrupted."""
    sandbox.faults.add(Fault(stuck="forever"))
    run = run_target(tmp_path, sandbox, MESSAGES, batch_wait=1)
    assert run.code == 1
    sandbox.faults.clear()
    return run.folder / "journal.db"


@pytest.mark.parametrize("spoil", nightly(SPOILT, garbage), ids=lambda spoil: spoil.__name__)
def test_a_journal_that_can_t_be_read_is_one_line_and_nothing_is_lost(
    sandbox, tmp_path, journal, spoil
):
    kept = tmp_path / "kept"
    shutil.copytree(journal.parent, kept)
    spoil(journal)
    before = made(sandbox)
    run = run_target(tmp_path, sandbox, MESSAGES)
    assert run.code == 1
    assert run.states == []
    assert made(sandbox) == before
    (error,) = [line for line in run.log.splitlines() if "| ERROR" in line]
    assert "work_dir" in error
    assert "journal.db" in error
    # Mended, it goes on.
    shutil.rmtree(journal.parent)
    kept.rename(journal.parent)
    run = run_target(tmp_path, sandbox, MESSAGES)
    assert run.code == 0, run.log
    assert run.states == [{"at": 5}]
    assert made(sandbox) == [row["sku"] for row in ROWS]


def test_an_empty_journal_of_other_columns_is_made_again(sandbox, tmp_path):
    run_target(tmp_path, sandbox, MESSAGES)
    path = tmp_path / "work" / str(sandbox.store_id) / "journal.db"
    other_columns(path)
    run = run_target(tmp_path, sandbox, MESSAGES)
    assert run.code == 0, run.log
    assert "5 unchanged" in run.log


@pytest.mark.parametrize("size", nightly([0, 8, 40], 40))
def test_a_full_disk_is_one_line_and_no_state(sandbox, tmp_path, size):
    rows = [{"sku": f"D-{n}", "name": "x" * 3000, "price": -n if n > 2 else n} for n in range(60)]
    messages = [*records("products", *rows), state({"at": 60})]
    line = shlex.join(
        command(tmp_path, sandbox, start=(str(BIN / "target-ecwid"),), on_error="skip")
    )
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f {size}; exec {line}"],
        input=encoded(messages),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if "| ERROR" in line]
    assert len(errors) == 1, done.stderr
    assert "work_dir" in errors[0]
    # With room again, nothing is missing, and no line is cut.
    run = run_target(tmp_path, sandbox, messages, on_error="skip")
    assert run.code == 0, run.log
    assert run.states == [{"at": 60}]
    assert len(made(sandbox)) + len(run.rejected) >= 60


def test_a_folder_that_can_t_be_made_is_a_line(sandbox, tmp_path):
    (tmp_path / "file").write_text("")
    for place in ("file", "/proc/nowhere", "a\0b", "x" * 300, "y" * 5000):
        line = command(tmp_path, sandbox, start=target())
        into(tmp_path, place)
        done = subprocess.run(
            line, input="", capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 1
        assert "work_dir" in done.stderr
        assert "Traceback" not in done.stderr


NAMES = ["lock", "journal.db", "rejected.jsonl", "results.jsonl"]


@pytest.mark.parametrize("name", nightly(NAMES, "lock"))
@pytest.mark.parametrize("kind", nightly(["link", "hard link", "pipe", "folder"], "link"))
def test_what_is_no_file_of_ours_is_left_alone(sandbox, tmp_path, name, kind):
    folder = tmp_path / "work" / str(sandbox.store_id)
    folder.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    place = folder / name
    if kind == "link":
        place.symlink_to(victim)
    elif kind == "hard link":
        place.hardlink_to(victim)
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    rows = [*ROWS, {"sku": "X", "price": "nan"}]
    run = run_target(tmp_path, sandbox, records("products", *rows), results=True, on_error="skip")
    assert victim.read_text() == "precious"
    # What a new run deletes first is simply gone.
    if name in {"lock", "journal.db"} or kind == "folder":
        assert run.code == 1
        assert str(place) in run.log
        assert len([line for line in run.log.splitlines() if "| ERROR" in line]) == 1


def test_a_work_folder_that_is_a_link_is_not_followed(sandbox, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "work" / str(sandbox.store_id)).symlink_to(tmp_path / "elsewhere")
    run = run_target(tmp_path, sandbox, MESSAGES)
    assert run.code == 1
    assert "work_dir" in run.log
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("before", nightly(["nothing", "open folder", "open files"], "nothing"))
def test_what_is_ours_is_closed_to_others(sandbox, tmp_path, before):
    work = tmp_path / "deep" / "work"
    folder = work / str(sandbox.store_id)
    rows = [*ROWS, {"sku": "X", "price": "nan"}]
    settings = {"results": True, "on_error": "skip"}
    if before != "nothing":
        folder.mkdir(parents=True)
        for path in (work, folder):
            path.chmod(0o777)
    if before == "open files":
        for name in ("lock", "rejected.jsonl", "results.jsonl", "journal.db"):
            (folder / name).touch()
            (folder / name).chmod(0o666)
    # The mask of what is forked from a server is the server's.
    line = command(tmp_path, sandbox, start=(str(BIN / "target-ecwid"),), **settings)
    into(tmp_path, work)
    done = subprocess.run(
        ["bash", "-c", f"umask 000; exec {shlex.join(line)}"],
        input=encoded(records("products", *rows)),
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    found = modes(work)
    assert {"rejected.jsonl", "results.jsonl", "journal.db", "lock"} <= found.keys()
    for name, mode in found.items():
        assert mode & 0o077 == 0, (name, oct(mode))
    if before == "nothing":
        assert stat.S_IMODE(work.parent.stat().st_mode) & 0o077 == 0
