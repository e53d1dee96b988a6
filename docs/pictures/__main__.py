"""Takes the pictures of the dashboard that the docs show, from the page that the demo writes.

``uv run demo && uv run python docs/pictures`` renews them. It needs Chromium, as the tests do.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from browser import PHONE, Visit, chromium  # noqa: E402

PAGE = ROOT / "output" / "sandbox" / "dashboard.html"
IMAGES = ROOT / "docs" / "images"
DESKTOP = {"width": 1280, "height": 1150}
PICTURES = (
    ("dashboard", "Sales", "30 days", DESKTOP, "light"),
    ("dashboard-customers", "Customers", "30 days", DESKTOP, "light"),
    ("dashboard-any-days", "Marketing", "Any days", DESKTOP, "dark"),
    ("dashboard-products", "Products", "30 days", DESKTOP, "dark"),
    ("dashboard-orders", "Orders", "30 days", DESKTOP, "light"),
    ("dashboard-phone", "Marketing", "30 days", PHONE, "light"),
)
"""Name of the file, topic, period, size of the window, colour scheme."""


def main() -> None:
    """Take the pictures; their files replace the old ones."""
    if not PAGE.exists():
        sys.exit(f"There is no {PAGE.relative_to(ROOT)}: run 'uv run demo' first")
    with chromium() as browser:
        for name, topic, period, size, scheme in PICTURES:
            visit = Visit(browser, offline=True, viewport=size, color_scheme=scheme)
            visit.page.goto(PAGE.as_uri())
            visit.page.wait_for_selector("[data-ready]")
            visit.page.get_by_role("radio", name=period, exact=True).check()
            visit.page.get_by_role("radio", name=topic, exact=True).check()
            visit.page.wait_for_selector(".chart:visible .main-svg")
            visit.page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
            visit.context.close()
            sys.stdout.write(f"docs/images/{name}.png\n")


if __name__ == "__main__":
    main()
