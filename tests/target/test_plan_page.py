"""A plan's page in a browser: from the file system, with pictures as all that it asks for."""

from __future__ import annotations

import re
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser import PHONE, Visit, chromium
from made_plans import create, plan_of, rejected, update, write
from target_ecwid.plan.page import write_page
from target_ecwid.plan.show import Shown

DESKTOP = {"width": 1280, "height": 900}
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)><!--<script>&lt;"
CHANGES = [
    create({"name": EVIL, "description": EVIL, "price": 1}, sequence=1),
    update({"price": 20, "name": "A red cup"}, {"price": 1, "name": "A blue cup"}, sequence=2),
    write("deleted", keys=(7,), before={"name": "Old"}, sequence=3),
    update({"name": "Cups"}, {"name": "Mugs"}, "categories", sequence=4, key={"id": 4}),
    rejected(EVIL, sequence=5),
]
WITH_PICTURES = [
    update(
        {"imageUrl": "https://shop.invalid/a.png", "url": "https://shop.invalid/page"},
        {"imageUrl": "http://shop.invalid/b.png", "url": "javascript:alert(1)//a.png"},
    ),
    update({"imageUrl": None}, {"imageUrl": "data:image/png;base64,AAAA"}, keys=(18,), sequence=2),
]


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def page_of(tmp_path_factory):
    def made(changes, **given):
        folder = tmp_path_factory.mktemp("page")
        write_page(
            folder / "page.html", Shown(plan_of(folder / "p", *changes, **given), most_gone=5)
        )
        return folder / "page.html"

    return made


@contextmanager
def visit(browser, file, **options):
    one = Visit(browser, offline=True, **{"viewport": DESKTOP, **options})
    one.page.goto(file.as_uri())
    yield one
    one.context.close()


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark"}])
def test_the_page_is_accessible_and_asks_for_nothing(browser, page_of, options):
    file = page_of(CHANGES, objects={"products": 3}, source=EVIL)
    with visit(browser, file, **options) as one:
        expect(one.page.get_by_role("article")).to_have_count(5)
        expect(one.page.get_by_role("status")).to_have_text("5 changes")
        assert one.too_wide() == 0
        found = Axe().run(one.page, options={"resultTypes": ["violations"]})
        assert found.response["violations"] == [], found.generate_report()
        assert one.complaints == []
        assert one.hosts <= {None, ""}


def test_what_a_plan_holds_is_text(browser, page_of):
    with visit(browser, page_of(CHANGES)) as one:
        first = one.page.get_by_role("article").first
        expect(first.get_by_role("heading")).to_have_text(f"created product {EVIL}")
        expect(first.locator("dd.after").first).to_have_text(EVIL)
        assert one.page.locator("article img, article script").count() == 0
        assert one.complaints == []


def test_no_script_but_its_own_runs(browser, page_of, tmp_path):
    file = tmp_path / "page.html"
    text = page_of(CHANGES).read_text()
    file.write_text(text.replace("<main>", "<main><script>document.title = 'mine'</script>"))
    with visit(browser, file) as one:
        expect(one.page).to_have_title("Plan")
        assert "Content Security Policy" in one.complaints[0]


def test_filters_and_search(browser, page_of):
    with visit(browser, page_of(CHANGES)) as one:
        page, articles = one.page, one.page.get_by_role("article")
        page.get_by_role("combobox", name="Objects").select_option("categories")
        expect(articles).to_have_count(1)
        expect(articles).to_contain_text("category Cups")
        page.get_by_role("combobox", name="Objects").select_option("")
        page.get_by_role("combobox", name="Change").select_option("deleted")
        expect(articles).to_contain_text("product Old")
        page.get_by_role("combobox", name="Change").select_option("")
        page.get_by_label("Search").fill("CUP blue")
        expect(articles).to_have_count(1)
        expect(page.get_by_role("status")).to_have_text("1 of 5 changes")
        page.get_by_label("Search").fill("")
        page.get_by_role("button", name="1 price falls").click()
        expect(articles).to_have_count(1)
        expect(articles.locator("del")).to_have_text(["20", "red"])
        expect(articles.locator("ins")).to_have_text(["1", "blue"])


def test_pictures_stand_beside_each_other(browser, page_of):
    with visit(browser, page_of(WITH_PICTURES)) as one:
        pictures = one.page.get_by_role("img")
        expect(pictures).to_have_count(2)
        sources = [picture.get_attribute("src") for picture in pictures.all()]
        assert sources == ["https://shop.invalid/a.png", "http://shop.invalid/b.png"]
        one.page.get_by_label("Pictures").uncheck()
        expect(one.page.locator("img[src]")).to_have_count(0)
        assert one.hosts <= {None, "", "shop.invalid"}


def test_few_of_many_changes_are_drawn(browser, page_of):
    changes = (
        update({"price": n}, {"price": n + 1}, sequence=n, keys=(n,)) for n in range(1, 2_001)
    )
    with visit(browser, page_of(changes)) as one:
        articles = one.page.get_by_role("article")
        expect(one.page.get_by_role("status")).to_have_text("2,000 changes")
        assert articles.count() < 200
        one.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        expect(one.page.get_by_role("heading", name="SKU-2000", exact=False)).to_be_visible()
        assert articles.count() < 200
        one.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(articles).to_have_count(1_000)
        expect(one.page.get_by_role("status")).to_contain_text("the first 1,000 are printed")
        one.page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(one.page.get_by_role("status")).to_have_text("2,000 changes")
        assert articles.count() < 200


def test_the_policy_is_strict(page_of):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page_of([]).read_text())[1]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[^ ]+'", parts["script-src"])
    assert re.fullmatch(r"'sha256-[^ ]+'", parts["style-src"])
    assert parts["img-src"] == "http: https:"
