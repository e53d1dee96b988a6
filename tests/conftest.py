"""Runs the longest files first, so that at the end no worker is left alone with one of them."""

from __future__ import annotations


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("meltano") is None)
