"""What a page of the dashboard says, also what it carries along compressed."""

from __future__ import annotations

import base64
import gzip
import json
import re

_PACKED = re.compile(
    r'<script type="application/gzip" id="([^"]+)"(?: data-mark="[0-9a-f]+")?>([^<]*)</script>'
)
_TABLE = re.compile(r"orders-\d+-\d{4}-\d\d")


def unpacked(page):
    """What is packed into a page, by name: texts."""
    return {
        name: gzip.decompress(base64.b64decode(text)).decode()
        for name, text in _PACKED.findall(page)
    }


def everything(page, *, tables=True):
    """The text of a page with all that is packed into it, except scripts.

    Names in tables, which the page shows as text alone, may be left out.
    """
    parts = unpacked(page)
    del parts["plotly"], parts["scripts"]
    packed_tables = [parts.pop(name) for name in list(parts) if _TABLE.fullmatch(name)]
    # Texts in JSON as they are meant.
    read = [json.dumps(json.loads(part), ensure_ascii=False) for part in parts.values()]
    views = json.loads(parts["rest"])["views"].values()
    return "\n".join([_PACKED.sub("", page), *read, *(packed_tables if tables else []), *views])
