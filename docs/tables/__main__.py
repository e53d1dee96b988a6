"""Runs the loaders, and writes what they do into the table of docs/loaders.md.

``uv run python docs/tables``, a quarter of an hour. Each night, a test compares the table with what
the loaders do then (tests/flow/test_loaders.py).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from loader_trials import HEAD, table, trial, two_runs  # noqa: E402
from loaders import LOADERS  # noqa: E402

PAGE = ROOT / "docs" / "loaders.md"


def main() -> None:
    """Run them all; the new table replaces the old one."""
    seen = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs = two_runs(folder)
        for kind in LOADERS:
            own = folder / kind.__name__
            own.mkdir()
            with kind(own).running() as loader:
                seen[kind] = trial(loader, runs)
            sys.stderr.write(f"{kind.__name__}: {seen[kind]}\n")
    before, _, rest = PAGE.read_text().partition(HEAD)
    after = rest.partition("\n\n")[2]
    PAGE.write_text(f"{before}{table(seen)}\n{after}")


if __name__ == "__main__":
    main()
