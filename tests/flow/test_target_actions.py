"""What streams can be told to do: create, update, delete, any operation that writes."""

from __future__ import annotations

import base64

import pytest

from ecwid_sandbox.testing import Fault
from target_run import records, run_target, settle, writes

_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_an_update_does_not_create(sandbox, tmp_path):
    sku = next(iter(sandbox.shop.all("product")))["sku"]
    count = sandbox.shop.count("product")
    rows = [{"article": sku, "price": 77}, {"article": "NEW-1", "price": 1}]
    settings = {
        "streams": {
            "erp": {
                "entity": "products",
                "action": "update",
                "key": "sku",
                "payload": {"sku": "=article", "price": "=price + 0.5"},
                "on_error": "skip",
            }
        }
    }
    run = run_target(tmp_path, sandbox, records("erp", *rows), **settings)
    assert run.code == 0, run.log
    assert sandbox.shop.count("product") == count
    (product,) = (p for p in sandbox.shop.all("product") if p["sku"] == sku)
    assert product["price"] == 77.5
    (line,) = run.rejected
    assert line["reason"] == "not in the shop"
    assert line["key"] == {"sku": "NEW-1"}


def test_a_creation_always_creates(sandbox, tmp_path):
    sku = next(iter(sandbox.shop.all("product")))["sku"]
    row = {"sku": sku, "name": "Again", "price": 1}
    settings = {"streams": {"products": {"action": "create"}}}
    run = run_target(tmp_path, sandbox, records("products", row, row), **settings)
    assert run.code == 0, run.log
    assert [p["sku"] for p in sandbox.shop.all("product")].count(sku) == 3


def test_a_deletion_by_key(sandbox, tmp_path):
    coupons = [coupon["code"] for coupon in sandbox.shop.all("coupon")]
    settings = {"streams": {"old": {"entity": "discount_coupons", "action": "delete"}}}
    rows = [{"code": coupons[0]}, {"code": "NEVER-WAS"}]
    run = run_target(tmp_path, sandbox, records("old", *rows), **settings)
    assert run.code == 0, run.log
    assert "old: 0 created, 0 updated, 1 deleted, 1 unchanged, 0 rejected" in run.log
    assert [coupon["code"] for coupon in sandbox.shop.all("coupon")] == coupons[1:]


@pytest.mark.parametrize("action", ["adjustProductStock", "PUT /products/{productId}/inventory"])
def test_stock_is_adjusted_by_sku(sandbox, tmp_path, action):
    products = list(sandbox.shop.all("product"))[:5]
    for product in products:
        sandbox.shop.update("product", product["id"], {"quantity": 10, "unlimited": False})
    rows = [{"sku": p["sku"], "delta": -n} for n, p in enumerate(products, 1)]
    settings = {
        "streams": {
            "stock": {"action": action, "key": "sku", "payload": {"quantityDelta": "=delta"}}
        }
    }
    run = run_target(tmp_path, sandbox, records("stock", *rows, rows[0]), **settings)
    assert run.code == 0, run.log
    found = [sandbox.shop.get("product", p["id"])["quantity"] for p in products]
    assert found == [8, 8, 7, 6, 5]


def test_operations_take_their_path_from_the_record_or_the_setting(sandbox, tmp_path):
    category, other = sandbox.shop.keys("category")[:2]
    product = sandbox.shop.keys("product")[0]
    settings = {
        "streams": {
            "a": {"action": "assignProductsToTheCategory"},
            "b": {
                "action": "POST /categories/{categoryId}/assignProducts",
                "path": {"categoryId": "=cat"},
                "payload": {"productIds": "=[product]"},
            },
        }
    }
    messages = records("a", {"categoryId": category, "productIds": [product]})
    messages += records("b", {"cat": other, "product": product})
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    assert {category, other} <= set(sandbox.shop.get("product", product)["categoryIds"])


def test_dangerous_operations_have_to_be_allowed(sandbox, tmp_path):
    settings = {"streams": {"all": {"action": "deleteAllProducts"}}}
    run = run_target(tmp_path, sandbox, records("all", {"x": 1}), **settings)
    assert run.code == 1
    assert "streams.all.action is deleteAllProducts, which deletes every product" in run.log
    assert sandbox.requests == []
    settings["dangerous_operations"] = ["deleteAllProducts"]
    run = run_target(tmp_path, sandbox, records("all", {"x": 1}), **settings)
    assert run.code == 0, run.log
    assert sandbox.shop.count("product") == 0


