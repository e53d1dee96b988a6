"""The command: what it writes, and what it says when it can't."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import shutil
import subprocess
import sys

import duckdb
import pytest
from plotly.offline import get_plotlyjs_version

from dashboard_page import everything, unpacked
from ecwid_dashboard.cli import main
from ecwid_dashboard.stamp import Sources

HEAVY = {"duckdb", "jinja2", "plotly", "psycopg", "ecwid_dashboard.queries"}


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
    markup = everything(output.read_text(), tables=False)
    assert output.stat().st_size < 1e6
    assert "Tea &amp; Toys" in text
    for personal in ("people.example", "Muster", "erika"):
        assert personal not in text
    assert "<img" not in markup
    assert 'href="javascript' not in markup


def test_one_store_alone(run, marts, tmp_path):
    output = tmp_path / "dashboard.html"
    assert run("--duckdb", marts, "--output", output, "--store", "2")[0] == 0
    text = everything(output.read_text())
    assert "<title>Empty · dashboard</title>" in text
    assert "Tea" not in text


@pytest.fixture
def own_marts(marts, tmp_path):
    """Marts that a test may change."""
    return shutil.copy(marts, tmp_path / "own.duckdb")


TODAY = dt.date(2026, 3, 31)
PAGE = "<html>\n<!-- a shop -->\n</html>"


def sources(file, *, store=None, today=TODAY):
    return Sources.of(file, store=store, today=today)


def test_a_page_is_written_again_for_other_options_alone(run, marts, tmp_path):
    page = tmp_path / "page.html"
    for arguments in ((), ("--store", "2"), ("--store", "2", "--today", "2026-03-31")):
        for is_new in (True, False):
            page.touch()
            os.utime(page, (0, 0))
            code, printed = run("--duckdb", marts, "--output", page, *arguments)
            assert code == 0, printed
            assert (page.stat().st_mtime != 0) is is_new, arguments
            assert ("nothing new" in printed) is not is_new


def test_only_a_whole_page_of_the_same_sources_stays(own_marts, tmp_path):
    page = tmp_path / "page.html"
    made = sources(own_marts).stamped(PAGE, ["Europe/Berlin"])
    page.write_text(made)
    assert sources(own_marts).gave(page)
    assert not sources(own_marts, store=1).gave(page)
    assert not sources(own_marts, today=None).gave(page)
    assert not sources(tmp_path / "none").gave(page)
    for content in (
        *(made[:length] for length in range(len(made) - 1)),
        PAGE,
        made.replace("shop", "shoq"),
        made + "more",
        made + made,
        *(made.replace(" -->\n", f" {zone} -->\n") for zone in ("Mars/Base", "../etc", "Europe")),
    ):
        page.write_text(content)
        assert not sources(own_marts).gave(page), content
    page.unlink()
    assert not sources(own_marts).gave(page)


def test_a_page_is_written_again_when_the_database_has_changed(run, own_marts, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(sources(own_marts).stamped(PAGE, []))
    known = own_marts.stat()
    with duckdb.connect(str(own_marts), read_only=True) as connection:
        connection.execute("from marts.stores")
    assert sources(own_marts).gave(page)
    # Also marts of the same size and age.
    with duckdb.connect(str(own_marts)) as connection:
        connection.execute("update marts.stores set store_name = 'Renamed' where store_id = 1")
    os.utime(own_marts, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert not sources(own_marts).gave(page)
    # A change that is still in the log, as after a kill.
    page.write_text(sources(own_marts).stamped(PAGE, []))
    connection = duckdb.connect(str(own_marts))
    connection.execute("pragma disable_checkpoint_on_shutdown")
    connection.execute("update marts.stores set store_name = 'Logged' where store_id = 1")
    connection.close()
    assert own_marts.with_name("own.duckdb.wal").exists()
    assert not sources(own_marts).gave(page)
    # What is wrong is found all the same.
    own_marts.write_bytes(b"no database")
    code, printed = run("--output", page, "--duckdb", own_marts)
    assert (code, "can't be read" in printed) == (1, True)


def test_a_page_of_today_is_written_again_when_the_day_ends_in_any_store(own_marts, tmp_path):
    page = tmp_path / "page.html"
    zones = ("Europe/Berlin", "America/New_York", "Pacific/Kiritimati")
    moment = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
    for today, hours_that_last in ((None, range(-2, 10)), (TODAY, range(-40, 40))):
        made = dataclasses.replace(sources(own_marts, today=today), moment=moment)
        page.write_text(made.stamped(PAGE, [*zones, *zones]))
        for hours in range(-40, 40):
            later = dataclasses.replace(made, moment=moment + dt.timedelta(hours=hours))
            assert later.gave(page) is (hours in hours_that_last), (today, hours)


def test_a_page_over_another_is_the_one_that_would_be_new(run, own_marts, tmp_path):
    old, new = tmp_path / "old.html", tmp_path / "new.html"
    arguments = ("--duckdb", own_marts, "--today", "2026-03-31", "--output")
    run(*arguments, old)
    with duckdb.connect(str(own_marts)) as connection:
        connection.execute("update marts.orders set total = total + 1 where order_id = 'A'")
    before = old.read_text()
    for text in (before.encode(), b"\xff\xfe" + before.encode()):
        old.write_bytes(text)
        new.unlink(missing_ok=True)
        assert run(*arguments, old)[0] == run(*arguments, new)[0] == 0
        assert before != old.read_text() == new.read_text()


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc", "Europe", ""])
def test_a_time_zone_that_is_none_is_reported(run, own_marts, tmp_path, zone):
    with duckdb.connect(str(own_marts)) as connection:
        connection.execute("update marts.stores set timezone = $1", [zone])
    code, printed = run("--output", tmp_path / "page.html", "--duckdb", own_marts)
    assert code == 1
    assert f"the time zone {zone!r} of store 1 isn't known" in printed
    assert "Traceback" not in printed


def test_a_page_that_stays_loads_nothing_that_takes_long(run, marts, tmp_path):
    arguments = ["write", f"--duckdb={marts}", f"--output={tmp_path / 'page.html'}"]
    run(*arguments[1:])
    code = (
        "import sys; from ecwid_dashboard.cli import main; main(); print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert "nothing new" in done.stdout
    assert not HEAVY & set(done.stdout.split())


def test_what_is_wrong_is_told_and_the_old_page_stays(run, marts, tmp_path, monkeypatch):
    page = tmp_path / "dashboard.html"
    page.write_text("old")
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("create schema marts; create table marts.stores (store_id bigint)")
    junk = tmp_path / "junk.duckdb"
    junk.write_text("no database" * 1000)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
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
        (("--duckdb", marts, "--output", pipe), "pipe is a device or a pipe: choose a file"),
    ):
        code, printed = run("--output", page, *arguments)
        assert code in {1, 2}, arguments
        for word in words:
            assert word in printed, (arguments, printed)
        assert "Traceback" not in printed
    assert page.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dashboard.html", "junk.duckdb", "other.duckdb", "pipe",
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
