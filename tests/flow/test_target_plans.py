"""A plan is made, looked at and carried out: exactly its changes, once, on objects as they were."""

from __future__ import annotations

import base64
import json
import random
import signal
import sqlite3
import subprocess
from contextlib import closing
from urllib.parse import quote

import pytest

from ecwid_api.errors import SettingError
from ecwid_sandbox.testing import Fault
from tap_run import settings_of
from target_ecwid import run_commands
from target_run import (
    command,
    records,
    run_command,
    run_here,
    run_target,
    settle,
    state,
    target,
    writes,
)


def plan_of(folder, sandbox, messages, **settings):
    """Make a plan; nothing may be written."""
    before = writes(sandbox)
    path = folder / "plan.jsonl"
    run = run_target(folder, sandbox, messages, plan=str(path), **settings)
    assert run.code == 0, run.log
    assert run.states == []
    assert writes(sandbox) == before
    return path


def product(sandbox, sku):
    found = [p for p in sandbox.shop.all("product") if p.get("sku") == sku]
    assert len(found) == 1, found
    return found[0]


def test_a_plan_is_carried_out_as_it_was_made(sandbox, tmp_path):
    there = list(sandbox.shop.all("product"))[:4]
    rows = [{"sku": p["sku"], "price": p["price"] + 1} for p in there[:3]]
    rows += [{"sku": "S-NEW", "name": "New", "price": 5, "categoryIds": [77001]}]
    rows += [{"id": there[3]["id"], "_sdc_deleted_at": "2025-01-01T00:00:00Z"}]
    messages = [
        *records("categories", {"id": 77001, "name": "Brand new"}),
        *records("products", *rows),
        state({"at": 1}),
    ]
    path = plan_of(tmp_path, sandbox, messages, hard_delete=True, source="erp")
    header, *changes, summary = map(json.loads, path.read_text().splitlines())
    assert header["store_id"] == sandbox.store_id
    assert summary["streams"]["products"]["updated"] == 3
    assert len(changes) == 6
    done = run_command(tmp_path, sandbox, "apply", path, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["counts"]["products"] == {"created": 1, "updated": 3, "deleted": 1}
    settle(sandbox)
    for row in rows[:3]:
        assert product(sandbox, row["sku"])["price"] == row["price"]
    (category,) = [c for c in sandbox.shop.all("category") if c["name"] == "Brand new"]
    assert product(sandbox, "S-NEW")["categoryIds"] == [category["id"]]
    assert there[3]["id"] not in {p["id"] for p in sandbox.shop.all("product")}
    # Again: it was carried out already.
    known = writes(sandbox)
    done = run_command(tmp_path, sandbox, "apply", path, "--json")
    assert json.loads(done.stdout)["already"]
    assert writes(sandbox) == known


def test_what_changed_meanwhile_is_left_alone(sandbox, tmp_path):
    there = list(sandbox.shop.all("product"))[:3]
    rows = [{"sku": p["sku"], "price": p["price"] + 1} for p in there]
    path = plan_of(tmp_path, sandbox, records("products", *rows))
    changed = there[1]
    run = run_target(tmp_path, sandbox, records("products", {"sku": changed["sku"], "price": 999}))
    assert run.code == 0, run.log
    settle(sandbox)
    done = run_command(tmp_path, sandbox, "apply", path, on_drift="fail")
    assert done.returncode == 1
    assert "on_drift" in done.stderr
    assert product(sandbox, there[0]["sku"])["price"] == there[0]["price"]
    done = run_command(tmp_path, sandbox, "apply", path)
    assert done.returncode == 0, done.stderr
    assert "1 objects had changed" in done.stderr
    settle(sandbox)
    assert product(sandbox, changed["sku"])["price"] == 999
    assert product(sandbox, there[0]["sku"])["price"] == rows[0]["price"]


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
DELETED = {"_sdc_deleted_at": "2027-01-31T00:00:00Z"}


def test_a_later_change_builds_on_an_earlier_one(sandbox, tmp_path):
    """An object is changed twice, and what one change frees, the next one takes."""
    there = list(sandbox.shop.all("product"))[:4]
    person = next(iter(sandbox.shop.all("customer")))
    coupon = next(iter(sandbox.shop.all("coupon")))
    messages = [
        *records(
            "products",
            {"id": there[0]["id"], **DELETED},
            {"sku": there[0]["sku"], "name": "In its place", "price": 3},
            {"sku": there[1]["sku"], "price": 3},
            {"sku": there[1]["sku"], "price": 4},
            {"id": there[2]["id"], "sku": "RENAMED"},
            {"sku": there[2]["sku"], "name": "Has its old name", "price": 5},
        ),
        *records("customers", {"id": person["id"], **DELETED}, {"email": person["email"]}),
        *records(
            "discount_coupons",
            {"id": coupon["id"], **DELETED},
            {n: coupon[n] for n in ("code", "name", "discountType", "discount", "status")},
        ),
    ]
    path = plan_of(tmp_path, sandbox, messages, hard_delete=True, ids="shared")
    done = run_command(tmp_path, sandbox, "apply", path, "--on-drift", "fail", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"] == {
        "products": {"created": 2, "updated": 3, "deleted": 1},
        "customers": {"created": 1, "deleted": 1},
        "discount_coupons": {"created": 1, "deleted": 1},
    }, done.stderr
    settle(sandbox)
    assert product(sandbox, there[0]["sku"])["name"] == "In its place"
    assert product(sandbox, there[1]["sku"])["price"] == 4
    assert product(sandbox, "RENAMED")["id"] == there[2]["id"]
    done = run_command(tmp_path, sandbox, "undo", "last")
    assert done.returncode == 0, done.stderr
    settle(sandbox)
    for old in there:
        now = product(sandbox, old["sku"])
        assert (now["name"], now["price"]) == (old["name"], old["price"])
    assert len([p for p in sandbox.shop.all("customer") if p["email"] == person["email"]]) == 1
    assert len([c for c in sandbox.shop.all("coupon") if c["code"] == coupon["code"]]) == 1


def test_a_file_that_changed_meanwhile_is_not_uploaded(sandbox, tmp_path):
    here = [p["id"] for p in sandbox.shop.all("product")][:3]
    files = [tmp_path / name for name in ("one.png", "two.png", "three.png")]
    for file in files:
        file.write_bytes(PICTURE)
    rows = [{"productId": key, "path": str(f)} for key, f in zip(here, files, strict=True)]
    settings = {"files_dir": str(tmp_path), "ids": "shared"}
    path = plan_of(tmp_path, sandbox, records("product_images", *rows), **settings)
    files[1].write_bytes(PICTURE + b"other")
    files[2].unlink()
    done = run_command(tmp_path, sandbox, "apply", path, "--on-drift", "fail", **settings)
    assert done.returncode == 1
    assert writes(sandbox) == []
    done = run_command(tmp_path, sandbox, "apply", path, **settings)
    assert done.returncode == 0, done.stderr
    assert writes(sandbox) == [("POST", f"/products/{here[0]}/gallery")]
    assert "2 objects had changed" in done.stderr


def parts_of(product):
    """How many variations, pictures, films and files a product has."""
    media = product.get("media") or {}
    several = (
        product.get("combinations"),
        media.get("images"),
        media.get("videos"),
        product.get("files"),
    )
    return tuple(len(parts or ()) for parts in several)


def test_a_picture_is_put_back_or_taken_away(sandbox, tmp_path):
    categories = list(sandbox.shop.all("category"))
    had = next(c for c in categories if c.get("originalImageUrl"))
    sandbox.shop.update("category", categories[-1]["id"], {"originalImageUrl": None})
    streams = {"pictures": {"entity": "categories", "action": "uploadCategoryImage"}}
    url = had["originalImageUrl"]
    rows = [
        {"categoryId": key, "url": next(p["originalImageUrl"] for p in sandbox.shop.all("product"))}
        for key in (had["id"], categories[-1]["id"])
    ]
    run = run_target(tmp_path, sandbox, records("pictures", *rows), streams=streams)
    assert run.code == 0, run.log
    sandbox.reset_requests()
    done = run_command(tmp_path, sandbox, "undo", "last", streams=streams)
    assert done.returncode == 0, done.stderr
    sent = {r.method: r for r in sandbox.requests if "/image" in r.path}
    assert sorted(sent) == ["DELETE", "POST"], done.stderr
    assert quote(url, safe="") in sent["POST"].query
    now = {c["id"]: c.get("originalImageUrl") for c in sandbox.shop.all("category")}
    assert not now[categories[-1]["id"]]


def test_a_run_is_undone_and_the_undo_too(sandbox, tmp_path):
    before = {p["id"]: p for p in sandbox.shop.all("product")}
    # The last one is deleted: the one with the most parts.
    there = sorted(before.values(), key=lambda p: sum(map(bool, parts_of(p))))[-4:]
    assert all(parts_of(there[3]))
    rows = [{"sku": p["sku"], "price": p["price"] + 1, "name": "Other"} for p in there[:3]]
    rows += [{"sku": "S-NEW", "name": "New", "price": 5}]
    rows += [{"id": there[3]["id"], "_sdc_deleted_at": "2025-01-01T00:00:00Z"}]
    run = run_target(tmp_path, sandbox, records("products", *rows), hard_delete=True)
    assert run.code == 0, run.log
    settle(sandbox)
    (entry,) = json.loads(run_command(tmp_path, sandbox, "runs", "--json").stdout)
    assert entry["state"] == "done"
    after = {p["id"]: p for p in sandbox.shop.all("product")}
    done = run_command(tmp_path, sandbox, "undo", entry["id"], "--yes")
    assert done.returncode == 0, done.stderr
    settle(sandbox)
    for old in there[:3]:
        now = product(sandbox, old["sku"])
        assert (now["price"], now["name"]) == (old["price"], old["name"])
    assert "S-NEW" not in {p.get("sku") for p in sandbox.shop.all("product")}
    again = product(sandbox, there[3]["sku"])
    assert again["id"] != there[3]["id"]
    assert again["name"] == there[3]["name"]
    assert parts_of(again) == parts_of(there[3])
    assert [v["sku"] for v in again["combinations"]] == [v["sku"] for v in there[3]["combinations"]]
    undo, first = json.loads(run_command(tmp_path, sandbox, "runs", "--json").stdout)
    assert (undo["kind"], undo["undoes"], first["id"]) == ("undo", entry["id"], entry["id"])
    done = run_command(tmp_path, sandbox, "undo", undo["id"], "--yes")
    assert done.returncode == 0, done.stderr
    settle(sandbox)
    assert {p.get("sku") for p in sandbox.shop.all("product")} == {
        p.get("sku") for p in after.values()
    }
    assert product(sandbox, "S-NEW")["price"] == 5


def run_and_undo(folder, sandbox, messages, **settings):
    """Run and take it back, in this process."""
    done = run_here(folder, sandbox, messages, **settings)
    assert done.written, done.rejected
    settle(sandbox)
    config = settings_of(sandbox, work_dir=str(folder / "work"), **settings)
    (folder / "config.json").write_text(json.dumps(config))
    assert run_commands.run(["undo", "last", "--yes", "--config", str(folder / "config.json")]) == 0
    settle(sandbox)


def test_what_changes_with_a_field_is_put_back_too(sandbox, tmp_path):
    there = list(sandbox.shop.all("product"))
    with_stock = next(p for p in there if not p["unlimited"])
    without = next(p for p in there if p["unlimited"])
    varied = next(p for p in there if p.get("combinations"))
    variation = {"productId": varied["id"], "id": varied["combinations"][0]["id"]}
    for stream, *rows in (
        ("products", {"id": with_stock["id"], "unlimited": True}),
        ("products", {"id": without["id"], "quantity": 5}),
        (
            "products",
            {"id": with_stock["id"], "unlimited": True},
            {"id": with_stock["id"], "quantity": with_stock["quantity"]},
        ),
        ("product_variations", {**variation, "unlimited": True}),
    ):
        run_and_undo(tmp_path, sandbox, records(stream, *rows), ids="shared")
        for old in there:
            now = sandbox.shop.get("product", old["id"])
            for name in ("quantity", "unlimited", "combinations"):
                assert now.get(name) == old.get(name), (stream, rows)


def test_what_was_deleted_together_refers_to_each_other_again(sandbox, tmp_path):
    shop = sandbox.shop
    category = next(c for c in shop.all("category") if len(c["productIds"]) > 1)
    one, two = (shop.get("product", key) for key in category["productIds"][:2])
    for a, b in ((one, two), (two, one)):
        shop.update("product", a["id"], {"relatedProducts": {"productIds": [b["id"]]}})
    settle(sandbox)
    deletions = [
        *records("categories", {"id": category["id"], **DELETED}),
        *records("products", *({"id": p["id"], **DELETED} for p in (one, two))),
    ]
    run_and_undo(tmp_path, sandbox, deletions, hard_delete=True, ids="shared")
    one, two = (product(sandbox, p["sku"]) for p in (one, two))
    assert one["relatedProducts"]["productIds"] == [two["id"]]
    assert two["relatedProducts"]["productIds"] == [one["id"]]
    (now,) = [c for c in shop.all("category") if c["name"] == category["name"]]
    assert {one["id"], two["id"]} <= {*now["productIds"]}


def test_what_an_undo_does_not_take_back_is_listed(sandbox, tmp_path, capfd):
    product = next(p for p in sandbox.shop.all("product") if not p.get("minPurchaseQuantity"))
    row = {"id": product["id"], "minPurchaseQuantity": 2, "price": 3}
    run_and_undo(tmp_path, sandbox, records("products", row), ids="shared")
    assert "minPurchaseQuantity had no value" in capfd.readouterr().err
    assert sandbox.shop.get("product", product["id"])["price"] == product["price"]


def test_variations_that_were_written_with_their_product_are_put_back(sandbox, tmp_path):
    old = next(p for p in sandbox.shop.all("product") if len(p.get("combinations") or ()) > 1)
    row = {"id": old["id"], "combinations": [{**old["combinations"][0], "price": 3}]}
    streams = {"products": {"query": {"saveCombinations": True}}}
    run_and_undo(tmp_path, sandbox, records("products", row), streams=streams, ids="shared")
    now = sandbox.shop.get("product", old["id"])
    parts = [[(v["sku"], v["price"]) for v in p["combinations"]] for p in (old, now)]
    assert parts[0] == parts[1]


def test_an_order_of_objects_is_put_back(sandbox, tmp_path):
    categories = list(sandbox.shop.all("category"))
    several = next(c for c in categories if len(c["productIds"]) > 1)
    on_top = [c["id"] for c in categories if not c.get("parentId")]
    rows = {
        "product_order": {
            "parentCategory": several["id"],
            "sortedIds": several["productIds"][::-1],
        },
        "category_order": {"parentCategory": 0, "sortedIds": on_top[::-1]},
    }
    for stream, row in rows.items():
        run_and_undo(tmp_path, sandbox, records(stream, row), ids="shared")
        now = {c["id"]: (c["orderBy"], c["productIds"]) for c in sandbox.shop.all("category")}
        assert now[several["id"]][1] == several["productIds"]
        assert sorted(on_top, key=now.get) == sorted(
            on_top, key={c["id"]: (c["orderBy"], c["productIds"]) for c in categories}.get
        )


def test_an_adjustment_goes_in_once_and_back_once(sandbox, tmp_path):
    """However old its run is, and however often somebody asks for it."""
    product = next(p for p in sandbox.shop.all("product") if not p["unlimited"])
    action = {"action": "PUT /products/{productId}/inventory", "entity": "products"}
    settings = {"streams": {"stock": action}, "undo_days": 1}

    def do(*words):
        done = run_command(tmp_path, sandbox, *words, "--json", **settings)
        settle(sandbox)
        return done, sandbox.shop.get("product", product["id"])["quantity"] - product["quantity"]

    row = {"productId": product["id"], "quantityDelta": 5}
    path = plan_of(tmp_path, sandbox, records("stock", row), **settings)
    done, by = do("apply", path)
    first = json.loads(done.stdout)["run"]
    assert by == 5
    done, by = do("undo", first)
    assert (done.returncode, by) == (0, 0), done.stderr
    done, by = do("undo", first)
    assert (done.returncode, by) == (1, 0)
    assert "has taken back" in done.stderr
    database = sqlite3.connect(tmp_path / "work" / str(sandbox.store_id) / "runs.db")
    with closing(database), database:
        database.execute("UPDATE runs SET started = started - 2e5, ended = ended - 2e5")
    done, by = do("apply", path)
    assert json.loads(done.stdout)["already"]
    assert by == 0
    # A run of which nothing was written is none to take back.
    refused = {"productId": 1, "quantityDelta": 5}
    assert run_target(tmp_path, sandbox, records("stock", refused), **settings).code == 1
    done, by = do("undo", "last")
    assert "is older than undo_days" in done.stderr or "no run" in done.stderr
    assert by == 0


def test_beyond_a_guard_nothing_is_written(sandbox, tmp_path):
    there = list(sandbox.shop.all("product"))[:3]
    rows = [{"sku": p["sku"], "price": p["price"] * 3} for p in there]
    rows += [{"id": p["id"], "_sdc_deleted_at": "2025-01-01T00:00:00Z"} for p in there[:2]]
    for guard, limit in (("max_changes", 4), ("max_deletions", 1), ("max_price_change", 50)):
        run = run_target(
            tmp_path,
            sandbox,
            [*records("products", *rows), state({"at": 1})],
            hard_delete=True,
            **{guard: limit},
        )
        assert run.code == 1
        assert guard in run.log
        assert "plan.jsonl" in run.log
        assert run.states == []
        assert writes(sandbox) == []
        assert len(run.plan) == 5
    run = run_target(
        tmp_path,
        sandbox,
        [*records("products", *rows), state({"at": 1})],
        hard_delete=True,
        max_changes=5,
    )
    assert run.code == 0, run.log
    assert run.states == [{"at": 1}]
    assert "0 created, 3 updated, 2 deleted" in run.log


def test_no_price_changes_by_more_than_it_may_however_it_is_written(sandbox, tmp_path):
    product = next(p for p in sandbox.shop.all("product") if p.get("combinations"))
    sandbox.shop.update("product", product["id"], {"price": 10})
    settle(sandbox)
    calls = {
        "whole": {"action": "PUT /products/{productId}"},
        "part": {"action": "updateProductVariation"},
        "other": {"entity": "products"},
    }
    one, part = {"id": product["id"]}, {"productId": product["id"]}
    variation = {**part, "combinationId": product["combinations"][0]["id"]}
    wholesale = {"wholesalePrices": [{"quantity": 5, "price": 1}]}

    def changes(*messages):
        with pytest.raises(SettingError, match="max_price_change is 10, and a price") as told:
            run_here(tmp_path, sandbox, messages, max_price_change=10, streams=calls, ids="shared")
        assert writes(sandbox) == []
        return str(told.value)

    steps = [{**one, "price": price} for price in (10.9, 11.8, 12.7)]
    assert "by 27.0 %" in changes(*records("products", *steps))
    said = changes(*records("products", steps[0]), *records("other", steps[1]))
    assert "price from 10.0 to 11.8" in said
    assert "price from an unknown" in changes(*records("whole", {**part, "price": 10.1}))
    assert "[0].price from an unknown" in changes(*records("whole", {**part, **wholesale}))
    assert "price from an unknown" in changes(*records("part", {**variation, "price": 3}))
    # There and back again.
    rows = [{**one, "price": price} for price in (10.9, 10)]
    done = run_here(
        tmp_path, sandbox, records("products", *rows), max_price_change=10, ids="shared"
    )
    assert len(done.written) == 2


SEEDS = 50


def shop_of(sandbox):
    """What the shop has, by what people know it by, without ids and times."""
    products = {
        p["sku"]: {n: p.get(n) for n in ("name", "price", "quantity", "enabled", "description")}
        for p in sandbox.shop.all("product")
    }
    categories = sorted(c["name"] for c in sandbox.shop.all("category"))
    assert len(products) == len(list(sandbox.shop.all("product")))
    return products, categories


def input_of(chance, there):
    """Messages that create, change and delete, and refer to one another."""
    rows = []
    for n, old in enumerate(chance.sample(there, min(len(there), 12))):
        if n % 4 == 3:
            rows.append({"sku": old["sku"], "_sdc_deleted_at": "2027-01-31T00:00:00Z"})
        else:
            rows.append({"sku": old["sku"], "name": f"Name {n}", "price": chance.randrange(99)})
    rows += [
        {"sku": f"NEW-{n}", "name": f"New {n}", "price": n, "categoryIds": [77_000 + n % 3]}
        for n in range(chance.randrange(1, 30))
    ]
    chance.shuffle(rows)
    categories = [{"id": 77_000 + n, "name": f"Category {n}"} for n in range(3)]
    return [*records("categories", *categories), *records("products", *rows)]


def killed_until_done(folder, sandbox, chance, words, **settings):
    """Run a command, and kill it at any moment, until it comes to its end."""
    for attempt in range(20):
        process = subprocess.Popen(
            [*target(), *words, *command(folder, sandbox, start=(), **settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        patience = chance.uniform(0.3, 1.5) if attempt < 4 else 120
        try:
            _, log = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.send_signal(chance.choice((signal.SIGKILL, signal.SIGTERM)))
            process.communicate(timeout=60)
            continue
        assert process.returncode in {0, 1, 143}, log
        if process.returncode == 0:
            return
    raise AssertionError(log)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=pytest.mark.soak if n != 1 else ()) for n in range(SEEDS)]
)
def test_a_plan_and_its_undo_are_carried_out_once_however_often_they_are_killed(
    sandbox, tmp_path, seed
):
    chance = random.Random(seed)
    settings = {
        "hard_delete": True,
        "source": "erp",
        "batch_size": chance.choice((3, 10, 500)),
        "search_lag": 4,
        "requests_per_minute": 100_000,
    }
    before = shop_of(sandbox)
    messages = input_of(chance, list(sandbox.shop.all("product")))
    path = plan_of(tmp_path, sandbox, messages, **settings)
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:-1]]
    for kind in chance.sample(({"status": 500}, {"drop": "after"}, {"cut": 0.5}), 2):
        sandbox.faults.add(Fault(path="^/batch", times=None, chance=0.15, seed=seed, **kind))
    killed_until_done(tmp_path, sandbox, chance, ["apply", str(path)], **settings)
    settle(sandbox)
    products, categories = shop_of(sandbox)
    for line in lines:
        key = line["key"].get("sku")
        if line["entity"] != "products":
            continue
        if line["kind"] == "deleted":
            assert key not in products
        else:
            wanted = {n: v for n, v in line["after"].items() if n in ("name", "price")}
            assert {n: products[key][n] for n in wanted} == wanted
    assert len(categories) == len(before[1]) + 3
    (run,) = json.loads(run_command(tmp_path, sandbox, "runs", "--json", **settings).stdout)
    assert run["state"] == "done"
    killed_until_done(tmp_path, sandbox, chance, ["undo", "last"], **settings)
    settle(sandbox)
    assert shop_of(sandbox) == before


