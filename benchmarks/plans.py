"""What plans cost: to make, to show, to carry out and to take back.

uv run python benchmarks/plans.py [--case page] [--case prices] [--changes 50000]

page     a plan of many changes as text, as JSON and as a page in Chromium
prices   prices of all products of a shop by SKU: records without a change, a plan, the plan carried
         out, the same written at once, and what keeping the former values costs
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__)
sys.path.append(str(HERE.parent.parent / "tests" / "support"))

from sandbox import TOKEN, ask, serving  # noqa: E402 - as above

from browser import find_chromium  # noqa: E402 - from the tests
from made_plans import plan_of, update  # noqa: E402 - as above
from target_ecwid.plan.plan_file import Count  # noqa: E402 - after the path

if TYPE_CHECKING:
    from collections.abc import Iterable

BIN = Path(sys.executable).parent
OUTPUT = HERE.parent.parent / "output" / "benchmarks" / "plans"
MOST_SECONDS = 2.0
MOST_MEGABYTES = 150


def measured(*command: str) -> dict[str, float]:
    """What a command took."""
    report = OUTPUT / "measured.json"
    script = str(HERE.with_name("measured.py"))
    subprocess.run(
        [sys.executable, "-I", "-S", script, str(report), *command],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found: dict[str, float] = json.loads(report.read_text(encoding="utf-8"))
    if found["code"]:
        sys.exit(f"exit code {found['code']}: {' '.join(command)}")
    return found


def page(changes: int) -> None:
    """A plan of many changes: the command in each form, and the page in a browser."""
    path, html = OUTPUT / "plan.jsonl", OUTPUT / "plan.html"
    plan_of(
        path,
        *(
            update(
                {"price": n + 0.5, "name": f"A fine product of wool, number {n}"},
                {"price": n + 1.5, "name": f"A finer product of red wool, number {n}"},
                sequence=n,
                keys=(n,),
            )
            for n in range(1, changes + 1)
        ),
        streams={"products": Count(entity="products", updated=changes)},
        objects={"products": changes},
    )
    show = [str(BIN / "target-ecwid"), "plan", "show", str(path)]
    forms = {"text": [], "--json": ["--json"], "--html": ["--html", str(html)]}
    print(f"{changes:,} changes, a plan of {path.stat().st_size / 1e6:.1f} MB")
    print(f"{'plan show':<12}{'wall s':>8}{'peak MB':>9}")
    peak = 0.0
    for form, options in forms.items():
        found = measured(*show, *options)
        peak = max(peak, found["megabytes"])
        print(f"{form:<12}{found['seconds']:>8.2f}{found['megabytes']:>9.0f}")
    seconds = opened(html)
    print(f"the page has {html.stat().st_size / 1e6:.1f} MB and opens in {seconds:.2f} s")
    met = seconds <= MOST_SECONDS and peak <= MOST_MEGABYTES
    print(
        f"target: {MOST_SECONDS} s and {MOST_MEGABYTES} MB at the most: "
        f"{'met' if met else 'NOT MET'}"
    )


def opened(html: Path) -> float:
    """Seconds until the first changes can be seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright), chromium_sandbox=False
        )
        tab = browser.new_page()
        began = time.perf_counter()
        tab.goto(html.as_uri())
        tab.locator("article").first.wait_for()
        seconds = time.perf_counter() - began
        browser.close()
    return seconds


def prices(changes: int) -> None:
    """Prices of all products of a shop: planned, carried out, and written at once."""
    with serving(f"--size={changes}", "--now=2026-01-01") as (where, _):
        rows = products(where)
        same = written("same.jsonl", ({"sku": sku, "price": price} for sku, price in rows))

        def dearer(by: int) -> Path:
            return written(
                f"dearer-{by}.jsonl", ({"sku": sku, "price": price + by} for sku, price in rows)
            )

        plan = OUTPUT / "prices.jsonl"
        print(f"{len(rows):,} products\n{'':<34}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
        unchanged = run(where, "records without a change", same)
        planned = run(where, "a plan of all prices", dearer(1), plan=str(plan))
        run(where, "the plan carried out", None, "apply", str(plan))
        kept = run(where, "written, former values kept", dearer(2))
        not_kept = run(where, "written, none kept", dearer(3), undo_days=0)
    print(
        f"plan / unchanged: {planned['seconds'] / unchanged['seconds']:.2f} (to reach: 1.1); "
        f"kept / none kept: {kept['seconds'] / not_kept['seconds']:.2f} (to reach: 1.1)"
    )


def products(where: str) -> list[tuple[str, float]]:
    """The SKUs and prices of a shop."""
    connection = http.client.HTTPConnection(where)
    found: list[tuple[str, float]] = []
    while True:
        path = f"/products?limit=100&offset={len(found)}&responseFields=items(sku,price)"
        items = json.loads(ask(connection, "GET", path))["items"]
        if not items:
            return found
        found += [(item["sku"], item["price"]) for item in items]


def written(name: str, rows: Iterable[dict[str, Any]]) -> Path:
    """A file of messages."""
    path = OUTPUT / name
    types = {"sku": {"type": "string"}, "price": {"type": "number"}}
    schema = {"type": "SCHEMA", "stream": "products", "key_properties": ["sku"]}
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({**schema, "schema": {"properties": types}}) + "\n")
        for row in rows:
            file.write(json.dumps({"type": "RECORD", "stream": "products", "record": row}) + "\n")
    return path


def run(
    where: str,
    name: str,
    messages: Path | None,
    *words: str,
    **settings: Any,  # noqa: ANN401 - any setting
) -> dict[str, float]:
    """Run the target and print what it took."""
    config = OUTPUT / "config.json"
    base = {
        "api_url": f"http://{where}/api/v3",
        "store_id": 1003,
        "access_token": TOKEN,
        "requests_per_minute": 1_000_000,
        "work_dir": str(OUTPUT / "work"),
    }
    config.write_text(json.dumps({**base, **settings}), encoding="utf-8")
    command = [str(BIN / "target-ecwid"), *words, "--config", str(config)]
    if messages is not None:
        command += ["--input", str(messages)]
    found = measured(*command)
    print(f"{name:<34}{found['seconds']:>8.1f}{found['cpu']:>8.1f}{found['megabytes']:>9.0f}")
    return found


CASES = {"page": page, "prices": prices}


def main() -> None:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", choices=CASES, action="append")
    parser.add_argument("--changes", type=int, default=50_000)
    given = parser.parse_args()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name in given.case or CASES:
        CASES[name](given.changes)


if __name__ == "__main__":
    main()
