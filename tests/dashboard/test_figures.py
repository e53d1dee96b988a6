"""The figures of the page, computed by hand for the shop in marts.sql."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import plotly.graph_objects as go
import psycopg
import pytest

from ecwid_dashboard.amounts import Money
from ecwid_dashboard.charts import shortened
from ecwid_dashboard.content import Topic
from ecwid_dashboard.periods import Grain, periods
from ecwid_dashboard.stores import store_pages
from ecwid_dashboard.warehouse import duckdb_file, postgresql_database
from postgresql import postgresql_server

TODAY = dt.date(2026, 3, 31)
MARTS = (Path(__file__).parent / "marts.sql").read_text()
HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def shops(marts):
    with duckdb_file(marts) as warehouse:
        return store_pages(warehouse, only=None, today=TODAY)


@pytest.fixture
def parts(shops):
    return {part.period.key: part for part in shops[0].periods}


def card(part, key):
    (found,) = (one for one in part.cards if one.key == key)
    return found


def rows(part, key, grain=None):
    (view,) = (one for one in card(part, key).views if one.grain == grain)
    return [list(row) for row in view.table.rows]


def told(tile):
    return [tile.value, *((one.change and one.change.text, one.before) for one in tile.comparisons)]


def test_the_charts_are_what_plotly_knows(shops):
    charts = [
        view.chart
        for shop in shops
        for part in shop.periods
        for one in part.cards
        for view in one.views
    ]
    assert {trace["type"] for chart in charts for trace in chart["data"]} == {"bar", "scatter"}
    for chart in charts:
        # An unknown name, or a value of the wrong kind, is an error.
        go.Figure(**chart)


def test_headline_figures_stand_beside_earlier_ones(parts):
    assert {tile.title: told(tile) for tile in parts["30"].tiles} == {
        "Net sales": ["€130.00", ("+30.0%", "€100.00 before"), (None, "€0.00 a year before")],
        "Orders": ["3", ("+200.0%", "1 before"), (None, "0 a year before")],
        "Average order": ["€43.33", ("\N{MINUS SIGN}56.7%", "€100.00 before")],
        "Returning customers": ["69.2%", ("+69.2 points", "0.0% before")],
        "Refund rate": ["13.3%", ("+13.3 points", "0.0% before")],
        "Left in carts": ["€125.00", ("+150.0%", "€50.00 before"), (None, "€0.00 a year before")],
    }
    moods = [tile.comparisons[0].change.mood for tile in parts["30"].tiles]
    assert moods == ["good", "good", "bad", "good", "bad", "bad"]


def test_a_period_is_compared_with_the_same_days_of_the_year_before(marts):
    with duckdb_file(marts) as warehouse:
        parts = store_pages(warehouse, only=1, today=dt.date(2026, 1, 20))[0].periods
    assert told(parts[0].tiles[0]) == ["€0.00", (None, "€0.00 before")]
    with duckdb_file(marts) as warehouse:
        parts = store_pages(warehouse, only=1, today=dt.date(2026, 2, 8))[0].periods
    assert told(parts[0].tiles[0]) == [
        *("€0.00", (None, "€0.00 before"), ("\N{MINUS SIGN}100.0%", "€50.00 a year before"))
    ]


def test_carts_are_compared_only_with_carts_that_are_known(marts, tmp_path):
    copy = tmp_path / "copy.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("delete from marts.abandoned_carts where cart_id = 'J'")
    with duckdb_file(copy) as warehouse:
        month = store_pages(warehouse, only=1, today=TODAY)[0].periods[0]
    assert told(month.tiles[-1]) == ["€125.00"]
    assert told(month.tiles[0])[1] == ("+30.0%", "€100.00 before")


def test_nothing_is_compared_with_days_that_the_data_dont_reach(parts):
    # In the 90 days before nothing was sold: there is no share of it, and no order's worth.
    befores = [[one.before for one in tile.comparisons] for tile in parts["90"].tiles]
    assert befores == [["€0.00 before"], ["0 before"], [], [], [], ["€0.00 before"]]
    for key in ("365", "all"):
        assert not any(tile.comparisons for tile in parts[key].tiles)
    assert parts["all"].tiles[0].value == "€280.00"
    assert parts["365"].tiles[0].value == "€230.00"


def test_sales_by_day_week_and_month(parts):
    days = rows(parts["30"], "sales", "day")
    # Days on which nothing was sold say nothing.
    assert days == [
        ["20 Mar 2026", "1", "€30.00", "€0.00", "€30.00"],
        ["5 Mar 2026", "2", "€120.00", "€20.00", "€100.00"],
    ]
    assert rows(parts["90"], "sales", "week")[:1] == [
        ["week of 16 Mar 2026", "1", "€30.00", "€0.00", "€30.00"],
    ]
    assert rows(parts["all"], "sales", "month")[:3] == [
        ["Mar 2026", "3", "€150.00", "€20.00", "€130.00"],
        ["Feb 2026", "1", "€100.00", "€0.00", "€100.00"],
        ["Jan 2025", "1", "€50.00", "€0.00", "€50.00"],
    ]
    assert card(parts["30"], "sales").finding == (
        "Net sales were €130.00, from 3 orders, 30.0% more than in the 30 days before."
        " The best day was 5 Mar 2026: €100.00."
    )


def test_charts_draw_what_the_tables_say(parts):
    for part in parts.values():
        for grain in part.period.grains:
            (view,) = (v for v in card(part, "sales").views if v.grain == grain)
            net, refunded = view.chart["data"]
            names = [step.name for step in part.period.steps(grain)]
            written = {row[0]: (row[3], row[4]) for row in view.table.rows}
            for name, kept, back, text in zip(
                names, net["y"], refunded["y"], net["customdata"], strict=True
            ):
                drawn = (f"€{back:,.2f}", f"€{kept:,.2f}")
                assert written.get(name, ("€0.00", "€0.00")) == drawn, name
                assert text == drawn[1]


def test_what_an_order_is_worth(parts):
    worth = {row[0]: row[2] for row in rows(parts["30"], "order-value", "day")}
    assert (worth["5 Mar 2026"], worth["20 Mar 2026"]) == ("€50.00", "€30.00")
    assert "6 Mar 2026" not in worth


def test_returning_customers(parts):
    assert card(parts["30"], "returning").finding == (
        "69.2% of net sales came from customers who had bought before: 2 of 3 orders."
    )
    (march,) = (r for r in rows(parts["all"], "returning", "month") if r[0] == "Mar 2026")
    assert march == ["Mar 2026", "€90.00", "€40.00", "69.2%", "66.7%"]


def test_best_sellers(parts):
    assert rows(parts["30"], "best-sellers") == [
        ["Teapot", "3", "1", "€81.00", "54.5%"],
        ["Mug", "2", "0", "€36.00", "24.2%"],
        [HOSTILE, "5", "0", "€31.50", "21.2%"],
    ]


def test_stock_that_is_out_or_nearly(parts):
    shown = [
        [HOSTILE, "2", "5", "12 days", "0", "\N{EN DASH}"],
        ["Teapot", "0", "3", "out", "10", "€45.00"],
        ["Mug \N{EN DASH} Blue", "0", "1", "out", "5", "€12.50"],
    ]
    assert rows(parts["30"], "stock") == rows(parts["all"], "stock") == shown
    assert card(parts["30"], "stock").finding == (
        "3 articles are out of stock, which has cost €57.50 of sales so far. "
        "1 more lasts less than 14 days."
    )


def test_worth_of_the_stock(parts):
    assert rows(parts["30"], "stock-value") == [
        ["New bear", "3", "€30.00", "\N{EN DASH}"],
        ["Mug \N{EN DASH} Red", "1", "€4.00", "40 days"],
        [HOSTILE, "2", "€3.00", "12 days"],
    ]
    assert card(parts["30"], "stock-value").finding == (
        "The stock is worth €37.00 at cost. "
        "€30.00 of it is in articles that haven't sold in 90 days."
    )


def test_buyers_who_come_back(parts):
    assert [row[:5] for row in rows(parts["30"], "cohorts")] == [
        ["Feb 2026", "2", "€60.00", "100.0%", "\N{EN DASH}"],
        ["Jan 2026", "4", "€40.00", "25.0%", "50.0%"],
    ]
    assert card(parts["30"], "cohorts").finding == (
        "50.0% of buyers buy again in the second month after their first sale. "
        "A buyer has brought €46.67 so far, on average."
    )


def test_segments_of_buyers(parts):
    assert rows(parts["30"], "segments")[0] == [
        *("Champions", "1", "2", "€130.00", "€130.00", "46.4%")
    ]


def test_where_buyers_came_from(parts):
    assert rows(parts["30"], "channels") == [
        ["Email", "1", "€60.00", "0.0%", "46.2%"],
        ["Direct", "1", "€40.00", "100.0%", "30.8%"],
        ["Paid", "1", "€30.00", "0.0%", "23.1%"],
    ]
    assert [row[0] for row in rows(parts["30"], "campaigns")] == ["Spring", "Ads"]
    assert [row[:3] for row in rows(parts["30"], "countries")] == [
        ["DE", "2", "€90.00"], ["AT", "1", "€40.00"],
    ]  # fmt: skip
    assert card(parts["30"], "devices").views == []


def test_discounts_by_kind(parts):
    assert rows(parts["30"], "discounts") == [
        ["Coupon (SPRING)", "2", "€12.00", "80.0%"],
        ["Volume", "1", "€3.00", "20.0%"],
    ]


def test_categories_and_what_is_bought_together(parts):
    assert rows(parts["30"], "categories") == [
        ["Tea", "2", "€81.00", "54.5%"],
        ["Tea > Mugs", "2", "€36.00", "24.2%"],
        ["Without a category", "1", "€31.50", "21.2%"],
    ]
    assert rows(parts["30"], "pairs") == [
        ["Mug + Teapot", "2", "1.2\N{MULTIPLICATION SIGN}"],
    ]


def test_no_card_stands_alone_in_its_line(parts):
    for part in parts.values():
        for topic in Topic:
            half = 0
            for one in (card for card in part.drawn() if card.topic is topic):
                assert not (one.wide and half % 2), one.key
                half += not one.wide
            assert half % 2 == 0
        keys = {one.key for one in (*part.drawn(), *part.others())}
        assert keys == {one.key for one in part.cards}


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Teapot", "Teapot"),
        ("A name that is much too long for a bar", "A name that is much too long…"),
        (
            "Kestrel Travel Press of Steel \N{EN DASH} Moss",
            "Kestrel Travel Press o… \N{EN DASH} Moss",
        ),
        ("Kestrel Travel Press + Outpost Filter Coffee", "Kestrel Trav… + Outpost Filt…"),
    ],
)
def test_long_names_keep_what_tells_them_apart(name, short):
    assert shortened(name) == short
    assert len(short) <= 30


def test_refunds_and_their_reasons(parts):
    assert card(parts["30"], "refunds").finding == (
        "€20.00 was paid back for 1 order. That is 13.3% of gross sales."
    )
    (march,) = (r for r in rows(parts["all"], "refunds", "month") if r[0] == "Mar 2026")
    assert march == ["Mar 2026", "1", "€20.00", "13.3%"]
    assert rows(parts["30"], "reasons") == [
        ["Broken", "2", "€13.00", "65.0%"],
        ["Reasons given once", "1", "€5.00", "25.0%"],
        ["Not listed in the order", "0", "€2.00", "10.0%"],
    ]


def test_abandoned_carts(parts):
    assert card(parts["30"], "carts").finding == (
        "3 carts were left, worth €125.00. 1 of them (33.3%), worth €60.00, became orders later."
    )


def test_coupons(parts):
    assert rows(parts["30"], "coupons") == [["SPRING", "2", "€15.00", "€70.00"]]
    assert "53.8% of net sales" in card(parts["30"], "coupons").finding


def test_a_shop_without_sales_has_no_figures(shops):
    assert (shops[1].name, shops[1].periods) == ("Empty", [])


def test_the_day_is_the_shops_own_and_at_least_that_of_the_data(marts):
    with duckdb_file(marts) as warehouse:
        tea, _ = store_pages(warehouse, only=None, today=None)
    # Whenever this runs, the data are older, and the page says so.
    assert tea.note == (
        "The last sale or cart is of 30 Mar 2026. Earlier sales in SEK are left out."
    )


def test_steps_have_no_gaps_and_know_which_are_cut():
    for period in periods(dt.date(2024, 2, 29), TODAY):
        for grain in period.grains:
            steps = period.steps(grain)
            assert steps[0].start <= period.first
            assert all(grain.after(a.start) == b.start for a, b in itertools.pairwise(steps))
            assert steps[-1].start <= period.last < grain.after(steps[-1].start)
            assert not steps[-1].whole
            assert steps[0].whole == (steps[0].start == period.first)
    assert Grain.MONTH.start(dt.date(2024, 2, 29)) == dt.date(2024, 2, 1)
    assert Grain.WEEK.start(dt.date(2024, 2, 29)) == dt.date(2024, 2, 26)


@pytest.mark.parametrize(
    ("money", "amount", "text"),
    [
        (Money(prefix="€", suffix="", decimals=2), "1234.5", "€1,234.50"),
        (Money(prefix="€", suffix="", decimals=2), "-3", "\N{MINUS SIGN}€3.00"),
        (Money(prefix="€", suffix="", decimals=2), "-0.001", "€0.00"),
        (Money(prefix="", suffix=" kr", decimals=0), "1234.5", "1,234 kr"),
    ],
)
def test_amounts_are_written_as_the_shop_does(money, amount, text):
    assert money(Decimal(amount)) == text


def test_postgresql_says_the_same(shops):
    with postgresql_server() as uri:
        with psycopg.connect(uri) as connection:
            connection.execute(MARTS)
        url = uri.replace("postgresql://", "postgresql+psycopg://")
        with postgresql_database(url, setting="X") as warehouse:
            assert store_pages(warehouse, only=None, today=TODAY) == shops
