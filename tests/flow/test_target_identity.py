"""Identity: the same input again finds the same objects, whatever names them, from run to run.

The table is made from the entities: all that can be created, with keys of their source.
"""

from __future__ import annotations

import itertools
import json

import pytest

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import EcwidError
from ecwid_sandbox.testing import Fault, running_sandbox
from target_run import records, run_command, run_here

FOREIGN = 900_000
"""Keys of the source begin here: none of the shop's is as high."""

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def shop():
    with running_sandbox(size="empty", rate_limit=0) as running:
        yield running


def keyed(stream, keys, *rows):
    first, *others = records(stream, *rows)
    return [{**first, "key_properties": keys}, *others]


PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
ORDER = {
    "email": "a@example.com",
    "fulfillmentStatus": "PROCESSING",
    "paymentStatus": "PAID",
    "subtotal": 1,
    "total": 1,
}
ROWS = {
    # Entity -> what creating needs, without a natural key wherever that can be; and a change.
    "products": ({"name": "N", "price": 1}, {"price": 2}),
    "product_variations": (
        {"options": [{"name": "Size", "value": "S"}], "price": 1},
        {"price": 2},
    ),
    "product_files": ({"name": "a.txt", "base64": "YQ==", "description": "A"}, None),
    "product_images": ({"base64": PNG}, None),
    "product_videos": ({"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ"}, None),
    "categories": ({"name": "Sale"}, {"description": "Cheap"}),
    "product_types": ({"name": "Type {}"}, {"attributes": [{"name": "A", "type": "CUSTOM"}]}),
    "orders": (ORDER, {"privateAdminNotes": "Call"}),
    "order_extra_fields": ({"title": "T", "value": "V"}, {"value": "W"}),
    "promotions": ({"enabled": True}, {"enabled": False}),
    "customers": ({"email": "c{}@example.com", "name": "C"}, {"name": "D"}),
    "customer_contacts": (
        {"contact": "+1 555 01{}", "type": "PHONE", "note": "N"},
        {"note": "M"},
    ),
    "customer_extra_fields": ({"title": "T", "type": "TEXT"}, {"title": "U"}),
    "customer_groups": ({"name": "Group {}"}, {"name": "Another {}"}),
    "discount_coupons": (
        {"name": "C", "code": "CODE{}", "discountType": "ABS", "discount": 1, "status": "ACTIVE"},
        {"discount": 2},
    ),
    "payment_options": (
        {"checkoutTitle": "Pay", "paymentProcessorId": "offline", "enabled": True},
        {"checkoutTitle": "Pay now"},
    ),
    "shipping_options": (
        {"type": "PICKUP", "title": "Shop", "fulfillmentType": "PICKUP", "enabled": True},
        {"title": "Store"},
    ),
    "checkout_extra_fields": ({"title": "T", "type": "TEXT"}, {"title": "U"}),
    "staff_accounts": ({"email": "s{}@example.com"}, None),
    "storage": ({"value": "a"}, {"value": "b"}),
    "redirects": ({"fromUrl": "/from-{}", "toUrl": "/to"}, {"toUrl": "/there"}),
}
CHOSEN = {"customer_extra_fields", "checkout_extra_fields", "storage", "order_extra_fields"}
"""People choose the keys of these."""

NOT_CREATED_BY_RECORDS = {"tax_invoices"}
"""An invoice is made of its order: a record has nothing to say of it."""


def test_all_that_can_be_created_is_in_the_table():
    creatable = {e.name for e in ENTITIES.values() if e.create}
    assert creatable - ROWS.keys() == NOT_CREATED_BY_RECORDS


def parents_of(entity):
    """A record of the parent, and the field that names it."""
    parent = ENTITIES[entity].parent
    if parent is None or len(ENTITIES[entity].keys) == 1:
        return [], {}
    given = next(NUMBERS)
    row = {**ROWS[parent][0], "id": FOREIGN + given}
    if parent == "products":
        row["options"] = [
            {"name": "Size", "type": "SELECT", "choices": [{"text": "S"}, {"text": "M"}]}
        ]
    row = {n: v.format(given) if isinstance(v, str) else v for n, v in row.items()}
    if parent == "orders":
        row["id"] = f"FOREIGN{given}"
    return keyed(parent, ["id"], row), {ENTITIES[entity].keys[0]: row["id"]}


