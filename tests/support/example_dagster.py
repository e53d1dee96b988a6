"""Dagster as examples/many-shops runs it: in an environment of its own, by ``drive_dagster.py``."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "many-shops"
DRIVERS = ROOT / "tests" / "examples"


def in_example(*command):
    """A command in the environment of many shops."""
    return ["uv", "run", "--quiet", "--locked", "--project", EXAMPLE, *command]


@contextlib.contextmanager
def driven_dagster(environment, log):
    """Dagster with its daemon: a function that has it do something.

    Args:
        environment: Its environment.
        log: The file of its log.
    """
    with log.open("w") as errors:
        process = subprocess.Popen(
            in_example("python", DRIVERS / "drive_dagster.py"),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )

        def ask(action, **given):
            process.stdin.write(json.dumps([action, given]) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, log.read_text()[-4000:]
            return json.loads(line)

        try:
            yield ask
        finally:
            process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=60)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
