"""Loaders of others load all default streams, twice, with deletions and nested fields.

A quarter of an hour with ``-m soak``, most of it to install them.
"""

from __future__ import annotations

import json

import pytest

from copy_of_shop import CHILDREN, MODELLED, CopyOfShop
from ecwid_sandbox.testing import running_sandbox
from loaders import LOADERS
from tap_run import run_tap, settings_of

DELETED = {"products", "orders", "customers", "discount_coupons", "product_reviews"}
"""Streams with records of deletions."""
NESTED = {"orders": "items", "products": "combinations", "customers": "contacts"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs, with deletions in between: their output, and what a warehouse has then."""
    folder, copy, outputs = tmp_path_factory.mktemp("tap"), CopyOfShop(), []
    with running_sandbox(size="tiny") as sandbox:
        for _ in range(2):
            run = run_tap(folder, settings_of(sandbox), state=copy.state)
            assert run.code == 0, run.log
            copy.load(run.messages)
            outputs.append(run.output)
            sandbox.clock.advance(3600)
            sandbox.activity(20)
            for kind in ("product", "customer", "order", "review", "coupon"):
                sandbox.shop.delete(kind, sandbox.shop.keys(kind)[0])
    return outputs, copy


def newest(stream, rows):
    """The newest row of each key that isn't deleted, names in lower case."""
    found = {}
    for given in rows:
        row = {name.lower(): value for name, value in given.items()}
        key = tuple(str(row[name.lower()]) for name in MODELLED[stream])
        found[key] = row
    # In CSV, nothing is an empty text.
    return {key: row for key, row in found.items() if not row.get("_sdc_deleted_at")}


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("kind", LOADERS, ids=lambda kind: kind.__name__)
def test_a_loader_has_what_the_shop_has(kind, runs, tmp_path):
    outputs, copy = runs
    with kind(tmp_path).running() as loader:
        for output in outputs:
            code, log = loader.load(output)
            assert code == 0, log[-3000:]
        for stream in MODELLED:
            rows = newest(stream, loader.rows(stream))
            keys = {tuple(map(str, key)) for key in copy.rows(stream)}
            assert keys <= rows.keys(), stream
            full = loader.activates and not loader.appends and stream not in CHILDREN
            if stream in DELETED or full:
                assert rows.keys() == keys, stream
        for stream, field in NESTED.items():
            lists = [row.get(field) for row in newest(stream, loader.rows(stream)).values()]
            texts = [v for v in lists if isinstance(v, str)]
            assert any(lists), stream
            assert not loader.nests_as_json or all(map(json.loads, texts)), stream