@pytest.mark.parametrize("entity", ROWS)
def test_the_same_input_again_finds_its_objects(shop, tmp_path, entity):
    before, owner = parents_of(entity)
    number = next(NUMBERS)
    last = ENTITIES[entity].keys[-1]
    needed, change = (
        {n: v.format(number) if isinstance(v, str) else v for n, v in (row or {}).items()}
        for row in ROWS[entity]
    )
    own = f"key{number}" if entity in CHOSEN or entity == "orders" else FOREIGN + number
    row = {**needed, **owner, last: own}
    first = run_here(tmp_path, shop, before + keyed(entity, [last], row))
    assert first.rejected == []
    assert first.outcomes[-1] == (entity, "created")
    # Only a part comes in each later run: an incremental run.
    again = run_here(tmp_path, shop, keyed(entity, [last], row))
    assert again.rejected == []
    assert again.written == []
    assert again.outcomes == [(entity, "unchanged")]
    if change:
        changed = run_here(tmp_path, shop, keyed(entity, [last], {**row, **change}))
        assert changed.rejected == []
        assert len(changed.written) == 1, changed
        assert changed.outcomes == [(entity, "updated")]
        settled = run_here(tmp_path, shop, keyed(entity, [last], {**row, **change}))
        assert settled.written == []


def by_name(shop, kind, name):
    return [one for one in shop.shop.all(kind) if one.get("name") == name]


@pytest.fixture
def empty():
    with running_sandbox(size="empty", rate_limit=0) as running:
        yield running


@pytest.mark.parametrize("key", [{}, {"key": "name"}], ids=["by id", "by name"])
def test_categories_of_one_name_under_different_parents_are_different(empty, tmp_path, key):
    tops = [{"id": FOREIGN + n, "name": f"Top {n}"} for n in (1, 2)]
    sales = [{"id": FOREIGN + 10 + n, "name": "Sale", "parentId": FOREIGN + n} for n in (1, 2)]
    messages = keyed("categories", ["id"], *sales, *tops)
    for outcome in ("created", "unchanged"):
        done = run_here(tmp_path, empty, messages, streams={"categories": key})
        assert done.outcomes == [("categories", outcome)] * 4, done
    parents = {c["id"]: c["name"] for c in by_name(empty, "category", "Top 1")}
    parents |= {c["id"]: c["name"] for c in by_name(empty, "category", "Top 2")}
    found = [parents[c["parentId"]] for c in by_name(empty, "category", "Sale")]
    assert sorted(found) == ["Top 1", "Top 2"]


@pytest.mark.parametrize("key", [{}, {"key": "sku"}], ids=["by id", "by sku"])
def test_an_object_keeps_its_identity_when_its_natural_key_changes(empty, tmp_path, key):
    row = {"id": FOREIGN, "sku": "OLD", "name": "N", "price": 1}
    for one in (row, {**row, "sku": "NEW"}):
        run_here(tmp_path, empty, keyed("products", ["id"], one), streams={"products": key})
    assert [p["sku"] for p in empty.shop.all("product")] == ["NEW"]


def test_row_numbers_are_no_identity_where_a_natural_key_says_otherwise(empty, tmp_path):
    rows = [{"id": FOREIGN + n, "sku": f"S-{n}", "name": "N", "price": n} for n in (1, 2)]
    run_here(tmp_path, empty, keyed("products", ["id"], *rows))
    there = {p["sku"]: (p["id"], p["price"]) for p in empty.shop.all("product")}
    turned = [{**row, "id": 2 * FOREIGN + 3 - row["id"]} for row in rows]
    done = run_here(tmp_path, empty, keyed("products", ["id"], *turned))
    assert done.written == []
    assert {p["sku"]: (p["id"], p["price"]) for p in empty.shop.all("product")} == there


def test_what_is_gone_from_the_shop_is_created_and_known_again(empty, tmp_path):
    nameless = {"id": FOREIGN, "name": "N", "price": 1}
    messages = keyed("products", ["id"], nameless)
    run_here(tmp_path, empty, messages)
    (there,) = empty.shop.all("product")
    empty.shop.delete("product", there["id"])
    outcomes = [run_here(tmp_path, empty, messages).outcomes for _ in range(2)]
    assert outcomes == [[("products", "created")], [("products", "unchanged")]]
    (found,) = empty.shop.all("product")
    other = {"id": FOREIGN + 1, "name": "O", "price": 1}
    other["relatedProducts"] = {"productIds": [FOREIGN]}
    run_here(tmp_path, empty, keyed("products", ["id"], other))
    (new,) = by_name(empty, "product", "O")
    assert new["relatedProducts"]["productIds"] == [found["id"]]


