"""Writes the pages that are made from code: streams, settings, write actions.

uv run python docs/generate.py
"""  # noqa: INP001 - a command beside the pages, no package

from __future__ import annotations

from pathlib import Path
from typing import Final

import ecwid_api.reference
import tap_ecwid.reference
import target_ecwid.reference

COMMAND: Final = "uv run python docs/generate.py"
_DOCS: Final = Path(__file__).parent


def pages() -> dict[str, str]:
    """Path below ``docs`` -> what has to stand there."""
    return {
        **ecwid_api.reference.pages(COMMAND),
        **tap_ecwid.reference.pages(COMMAND),
        **target_ecwid.reference.pages(COMMAND),
    }


if __name__ == "__main__":
    for path, text in pages().items():
        (_DOCS / path).write_text(text, encoding="utf-8")
