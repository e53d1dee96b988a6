"""Colours of pictures."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.server.operations.calls import handles
from ecwid_sandbox.server.operations.uploads import web_address
from ecwid_sandbox.server.requests.bodies import needed

if TYPE_CHECKING:
    from ecwid_sandbox.server.operations.calls import Answer, Call

_COLOURS: Final = 3
_MOST_COLOURS: Final = 10


@handles("getImagesMainColors")
def main_colours(call: Call) -> Answer:
    """The sandbox looks at no picture: the same address has the same colours."""
    body = call.body()
    count = min(body.get("colorsCount") or _COLOURS, _MOST_COLOURS)
    result = {}
    for url in needed(body, "imageUrls"):
        digest = hashlib.sha256(web_address(url).encode()).hexdigest().upper()
        found = [f"#{digest[6 * place : 6 * place + 6]}" for place in range(count)]
        result[url] = {"colors": found}
    return {"result": result}
