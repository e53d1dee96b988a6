"""What plans cost: showing one of many changes, as text, as JSON and as a page in Chromium.

uv run python benchmarks/plans.py [--case page] [--changes 50000]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__)
sys.path.append(str(HERE.parent.parent / "tests" / "support"))

from browser import find_chromium  # noqa: E402 - from the tests
from made_plans import plan_of, update  # noqa: E402 - as above
from target_ecwid.plan.plan_file import Count  # noqa: E402 - after the path

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


CASES = {"page": page}


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
