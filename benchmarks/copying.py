"""What a clone and a backup cost: requests, memory and time, for a shop of any size.

    uv run python benchmarks/copying.py --products 20000 --without-backup

The sandbox sets no limit here, so the seconds are the machine's. Ecwid allows 600 requests a minute
and store: the requests, batches and questions about them included, say how long a clone takes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ecwid_sandbox.testing import running_sandbox

if TYPE_CHECKING:
    from ecwid_sandbox.testing import RunningSandbox

BIN = Path(sys.executable).parent
KINDS = ("category", "product", "product_type")
PARTS = ("tap_ecwid", "target_ecwid")


class Memory:
    """Watches a command and the processes that it starts.

    Attributes:
        largest: Part -> most megabytes that a process of it had.
        together: Most megabytes that all had at one moment; pages that they share count once.
    """

    def __init__(self, process: int) -> None:
        self.largest: dict[str, int] = {}
        self.together = 0
        self._process = process

    def watch(self) -> None:
        """Look once a second, until the command ends."""
        while Path(f"/proc/{self._process}/smaps_rollup").exists():
            total = 0
            for process in (self._process, *self._children()):
                try:
                    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
                    words = Path(f"/proc/{process}/cmdline").read_text().split("\0")
                except OSError:
                    continue  # It has ended meanwhile.
                sizes = {line.split()[0]: line.split()[1] for line in rollup.splitlines()[1:]}
                name = next((part for part in PARTS if part in words), "command")
                resident = int(sizes.get("Rss:", 0)) // 1024
                self.largest[name] = max(self.largest.get(name, 0), resident)
                total += int(sizes.get("Pss:", 0)) // 1024
            self.together = max(self.together, total)
            time.sleep(1)

    def _children(self) -> list[str]:
        try:
            tasks = Path(f"/proc/{self._process}/task").glob("*/children")
            return [child for path in tasks for child in path.read_text().split()]
        except OSError:
            return []


def run(
    folder: str, shops: dict[str, RunningSandbox], command: str, *arguments: str
) -> tuple[float, Memory]:
    """Run a command: the seconds and the memory that it took."""
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
    with subprocess.Popen(
        [str(BIN / command), *arguments],
        env={**os.environ, **variables},
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=Path(folder, "log").open("wb"),
    ) as process:
        memory = Memory(process.pid)
        watching = threading.Thread(target=memory.watch)
        watching.start()
        code = process.wait()
        watching.join()
    if code:
        sys.exit(Path(folder, "log").read_text())
    return time.monotonic() - began, memory


def written(shop: RunningSandbox) -> int:
    """How many requests it needs at least to make a shop: one for each object and picture."""
    pictures = sum(len(p.get("media", {}).get("images", ())) for p in shop.shop.all("product"))
    hung = sum(bool(c.get("originalImageUrl")) for c in shop.shop.all("category"))
    return sum(map(shop.shop.count, KINDS)) + pictures + hung


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=500)
    parser.add_argument("--only", default="categories,products,product_images,product_types")
    parser.add_argument("--without-backup", action="store_true")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_sandbox(size=str(given.products)) as live,
        running_sandbox(size="empty", store_id=2003) as staging,
    ):
        shops = {"LIVE": live, "STAGING": staging}
        clone = ("ecwid-clone", "--from", "live", "--to", "staging", "--yes", "--only", given.only)
        backup = ("ecwid-backup", "place", "--from", "live")
        commands = [("clone", clone), ("clone again", (*clone, "--no-report"))]
        if not given.without_backup:
            commands += [("backup", backup), ("backup again", backup)]
        print(f"{given.products} products: {written(live)} objects and pictures", flush=True)
        for name, command in commands:
            live.reset_requests()
            staging.reset_requests()
            seconds, memory = run(folder, shops, *command)
            copy = staging.requests
            writes = sum(r.method != "GET" and r.path != "/batch" for r in copy)
            print(
                f"{name}: {seconds:.0f} s; requests: source {len(live.requests)}, copy {len(copy)} "
                f"({writes} writes); MB: "
                f"{', '.join(f'{name} {size}' for name, size in memory.largest.items())}; "
                f"all at once {memory.together}",
                flush=True,
            )


if __name__ == "__main__":
    main()