def test_a_source_can_name_its_records_as_it_likes(empty, tmp_path):
    """Its key is a column that Ecwid doesn't have: nothing of the shop's fields is used up."""
    streams = {
        "articles": {
            "entity": "products",
            "payload": {"name": "=title", "price": 1, "categoryIds": "=[group]"},
        },
        "groups": {"entity": "categories", "payload": {"name": "=title"}},
        "texts": {
            "action": "updateProduct",
            "path": {"productId": "=about"},
            "payload": {"description": "=text"},
        },
        "films": {
            "entity": "product_videos",
            "path": {"productId": "=article"},
            "payload": {"url": "=link"},
        },
    }
    groups = [{"number": FOREIGN + n, "title": "Sale"} for n in (1, 2)]
    articles = [{"number": FOREIGN + n, "title": "A", "group": FOREIGN + n} for n in (1, 2)]
    texts = [{"about": FOREIGN + 1, "text": "Fine"}]
    films = [{"article": FOREIGN + 2, "place": 1, "link": "https://youtu.be/dQw4w9WgXcQ"}]
    parts = [
        keyed("films", ["article", "place"], *films),
        keyed("texts", ["about"], *texts),
        keyed("articles", ["number"], *articles),
        keyed("groups", ["number"], *groups),
    ]
    options = {"streams": streams, "unknown_fields": "ignore"}
    first = run_here(tmp_path, empty, list(itertools.chain(*parts)), **options)
    assert first.rejected == []
    products = sorted(by_name(empty, "product", "A"), key=lambda p: p["id"])
    assert len(products) == len(by_name(empty, "category", "Sale")) == 2
    assert len({p["categoryIds"][0] for p in products}) == 2
    assert [p.get("description", "") for p in products] == ["Fine", ""]
    assert [len((p.get("media") or {}).get("videos", [])) for p in products] == [0, 1]
    for part in (parts[0], parts[2], parts[3]):
        again = run_here(tmp_path, empty, part, **options)
        assert (again.rejected, again.written) == ([], [])
    run_here(tmp_path, empty, keyed("texts", ["about"], {**texts[0], "text": "New"}), **options)
    texts_now = {p.get("description", "") for p in by_name(empty, "product", "A")}
    assert texts_now == {"New", ""}


def test_a_merchant_s_own_reference_is_left_alone(empty, tmp_path):
    messages = keyed("categories", ["id"], {"id": FOREIGN, "name": "C"})
    run_here(tmp_path, empty, messages)
    (there,) = by_name(empty, "category", "C")
    assert not there.get("externalReferenceId")
    empty.shop.update("category", there["id"], {"externalReferenceId": "mine"})
    assert run_here(tmp_path, empty, messages).written == []
    assert by_name(empty, "category", "C")[0]["externalReferenceId"] == "mine"


def test_each_source_has_keys_of_its_own(empty, tmp_path):
    messages = keyed("products", ["id"], {"id": FOREIGN, "name": "N", "price": 1})
    for source in ("a", "b", "a", "b"):
        run_here(tmp_path, empty, messages, source=source)
    assert len(by_name(empty, "product", "N")) == 2


def at_17(shop):
    """A product of the shop whose id a source can have for another one."""
    return shop.shop.create("product", {"sku": "OTHER", "name": "Other", "price": 1})


