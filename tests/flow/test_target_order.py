"""Parents before children, whatever comes first in the input."""

from __future__ import annotations

from target_run import records, run_target, state


def test_parents_come_before_children(sandbox, tmp_path):
    products = [
        {"id": 900 + n, "sku": f"S-{n}", "name": f"N {n}", "price": 1, "categoryIds": [800 + n]}
        for n in range(3)
    ]
    categories = [{"id": 802, "name": "Lowest", "parentId": 801}]
    categories += [{"id": 801, "name": "Lower", "parentId": 800}, {"id": 800, "name": "Top"}]
    messages = [*records("products", *products), state({"at": 1})]
    messages += [*records("categories", *categories), state({"at": 2})]
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert run.states == [{"at": 2}]
    found = {c["name"]: c for c in sandbox.shop.all("category")}
    assert found["Lowest"]["parentId"] == found["Lower"]["id"]
    assert found["Lower"]["parentId"] == found["Top"]["id"]
    put = {p["sku"]: p["categoryIds"] for p in sandbox.shop.all("product") if p["sku"][:2] == "S-"}
    assert put == {
        "S-0": [found["Top"]["id"]],
        "S-1": [found["Lower"]["id"]],
        "S-2": [found["Lowest"]["id"]],
    }


def test_a_child_waits_for_a_parent_that_comes_later(sandbox, tmp_path):
    # The products are published before the categories arrive.
    products = [
        {"sku": f"S-{n}", "name": f"N {n}", "price": 1, "categoryIds": [800]} for n in range(3)
    ]
    messages = [*records("products", *products), state({"at": 1})]
    messages += [*records("categories", {"id": 800, "name": "Top"}), state({"at": 2})]
    run = run_target(tmp_path, sandbox, messages, batch_size=2)
    assert run.code == 0, run.log
    assert run.states == [{"at": 2}]
    assert "2 records waited for what they refer to" in run.log
    (top,) = (c["id"] for c in sandbox.shop.all("category") if c["name"] == "Top")
    put = [p["categoryIds"] for p in sandbox.shop.all("product") if p["sku"][:2] == "S-"]
    assert put == [[top]] * 3


def test_a_child_whose_parent_never_comes_is_reported_at_the_end(sandbox, tmp_path):
    row = {"sku": "S-1", "name": "N", "price": 1, "categoryIds": [987654]}
    messages = [*records("products", row), state({"at": 1})]
    messages += [*records("customer_groups", {"name": "New"}), state({"at": 2})]
    run = run_target(tmp_path, sandbox, messages, on_error="skip")
    assert run.code == 0, run.log
    assert [line["code"] for line in run.rejected] == ["CATEGORIES_NOT_FOUND"]
    assert run.states == [{"at": 2}]


def test_variations_find_their_products_by_id(sandbox, tmp_path):
    product = next(p for p in sandbox.shop.all("product") if p.get("combinations"))
    one = product["combinations"][0]
    row = {"productId": product["id"], "sku": "V-1", "id": one["id"], "price": 66}
    messages = records("product_variations", row)
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    changed = sandbox.shop.get("product", product["id"])["combinations"]
    (found,) = (c for c in changed if c["id"] == one["id"])
    assert (found["sku"], found["price"]) == ("V-1", 66)
    messages = records(
        "product_variations", {"productId": product["id"], "sku": "V-1", "price": 66}
    )
    run = run_target(tmp_path, sandbox, messages)
    assert "1 unchanged" in run.log, run.log


def test_what_refers_to_each_other_arrives(sandbox, tmp_path):
    categories = [{"id": 800, "name": "Top", "productIds": [901, 902]}]
    products = [
        {"id": 900 + n, "sku": f"S-{n}", "name": f"N {n}", "price": 1, "categoryIds": [800]}
        for n in (1, 2)
    ]
    messages = [*records("categories", *categories), *records("products", *products)]
    settings = {"streams": {"categories": {"key": "name"}}}
    run = run_target(tmp_path, sandbox, [*messages, state({"at": 1})], **settings)
    assert run.code == 0, run.log
    assert "categories: 1 created, 0 updated, 0 deleted, 0 unchanged, 0 rejected" in run.log
    assert "products: 2 created" in run.log
    (top,) = (c for c in sandbox.shop.all("category") if c["name"] == "Top")
    ours = {p["id"] for p in sandbox.shop.all("product") if p["sku"][:2] == "S-"}
    assert set(top["productIds"]) == ours
    # Found by their own keys, they are known by the source's ids again.
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    assert "products: 0 created, 0 updated, 0 deleted, 2 unchanged" in run.log
    assert "categories: 0 created, 0 updated, 0 deleted, 1 unchanged" in run.log


def test_a_change_that_names_what_is_not_there_creates_nothing(sandbox, tmp_path):
    product = next(iter(sandbox.shop.all("product")))
    count = sandbox.shop.count("product")
    row = {"sku": product["sku"], "name": "N", "price": 1, "categoryIds": [987654]}
    run = run_target(tmp_path, sandbox, records("products", row), on_error="skip")
    assert run.code == 0, run.log
    assert [line["code"] for line in run.rejected] == ["CATEGORIES_NOT_FOUND"]
    assert sandbox.shop.count("product") == count


def test_what_was_deleted_since_it_was_seen_is_created_again(sandbox, tmp_path):
    # The search still shows it.
    product = next(iter(sandbox.shop.all("product")))
    sandbox.set(index_lag=3600)
    sandbox.shop.delete("product", product["id"])
    row = {"sku": product["sku"], "name": "N", "price": 1}
    run = run_target(tmp_path, sandbox, records("products", row))
    assert run.code == 0, run.log
    assert "1 created" in run.log
