"""What is asked of the pages, and who may ask it and the control routes: no page from elsewhere.

These routes ask for no token, so that a browser must not be talked into using them. It says for
which page it asks (``Origin``), and under which name it found the server (``Host``).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

# Nobody can register these for the whole world, so nobody can let them lead here.
_PRIVATE: Final = (".localhost", ".local", ".internal", ".test")
_ELSEWHERE: Final = frozenset({"cross-site", "same-site"})


def belongs(path: str, accept: str) -> bool:
    """Whether a request is for the pages. ``/`` is so only for browsers: programs get JSON there.

    Args:
        path: Its path.
        accept: Its ``Accept`` header.
    """
    if path == "/":
        return "text/html" in accept
    return path.startswith("/_page/") or path in {"/docs", "/openapi.json"}


def refusal(headers: Mapping[str, str], own_host: str) -> str | None:
    """Why a request is refused; None where it may pass.

    Args:
        headers: By their names in lower case.
        own_host: The address on which the sandbox was told to listen.
    """
    host = headers.get("host", "")
    name = _name(host)
    if not _leads_here_only(name, own_host):
        return (
            f"The sandbox doesn't answer as {name!r}: anybody could let such a name lead to this "
            "machine. Use 127.0.0.1, localhost, an address, or the name given with --host"
        )
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        return f"A page of {origin} may not use the sandbox's own routes"
    if headers.get("sec-fetch-site") in _ELSEWHERE and headers.get("sec-fetch-mode") != "navigate":
        return "A page from elsewhere may not use the sandbox's own routes"
    return None


def _name(host: str) -> str:
    """The name in a ``Host`` header, without the port; empty where it can't be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _leads_here_only(name: str, own_host: str) -> bool:
    if "." not in name and ":" not in name:
        # localhost, or a machine in the same network: names of the world have a dot.
        return True
    if name == own_host.lower() or name.endswith(_PRIVATE):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
