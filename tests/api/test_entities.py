"""The catalogue says only what the description knows: fields, parameters, operations."""

from __future__ import annotations

import graphlib
import re

import pytest

from ecwid_api import description
from ecwid_api.entities import (
    CALLS_REFER,
    DANGEROUS,
    DELETIONS_GROUP,
    DELETIONS_OPERATION,
    ENTITIES,
    LEFT_OUT,
    STATS_GROUP,
    STATS_ON_REQUEST,
    STATS_OPERATION,
    children_of,
)

ALL = pytest.mark.parametrize("entity", ENTITIES.values(), ids=ENTITIES.keys())


def fields_of(entity):
    return description.entity_schema(entity.schema, entity.group)["properties"]


@ALL
def test_operations_are_the_description_s_and_of_the_right_kind(entity):
    kinds = {"create": "POST", "update": "PUT", "delete": "DELETE", "read": "GET"}
    for role, method in kinds.items():
        operation_id = getattr(entity, role)
        if operation_id is not None:
            operation = description.operation(operation_id, entity.group)
            assert operation.method == method
    if entity.read:
        read = description.operation(entity.read, entity.group)
        assert read.entity == entity.schema
        assert read.answer in {"page", "list", "object"}
        assert set(entity.query) <= read.query_names
    assert (entity.read is None) == (entity.embedded is not None)
    for operation_id in entity.by_path:
        operation = description.operation(operation_id, entity.group)
        assert operation.method == "GET"
        assert operation.entity == entity.schema


def test_every_operation_that_reads_is_a_stream_s_or_left_out_for_a_reason():
    used = [o for e in ENTITIES.values() for o in (e.read, *e.by_path) if o is not None]
    reading = [o.id for o in description.operations() if o.method == "GET"]
    assert sorted([*used, *LEFT_OUT]) == sorted(reading)
    assert all(len(reason) > 10 for reason in LEFT_OUT.values())


@ALL
def test_a_request_for_each_value_asks_with_a_parameter_that_exists(entity):
    each = entity.per_value
    if each is None:
        return
    read = description.operation(entity.read, entity.group)
    (parameter,) = (p for p in read.parameters if p.name == each.parameter)
    assert parameter.required
    assert each.key in entity.keys
    if each.parent is None:
        assert parameter.schema["enum"]
    else:
        assert each.field in fields_of(ENTITIES[each.parent])
        assert list(ENTITIES).index(each.parent) < list(ENTITIES).index(entity.name)


@ALL
def test_keys_are_fields_of_the_record(entity):
    added = set(entity.added) | set(entity.embedded.keys if entity.embedded else ())
    added |= {entity.per_value.key} if entity.per_value else set()
    added |= {"storeId"} if entity.of_store else set()
    assert set(entity.keys) <= set(fields_of(entity)) | added
    assert set(entity.filled) <= set(entity.keys)
    assert set(entity.natural_keys) <= set(fields_of(entity))


@ALL
def test_added_fields_stand_where_the_catalogue_says(entity):
    for place in entity.added.values():
        schema = description.entity_schema(entity.schema, entity.group)
        for part in place.split("."):
            schema = schema["properties"][part]


@ALL
def test_changes_are_asked_for_with_parameters_that_exist(entity):
    if entity.updates is None:
        return
    read = description.operation(entity.read, entity.group)
    assert {entity.updates.since, entity.updates.until, *entity.updates.order} <= read.query_names
    assert fields_of(entity)[entity.updates.field]["format"] in {"ecwid-datetime", "unix-millis"}
    for name, value in entity.updates.order.items():
        (parameter,) = (p for p in read.parameters if p.name == name)
        assert value in parameter.schema["enum"]


