"""What a run has written is taken back, and what can't be is said."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from urllib.parse import quote

from ecwid_sandbox.testing import Fault
from tap_run import settings_of
from target_ecwid import run_commands
from target_run import (
    plan_of,
    product,
    records,
    run_command,
    run_here,
    run_target,
    settle,
)

DELETED = {"_sdc_deleted_at": "2027-01-31T00:00:00Z"}


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


def test_a_picture_is_no_new_object(sandbox, tmp_path):
    """A product with a first picture is put back, and a new one goes with its picture."""
    url = next(p["originalImageUrl"] for p in sandbox.shop.all("product"))
    first = run_here(tmp_path, sandbox, records("products", {"sku": "S-OLD", "name": "Old"}))
    assert first.written, first.rejected
    settle(sandbox)
    skus = ["S-OLD", "S-NEW"]
    rows = [{"sku": sku, "name": "Other", "price": 5} for sku in skus]
    pictures = [{"sku": sku, "url": url} for sku in skus]
    run_and_undo(
        tmp_path,
        sandbox,
        [*records("products", *rows), *records("pictures", *pictures)],
        streams={"pictures": {"action": "uploadMainProductImage", "key": "sku"}},
    )
    now = product(sandbox, "S-OLD")
    assert (now["name"], now.get("originalImageUrl")) == ("Old", None)
    assert "S-NEW" not in {p.get("sku") for p in sandbox.shop.all("product")}


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
    """However old its run is, and however often it is undone."""
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


def test_an_object_with_a_field_filled_since_is_not_deleted(sandbox, tmp_path):
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
