"""The page of the tap's settings."""

from __future__ import annotations

import copy
from typing import Final

from settings_page import settings_page
from tap_ecwid.settings import CONFIG_SCHEMA
from tap_ecwid.tap import TapEcwid

_ABOUT: Final = """\
Set `store_id` and `access_token`, or `stores`. For examples of parameters, paths, pages and fields,
see [Reading](../reading.md). For `login` and `check`, see [Your own shop](../your-own-shop.md).
"""


def pages(command: str) -> dict[str, str]:
    """Path below ``docs`` -> the page in Markdown.

    Args:
        command: The command that generates the pages.
    """
    schema = copy.deepcopy(TapEcwid.config_jsonschema)
    TapEcwid.append_builtin_config(schema)
    page = settings_page(TapEcwid.name, schema, CONFIG_SCHEMA["properties"], command, about=_ABOUT)
    return {"settings/tap-ecwid.md": page}