@ALL
def test_deletions_are_told_by_the_history(entity):
    if entity.deletions is None:
        return
    operation = description.operation(DELETIONS_OPERATION, DELETIONS_GROUP)
    (path,) = (p for p in operation.parameters if p.location == "path")
    assert entity.deletions.path in path.schema["enum"]
    item = description.entity_schema("deleted_item", DELETIONS_GROUP)["properties"]
    assert set(entity.deletions.keys.values()) <= set(item)
    assert set(entity.keys) <= set(entity.deletions.keys)


@ALL
def test_a_child_stands_in_its_parent_s_payload(entity):
    if entity.embedded is None:
        return
    parent = ENTITIES[entity.embedded.parent]
    assert entity in children_of(parent.name)
    field = {"properties": fields_of(parent)}
    for part in entity.embedded.field.split("."):
        field = field["properties"][part]
    assert field["type"] == "array"
    assert description.expand(field["items"], parent.group) == description.entity_schema(
        entity.schema, entity.group
    )
    assert set(entity.embedded.keys.values()) <= set(fields_of(parent))
    assert list(ENTITIES).index(parent.name) < list(ENTITIES).index(entity.name)


@ALL
def test_references_point_to_entities_of_the_catalogue(entity):
    for name, other in entity.refers.items():
        assert other in ENTITIES
        assert name in entity.keys or name in paths_of(entity), name


def test_references_can_be_written_one_after_the_other():
    # Entity -> those that have to be there before; what is deferred comes afterwards.
    before = {
        name: {o for path, o in e.refers.items() if path.split(".")[0] not in e.deferred} - {name}
        for name, e in ENTITIES.items()
    }
    graphlib.TopologicalSorter(before).prepare()


@ALL
def test_what_is_written_later_is_a_reference(entity):
    assert set(entity.deferred) <= {path.split(".")[0] for path in entity.refers}


def paths_of(entity):
    """Path of a field, at any depth -> its schema."""
    return paths_in(fields_of(entity))


def paths_in(fields):
    """Path of a field, at any depth -> its schema."""

    def walk(schema, path):
        for name, field in (schema.get("properties") or {}).items():
            # Nothing inside can be written either.
            read_only = schema.get("readOnly") or field.get("readOnly")
            yield (*path, name), field | {"readOnly": read_only}
            inner = field.get("items", field) | {"readOnly": read_only}
            yield from walk(inner, (*path, name))

    return {".".join(path): field for path, field in walk({"properties": fields}, ())}


LIKE_A_KEY = re.compile(
    r"(Ids?|ID|Products|Categories|Groups)$|(^|[.])(id|ids|products|categories)$"
)
OWN_KEYS = {
    # What stands inside an object has keys of its own, which nothing else refers to.
    "products": {
        "attributes.id", "combinations.id", "combinations.attributes.id", "files.id",
        "media.images.id", "media.videos.id", "media.videos.videoCoverId",
        "options.choices.imageId",
    },
    "product_variations": {"attributes.id"},
    "product_types": {"attributes.id"},
    "customers": {"shippingAddresses.id", "contacts.id"},
    "orders": {
        "customSurcharges.id", "items.id", "items.attributes.id", "items.files.id",
        "items.selectedOptions.files.id", "items.files.productFileId",
        "items.selectedOptions.files.productFileId", "orderExtraFields.id",
        "shippingOption.discount.id", "loyalty.redemption.id", "storeCredit.redemption.id",
        "discountInfo.discountInfo.id", "items.discounts.discountInfo.id",
    },
    "order_extra_fields": {"id"},
    "shipping_options": {"id", "carrierMethods.id", "destinationZone.id"},
    "store_profile": {
        "generalInfo.storeId", "generalInfo.profileId", "shipping.shippingOptions.id",
        "shipping.shippingOptions.destinationZone.id", "shipping.shippingOptions.carrierMethods.id",
        "taxes.id", "taxes.rules.zoneId", "taxSettings.taxes.id", "taxSettings.taxes.rules.zoneId",
        "zones.id", "zones.taxes.id", "zones.taxes.rules.zoneId",
    },
}  # fmt: skip
NO_ENTITY = re.compile(
    # Of other systems, or of people's own.
    r"(external\w*|affiliate|referer|ebay|membership|taxId|TaxId|businessRegistration|appClient"
    r"|paymentProcessor|Pixel|Tag|Analytics|googleEvent|referenceTransaction|location"
    # Of what Ecwid's API doesn't list: taxes, gift cards, subscriptions' own.
    r"|sourceTaxRate|recurringTax|giftCard|subscription|appliesToShippingMethod)\w*$"
)


