# /// script
# requires-python = ">=3.11"
# dependencies = ["tap-rest-api-msdk==1.4.2", "setuptools<81"]
# ///
"""tap-rest-api-msdk, a tap for any REST API that is told by settings what to read.

It has no child streams; variations are taken from the product pages, which it reads once more for
them, and don't tell their product. It looks at the first page of every stream to learn its schema.
One of its dependencies needs ``pkg_resources``, which no package has it install.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from tap_rest_api_msdk.tap import TapRestApiMsdk

CONFIG = {
    "api_url": os.environ["SHOP_URL"],
    "auth_method": "bearer_token",
    "bearer_token": os.environ["SHOP_TOKEN"],
    "pagination_request_style": "simple_offset_paginator",
    "pagination_response_style": "offset",
    "pagination_initial_offset": 0,
    "pagination_page_size": 100,
    "offset_records_jsonpath": "$.items",
    "backoff_type": "header",
    "params": {"limit": 100},
    "streams": [
        {"name": name, "path": f"/{path}", "primary_keys": ["id"], "records_path": records}
        for name, path, records in (
            ("products", "products", "$.items[*]"),
            ("product_variations", "products", "$.items[*].combinations[*]"),
            ("orders", "orders", "$.items[*]"),
            ("customers", "customers", "$.items[*]"),
        )
    ],
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.json")
        config.write_text(json.dumps(CONFIG))
        sys.argv[1:] = ["--config", str(config)]
        TapRestApiMsdk.cli()


if __name__ == "__main__":
    main()
