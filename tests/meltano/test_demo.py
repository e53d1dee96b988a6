"""The command of the README, twice, and that it cleans up after itself."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import duckdb
import pytest

from dashboard_page import everything
from ecwid_warehouse.frames import lines_of

pytestmark = [pytest.mark.meltano, pytest.mark.usefixtures("installed")]


def processes_of(folder):
    """Command lines of processes that were started for a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if str(folder).encode() in line and b"pytest" not in line:
            found.append(line)
    return found


def count(project, table):
    path = project.output / "sandbox" / "ecwid.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def dashboard(project):
    return everything((project.output / "sandbox" / "dashboard.html").read_text())


def test_the_demo_answers_and_the_second_time_it_moves_only_what_changed(fresh_project):
    code, printed = fresh_project.run("demo")
    assert code == 0, printed
    for title in ("Sales by month", "Best sellers", "Returning customers", "What is in"):
        assert title in printed
    assert "Traceback" not in printed
    orders = count(fresh_project, "marts.orders")
    assert orders > 1000
    assert "Open output/sandbox/dashboard.html" in printed
    sales = count(fresh_project, "marts.orders where is_sale")
    assert f'<dd class="value">{sales:,}</dd>' in dashboard(fresh_project)
    assert processes_of(fresh_project.folder) == []

    # Somebody went on with its shop.
    code, printed = fresh_project.run(
        *("ecwid-sandbox", "start", "--port=0", "--directory=output/sandbox/shop")
    )
    assert code == 0, printed
    code, printed = fresh_project.run("demo")
    assert code == 0, printed
    assert "Only what changed" in printed
    assert "new order" in printed
    assert count(fresh_project, "marts.orders") > orders
    raw = fresh_project.output / "sandbox" / "raw"
    first, second = (len(list(lines_of(path))) for path in sorted(raw.glob("orders-*")))
    assert second < first / 10
    assert processes_of(fresh_project.folder) == []
    # All that was sold is somebody's, also of guests and of customers who were deleted.
    table = printed.partition("Returning customers (all time)")[2].partition("└")[0]
    cells = [line.split("│") for line in table.splitlines() if line.startswith("│")]
    orders, sales = (sum(float(row[n].replace(",", "")) for row in cells) for n in (3, 4))
    assert orders == count(fresh_project, "marts.orders where is_sale")
    path = fresh_project.output / "sandbox" / "ecwid.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        net = connection.execute("select sum(net_sales) from marts.daily_sales").fetchone()[0]
    assert sales == pytest.approx(float(net), abs=0.02)


@pytest.mark.soak
def test_a_demo_that_is_interrupted_leaves_nothing_running(fresh_project):
    output = fresh_project.output
    ours = output / "state" / "sandbox:tap-ecwid-to-target-raw" / "state.json"
    others = output / "state" / "sandbox:tap-codes-to-target-ecwid" / "state.json"
    left = output / "sandbox" / "left"
    for path in (ours, others, left):
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    process = fresh_project.start("demo", "--fresh")
    log = fresh_project.output / "sandbox" / "demo.log"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if log.exists() and "meltano" in log.read_text():
            break
        time.sleep(0.1)
    assert [path.exists() for path in (ours, others, left)] == [False, True, False]
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert processes_of(fresh_project.folder) == []
    code, printed = fresh_project.run("demo")
    assert code == 0, printed


def test_a_demo_outside_the_repository_says_so(fresh_project, tmp_path):
    class Elsewhere(type(fresh_project)):
        def __init__(self, folder):
            self.folder = folder

    code, printed = Elsewhere(tmp_path).run("demo")
    assert code == 1
    assert "No meltano.yml" in printed
    assert "Traceback" not in printed