def without_references(fields, refers, own):
    """Paths of fields that look like keys, and are no references."""
    left = {
        path
        for path, schema in paths_in(fields).items()
        if not schema["readOnly"]
        and LIKE_A_KEY.search(path)
        and {schema.get("type"), (schema.get("items") or {}).get("type")}
        & {"integer", "string", "number"}
    }
    return [path for path in left - {*refers, *own} if not NO_ENTITY.search(path)]


@ALL
def test_no_reference_is_missing(entity):
    """Each writable field that looks like a key is a reference, or is known to be none."""
    known = entity.operations
    written = frozenset().union(
        *(o.writable_fields for o in (known.create, known.update) if o is not None)
    )
    fields = {name: field for name, field in fields_of(entity).items() if name in written}
    assert without_references(fields, entity.refers, OWN_KEYS.get(entity.name, ())) == []


CALLS = [
    operation
    for operation in description.operations()
    if operation.method != "GET"
    and operation.group != "batch"
    and operation.id not in {name for e in ENTITIES.values() for name in (e.create, e.update)}
]


@pytest.mark.parametrize("operation", CALLS, ids=lambda operation: operation.id)
def test_no_reference_of_a_call_is_missing(operation):
    refers = CALLS_REFER.get(operation.id, {})
    paths = paths_in(operation.body_fields)
    assert {*refers.values()} <= ENTITIES.keys()
    if refers is not ENTITIES["orders"].refers and operation.id != "calculateOrderDetails":
        assert refers.keys() <= {*paths, *operation.path_names}
    assert without_references(operation.body_fields, refers, OWN_KEYS["orders"]) == []


@ALL
def test_the_latest_stats_field_exists(entity):
    stats = description.entity_schema("latest_stats", STATS_GROUP)["properties"]
    assert set(entity.latest_stats) <= set(stats)
    assert set(STATS_ON_REQUEST) <= set(stats)
    names = description.operation(STATS_OPERATION, STATS_GROUP).query_names
    assert set(STATS_ON_REQUEST.values()) <= names


@ALL
def test_what_writing_needs_is_the_description_s(entity):
    fields = fields_of(entity)
    assert set(entity.searches) <= set(entity.natural_keys)
    if entity.read:
        names = description.operation(entity.read, entity.group).query_names
        for search in entity.searches.values():
            assert {search.parameter, *search.fixed} <= names
        assert entity.ids_parameter is None or entity.ids_parameter in names
    for name, value in entity.disabling.items():
        kinds = {"boolean": bool, "string": str}
        assert isinstance(value, kinds[fields[name]["type"]])
        assert entity.update
    for name, parameter in entity.only_with.items():
        assert name in fields
        for operation_id in (entity.create, entity.update):
            assert parameter in description.operation(operation_id, entity.group).query_names
    assert entity.content is None or entity.content in fields


@ALL
def test_keys_fill_the_paths_of_writes(entity):
    for operation_id, places in (
        (entity.create, (len(entity.keys) - 1, len(entity.keys))),
        (entity.update, (0, len(entity.keys))),
        (entity.delete, (len(entity.keys),)),
    ):
        if operation_id is not None:
            operation = description.operation(operation_id, entity.group)
            count = sum(p.location == "path" for p in operation.parameters)
            assert count in places


def test_operations_with_a_word_on_them_exist():
    known = {operation.id for operation in description.operations()}
    assert set(DANGEROUS) <= known
