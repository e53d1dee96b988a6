"""Dirty records: what is no value, has no value, is misspelt, comes twice or can't be read."""

from __future__ import annotations

import json

import pytest

from ecwid_sandbox.testing import Fault, running_sandbox
from target_run import keyed, records, run_target, state, writes

ONE = {"sku": "A-1", "name": "Mug", "price": 20, "enabled": True, "quantity": 5}


def product(sandbox, sku="A-1"):
    (found,) = (p for p in sandbox.shop.all("product") if p["sku"] == sku)
    return found


@pytest.fixture
def one(sandbox):
    sandbox.shop.create("product", dict(ONE))
    sandbox.reset_requests()
    return sandbox


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", "nan"),
        ("price", "Infinity"),
        ("price", "1e999"),
        ("price", "1_000"),
        ("price", "4,20"),
        ("quantity", "2.5"),
        ("quantity", 2.5),
        ("enabled", "perhaps"),
        ("categoryIds", "1, 2"),
        ("categoryIds", [None]),
        ("options", [None]),
        ("wholesalePrices", [{"quantity": 2, "price": "free"}]),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_no_value_is_rejected_with_field_and_value(one, tmp_path, field, value, dry_run):
    messages = [*records("products", {"sku": "A-1", field: value}), state({"at": 1})]
    run = run_target(tmp_path, one, messages, on_error="skip", dry_run=dry_run)
    assert run.code == 0, run.log
    assert writes(one) == []
    (line,) = run.plan if dry_run else run.rejected
    assert line["reason"] == "wrong value"
    assert line["message"].startswith(field)
    assert "which is not" in line["message"]


@pytest.mark.parametrize(
    "field", ["price", "quantity", "enabled", "productClassId", "unlimited", "weight"]
)
def test_null_leaves_a_field_as_it_is_and_settles(one, tmp_path, field):
    before = product(one)
    for _ in range(2):
        run = run_target(tmp_path, one, records("products", {"sku": "A-1", field: None}))
        assert run.code == 0, run.log
        assert f"{field} is null in 1 records" in run.log
    assert writes(one) == []
    assert product(one) == before
    run = run_target(
        tmp_path,
        one,
        records("products", {"sku": "A-1", field: None}),
        on_null="reject",
        on_error="skip",
    )
    assert [line["reason"] for line in run.rejected] == ["null"]


def test_fields_that_are_not_known_are_warned_of_at_any_depth(one, tmp_path):
    row = {"sku": "A-1", "prise": 3, "Price": 4, "dimensions": {"lenght": 1, "width": 2}}
    run = run_target(tmp_path, one, records("products", row))
    assert run.code == 0, run.log
    assert "prise (did you mean price?)" in run.log
    assert "Price (did you mean price?)" in run.log
    assert "dimensions.lenght" in run.log
    inside = {"sku": "A-1", "dimensions": {"lenght": 1}}
    rows = [row, inside, {"sku": "A-1", "name": "Right"}, inside, row]
    run = run_target(
        tmp_path, one, records("products", *rows), unknown_fields="fail", on_error="skip"
    )
    assert [line["reason"] for line in run.rejected] == ["unknown field"] * 4
    assert product(one)["name"] == "Right"
    run = run_target(tmp_path, one, records("products", row), unknown_fields="ignore")
    assert "no such field" not in run.log


def test_two_records_of_a_source_are_not_one_object(sandbox, tmp_path):
    rows = [{"id": n, "sku": "TEE", "name": f"Tee {n}", "price": n} for n in (11, 12)]
    again = {"id": 11, "sku": "TEE", "price": 99}
    for _ in range(2):
        run = run_target(tmp_path, sandbox, keyed("products", *rows, again), on_error="skip")
        assert run.code == 0, run.log
        (line,) = run.rejected
        assert line["reason"] == "two records, one object"
        assert "id 11" in line["message"]
        assert "id 12" in line["message"]
        assert product(sandbox, "TEE")["price"] == 99


