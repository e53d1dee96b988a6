"""References: a source's key is written as the key that its object has in this shop, or not at all.

The table is made from the entities: each reference of each of them, at any depth.
"""

from __future__ import annotations

import pytest

from ecwid_api.entities import CALLS_REFER, DANGEROUS, ENTITIES
from ecwid_sandbox.testing import running_sandbox
from target_ecwid.jobs import job_of, writing_operations
from target_ecwid.record.door import Door
from target_ecwid.record.key_map import KeyMap
from target_ecwid.record.references import keys_at, references_of
from target_ecwid.shop.ids import FileOfIds
from target_run import keyed, product, run_target, state

FOREIGN = 900_000
"""Keys of the source begin here: none of the shop's is as high."""


@pytest.fixture
def empty():
    with running_sandbox(size="empty") as running:
        yield running


def a_product(number, **more):
    return {"id": FOREIGN + number, "sku": f"S-{number}", "name": "N", "price": 1, **more}


BY_SKU = {"streams": {"products": {"key": "sku"}, "categories": {"key": "name"}}}


def test_products_name_one_another_whatever_comes_first(empty, tmp_path):
    rows = [
        a_product(n, relatedProducts={"productIds": [FOREIGN + m for m in (0, 1, 2) if m != n]})
        for n in range(3)
    ]
    messages = [*keyed("products", *rows), state({"at": 1})]
    for count in ("3 created", "3 unchanged"):
        run = run_target(tmp_path, empty, messages, **BY_SKU)
        assert run.code == 0, run.log
        assert f"{count}" in run.log
        assert run.states == [{"at": 1}]
    ids = [product(empty, f"S-{n}")["id"] for n in range(3)]
    for n in range(3):
        related = product(empty, f"S-{n}")["relatedProducts"]["productIds"]
        assert sorted(related) == sorted({*ids} - {ids[n]})


def test_more_records_wait_than_memory_should_hold(empty, tmp_path):
    # Each names one that comes later, and all wait until it is there.
    count = 1050
    rows = [
        a_product(n, relatedProducts={"productIds": [FOREIGN + (n + 1) % count]})
        for n in range(count)
    ]
    messages = keyed("products", *rows)
    run = run_target(
        tmp_path, empty, messages, **BY_SKU, on_error="skip", batch_requests_count=False
    )
    assert run.code == 0, run.log
    assert run.rejected == []
    found = {p["sku"]: p for p in empty.shop.all("product")}
    assert len(found) == count
    for n in range(count):
        after = found[f"S-{(n + 1) % count}"]["id"]
        assert found[f"S-{n}"]["relatedProducts"]["productIds"] == [after]


@pytest.mark.parametrize("unknown", ["reject", "omit"])
def test_what_never_comes_is_not_written_as_it_came(empty, tmp_path, unknown):
    there = empty.shop.create("product", {"sku": "OLD", "name": "Old", "price": 1})
    # The source's key of what never comes is the key of another product here.
    rows = [
        a_product(1),
        a_product(2, relatedProducts={"productIds": [there, FOREIGN + 1]}),
        a_product(3, relatedProducts={"relatedCategory": {"categoryId": 5, "enabled": True}}),
    ]
    messages = [*keyed("products", *rows), *keyed("categories", {"id": FOREIGN + 9, "name": "C"})]
    run = run_target(
        tmp_path, empty, messages, **BY_SKU, on_error="skip", unknown_references=unknown
    )
    assert run.code == 0, run.log
    two, three = product(empty, "S-2"), product(empty, "S-3")
    related = two.get("relatedProducts", {}).get("productIds", [])
    assert there not in related
    assert not three.get("relatedProducts", {}).get("relatedCategory", {}).get("categoryId")
    if unknown == "reject":
        messages = sorted(line["message"] for line in run.rejected)
        assert [line["reason"] for line in run.rejected] == ["unknown reference"] * 2
        assert f"relatedProducts.productIds refers to products {there}" in messages[0]
        assert "relatedProducts.relatedCategory.categoryId refers to categories 5" in messages[1]
    else:
        assert related == [product(empty, "S-1")["id"]]
        assert run.rejected == []
        assert "left out" in run.log


