"""The command: what it writes, and what it says when it can't."""

from __future__ import annotations

import sys

import duckdb
import pytest
from plotly.offline import get_plotlyjs_version

from dashboard_page import everything, unpacked
from ecwid_dashboard.cli import main


def test_the_bundle_is_of_the_version_that_describes_the_charts(run, marts, tmp_path):
    run("--duckdb", marts, "--output", tmp_path / "page.html")
    plotly = unpacked((tmp_path / "page.html").read_text())["plotly"]
    assert f" v{get_plotlyjs_version()}\n" in plotly[:200]


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs the command; gives its exit code and what it printed."""
    for name in ("DUCKDB", "OUTPUT", "URL"):
        monkeypatch.delenv(f"ECWID_DASHBOARD_{name}", raising=False)

    def one(*arguments):
        monkeypatch.setattr(sys, "argv", ["ecwid-dashboard", "write", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as error:
            code = error.code
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return one


def test_the_page_is_one_file_without_people(run, marts, tmp_path):
    output = tmp_path / "new" / "dashboard.html"
    code, printed = run("--duckdb", marts, "--output", output, "--today", "2026-03-31")
    assert (code, printed.split(":")[0]) == (0, str(output))
    assert [path.name for path in output.parent.iterdir()] == ["dashboard.html"]
    text = everything(output.read_text())
    assert output.stat().st_size < 1e6
    assert "Tea &amp; Toys" in text
    for personal in ("people.example", "Muster", "erika"):
        assert personal not in text
    assert "<img" not in text
    assert 'href="javascript' not in text


def test_one_store_alone(run, marts, tmp_path):
    output = tmp_path / "dashboard.html"
    assert run("--duckdb", marts, "--output", output, "--store", "2")[0] == 0
    text = everything(output.read_text())
    assert "<title>Empty · dashboard</title>" in text
    assert "Tea" not in text


def test_what_is_wrong_is_told_and_the_old_page_stays(run, marts, tmp_path, monkeypatch):
    page = tmp_path / "dashboard.html"
    page.write_text("old")
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create schema marts; create table marts.stores (store_id bigint)")
    junk = tmp_path / "junk.duckdb"
    junk.write_text("no database" * 1000)
    for arguments, *words in (
        ((), "--duckdb", "ECWID_DASHBOARD_URL"),
        (("--duckdb", tmp_path / "none.duckdb"), "there is no file", "ecwid-to-duckdb"),
        (("--duckdb", junk), "junk.duckdb can't be read"),
        (("--duckdb", other), "store_name", "dbt:build"),
        (
            ("--duckdb", marts, "--store", "7"),
            "--store: there is no store 7 in the marts, but 1, 2",
        ),
        (("--duckdb", marts, "--today", "soon"), "'soon' is no day"),
        (("--duckdb", marts, "--output", page / "x.html"), "x.html can't be written"),
    ):
        code, printed = run("--output", page, *arguments)
        assert code in {1, 2}, arguments
        for word in words:
            assert word in printed, (arguments, printed)
        assert "Traceback" not in printed
    assert page.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dashboard.html", "junk.duckdb", "other.duckdb",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "url", ["postgresql://me:very-secret@127.0.0.1:1/shop", "postgresql://me:very-secret@[::1"]
)
def test_the_password_of_a_database_is_never_shown(run, tmp_path, monkeypatch, url):
    monkeypatch.setenv("ECWID_DASHBOARD_URL", url)
    code, printed = run("--output", tmp_path / "page.html")
    assert code == 1
    assert "ECWID_DASHBOARD_URL" in printed
    assert "very-secret" not in printed
