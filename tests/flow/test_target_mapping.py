"""What the setting ``streams`` makes of records that aren't in Ecwid's shape."""

from __future__ import annotations

import json

import pytest

from ecwid_sandbox.testing import running_sandbox
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


@pytest.fixture
def empty():
    with running_sandbox(size="empty", fetch_files=False) as running:
        yield running


def settings(**streams):
    return {"streams": streams, "ids": "own", "on_error": "skip"}


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


SHIRT = {
    "id": 11,
    "title": "Shirt",
    "options": [{"name": "Size"}, {"name": "Colour"}],
    "variants": [
        {"id": 111, "sku": "SH-S", "size": "S", "price": "10.00"},
        {"id": 112, "sku": "SH-M", "size": "M", "price": "12.00"},
    ],
    "images": ["https://old.example/1.jpg", "https://old.example/2.jpg"],
}
LAMP = {"id": 12, "title": "Lamp", "options": [], "variants": [{"id": 121, "sku": "L"}]}
COLLECTS = [(1, 12, 502), (2, 11, 501), (3, 11, 502), (4, 11, 503)]

SHOP = {
    "products": {
        "from": {"products": {"by": "=id"}, "collects": {"by": "=product_id"}},
        "fields": "payload",
        "key": "id",
        "payload": {
            "id": "=id",
            "name": "=title",
            "categoryIds": "=[one.collection_id for one in collects]",
            "options": "=[{'type': 'SELECT', 'name': o.name, 'choices': [{'text': v.size} "
            "for v in variants]} for o in options[:1]]",
        },
    },
    "variants": {
        "from": {"products": {"each": "=variants if len(variants) > 1 else []"}},
        "entity": "product_variations",
        "fields": "payload",
        "path": {"productId": "=source.id"},
        "payload": {
            "id": "=id",
            "sku": "=sku",
            "price": "=price",
            "options": [{"name": "=source.options[0].name", "value": "=size"}],
        },
    },
    "pictures": {
        "from": {"products": {"each": "=record.get('images')"}},
        "action": "uploadGalleryProductImage",
        "fields": "payload",
        "path": {"productId": "=source.id"},
        "payload": {"url": "=value"},
    },
    "collections": {
        "entity": "categories",
        "fields": "payload",
        "payload": {"id": "=id", "name": "=title"},
    },
}


def keyed(stream, *rows):
    first, *others = records(stream, *rows)
    return [{**first, "key_properties": ["id"]}, *others]


def a_shop(products=(SHIRT, LAMP), collects=COLLECTS):
    return [
        *keyed(
            "collects", *({"id": n, "product_id": p, "collection_id": c} for n, p, c in collects)
        ),
        *keyed("products", *products),
        *keyed("collections", *({"id": n, "title": f"C{n}"} for n in (501, 502, 503))),
        state({"at": 1}),
    ]


def shown(sandbox):
    """The shop by names: product -> its categories, variations and number of pictures."""
    names = {one["id"]: one["name"] for one in sandbox.shop.all("category")}
    return {
        one["name"]: (
            sorted(names[key] for key in one["categoryIds"]),
            sorted(part["sku"] for part in one.get("combinations") or ()),
            len(one.get("media", {}).get("images") or ()),
        )
        for one in sandbox.shop.all("product")
    }


MADE = {"Shirt": (["C501", "C502", "C503"], ["SH-M", "SH-S"], 2), "Lamp": (["C502"], [], 0)}


def test_one_record_makes_several_objects_and_several_make_one(empty, tmp_path):
    """A plan says what the run does, the run does it once, and an undo takes it back."""
    plan = run_target(tmp_path, empty, a_shop(), plan="shop.plan", **settings(**SHOP))
    assert plan.code == 0, plan.log
    assert writes(empty) == []
    lines = [json.loads(x) for x in (tmp_path / "shop.plan").read_text().splitlines()]
    planned = {name: one["created"] for name, one in lines[-1]["streams"].items()}
    assert planned == {"products": 2, "variants": 2, "pictures": 2, "collections": 3}
    done = run_command(tmp_path, empty, "apply", "shop.plan", **settings(**SHOP))
    assert done.returncode == 0, done.stderr
    assert shown(empty) == MADE
    for again in range(2):
        before = len(writes(empty))
        run = run_target(tmp_path, empty, a_shop(), **settings(**SHOP))
        assert run.code == 0, run.log
        assert run.states == [{"at": 1}]
        assert len(writes(empty)) == before, again
        assert "products: 0 created, 0 updated, 0 deleted, 2 unchanged" in run.log


