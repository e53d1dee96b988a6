"""A plan as people and machines read it: fields, names, warnings, the terminal, JSON."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc

import pytest

from ecwid_api.entities import ENTITIES
from ecwid_api.errors import SettingError
from made_plans import ID, create, plan_of, rejected, update, write
from target_ecwid import plan_commands
from target_ecwid.change.changes import Call
from target_ecwid.change.files import File
from target_ecwid.plan.plan_file import Count
from target_ecwid.plan.show import Shown, as_json, as_text
from target_ecwid.plan.texts import marked_words, shortened
from target_ecwid.plan.warnings import MONEY


@pytest.fixture
def shown(tmp_path):
    """Shows some changes."""

    def made(*changes, most_gone=10, **given):
        return Shown(plan_of(tmp_path / "plan", *changes, **given), most_gone=most_gone)

    return made


def lines(one):
    return "\n".join(as_text(one, colour=False))


def kinds(one):
    return {warned.kind: warned.count for warned in one.warned}


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"price": 20}, {"price": 15}, "price: 20 → 15"),
        ({"name": "A"}, {"name": ""}, "name: A → (nothing)"),
        ({}, {"name": "A"}, "name: A"),
        ({"tax": {"taxable": True, "x": 1}}, {"tax": {"taxable": False}}, "tax.taxable: true →"),
        (
            {"combinations": [{"id": 1, "sku": "S", "price": 3}]},
            {"combinations": [{"id": 1, "sku": "S", "price": 2}]},
            "combinations[S].price: 3 → 2",
        ),
        (
            {"wholesalePrices": [{"quantity": 2, "price": 9}, {"quantity": 5, "price": 8}]},
            {"wholesalePrices": [{"quantity": 2, "price": 8.5}, {"quantity": 5, "price": 8}]},
            "wholesalePrices[2].price: 9 → 8.5",
        ),
        ({"categoryIds": [1, 2]}, {"categoryIds": [2, 3]}, "loses 1"),
        (
            {"options": [{"name": "Size"}, {"name": "Hue"}]},
            {"options": [{"name": "Size"}]},
            'options[Hue]: {"name":"Hue"} → (nothing)\n    loses Hue',
        ),
        (
            {"options": [{"name": "Size"}, {"name": "Hue"}]},
            {"options": [{"name": "Hue"}, {"name": "Size"}]},
            'options: [{"name":"Size"},{"name":"Hue"}] → [{"name":"Hue"},{"name":"Size"}]',
        ),
    ],
)  # fmt: skip
def test_each_field_is_shown_before_and_after(shown, before, after, line):
    text = lines(shown(update(before, after)))
    assert "updated product" in text
    assert line in text


def test_what_becomes_of_objects(shown):
    file = Call(
        operation="uploadMainProductImage",
        group="product_media",
        path={"productId": 7},
        file=File(None, b"1234"),
        query={"fileName": "a.png"},
    )
    text = lines(
        shown(
            create({"name": "New", "price": 1}, sequence=1),
            update({"enabled": True}, {"enabled": False}, sequence=2),
            write("deleted", keys=(7,), before={"name": "Old"}, sequence=3),
            write("updated", "product_images", call=file, keys=(7, 0), sequence=4, key={}),
            rejected("price is 'x'", sequence=5),
        )
    )
    for want in (
        "created product New  [products, record 1]",
        "disabled product SKU-2 (17)",
        "deleted product Old (7)",
        "uploaded product media image",
        "picture: a.png (4 bytes)",
        "rejected product SKU-1",
        "wrong value: price is 'x'",
    ):
        assert want in text


def test_a_new_object_is_called_by_its_name(shown):
    placeholder = f"(new 1 {ID})"
    stranger = "(new 1 of another plan)"
    one = shown(
        create({"name": "Blue T-shirt"}),
        update(
            {"name": stranger, "relatedProducts": {"productIds": []}},
            {"name": "x", "relatedProducts": {"productIds": [placeholder, f"(new 9 {ID})"]}},
            sequence=2,
        ),
        create({"options": []}, "product_variations", sequence=3, keys=(placeholder, None)),
    )
    text, document = lines(one), "".join(as_json(one))
    for said in (text, document):
        assert placeholder not in said
        assert "new product Blue T-shirt" in said
        assert "what record 9 creates" in said
        assert stranger in said


FALLS = [
    ({"price": 20}, {"price": 9.99}, "price"),
    ({"price": 20}, {"price": 0}, "price"),
    ({"price": 20}, {"price": 10}, None),
    ({"price": 20}, {"price": 200}, None),
    ({"price": 0}, {"price": 5}, None),
    ({"compareToPrice": 20}, {"compareToPrice": 1}, "price"),
    ({"wholesalePrices": [{"quantity": 2, "price": 9}]},
     {"wholesalePrices": [{"quantity": 2, "price": 1}]}, "price"),
    ({"combinations": [{"id": 1, "price": 9}]}, {"combinations": [{"id": 1, "price": 1}]}, "price"),
    ({"combinations": [{"id": 1, "wholesalePrices": [{"quantity": 2, "price": 9}]}]},
     {"combinations": [{"id": 1, "wholesalePrices": [{"quantity": 2, "price": 1}]}]}, "price"),
    ({"quantity": 3}, {"quantity": 0}, "stock"),
    # A quantity that nobody had can't be taken away.
    ({"unlimited": True}, {"unlimited": False, "quantity": 0}, "stock"),
    ({"quantity": 3}, {"quantity": 1}, None),
    ({"combinations": [{"id": 1, "quantity": 9}]}, {"combinations": [{"id": 1, "quantity": 0}]},
     "stock"),
    ({"description": "Text"}, {"description": ""}, "emptied"),
    ({"description": "<b>Text</b>"}, {"description": "<p>&nbsp; </p>"}, "emptied"),
    ({"description": "<p></p>"}, {"description": ""}, None),
    ({"description": "Text"}, {"description": '<img src="a.png">'}, None),
    ({"nameTranslated": {"de": "Hemd"}}, {"nameTranslated": {"de": ""}}, "emptied"),
    ({"name": "Shirt"}, {"name": 7}, None),
    ({"categoryIds": [1, 2]}, {"categoryIds": [2]}, "loss"),
    ({"categoryIds": [1, 2]}, {"categoryIds": [2, 1]}, None),
    ({"options": [{"name": "Size", "choices": [{"text": "S"}, {"text": "M"}]}]},
     {"options": [{"name": "Size", "choices": [{"text": "S"}]}]}, "loss"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "want"), FALLS)
def test_warnings_of_a_field(shown, before, after, want):
    assert kinds(shown(update(before, after))) == dict.fromkeys((want or "").split(), 1)


def test_variations_of_their_own_and_calls_warn_as_well(shown):
    keys = (7, 8)
    variation = {"entity": "product_variations", "keys": keys}
    call = Call(
        operation="updateProduct", group="products", path={"productId": 7}, body={"price": 0}
    )
    one = shown(
        update({"price": 20}, {"price": 1}, **variation),
        update({"quantity": 20}, {"quantity": 0}, sequence=2, **variation),
        update({}, {}, sequence=3, call=call),
        create({"name": "Gift", "price": 0, "quantity": 0}, sequence=4),
    )
    assert kinds(one) == {"price": 2, "stock": 1, "lasting": 1}
    assert "nobody knows what was there before updateProduct" in str(one.warned[-1].examples)


@pytest.mark.parametrize(
    ("changes", "want"),
    [
        ([create({"name": "Tent"}, sequence=1), create({"name": " tent "}, sequence=2)], 2),
        ([create({"name": "Tent"}, sequence=1), update({"name": "Tent"}, {"name": "Tarp"})], 0),
        ([create({"name": "Tent"}, sequence=1), update({"name": "Tarp"}, {"name": "Tent"})], 1),
        ([create({"name": "Tent"}), update({"price": 1}, {"price": 2}, key={"name": "Tent"})], 1),
        ([create({"name": "T"}), write("deleted", keys=(7,), before={"name": "T"})], 0),
        ([update({"name": "a"}, {"name": "T"}),
          update({"name": "b"}, {"name": "T"}, keys=(9,))], 0),
        # Later changes of one object that the plan creates.
        ([create({"name": "T"}), update({"x": 1}, {"x": 2}, keys=(f"(new 1 {ID})",),
                                        key={"name": "T"})], 0),
        ([create({"name": "Ann"}, "customers", sequence=n) for n in (1, 2)], 0),
        ([create({"name": "S", "parentId": n}, "categories", sequence=n) for n in (1, 2)], 0),
        ([create({"name": "S", "parentId": 1}, "categories", sequence=n) for n in (1, 2)], 2),
    ],
)  # fmt: skip
def test_doubles(shown, changes, want):
    assert kinds(shown(*changes)).get("double", 0) == want


VARIATION = {"entity": "product_variations", "keys": (5, 6), "key": {}}


@pytest.mark.parametrize(
    ("changes", "want"),
    [
        ([create({"name": "A", "sku": "X"}), create({"name": "B", "sku": "X"}, sequence=2)], 2),
        ([create({"name": "A", "sku": "X"}), update({"price": 1}, {"price": 2}, key={"sku": "X"})],
         1),
        ([update({"sku": "A"}, {"sku": "X"}), update({"sku": "B"}, {"sku": "X"}, keys=(18,))], 2),
        ([update({"sku": "A"}, {"sku": "X"}), update({"sku": "X"}, {"sku": "B"}, keys=(18,))], 0),
        ([update({"sku": "A"}, {"sku": "X"}), update({"sku": "B"}, {"sku": "X"}, **VARIATION)], 2),
        ([create({"name": "A", "sku": "X", "combinations": [{"sku": "X"}]})], 0),
        ([update({"combinations": [{"id": 1, "sku": "A"}, {"id": 2, "sku": "B"}]},
                 {"combinations": [{"id": 1, "sku": "X"}, {"id": 2, "sku": "Y"}]}),
          create({"name": "A", "sku": "X"}, sequence=2)], 2),
        ([create({"name": "A", "combinations": [{"sku": "X"}]}),
          create({"name": "B", "combinations": [{"sku": "X"}]}, sequence=2)], 2),
        ([create({"name": "A", "sku": "X"}), write("deleted", keys=(7,), before={"sku": "X"},
                                                   key={"sku": "X"})], 0),
    ],
)  # fmt: skip
def test_skus_of_several_objects(shown, changes, want):
    assert kinds(shown(*changes)).get("sku", 0) == want


@pytest.mark.parametrize(("gone", "there", "want"), [(1, 10, 0), (2, 10, 1), (2, 0, 0)])
def test_a_large_part_that_goes(shown, gone, there, want):
    deletions = [write("deleted", keys=(n,), sequence=n) for n in range(1, gone)]
    one = shown(
        *deletions, update({"enabled": True}, {"enabled": False}), objects={"products": there}
    )
    assert kinds(one).get("gone", 0) == want


def money_fields(schema, name=""):
    if "properties" in schema:
        for inner, value in schema["properties"].items():
            yield from money_fields(value, inner)
    elif isinstance(schema.get("items"), dict):
        yield from money_fields(schema["items"], name)
    elif schema.get("type") == "number":
        yield name


def test_money_fields_are_those_of_the_description():
    named = {
        field
        for entity in (ENTITIES["products"], ENTITIES["product_variations"])
        for operation in (entity.operations.create, entity.operations.update)
        for top, schema in operation.body_fields.items()
        for field in money_fields(schema, top)
    }
    assert {name for name in named if MONEY.fullmatch(name)} >= {
        name for name in named if "price" in name.casefold() and not name.endswith("Modifier")
    }
    assert not {"weight", "height", "value", "quantity", "priceModifier"} & {
        name for name in named if MONEY.fullmatch(name)
    }


def test_warnings_stand_first_and_are_few(shown):
    changes = [update({"price": 20}, {"price": 1}, sequence=n, keys=(n,)) for n in range(1, 100)]
    one = shown(*changes)
    text = lines(one)
    assert text.index("! 99 prices fall") < text.index("updated product")
    assert "… and 94 more" in text
    assert len(one.warned[0].examples) == 20


def test_nothing_that_a_terminal_obeys_is_shown(shown):
    evil = "\x1b[2J\r\n\u202ex"
    text = lines(
        shown(
            create({"name": evil, "description": evil}, stream=evil, key={evil: evil}),
            update({"options": [{"name": evil}]}, {"options": []}, sequence=2),
            rejected(evil, sequence=3),
            streams={evil: Count(created=1)},
            source=evil,
        )
    )
    assert not [sign for sign in text if not sign.isprintable() and sign != "\n"]


def test_words_are_marked_where_there_is_colour(shown):
    text = "\n".join(
        as_text(shown(update({"name": "A red cup"}, {"name": "A blue cup"})), colour=True)
    )
    assert "A \033[31mred\033[0m cup → A \033[32mblue\033[0m cup" in text


def test_long_texts_are_shown_where_they_differ():
    text = "word " * 10_000
    before, after = shortened(f"{text}old", f"{text}new", 300)
    assert before.startswith("…")
    assert before.endswith("old")
    assert after.endswith("new")
    assert marked_words("a " * 5_000, "b " * 5_000)[0] == [("a " * 5_000, True)]


def test_json_is_one_document(shown):
    one = shown(
        update({"price": 20, "categoryIds": [1, 2]}, {"price": 0, "categoryIds": [2]}),
        rejected("why", sequence=2),
        objects={"products": 1},
    )
    found = json.loads("".join(as_json(one)))
    assert found["plan"]["store_id"] == 1003
    assert found["counts"]["products"]["updated"] == 2
    assert [warned["kind"] for warned in found["warnings"]] == ["price", "loss"]
    first, second = found["changes"]
    assert first["kind"] == "updated"
    assert first["keys"] == [17]
    assert first["fields"] == [
        {"field": "price", "before": 20, "after": 0, "lost": []},
        {"field": "categoryIds", "before": [1, 2], "after": [2], "lost": ["1"]},
    ]
    assert [warning["kind"] for warning in first["warnings"]] == ["price", "loss"]
    assert second["message"] == "why"


def test_an_empty_plan(shown, tmp_path):
    one = shown(streams={})
    assert "The plan changes nothing" in lines(one)
    assert json.loads("".join(as_json(one)))["changes"] == []


def test_memory_does_not_grow_with_the_plan(tmp_path):
    def peak(count):
        changes = (
            create({"name": f"Product {n}", "description": "x" * 300}, sequence=n)
            for n in range(1, count + 1)
        )
        plan = plan_of(tmp_path / f"plan-{count}", *changes)
        tracemalloc.start()
        for _ in as_json(Shown(plan, most_gone=10)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(2_000) < peak(100) + 300_000


def test_the_command(tmp_path, monkeypatch):
    plan_of(tmp_path / "plan", update({"price": 20}, {"price": 15}))
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdout", said)
    page = tmp_path / "page.html"
    assert plan_commands.run(["plan", "show", str(tmp_path / "plan")]) == 0
    assert "price: 20 → 15" in said.getvalue()
    assert plan_commands.run(["plan", "show", str(tmp_path / "plan"), "--html", str(page)]) == 0
    assert page.stat().st_mode & 0o777 == 0o600
    where = tmp_path / "none" / "page.html"
    with pytest.raises(SettingError, match=r"can't be written.*Choose another"):
        plan_commands.run(["plan", "show", str(tmp_path / "plan"), "--html", str(where)])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_command_starts_without_the_sdk():
    program = (
        "import sys, target_ecwid.plan_commands\n"
        "print({'singer_sdk', 'httpx2', 'jsonschema_rs'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