def test_keys_of_the_shop_are_written_as_they_came(empty, tmp_path):
    one, two = (
        empty.shop.create("product", {"sku": f"S-{n}", "name": "N", "price": 1}) for n in (1, 2)
    )
    # A sheet that was made from this shop, with a part of its products.
    row = {"id": one, "sku": "S-1", "relatedProducts": {"productIds": [two]}}
    run = run_target(tmp_path, empty, keyed("products", row), **BY_SKU)
    assert run.code == 0, run.log
    assert product(empty, "S-1")["relatedProducts"]["productIds"] == [two]


def test_keys_of_the_source_are_known_to_later_runs(empty, tmp_path):
    """An incremental run has only what changed, and its references mean what they did."""
    categories = [{"id": FOREIGN + 1, "name": "C"}, {"id": FOREIGN + 2, "name": "D"}]
    nameless = {"id": FOREIGN + 50, "name": "Nameless", "price": 1}
    first = [*keyed("categories", *categories), *keyed("products", a_product(1), nameless)]
    run = run_target(tmp_path, empty, first, **BY_SKU)
    assert run.code == 0, run.log
    there = {c["name"]: c["id"] for c in empty.shop.all("category")}
    one = product(empty, "S-1")["id"]
    # What the source's keys mean here by accident.
    empty.shop.create("category", {"name": "Other", "enabled": True})
    coupon = {
        "code": "TEN",
        "name": "Ten",
        "discountType": "ABS",
        "discount": 10,
        "status": "ACTIVE",
        "catalogLimit": {"products": [FOREIGN + 1], "categories": [FOREIGN + 2]},
    }
    later = [
        *keyed("products", a_product(2, categoryIds=[FOREIGN + 1]), {**nameless, "price": 2}),
        *keyed("discount_coupons", coupon),
    ]
    run = run_target(tmp_path, empty, later, **BY_SKU)
    assert run.code == 0, run.log
    assert product(empty, "S-2")["categoryIds"] == [there["C"]]
    (limit,) = (c["catalogLimit"] for c in empty.shop.all("coupon") if c["code"] == "TEN")
    assert limit == {"products": [one], "categories": [there["D"]]}
    # A product that only its source's key names is one product.
    (found,) = (p for p in empty.shop.all("product") if p["name"] == "Nameless")
    assert found["price"] == 2
    # A key that no run has met is not written, and another source has keys of its own.
    strange = keyed("products", a_product(3, categoryIds=[there["C"]]))
    run = run_target(tmp_path, empty, strange, **BY_SKU, on_error="skip")
    assert [line["reason"] for line in run.rejected] == ["unknown reference"]
    run = run_target(tmp_path, empty, strange, **BY_SKU, source="a sheet of this shop")
    assert run.code == 0, run.log
    assert product(empty, "S-3")["categoryIds"] == [there["C"]]


def test_what_was_deleted_is_no_longer_known(empty, tmp_path):
    nameless = {"id": FOREIGN + 50, "name": "Nameless", "price": 1}
    gone = {**nameless, "_sdc_deleted_at": "2027-01-31"}
    for rows in ([nameless], [gone], [nameless], [nameless]):
        run = run_target(tmp_path, empty, keyed("products", *rows), **BY_SKU, hard_delete=True)
        assert run.code == 0, run.log
    assert [p["name"] for p in empty.shop.all("product")] == ["Nameless"]


def test_an_object_that_nothing_names_is_created_once(empty, tmp_path):
    row = {"name": "Nameless", "price": 1, "relatedProducts": {"productIds": [FOREIGN + 1]}}
    messages = keyed("products", row, a_product(1))
    run = run_target(tmp_path, empty, messages, streams={"products": {"action": "create"}})
    assert run.code == 0, run.log
    (found,) = (p for p in empty.shop.all("product") if p["name"] == "Nameless")
    assert found["relatedProducts"]["productIds"] == [product(empty, "S-1")["id"]]


