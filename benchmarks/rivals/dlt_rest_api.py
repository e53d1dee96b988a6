# /// script
# requires-python = ">=3.11"
# dependencies = ["dlt==1.31.0"]
# ///
"""dlt's declarative rest_api source, as its documentation teaches it.

Only its extraction: dlt writes what it read to files, and doesn't normalise or load it. That is
what a tap does too.

* ``sequential``: as it is, one request after another.
* ``parallelized``: resources and the requests for variations in dlt's threads.
* ``nested``: parallelised, and variations are left where they are in their products, so that there
  is no request for each product.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING

# It would report to its makers.
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
# As many as tap-ecwid's; dlt's own number is 5.
os.environ["EXTRACT__WORKERS"] = "8"
# With dlt's own 5 it gives up at the request limit.
os.environ["RUNTIME__REQUEST_MAX_ATTEMPTS"] = "20"

import dlt
from dlt.sources.rest_api import rest_api_source

if TYPE_CHECKING:
    from dlt.sources.rest_api import RESTAPIConfig

STREAMS = ("products", "product_variations", "orders", "customers")


def config(mode: str) -> RESTAPIConfig:
    resources = [
        {"name": name, "endpoint": {"path": name, "data_selector": "items"}}
        for name in ("products", "orders", "customers")
    ]
    if mode != "nested":
        resources.append(
            {
                "name": "product_variations",
                "primary_key": ["_products_id", "id"],
                "include_from_parent": ["id"],
                "endpoint": {
                    "path": "products/{resources.products.id}/combinations",
                    "data_selector": "$",
                    "paginator": "single_page",
                },
            }
        )
    return {
        "client": {
            "base_url": os.environ["SHOP_URL"] + "/",
            "auth": {"type": "bearer", "token": os.environ["SHOP_TOKEN"]},
            "paginator": {"type": "offset", "limit": 100, "total_path": "total"},
        },
        "resource_defaults": {"primary_key": "id", "parallelized": mode != "sequential"},
        "resources": resources,
    }


def main() -> None:
    mode = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline("ecwid", pipelines_dir=folder, destination="dummy")
        found = pipeline.extract(rest_api_source(config(mode)))
        counts: dict[str, int] = {}
        for metrics in found.metrics.values():
            for step in metrics:
                for name, table in step["table_metrics"].items():
                    counts[name] = counts.get(name, 0) + table.items_count
    print(json.dumps({"type": "COUNTS", "records": {n: counts.get(n, 0) for n in STREAMS}}))


if __name__ == "__main__":
    main()
