"""The settings of logging in: the app that asks, and where it sends people to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ecwid_api.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from urllib.parse import SplitResult

OAUTH_URL: Final = "https://my.ecwid.com/api/oauth"
"""Where Ecwid's OAuth is: ``/authorize`` and ``/token`` stand below it."""

REDIRECT_URI: Final = "http://127.0.0.1:8717/callback"
"""Where the browser comes back to, unless the settings say otherwise."""

LOGIN_PROPERTIES: Final[dict[str, Any]] = {
    "auth_method": {
        "type": "string",
        "enum": ["token", "oauth"],
        "title": "Way in",
        "description": "Where the access token comes from: token is one of a custom app, oauth "
        "is what the command login has stored.",
        "default": "token",
    },
    "client_id": {
        "type": "string",
        "title": "Client ID",
        "description": "Of the app that logs in (OAuth); on the app's page in Ecwid.",
    },
    "client_secret": {
        "type": "string",
        "title": "Client secret",
        "description": "Of the app that logs in (OAuth); only the command login needs it.",
        "secret": True,
        "writeOnly": True,
    },
    "redirect_uri": {
        "type": "string",
        "title": "Redirect URI",
        "description": "Where the browser comes back to from Ecwid: an address of this machine, "
        "which the app has registered.",
        "default": REDIRECT_URI,
    },
    "scopes": {
        "type": "string",
        "title": "Scopes",
        "description": "What login asks for, separated by spaces; by default what the streams "
        "need.",
    },
    "oauth_url": {
        "type": "string",
        "title": "OAuth URL",
        "description": "Where Ecwid's OAuth is, without /authorize and /token.",
        "default": OAUTH_URL,
    },
}
"""JSON schemas of the settings, with the SDK's extensions (``secret``)."""

_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def split(address: str) -> SplitResult | None:
    """The parts of an address; None where it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def is_here(parts: SplitResult) -> bool:
    """Whether an address is one of this machine that a listener can have."""
    return parts.scheme == "http" and parts.hostname in _HERE


def login_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """What is wrong with the settings of logging in, one error a setting; missing ones are right.

    No value of a secret is in them.
    """
    for name, schema in LOGIN_PROPERTIES.items():
        value = config.get(name)
        if value is not None and not isinstance(value, str):
            shown = "is not text" if schema.get("secret") else f"is {value!r}, which is not text"
            yield SettingError(name, f"{shown}: put it in quotes")
    redirect = config.get("redirect_uri", REDIRECT_URI)
    if isinstance(redirect, str):
        found = split(redirect)
        if found is None or found.fragment:
            yield SettingError(
                "redirect_uri", f"is {redirect!r}, and should look like {REDIRECT_URI}"
            )
    address = config.get("oauth_url", OAUTH_URL)
    if isinstance(address, str):
        found = split(address)
        if found is None:
            yield SettingError("oauth_url", f"is {address!r}, and should look like {OAUTH_URL}")
        elif found.scheme != "https" and not is_here(found):
            yield SettingError(
                "oauth_url", f"is {address!r}: the secret goes there, so that it has to be https"
            )


def app_problems(config: Mapping[str, Any], prefix: str) -> Iterator[SettingError]:
    """What login lacks: the app that asks.

    Args:
        config: The settings.
        prefix: Of the environment variables that set them, such as ``TAP_ECWID``.
    """
    for name in ("client_id", "client_secret"):
        if config.get(name) in {None, ""}:
            yield SettingError(
                name,
                f"is not set: set it in the environment ({prefix}_{name.upper()}) or the "
                "settings. It stands on the app's page in Ecwid",
            )
