"""What a stream asks for by time of change."""

from __future__ import annotations

import dataclasses

import pytest

from ecwid_api.entities import ENTITIES
from ecwid_api.windows import Window, small_windows
from tap_ecwid.questions import Later, Question
from tap_ecwid.readings import reading_of

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


@pytest.mark.parametrize(("stream", "moves"), [("products", True), ("orders", False)])
def test_a_row_that_moves_to_the_list_s_end_is_not_taken_for_the_one_before(stream, moves):
    """Else the rows between its two places would count as read."""
    entity, keys = ENTITIES[stream], []
    question = dataclasses.replace(
        QUESTION, entity=entity, operation=entity.operations.read, span=Later(5, 9)
    )

    class Source:
        def scan(self, listing, *, key, soon):
            keys.append(key)

    reading_of(question, Source(), None)
    (key,) = keys
    before, after = ({"id": 1, entity.updates.field: f"2024-01-0{day}"} for day in (1, 2))
    assert (key(before) != key(after)) == moves
