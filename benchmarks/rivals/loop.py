# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx2==2.16.2"]
# ///
"""A plain loop, one page after another: what one writes in ten minutes, without any framework.

Its arguments are paths below the shop's address; variations are taken from their products.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {"reviews": "product_reviews", "carts": "abandoned_carts", "profile": "store_profile"}


def pages(client: httpx2.Client, path: str) -> Iterator[list[dict[str, Any]]]:
    path, _, query = path.partition("?")
    offset, total = 0, 1
    while offset < total:
        params = {**dict(parse_qsl(query)), "limit": 100, "offset": offset}
        response = client.get(path, params=params)
        response.raise_for_status()
        page = response.json()
        if "items" not in page:
            yield [page]
            return
        yield page["items"]
        offset, total = offset + 100, page["total"]


def write(stream: str, record: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"type": "RECORD", "stream": stream, "record": record}) + "\n")


def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['SHOP_TOKEN']}"}
    with httpx2.Client(base_url=os.environ["SHOP_URL"] + "/", headers=headers) as client:
        for path in sys.argv[1:]:
            name = path.partition("?")[0]
            for rows in pages(client, path):
                for row in rows:
                    write(NAMES.get(name, name), row)
                    if name == "products":
                        for variation in row.get("combinations", ()):
                            variation["productId"] = row["id"]
                            write("product_variations", variation)


if __name__ == "__main__":
    main()
