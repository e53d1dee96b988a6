"""The README and docs/writing.md, carried out as they stand there: files, commands, outcomes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import psycopg
import pytest

from ecwid_sandbox.testing import Fault, running_sandbox
from guide import sections
from target_run import writes

pytestmark = pytest.mark.meltano

ROOT = Path(__file__).parents[2]
README = "Write to a shop"
MOVING = "Try it with a sample shop"
GUIDE = {
    **sections(ROOT / "docs" / "writing.md"),
    README: sections(ROOT / "README.md")[README],
    MOVING: sections(ROOT / "docs" / "moving.md")[MOVING],
}


class Guide:
    """Somebody who does what the page says, in a project and a shop."""

    def __init__(self, project, sandbox, other, postgresql):
        self.project = project
        self.shop = sandbox.shop
        self.sandbox = sandbox
        self.postgresql = postgresql
        self.variables = {
            "TAP_ECWID_API_URL": sandbox.url,
            "TARGET_ECWID_API_URL": sandbox.url,
            "TARGET_OTHER_SHOP_API_URL": other.url,
            # The tap wants a host and a password; the server has neither.
            "ERP_URL": postgresql.replace("postgres:@/", "postgres:none@localhost/"),
        }

    def follow(self, title, *, run=True):
        """Do everything in a section, or all but its pipelines; it says what the section shows."""
        printed = ""
        for block in GUIDE[title]:
            acts = "meltano run" in block.text or ":apply" in block.text
            if not run and (block.kind == "text" or acts):
                continue
            if block.kind == "sql":
                with psycopg.connect(self.postgresql) as connection:
                    connection.execute(block.text)
            elif block.kind == "yaml":
                self.save(block.text)
            elif block.kind == "sh":
                code, printed = self.command(block.text)
                assert code == 0, printed[-4000:]
            elif block.kind == "text":
                for line in block.text.splitlines():
                    assert line in printed, printed[-4000:]

    def save(self, text):
        """Put a file where its first line says."""
        path = self.project.folder / text.splitlines()[0].removeprefix("# ")
        path.write_text(text)

    def command(self, text):
        """Run a command of the page: exit code, and what it printed."""
        text = text.replace("uv run ", "")
        return self.project.run("/bin/bash", "-ec", text, **self.variables)

    def again(self, title):
        """Run a section's pipelines once more, on the same input: what was written."""
        done = self.project.folder / "input" / "done"
        for path in done.glob("*"):
            path.rename(done.parent / path.name)
        self.sandbox.reset_requests()
        for block in GUIDE[title]:
            if block.kind == "sh" and "meltano run" in block.text:
                code, printed = self.command(
                    block.text.replace("run tap-", "run --full-refresh tap-")
                )
                assert code == 0, printed[-4000:]
        return writes(self.sandbox)

    def product(self, sku):
        (found,) = (product for product in self.shop.all("product") if product["sku"] == sku)
        return found

    def coupons(self):
        return {coupon["code"]: coupon for coupon in self.shop.all("coupon")}


@pytest.fixture
def other():
    with running_sandbox(size="empty", store_id=2001) as running:
        yield running


@pytest.fixture
def guide(fresh_project, other, postgresql):
    fresh_project.set_up()
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("drop table if exists stock, coupons")
    with running_sandbox(size="tiny", fetch_files=False) as running:
        yield Guide(fresh_project, running, other, postgresql)
    fresh_project.set_up()


@pytest.mark.soak
def test_coupons_from_a_file(guide):
    before = guide.coupons()
    guide.follow("Quick start: coupons from a file")
    assert guide.coupons().keys() == {*before, "AUTUMN"}
    assert guide.coupons()["AUTUMN"]["discount"] == 15
    assert guide.coupons()["WELCOME10"]["discount"] == 12
    # One run was dry, and one found nothing to do.
    sent = [method for method, _ in writes(guide.sandbox)]
    assert sorted(sent) == ["POST", "PUT"]


def test_what_the_readme_says_and_a_column_that_comes_later(guide):
    guide.follow(README)
    assert guide.coupons()["SPRING5"]["discount"] == 5
    assert len(writes(guide.sandbox)) == 1
    # Meltano keeps what columns a source had, but not of files.
    path = guide.project.folder / "input" / "codes.jsonl"
    path.write_text('{"code": "AUTUMN", "discount": 15, "discountType": "PERCENT"}\n')
    code, printed = guide.command("uv run meltano run tap-codes target-ecwid")
    assert code == 0, printed[-4000:]
    assert guide.coupons()["AUTUMN"]["discountType"] == "PERCENT"


