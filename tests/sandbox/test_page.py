"""The page for people, in a browser, and the documentation of the API beside it."""

from __future__ import annotations

import re

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from openapi_spec_validator import OpenAPIV31SpecValidator
from playwright.sync_api import expect

from browser import PHONE, Visit, chromium
from ecwid_sandbox.testing import Fault, running_sandbox

API = {
    "Products": "/products",
    "Categories": "/categories?hidden_categories=true",
    "Customers": "/customers",
    "Orders": "/orders",
    "Coupons": "/discount_coupons",
    "Abandoned carts": "/carts",
    "Reviews": "/reviews",
}


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def visit(browser):
    """Opens pages; afterwards nobody has complained and nothing was asked of another host."""
    visits = []

    def open_page(address, **options):
        one = Visit(browser, **options)
        visits.append(one)
        one.page.goto(address)
        return one

    yield open_page
    for one in visits:
        one.context.close()
        assert one.complaints == []
        assert one.hosts == {"127.0.0.1"}


@pytest.fixture
def sandbox():
    with running_sandbox(size="tiny", rate_limit=600) as running:
        yield running


def home(sandbox):
    return sandbox.url.removesuffix("/api/v3") + "/"


def ask(sandbox, path, method="GET", **options):
    return httpx2.request(
        method, f"{sandbox.store_url}{path}", headers=sandbox.headers, timeout=10, **options
    )


def count_of(page, name):
    entry = page.locator("#counts div").filter(has=page.get_by_text(name, exact=True))
    return entry.locator("dd")


def rows(page):
    return page.locator("#entries tr")


def test_the_page_tells_what_the_api_tells(sandbox, visit):
    page = visit(home(sandbox)).page
    expect(page).to_have_title(re.compile("^Fernweh & Filter . Ecwid sandbox$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Fernweh & Filter")
    expect(page.locator("#address")).to_have_text(sandbox.url)
    expect(page.locator("#store-id")).to_have_text(str(sandbox.store_id))
    for name, path in API.items():
        total = ask(sandbox, path).json()["total"]
        assert total > 0
        expect(count_of(page, name)).to_have_text(f"{total:,}")
    first = ask(sandbox, "/products?limit=1").json()["items"][0]["id"]
    assert ask(sandbox, f"/products/{first}", "DELETE").status_code == 200
    left = ask(sandbox, "/products").json()["total"]
    expect(count_of(page, "Products")).to_have_text(f"{left:,}")
    expect(page.locator("#options")).to_contain_text("600 a minute")


def test_requests_appear_as_they_come_and_show_no_token(sandbox, visit):
    page = visit(home(sandbox)).page
    expect(page.locator("#summary")).to_have_text("None yet.")
    for path in ("/products?limit=3", f"/nothing?token={sandbox.token}&a=1", "/x?Access_Token=abc"):
        ask(sandbox, path)
    ask(sandbox, f"/storage/{sandbox.token}")
    expect(rows(page)).to_have_count(4)
    cells = rows(page).nth(3).get_by_role("cell").all_inner_texts()
    assert re.fullmatch(r"\d\d:\d\d:\d\d", cells[0])
    assert cells[1:4] == ["GET", "/products?limit=3", "200"]
    assert float(cells[4]) >= 0
    assert cells[5] == "599"
    expect(rows(page).nth(2)).to_contain_text("/nothing?a=1")
    expect(rows(page).nth(2)).to_contain_text("404")
    expect(rows(page).nth(1)).to_contain_text("Access_Token=•••")
    state = httpx2.get(f"{home(sandbox)}_page/state").text
    assert len(sandbox.requests) == 4
    for text in (page.content(), state):
        assert sandbox.token not in text
        assert "abc" not in text
    page.get_by_role("button", name="Forget all").click()
    expect(rows(page)).to_have_count(0)
    assert sandbox.requests == []


def test_the_requests_of_a_batch_stand_together(sandbox, visit):
    page = visit(home(sandbox)).page
    inner = [{"method": "GET", "path": f"products?offset={n}"} for n in range(3)]
    inner.append({"method": "GET", "path": "products/1"})
    assert ask(sandbox, "/batch", "POST", json=inner).status_code == 200
    toggle = page.get_by_role("button", name="4 requests")
    toggle.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    expect(page.locator("tr.inner:visible")).to_have_count(4)
    expect(page.locator("tr", has=toggle)).to_contain_text("1 failed")
    toggle.press("Enter")
    expect(page.locator("tr.inner:visible")).to_have_count(0)


def test_a_fault_is_added_and_removed(sandbox, visit):
    page = visit(home(sandbox)).page
    form = page.locator("#fault")
    form.get_by_label("Path contains").fill("^/orders")
    form.get_by_label("How many requests").fill("")
    form.get_by_label("Retry-After").fill("7")
    form.get_by_role("button", name="Add the fault").click()
    remove = page.get_by_role("button", name="Remove: Any ^/orders: status 503")
    expect(remove).to_be_visible()
    refused = ask(sandbox, "/orders")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "7")
    assert ask(sandbox, "/products").status_code == 200
    remove.click()
    expect(page.locator("#no-faults")).to_be_visible()
    assert ask(sandbox, "/orders").status_code == 200


