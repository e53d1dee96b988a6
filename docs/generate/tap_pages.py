"""The page of the tap's settings."""

from __future__ import annotations

from typing import Final

from settings_page import settings_page
from tap_ecwid.tap import TapEcwid

_ABOUT: Final = """\
Set either `store_id` and `access_token`, or `stores`. For parameters, paths, pages and fields, see
[Reading](../reading.md); for `login` and `check`, see [Your own shop](../your-own-shop.md).
"""


def pages(command: str) -> dict[str, str]:
    """What this package says of itself: path below ``docs`` -> Markdown.

    Args:
        command: What renews the pages.
    """
    return settings_page(TapEcwid, command, about=_ABOUT, own="Reading")
