"""A small backup."""

from __future__ import annotations

import pytest

from backup_folder import manifest, write
from ecwid_copy.place import Place


@pytest.fixture
def place(tmp_path):
    found = Place(tmp_path / "backup")
    with found.held():
        found.commit(manifest(products=write(found, "products", {"id": 1})))
    return found