WRONG = {
    "status": Fault(status=503),
    "before": Fault(drop="before"),
    "after": Fault(drop="after"),
    "cut": Fault(cut=0.5),
    "garbage": Fault(garbage=True),
    "delay": Fault(delay=2000),
    "stuck": Fault(stuck=60),
}


def test_every_kind_of_fault_can_be_asked_for(sandbox, visit):
    page = visit(home(sandbox)).page
    offered = page.locator("#what option").evaluate_all("all => all.map(one => one.value)")
    assert offered == list(WRONG)
    for number, kind in enumerate(WRONG, 1):
        page.locator("#what").select_option(kind)
        page.get_by_role("button", name="Add the fault").click()
        expect(page.locator("#fault-list li")).to_have_count(number)
    assert sandbox.faults.waiting() == list(WRONG.values())
    page.locator("#clear-faults").click()
    expect(page.locator("#fault-list li")).to_have_count(0)
    assert sandbox.faults.waiting() == []


def test_what_is_refused_is_told(sandbox, visit):
    one = visit(home(sandbox))
    one.page.get_by_label("Path contains").fill("(")
    one.page.get_by_role("button", name="Add the fault").click()
    expect(one.page.get_by_role("alert")).to_contain_text("is no regular expression")
    assert sandbox.faults.waiting() == []
    # Browsers note every refusal on the console; that is no mistake of the page.
    assert len(one.complaints) == 1
    assert "400" in one.complaints.pop()


def test_the_clock_the_shop_and_the_settings_are_changed(sandbox, visit):
    sandbox.clock.stop()
    page = visit(home(sandbox)).page
    clock = page.locator("#clock")
    before = sandbox.clock.now()
    expect(clock).to_contain_text("stopped")
    page.locator("#span").select_option("a day")
    shown = clock.get_attribute("datetime")
    page.get_by_role("button", name="Advance the clock").click()
    page.wait_for_function("was => document.getElementById('clock').dateTime !== was", arg=shown)
    assert sandbox.clock.now() == before + 86400
    page.get_by_role("button", name="Let the clock run").click()
    expect(page.get_by_role("button", name="Stop the clock")).to_be_visible()
    orders = sandbox.shop.count("order")
    page.get_by_label("Things that customers").fill("60")
    with page.expect_response("**/activity"):
        page.get_by_role("button", name="Let it happen").click()
    expect(count_of(page, "Orders")).not_to_have_text(f"{orders:,}")
    expect(count_of(page, "Orders")).to_have_text(f"{sandbox.shop.count('order'):,}")
    page.get_by_label("Requests a minute").fill("7")
    page.get_by_role("button", name="Change").click()
    expect(page.locator("#options")).to_contain_text("7 a minute")
    left = {}
    for _ in range(8):
        status = ask(sandbox, "/profile").status_code
        left[status] = sandbox.requests[-1].left
    assert left == {200: 0, 429: 0}


