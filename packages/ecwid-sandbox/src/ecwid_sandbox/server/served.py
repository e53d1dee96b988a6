"""What is at the addresses of a shop's pictures and files."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from starlette.responses import PlainTextResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp

    from ecwid_sandbox.server.sandbox import Sandbox

PREFIX: Final = "/files/"
"""How the path of a picture or a file starts; the number of the store follows."""

_SERIES: Final = {"file": "file", "orderfile": "upload"}


def serve_files(sandboxes: Mapping[str, Sandbox], base: str) -> None:
    """Have the pictures and files of shops below an address, that of the server."""
    for store_id, sandbox in sandboxes.items():
        sandbox.shop.store.serve_files(f"{base}{PREFIX}{store_id}")


def file_at(sandboxes: Mapping[str, Sandbox], method: str, path: str) -> ASGIApp:
    """The answer to a request for a picture or a file: nobody needs a token for it.

    Args:
        sandboxes: By the number of the store, as text.
        method: In upper case.
        path: The whole path, still encoded.
    """
    if method not in {"GET", "HEAD"}:
        return PlainTextResponse("Pictures and files can only be read", 405)
    store_id, _, name = path.removeprefix(PREFIX).partition("/")
    sandbox = sandboxes.get(store_id)
    content = _content(sandbox, name) if sandbox else None
    if content is None:
        return PlainTextResponse("There is no such picture or file", 404)
    kind = mimetypes.guess_type(unquote(name))[0] or "application/octet-stream"
    # An uploaded page must not act as one of the sandbox's own.
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
    return Response(content, 200, headers, kind)


def _content(sandbox: Sandbox, name: str) -> bytes | None:
    """What was sent, in whatever size it is asked for, or what the shop had from the beginning."""
    section, _, rest = name.partition("/")
    number = rest.partition("/")[0].partition(".")[0]
    kept = sandbox.shop.store.content(f"{_SERIES.get(section, 'upload')} {number}")
    return sandbox.contents.file(unquote(name)) if kept is None else kept
