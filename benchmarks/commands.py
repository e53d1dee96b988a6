"""How long our commands take, as a user waits for them: whole processes, median of several runs.

uv run python benchmarks/commands.py [--runs 5]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
COMMANDS = {
    "tap-ecwid --version": ["tap-ecwid", "--version"],
    "tap-ecwid --help": ["tap-ecwid", "--help"],
    "tap-ecwid --discover": ["tap-ecwid", "--discover"],
    "target-ecwid --version": ["target-ecwid", "--version"],
    "ecwid-sandbox --version": ["ecwid-sandbox", "--version"],
    "demo --help": ["demo", "--help"],
}


def seconds(command: list[str]) -> float:
    """Wall time of one run."""
    began = time.perf_counter()
    subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print(f"{'command':<28}{'median s':>10}{'min':>8}{'max':>8}")
    for title, command in COMMANDS.items():
        seconds(command)
        times = [seconds(command) for _ in range(runs)]
        print(f"{title:<28}{statistics.median(times):>10.2f}{min(times):>8.2f}{max(times):>8.2f}")


if __name__ == "__main__":
    main()
