"""The list of shops, as tests of many shops write it."""

from __future__ import annotations

import pytest

from many_shops.shops import read_shops


@pytest.fixture
def shops(tmp_path):
    def read(text):
        path = tmp_path / "shops.yml"
        path.write_text(text)
        return read_shops(path)

    return read
