"""A change touches what it names: null takes a field away, what can't be written stays."""

from __future__ import annotations

import json

import pytest

from described import answer_of, mistakes
from ecwid_api.description import entity_schema, expand, operation

KINDS = {
    "product": ("/products", "updateProduct", "getProduct"),
    "category": ("/categories", "updateCategory", "getCategory"),
    "customer": ("/customers", "updateCustomer", "getCustomer"),
    "customer_group": ("/customer_groups", "updateCustomerGroup", "getCustomerGroup"),
    "coupon": ("/discount_coupons", "updateDiscountCoupon", "getDiscountCoupon"),
    "product_type": ("/classes", "updateProductTypeAndAttributes", "getProductType"),
    "order": ("/orders", "updateOrder", "getOrder"),
}
# Times move with every change.
TIMES = {"updated", "updateDate", "updateTimestamp"}
# What nothing is without: null is refused. Options stay as long as variations have them.
NEEDED = {
    "product": {"name", "price", "options"},
    "category": {"name"},
    "customer": {"email"},
    "customer_group": {"name"},
    "product_type": {"name"},
}
BOGUS = {
    "string": "bogus",
    "integer": 987,
    "number": 9.5,
    "boolean": True,
    "array": [],
    "object": {},
}


def subject(api, kind):
    """The path and the document of the kind with most fields: there is most to lose."""
    path = KINDS[kind][0]
    found = max(api.sandbox.shop.all(kind), key=lambda document: (len(document), document["id"]))
    where = f"{path}/{found['id']}"
    return where, api.get(where)


def fields(kind):
    found = operation(KINDS[kind][1])
    return expand(found.body, found.group)["properties"]


@pytest.mark.parametrize("kind", KINDS)
def test_null_takes_a_field_away_and_no_other(written, kind):
    where, _ = subject(written, kind)
    schema = answer_of(operation(KINDS[kind][2]))[1]
    wrong = {}
    for name in fields(kind):
        before = written.get(where)
        response = written.send("PUT", where, json={name: None})
        if response.status_code in {400, 409} and name in NEEDED.get(kind, ()):
            continue
        if response.status_code != 200:
            wrong[name] = response.text
            continue
        after = written.get(where)
        found = mistakes(after, schema)
        # A text goes with its translations, a picture with its copies: nothing that is new comes.
        strange = after.keys() - before.keys() - {f"{name}Translated"}
        if found or strange:
            wrong[name] = (found, strange)
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_was_read_can_be_written_back(written, kind):
    where, before = subject(written, kind)
    wrong = {}
    for name in fields(kind).keys() & before.keys():
        written.put(where, {name: before[name]})
        after = written.get(where)
        changed = {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
        if changed - TIMES:
            wrong[name] = {n: (before.get(n), after.get(n)) for n in changed - TIMES}
    assert wrong == {}, json.dumps(wrong, indent=1)[:2000]


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_only_be_read_stays(written, kind):
    where, before = subject(written, kind)
    group = operation(KINDS[kind][2]).group
    for name, schema in expand(entity_schema(kind, group), group)["properties"].items():
        if not schema.get("readOnly") or name not in before or "x-ecwid-conflict" in schema:
            continue
        types = schema.get("type", "string")
        bogus = BOGUS[types if isinstance(types, str) else types[0]]
        written.put(where, {name: bogus})
        after = written.get(where)
        assert {n for n in before if before[n] != after.get(n)} <= TIMES, name
