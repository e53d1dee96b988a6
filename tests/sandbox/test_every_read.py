"""Every reading operation of the description is answered, and as the description says."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest

from described import answer_of, keys_of, mistakes, required_query
from ecwid_api.description import operation, operations

# Static pages are on another host at Ecwid's.
READS = [o.id for o in operations() if o.method == "GET" and o.group != "static_pages"]
ELSEWHERE = {"getBatchStatus"}


@pytest.fixture(scope="module")
def values(shop):
    return {o.id: keys_of(o, shop.sandbox.shop) for o in operations() if o.method == "GET"}


def ask(shop, values, found, **query):
    path = re.sub(r"{(.+?)}", lambda m: quote_plus(values[found.id][m[1]]), found.path)
    query = {**required_query(found), **query}
    return shop.send("GET", path, params=query)


@pytest.mark.parametrize("operation_id", [name for name in READS if name not in ELSEWHERE])
def test_it_is_answered_as_described(shop, values, operation_id):
    found = operation(operation_id)
    response = ask(shop, values, found)
    assert response.status_code == 200, response.text
    content_type, schema = answer_of(found)
    assert response.headers["content-type"].split(";")[0] == content_type
    assert response.content
    if found.answer == "binary":
        return
    body = response.json()
    assert mistakes(body, schema) == []
    items = body if found.items_key is None else body[found.items_key]
    if found.answer in {"list", "page"}:
        assert items
    if "responseFields" not in found.query_names:
        return
    names = list(items[0] if found.items_key is None and isinstance(items, list) else body)
    chosen = ask(shop, values, found, responseFields=names[0]).json()
    for entry in chosen if isinstance(chosen, list) else [chosen]:
        assert entry.keys() <= {names[0]}
    assert chosen
