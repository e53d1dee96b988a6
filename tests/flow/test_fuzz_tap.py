"""Real answers, mutated, into the tap: what it writes is whole, and each fault is one line.

A night's test. ``ECWID_FUZZ_SECONDS`` and ``ECWID_FUZZ_SEED`` say how long, and from which seed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

import pytest

from ecwid_sandbox.testing import running_sandbox
from mutating_server import mutating
from raw_server import serving
from tap_run import hasty_tap, settings_of, write_files

SECONDS = float(os.environ.get("ECWID_FUZZ_SECONDS", "600"))
SEED = int(os.environ.get("ECWID_FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
SLOWEST = 60


def problem_of(done):
    """What is wrong with how a run ended; None if nothing is."""
    log = done.stderr.decode(errors="replace")
    for word in ("Traceback", "defect"):
        if word in log:
            return f"{word} in the log"
    if done.returncode not in {0, 1}:
        return f"exit {done.returncode}"
    try:
        for line in done.stdout.splitlines():
            json.loads(line)["type"]
    except (ValueError, KeyError) as error:
        return f"a line is cut: {error}"
    errors = [line for line in log.splitlines() if "| ERROR " in line]
    if len(errors) != done.returncode:
        return f"{len(errors)} lines of errors, and exit {done.returncode}"
    return None


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 300)
def test_mutated_answers(tmp_path):
    end = time.monotonic() + SECONDS
    found, answers, number, slowest = [], 0, SEED, 0.0
    with running_sandbox(size="tiny") as sandbox:
        upstream = sandbox.url.partition("/api/")[0]
        while time.monotonic() < end:
            number += 1
            chance = random.Random(number)
            with serving(mutating(chance, upstream)) as server:
                settings = settings_of(
                    sandbox,
                    api_url=server.url,
                    max_attempts=2,
                    max_list_rows=5000,
                    request_timeout=5,
                    requests_per_minute=100_000,
                    streams={n: {"page_size": 10} for n in ("orders", "products", "customers")},
                )
                begun = time.monotonic()
                try:
                    done = subprocess.run(
                        [*hasty_tap(), *write_files(tmp_path, settings)],
                        capture_output=True,
                        timeout=SLOWEST,
                        check=False,
                    )
                    problem = problem_of(done)
                    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
                except subprocess.TimeoutExpired:
                    problem, last = f"no end after {SLOWEST} s", server.heads[-3:]
                slowest = max(slowest, time.monotonic() - begun)
                answers += len(server.heads)
            if problem:
                found.append(f"seed {number}: {problem}: {last}")
    sys.stdout.write(f"seeds {SEED}-{number}, {answers} answers, slowest run {slowest:.1f} s\n")
    assert not found, "\n".join(found[:50])