def test_a_deletion_whose_answer_got_lost_is_undone_while_a_search_still_shows_it(
    sandbox, tmp_path
):
    old = next(iter(sandbox.shop.all("product")))
    sandbox.faults.add(Fault(path="^/products/", method="DELETE", times=1, drop="after"))
    row = {"sku": old["sku"], "_sdc_deleted_at": "2027-01-31T00:00:00Z"}
    run = run_target(tmp_path, sandbox, records("products", row), hard_delete=True)
    assert run.code == 0, run.log
    done = run_command(tmp_path, sandbox, "undo", "last")
    assert done.returncode == 0, done.stderr
    assert product(sandbox, old["sku"])["name"] == old["name"]


def test_what_somebody_has_filled_since_is_not_deleted(sandbox, tmp_path):
    rows = [{"sku": f"NEW-{n}", "name": "New", "price": 1} for n in range(2)]
    run = run_target(tmp_path, sandbox, records("products", *rows))
    assert run.code == 0, run.log
    sandbox.clock.advance(60)
    sandbox.shop.update("product", product(sandbox, "NEW-1")["id"], {"description": "Ours"})
    done = run_command(tmp_path, sandbox, "undo", "last")
    assert "description of the object was changed since" in run_log(tmp_path, sandbox)
    assert done.returncode == 0, done.stderr
    assert product(sandbox, "NEW-1")["description"] == "Ours"
    assert "NEW-0" not in {p.get("sku") for p in sandbox.shop.all("product")}


def run_log(folder, sandbox):
    """What is said of rejected changes."""
    return (folder / "work" / str(sandbox.store_id) / "rejected.jsonl").read_text()
