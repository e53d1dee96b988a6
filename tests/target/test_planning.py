"""Changes: what a record does to the shop, given what is there."""

from __future__ import annotations

import uuid

import pytest

from ecwid_api.entities import ENTITIES
from empty_ids import key_map
from target_ecwid.change.changes import Kind, Rejected, Unchanged, Write, read_back, stored
from target_ecwid.change.match import Found, Several
from target_ecwid.change.planners import planner_of
from target_ecwid.jobs import Action, CallJob, EntityJob, job_of, writing_operations
from target_ecwid.record.door import identity_of
from target_ecwid.record.lookups import Lookup
from target_ecwid.run.checkpoints import Checkpoints
from target_ecwid.run.order import rank_of
from target_ecwid.shop.entries import Done, Entry
from target_ecwid.shop.journal import Journal
from target_ecwid.stream_settings import problems

CONFIG = {"store_id": "1003", "hard_delete": False}


def planner(stream, config=None, **given):
    settings = {**CONFIG, **(config or {}), "streams": {stream: given}}
    return planner_of(job_of(settings, stream), settings)


def lookup(made, came):
    return made.naming.lookup(made.record(came, 1))


def change(stream, came, match=None, config=None, **given):
    """A record's change; whatever it is, it can be stored and read back."""
    made = planner(stream, config, **given)
    record = made.record(came, 1)
    found = made.change(record, made.naming.lookup(record), match)
    assert read_back(stored(found)) == found
    return found


def kind(found):
    match found:
        case Write():
            return found.kind
        case Unchanged():
            return Kind.UNCHANGED
        case Rejected():
            return Kind.REJECTED


@pytest.mark.parametrize(
    ("record", "want"),
    [
        ({"id": "5", "sku": "A"}, Lookup((5,), ("sku", "A"))),
        ({"sku": "A"}, Lookup(None, ("sku", "A"))),
        ({"sku": "", "externalReferenceId": "X"}, Lookup(None, ("externalReferenceId", "X"))),
        ({"name": "Tent"}, Lookup(None)),
    ],
)
def test_how_a_product_is_named(record, want):
    assert lookup(planner("products"), record) == want


def test_a_key_that_is_set_is_the_only_one():
    made = planner("products", key="externalReferenceId")
    assert lookup(made, {"id": 5, "sku": "A", "externalReferenceId": "X"}) == Lookup(
        None, ("externalReferenceId", "X")
    )


def test_a_child_is_named_within_its_parent():
    assert lookup(planner("product_variations"), {"productId": 5, "sku": "A"}) == Lookup(
        None, ("sku", "A"), (5,)
    )


def test_only_what_differs_is_sent():
    made = change(
        "products", {"id": 5, "name": "Tent", "price": 9}, Found((5,), {"name": "Tent", "price": 8})
    )
    assert made.kind is Kind.UPDATED
    assert made.call.operation == "updateProduct"
    assert made.call.path == {"productId": 5}
    assert made.call.body == {"price": 9}
    assert made.changed == ("price",)


def test_nothing_to_do():
    assert kind(change("products", {"id": 5, "name": "T"}, Found((5,), {"name": "T"}))) is (
        Kind.UNCHANGED
    )


def test_a_creation_leaves_nulls_out_and_is_not_repeatable():
    made = change("products", {"sku": "A", "name": "Tent", "price": 9, "weight": None})
    assert made.kind is Kind.CREATED
    assert made.call.body == {"sku": "A", "name": "Tent", "price": 9}
    assert not made.call.request().idempotent


def test_duplicates_are_rejected_by_name():
    made = change("products", {"sku": "A"}, Several("sku", "A", ((5,), (6,))))
    assert kind(made) is Kind.REJECTED
    assert "ids 5, 6 have it" in made.message


@pytest.mark.parametrize(
    ("stream", "hard", "there", "wanted", "body"),
    [
        ("products", False, {"enabled": True}, Kind.UPDATED, {"enabled": False}),
        ("products", False, {"enabled": False}, Kind.UNCHANGED, None),
        ("products", True, {"enabled": True}, Kind.DELETED, None),
        ("discount_coupons", False, {"status": "ACTIVE"}, Kind.UPDATED, {"status": "PAUSED"}),
        ("customers", False, {}, Kind.REJECTED, None),
        ("customers", True, {}, Kind.DELETED, None),
        ("abandoned_carts", True, {}, Kind.REJECTED, None),
    ],
)
def test_deletions(stream, hard, there, wanted, body):
    record = {"id": 5, "_sdc_deleted_at": "2025-01-01"}
    made = change(stream, record, Found((5,), there), {"hard_delete": hard})
    assert kind(made) is wanted
    assert (made.call.body if isinstance(made, Write) else None) == body


