"""The sandbox keeps to the API description: operations, parameters, routes."""

from __future__ import annotations

import re

import pytest

from ecwid_api.description import operation, operations
from ecwid_sandbox.operations import Call, handled, handler_of
from ecwid_sandbox.parameters import Parameters
from ecwid_sandbox.routing import router


def shape(described):
    return re.sub(r"\{.*?\}", "{}", described.path), described.method


def test_every_operation_is_found_under_its_path():
    for described in operations():
        if described.group == "static_pages":
            continue
        # Numbers serve as text too; the names of histories are the ones that there are.
        path = "/".join(
            ("orders" if part == "{entity}" else "7") if part.startswith("{") else part
            for part in described.path.split("/")
        )
        found, _ = router().find(described.method, path)
        # Two operations differ in the name of a placeholder only (a gallery's image and video).
        assert shape(found) == shape(described)


def test_what_is_handled_is_described():
    known = {
        operation.id for routes in router().routes() for operation in routes.operations.values()
    }
    assert handled() <= known
    assert len(handled()) >= 45


class Watched(dict):
    """A query that notes what is asked of it."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def get(self, name, default=None):
        self.names.add(name)
        return default


READS = sorted(name for name in handled() if operation(name).method == "GET")


@pytest.mark.parametrize("operation_id", READS)
def test_only_described_parameters_are_read(shop, operation_id):
    found = operation(operation_id)
    mine = shop.sandbox.shop
    product = next(p for p in mine.all("product") if p.get("combinations"))
    path = {
        "productId": product["id"],
        "combinationId": product["combinations"][0]["id"],
        "categoryId": mine.keys("category")[0],
        "customerId": mine.keys("customer")[0],
        "groupId": mine.keys("customer_group")[0],
        "orderId": mine.keys("order")[0],
        "discountCouponId": mine.keys("coupon")[0],
        "cartId": mine.keys("abandoned_cart")[0],
        "reviewId": mine.keys("review")[0],
        "entity": "orders",
    }
    query = Watched()
    call = Call(found, {k: str(v) for k, v in path.items()}, Parameters(query), b"", mine)
    handler_of(operation_id).handler(call)
    assert query.names <= found.query_names
