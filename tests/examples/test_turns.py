"""Many shops: which shops the next runs load."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from many_shops import turns
from many_shops.ledger import Failed, Ledger
from many_shops.turns import Kind


@pytest.fixture
def ledger(tmp_path):
    return Ledger(f"sqlite:///{tmp_path / 'shops.db'}")


MINUTE = dt.datetime(2026, 1, 1, 12, 5, tzinfo=dt.UTC)


def test_webhooks_are_loaded_of_shops_that_were_loaded_and_do_not_fail(ledger, shops):
    listed = shops("""
        shops:
        - {store_id: 1, token_from: A}
        - {store_id: 2, token_from: B}
        - {store_id: 3, token_from: C, paused: true}
        - {store_id: 4, token_from: D}
        - {store_id: 5, token_from: E}
        - {store_id: 6, token_from: F}
        - {store_id: 7, token_from: G}
    """)
    ledger.add([*listed, 8], 6)
    # 2 waits for its first load, and 8 is gone from the list.
    ledger.keep({}, loaded=[1, 3, 4, 5, 6, 7, 8])
    ledger.keep({}, failed={5: Failed("no token")})
    free = {(f"group-000{number}", Kind.WEBHOOKS) for number in (1, 2)}
    found = turns.with_events(ledger.shops(), listed, free, {1, 2, 3, 5, 6, 7, 8, 99})
    groups = {group: [known.store_id for known in some] for (group, _), some in found.items()}
    assert groups == {"group-0001": [1, 6], "group-0002": [7]}
    assert turns.with_events(ledger.shops(), listed, free, set()) == {}


@pytest.mark.parametrize(
    ("pick", "kind"),
    [
        (lambda *known: turns.due(*known, MINUTE), Kind.DUE),
        (lambda *known: turns.due(*known, MINUTE), Kind.FAILING),
        (lambda *known: turns.failed(*known, time.time() + 60), Kind.FAILING),
        (lambda *known: turns.with_events(*known, {1, 2}), Kind.WEBHOOKS),
    ],
)
def test_a_group_has_one_run_of_a_kind_at_a_time(ledger, shops, pick, kind):
    listed = shops("""
        shops:
        - {store_id: 1, token_from: A, every: 5m, minute: 0}
        - {store_id: 2, token_from: B, every: 5m, minute: 0}
        - {store_id: 3, token_from: C, every: 5m, minute: 0, paused: true}
    """)
    ledger.add(listed, 3)
    ledger.keep({}, loaded=[1, 2, 3])
    if kind is Kind.FAILING:
        ledger.keep({}, failed=dict.fromkeys(listed, Failed("down")))
    run = ("group-0001", kind)
    every = {("group-0001", one) for one in Kind}
    found = pick(ledger.shops(), listed, every)
    assert {key: [known.store_id for known in some] for key, some in found.items()} == {run: [1, 2]}
    assert pick(ledger.shops(), listed, every - {run}) == {}
