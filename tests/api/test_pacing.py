"""The pacer keeps to the limit of any 60 seconds, and shares what a refusal says."""

from __future__ import annotations

import itertools
import threading

import pytest

from ecwid_api.pacing import Pacer, Stopped


class Clockwork(Pacer):
    """A pacer whose time passes only by waiting."""

    def __init__(self, requests_per_minute):
        self.now = 0.0
        super().__init__(requests_per_minute, clock=lambda: self.now)

    def sleep(self, seconds):
        self.now += seconds
        super().sleep(0)


def test_no_minute_has_more_requests_than_granted():
    pacer = Clockwork(600)
    left = []
    for _ in range(3000):
        pacer.acquire()
        left.append(pacer.now)
    for first, last in zip(left, left[600:], strict=False):
        assert last - first > 60
    assert left[-1] - left[0] < 3000 / 600 * 60 / 0.97


def test_a_short_run_does_not_wait():
    pacer = Clockwork(600)
    for _ in range(600):
        pacer.acquire()
    assert pacer.now == 0


def test_after_a_refusal_everybody_waits_and_then_goes_slower():
    pacer = Clockwork(600)
    pacer.acquire()
    pacer.refused(30)
    pacer.refused(20)
    pacer.acquire()
    assert pacer.now == pytest.approx(30)
    assert pacer.left == 600 * 8 // 10 - 2


def test_what_a_refusal_took_comes_back():
    pacer = Clockwork(60)
    pacer.refused(1)
    for _ in range(60 * 8):
        pacer.acquire()
    pacer.now += 100
    assert pacer.left == 60


def test_without_a_limit_nobody_waits():
    pacer = Clockwork(0)
    for _ in range(5000):
        pacer.acquire()
    assert pacer.now == 0
    assert pacer.left is None


def test_who_waits_is_woken_when_it_stops():
    pacer = Pacer(1)
    pacer.acquire()
    outcome = []

    def wait():
        try:
            pacer.acquire()
        except Stopped:
            outcome.append("stopped")

    thread = threading.Thread(target=wait)
    thread.start()
    pacer.stop()
    thread.join(5)
    assert outcome == ["stopped"]


def test_after_a_refusal_requests_leave_evenly():
    pacer = Clockwork(600)
    pacer.acquire()
    pacer.refused(30)
    left = []
    for _ in range(100):
        pacer.acquire()
        left.append(pacer.now)
    gaps = [after - before for before, after in itertools.pairwise(left)]
    assert min(gaps) > 0.12
    assert max(gaps) < 0.13


@pytest.mark.parametrize(("before", "wanted"), [(0, 580), (55, 500), (200, 500), (600, 2)])
def test_a_batch_has_all_its_places_before_it_begins(before, wanted):
    pacer = Clockwork(600)
    left = []
    for _ in range(before):
        pacer.acquire()
        left.append(pacer.now)
        pacer.now += 0.05
    with pacer.batch(wanted, whole=True):
        assert sum(at > pacer.now - 60 for at in left) + wanted <= 600
        assert (pacer.now > 60) == (before + wanted > 600)
        assert pacer.left <= 600 - wanted


def test_a_batch_s_requests_count_from_its_end():
    pacer = Clockwork(600)
    with pacer.batch(500, whole=True):
        pacer.acquire()
        pacer.now += 40
    pacer.now += 40
    assert pacer.left == 100
    with pacer.batch(500, whole=True):
        assert pacer.now > 40 + 60


def test_who_asks_how_far_a_batch_is_need_not_wait_for_its_end():
    pacer = Clockwork(600)
    with pacer.batch(10_000, whole=True):
        for _ in range(20):
            pacer.acquire()
        assert pacer.now == 0
