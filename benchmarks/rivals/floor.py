# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx2==2.16.2", "msgspec==0.22.0"]
# ///
"""What can't be saved: fetch a page, decode it, encode each record. Nothing else is done.

Its arguments are paths below the shop's address.
"""

from __future__ import annotations

import os
import sys

import httpx2
import msgspec


def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['SHOP_TOKEN']}"}
    encoder = msgspec.json.Encoder()
    with httpx2.Client(base_url=os.environ["SHOP_URL"] + "/", headers=headers) as client:
        for path in sys.argv[1:]:
            offset, total = 0, 1
            while offset < total:
                content = client.get(path, params={"limit": 100, "offset": offset}).content
                page = msgspec.json.decode(content)
                lines = bytearray()
                line = {"type": "RECORD", "stream": path, "record": None}
                for row in page["items"]:
                    line["record"] = row
                    encoder.encode_into(line, lines, -1)
                    lines += b"\n"
                sys.stdout.buffer.write(lines)
                offset, total = offset + 100, page["total"]


if __name__ == "__main__":
    main()
