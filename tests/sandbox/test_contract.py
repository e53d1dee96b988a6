"""The sandbox keeps to the API description: operations, parameters, routes."""

from __future__ import annotations

import re

import pytest

from described import keys_of, required_query
from ecwid_api.description import operation, operations
from ecwid_sandbox.server.operations import Call, handled, handler_of
from ecwid_sandbox.server.requests.parameters import Parameters
from ecwid_sandbox.server.requests.routing import router


def shape(described):
    return re.sub(r"\{.*?\}", "{}", described.path), described.method


def test_every_operation_is_found_under_its_path():
    for described in operations():
        # Numbers serve as text too; the names of histories are the ones that there are.
        path = "/".join(
            ("orders" if part == "{entity}" else "7") if part.startswith("{") else part
            for part in described.path.split("/")
        )
        if described.group == "static_pages":
            continue
        found, _ = router().find(described.method, path)
        # Two operations differ in the name of a placeholder only (a gallery's image and video).
        assert shape(found) == shape(described)


def test_what_is_handled_is_described():
    known = {
        operation.id for routes in router().routes() for operation in routes.operations.values()
    }
    # Batches are kept beside the shop.
    batches = {"createBatch", "getBatchStatus", "cancelBatchGroup"}
    assert handled() | batches == known


def test_other_ways_lead_to_the_same_operation():
    for method, path, operation_id, values in (
        ("POST", "/profile/logo", "uploadStoreLogoImage", {"logo": "logo"}),
        ("GET", "/products/filters", "getProductFilters", {}),
        (
            "POST",
            "/orders/A/extraFields/B",
            "addOrderExtraField",
            {"orderId": "A", "extraFieldId": "B"},
        ),
    ):
        found, named = router().find(method, path)
        assert (found.id, found.method, named) == (operation_id, method, values)


class Watched(dict):
    """A query that notes what is asked of it."""

    def __init__(self, required):
        super().__init__(required)
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


READS = sorted(name for name in handled() if operation(name).method == "GET")


@pytest.mark.parametrize("operation_id", READS)
def test_only_described_parameters_are_read(shop, operation_id):
    found = operation(operation_id)
    mine = shop.sandbox.shop
    query = Watched(required_query(found))
    call = Call(found, keys_of(found, mine), Parameters(query), b"", mine)
    handler_of(operation_id).handler(call)
    assert query.names <= found.query_names
