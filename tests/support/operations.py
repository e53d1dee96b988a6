"""Operations made by hand, for tests that need no description."""

from __future__ import annotations

from ecwid_api.description import Operation, Parameter


def make_operation(method="GET", path="/products", **changes):
    fields = {
        "id": "searchProducts",
        "group": "products",
        "method": method,
        "path": path,
        "scopes": ("read_catalog",),
        "scopes_known": True,
        "parameters": (
            Parameter(name="limit", location="query", required=False, schema={}, description=""),
        ),
        "answer": "page",
        "items_key": "items",
        "entity": "product",
        "body": None,
        "body_content_type": None,
        "summary": "",
    }
    return Operation(**(fields | changes))
