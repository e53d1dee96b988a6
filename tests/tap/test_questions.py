"""What a stream asks for by time of change."""

from __future__ import annotations

import pytest

from ecwid_api.entities import ENTITIES
from ecwid_api.windows import Window, small_windows
from tap_ecwid.questions import Question

ORDERS = ENTITIES["orders"]
QUESTION = Question(
    entity=ORDERS,
    operation=ORDERS.operations.read,
    query={},
    values=(),
    page_size=100,
    max_rows=None,
    span=None,
    soon=False,
)


class Rows:
    """A scan of times of change, from a filter with or without its upper bound."""

    def __init__(self, times, parameters, *, exclusive):
        since, until = parameters["updatedFrom"] or 0, parameters["updatedTo"]
        self.found = [t for t in times if since <= t < until or (t == until and not exclusive)]
        self.total = len(self.found)

    def cancel(self):
        pass


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("apart", [1, 7, 977])
def test_no_row_is_missed_whether_the_upper_bound_is_included_or_not(exclusive, apart):
    times = [1_700_000_000 + apart * n for n in range(3000)]

    def scan(window):
        parameters = QUESTION.changed(window.since, window.until)
        return Rows(times, parameters, exclusive=exclusive)

    whole = Window(None, times[-1])
    parts = list(small_windows(whole, scan(whole), scan, max_rows=100))
    assert {t for _, rows in parts for t in rows.found} == set(times)
    assert max(rows.total for _, rows in parts) <= 100
    assert len(parts) < 200


def test_an_open_end_stays_open():
    assert QUESTION.changed(5, None)["updatedTo"] is None
