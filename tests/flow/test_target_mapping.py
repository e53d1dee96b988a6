"""What the setting ``streams`` makes of records that aren't in Ecwid's shape."""

from __future__ import annotations

import pytest

from mapped_shop import MADE, SHOP, a_shop, settings, shown
from target_ecwid.stream_settings import problems
from target_run import product, records, run_command, run_target, state, writes

COLUMNS = {
    "id": 7,
    "article": "A-1",
    "label": "Lamp",
    # Columns that happen to be called like fields of Ecwid.
    "name": "internal name",
    "price": 999,
    "enabled": False,
    "description": "don't publish",
    "attributes": "not a list",
}


def test_the_payload_alone_is_sent_where_the_settings_say_so(empty, tmp_path):
    stream = {
        "entity": "products",
        "fields": "payload",
        "payload": {
            "id": "=id",
            "sku": "=article",
            "name": "=label",
            "attributes": [{"name": "Source", "value": "=f'no. {id}'"}],
        },
    }
    for count in ("1 created", "1 unchanged"):
        run = run_target(tmp_path, empty, records("erp", COLUMNS), **settings(erp=stream))
        assert run.code == 0, run.log
        assert count in run.log
        assert "WARNING" not in run.log
    made = product(empty, "A-1")
    assert (made["name"], made["price"], made["enabled"]) == ("Lamp", 0, True)
    assert made.get("description", "") == ""
    assert [(a["name"], a["value"]) for a in made["attributes"]] == [("Source", "no. 7")]
    # The id in the payload is the source's: it finds the product by whatever SKU.
    renamed = records("erp", {**COLUMNS, "article": "A-2"})
    run = run_target(tmp_path, empty, renamed, **settings(erp=stream))
    assert "1 updated" in run.log
    assert [p["sku"] for p in empty.shop.all("product")] == ["A-2"]


BY_SKU = {"productId": {"sku": "=parent"}}


PARENT = {
    "sku": "P",
    "name": "Shirt",
    "price": 1,
    "options": [{"type": "SELECT", "name": "Size", "choices": [{"text": "S"}, {"text": "M"}]}],
}


def variation(parent, sku, size):
    options = [{"name": "Size", "value": size}]
    return {"parent": parent, "sku": sku, "quantity": 1, "options": options}