def test_a_later_record_wins_over_one_that_waited_for_its_reference(empty, tmp_path):
    first = a_product(1, relatedProducts={"productIds": [FOREIGN + 2]}, price=1)
    later = a_product(1, relatedProducts={"productIds": []}, price=9)
    messages = keyed("products", first, later, a_product(2))
    run = run_target(tmp_path, empty, messages, **BY_SKU)
    assert run.code == 0, run.log
    one = product(empty, "S-1")
    assert (one["price"], one["relatedProducts"]["productIds"]) == (9, [])


def test_calls_follow_the_source_s_keys_in_order(empty, tmp_path):
    stock = {"stock": {"action": "updateProduct", "path": {"productId": "=productId"}}}
    calls = [
        {"productId": FOREIGN + 1, "quantity": 5},
        {"productId": FOREIGN + 1, "quantity": 7},
    ]
    messages = [*keyed("stock", calls[0]), *keyed("products", a_product(1))]
    messages += [*keyed("stock", calls[1]), *keyed("products", a_product(2))]
    streams = {**BY_SKU["streams"], **stock}
    run = run_target(tmp_path, empty, messages, streams=streams, batch_size=1)
    assert run.code == 0, run.log
    assert product(empty, "S-1")["quantity"] == 7


SAMPLES = [
    (entity.name, path)
    for entity in ENTITIES.values()
    for path in entity.refers
    if entity.create and path.split(".")[0] not in entity.keys
]


CALLS = [
    (operation, path)
    for operation, refers in CALLS_REFER.items()
    for path in refers
    if path.split(".")[0] in writing_operations()[operation].body_fields
]


def nested(path, key, fields):
    """A value for a field with a key at a path; lists where the description has lists."""
    name, *inner = path
    schema = fields[name]
    items = schema.get("items")
    if not inner:
        value = str(key) if "string" in {schema.get("type"), (items or {}).get("type")} else key
        return {name: [value] if items is not None else value}
    made = nested(inner, key, (items or schema)["properties"])
    return {name: [made] if items is not None else made}


@pytest.mark.parametrize(
    ("name", "path"), [*SAMPLES, *CALLS], ids=[".".join(one) for one in [*SAMPLES, *CALLS]]
)
def test_no_reference_leaves_with_the_key_of_the_source(name, path, tmp_path):
    """Each reference of each entity and call, through the form of its record and the map of ids."""
    if name in ENTITIES:
        given, refers, fields = {"entity": name}, ENTITIES[name].refers, ENTITIES[name].fields
    else:
        given, refers = {"action": name}, CALLS_REFER[name]
        fields = writing_operations()[name].body_fields
    other = ENTITIES[refers[path]]
    job = job_of({"streams": {"s": given}, "dangerous_operations": [*DANGEROUS]}, "s")
    record = Door(job, {}).record(nested(path.split("."), 77, fields), 1)
    assert [str(key) for key in keys_at(record.values, path)] == ["77"], record.values
    key_map = KeyMap(FileOfIds(tmp_path / "ids.db", "", 1))
    references = references_of(job)
    # Nothing is known of the other entity, and its stream is yet to come.
    assert key_map.unknown(references, record.values, {other.name}) != {}
    key_map.saw(other, "77")
    assert key_map.unknown(references, record.values, ()) != {}
    key_map.note(other, "77", (*[1] * (len(other.keys) - 1), 4))
    assert key_map.unknown(references, record.values, {other.name}) == {}
    assert [str(k) for k in keys_at(key_map.followed(references, record.values), path)] == ["4"]
    strange = Door(job, {}).record(nested(path.split("."), 78, fields), 2)
    assert list(key_map.unknown(references, strange.values, ())) == [path]
    left = key_map.without(references, strange.values, [path])
    assert list(keys_at(left, path)) == []