def test_names_of_the_readme_are_no_recipe_s():
    made = {
        block.text.splitlines()[0]
        for title in GUIDE
        if title != README
        for block in GUIDE[title]
        if block.kind == "yaml"
    }
    (ours,) = (block.text.splitlines()[0] for block in GUIDE[README] if block.kind == "yaml")
    assert ours not in made


@pytest.mark.soak
def test_stock_from_a_table(guide):
    title = "Stock from an ERP's table"
    guide.follow(title)
    found = [guide.product(sku)["quantity"] for sku in ("JKT-0002", "CFS-0003", "CFS-0008")]
    assert found == [40, 0, 53]
    assert guide.again(title) == []


@pytest.mark.soak
def test_stock_movements(guide):
    guide.follow("Stock movements")
    assert guide.product("JKT-0002")["quantity"] == 83 - 4
    assert guide.product("CFS-0003")["quantity"] == 33 + 12
    assert not (guide.project.folder / "input" / "movements.jsonl").exists()


@pytest.mark.soak
def test_movements_of_a_run_that_failed_are_not_made_twice(guide):
    # What the page says, but the last movement is of something that isn't in the shop yet.
    guide.follow("Stock movements", run=False)
    before = guide.product("CFS-0003")["quantity"]
    rows = [{"sku": "CFS-0003", "moved": 5}, {"sku": "LATER-1", "moved": 2}]
    path = guide.project.folder / "input" / "movements.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (command,) = (
        block.text
        for block in GUIDE["Stock movements"]
        if block.kind == "sh" and "meltano" in block.text
    )
    code, printed = guide.command(command)
    assert code != 0
    assert "LATER-1" in printed
    assert path.exists()
    assert guide.product("CFS-0003")["quantity"] == before + 5
    guide.shop.create("product", {"sku": "LATER-1", "name": "Later", "price": 1, "quantity": 1})
    code, printed = guide.command(command)
    assert code == 0, printed[-4000:]
    assert guide.product("CFS-0003")["quantity"] == before + 5
    assert guide.product("LATER-1")["quantity"] == 3


@pytest.mark.soak
def test_prices_from_a_csv(guide):
    title = "Prices from a CSV"
    count = guide.shop.count("product")
    guide.follow(title)
    assert guide.product("GRH-0001")["price"] == 71.4
    assert guide.product("JKT-0002")["price"] == 167.2
    assert guide.shop.count("product") == count
    rejected = guide.project.output / "sandbox" / "target-ecwid" / "1003" / "rejected.jsonl"
    (line,) = (json.loads(text) for text in rejected.read_text().splitlines())
    assert line["key"] == {"sku": "NOT-OURS"}


@pytest.mark.soak
def test_order_status_from_a_fulfilment_system(guide):
    title = "Order status from a fulfilment system"
    guide.follow(title)
    orders = {order["id"]: order for order in guide.shop.all("order")}
    assert orders["DNDXWE"]["fulfillmentStatus"] == "SHIPPED"
    assert orders["DNDXWE"]["trackingNumber"] == "1Z999AA10123456784"
    assert orders["LUA4KF"]["fulfillmentStatus"] == "RETURNED"


@pytest.mark.soak
def test_pictures(guide):
    before = guide.product("GRH-0001")["media"]["images"]
    guide.follow("Pictures")
    images = guide.product("GRH-0001")["media"]["images"]
    assert images[0]["imageOriginalUrl"] == "https://shop.example/grinder.jpg"
    assert len(images) == len(before) + 1


@pytest.mark.soak
def test_one_shop_into_another(guide, other):
    title = "Copy one shop to another"
    guide.follow(title)
    there = {product["sku"]: product for product in other.shop.all("product")}
    wanted = {product["sku"]: product for product in guide.shop.all("product")}
    assert there.keys() == {sku for sku, product in wanted.items() if product["enabled"]}
    ours, theirs = (
        {category["id"]: category for category in shop.all("category")}
        for shop in (guide.shop, other.shop)
    )

    def path(known, key):
        parent = known[key].get("parentId")
        return (*(path(known, parent) if parent else ()), known[key]["name"])

    assert {path(ours, key) for key in ours} == {path(theirs, key) for key in theirs}
    for sku, product in there.items():
        assert product["name"] == wanted[sku]["name"] + " (outlet)"
        assert product["price"] == wanted[sku]["price"]
        found = {path(theirs, key) for key in product["categoryIds"]}
        assert found == {path(ours, key) for key in wanted[sku]["categoryIds"]}
    people = [
        {person["email"] for person in shop.all("customer")} for shop in (guide.shop, other.shop)
    ]
    assert people[0] == people[1]
    assert writes(guide.sandbox) == []
    other.reset_requests()
    assert guide.again(title) == []
    assert writes(other) == []
    # Each of two departments gets a Sale.
    for parent in [key for key in ours if "parentId" not in ours[key]][:2]:
        guide.shop.create("category", {"name": "Sale", "parentId": parent})
    guide.again(title)
    ours, theirs = (
        {category["id"]: category for category in shop.all("category")}
        for shop in (guide.shop, other.shop)
    )
    assert len(theirs) == len(ours)
    assert {path(ours, key) for key in ours} == {path(theirs, key) for key in theirs}


