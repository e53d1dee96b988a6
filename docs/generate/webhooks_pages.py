"""The page of the settings of receiver and queue."""

from __future__ import annotations

from typing import Final

from ecwid_plugin.about import settings
from ecwid_plugin.settings import json_schema
from ecwid_webhooks.settings import PREFIX, QueueSettings, ReadingSettings, ReceiverSettings
from settings_page import HEADER, row_of

_ABOUT: Final = """\
# Settings of ecwid-webhooks

This page is made from the package's own schema (`{command}`). [Webhooks](../webhooks.md) shows how
to use it.

Set these in the environment variable named below each setting, in a file `.env`, or in the file
that you pass with `--config`. In a variable, write lists as JSON.
"""
_READING: Final = """\
`tap-ecwid-webhooks` and `ecwid-webhooks run` have these, `queue`, and all [settings of
tap-ecwid](tap-ecwid.md), whose variables begin with `TAP_ECWID_WEBHOOKS_` here.
"""


def pages(command: str) -> dict[str, str]:
    """What this package says of itself: path below ``docs`` -> Markdown.

    Args:
        command: What renews the pages.
    """
    lines = [_ABOUT.format(command=command)]
    for title, about, group in (
        ("Queue", "", QueueSettings),
        ("Receiver", "", ReceiverSettings),
        ("Reading", _READING, ReadingSettings),
    ):
        rows = [
            row_of(setting, f"{PREFIX}{setting.name.upper()}")
            for setting in settings(json_schema(group))
            if not setting.nested
        ]
        lines += [f"## {title}\n", *([about] if about else []), HEADER, *rows, ""]
    return {"settings/ecwid-webhooks.md": "\n".join(lines)}
