"""Who calls, and what they may."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

import msgspec

from ecwid_sandbox.server.errors import ApiError
from ecwid_sandbox.server.storage.archive import GRANTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecwid_sandbox.server.options import Options
    from ecwid_sandbox.server.shop.shop import Shop

_BEARER: Final = "bearer "
_IN_QUERY: Final = "token="
_FORGOTTEN: Final = ""


class Grant(msgspec.Struct, frozen=True):
    """What a token may do.

    Attributes:
        scopes: None for everything.
    """

    scopes: frozenset[str] | None


_READ_GRANTS: Final = msgspec.json.Decoder(dict[str, Grant])


class Tokens:
    """The tokens of a shop: the one that it was started with, and those that it gave out.

    Those are kept in the shop's database, and hold as long as the app is installed.
    """

    def __init__(self, options: Options, shop: Shop) -> None:
        self._options = options
        self._shop = shop

    def find(self, token: str) -> Grant | None:
        """What a token may do; None where it isn't valid."""
        if is_valid(token, self._options.token):
            return Grant(self._options.scopes) if self._shop.installed else None
        return self._granted().get(token) if token else None

    def all(self) -> list[str]:
        """Every token, so that none is shown to anybody."""
        return [self._options.token, *self._granted()]

    def grant(self, scopes: frozenset[str], prefix: str) -> str:
        """A new token, whose name begins with ``secret`` or ``public``."""
        token = f"{prefix}_{secrets.token_urlsafe(24)}"
        with self._shop.store.transaction():
            self._keep({**self._granted(), token: Grant(scopes)})
        return token

    def revoke(self, tokens: Iterable[str]) -> None:
        """Let tokens open nothing any more."""
        gone = set(tokens)
        with self._shop.store.transaction():
            self._keep({t: grant for t, grant in self._granted().items() if t not in gone})

    def _granted(self) -> dict[str, Grant]:
        return _READ_GRANTS.decode(self._shop.store.meta(GRANTS) or "{}")

    def _keep(self, grants: dict[str, Grant]) -> None:
        self._shop.store.set_meta(GRANTS, msgspec.json.encode(grants).decode())


def uninstall(shop: Shop) -> None:
    """Let all tokens of the app open nothing any more, until it is installed again.

    The token that the sandbox was started with opens the shop again when it starts again.
    """
    shop.installed = False
    shop.store.set_meta(GRANTS, _FORGOTTEN)


def bearer_token(header: str | None) -> str:
    """The token in an ``Authorization`` header; empty where there is none."""
    if header and header.lower().startswith(_BEARER):
        return header[len(_BEARER) :].strip()
    return ""


def is_valid(token: str, expected: str) -> bool:
    """Whether it is the right token."""
    return secrets.compare_digest(token.encode(), expected.encode())


def token_of_query(query: str) -> tuple[str, str]:
    """The token of a query, as clients of older days send it, and the query without it."""
    parts = query.split("&")
    found = [part for part in parts if part.startswith(_IN_QUERY)]
    token = unquote_plus(found[0].removeprefix(_IN_QUERY)) if found else ""
    return token, "&".join(part for part in parts if part not in found)


def valid_grant(found: Grant | None) -> Grant:
    """What the token may do. A wrong one is refused, and a missing one likewise.

    Raises:
        ApiError: 403, as Ecwid answers it (not 401).
    """
    if found is None:
        raise ApiError(403, "INVALID_API_TOKEN", "The access token is missing or not valid")
    return found


def check_store(store_id: str, expected: int) -> None:
    """Refuse a store that isn't there. The token is looked at first.

    Raises:
        ApiError: 404.
    """
    if store_id != str(expected):
        raise ApiError(404, "STORE_NOT_FOUND", "There is no store with this id")


def check_scopes(needed: Iterable[str], granted: frozenset[str] | None) -> None:
    """Refuse what the token isn't allowed to do.

    Raises:
        ApiError: 403 naming the scopes that are missing.
    """
    if granted is None:
        return
    missing = [scope for scope in needed if scope not in granted]
    if missing:
        raise ApiError(
            403, "INSUFFICIENT_APP_SCOPE", f"The token lacks the scope {', '.join(missing)}"
        )
