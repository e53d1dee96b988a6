"""Clone and restore, killed with -9 at any moment and started again: the same end."""

from __future__ import annotations

import random
import signal
import time

import pytest

from copies import clone, run_copy, started
from ecwid_sandbox.testing import running_sandbox
from hard_shop import harden
from same_shops import differences
from target_run import writes

MOST_KILLS = 3


def kill_some(folder, chance, command, *arguments, longest, **shops):
    """Start a command and kill it, a few times; whether it was under way each time."""
    for _ in range(chance.randint(1, MOST_KILLS)):
        with started(folder, command, *arguments, **shops) as process:
            end = time.monotonic() + chance.uniform(0.3, longest)
            while time.monotonic() < end and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.communicate()


def assert_same(live, copy, run):
    assert run.code == 0, run.output + run.log
    assert run.report["faults"] == 0, run.output
    assert differences(live, copy) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(50))
def test_a_clone_that_is_killed_comes_to_the_same_end(seed, tmp_path):
    chance = random.Random(seed)
    with (
        running_sandbox(size="empty", seed=seed) as live,
        running_sandbox(size="empty", store_id=2003) as staging,
    ):
        harden(live, seed)
        arguments = ("--from", "live", "--to", "staging", "--yes", "--profile")
        shops = {"live": live, "staging": staging}
        kill_some(tmp_path, chance, "ecwid-clone", *arguments, longest=20, **shops)
        assert_same(live, staging, clone(tmp_path, live, staging))
        staging.reset_requests()
        assert clone(tmp_path, live, staging, "--no-report").code == 0
        assert writes(staging) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(50))
def test_a_restore_that_is_killed_comes_to_the_same_end(seed, tmp_path):
    chance = random.Random(seed)
    with (
        running_sandbox(size="empty", seed=seed) as live,
        running_sandbox(size="empty", store_id=2003) as shop,
    ):
        harden(live, seed)
        kill_some(
            tmp_path, chance, "ecwid-backup", "backup", "--from", "live", longest=4, live=live
        )
        run = run_copy(tmp_path, "ecwid-backup", "backup", "--from", "live", live=live)
        assert run.code == 0, run.log
        assert run_copy(tmp_path, "ecwid-backup", "verify", "backup").code == 0
        arguments = ("backup", "--to", "shop", "--yes", "--profile", "--json", "report.json")
        kill_some(tmp_path, chance, "ecwid-restore", *arguments, longest=20, shop=shop)
        assert_same(live, shop, run_copy(tmp_path, "ecwid-restore", *arguments, shop=shop))
