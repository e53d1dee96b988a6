"""Runs commands joined by pipes, and ends them when the process that started it is gone.

A program of its own that needs the standard library alone. Its standard input brings the commands
as a line of JSON, and stays open while the starter lives: the operating system closes it even if
the starter is killed. It starts in a process group of its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any, Final, NoReturn

_INPUT: Final = 0
_GRACE: Final = 20.0
"""Seconds from SIGTERM to SIGKILL: the tap finishes its page."""


def main() -> None:
    """Run the commands, and report their exit codes in the last line of standard error."""
    text = b""
    while not text.endswith(b"\n"):
        text += os.read(_INPUT, 1 << 16) or sys.exit("The commands didn't arrive")
    processes = _start(json.loads(text))
    threading.Thread(target=_end_with_the_starter, args=(processes,), daemon=True).start()
    codes = [process.wait() for process in processes]
    sys.stderr.write(json.dumps({"exit_codes": codes}) + "\n")


def _start(commands: list[dict[str, Any]]) -> list[subprocess.Popen[bytes]]:
    processes: list[subprocess.Popen[bytes]] = []
    for place, command in enumerate(commands):
        before = processes[-1].stdout if processes else None
        processes.append(
            subprocess.Popen(  # noqa: S603 - the starter's commands
                command["arguments"],
                cwd=command["folder"],
                env=command["environment"],
                stdin=before or subprocess.DEVNULL,
                stdout=None if place == len(commands) - 1 else subprocess.PIPE,
            )
        )
        if before is not None:
            # Only the next command reads it: if that ends, the one before gets an error.
            before.close()
    return processes


def _end_with_the_starter(processes: list[subprocess.Popen[bytes]]) -> NoReturn:
    while os.read(_INPUT, 1):
        pass
    for process in processes:
        process.terminate()
    until = time.monotonic() + _GRACE
    while time.monotonic() < until and any(process.poll() is None for process in processes):
        time.sleep(0.05)
    # What they have started ends with them, and so does this process.
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("a killed process runs on")


if __name__ == "__main__":
    main()