@pytest.mark.parametrize(
    ("ids", "sku"),
    [("auto", "OTHER"), ("shared", "RENAMED"), ("own", "S-1"), ("auto", None)],
)
def test_whose_ids_they_are(empty, tmp_path, ids, sku):
    there = at_17(empty)
    row = {"id": there, "sku": "S-1", "name": "N", "price": 2}
    if sku == "RENAMED":
        row["sku"] = sku
    elif sku == "OTHER":
        # Ours stands under another id: the ids are the source's.
        empty.shop.create("product", {"sku": "S-1", "name": "N", "price": 1})
    done = run_here(tmp_path, empty, keyed("products", ["id"], row), ids=ids)
    now = {p["id"]: p for p in empty.shop.all("product")}
    if sku is None:
        ((line),) = done.rejected
        assert line["reason"] == "whose id"
        assert "set ids to shared" in line["message"]
        assert "set ids to own" in line["message"]
        assert done.written == []
    elif ids == "shared":
        assert (now[there]["sku"], now[there]["price"]) == ("RENAMED", 2)
    else:
        assert (now[there]["sku"], now[there]["price"]) == ("OTHER", 1)
        assert [p["price"] for p in now.values() if p["sku"] == "S-1"] == [2]


def test_a_sheet_of_the_shop_can_rename(empty, tmp_path):
    ids = [empty.shop.create("product", {"sku": f"S-{n}", "name": "N", "price": 1}) for n in (1, 2)]
    rows = [{"id": ids[0], "sku": "NEW"}, {"id": ids[1], "sku": "S-2", "price": 3}]
    done = run_here(tmp_path, empty, keyed("products", ["id"], *rows))
    assert done.rejected == []
    assert sorted((p["id"], p["sku"]) for p in empty.shop.all("product")) == [
        (ids[0], "NEW"),
        (ids[1], "S-2"),
    ]


@pytest.mark.parametrize(("ids", "written"), [("auto", True), ("shared", True), ("own", False)])
def test_references_of_a_source_of_which_nothing_is_known(empty, tmp_path, ids, written):
    category = empty.shop.create("category", {"name": "C", "enabled": True})
    row = {"sku": "S-1", "name": "N", "price": 1, "categoryIds": [category]}
    done = run_here(tmp_path, empty, keyed("products", ["sku"], row), ids=ids)
    assert [line["reason"] for line in done.rejected] == ([] if written else ["unknown reference"])
    assert len(list(empty.shop.all("product"))) == int(written)


def test_an_undo_gives_the_source_s_key_back(empty, tmp_path):
    row = {"id": FOREIGN, "name": "N", "price": 1}
    settings = {"hard_delete": True}
    run_here(tmp_path, empty, keyed("products", ["id"], row), **settings)
    gone = keyed("products", ["id"], {**row, "_sdc_deleted_at": "2027-01-31"})
    assert run_here(tmp_path, empty, gone, **settings).outcomes == [("products", "deleted")]
    last = json.loads(run_command(tmp_path, empty, "runs", "--json").stdout)[0]["id"]
    undone = run_command(tmp_path, empty, "undo", last, "--yes")
    assert undone.returncode == 0, undone.stderr
    again = run_here(tmp_path, empty, keyed("products", ["id"], row), **settings)
    assert again.outcomes == [("products", "unchanged")]
    assert len(by_name(empty, "product", "N")) == 1


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"status": 500}])
def test_what_was_created_before_a_crash_is_known_after_it(empty, tmp_path, fault):
    """The answer to the creation of what nothing else identifies gets lost, and the run ends."""
    rows = [{"id": FOREIGN + n, "name": f"N {n}", "price": 1} for n in range(5)]
    messages = keyed("products", ["id"], *rows)
    empty.faults.add(Fault(path="^/batch", method="GET", times=None, **fault))
    with pytest.raises(EcwidError):
        run_here(tmp_path, empty, messages, max_attempts=1)
    empty.faults.clear()
    for _ in range(2):
        done = run_here(tmp_path, empty, messages)
        assert done.rejected == []
    assert sorted(p["name"] for p in empty.shop.all("product")) == [f"N {n}" for n in range(5)]
    assert done.written == []


@pytest.mark.parametrize(("ids", "warns"), [("auto", True), ("shared", False)])
def test_ids_of_objects_with_other_names_are_reported(empty, tmp_path, caplog, ids, warns):
    there = empty.shop.create("category", {"name": "Shoes", "enabled": True})
    row = {"id": there, "name": "Screws"}
    run_here(tmp_path, empty, keyed("categories", ["id"], row), ids=ids)
    said = f"categories: 1 records have the id of an object with another name, such as {there}"
    assert (said in caplog.text) is warns
    caplog.clear()
    # It is known by now.
    run_here(tmp_path, empty, keyed("categories", ["id"], {**row, "name": "Nails"}), ids=ids)
    assert "another name" not in caplog.text