@pytest.mark.soak
def test_deletions(guide):
    guide.follow("Deletions")
    status = {code: coupon["status"] for code, coupon in guide.coupons().items()}
    assert status == {"WELCOME10": "ACTIVE", "WINTER": "ACTIVE", "SHIPFREE": "PAUSED"}
    assert guide.coupons()["SHIPFREE"]["name"] != "Ship free"


@pytest.mark.soak
def test_undo_an_import(guide):
    guide.sandbox.set(index_lag=2)
    guide.follow("Quick start: coupons from a file", run=False)
    before = guide.coupons()
    guide.follow("Undo an import")
    unlike = {"updateDate"}
    assert {
        code: {name: value for name, value in coupon.items() if name not in unlike}
        for code, coupon in guide.coupons().items()
    } == {
        code: {name: value for name, value in coupon.items() if name not in unlike}
        for code, coupon in before.items()
    }
    sent = [method for method, _ in writes(guide.sandbox)]
    assert sorted(sent) == ["DELETE", "POST", "PUT", "PUT"]


@pytest.mark.soak
@pytest.mark.parametrize(
    "title", ["Prices from a CSV", "Order status from a fulfilment system", "Deletions"]
)
def test_a_second_run_writes_nothing(guide, title):
    guide.follow(title)
    assert guide.again(title) == []


@pytest.mark.soak
def test_a_rejected_record_fails_the_run_and_the_next_one_has_it_again(guide):
    guide.follow("Quick start: coupons from a file", run=False)
    command = "uv run meltano run tap-coupons target-coupons"
    path = guide.project.folder / "input" / "coupons.jsonl"
    path.write_text('{"code": "SPRING", "name": "Spring", "discount": 5}\n')
    guide.sandbox.faults.add(Fault(path="discount_coupons", method="POST", times=1, status=400))
    code, printed = guide.command(command)
    assert code == 1
    assert "SPRING was rejected" in printed, printed[-4000:]
    assert "Traceback" not in printed
    assert guide.sandbox.token not in printed
    code, printed = guide.command(command)
    assert code == 0, printed[-4000:]
    assert "discount_coupons: 1 created" in printed


@pytest.mark.soak
def test_a_broken_line_fails_the_run_and_a_corrected_file_or_setting_counts_at_once(guide):
    title = "Prices from a CSV"
    guide.follow(title, run=False)
    path = guide.project.folder / "input" / "prices.csv"
    whole = path.read_text()
    command = "uv run meltano run tap-prices target-prices"
    path.write_text(whole.replace("JKT-0002;", "JKT-0002;;"))
    code, printed = guide.command(command)
    assert code == 1
    assert "line 3: it has 3 values, and the header has 2 columns" in printed, printed[-4000:]
    assert writes(guide.sandbox) == []
    path.write_text(whole)
    code, printed = guide.command("TARGET_PRICES_DRY_RUN=true " + command)
    assert code == 0, printed[-4000:]
    # The run that wrote nothing keeps no other from reading the file.
    code, printed = guide.command(command)
    assert code == 0, printed[-4000:]
    assert guide.product("JKT-0002")["price"] == 167.2


@pytest.mark.soak
def test_a_sample_shop_is_moved(fresh_project, other):
    """As the page on moving says, with the mapping's own settings, plan, apply and stock."""
    fresh_project.set_up()
    shutil.copytree(ROOT / "examples" / "moving", fresh_project.folder / "examples" / "moving")
    with running_sandbox(size="empty", fetch_files=False) as running:
        guide = Guide(fresh_project, running, other, "postgresql:///none")
        guide.follow(MOVING)
        by_name = {product["name"]: product for product in running.shop.all("product")}
        assert by_name["Beans"]["quantity"] == 30
        assert len(list(running.shop.all("order"))) == 4
    fresh_project.set_up()


def test_about_through_meltano(fresh_project):
    code, printed = fresh_project.run(
        "meltano", "invoke", "target-ecwid", "--about", "--format=json"
    )
    assert code == 0, printed
    about = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    assert about["name"] == "target-ecwid"
    assert {"store_id", "access_token"} <= about["settings"]["properties"].keys()
