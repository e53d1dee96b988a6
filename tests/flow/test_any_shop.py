"""Runs with everything at once: a moving shop, faults, kills; in a third of them a single run.

``-m soak`` runs all seeds. ``ECWID_RUNS`` is a file that gets a line a seed with what was found.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from copy_of_shop import MODELLED, CopyOfShop
from ecwid_sandbox.testing import Fault, running_sandbox
from expected import KINDS, expected_rows
from tap_run import hasty_tap, run_tap, settings_of, write_files
from trade import Trade

SEEDS = [pytest.param(n, marks=() if n < 1 else pytest.mark.soak) for n in range(500)]
LINES = 400
"""About as many lines as an undisturbed run writes."""
FAULTS = (
    {"status": 500},
    {"status": 503},
    {"status": 429, "retry_after": 0},
    {"drop": "before"},
    {"drop": "after"},
    {"cut": 0.5},
    {"garbage": True},
    {"delay": 60},
)
DELETED = ("product", "customer", "order", "review", "coupon", "category")


class Storm:
    """A shop that moves and fails, and a copy of it."""

    def __init__(self, sandbox, seed, folder):
        self.sandbox = sandbox
        self.chance = random.Random(seed)
        self.folder = folder
        self.copy = CopyOfShop()
        self.runs = self.killed = 0
        self.settings = settings_of(
            sandbox,
            lookback_seconds=4,
            streams={
                stream: {"page_size": self.chance.randint(4, 30)}
                for stream in ("products", "orders", "customers", "categories", "product_reviews")
            },
        )

    def delete_something(self):
        if self.chance.random() < 0.1:
            kind = self.chance.choice(DELETED)
            # The last number would be given again.
            keys = self.sandbox.shop.keys(kind)[:-1]
            if len(keys) > 3:
                self.sandbox.shop.delete(kind, self.chance.choice(keys))

    def fail(self):
        for _ in range(self.chance.randint(0, 4)):
            kind = self.chance.choice(FAULTS)
            self.sandbox.faults.add(
                Fault(skip=self.chance.randint(0, 30), times=self.chance.randint(1, 2), **kind)
            )

    def run(self):
        run = run_tap(self.folder, self.settings, state=self.copy.state, command=hasty_tap())
        assert run.code == 0, run.log
        self.copy.load(run.messages)
        self.runs += 1

    def run_to_its_death(self):
        """Run, and kill it after some lines; it may be through before."""
        files = write_files(self.folder, self.settings, state=self.copy.state)
        number = self.chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM])
        process = subprocess.Popen(
            [*hasty_tap(), *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        with process.stdout as output:
            lines = [output.readline() for _ in range(self.chance.randrange(1, LINES))]
            process.send_signal(number)
            lines += output.readlines()
        code = process.wait(60)
        assert code in {0, -number, 128 + number}, code
        # The line in which it was killed may have come only by half.
        self.copy.load(json.loads(line) for line in lines if line.endswith(b"\n"))
        self.runs += 1
        self.killed += code != 0

    def differences(self, expected):
        """Rows that are missing, that should be gone, and that are older than the shop's."""
        found = {"lost": 0, "undead": 0, "stale": 0}
        for stream in MODELLED.keys() & expected.keys():
            rows = self.copy.rows(stream)
            found["lost"] += len(expected[stream].keys() - rows.keys())
            found["undead"] += len(rows.keys() - expected[stream].keys())
            found["stale"] += sum(
                rows[key] != expected[stream][key] for key in rows.keys() & expected[stream].keys()
            )
        return found


def one_run(storm, trade, lag):
    """A single run misses nothing that was there all along."""
    before = trade.rows()
    storm.sandbox.clock.advance(lag + 1)
    storm.run()
    after = trade.rows()
    missed = {
        (stream, key)
        for stream in MODELLED.keys() & KINDS.keys()
        for key in (before[stream].keys() & after[stream].keys()) - storm.copy.rows(stream).keys()
    }
    return {"missing": len(missed)}


def noted(seed, storm, trade, found):
    if path := os.environ.get("ECWID_RUNS"):
        with Path(path).open("a") as file:
            note = {"seed": seed, "runs": storm.runs, "killed": storm.killed}
            file.write(json.dumps(note | {"changes": trade.count} | found) + "\n")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_copy_has_what_the_shop_has(seed, tmp_path):
    chance = random.Random(seed)
    lag = chance.choice([0, 0.5, 2])
    with running_sandbox(
        size="tiny", seed=seed % 10, latency=chance.choice([0, 2, 8]), index_lag=lag
    ) as sandbox:
        sandbox.clock.advance(60)
        storm = Storm(sandbox, seed, tmp_path)
        with Trade(sandbox, chance.choice([0.01, 0.03]), storm.delete_something) as trade:
            storm.fail()
            if seed % 3 == 0:
                found = one_run(storm, trade, lag)
            else:
                for _ in range(chance.choice([1, 2, 2, 3])):
                    storm.run_to_its_death()
                    sandbox.clock.advance(lag + 5)
                    storm.fail()
        sandbox.faults.clear()
        if seed % 3:
            sandbox.clock.advance(lag + 5)
            storm.run()
            found = storm.differences(expected_rows(sandbox.shop))
    noted(seed, storm, trade, found)
    assert not any(found.values()), found
