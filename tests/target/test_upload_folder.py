"""Which files of this machine a record may name: only those of a folder, and none of our own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from target_ecwid.change.upload_folder import UploadFolder
from target_ecwid.record.unfit import Unfit

FORBIDDEN = {
    ".env": "never uploaded",
    "./.env": "never uploaded",
    "pictures/../.env": "never uploaded",
    ".hidden/a.png": "never uploaded",
    "a-link.png": "never uploaded",
    "hard-link.png": "never uploaded",
    "folder-link/a.png": "never uploaded",
    "work/1003/rejected.jsonl": "never uploaded",
    "work-link/journal.db": "never uploaded",
    "state.json": "never uploaded",
    "dev.State.json": "never uploaded",
    "backend/a": "never uploaded",
    "requests.log": "never uploaded",
    "key.pem": "never uploaded",
    "meltano.yml": "never uploaded",
    "../outside.png": "set files_dir to the folder",
    "/etc/passwd": "set files_dir to the folder",
    "outside-link.png": "set files_dir to the folder",
    "nothing.png": "there is no such file",
    "pictures": "there is no such file",
    "pipe": "there is no such file",
    "circle": "can't be the path of a file",
    "a\0b": "can't be the path of a file",
    "half\ud800": "can't be the path of a file",
    "x" * 5000: "can't be the path of a file",
    "a/" * 5000: "can't be the path of a file",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    inside = tmp_path / "inside"
    for name in ("pictures", ".hidden", "work/1003", "backend"):
        (inside / name).mkdir(parents=True)
    for name in (
        ".env",
        "a.png",
        "pictures/a.png",
        ".hidden/a.png",
        "work/1003/rejected.jsonl",
        "work/journal.db",
        "state.json",
        "dev.State.json",
        "backend/a",
        "requests.log",
        "key.pem",
        "meltano.yml",
        "../outside.png",
    ):
        (inside / name).write_text("content")
    (inside / "a-link.png").symlink_to(".env")
    (inside / "hard-link.png").hardlink_to(inside / ".env")
    (inside / "folder-link").symlink_to(".hidden")
    (inside / "work-link").symlink_to("work")
    (inside / "outside-link.png").symlink_to(tmp_path / "outside.png")
    (inside / "circle").symlink_to("circle")
    os.mkfifo(inside / "pipe")
    monkeypatch.chdir(inside)
    monkeypatch.setenv("MELTANO_PROJECT_ROOT", str(inside))
    monkeypatch.setenv("MELTANO_STATE_BACKEND_URI", f"file://{inside}/backend")
    return UploadFolder(
        {
            "files_dir": ".",
            "work_dir": "work",
            "http_log_file": "requests.log",
            "client_key": "key.pem",
        }
    )


@pytest.mark.parametrize("name", FORBIDDEN, ids=range(len(FORBIDDEN)))
def test_what_is_refused_says_why(folder, name):
    with pytest.raises(Unfit) as caught:
        folder.file(name)
    assert FORBIDDEN[name] in caught.value.message
    assert len(caught.value.message) < 500


@pytest.mark.parametrize("name", ["a.png", "./a.png", "pictures/a.png", "pictures/../a.png"])
def test_files_of_the_folder_are_found(folder, name):
    assert folder.file(name).read_text() == "content"
    assert folder.file(str(Path.cwd() / name)).read_text() == "content"


def test_without_the_setting_no_file_is_uploaded(folder):
    for name in ("a.png", *FORBIDDEN):
        with pytest.raises(Unfit, match="set files_dir to the folder that holds them"):
            UploadFolder({"work_dir": "work"}).file(name)
