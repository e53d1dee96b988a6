"""What holds of every writable field of every entity: writing settles, and reads back as asked for.

Records are made by Hypothesis from the description. They are written through the target to the
sandbox, in this process, and read back with the operations that the tap reads with.
"""

from __future__ import annotations

import itertools
import json

import httpx2
import pytest
from hypothesis import given

from any_record import rows_of, tried
from ecwid_api.entities import ENTITIES
from ecwid_sandbox.testing import running_sandbox
from tap_run import settings_of
from target_ecwid import run_commands
from target_ecwid.change.comparing import same
from target_ecwid.change.planners import planner_of
from target_ecwid.jobs import job_of
from target_ecwid.record.door import Door
from target_ecwid.shop.history import History
from write_here import write_here

BY_NAME = {
    # Entity -> the field by which its objects are found, a value for it, and what creating needs.
    "products": ("sku", "SKU-{}", {"name": "N", "price": 1}),
    "categories": ("name", "Category {}", {}),
    "product_types": ("name", "Type {}", {}),
    "orders": (
        "externalOrderId",
        "E-{}",
        {
            "email": "a@example.com",
            "fulfillmentStatus": "PROCESSING",
            "paymentStatus": "PAID",
            "subtotal": 1,
            "total": 1,
        },
    ),
    "promotions": ("name", "Promotion {}", {}),
    "customers": ("email", "c{}@example.com", {}),
    "customer_groups": ("name", "Group {}", {}),
    "discount_coupons": (
        "code",
        "CODE{}",
        {"name": "C", "discountType": "ABS", "discount": 1, "status": "ACTIVE"},
    ),
    "staff_accounts": ("email", "s{}@example.com", {}),
    "redirects": ("fromUrl", "/from-{}", {"toUrl": "/to"}),
}
BY_KEY = ("abandoned_carts", "order_statuses", "payment_options", "shipping_options",
          "product_reviews", "store_profile")  # fmt: skip
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="tiny", rate_limit=0) as running:
        yield running


@pytest.fixture
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("run")


def settings_for(folder, shop, entity):
    key = BY_NAME[entity][0] if entity in BY_NAME else None
    return settings_of(
        shop,
        work_dir=str(folder / "work"),
        streams={entity: {"key": key} if key else {}},
        results=True,
        on_error="skip",
        hard_delete=True,
        requests_per_minute=1_000_000,
        search_lag=1,
    )


def write(folder, shop, entity, *rows):
    """Write records in this process."""
    return write_here(settings_for(folder, shop, entity), shop, entity, *rows)


def read(shop, entity, key, natural):
    """An object as the API shows it, or None."""
    one = ENTITIES[entity]
    if key is None:
        # Ecwid doesn't say which key it has.
        ((name, value),) = natural.items()
        found = [row for row in rows_of_shop(shop, one) if row.get(name) == value]
        assert len(found) == 1, found
        return found[0]
    with httpx2.Client(base_url=shop.store_url, headers=shop.headers) as client:
        operation = one.operations.get or one.operations.read
        keys = key if isinstance(key, list) else [key]
        path = operation.path.format(**dict(zip(operation.path_names, keys, strict=False)))
        answer = client.get(path.removeprefix("/"), params=dict(one.query)).json()
    if one.operations.get is not None or one.keys == ("storeId",):
        return answer
    found = rows_of_shop(shop, one)
    return next((row for row in found if str(row.get(one.keys[-1])) == str(keys[-1])), None)


def rows_of_shop(shop, one):
    with httpx2.Client(base_url=shop.store_url, headers=shop.headers) as client:
        answer = client.get(one.operations.read.path.removeprefix("/"), params=dict(one.query))
    found = answer.json()
    return found if isinstance(found, list) else found[one.operations.read.items_key]


def key_of(shop, entity):
    """A field that names one object for good, and what creating it needs."""
    if entity in BY_NAME:
        name, value, needed = BY_NAME[entity]
        return {name: value.format(next(NUMBERS))}, needed
    one = ENTITIES[entity]
    if one.keys == ("storeId",):
        return {}, {}
    return {one.keys[0]: rows_of_shop(shop, one)[0][one.keys[0]]}, {}


def holds(shop, folder, entity, rows):
    key, needed = key_of(shop, entity)
    first, second = ({**needed, **row, **key} for row in rows)
    done = write(folder, shop, entity, first, second)
    accepted = [r for r in done.results if r["outcome"] != "rejected"]
    if not accepted:
        return
    planner = planner_of(job_of({"streams": {entity: {}}}, entity), {"store_id": shop.store_id})
    rejected = [line["record"] for line in done.rejected]
    last = next(row for row in (second, first) if row not in rejected)
    # Settling: the same again writes nothing.
    again = write(folder, shop, entity, last)
    assert [r["outcome"] for r in again.results] == ["unchanged"], (last, again.log, again.written)
    # Round trip: what was asked for is there, or the difference was reported.
    values = Door(planner.job, {}).record(last, 1).values
    there = read(shop, entity, accepted[-1].get("ecwid"), key)
    assert there is not None, (first, done.log)
    for name in values.keys() & planner.compared_fields:
        reported = f"{entity}: {name} was written" in again.log
        reported = reported or f"takes {name} only when" in again.log
        assert same(values[name], there.get(name)) or reported, (name, values, there.get(name))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("entity", "examples"),
    [
        *((entity, 2) for entity in ("products", "categories", "orders", "customers")),
        *(pytest.param(entity, 300, marks=pytest.mark.soak) for entity in (*BY_NAME, *BY_KEY)),
    ],
)
def test_writing_settles_and_reads_back(shop, folder, entity, examples):
    @tried(examples)
    @given(rows_of(entity))
    def check(rows):
        holds(shop, folder, entity, rows)

    check()