def test_two_streams_may_write_one_object(sandbox, tmp_path):
    articles = {"id": 11, "sku": "TEE", "name": "Tee", "price": 1}
    prices = {"id": 900, "sku": "TEE", "price": 2}
    messages = [*keyed("articles", articles), *keyed("prices", prices)]
    streams = {n: {"entity": "products", "key": "sku"} for n in ("articles", "prices")}
    run = run_target(tmp_path, sandbox, messages, streams=streams)
    assert run.code == 0, run.log
    assert product(sandbox, "TEE")["price"] == 2


def test_a_record_that_takes_the_place_of_a_deleted_one_is_its_own(sandbox, tmp_path):
    rows = [
        {"id": 11, "sku": "TEE", "name": "Old", "price": 1},
        {"id": 11, "sku": "TEE", "_sdc_deleted_at": "2027-01-31"},
        {"id": 12, "sku": "TEE", "name": "New", "price": 2, "enabled": True},
    ]
    run = run_target(tmp_path, sandbox, keyed("products", *rows))
    assert run.code == 0, run.log
    assert product(sandbox, "TEE")["name"] == "New"


def test_what_a_list_loses_is_said_before_and_after(one, tmp_path):
    key = product(one)["id"]
    prices = [{"quantity": n, "price": n} for n in (2, 3)]
    one.shop.update("product", key, {"wholesalePrices": prices, "categoryIds": []})
    option = {"type": "SELECT", "name": "Size", "choices": [{"text": "S", "priceModifier": 0}]}
    options = [option, {**option, "name": "Colour"}]
    one.shop.update("product", key, {"options": options})
    row = {"sku": "A-1", "options": [option]}
    run = run_target(tmp_path, one, records("products", row), dry_run=True)
    (line,) = run.plan
    assert [o["name"] for o in line["before"]["options"]] == ["Size", "Colour"]
    assert [o["name"] for o in line["after"]["options"]] == ["Size"]
    assert "options loses entries in 1 objects, such as Colour" in run.log
    run = run_target(tmp_path, one, records("products", row))
    assert "options loses entries in 1 objects, such as Colour" in run.log


BROKEN = [b'{"type": "RECORD", "caf\xe9": 1}', b'{"a": "\\ud83d"}', b'{"type": "RECORD"', b"[1]"]


@pytest.mark.parametrize("line", BROKEN)
def test_a_line_that_cannot_be_read_is_named(sandbox, tmp_path, line):
    good = [*records("products", {"sku": "S-1", "name": "N", "price": 1}), state({"at": 1})]
    lines = [json.dumps(message).encode() for message in good]
    lines.insert(1, line)
    run = run_target(tmp_path, sandbox, lines)
    assert run.code == 1
    assert "input has line 2, which is" in run.log
    assert run.states == []
    run = run_target(tmp_path, sandbox, lines, on_invalid="skip")
    assert run.code == 0, run.log
    assert [(r["reason"], r["key"]) for r in run.rejected[-1:]] == [("unreadable", {"line": 2})]
    assert run.states == [{"at": 1}]
    assert product(sandbox, "S-1")["name"] == "N"


def test_a_byte_order_mark_is_no_text(sandbox, tmp_path):
    messages = records("products", {"sku": "S-1", "name": "N", "price": 1})
    lines = [json.dumps(message).encode() for message in messages]
    run = run_target(tmp_path, sandbox, [b"\xef\xbb\xbf" + lines[0], *lines[1:]])
    assert run.code == 0, run.log
    assert product(sandbox, "S-1")


def test_the_fault_of_the_network_is_not_the_record_s(one, tmp_path):
    one.faults.add(Fault(path="^/products", method="PUT", drop="before", times=None))
    messages = [*records("products", {"sku": "A-1", "price": 3}), state({"at": 1})]
    run = run_target(tmp_path, one, messages, on_error="skip", max_attempts=2)
    assert run.code == 1
    assert run.rejected == []
    assert run.states == []
    one.faults.clear()
    run = run_target(tmp_path, one, messages, on_error="skip")
    assert run.states == [{"at": 1}]
    assert product(one)["price"] == 3


