"""Who calls, and what they may."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_plus

from ecwid_sandbox.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEARER: Final = "bearer "
_IN_QUERY: Final = "token="


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


def check_token(*, valid: bool) -> None:
    """Refuse a wrong token, and a missing one likewise.

    Raises:
        ApiError: 403, as Ecwid answers it (not 401).
    """
    if not valid:
        raise ApiError(403, "INVALID_API_TOKEN", "The access token is missing or not valid")


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
