"""What whole shops ask of the target: deletions, pictures and stock when one copies another."""

from __future__ import annotations

import pytest

from ecwid_sandbox.testing import running_sandbox
from hard_shop import Api, picture
from target_ecwid.change.planners import planner_of
from target_ecwid.jobs import job_of
from target_run import records, run_here, writes


@pytest.fixture
def shop():
    with running_sandbox(size="empty", rate_limit=0) as running:
        yield running


def version(stream):
    return {"type": "ACTIVATE_VERSION", "stream": stream, "version": 1}


@pytest.mark.parametrize("beside", [[], [*records("pictures", {})]], ids=["alone", "with calls"])
def test_a_source_with_ids_of_its_own_takes_away_only_what_it_had(shop, tmp_path, beside):
    mine = shop.shop.create("category", {"name": "The shop's own"})
    settings = {
        "ids": "own",
        "activate_version": True,
        "hard_delete": True,
        "streams": {"pictures": {"action": "deleteCategoryImage"}},
    }
    two = records("categories", {"id": 900, "name": "A"}, {"id": 901, "name": "B"})
    run_here(tmp_path, shop, two, **settings)
    assert shop.shop.count("category") == 3
    left = [*records("categories", {"id": 901, "name": "B"}), *beside[:1], version("categories")]
    run_here(tmp_path, shop, left, **settings)
    assert sorted(c["name"] for c in shop.shop.all("category")) == ["B", "The shop's own"]
    assert mine in shop.shop.keys("category")


def test_keys_that_are_words_are_everybody_s(shop, tmp_path):
    status = {"statusId": "CUSTOM_PAYMENT_STATUS_1", "name": "Deposit", "enabled": True}
    done = run_here(tmp_path, shop, records("order_statuses", status), ids="own")
    assert done.rejected == []
    assert done.outcomes == [("order_statuses", "updated")]


def test_parts_are_deleted_before_their_owner_is_written(shop, tmp_path):
    """A product may not lose an option that a variation still has."""

    def product(*sizes):
        choices = [{"text": size, "priceModifier": 0} for size in sizes]
        option = {"type": "SELECT", "name": "Size", "required": False, "choices": choices}
        return {"id": 900, "name": "P", "price": 1, "options": [option]}

    variation = {"productId": 900, "options": [{"name": "Size", "value": "L"}]}
    settings = {
        "ids": "own",
        "streams": {"gone": {"entity": "product_variations", "action": "delete"}},
    }
    run_here(
        tmp_path,
        shop,
        [
            *records("products", product("S", "L")),
            *records("product_variations", variation | {"id": 7}),
        ],
        **settings,
    )
    again = [*records("products", product("S")), *records("gone", {"productId": 900, "id": 7})]
    done = run_here(tmp_path, shop, again, **settings)
    assert done.rejected == []
    (left,) = shop.shop.all("product")
    assert not left.get("combinations")
    assert [c["text"] for c in left["options"][0]["choices"]] == ["S"]


def test_a_picture_stays_known_when_another_one_is_deleted(shop, tmp_path):
    api = Api(shop)
    product = api.new("/products", name="P", price=1)
    (tmp_path / "files").mkdir()
    for number in (1, 2):
        (tmp_path / "files" / f"{number}.png").write_bytes(picture(number))
    settings = {
        "files_dir": str(tmp_path / "files"),
        "streams": {
            "main": {"action": "uploadMainProductImage"},
            "gone": {"entity": "product_images", "action": "delete"},
        },
    }
    main = records("main", {"productId": product, "path": "1.png"})
    run_here(tmp_path, shop, main, **settings)
    image = api("POST", f"/products/{product}/gallery", content=picture(2))["id"]
    run_here(tmp_path, shop, records("gone", {"productId": product, "id": str(image)}), **settings)
    assert len(shop.shop.get("product", product)["media"]["images"]) == 1
    assert run_here(tmp_path, shop, main, **settings).written == []
    # When the picture itself is deleted, it can come again.
    api("DELETE", f"/products/{product}/image")
    gone = {"streams": {**settings["streams"], "gone": {"action": "deleteMainProductImage"}}}
    run_here(tmp_path, shop, records("gone", {"productId": product}), **gone)
    assert run_here(tmp_path, shop, main, **settings).written != []


def test_a_stock_that_an_order_has_moved_is_set_again(shop, tmp_path):
    api = Api(shop)
    rows = records("products", {"id": 900, "name": "P", "price": 1, "quantity": 10})
    run_here(tmp_path, shop, rows, ids="own")
    (product,) = shop.shop.keys("product")
    item = {"productId": product, "name": "P", "price": 1, "quantity": 3}
    api("POST", "/orders", {"email": "a@shop.example", "paymentStatus": "PAID", "items": [item]})
    assert shop.shop.get("product", product)["quantity"] == 7
    assert len(run_here(tmp_path, shop, rows, ids="own").written) == 1
    assert shop.shop.get("product", product)["quantity"] == 10
    shop.reset_requests()
    run_here(tmp_path, shop, rows, ids="own")
    assert writes(shop) == []


def test_a_reference_that_looks_like_the_shop_s_is_followed(shop, tmp_path):
    """The source's 2 is another object than the shop's 2, even where the shop has a 2 there."""
    run_here(tmp_path, shop, records("products", {"id": 900, "name": "X", "price": 1}), ids="own")
    (one,) = shop.shop.keys("product")
    other = shop.shop.create("product", {"name": "The shop's own", "price": 1})
    related = {"relatedProducts": {"productIds": [other]}}
    Api(shop)("PUT", f"/products/{one}", related)
    rows = records(
        "products",
        {"id": 900, "name": "X", "price": 1, **related},
        {"id": other, "name": "New", "price": 1},
    )
    run_here(tmp_path, shop, rows, ids="own")
    new = next(p["id"] for p in shop.shop.all("product") if p["name"] == "New")
    assert shop.shop.get("product", one)["relatedProducts"]["productIds"] == [new]


@pytest.mark.parametrize(
    ("action", "once"),
    [
        ("uploadMainProductImage", None),
        ("uploadCategoryImage", None),
        ("uploadProductVariationImage", None),
        ("uploadGalleryProductImage", "call"),
        ("adjustProductStock", "call"),
    ],
)
def test_only_what_adds_is_carried_out_once(action, once):
    """A run that was killed uploads again what takes a place, and knows then where it is."""
    job = job_of({"streams": {"calls": {"action": action}}}, "calls")
    assert planner_of(job, {"store_id": 1}).once == once


def test_a_part_without_a_name_is_not_looked_for(shop, tmp_path):
    product = Api(shop).new("/products", name="P", price=1)
    (tmp_path / "1.png").write_bytes(picture(1))
    rows = records("product_images", {"productId": product, "id": "77", "path": "1.png"})
    settings = {"ids": "own", "files_dir": str(tmp_path), "undo_days": 0}
    # Nobody knows this product of the source: it is the shop's by its path.
    settings["streams"] = {"product_images": {"path": {"productId": product}}}
    run_here(tmp_path, shop, rows, **settings)
    assert [r.path for r in shop.requests if r.path == f"/products/{product}"] == []
