"""What target-ecwid has written comes back as a webhook; a setting leaves it out."""

from __future__ import annotations

import sqlite3

import pytest

from ecwid_sandbox.testing import running_sandbox
from target_run import records, run_target
from webhooks import SECRET, delivered, read_queue, running_receiver


@pytest.fixture
def sandbox(tmp_path):
    with (
        running_sandbox(size="tiny", client_secret=SECRET) as sandbox,
        running_receiver(tmp_path) as receiver,
    ):
        sandbox.set(webhook_url=receiver.url)
        yield sandbox


def names(run):
    assert run.code == 0, run.log
    return {record["id"] for record in run.records("products")}


def test_own_writes_are_left_out_and_no_others(sandbox, tmp_path):
    shop = sandbox.shop
    ours, changed, at_once, same_field, others, deleted = shop.keys("product")[:6]
    rows = [{"id": n, "price": 77.5} for n in (ours, changed, at_once, same_field, deleted)]
    work = tmp_path / "work"
    run = run_target(tmp_path, sandbox, records("products", *rows), ids="shared")
    assert run.code == 0, run.log
    # The shop's staff change the same field or another in the same second, or one a little later.
    shop.update("product", same_field, {"price": 66.5})
    shop.update("product", at_once, {"name": "Changed at once"})
    sandbox.clock.advance(5)
    shop.update("product", changed, {"name": "Changed by staff"})
    shop.update("product", others, {"name": "Never ours"})
    shop.delete("product", deleted)
    delivered(sandbox)
    # What is not acknowledged is read again: without the setting, all of it.
    everything = {ours, changed, at_once, same_field, others, deleted}
    assert names(read_queue(tmp_path, sandbox)) == everything
    run = read_queue(tmp_path, sandbox, own_writes=str(work))
    assert names(run) == everything - {ours}
    # The write accounts for one event; the next is not the target's.
    sandbox.clock.set(shop.clock.now() - 5)
    shop.update("product", ours, {"subtitle": "Changed in the second of our write"})
    delivered(sandbox)
    run = read_queue(tmp_path, sandbox, state=run.state, own_writes=str(work))
    assert names(run) == {ours}
    # A repair brings them in any case.
    repair = read_queue(tmp_path, sandbox, own_writes=str(work), repair=True)
    assert ours in names(repair)


def test_a_folder_without_runs_leaves_nothing_out_and_a_damaged_one_is_one_line(sandbox, tmp_path):
    shop = sandbox.shop
    shop.update("product", first := shop.keys("product")[0], {"price": 1.5})
    delivered(sandbox)
    assert names(read_queue(tmp_path, sandbox, own_writes=str(tmp_path / "none"))) == {first}
    folder = tmp_path / "work" / "1003"
    folder.mkdir(parents=True)
    sqlite3.connect(folder / "runs.db").execute("CREATE TABLE other (id)").connection.close()
    run = read_queue(tmp_path, sandbox, own_writes=str(tmp_path / "work"))
    assert run.code == 1
    assert "Is it the work_dir of a target-ecwid?" in run.log
    assert "Traceback" not in run.log
