"""Runs a command and writes down what it took: seconds, processor time, memory.

A process of its own, started with ``python -I -S``: the peak memory that Linux tells of a process
begins with that of the process which started it, so that one has to be small.

python -I -S benchmarks/measured.py REPORT COMMAND …
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    report, *command = sys.argv[1:]
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - began
    Path(report).write_text(
        json.dumps(
            {
                "code": os.waitstatus_to_exitcode(status),
                "seconds": seconds,
                "cpu": usage.ru_utime + usage.ru_stime,
                "megabytes": usage.ru_maxrss / 1024,
            }
        ),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
