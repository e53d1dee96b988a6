"""A sandbox for each test that changes it, and what a warehouse needs to keep up with it."""

from __future__ import annotations

import pytest

from ecwid_sandbox.testing import running_sandbox


@pytest.fixture
def sandbox():
    with running_sandbox(size="tiny") as running:
        yield running


@pytest.fixture(scope="session")
def quiet_sandbox():
    """A shop of some size that no test changes."""
    with running_sandbox(size="small") as running:
        yield running
