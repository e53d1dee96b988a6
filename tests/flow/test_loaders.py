"""Loaders of others load all default streams, twice, with deletions and a new column.

A quarter of an hour with ``-m soak``, most of it to install them. ``docs/tables`` writes the table
that is compared here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from loader_trials import HEAD, trial, two_runs
from loaders import LOADERS

PAGE = (Path(__file__).parents[2] / "docs" / "loaders.md").read_text()
TABLE = PAGE.partition(HEAD)[2].partition("\n\n")[0].splitlines(keepends=True)


def test_the_table_has_every_loader_and_what_is_known_of_it():
    assert len(TABLE) == len(LOADERS)
    for line, loader in zip(TABLE, LOADERS, strict=True):
        name, _, version = (loader.package or "").partition("==")
        assert (loader.title or f"`{name.partition('[')[0]}` {version}") in line
        assert f"| {loader.note} |" in line


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return two_runs(tmp_path_factory.mktemp("tap"))


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", LOADERS, ids=lambda kind: kind.__name__)
def test_a_loader_does_what_the_table_says(kind, runs, tmp_path):
    with kind(tmp_path).running() as loader:
        seen = trial(loader, runs)
    assert seen.row(kind) in TABLE, seen