@pytest.mark.parametrize("first", ["products", "variants"])
def test_an_object_in_a_path_is_found_by_another_key(empty, tmp_path, first):
    """It can be in the shop, come before, or come after; a call finds it in the same way."""
    given = settings(
        variants={"entity": "product_variations", "path": BY_SKU},
        moved={"action": "adjustProductStock", "path": BY_SKU, "payload": {"quantityDelta": "=n"}},
        moved_parts={
            "action": "adjustProductVariationStock",
            "path": {**BY_SKU, "combinationId": {"sku": "=sku"}},
            "payload": {"quantityDelta": "=n"},
        },
    )
    rows = [variation("P", "P-S", "S"), variation("P", "P-M", "M"), variation("X", "X-S", "S")]
    variants = records("variants", *rows)
    parents = records("products", {"id": 1, "quantity": 5, **PARENT})
    moves = [
        *records("moved", {"parent": "P", "n": 3}, {"parent": "X", "n": 3}),
        *records("moved", {"parent": " ", "n": 1}),
        *records("moved_parts", {"parent": "P", "sku": "P-M", "n": 2}),
        *records("moved_parts", {"parent": "P", "sku": "P-L", "n": 2}),
    ]
    messages = [*parents, *variants] if first == "products" else [*variants, *parents]
    plan = run_target(tmp_path, empty, messages, dry_run=True, **given)
    run = run_target(tmp_path, empty, [*messages, state({"at": 1})], **given)
    assert run.code == 0, run.log
    assert run.states == [{"at": 1}]
    assert "variants: 2 created, 0 updated, 0 deleted, 0 unchanged, 1 rejected" in run.log
    counts = plan.lines("plan.jsonl")[-1]["streams"]["variants"]
    assert (counts["created"], counts["rejected"]) == (2, 1)
    (rejected,) = run.rejected
    assert rejected["reason"] == "no such object"
    assert "none of the shop's products has sku X" in rejected["message"]
    made = product(empty, "P")
    assert sorted(one["sku"] for one in made["combinations"]) == ["P-M", "P-S"]
    before = len(writes(empty))
    run = run_target(tmp_path, empty, [*messages, *moves], **given)
    assert "variants: 0 created, 0 updated, 0 deleted, 2 unchanged, 1 rejected" in run.log
    assert "moved: 0 created, 1 updated, 0 deleted, 0 unchanged, 2 rejected" in run.log
    assert "moved_parts: 0 created, 1 updated, 0 deleted, 0 unchanged, 1 rejected" in run.log
    assert len(writes(empty)) == before + 2
    made = product(empty, "P")
    assert made["quantity"] == 8
    assert {one["sku"]: one.get("quantity") for one in made["combinations"]}["P-M"] == 3
    messages = [x["message"] for x in run.rejected]
    assert any("no sku to find one of the products by" in text for text in messages)
    assert any("product_variations has sku P-L" in text for text in messages)


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        ({"x": {"from": 5}}, "streams.x.from is 5"),
        ({"x": {"from": {}}}, "streams.x.from is {}"),
        ({"x": {"from": {"a": {"each": "images"}}, "entity": "products"}}, "such as '=id'"),
        ({"x": {"from": {"a": {"every": "=b"}}, "entity": "products"}}, "each, by, or neither"),
        ({"x": {"from": {"a": {"each": "=["}}, "entity": "products"}}, "can't be read"),
        (
            {"x": {"from": {"a": {}, "b": {"by": "=b"}}, "entity": "products"}},
            "streams.x.from.a has no by",
        ),
        ({"x": {"from": "a"}}, "stream x is no entity"),
        ({"x": {"entity": "products", "fields": "none"}}, "record or payload"),
        (
            {"x": {"entity": "product_variations", "path": {"productId": {"skuu": "=a"}}}},
            "Did you mean sku?",
        ),
        ({"x": {"entity": "products", "path": {"productId": {"sku": "=a"}}}}, "set key instead"),
        (
            {
                "x": {
                    "entity": "product_variations",
                    "path": {
                        "productId": {
                            "sku": "=(",
                        }
                    },
                }
            },
            "can't be read",
        ),
        (
            {"x": {"entity": "product_variations", "path": {"productId": {"sku": 1, "name": 2}}}},
            "one field",
        ),
        ({"x": {"action": "ignor"}}, "Did you mean ignore?"),
    ],
)
def test_wrong_settings_are_reported(streams, words):
    (problem,) = problems({"streams": streams, "dangerous_operations": []})
    assert words in str(problem)


def test_a_stream_can_be_left_out_as_the_message_says(empty, tmp_path):
    messages = [*a_shop(), *records("colects", {"id": 1}, {"id": 2})]
    run = run_target(tmp_path, empty, messages, **settings(**SHOP))
    assert run.code == 1
    assert "stream colects is no entity of Ecwid. Did you mean collects" in run.log
    assert "set streams.colects.action to ignore to leave it out" in run.log
    given = settings(**SHOP, colects={"action": "ignore"})
    run = run_target(tmp_path, empty, messages, **given)
    assert run.code == 0, run.log
    assert "colects: 2 records left out" in run.log
    assert shown(empty) == MADE
    checked = run_command(tmp_path, empty, "check", **given)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_stream_that_nothing_comes_of_is_named(empty, tmp_path):
    misspelt = {**SHOP, "pictures": {**SHOP["pictures"], "from": {"productz": {"each": "=images"}}}}
    run = run_target(tmp_path, empty, a_shop(), **settings(**misspelt))
    assert run.code == 0, run.log
    assert "pictures" in run.log
    assert "names the stream productz, which the input doesn't have" in run.log
