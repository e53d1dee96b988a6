"""What a clone and a backup cost: requests, memory and time, for a shop of any size.

    uv run python benchmarks/copying.py --products 2000

The sandbox sets no limit here. Ecwid allows 600 requests a minute: requests say how long it takes.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ecwid_sandbox.testing import running_sandbox

if TYPE_CHECKING:
    from ecwid_sandbox.testing import RunningSandbox

BIN = Path(sys.executable).parent


def run(folder: str, shops: dict[str, RunningSandbox], command: str, *arguments: str) -> float:
    """Run a command; the seconds that it took."""
    variables = {
        f"ECWID_{name}_{what}": str(value)
        for name, shop in shops.items()
        for what, value in (
            ("STORE_ID", shop.store_id),
            ("ACCESS_TOKEN", shop.token),
            ("API_URL", shop.url),
        )
    }
    began = time.monotonic()
    subprocess.run(
        [str(BIN / command), *arguments],
        env={**os.environ, **variables},
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.monotonic() - began


def requests(shop: RunningSandbox) -> tuple[int, int]:
    """How many requests a shop had, and how many of them wrote; they are forgotten."""
    counted = [r for r in shop.requests if r.path != "/batch"]
    shop.reset_requests()
    return len(counted), sum(r.method != "GET" for r in counted)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=500)
    parser.add_argument("--only", default="categories,products,product_images,product_types")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(size=str(given.products)) as live,
        running_sandbox(size="empty", store_id=2003) as staging,
    ):
        shops = {"LIVE": live, "STAGING": staging}
        clone = ("ecwid-clone", "--from", "live", "--to", "staging", "--yes", "--only", given.only)
        pictures = sum(len(p.get("media", {}).get("images", ())) for p in live.shop.all("product"))
        print(f"{given.products} products, {pictures} pictures")
        for name, command in (
            ("clone", clone),
            ("clone again", (*clone, "--no-report")),
            ("backup", ("ecwid-backup", "place", "--from", "live")),
            ("backup again", ("ecwid-backup", "place", "--from", "live")),
        ):
            live.reset_requests()
            staging.reset_requests()
            seconds = run(folder, shops, *command)
            source, copy = requests(live), requests(staging)
            memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
            print(
                f"{name:13} {seconds:7.1f} s, requests: source {source[0]}, copy {copy[0]} "
                f"({copy[1]} writes), largest process so far {memory} MB"
            )


if __name__ == "__main__":
    main()