def test_children_are_upserted_within_their_parents(sandbox, tmp_path):
    customer = next(iter(sandbox.shop.all("customer")))
    rows = [
        {"customerId": customer["id"], "contact": "@me", "type": "TELEGRAM"},
        {"customerId": customer["id"], "contact": "@you", "type": "TELEGRAM"},
    ]
    run = run_target(tmp_path, sandbox, records("customer_contacts", *rows))
    assert run.code == 0, run.log
    contacts = sandbox.shop.get("customer", customer["id"])["contacts"]
    assert {"@me", "@you"} <= {contact["contact"] for contact in contacts}
    sandbox.reset_requests()
    rows[0]["note"] = "by night"
    run = run_target(tmp_path, sandbox, records("customer_contacts", *rows))
    assert run.code == 0, run.log
    assert "1 updated, 0 deleted, 1 unchanged" in run.log
    assert len(writes(sandbox)) == 1
    assert len(sandbox.shop.get("customer", customer["id"])["contacts"]) == len(contacts)


def test_things_that_there_is_one_of(sandbox, tmp_path):
    category = next(c for c in sandbox.shop.all("category") if len(c.get("productIds", [])) > 1)
    order = sorted(category["productIds"], reverse=True)
    messages = records("store_profile", {"settings": {"closed": True}})
    messages += records("product_order", {"parentCategory": category["id"], "sortedIds": order})
    messages += records("storage", {"key": "mine", "value": "something"})
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert sandbox.shop.get("category", category["id"])["productIds"] == order
    settle(sandbox)
    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert writes(sandbox) == []


def picture_of(sandbox, name):
    """The address of a picture that can be fetched: one that the sandbox has itself."""
    base = sandbox.url.removesuffix("/api/v3")
    return f"{base}/files/{sandbox.store_id}/160/{name}.png"


@pytest.mark.parametrize("way", ["url", "path", "base64"])
def test_pictures_come_from_an_address_a_file_or_a_text(sandbox, tmp_path, way):
    (tmp_path / "a.png").write_bytes(_PNG)
    value = {
        "url": picture_of(sandbox, "jkt-0002-0"),
        "path": str(tmp_path / "a.png"),
        "base64": base64.b64encode(_PNG).decode(),
    }[way]
    products = list(sandbox.shop.all("product"))[:3]
    settings = {"streams": {"pictures": {"action": "uploadMainProductImage", "key": "sku"}}}
    rows = [{"sku": product["sku"], way: value} for product in products]
    sandbox.reset_requests()
    run = run_target(
        tmp_path, sandbox, records("pictures", *rows), files_dir=str(tmp_path), **settings
    )
    assert run.code == 0, run.log
    assert "pictures: 3 created" in run.log
    uploads = [r for r in sandbox.requests if r.operation == "uploadMainProductImage"]
    assert [r.status for r in uploads] == [200] * 3
    assert all(bool(r.batch) == (way == "url") for r in uploads)


def uploads(sandbox):
    return [r for r in sandbox.requests if r.operation.startswith("upload")]


@pytest.mark.parametrize("way", ["url", "base64"])
def test_a_file_goes_to_a_place_once(sandbox, tmp_path, way):
    def value(text):
        return picture_of(sandbox, text) if way == "url" else base64.b64encode(text).decode()

    red, blue = ("jkt-0002-0", "jkt-0002-1") if way == "url" else (_PNG, _PNG + b"blue")
    product = next(iter(sandbox.shop.all("product")))
    settings = {
        "streams": {
            "pictures": {"action": "uploadMainProductImage", "key": "sku"},
            "gallery": {"action": "uploadGalleryProductImage", "key": "sku"},
        }
    }

    def sent(*contents, stream="pictures", **more):
        sandbox.reset_requests()
        rows = [{"sku": product["sku"], way: value(content)} for content in contents]
        run = run_target(tmp_path, sandbox, records(stream, *rows), **settings, **more)
        assert run.code == 0, run.log
        return len(uploads(sandbox))

    assert sent(red) == 1
    assert sent(red) == 0
    assert sent(red, repeat_uploads=True) == 1
    # Another one in its place; then the first is one to bring again.
    assert sent(blue) == 1
    assert sent(red) == 1
    # A gallery has both beside each other, and the same twice in one input is one picture.
    images = len(sandbox.shop.get("product", product["id"])["media"]["images"])
    assert sent(red, blue, red, stream="gallery") == 2
    assert sent(blue, red, stream="gallery") == 0
    assert len(sandbox.shop.get("product", product["id"])["media"]["images"]) == images + 2


