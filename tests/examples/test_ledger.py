"""Many shops: groups, bookmarks and results in SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from many_shops.ledger import Failed, Ledger, by_store, joined, wound_back
from postgresql import postgresql_server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger_url(request, tmp_path_factory):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'shops.db'}"
    else:
        with postgresql_server() as url:
            yield url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def ledger(ledger_url):
    engine = sa.create_engine(ledger_url)
    with engine.begin() as connection:
        connection.execute(sa.text("drop table if exists shops"))
    engine.dispose()
    return Ledger(ledger_url)


def groups_of(ledger):
    return {known.store_id: known.group for known in ledger.shops()}


def test_a_shop_stays_in_the_group_in_which_it_began(ledger, ledger_url):
    ledger.add([5, 4, 3], 2)
    assert groups_of(ledger) == {5: "group-0001", 4: "group-0001", 3: "group-0002"}
    # Shops go and come, and so do processes.
    Ledger(ledger_url).add([3, 9, 1], 2)
    assert groups_of(ledger) == {
        5: "group-0001",
        4: "group-0001",
        3: "group-0002",
        9: "group-0002",
        1: "group-0003",
    }
    assert [known.store_id for known in ledger.shops("group-0002")] == [3, 9]


def mark(number):
    return {"replication_key_value": f"2026-01-0{number}T00:00:00+00:00"}


def test_each_shop_keeps_its_own_bookmarks(ledger):
    ledger.add([1, 2, 3], 50)
    state = joined({1: {"orders": mark(1)}, 2: {"orders": mark(2), "products": mark(3)}})
    assert by_store(state) == {1: {"orders": mark(1)}, 2: {"orders": mark(2), "products": mark(3)}}
    ledger.keep(state)
    assert ledger.state([1, 2, 3]) == state
    assert ledger.state([3]) == {"bookmarks": {}}
    ledger.keep(joined({1: {"orders": mark(4)}}), loaded=[1], failed={2: Failed("no")})
    assert by_store(ledger.state([1, 2])) == {
        1: {"orders": mark(4)},
        2: {"orders": mark(2), "products": mark(3)},
    }


def test_failures_are_tried_again_and_shops_become_late(ledger):
    ledger.add([1, 2], 50)
    waits = []
    for _ in range(5):
        ledger.keep({}, failed={1: Failed("down"), 2: Failed("refused", can_pass=False)})
        first, second = ledger.shops()
        waits.append(first.retried_at and first.retried_at - first.failed_at)
        assert second.retried_at is None
    assert waits == [60, 120, 240, None, None]
    assert (first.failures, first.error) == (5, "down")
    assert not first.is_late(60, first.added_at + 3 * 3600)
    assert first.is_late(60, first.added_at + 3 * 3600 + 1)
    ledger.keep({}, loaded=[1])
    first, _ = ledger.shops()
    assert (first.failures, first.error, first.failed_at) == (0, "", None)
    assert not first.is_late(60, first.loaded_at + 3 * 3600)


def test_bookmarks_are_wound_back_and_never_forward():
    state = joined(
        {
            1: {
                "orders": {
                    "replication_key": "updateDate",
                    "replication_key_value": "2026-03-01T00:00:00+00:00",
                    "deletions_read_until": "2026-01-01T00:00:00+00:00",
                    "complete_until": "2026-03-02T00:00:00+00:00",
                    "read_as": "202603010101",
                }
            }
        }
    )
    (orders,) = by_store(wound_back(state, dt.datetime(2026, 2, 1, tzinfo=dt.UTC)))[1].values()
    assert orders == {
        "replication_key": "updateDate",
        "replication_key_value": "2026-02-01T00:00:00+00:00",
        "deletions_read_until": "2026-01-01T00:00:00+00:00",
        "complete_until": "2026-02-01T00:00:00+00:00",
        "read_as": "202603010101",
    }