def test_a_key_that_our_own_creation_has_taken_is_no_rejection(sandbox, tmp_path):
    # The answer is lost inside the batch; Ecwid sends it again by itself, and the code is taken.
    sandbox.faults.add(Fault(path="^/discount_coupons", method="POST", drop="after"))
    row = {"code": "SPRING5", "name": "Spring", "discount": 5}
    rows = [row, {**row, "discount": 7}]
    messages = [*records("discount_coupons", *rows), state({"at": 2})]
    run = run_target(tmp_path, sandbox, messages, on_error="skip")
    assert run.code == 0, run.log
    assert sandbox.faults.waiting() == []
    assert run.rejected == []
    (coupon,) = (c for c in sandbox.shop.all("coupon") if c["code"] == "SPRING5")
    assert coupon["discount"] == 7
    assert run.states == [{"at": 2}]


def test_a_folder_belongs_to_a_server(tmp_path):
    with running_sandbox(size="tiny") as first, running_sandbox(size="tiny") as second:
        first.faults.add(Fault(stuck="forever"))
        rows = [{"sku": f"S-{n}", "name": "N", "price": 1} for n in range(5)]
        messages = records("products", *rows)
        run = run_target(tmp_path, first, messages, batch_wait=1)
        assert run.code == 1
        before = second.shop.count("product")
        run = run_target(tmp_path, second, messages)
        assert run.code == 1
        assert "has an interrupted run on this store at" in run.log
        assert second.shop.count("product") == before
        first.faults.clear()
        assert run_target(tmp_path, first, messages).code == 0
        assert run_target(tmp_path, second, messages).code == 0
        assert second.shop.count("product") == before + 5


def test_records_that_wait_hold_back_those_behind_them_for_the_same_object(sandbox, tmp_path):
    rows = [
        {"sku": "S-1", "name": "Old", "price": 1, "categoryIds": [800]},
        {"sku": "S-1", "name": "New", "price": 2},
        {"sku": "S-2", "name": "Other", "price": 3},
    ]
    messages = [*records("products", *rows), state({"at": 1})]
    messages += [*records("categories", {"id": 800, "name": "Top"}), state({"at": 2})]
    run = run_target(tmp_path, sandbox, messages, batch_size=1)
    assert run.code == 0, run.log
    found = product(sandbox, "S-1")
    assert (found["name"], found["price"]) == ("New", 2)


def test_a_merged_list_keeps_what_the_record_does_not_have(sandbox, tmp_path):
    key = sandbox.shop.keys("product")[0]
    values = [("Colour", "red"), ("Size", "L"), ("Fabric", "wool"), ("Origin", "Peru")]
    attributes = [{"name": name, "value": value} for name, value in values]
    setup = run_target(
        tmp_path, sandbox, records("products", {"id": key, "attributes": attributes})
    )
    assert setup.code == 0, setup.log
    before = {one["name"]: one["value"] for one in sandbox.shop.get("product", key)["attributes"]}
    row = {
        "id": key,
        "attributes": [{"name": "Size", "value": "M"}, {"name": "Fit", "value": "slim"}],
    }
    settings = {"streams": {"products": {"merge": ["attributes", "categoryIds"]}}}
    run = run_target(tmp_path, sandbox, records("products", row), **settings)
    assert run.code == 0, run.log
    assert "removes" not in run.log
    after = {one["name"]: one["value"] for one in sandbox.shop.get("product", key)["attributes"]}
    assert after == {**before, "Size": "M", "Fit": "slim"}
    sandbox.reset_requests()
    run = run_target(tmp_path, sandbox, records("products", row), **settings)
    assert "1 unchanged" in run.log
    assert writes(sandbox) == []


@pytest.mark.parametrize("says", ["", False, "no", None, 0, "0000-00-00 00:00:00"])
def test_a_mark_that_says_no_deletes_nothing(one, tmp_path, says):
    row = {"sku": "A-1", "price": 21, "_sdc_deleted_at": says}
    run = run_target(tmp_path, one, records("products", row), hard_delete=True)
    assert run.code == 0, run.log
    assert product(one)["price"] == 21