def without_ids(value):
    """A value without ids of entries, which are new where an entry is there again."""
    if isinstance(value, dict):
        found = {n: without_ids(v) for n, v in value.items() if n != "id"}
        return {n: v for n, v in found.items() if v not in EMPTY}
    return [without_ids(v) for v in value] if isinstance(value, list) else value


EMPTY = (None, "", [], {})
NAMED = {"payment_options": "checkoutTitle", "shipping_options": "title"}
"""What people know objects by whose keys are new when they are there again."""


def snapshot(shop, entity):
    """All objects of an entity, by what people know them by: the fields that can be written."""
    one = ENTITIES[entity]
    planner = planner_of(job_of({"streams": {entity: {}}}, entity), {"store_id": shop.store_id})
    name = BY_NAME[entity][0] if entity in BY_NAME else NAMED.get(entity, one.keys[0])
    rows = [read(shop, entity, [], {})] if one.keys == ("storeId",) else rows_of_shop(shop, one)
    return {
        str(row.get(name)): without_ids({n: row.get(n) for n in planner.compared_fields})
        for row in rows
    }


def undo(folder, shop, entity):
    """Take the last run back in this process; what it said can't be taken back."""
    config = folder / "config.json"
    config.write_text(json.dumps(settings_for(folder, shop, entity)))
    work = folder / "work" / str(shop.store_id)
    history = History(work, days=30)
    last = history.runs()[0].id
    history.close()
    plan = folder / "undo.jsonl"
    words = ["--config", str(config)]
    assert run_commands.run(["undo", last, "--plan", str(plan), *words]) == 0
    lines = [json.loads(line) for line in plan.read_text().splitlines()[1:-1]]
    (work / "rejected.jsonl").unlink(missing_ok=True)
    assert run_commands.run(["apply", str(plan), "--yes", *words]) == 0
    rejected = work / "rejected.jsonl"
    assert not rejected.exists(), rejected.read_text()
    return [line for line in lines if line["type"] == "rejected"]


def is_taken_back(shop, folder, entity, rows):
    key, needed = key_of(shop, entity)
    first, second = ({**needed, **row, **key} for row in rows)
    deleted = {**key, "_sdc_deleted_at": "2027-01-31T00:00:00Z"}
    runs = [[first], [second]] + ([[deleted]] if ENTITIES[entity].delete else [])
    for run in runs:
        before = snapshot(shop, entity)
        done = write(folder, shop, entity, *run)
        if not any(r["outcome"] in {"created", "updated", "deleted"} for r in done.results):
            continue
        there = snapshot(shop, entity)
        said = undo(folder, shop, entity)
        after = snapshot(shop, entity)
        assert after == before or said, (run, done.log)
        # And forward again: the undo is a run as well.
        said += undo(folder, shop, entity)
        assert snapshot(shop, entity) == there or said, (run, done.log)
        undo(folder, shop, entity)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("entity", "examples"),
    [
        *((entity, 2) for entity in ("products", "orders", "redirects")),
        *(pytest.param(entity, 50, marks=pytest.mark.soak) for entity in (*BY_NAME, *BY_KEY)),
    ],
)
def test_what_a_run_does_an_undo_takes_back(shop, folder, entity, examples):
    @tried(examples)
    @given(rows_of(entity))
    def check(rows):
        is_taken_back(shop, folder, entity, rows)

    check()


def test_what_ecwid_does_not_keep_is_reported_and_left_alone(shop, folder):
    key, _ = key_of(shop, "product_reviews")
    row = {**key, "status": "MODERATED"}
    assert write(folder, shop, "product_reviews", row).written
    for _ in range(2):
        again = write(folder, shop, "product_reviews", row)
        assert again.written == []
        assert "product_reviews: status was written to 1 objects before" in again.log
    # If the object changes in the shop, it is written again.
    shop.clock.advance(60)
    shop.shop.update("review", key["id"], {"status": "published"})
    assert write(folder, shop, "product_reviews", row).written
    assert read(shop, "product_reviews", key["id"], {})["status"] == "moderated"


def test_the_last_record_wins_where_a_creation_s_answer_has_no_key(shop, folder):
    rows = [{"fromUrl": "/twice", "toUrl": f"/to-{n}"} for n in range(3)]
    for _ in range(2):
        done = write(folder, shop, "redirects", *rows)
        assert [r["outcome"] for r in done.results if r["outcome"] == "rejected"] == []
        found = [r for r in rows_of_shop(shop, ENTITIES["redirects"]) if r["fromUrl"] == "/twice"]
        assert [one["toUrl"] for one in found] == ["/to-2"]


def test_fields_that_only_a_change_takes_are_written_after_the_creation(shop, folder):
    row = {
        "type": "PICKUP",
        "title": "Shop",
        "enabled": True,
        "orderBy": 7,
        "fulfillmentType": "PICKUP",
    }
    done = write(folder, shop, "shipping_options", row)
    assert done.rejected == [], done.rejected
    (found,) = (o for o in rows_of_shop(shop, ENTITIES["shipping_options"]) if o["title"] == "Shop")
    assert found["orderBy"] == 7
