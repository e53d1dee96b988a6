"""A file .env: what is set is read back as it was, and all else stays."""

from __future__ import annotations

import stat

import pytest
from dotenv import dotenv_values

from ecwid_api.errors import SettingError
from ecwid_plugin.env_file import EnvFile

NEW = {"A": "1", "B": "two"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "A=1\nB=two\n"),
        ("", "A=1\nB=two\n"),
        ("C=3", "C=3\nA=1\nB=two\n"),
        ("# words\n\nA = 0 # old\nC=3\n", "# words\n\nA=1\nC=3\nB=two\n"),
        ("export B='x'\nA=0\n", "B=two\nA=1\n"),
        ("A=0\nC=3\nA=9\n", "A=1\nC=3\nB=two\n"),
        ("C=3\r\nA=0\r\n", "C=3\r\nA=1\r\nB=two\r\n"),
        ('C="many\nA=0\nlines"\n', 'C="many\nA=0\nlines"\nA=1\nB=two\n'),
        ("no variable at all\nC=3\n", "no variable at all\nC=3\nA=1\nB=two\n"),
    ],
)
def test_variables_are_set_and_the_rest_stays(tmp_path, before, after):
    path = tmp_path / ".env"
    if before is not None:
        path.write_bytes(before.encode())
        path.chmod(0o644)
    file = EnvFile(path)
    file.check()
    file.set(NEW)
    assert path.read_bytes().decode() == after
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert dotenv_values(path).items() >= NEW.items()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("value", ["it's", "a b", "$A ${A}", "#x", '"', "\\n", "é", "a\\'b", ""])
def test_any_value_is_read_back(tmp_path, value):
    path = tmp_path / ".env"
    EnvFile(path).set({"A": value})
    assert dotenv_values(path, interpolate=False) == {"A": value}


def test_what_a_link_points_to_is_written(tmp_path):
    real, link = tmp_path / "real", tmp_path / ".env"
    real.write_text("C=3\n")
    link.symlink_to(real)
    EnvFile(link).set({"A": "1"})
    assert link.is_symlink()
    assert real.read_text() == "C=3\nA=1\n"


def test_what_cannot_be_written_is_told_before(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "bytes").write_bytes(b"A=\xff\n")
    for path in (folder, tmp_path / "missing" / ".env", tmp_path / "bytes"):
        with pytest.raises(SettingError, match="--env-file"):
            EnvFile(path).check()
