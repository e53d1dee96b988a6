# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx2==2.16.2"]
# ///
"""Given requests, one after the other: what all streams take without asking for anything at once.

Its argument is a file with a path and query below the shop's address a line.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import httpx2


def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['SHOP_TOKEN']}"}
    with httpx2.Client(base_url=os.environ["SHOP_URL"] + "/", headers=headers) as client:
        for line in Path(sys.argv[1]).read_text().splitlines():
            client.get(line).raise_for_status()


if __name__ == "__main__":
    main()
