"""Where an app may have a browser sent back to, after somebody was asked (OAuth)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection
    from urllib.parse import SplitResult

_THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_SCHEMES: Final = frozenset({"http", "https"})
# Browsers and servers disagree about these: none may be in an address that is compared.
_DOUBTFUL: Final = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\<>\"';,]")


class RedirectError(Exception):
    """The browser isn't sent there; the message says why."""


def checked_redirect(asked: str | None, registered: Collection[str]) -> str:
    """Where the browser is sent back to.

    Args:
        asked: What the app asks for; it may leave it out where one address is registered.
        registered: What addresses have to begin with; without any, they have to be on this machine.

    Raises:
        RedirectError: It is no such address.
    """
    if not asked:
        if len(registered) == 1:
            return next(iter(registered))
        raise RedirectError("The parameter redirect_uri is missing.")
    parts = _split(asked)
    if parts is None:
        raise RedirectError("The redirect_uri is not an address that a browser can be sent to.")
    if registered:
        if not any(_begins(parts, known) for known in map(_split, registered)):
            raise RedirectError("The redirect_uri is not one that is registered for the app.")
    elif parts.hostname not in _THIS_MACHINE:
        raise RedirectError("The redirect_uri is not on this machine, and none is registered.")
    return asked


def check_registered(addresses: Collection[str]) -> None:
    """Refuse addresses to which no browser can be sent.

    Raises:
        ValueError: There is one.
    """
    for address in sorted(addresses):
        if _split(address) is None:
            raise ValueError(
                f"{address!r} is no address that a browser can be sent to: it must begin with "
                "http:// or https://, and have neither user, fragment nor '..'"
            )


def _split(address: str) -> SplitResult | None:
    """An address in its parts; None where it can't be told what they are."""
    if _DOUBTFUL.search(address) or "#" in address:
        return None
    try:
        parts = urlsplit(address)
        known = parts.scheme in _SCHEMES and parts.hostname and (parts.port or True)
    except ValueError:
        return None
    steps = parts.path.replace("%2e", ".").replace("%2E", ".").split("/")
    return parts if known and "@" not in parts.netloc and ".." not in steps else None


def _begins(parts: SplitResult, known: SplitResult | None) -> bool:
    """Whether an address begins with another one: a whole host, and whole steps of the path."""
    if known is None or (parts.scheme, parts.netloc) != (known.scheme, known.netloc):
        return False
    if known.query:
        return (parts.path, parts.query) == (known.path, known.query)
    return parts.path == known.path or parts.path.startswith(known.path.rstrip("/") + "/")
