"""A shop that changes while it is read: no record is missed that was there and still is."""

from __future__ import annotations

import contextlib

import pytest

from copy_of_shop import CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from expected import expected_rows
from tap_run import discover, run_tap, select, settings_of


@contextlib.contextmanager
def meanwhile(sandbox, beginning, happen):
    """Let something happen once: before a page of a list is answered that isn't its first."""
    strike = sandbox.faults.strike
    happened = []

    def watch(method, path):
        if not happened and path.startswith(beginning) and "offset=0" not in path:
            happened.append(path)
            happen()
        return strike(method, path)

    sandbox.faults.strike = watch
    try:
        yield happened
    finally:
        sandbox.faults.strike = strike


@pytest.fixture
def sandbox():
    with running_sandbox(size="tiny") as running:
        running.clock.advance(3600)
        yield running


@pytest.mark.parametrize(
    ("stream", "field"),
    [("products", "name"), ("orders", "privateAdminNotes"), ("customers", "privateAdminNotes")],
)
def test_a_stream_that_is_read_whole_on_demand_keeps_what_changes_meanwhile(
    sandbox, tmp_path, stream, field
):
    catalog = select(discover(tmp_path, settings_of(sandbox)), stream)
    for entry in catalog["streams"]:
        entry["replication_method"] = "FULL_TABLE"
    kind = stream.removesuffix("s")

    def change():
        sandbox.clock.advance(2)
        for key in (sandbox.shop.keys(kind)[0], sandbox.shop.keys(kind)[-1]):
            sandbox.shop.update(kind, key, {field: "changed"})

    with meanwhile(sandbox, f"/{stream}?", change) as happened:
        settings = settings_of(sandbox, streams={stream: {"page_size": 5}})
        run = run_tap(tmp_path, settings, catalog=catalog)
    assert happened
    assert run.code == 0, run.log
    assert run.of("ACTIVATE_VERSION", stream)
    copy = CopyOfShop()
    copy.load(run.messages)
    assert copy.rows(stream) == expected_rows(sandbox.shop)[stream]
