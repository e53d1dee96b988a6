"""Webhooks as they come: what is believed of them, and what is to be read after one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecwid_api.description import document
from ecwid_webhooks.events import (
    ALL,
    FOREVER,
    Event,
    RefusedError,
    Secrets,
    check_age,
    read_event,
    rows_of,
)
from webhooks import SECRET, event, signature

NOW = 1_800_000_100
READ = {
    "product": "products",
    "category": "categories",
    "product_class": "product_types",
    "customer": "customers",
    "customer_group": "customer_groups",
    "order": "orders",
    "unfinished_order": "abandoned_carts",
    "invoice": "orders",
    "discount_coupon": "discount_coupons",
    "promotion": "promotions",
    "review": "product_reviews",
    "profile": "store_profile",
}
WHOLE = {"categories", "product_types", "customer_groups", "promotions", "store_profile"}
DATA = {"orderId": "XJ12H", "cartId": "a-b"}


def rows(posted, **changes):
    found, store, created = read_event(json.dumps(posted).encode())
    return rows_of(found, store, created, **{"now": NOW, "lists_seconds": 300, **changes})


def kinds():
    schema = document("common")["components"]["schemas"]["webhook_event"]
    enum = [k for k in schema["properties"]["eventType"]["enum"] if "size_chart" not in k]
    assert len(enum) == 42
    camel = [_camel(kind) for kind in enum]
    return sorted({*enum, *camel})


def _camel(kind):
    subject, _, action = kind.partition(".")
    first, *others = action.split("_")
    return f"{subject}.{first}{''.join(word.capitalize() for word in others)}"


@pytest.mark.parametrize("kind", kinds())
def test_each_kind_names_what_to_read(kind):
    for data in (None, DATA, "text", [1], {"orderId": {"a": 1}, "cartId": 7.5}):
        for entity in (77, "77"):
            names_what_to_read(kind, data, entity)


def names_what_to_read(kind, data, entity):
    found = rows(event(kind, entity, data=data))
    subject = kind.partition(".")[0]
    if subject == "application":
        streams = ["storage"] if "torage" in kind else []
        assert [row.stream for row in found] == streams
        return
    first = found[0]
    assert first.stream == READ[subject]
    assert first.due == 0
    if first.stream in WHOLE:
        assert first.object == ALL
    elif subject in {"order", "invoice", "unfinished_order"}:
        field = "cartId" if subject == "unfinished_order" else "orderId"
        without = "77" if subject == "order" else ALL
        assert first.object == (DATA[field] if data == DATA else without)
    else:
        assert first.object == "77"
    assert all(row.object == ALL for row in found[1:])


def test_lists_that_follow_from_others_are_read_once_for_a_while():
    found = {row.stream: row for row in rows(event())}
    assert found.keys() == {"products", "brands", "swatches", "categories"}
    assert {row.due for name, row in found.items() if name != "products"} == {1_800_000_300}
    again = {row.stream: row for row in rows(event(), now=NOW + 199)}
    assert again["categories"].due == found["categories"].due
    later = {row.stream: row for row in rows(event(), now=NOW + 200)}
    assert later["categories"].due == found["categories"].due + 300
    assert {r.due for r in rows(event(), lists_seconds=0)} == {0, NOW}


@pytest.mark.parametrize("kind", ["size_chart.updated", "x.updated", "", ".", "x", "ünï.cöde"])
def test_unknown_kinds_are_kept_and_never_due(kind):
    (row,) = rows(event(kind, "a-b"))
    assert row.due == FOREVER
    assert (row.stream, row.object) == (f"? {kind}", "a-b")


@pytest.mark.parametrize(
    "entity",
    [
        None,
        "",
        " 7",
        "7 ",
        "a",
        True,
        7.5,
        [7],
        {"a": 1},
        "../orders",
        "7,8",
        "7\0",
        ".",
        "..",
        10**30,
    ],
)
def test_a_key_that_cannot_be_one_reads_the_whole_stream(entity):
    assert rows(event(entity=entity))[0].object == ALL
    assert rows(event("customer.updated", entity))[0].object == ALL


@pytest.mark.parametrize("key", [".", "..", "...", " a", "a\n", "", None, 7.5, ["a"], "x" * 101])
def test_a_text_that_cannot_be_a_key_reads_the_whole_stream(key):
    assert rows(event("invoice.created", data={"orderId": key}))[0].object == ALL
    assert rows(event("unfinished_order.created", data={"cartId": key}))[0].object == ALL


@pytest.mark.parametrize(
    "changes",
    [
        {"eventCreated": None},
        {"eventCreated": -5},
        {"eventCreated": 1.5},
        {"eventCreated": "soon"},
        {"eventCreated": "9" * 5000},
        {"storeId": 0},
        {"storeId": "x"},
        {"storeId": 2**70},
        {"eventId": 7},
        {"eventId": None},
        {"eventType": None},
    ],
)
def test_what_is_no_webhook_is_refused(changes):
    with pytest.raises(RefusedError) as refusal:
        rows({**event(), **changes})
    assert refusal.value.status == 400
    missing = {name: value for name, value in event().items() if name not in changes}
    with pytest.raises(RefusedError):
        rows(missing)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff\xfe", b'"x"', b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(body):
    with pytest.raises(RefusedError):
        read_event(body)


def test_numbers_can_be_texts():
    posted = event("order.updated", "5", storeId="1003", eventCreated="1800000000", data=DATA)
    (row,) = [row for row in rows(posted) if row.object]
    assert (row.store, row.created, row.object) == (1003, 1_800_000_000, "XJ12H")
    found, store, _ = read_event(json.dumps(posted).encode())
    Secrets(SECRET, {}).check(found, store, signature("1800000000", posted["eventId"]))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=50), st.integers(1, 2**40), st.text(max_size=40), st.text(min_size=1))
def test_a_signature_fits_one_time_one_id_and_one_secret(event_id, created, other, secret):
    found = Event(event_id=event_id, event_created=created, store_id=1003, event_type="x")
    right = signature(created, event_id, secret) if event_id.isprintable() else None
    secrets = Secrets(secret, {})
    if right is not None:
        secrets.check(found, 1003, right)
    wrong = ["", other, signature(created + 1, "a"), f"{right}="]
    if other != secret:
        wrong.append(signature(created, "a", other))
    for sign in wrong:
        if sign != right:
            with pytest.raises(RefusedError) as refusal:
                secrets.check(found, 1003, sign)
            assert refusal.value.status == 401


def test_each_store_can_have_an_app_of_its_own():
    posted = event()
    found, _, _ = read_event(json.dumps(posted).encode())
    right, own = (signature(posted["eventCreated"], posted["eventId"], s) for s in (SECRET, "own"))
    both = Secrets(SECRET, {5: "own"})
    both.check(found, 1003, right)
    both.check(found, 5, own)
    for secrets, store, sign, status in (
        (both, 5, right, 401),
        (both, 1003, own, 401),
        (Secrets(None, {5: "own"}), 1003, own, 403),
        (Secrets(None, {5: "own"}), 1003, right, 403),
    ):
        with pytest.raises(RefusedError) as refusal:
            secrets.check(found, store, sign)
        assert refusal.value.status == status


def test_age():
    check_age(NOW, NOW, 60)
    check_age(NOW - 60, NOW, 60)
    check_age(NOW + 3600, NOW, 60)
    for created in (NOW - 61, NOW + 3601, 1):
        with pytest.raises(RefusedError) as refusal:
            check_age(created, NOW, 60)
        assert refusal.value.status == 403
