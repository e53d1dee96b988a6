"""The work folder is ours: no link is followed, nothing is open to others."""

from __future__ import annotations

import os
import stat
import uuid

import pytest

from empty_ids import key_map
from spoilt_journals import SPOILT
from target_ecwid.shop.entries import Entry
from target_ecwid.shop.journal import Journal
from target_ecwid.work_folder import WorkFolderError, locked, open_private, work_folder


def entry(number):
    return Entry(
        operation="createProduct",
        group="products",
        path={},
        query={},
        body={"name": "x" * 2000},
        sequence=number,
    )


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_journal_that_can_t_be_read_is_named(tmp_path, spoil):
    path = tmp_path / "journal.db"
    journal = Journal(path, key_map())
    journal.begin(uuid.uuid4(), [entry(n) for n in range(20)], parallel=True)
    journal.close(ended_well=False)
    spoil(path)
    with pytest.raises(WorkFolderError) as caught:
        list(Journal(path, key_map()).unfinished())
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["lock", "journal.db", "rejected.jsonl"])
@pytest.mark.parametrize("kind", ["link", "link to nothing", "hard link", "pipe", "folder"])
def test_what_is_no_file_of_ours_is_refused(tmp_path, name, kind):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    place = tmp_path / name
    if "to nothing" in kind:
        place.symlink_to(tmp_path / "nothing")
    elif kind == "link":
        place.symlink_to(victim)
    elif kind == "hard link":
        place.hardlink_to(victim)
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.mkdir()
    opens = {
        "lock": lambda: locked(tmp_path),
        "journal.db": lambda: Journal(place, key_map()),
        "rejected.jsonl": lambda: open_private(place, os.O_WRONLY),
    }
    with pytest.raises(WorkFolderError, match=name):
        opens[name]()
    assert victim.read_text() == "precious"
    assert not (tmp_path / "nothing").exists()


def test_only_one_run_holds_a_folder(tmp_path):
    held = locked(tmp_path)
    with pytest.raises(WorkFolderError, match="in use by another run"):
        locked(tmp_path)
    os.close(held)
    os.close(locked(tmp_path))


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("existing", [True, False])
def test_folders_and_files_are_closed_to_others(tmp_path, existing, mask):
    work = tmp_path / "a" / "b"
    if existing:
        (work / "1003").mkdir(parents=True)
        for path in (work, work / "1003"):
            path.chmod(0o777)
        (work / "1003" / "lock").touch()
        (work / "1003" / "lock").chmod(0o666)
    before = os.umask(mask)
    try:
        folder = work_folder({"work_dir": str(work), "store_id": 1003})
        os.close(locked(folder))
        Journal(folder / "journal.db", key_map()).close(ended_well=True)
    finally:
        os.umask(before)
    own = [work, folder, *folder.iterdir()]
    own += [] if existing else [work.parent]
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in own} == {0}


@pytest.mark.parametrize("name", ["store", "work"])
def test_a_store_s_folder_is_no_link(tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if name == "store":
        (tmp_path / "work").mkdir()
        (tmp_path / "work" / "1003").symlink_to(elsewhere)
        with pytest.raises(WorkFolderError):
            work_folder({"work_dir": str(tmp_path / "work"), "store_id": 1003})
        assert list(elsewhere.iterdir()) == []
    else:
        # Where the folder is, the settings say.
        (tmp_path / "work").symlink_to(elsewhere)
        assert work_folder({"work_dir": str(tmp_path / "work"), "store_id": 1003}).is_dir()
