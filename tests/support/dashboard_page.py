"""What a page of the dashboard says, also what it carries along compressed."""

from __future__ import annotations

import base64
import gzip
import json
import re

_PACKED = re.compile(r'<script type="application/gzip" id="([^"]+)">([^<]*)</script>')


def unpacked(page):
    """What is packed into a page, by name: texts."""
    return {
        name: gzip.decompress(base64.b64decode(text)).decode()
        for name, text in _PACKED.findall(page)
    }


def everything(page):
    """The text of a page with all that is packed into it, except Plotly."""
    parts = unpacked(page)
    del parts["plotly"]
    # Texts in JSON as they are meant.
    read = [json.dumps(json.loads(part), ensure_ascii=False) for part in parts.values()]
    return "\n".join([_PACKED.sub("", page), *read, *json.loads(parts["rest"])["views"].values()])
