"""The page in a browser, from the file system and without a network."""

from __future__ import annotations

import base64
import datetime as dt
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser import PHONE, Visit, chromium
from ecwid_dashboard.page import page
from ecwid_dashboard.stores import store_pages
from ecwid_dashboard.warehouse import duckdb_file

DESKTOP = {"width": 1440, "height": 900}
BLUE = (47, 98, 212)  # --chart-main by day
COUNT_COLOUR = """async ([png, red, green, blue]) => {
    const data = Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0));
    const image = await createImageBitmap(new Blob([data]));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height).data;
    let found = 0;
    for (let at = 0; at < pixels.length; at += 4)
        if (pixels[at] === red && pixels[at + 1] === green && pixels[at + 2] === blue) found += 1;
    return found;
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def file(marts, tmp_path_factory):
    with duckdb_file(marts) as warehouse:
        stores = store_pages(warehouse, only=None, today=dt.date(2026, 3, 31))
    path = tmp_path_factory.mktemp("page") / "dashboard.html"
    path.write_text(page(stores), encoding="utf-8")
    return path


@contextmanager
def visit(browser, file, size, scheme):
    """The page; afterwards nobody has complained and no host was asked for anything."""
    one = Visit(browser, offline=True, viewport=size, color_scheme=scheme)
    one.page.goto(file.as_uri())
    yield one
    one.context.close()
    assert one.complaints == []
    assert one.hosts <= {None}


@pytest.fixture(scope="module")
def desktop(browser, file):
    """The page on a desk, by day, for tests that change nothing others look at."""
    with visit(browser, file, DESKTOP, "light") as one:
        yield one


def charts(page):
    return page.locator(".chart:visible")


def bars(page, card):
    return page.locator(f"figure:visible:has(h3:text-is('{card}')) .chart:visible .bars .point")


def test_a_table_has_the_numbers_and_names_are_no_markup(desktop):
    page = desktop.page
    page.get_by_role("radio", name="Products").check()
    card = page.locator("figure:visible", has=page.get_by_role("heading", name="Best sellers"))
    card.locator("summary").press("Enter")
    rows = card.get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_have_text("Teapot31€81.0054.5%")
    expect(rows.nth(3)).to_contain_text("</script><img src=x onerror=alert(1)>")
    expect(card.locator(".ytick text").last).to_have_text("</script><img src=x onerror=a…")
    assert page.locator("img, .chart a").count() == 0
    with page.expect_download() as saved:
        card.get_by_role("button", name="Save as CSV").click()
    assert saved.value.suggested_filename == "30-best-sellers.csv"
    assert Path(saved.value.path()).read_bytes().decode("utf-8-sig").split("\r\n") == [
        '"Product","Units","Returned","Net sales of goods","Share of all"',
        '"Teapot",3,1,81.00,"54.5%"',
        '"Mug",2,0,36.00,"24.2%"',
        '"</script><img src=x onerror=alert(1)>",5,0,31.50,"21.2%"',
        "",
    ]
    page.get_by_role("radio", name="Sales").check()


def test_charts_have_their_colours(desktop):
    chart = desktop.page.get_by_role("img", name="Sales over time")
    picture = base64.b64encode(chart.screenshot()).decode()
    counting = desktop.context.new_page()
    assert counting.evaluate(COUNT_COLOUR, [picture, *BLUE]) > 1000
    counting.close()


def assert_accessible(one):
    assert one.too_wide() == 0
    found = Axe().run(one.page, options={"resultTypes": ["violations"]})
    assert found.response["violations"] == [], found.generate_report()


@pytest.mark.parametrize("topic", ["Customers", "Products", "Marketing", "Orders", "Sales"])
def test_the_page_is_accessible(desktop, topic):
    desktop.page.get_by_role("radio", name=topic).check()
    expect(charts(desktop.page).first).to_be_visible()
    assert_accessible(desktop)


def test_the_page_fits_a_phone_and_is_accessible_by_night(browser, file):
    with visit(browser, file, PHONE, "dark") as one:
        one.page.locator("summary:visible").first.click()
        assert_accessible(one)
        one.page.get_by_role("radio", name="Any days").check()
        expect(one.page.locator("#asked-cards .main-svg").first).to_be_visible()
        one.page.locator("summary:visible").first.click()
        assert_accessible(one)


def test_period_step_and_store_are_chosen(desktop):
    page = desktop.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea & Toys")
    expect(charts(page)).to_have_count(5)
    expect(charts(page).locator(".main-svg").first).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        "Last 30 days: 2 Mar 2026 \N{EN DASH} 31 Mar 2026"
    )
    expect(page.locator(".value:visible").first).to_have_text("€130.00")
    expect(bars(page, "Sales over time")).to_have_count(2 * 30)
    page.get_by_role("radio", name="Week").check()
    expect(bars(page, "Sales over time")).to_have_count(2 * 5)
    expect(page.get_by_role("radio", name="Month")).to_be_disabled()
    # As the keyboard does it.
    page.get_by_role("radio", name="30 days").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Month")).to_be_checked()
    expect(page.locator(".value:visible").first).to_have_text("€280.00")
    expect(page.get_by_role("status")).to_have_text(
        "Sales. All time: 10 Jan 2025 \N{EN DASH} 31 Mar 2026, by month"
    )
    expect(bars(page, "Sales over time")).to_have_count(2 * 15)
    page.get_by_role("combobox", name="Store").select_option("2")
    expect(page.get_by_role("heading", level=1)).to_have_text("Empty")
    expect(page.get_by_role("heading", level=2)).to_have_text("Nothing yet")
    expect(charts(page)).to_have_count(0)


def tiles(page):
    found = page.locator("#asked-tiles .tile").all()
    return {
        one.locator("dt").inner_text(): [
            text.replace("\n", " ") for text in one.locator("dd").all_inner_texts()
        ]
        for one in found
    }


def field(page, name):
    return page.locator(f"#filters [name={name}]")


def click_bar(bar):
    # Plotly looks where the mouse is from time to time.
    bar.hover(force=True)
    bar.page.wait_for_timeout(150)
    bar.click(force=True)


def listed(page):
    return page.locator("#asked-list tbody th").all_inner_texts()


@pytest.fixture
def asking(browser, file):
    """The page, with the topic that answers for any days and orders."""
    with visit(browser, file, DESKTOP, "light") as one:
        one.page.get_by_role("radio", name="Orders").check()
        yield one.page


def test_orders_of_any_days_are_shown_and_filtered(asking):
    # The last 30 days with sales.
    expect(asking.locator("#t-asked")).to_have_text("Orders: 19 Feb 2026 \N{EN DASH} 20 Mar 2026")
    assert listed(asking) == ["E", "D", "C"]
    field(asking, "from").fill("2026-03-01")
    field(asking, "to").fill("2026-03-31")
    expect(asking.locator("#t-asked")).to_have_text("Orders: 1 Mar 2026 \N{EN DASH} 31 Mar 2026")
    assert tiles(asking) == {
        "Net sales": ["€130.00", "▲ +30.0% €100.00 before", "€0.00 a year before"],
        "Orders": ["3", "▲ +200.0% 1 before", "0 a year before"],
        "Average order": ["€43.33", "▼ \N{MINUS SIGN}56.7% €100.00 before"],
        "Returning customers": ["69.2%", "▲ +69.2 points 0.0% before"],
        "Refund rate": ["13.3%", "▲ +13.3 points 0.0% before"],
    }
    field(asking, "country").select_option("DE")
    assert listed(asking) == ["E", "C"]
    field(asking, "channel").select_option("email")
    assert listed(asking) == ["C"]
    field(asking, "channel").select_option("all")
    field(asking, "coupon").select_option("SPRING")
    assert listed(asking) == ["E"]
    field(asking, "to").fill("2026-03-19")
    expect(asking.locator("#asked-none")).to_be_visible()
    expect(asking.locator("#asked-found")).to_be_hidden()


def test_a_category_has_the_goods_of_all_below_it(asking):
    field(asking, "from").fill("2025-01-01")
    field(asking, "category").select_option("Tea")
    assert listed(asking) == ["D", "C", "B", "A"]
    assert tiles(asking)["Net sales"][0] == "€252.00"
    field(asking, "category").select_option("Tea > Mugs")
    assert listed(asking) == ["D", "C", "A"]
    assert tiles(asking)["Net sales"][0] == "€81.00"


def test_a_bar_shows_its_orders_and_they_are_saved(asking):
    def finding():
        return asking.locator("#asked-finding")

    field(asking, "grain").select_option("day")
    click_bar(asking.locator("#c-asked-sales .bars .point").nth(14))
    expect(finding()).to_have_text("2 orders of 5 Mar 2026, with net sales of €100.00.")
    with asking.expect_download() as saved:
        asking.locator("#asked-csv").click()
    assert Path(saved.value.path()).read_bytes().decode("utf-8-sig").split("\r\n") == [
        '"Order","Day","Total","Refunded","Net sales","Buyer","Country","Channel","Coupon"',
        '"D","2026-03-05",40.00,0.00,40.00,"new","AT","direct","SPRING"',
        '"C","2026-03-05",80.00,20.00,60.00,"returning","DE","email","\N{EN DASH}"',
        "",
    ]
    # As the keyboard does it.
    asking.locator("#asked summary").press("Enter")
    asking.get_by_role("button", name="20 Mar 2026").press("Enter")
    expect(finding()).to_have_text("1 order of 20 Mar 2026, with net sales of €30.00.")
    # Bars of the other topics show theirs.
    asking.get_by_role("radio", name="Sales").check()
    click_bar(bars(asking, "Sales over time").nth(18))
    expect(finding()).to_have_text("1 order of 20 Mar 2026, with net sales of €30.00.")
    asking.get_by_role("radio", name="Marketing").check()
    click_bar(bars(asking, "Countries").nth(1))
    expect(field(asking, "country")).to_have_value("AT")
    assert listed(asking) == ["D"]
    for topic, card, at, name, value, first, orders in (
        ("Sales", "Reasons of refunds", 1, "reason", "Reasons given once", "2026-03-02", ["C"]),
        ("Products", "Best sellers", 1, "product", "Mug", "2026-03-02", ["D", "C"]),
        ("Products", "Bought together", 0, "product", "Mug + Teapot", "2025-01-10", ["D", "C"]),
    ):
        asking.get_by_role("radio", name=topic).check()
        click_bar(bars(asking, card).nth(at))
        expect(field(asking, name)).to_have_value(value)
        expect(field(asking, "from")).to_have_value(first)
        assert listed(asking) == orders
    # Of any days, too: a part of a name, and the bar of one of the products that have it.
    field(asking, "product").fill("TEA")
    field(asking, "product").press("Enter")
    asking.get_by_role("radio", name="Products").check()
    asking.get_by_role("radio", name="Any days").check()
    click_bar(bars(asking, "Best sellers").nth(0))
    expect(field(asking, "product")).to_have_value("Teapot")
    assert listed(asking) == ["D", "C", "B"]
