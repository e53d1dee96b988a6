"""The parts of many shops: the file, when a shop is due, what is tried again, one mart over all."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE = EXAMPLES / "many-shops"
sys.path.insert(0, str(EXAMPLE))

from many_shops.combining import combine  # noqa: E402
from many_shops.loading import Loaded, reason_of  # noqa: E402
from many_shops.shops import ShopsError, read_shops  # noqa: E402

MIDNIGHT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def shops(tmp_path):
    def read(text):
        path = tmp_path / "shops.yml"
        path.write_text(text)
        return read_shops(path)

    return read


def test_two_hundred_shops_are_spread_over_the_hour(shops):
    lines = "".join(f"- {{store_id: {n}, token_from: T_{n}}}\n" for n in range(1000, 1200))
    found = shops(f"shops:\n{lines}")
    begun = Counter()
    for minute in range(120):
        moment = MIDNIGHT + dt.timedelta(minutes=minute)
        for key, shop in found.items():
            if shop.is_due(moment):
                begun[key] += 1
                begun[minute] += 1
    assert {begun[key] for key in found} == {2}
    assert max(begun[minute] for minute in range(60)) <= 10


def test_a_shop_has_a_time_of_its_own(shops):
    found = shops("""
        shops:
        - {store_id: 1, token_from: A, every: 15m, minute: 5}
        - {store_id: 2, token_from: B, every: 1d, minute: 180}
        - {store_id: 3, token_from: C, paused: true}
    """)
    due = {
        key: [n for n in range(24 * 60) if shop.is_due(MIDNIGHT + dt.timedelta(minutes=n))]
        for key, shop in found.items()
    }
    assert due == {"1": list(range(5, 24 * 60, 15)), "2": [180], "3": []}


@pytest.mark.parametrize(
    ("shop", "told"),
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
def test_what_is_wrong_with_the_file_is_told(shops, shop, told):
    with pytest.raises(ShopsError, match=r"shops\.yml") as error:
        shops(f"shops: [{shop}]")
    assert told in str(error.value)
    assert "secret_abc" not in str(error.value)


def test_a_shop_is_there_once_and_its_token_is_set(shops):
    one = "{store_id: 1, token_from: A}"
    with pytest.raises(ShopsError, match="twice"):
        shops(f"shops: [{one}, {one}]")
    with pytest.raises(ShopsError, match="A is not set"):
        shops(f"shops: [{one}]")["1"].token({})


@pytest.mark.parametrize(
    ("store", "final"),
    [
        ({"ok": False, "error": "access_token is not accepted by Ecwid"}, True),
        ({"ok": False, "error": "GET /profile: the server failed, tried 3 times"}, False),
        ({"ok": False, "error": "api_url http://x can't be reached, tried 3 times"}, False),
        ({"ok": False, "missing_scopes": ["read_orders"], "streams": []}, True),
        (
            {
                "ok": False,
                "missing_scopes": [],
                "streams": [{"stream": "brands", "verdict": "unavailable"}],
            },
            True,
        ),
        ({"ok": True, "missing_scopes": [], "streams": []}, False),
    ],
)
def test_only_what_somebody_has_to_change_is_final(store, final):
    assert (reason_of({"ok": store["ok"], "stores": [store]}) is not None) == final


def test_counts_come_out_of_the_log():
    loaded = Loaded()
    for value in (100, 7):
        metric = {"metric": "record_count", "value": value, "tags": {"stream": "orders"}}
        loaded.note({"metric_info": metric, "level": "info"})
    loaded.note({"level": "warning", "event": "a field that nobody knows"})
    assert loaded.records == {"orders": 107}
    assert loaded.warnings == 1


def test_marts_of_many_shops_become_one(tmp_path):
    paths = {key: tmp_path / f"{key}.duckdb" for key in ("1003", "1004", "1005")}
    tables = {
        "1003": "select 1 as id, 'a' as email",
        # As models may have it, and in another order.
        "1004": "select '1004' as store_id, 'b' as email, 2 as id",
        "1005": "select 1 as id, 'c' as email",
    }
    for key, path in paths.items():
        with duckdb.connect(str(path)) as connection:
            connection.execute("create schema marts")
            connection.execute(f"create table marts.customers as {tables[key]}")
    into = tmp_path / "it's all" / "all.duckdb"
    assert combine(paths, into) == {"customers": 3}
    assert combine(paths, into) == {"customers": 3}
    with duckdb.connect(str(into), read_only=True) as connection:
        rows = connection.execute("select store_id, id, email from marts.customers order by 1")
        assert rows.fetchall() == [(1003, 1, "a"), (1004, 2, "b"), (1005, 1, "c")]


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "ECWID_STORE_ID: is not set"),
        ({"ECWID_STORE_ID": "1003"}, "ECWID_ACCESS_TOKEN: is not set"),
        ({"ECWID_STORE_ID": "../x", "ECWID_ACCESS_TOKEN": "secret_a"}, "is no number of a shop"),
    ],
)
def test_the_container_says_what_it_lacks(tmp_path, variables, told):
    done = subprocess.run(
        ["sh", EXAMPLES / "kubernetes" / "load-shop"],
        check=False,
        env={"PATH": os.environ["PATH"], "DATA": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert told in done.stderr
    assert "secret_a" not in done.stderr
    assert not (tmp_path / "data").exists()