def test_what_was_deleted_is_uploaded_again(sandbox, tmp_path):
    product = next(iter(sandbox.shop.all("product")))
    settings = {
        "streams": {
            "pictures": {"action": "uploadMainProductImage", "key": "sku"},
            "gone": {"action": "deleteMainProductImage", "key": "sku"},
        }
    }
    row = {"sku": product["sku"], "base64": base64.b64encode(_PNG).decode()}
    for stream, count in (("pictures", 1), ("gone", 0), ("pictures", 1)):
        sandbox.reset_requests()
        given = row if stream == "pictures" else {"sku": product["sku"]}
        run = run_target(tmp_path, sandbox, records(stream, given), **settings)
        assert run.code == 0, run.log
        assert len(uploads(sandbox)) == count


def test_an_upload_that_is_refused_is_tried_again(sandbox, tmp_path):
    product = next(iter(sandbox.shop.all("product")))
    settings = {"streams": {"pictures": {"action": "uploadMainProductImage", "key": "sku"}}}
    row = {"sku": product["sku"], "base64": base64.b64encode(_PNG).decode()}
    sandbox.faults.add(Fault(status=422, path="/image", method="POST", times=1))
    run = run_target(tmp_path, sandbox, records("pictures", row), on_error="skip", **settings)
    assert "1 rejected" in run.log
    run = run_target(tmp_path, sandbox, records("pictures", row), **settings)
    assert "1 created" in run.log


def test_a_file_that_is_not_there_is_a_rejection(sandbox, tmp_path):
    key = sandbox.shop.keys("product")[0]
    settings = {"streams": {"files": {"entity": "product_files"}}}
    rows = [
        {"productId": key, "path": "/nowhere/manual.pdf"},
        {"productId": key, "name": "manual.txt", "base64": base64.b64encode(b"Read me").decode()},
    ]
    run = run_target(tmp_path, sandbox, records("files", *rows), on_error="skip", **settings)
    assert run.code == 0, run.log
    assert run.rejected[0]["reason"] == "no file"
    names = [file["name"] for file in sandbox.shop.get("product", key)["files"]]
    assert names[-1] == "manual.txt"
    # The same name again is the same file.
    run = run_target(tmp_path, sandbox, records("files", rows[1]), **settings)
    assert "1 unchanged" in run.log


@pytest.mark.parametrize("way", ["absolute", "upwards", "link"])
def test_files_outside_their_folder_stay_here(sandbox, tmp_path, way):
    (tmp_path / "secret.txt").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.txt").symlink_to(tmp_path / "secret.txt")
    path = {
        "absolute": str(tmp_path / "secret.txt"),
        "upwards": "../secret.txt",
        "link": "link.txt",
    }[way]
    sku = next(iter(sandbox.shop.all("product")))["sku"]
    settings = {"streams": {"pictures": {"action": "uploadMainProductImage", "key": "sku"}}}
    sandbox.reset_requests()
    run = run_target(
        tmp_path,
        sandbox,
        records("pictures", {"sku": sku, "path": path}),
        files_dir=str(inside),
        on_error="skip",
        **settings,
    )
    (line,) = run.rejected
    assert "set files_dir to the folder" in line["message"]
    assert writes(sandbox) == []


@pytest.mark.parametrize("files_dir", [None, "."])
def test_a_record_can_t_have_the_token_uploaded(sandbox, tmp_path, files_dir):
    (tmp_path / ".env").write_text(f"TARGET_ECWID_ACCESS_TOKEN={sandbox.token}\n")
    (tmp_path / "notes.txt").symlink_to(".env")
    key = sandbox.shop.keys("product")[0]
    rows = [{"productId": key, "path": name} for name in (".env", "notes.txt")]
    sandbox.reset_requests()
    run = run_target(
        tmp_path,
        sandbox,
        records("files", *rows),
        streams={"files": {"entity": "product_files"}},
        on_error="skip",
        **({"files_dir": files_dir} if files_dir else {}),
    )
    assert [line["reason"] for line in run.rejected] == ["no file"] * 2
    assert writes(sandbox) == []