def test_without_control_the_page_only_shows(visit):
    with running_sandbox(size="tiny", control=False) as sandbox:
        sandbox.faults.add(Fault(path="/orders", status=503))
        page = visit(home(sandbox)).page
        expect(page.locator("#fault-list li")).to_have_count(1)
        expect(page.get_by_text("To change anything here")).to_contain_text("--control")
        names = [b.inner_text() for b in page.get_by_role("button").all()]
        assert names == ["Pause"]
        assert httpx2.delete(f"{sandbox.control_url}/faults").status_code == 404
        assert len(sandbox.faults.waiting()) == 1


def test_one_of_several_shops_is_chosen(visit):
    with running_sandbox(size="tiny", stores=2) as first:
        second = first.stores[1]
        page = visit(home(first)).page
        ask(first, "/products")
        expect(rows(page)).to_have_count(1)
        page.get_by_label("Store", exact=True).select_option("1004")
        expect(page.locator("#store-id")).to_have_text("1004")
        expect(rows(page)).to_have_count(0)
        ask(second, "/orders")
        expect(rows(page)).to_contain_text("/orders")
        page.get_by_role("button", name="Add the fault").click()
        expect(page.locator("#fault-list li")).to_have_count(1)
        assert [len(one.faults.waiting()) for one in first.stores] == [0, 1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_fits_a_phone(sandbox, visit, scheme):
    sandbox.faults.add(Fault(path="/" + "long" * 40, status=503, times=None))
    for path in ("/products", "/" + "long" * 40, "/nothing"):
        ask(sandbox, path)
    ask(sandbox, "/batch", "POST", json=[{"method": "GET", "path": "profile"}])
    for size in (PHONE, {"width": 1280, "height": 900}):
        one = visit(home(sandbox), viewport=size, color_scheme=scheme)
        expect(rows(one.page).first).to_be_visible()
        assert one.too_wide() == 0
        found = Axe().run(one.page)
        assert found.response["violations"] == [], found.generate_report()
        # At every place that the keyboard comes to, something says what it is, and where one is.
        assert reached_by_keyboard(one.page) >= {
            "Skip to the content", "API docs", "Pause", "Add the fault", "Change", "Let it happen",
        }  # fmt: skip


def reached_by_keyboard(page):
    seen = {}
    while True:
        page.keyboard.press("Tab")
        where = page.evaluate(
            "() => { const e = document.activeElement, s = getComputedStyle(e);"
            " return [e.id || e.outerHTML, e.innerText || e.labels?.[0]?.innerText || '',"
            " s.outlineStyle]; }"
        )
        if where[0] in seen or where[0].startswith("<body"):
            return set(seen.values())
        assert where[1], where[0]
        assert where[2] != "none", where[0]
        seen[where[0]] = where[1]


@pytest.mark.soak
def test_operations_are_tried_out_in_the_documentation(sandbox, visit):
    one = visit(home(sandbox))
    page = one.page
    page.get_by_role("link", name="API docs").click()
    page.get_by_role("button", name="Authorize").click()
    page.get_by_label("auth-bearer-value").fill(sandbox.token)
    page.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").click()
    page.locator("#operations-tag-brands").click()
    operation = page.locator("#operations-brands-searchProductBrands")
    operation.locator(".opblock-summary-control").click()
    expect(operation).to_contain_text("read_brands")
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    live = operation.locator(".live-responses-table .response-col_status")
    expect(live.last).to_contain_text("200")
    assert [(r.operation, r.status) for r in sandbox.requests] == [("searchProductBrands", 200)]


def test_the_documentation_has_every_operation_of_the_sandbox():
    with running_sandbox(size="empty", stores=2, control=False) as sandbox:
        document = httpx2.get(f"{home(sandbox)}openapi.json").json()
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []
    (server,) = document["servers"]
    assert server["url"] == "/api/v3/{storeId}"
    assert server["variables"]["storeId"]["enum"] == ["1003", "1004"]
    assert len(document["paths"]) > 80
    assert not [path for path, item in document["paths"].items() if "servers" in item]
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_programs_get_json_where_browsers_get_the_page(sandbox):
    told = httpx2.get(home(sandbox))
    assert told.json()["storeId"] == sandbox.store_id
    page = httpx2.get(home(sandbox), headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert httpx2.get(f"{home(sandbox)}_page/..%2froutes.py").status_code == 404
    assert sandbox.requests == []


def test_the_page_is_light(sandbox):
    page = httpx2.get(home(sandbox), headers={"Accept": "text/html"}).text
    files = set(re.findall(r'(?:href|src)="(/_page/[^"]+)"', page))
    assert len(files) == 3
    whole = len(page) + sum(len(httpx2.get(home(sandbox) + file[1:]).content) for file in files)
    assert whole < 60_000


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_other_peoples_pages_change_and_learn_nothing(sandbox, headers):
    sent = httpx2.post(
        f"{sandbox.control_url}/faults", headers=headers, content=b'[{"status": 503}]'
    )
    assert sent.status_code == 403
    assert sandbox.faults.waiting() == []
    assert httpx2.get(f"{home(sandbox)}_page/state", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "sandbox", "host.docker.internal"]
)
def test_names_that_nobody_can_let_lead_here_are_fine(sandbox, host):
    headers = {"Host": f"{host}:8765", "Origin": f"http://{host}:8765"}
    sent = httpx2.delete(f"{sandbox.control_url}/faults", headers=headers)
    assert sent.status_code == 200


def test_a_page_from_elsewhere_can_not_press_the_buttons(sandbox, browser):
    with running_sandbox(size="empty") as elsewhere:
        one = Visit(browser)
        one.page.goto(f"{home(elsewhere).replace('127.0.0.1', 'localhost')}_page/icon.svg")
        outcome = one.page.evaluate(
            "address => fetch(address, {method: 'POST', mode: 'no-cors', body: '[{}]'})"
            ".then(answer => answer.type, error => String(error))",
            f"{sandbox.control_url}/faults",
        )
        one.context.close()
    assert outcome in {"opaque", "TypeError: Failed to fetch"}
    assert sandbox.faults.waiting() == []


def test_one_of_several_faults_is_removed(sandbox):
    three = [{"path": f"^/{name}", "status": 503} for name in ("orders", "products", "carts")]
    assert httpx2.post(f"{sandbox.control_url}/faults", json=three).status_code == 200
    left = httpx2.delete(f"{sandbox.control_url}/faults/2").json()
    assert [fault["path"] for fault in left] == ["^/orders", "^/carts"]
    assert httpx2.delete(f"{sandbox.control_url}/faults/2").status_code == 404
    paths = ("/products", "/orders", "/orders", "/carts")
    assert [ask(sandbox, path).status_code for path in paths] == [200, 503, 200, 503]
    told = httpx2.get(f"{home(sandbox)}_page/state").json()
    assert told["faults"] == []


def test_what_is_new_is_told_by_number(sandbox):
    for _ in range(3):
        ask(sandbox, "/profile")

    def numbers(**asked):
        told = httpx2.get(f"{home(sandbox)}_page/state", params=asked)
        assert told.status_code == 200
        return [request["number"] for request in told.json()["requests"]]

    assert numbers() == [1, 2, 3]
    assert numbers(after=2) == [3]
    assert numbers(after=3) == []
    # As many as that were never asked: they were another sandbox's, at the same address.
    assert numbers(after=4) == [1, 2, 3]
    sandbox.reset_requests()
    ask(sandbox, "/profile")
    assert numbers(after=1) == [1]
    assert numbers(after=1, cleared=1) == []
    for wrong, status in (({"after": "x"}, 400), ({"store": 1}, 404)):
        refused = httpx2.get(f"{home(sandbox)}_page/state", params=wrong)
        assert refused.status_code == status


def test_a_long_address_is_nothing(sandbox):
    assert httpx2.get(f"{home(sandbox)}_page/{'a' * 5000}").status_code == 404
