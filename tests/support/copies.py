"""Runs the commands that copy shops, as their users do."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass

from preloaded_copy import copying, environment


@dataclass
class CopyRun:
    """What a command left behind."""

    code: int
    output: str
    log: str
    report: dict | None


def variables(**shops):
    """The variables that describe shops by name."""
    return {
        f"ECWID_{name.upper()}_{what}": str(value)
        for name, shop in shops.items()
        for what, value in (
            ("STORE_ID", shop.store_id),
            ("ACCESS_TOKEN", shop.token),
            ("API_URL", shop.url),
        )
    }


def started(folder, command, *arguments, **shops):
    """A command under way."""
    return subprocess.Popen(
        [*copying(command), *map(str, arguments)],
        env={**os.environ, **environment(), **variables(**shops)},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_copy(folder, command, *arguments, **shops):
    """Run a command to its end."""
    with started(folder, command, *arguments, **shops) as process:
        output, log = process.communicate(timeout=900)
    for shop in shops.values():
        assert shop.token not in output + log
    assert "Traceback" not in log, log
    path = folder / "report.json"
    report = json.loads(path.read_bytes()) if path.exists() else None
    return CopyRun(process.returncode, output, log, report)


def clone(folder, live, staging, *arguments):
    """Clone one shop into another."""
    return run_copy(
        folder,
        "ecwid-clone",
        *("--from", "live", "--to", "staging", "--yes", "--profile", "--json", "report.json"),
        *arguments,
        live=live,
        staging=staging,
    )