def test_variations_go_with_a_product_only_when_asked_for():
    record = {"id": 5, "combinations": [{"sku": "A"}]}
    there = Found((5,), {})
    assert kind(change("products", record, there)) is Kind.UNCHANGED
    made = change("products", record, there, query={"saveCombinations": True})
    assert made.call.body == {"combinations": [{"sku": "A"}]}
    assert made.call.query == {"saveCombinations": True}


def test_an_adjustment_is_not_repeatable():
    made = change("stock", {"productId": 5, "quantityDelta": -1}, action="adjustProductStock")
    assert made.call.path == {"productId": 5}
    assert not made.call.request().idempotent


def test_a_path_without_a_value_is_the_record_s_fault():
    made = change("stock", {"quantityDelta": -1}, action="adjustProductStock")
    assert kind(made) is Kind.REJECTED
    assert "streams.stock.path doesn't set it" in made.message


def sample(schema):
    """Some value that a schema takes."""
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next(k for k in kinds if k != "null")
    if schema.get("format") == "ecwid-datetime":
        return "2027-01-31 08:00:00 +0000"
    if kind == "object":
        return {name: sample(inner) for name, inner in schema.get("properties", {}).items()}
    if kind == "array":
        return [sample(schema.get("items", {}))]
    if kind == "boolean":
        return True
    return "1" if kind == "string" else max(1, schema.get("minimum", 1))


@pytest.mark.parametrize("operation", writing_operations().values(), ids=writing_operations())
def test_every_operation_that_writes_can_be_an_action(operation):
    config = {
        **CONFIG,
        "dangerous_operations": [operation.id],
        "streams": {"any": {"action": operation.id}},
    }
    assert list(problems(config)) == []
    job = job_of(config, "any")
    assert isinstance(job, CallJob)
    record = {name: sample(schema) for name, schema in operation.body_fields.items()}
    # An object isn't what it refers to.
    keys = (p for p in operation.parameters if p.required)
    record |= {p.name: sample({**p.schema, "minimum": 2}) for p in keys}
    record["url"] = "https://shop.example/a.png"
    made = change("any", record, None, config, action=operation.id)
    assert made.call.request().operation is operation
    assert made.call.request().target()


@pytest.mark.parametrize(
    "entity", [e for e in ENTITIES.values() if e.create or e.update], ids=lambda e: e.name
)
def test_every_entity_that_can_be_written_has_a_planner(entity):
    made = planner(entity.name)
    assert made.known_fields


def test_an_operation_without_named_fields_takes_any():
    config = {"dangerous_operations": ["purchaseDomain"]}
    assert planner("any", config, action="purchaseDomain").takes_any_field
    assert not planner("products").takes_any_field
    assert not planner("storage").takes_any_field


def test_state_leaves_when_all_before_it_is_done():
    points = Checkpoints()
    points.note(3, "a")
    points.note(5, "b")
    assert points.release(3) is None
    assert points.release(4) == (3, "a")
    assert points.release(None) == (5, "b")
    assert points.release(None) is None


def test_the_journal_remembers_over_a_crash(tmp_path):
    key, identity = uuid.uuid4(), identity_of("s", "call", {"a": 1})
    first = Journal(tmp_path / "journal.db", key_map())
    entry = Entry(
        operation="createProduct",
        group="products",
        path={},
        query={},
        body={"sku": "A"},
        sequence=1,
        entity="products",
        fields={"sku": "A"},
        answered=("id",),
    )
    first.begin(key, [entry], parallel=True)
    first.finish(
        uuid.uuid4(), (), [(identity, 2, Done(kind="done")), (identity, 3, Done(kind="done"))]
    )
    first.close(ended_well=False)
    second = Journal(tmp_path / "journal.db", key_map())
    assert second.resumes
    (batch,) = second.unfinished()
    assert (batch.key, batch.known, batch.entries) == (key, True, [entry])
    assert batch.entries[0].made({"id": 5}) == (5,)
    second.finish(key, [(entry, (5,))], ())
    assert list(second.made()) == [("products", (5,), {"sku": "A"})]
    # As often as it was done, and no more.
    assert [bool(second.recall(identity, n)) for n in range(3)] == [True, True, False]
    second.covered(1)
    second.close(ended_well=False)
    third = Journal(tmp_path / "journal.db", key_map())
    assert third.recall(identity, 1) is None
    third.close(ended_well=True)
    assert not Journal(tmp_path / "journal.db", key_map()).resumes


PARTS = [entity for entity in ENTITIES.values() if entity.embedded]
ABOUT_PARTS = [
    (name, part.name)
    for name, operation in writing_operations().items()
    for part in PARTS
    if {*part.key_parameters} <= {*operation.path_names}
]


@pytest.mark.parametrize(("operation", "part"), ABOUT_PARTS)
def test_a_call_about_a_part_comes_after_the_part(operation, part):
    call = job_of(
        {"streams": {"calls": {"action": operation}}, "dangerous_operations": [operation]}, "calls"
    )
    written = EntityJob(stream=part, entity=ENTITIES[part], action=Action.UPSERT)
    assert rank_of(call) > rank_of(written)
