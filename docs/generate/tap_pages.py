"""The page of the tap's settings."""

from __future__ import annotations

import copy
from typing import Final

from settings_page import settings_page
from tap_ecwid.settings import CONFIG_SCHEMA
from tap_ecwid.tap import TapEcwid

_ABOUT: Final = """\
Either `store_id` and `access_token` are required, or `stores`. How parameters, paths, pages and
fields are set stands in [Reading](../reading.md), how `login` and `check` work in
[Your own shop](../your-own-shop.md).
"""


def pages(command: str) -> dict[str, str]:
    """What this package says of itself: path below ``docs`` -> Markdown.

    Args:
        command: What renews the pages.
    """
    schema = copy.deepcopy(TapEcwid.config_jsonschema)
    TapEcwid.append_builtin_config(schema)
    page = settings_page(TapEcwid.name, schema, CONFIG_SCHEMA["properties"], command, about=_ABOUT)
    return {"settings/tap-ecwid.md": page}
