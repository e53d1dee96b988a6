"""Clone and restore, killed with -9 at any moment and started again: the same end."""

from __future__ import annotations

import logging
import random
import signal
import time

import pytest

from copies import clone, run_copy, started
from ecwid_sandbox.testing import running_sandbox
from hard_shop import harden
from same_shops import differences
from target_run import writes

LOGGER = logging.getLogger(__name__)

MOST_KILLS = 3
LONGEST_BREAK = 0.3


def kill_some(folder, chance, command, *arguments, requests, **shops):
    """Start a command and kill it in the middle, a few times; it may have ended by itself.

    Args:
        requests: How many requests the command sends to the shops if it isn't killed. It is killed
            after one of them, which is as likely as any other: slow machines change nothing.
    """
    for _ in range(chance.randint(1, MOST_KILLS)):
        last = asked(shops) + chance.randrange(requests)
        with started(folder, command, *arguments, **shops) as process:
            while asked(shops) < last and process.poll() is None:
                time.sleep(0.005)
            # What happens between two requests is a moment, too.
            time.sleep(chance.uniform(0, LONGEST_BREAK))
            killed = process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.communicate()
        LOGGER.info("%s %s, %s requests", command, "killed" if killed else "ended", asked(shops))


def asked(shops):
    return sum(len(shop.requests) for shop in shops.values())


def assert_same(live, copy, run):
    assert run.code == 0, run.output + run.log
    assert run.report["faults"] == 0, run.output
    assert differences(live, copy) == []


@pytest.fixture
def live(seed):
    with running_sandbox(size="empty", seed=seed) as running:
        harden(running, seed)
        running.reset_requests()
        yield running


@pytest.fixture
def staging():
    with running_sandbox(size="empty", store_id=2003) as running:
        yield running


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(50))
def test_a_clone_that_is_killed_comes_to_the_same_end(seed, live, staging, tmp_path):
    arguments = ("--from", "live", "--to", "staging", "--yes", "--profile")
    shops = {"live": live, "staging": staging}
    kill_some(tmp_path, random.Random(seed), "ecwid-clone", *arguments, requests=400, **shops)
    assert_same(live, staging, clone(tmp_path, live, staging))
    staging.reset_requests()
    assert clone(tmp_path, live, staging, "--no-report").code == 0
    assert writes(staging) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(50))
def test_a_restore_that_is_killed_comes_to_the_same_end(seed, live, staging, tmp_path):
    chance = random.Random(seed)
    arguments = ("backup", "--from", "live")
    kill_some(tmp_path, chance, "ecwid-backup", *arguments, requests=60, live=live)
    run = run_copy(tmp_path, "ecwid-backup", *arguments, live=live)
    assert run.code == 0, run.log
    assert run_copy(tmp_path, "ecwid-backup", "verify", "backup").code == 0
    arguments = ("backup", "--to", "staging", "--yes", "--profile", "--json", "report.json")
    kill_some(tmp_path, chance, "ecwid-restore", *arguments, requests=300, staging=staging)
    run = run_copy(tmp_path, "ecwid-restore", *arguments, staging=staging)
    assert_same(live, staging, run)
