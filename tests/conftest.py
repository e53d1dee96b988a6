"""What makes the whole suite faster; no test depends on it."""

from __future__ import annotations

import os
import sys

# Images of containers set it. Every process that a test starts would compile all its modules, and
# pytest all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_collection_modifyitems(items):
    """Begin with the longest files, so that at the end no worker is left alone with one of them."""
    items.sort(key=lambda item: item.get_closest_marker("meltano") is None)


def pytest_xdist_auto_num_workers():
    """Two workers more than processors: tests wait for answers a good deal of their time."""
    return (os.cpu_count() or 1) + 2
