"""Who calls, and what they may."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from ecwid_sandbox.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEARER: Final = "bearer "


def bearer_token(header: str | None) -> str:
    """The token in an ``Authorization`` header; empty where there is none."""
    if header and header.lower().startswith(_BEARER):
        return header[len(_BEARER) :].strip()
    return ""


def is_valid(token: str, expected: str) -> bool:
    """Whether it is the right token."""
    return secrets.compare_digest(token.encode(), expected.encode())


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