def with_texts(value, name=None):
    """The same with texts for keys, as sources have them that count in UUIDs or paths."""
    if isinstance(value, dict):
        return {name: with_texts(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_texts(inner) for inner in value]
    return f" gid://shop/{value}" if name in {"id", "product_id", "collection_id"} else value


def test_keys_of_the_source_can_be_texts(empty, tmp_path):
    messages = [with_texts(message) for message in a_shop()]
    plan = run_target(tmp_path, empty, messages, plan="shop.plan", **settings(**SHOP))
    assert plan.code == 0, plan.log
    done = run_command(tmp_path, empty, "apply", "shop.plan", **settings(**SHOP))
    assert done.returncode == 0, done.stderr
    assert shown(empty) == MADE
    before = len(writes(empty))
    run = run_target(tmp_path, empty, messages, **settings(**SHOP))
    assert run.rejected == []
    assert len(writes(empty)) == before, run.log
    # One that never came is never sent.
    more = with_texts([*a_shop(collects=[(9, 12, 777)])])
    run = run_target(tmp_path, empty, more, **settings(**SHOP))
    assert {x["reason"] for x in run.rejected} == {"unknown reference"}
    assert "gid://shop/777" in run.rejected[0]["message"]
    # Numbers are the shop's, as long as the settings don't say otherwise.
    given = {**settings(collections=SHOP["collections"]), "ids": "auto"}
    run = run_target(tmp_path, empty, keyed("collections", {"id": "x", "title": "X"}), **given)
    assert [x["reason"] for x in run.rejected] == ["wrong value"]


@pytest.mark.parametrize("mode", ["written", "planned"])
def test_texts_are_followed_wherever_a_record_has_keys(empty, tmp_path, mode):
    """Parents, lists, objects in lists, and keys that Ecwid has in texts; whatever comes first."""
    rows = {
        "orders": [
            {"id": "o/1", "externalOrderId": "1", "email": "a@shop.example", "customerId": "c-1",
             "items": [{"name": "P", "price": 1, "quantity": 1, "productId": "p/1"}]},
        ],
        "products": [
            {"id": "p/1", "sku": "P1", "name": "P1", "categoryIds": ["deep/er"],
             "relatedProducts": {"productIds": ["p/2"]}},
            {"id": "p/2", "sku": "P2", "name": "P2", "categoryIds": []},
        ],
        "categories": [
            {"id": "deep/er", "name": "Deeper", "parentId": "deep"},
            {"id": "deep", "name": "Deep"},
        ],
        "customers": [{"id": "c-1", "email": "a@shop.example", "name": "A"}],
    }  # fmt: skip
    messages = [line for name, several in rows.items() for line in keyed(name, *several)]
    if mode == "planned":
        run_target(tmp_path, empty, messages, plan="texts.plan", ids="own")
        done = run_command(tmp_path, empty, "apply", "texts.plan", ids="own")
        assert done.returncode == 0, done.stderr
    else:
        run = run_target(tmp_path, empty, messages, ids="own")
        assert run.code == 0, run.log
    (order,) = empty.shop.all("order")
    one, two = sorted(empty.shop.all("product"), key=lambda product: product["sku"])
    categories = {row["name"]: row for row in empty.shop.all("category")}
    (customer,) = empty.shop.all("customer")
    assert order["customerId"] == customer["id"]
    assert [item["productId"] for item in order["items"]] == [one["id"]]
    assert one["categoryIds"] == [categories["Deeper"]["id"]]
    assert categories["Deeper"]["parentId"] == categories["Deep"]["id"]
    assert one["relatedProducts"]["productIds"] == [two["id"]]
    before = len(writes(empty))
    run = run_target(tmp_path, empty, messages, ids="own")
    assert run.code == 0, run.log
    assert len(writes(empty)) == before, run.log


def test_a_run_without_a_plan_makes_the_same(empty, tmp_path):
    run = run_target(tmp_path, empty, a_shop(), **settings(**SHOP))
    assert run.code == 0, run.log
    assert run.rejected == []
    assert shown(empty) == MADE
    done = run_command(tmp_path, empty, "undo", "last", **settings(**SHOP))
    assert done.returncode == 0, done.stderr
    assert shown(empty) == {}


@pytest.mark.parametrize(
    ("collects", "words"),
    [
        ([*COLLECTS, (5, 99, 501)], "collects have records with 99, and products has none"),
        ([*COLLECTS, (5, None, 501)], "streams.products.from.collects.by"),
        ([*COLLECTS, (5, 12, 777)], "refers to categories 777"),
    ],
)
def test_what_belongs_to_nothing_is_rejected_and_the_rest_is_made(empty, tmp_path, collects, words):
    run = run_target(tmp_path, empty, a_shop(collects=collects), **settings(**SHOP))
    assert run.code == 0, run.log
    (rejected,) = run.rejected
    assert words in rejected["message"]
    assert shown(empty)["Shirt"] == MADE["Shirt"]
    fixed = run_target(tmp_path, empty, a_shop(), **settings(**SHOP))
    assert fixed.code == 0, fixed.log
    assert shown(empty) == MADE
    if "777" in words:
        more = [*a_shop(collects=collects), *keyed("collections", {"id": 777, "title": "C777"})]
        assert run_target(tmp_path, empty, more, **settings(**SHOP)).rejected == []
    # Without settings that skip it, it ends the run, and no state leaves.
    given = {**settings(**SHOP), "on_error": "fail"}
    ended = run_target(tmp_path, empty, a_shop(collects=[(5, 99, 501)]), **given)
    assert ended.code == 1
    assert ended.states == []


def test_newer_versions_and_deletions_count(empty, tmp_path):
    collects = [*COLLECTS, (4, 12, 503)]
    messages = a_shop(products=[{**LAMP, "title": "Old"}, SHIRT, LAMP], collects=collects)
    gone = {"id": 1, "_sdc_deleted_at": "2026-01-01T00:00:00Z"}
    messages[-1:-1] = keyed("collects", gone)
    run = run_target(tmp_path, empty, messages, **settings(**SHOP))
    assert run.code == 0, run.log
    assert run.rejected == []
    assert {name: one[0] for name, one in shown(empty).items()} == {
        "Shirt": ["C501", "C502"],
        "Lamp": ["C503"],
    }


def test_what_a_record_was_made_of_is_not_sent(empty, tmp_path):
    """Fields of entries and joined records go as they are, without what was added to them."""
    streams = {
        "parts": {
            "from": {"crates": {"each": "=parts"}},
            "entity": "products",
            "payload": {"description": "=f'{source.label} {place}'"},
        },
        "people": {
            "from": {"people": {"by": "=email"}, "notes": {"by": "=who"}},
            "entity": "customers",
            "payload": {"privateAdminNotes": "=', '.join([note.text for note in notes])"},
        },
    }
    parts = [{"sku": "A", "name": "A"}, None, {"sku": "B", "name": "B"}]
    messages = [
        *records("crates", {"label": "Crate", "parts": parts}, {"label": "None", "parts": None}),
        *records("people", {"email": "a@shop.example", "name": "A"}),
        *records("notes", *({"who": "a@shop.example", "text": text} for text in "xy")),
    ]
    run = run_target(tmp_path, empty, messages, streams=streams, unknown_fields="fail")
    assert run.code == 0, run.log
    assert "WARNING" not in run.log
    assert {p["sku"]: p["description"] for p in empty.shop.all("product")} == {
        "A": "Crate 1",
        "B": "Crate 3",
    }
    (person,) = empty.shop.all("customer")
    assert (person["name"], person["privateAdminNotes"]) == ("A", "x, y")


def test_rows_become_one_record(empty, tmp_path):
    """Rows of a sheet, as many as there are, whatever stands between them."""
    rows = [
        {"handle": f"h{n % 50}", "title": f"T{n % 50}" if n < 50 else None, "tag": n}
        for n in range(400)
    ]
    sheet = {
        "entity": "products",
        "from": {"sheet": {"by": "=handle"}},
        "fields": "payload",
        "payload": {
            "sku": "=handle",
            "name": "=title",
            "description": "=' '.join([str(row.tag) for row in sheet])",
        },
    }
    run = run_target(tmp_path, empty, records("sheet", *rows), **settings(articles=sheet))
    assert run.code == 0, run.log
    assert "articles: 50 created" in run.log
    assert product(empty, "h7")["description"] == " ".join(str(n) for n in range(7, 400, 50))


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


def test_what_is_rejected_can_be_taken_again(empty, tmp_path):
    """An entry that Ecwid refuses is kept as the record that it is, and written later."""
    broken = {
        **SHIRT,
        "variants": [*SHIRT["variants"], {"id": 113, "sku": "SH-L", "size": "L", "price": "?"}],
    }
    run = run_target(tmp_path, empty, a_shop(products=[broken, LAMP]), **settings(**SHOP))
    assert run.code == 0, run.log
    (rejected,) = run.rejected
    assert (rejected["stream"], rejected["record"]["id"]) == ("variants", 113)
    priced = {
        **SHOP,
        "variants": {
            **SHOP["variants"],
            "payload": {**SHOP["variants"]["payload"], "price": "=0 if price == '?' else price"},
        },
    }
    done = run_command(tmp_path, empty, "retry", **settings(**priced))
    assert done.returncode == 0, done.stdout + done.stderr
    assert shown(empty)["Shirt"][1] == ["SH-L", "SH-M", "SH-S"]


def test_a_record_that_breaks_its_schema_makes_nothing(empty, tmp_path):
    messages = a_shop()
    wanted = {"type": "object", "properties": {"title": {"type": "string"}}}
    messages = [
        {**m, "schema": wanted} if m["type"] == "SCHEMA" and m["stream"] == "products" else m
        for m in messages
    ]
    bad = {"type": "RECORD", "stream": "products", "record": {**SHIRT, "id": 13, "title": 5}}
    messages.insert(-1, bad)
    run = run_target(tmp_path, empty, messages, on_invalid="skip", **settings(**SHOP))
    assert run.code == 0, run.log
    assert [x["reason"] for x in run.rejected] == ["breaks its schema"]
    assert shown(empty) == MADE
    run = run_target(tmp_path, empty, messages, **settings(**SHOP))
    assert run.code == 1


def test_no_state_leaves_while_records_wait_for_others(empty, tmp_path):
    """What was collected is lost with the run, so the source has to send it again."""
    messages = a_shop()
    before, after = state({"at": "before"}), state({"at": "after"})
    collects = messages.index(next(m for m in messages if m["type"] == "RECORD"))
    messages = [
        *records("customers", {"email": "a@shop.example"}),
        before,
        *records("customers", {"email": "b@shop.example"}),
        *messages[: collects + 2],
        after,
        *messages[collects + 2 : -1],
        after,
    ]
    run = run_target(tmp_path, empty, [*messages, "no message"], **settings(**SHOP))
    assert run.code == 1
    assert run.states in ([], [{"at": "before"}])
    run = run_target(tmp_path, empty, messages, **settings(**SHOP))
    assert run.code == 0, run.log
    assert run.states == [{"at": "after"}]
    assert shown(empty) == MADE


def test_a_group_is_as_large_as_a_line_at_the_most(empty, tmp_path):
    rows = [{"handle": "same", "title": "T", "text": "x" * 300_000} for _ in range(4)]
    sheet = {
        "entity": "products",
        "from": {"sheet": {"by": "=handle"}},
        "fields": "payload",
        "payload": {"sku": "=handle", "name": "=title"},
    }
    messages = records("sheet", *rows, {"handle": "other", "title": "T"})
    run = run_target(tmp_path, empty, messages, max_line_size=1, **settings(articles=sheet))
    assert run.code == 0, run.log
    (rejected,) = run.rejected
    assert rejected["reason"] == "too large"
    assert "streams.articles.from" in rejected["message"]
    assert [one["sku"] for one in empty.shop.all("product")] == ["other"]


def test_complete_streams_take_away_what_they_no_longer_have(empty, tmp_path):
    """Also where its records were made of several; a record that is gone takes what is its own."""
    given = {**settings(**SHOP), "activate_version": True, "hard_delete": True}
    complete = [{"type": "ACTIVATE_VERSION", "stream": n, "version": 1} for n in ("products",)]
    run = run_target(tmp_path, empty, a_shop(), **given)
    assert run.code == 0, run.log
    run = run_target(tmp_path, empty, [*a_shop(products=[SHIRT]), *complete], **given)
    assert [x["reason"] for x in run.rejected] == ["unknown reference"], run.log
    assert shown(empty) == {"Shirt": MADE["Shirt"]}
    gone = {"id": 11, "_sdc_deleted_at": "2026-01-01T00:00:00Z"}
    run = run_target(tmp_path, empty, a_shop(products=[gone], collects=[]), **given)
    assert run.code == 0, run.log
    assert shown(empty) == {}


VARIANTS = {
    "entity": "product_variations",
    "fields": "payload",
    "path": {"productId": "=pid"},
    "payload": {"id": "=id", "sku": "=sku", "options": [{"name": "Size", "value": "S"}]},
}
LIMITED = {
    "entity": "discount_coupons",
    "fields": "payload",
    "payload": {"code": "=code", "discountType": "ABS", "discount": 1, "catalogLimit": "=limit"},
}


def test_references_that_say_what_it_is_about_are_never_left_out(tmp_path):
    """Without them, it would be about another object of the shop, or about all."""
    with running_sandbox(fetch_files=False) as shop:
        there = next(iter(shop.shop.all("product")))["id"]
        owners = [there, str(there), 999, "gid://9"]
        limits = [
            ("NONE", {"products": [there]}),
            ("NEITHER", {"products": [9], "categories": ["x"]}),
            ("SOME", {"products": [1, there], "categories": ["x"]}),
            ("OTHER", {"products": [1], "categories": ["x"]}),
            ("ALL", None),
        ]
        messages = [
            *keyed("products", {"id": 1, "sku": "mine", "name": "Mine"}),
            *keyed(
                "variants", *({"id": n, "pid": o, "sku": f"v{n}"} for n, o in enumerate(owners))
            ),
            *keyed("coupons", *({"id": n, "code": n, "limit": limit} for n, limit in limits)),
        ]
        given = settings(variants=VARIANTS, coupons=LIMITED)
        run = run_target(tmp_path, shop, messages, unknown_references="omit", **given)
        assert run.code == 0, run.log
        assert {x["reason"] for x in run.rejected} == {"unknown reference"}
        assert [x["stream"] for x in run.rejected].count("variants") == len(owners)
        assert {x["record"]["code"] for x in run.rejected if x["stream"] == "coupons"} == {
            "NONE",
            "NEITHER",
        }
        assert not [path for _, path in writes(shop) if "combinations" in path]
        mine = product(shop, "mine")["id"]
        made = {c["code"]: c.get("catalogLimit") or {} for c in shop.shop.all("coupon")}
        assert made["SOME"].get("products") == made["OTHER"].get("products") == [mine]
        assert not made["ALL"].get("products")


def test_keys_that_only_look_alike_are_two(empty, tmp_path):
    keys = (7, "007", "1e3", 1000, "a/b", "a%2Fb", "+5", "5")
    stream = {**SHOP["collections"], "payload": {"id": "=id", "name": "=title", "parentId": "=up"}}
    rows = [{"id": key, "title": f"C{n}", "up": None} for n, key in enumerate(keys)]
    below = [{"id": f"below {key}", "title": f"B{n}", "up": key} for n, key in enumerate(keys)]
    messages = keyed("collections", *rows, *below)
    for again in range(2):
        before = len(writes(empty))
        run = run_target(tmp_path, empty, messages, **settings(collections=stream))
        assert (run.code, run.rejected) == (0, []), run.log
        assert not again or len(writes(empty)) == before
    made = {one["name"]: one for one in empty.shop.all("category")}
    assert len(made) == 2 * len(keys)
    assert all(made[f"B{n}"]["parentId"] == made[f"C{n}"]["id"] for n in range(len(keys)))


def test_entries_that_are_one_object_are_reported(empty, tmp_path):
    """They would take turns in each run. A plan says the same."""
    entries = {
        "customers": [{"email": f"{x}@shop.example"} for x in "aAa"],
        "discount_coupons": [{"code": "A", "discountType": "ABS", "discount": n} for n in (1, 2)],
    }
    made_of = {
        name: {
            "from": {"rows": {"each": f"={name}"}},
            "fields": "payload",
            "payload": {"id": "=id", **{field: f"={field}" for field in several[0]}},
        }
        for name, several in entries.items()
    }
    row = {n: [{"id": k, **one} for k, one in enumerate(x, 1)] for n, x in entries.items()}
    messages = keyed("rows", {"id": 1, **row})
    plan = run_target(tmp_path, empty, messages, dry_run=True, **settings(**made_of))
    counts = plan.lines("plan.jsonl")[-1]["streams"]
    assert {n: (x["created"], x["rejected"]) for n, x in counts.items()} == {
        "customers": (1, 2),
        "discount_coupons": (1, 1),
    }
    for _ in range(2):
        run = run_target(tmp_path, empty, messages, **settings(**made_of))
        assert [x["reason"] for x in run.rejected] == ["two records, one object"] * 3, run.log
    assert len(writes(empty)) == 2


def test_records_without_a_key_are_not_created_in_each_run(empty, tmp_path):
    stream = SHOP["products"]["payload"] | {"categoryIds": [], "options": []}
    given = settings(products={"fields": "payload", "key": "id", "payload": stream})
    rows = [{"id": key, "title": "T"} for key in (0, "0", " ", None)]
    run = run_target(tmp_path, empty, keyed("products", *rows), **given)
    assert {x["reason"] for x in run.rejected} == {"no key"}, run.log
    assert len(run.rejected) == len(rows)
    assert writes(empty) == []


def test_numbers_are_collected_with_texts_and_decimals(empty, tmp_path):
    """One tap has 1 where another has 1.0 or "1"."""
    collects = [(1, 12.0, 502), (2, "11", 501), (3, 11, 502), (4, " 11 ", 503)]
    run = run_target(tmp_path, empty, a_shop(collects=collects), **settings(**SHOP))
    assert (run.code, run.rejected) == (0, []), run.log
    assert shown(empty) == MADE
    wrong = [*collects, (5, True, 501), (6, 0, 501), (7, [11], 501), (8, 1.5, 501)]
    run = run_target(tmp_path, empty, a_shop(collects=wrong), **settings(**SHOP))
    assert [x["reason"] for x in run.rejected] == ["no key"] * 4
    assert "gives True. It needs a text, or a whole number" in run.rejected[0]["message"]


def test_two_records_with_the_key_of_one_object_do_not_create_it_in_each_run(empty, tmp_path):
    """Ecwid shows what it has at an address, and doesn't say what it made of a list."""
    given = {"fields": "payload", "payload": {"fromUrl": "=f", "toUrl": "=t"}}
    rows = [{"id": 1, "f": "/a", "t": "/x"}, {"id": 2, "f": "/a", "t": "/x"}]
    for again in range(2):
        before = len(writes(empty))
        run = run_target(tmp_path, empty, keyed("redirects", *rows), **settings(redirects=given))
        assert run.code == 0, run.log
        assert len(writes(empty)) - before == (0 if again else 1)
    assert [x["reason"] for x in run.rejected] == ["two records, one object"]
