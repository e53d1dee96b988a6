"""Windows cut a span into parts that are small enough, miss no second and share none."""

from __future__ import annotations

import itertools

from ecwid_api.windows import Window, small_windows


class Counted:
    """A scan of rows with times, as far as ``small_windows`` looks at one."""

    def __init__(self, times, window):
        lower = window.since if window.since is not None else 0
        self.total = sum(lower <= t <= window.until for t in times)
        self.cancelled = False

    def cancel(self):
        self.cancelled = True


def parts_of(times, whole, most):
    def scan(window):
        return Counted(times, window)

    return [(w, s.total) for w, s in small_windows(whole, scan(whole), scan, max_rows=most)]


def test_a_small_span_stays_whole():
    assert parts_of([1_700_000_000], Window(None, 1_800_000_000), 10) == [
        (Window(None, 1_800_000_000), 1)
    ]


def test_parts_follow_each_other_without_gap_and_have_all_rows():
    times = [1_600_000_000 + 977 * i for i in range(5000)]
    parts = parts_of(times, Window(1_600_000_000, 1_800_000_000), 700)
    assert all(total <= 700 for _, total in parts)
    assert sum(total for _, total in parts) == len(times)
    for (before, _), (after, _) in itertools.pairwise(parts):
        assert after.since == before.until + 1
    assert parts[0][0].since == 1_600_000_000
    assert parts[-1][0].until == 1_800_000_000


def test_the_first_part_of_an_open_span_stays_open():
    times = [0] * 5 + [1_700_000_000 + i for i in range(20)]
    parts = parts_of(times, Window(None, 1_800_000_000), 10)
    assert parts[0][0].since is None
    assert sum(total for _, total in parts) == 25


def test_many_rows_in_one_second_are_not_cut():
    times = [1_700_000_000] * 500
    parts = parts_of(times, Window(1_699_999_990, 1_700_000_010), 100)
    assert (Window(1_700_000_000, 1_700_000_000), 500) in parts
    assert sum(total for _, total in parts) == 500


def test_a_total_that_is_the_same_for_every_window_is_not_cut_for_ever():
    class Lying(Counted):
        def __init__(self, times, window):
            super().__init__(times, window)
            self.total = 50_000

    asked = []

    def scan(window):
        asked.append(window)
        return Lying([], window)

    whole = Window(None, 1_800_000_000)
    parts = [window for window, _ in small_windows(whole, scan(whole), scan)]
    assert len(asked) < 100
    assert parts[0].since is None
    assert parts[-1].until == 1_800_000_000
    for before, after in itertools.pairwise(parts):
        assert after.since == before.until + 1
