"""A sandbox for each test that changes it, and what a warehouse needs to keep up with it."""

from __future__ import annotations

import pytest

from ecwid_sandbox.testing import running_sandbox

# These compare what is in the shop with what is sent, run by run; what is about the lag sets it.
_AT_ONCE = {"test_target_matching", "test_target_dirty_records"}


@pytest.fixture
def sandbox(request):
    """A tiny shop. Where the target is tested, its searches lag behind writes, as Ecwid's do."""
    module = request.path.stem
    lag = 2 if module.startswith("test_target") and module not in _AT_ONCE else 0
    with running_sandbox(size="tiny", index_lag=lag) as running:
        yield running


@pytest.fixture
def empty():
    """A shop that has nothing yet, and asks no server for pictures."""
    with running_sandbox(size="empty", fetch_files=False) as running:
        yield running


@pytest.fixture(scope="session")
def quiet_sandbox():
    """A shop that tests hardly change, and in which nothing has happened for an hour."""
    with running_sandbox(size="small") as running:
        # At some hours, the demo shop's last changes are as old as the run before.
        running.clock.advance(3600)
        yield running
