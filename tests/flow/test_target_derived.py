"""Streams that are made of others: the setting ``from``, entry by entry or several as one."""

from __future__ import annotations

import json

import pytest

from mapped_shop import COLLECTS, LAMP, MADE, SHIRT, SHOP, a_shop, settings, shown
from target_run import keyed, product, records, run_command, run_target, state, writes


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
