"""A fixture for pytest: a sandbox for each test that asks for one.

Pytest loads this wherever the package is installed: the sandbox itself is imported only by a test
that uses it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecwid_sandbox.testing import RunningSandbox

_MARKER = "ecwid_sandbox"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(**options): how the fixture ecwid_sandbox is set up; the options are those of "
        "ecwid_sandbox.testing.running_sandbox",
    )


@pytest.fixture
def ecwid_sandbox(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    """A tiny shop of the test's own, at an address of this machine.

    The marker ``ecwid_sandbox`` says what is to be different, such as ``size="small"``. What stands
    nearer to the test wins.
    """
    from ecwid_sandbox.testing import running_sandbox  # noqa: PLC0415 - most runs don't need it

    options: dict[str, Any] = {"size": "tiny"}
    for marker in reversed([*request.node.iter_markers(_MARKER)]):
        if marker.args:
            pytest.fail(f"The marker {_MARKER} takes options by name only", pytrace=False)
        options |= marker.kwargs
    with running_sandbox(**options) as sandbox:
        yield sandbox
