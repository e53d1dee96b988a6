"""Writes the pages that are generated from code: streams, settings, write actions.

uv run python docs/generate
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sheet_pages
import streams_page
import tap_pages
import target_pages
import webhooks_pages

COMMAND: Final = "uv run python docs/generate"
_DOCS: Final = Path(__file__).parents[1]


def pages() -> dict[str, str]:
    """Path below ``docs`` -> the page's text."""
    return {
        **sheet_pages.pages(COMMAND),
        **streams_page.pages(COMMAND),
        **tap_pages.pages(COMMAND),
        **target_pages.pages(COMMAND),
        **webhooks_pages.pages(COMMAND),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        (_DOCS / path).write_text(text, encoding="utf-8")