@pytest.mark.parametrize("key", ["", "   ", None])
def test_a_record_without_a_key_is_rejected_and_not_created_in_each_run(one, tmp_path, key):
    row = {"sku": key, "name": "N", "price": 1}
    settings = {"streams": {"products": {"key": "sku"}}, "on_error": "skip"}
    for _ in range(2):
        run = run_target(tmp_path, one, records("products", row), **settings)
        assert run.code == 0, run.log
        assert [line["reason"] for line in run.rejected] == ["no key"]
    assert writes(one) == []
    settings["streams"]["products"]["action"] = "create"
    run = run_target(tmp_path, one, records("products", row), **settings)
    assert "1 created" in run.log


def test_false_is_no_key(one, tmp_path):
    row = {"sku": False, "name": "N", "price": 1}
    run = run_target(tmp_path, one, records("products", row), on_error="skip")
    assert [line["reason"] for line in run.rejected] == ["wrong value"]


@pytest.mark.parametrize(
    ("entity", "kind", "there", "key"),
    [
        ("products", "product", ONE, "sku"),
        ("discount_coupons", "coupon", {"code": "C", "name": "A", "discount": 1}, "code"),
    ],
)
def test_a_later_record_wins_however_it_names_its_object(
    sandbox, tmp_path, entity, kind, there, key
):
    """The second one asks for what is there before the first."""
    number = sandbox.shop.create(kind, dict(there))
    rows = [{"id": number, "name": "Changed"}, {key: there[key], "name": there["name"]}]
    run = run_target(tmp_path, sandbox, records(entity, *rows))
    assert run.code == 0, run.log
    assert sandbox.shop.get(kind, number)["name"] == there["name"]


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("options", [{"name": "S", "choices": [{"text": "a", "priceModifier": None}]}],
         "options.choices.priceModifier"),
        ("shipping", {"type": "FLAT_RATE", "flatRate": None}, "shipping.flatRate"),
        ("shipping", {"type": "", "flatRate": 3}, "shipping.type"),
        ("wholesalePrices", [{"quantity": 2, "price": None}], "wholesalePrices.price"),
    ],
)  # fmt: skip
def test_null_inside_is_left_out_and_reported(one, tmp_path, field, value, path):
    run = run_target(
        tmp_path, one, records("products", {"sku": "A-1", field: value}), on_error="skip"
    )
    assert run.code == 0, run.log
    assert f"{path} is null in 1 records" in run.log
    run = run_target(
        tmp_path,
        one,
        records("products", {"sku": "A-1", field: value}),
        on_null="reject",
        on_error="skip",
    )
    assert [line["reason"] for line in run.rejected] == ["null"]


def test_a_blank_among_words_says_nothing(one, tmp_path):
    number = one.shop.create("coupon", {"code": "C", "name": "C", "status": "PAUSED"})
    run = run_target(tmp_path, one, records("discount_coupons", {"code": "C", "status": " "}))
    assert run.code == 0, run.log
    assert one.shop.get("coupon", number)["status"] == "PAUSED"
    assert writes(one) == []


def test_a_blank_name_takes_none_away(one, tmp_path):
    number = product(one)["id"]
    run = run_target(tmp_path, one, records("products", {"id": number, "sku": " ", "price": 2}))
    assert run.code == 0, run.log
    assert (product(one)["id"], product(one)["price"]) == (number, 2)


def test_a_category_on_top_settles(one, tmp_path):
    row = {"externalReferenceId": "1", "name": "Top", "parentId": 0}
    assert run_target(tmp_path, one, records("categories", row)).code == 0
    one.reset_requests()
    assert "1 unchanged" in run_target(tmp_path, one, records("categories", row)).log
    assert writes(one) == []


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "1e999"])
def test_a_line_with_what_is_no_number_names_it(one, tmp_path, value):
    line = b'{"type": "RECORD", "stream": "products", "record": {"sku": "A-1", "price": %s}}'
    messages = [*records("products"), line % value.encode()]
    run = run_target(tmp_path, one, messages, on_invalid="skip")
    assert run.code == 0, run.log
    assert f"has price {value}, which is no number" in run.log


@pytest.mark.parametrize("price", ["\u0663", "\uff11\uff12"])
def test_other_digits_are_no_numbers(one, tmp_path, price):
    run = run_target(
        tmp_path, one, records("products", {"sku": "A-1", "price": price}), on_error="skip"
    )
    assert [line["reason"] for line in run.rejected] == ["wrong value"]
