"""Many shops: the list of shops, and when each is loaded."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from many_shops.shops import ShopsError

MIDNIGHT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def minutes_of(shop, group, minutes=24 * 60):
    moments = (MIDNIGHT + dt.timedelta(minutes=n) for n in range(minutes))
    return [n for n, moment in enumerate(moments) if shop.is_due(moment, group)]


def test_the_shops_of_a_group_are_due_together_and_groups_are_spread_over_the_hour(shops):
    found = shops("shops: [{store_id: 1, token_from: A}, {store_id: 2, token_from: B}]")
    begun = Counter()
    for number in range(100):
        first, second = (minutes_of(shop, f"group-{number:04}", 120) for shop in found.values())
        assert first == second
        assert len(first) == 2
        begun[first[0]] += 1
    assert max(begun.values()) <= 6


def test_a_shop_has_a_time_of_its_own(shops):
    found = shops("""
        shops:
        - {store_id: 1, token_from: A, every: 15m, minute: 5}
        - {store_id: 2, token_from: B, every: 1d, minute: 180}
        - {store_id: 3, token_from: C, paused: true}
    """)
    due = {store: minutes_of(shop, "group-0001") for store, shop in found.items()}
    assert due == {1: list(range(5, 24 * 60, 15)), 2: [180], 3: []}


@pytest.mark.parametrize(
    ("shop", "said"),
    [
        ("{store_id: 1, token_from: secret_abc}", "token_from looks like a token"),
        ("{store_id: 1, token_from: 'a-b'}", "token_from is no name"),
        ("{store_id: 1, token: x, token_from: A}", "unknown field `token`"),
        ("{store_id: abc, token_from: A}", "Expected `int`"),
        ("{store_id: 1, token_from: A, every: hourly}", "'hourly' is no time such as"),
        ("{store_id: 1, token_from: A, every: 2d}", "more than a day"),
        ("{store_id: 1, token_from: A, every: 1h, minute: 60}", "not between 0 and 59"),
    ],
)
def test_a_mistake_in_the_list_is_named(shops, shop, said):
    with pytest.raises(ShopsError, match=r"shops\.yml") as error:
        shops(f"shops: [{shop}]")
    assert said in str(error.value)
    assert "secret_abc" not in str(error.value)


def test_a_shop_is_there_once_and_its_token_is_set(shops):
    one = "{store_id: 1, token_from: A}"
    with pytest.raises(ShopsError, match="twice"):
        shops(f"shops: [{one}, {one}]")
    with pytest.raises(ShopsError, match="A is not set"):
        shops(f"shops: [{one}]")[1].token({})
