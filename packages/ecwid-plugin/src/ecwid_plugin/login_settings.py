"""The settings of the command ``login``: the app that asks for a token, and its addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from ecwid_api.errors import SettingError
from ecwid_api.settings import Settings, is_given, setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from urllib.parse import SplitResult

OAUTH_URL: Final = "https://my.ecwid.com/api/oauth"
"""Where Ecwid's OAuth is; ``/authorize`` and ``/token`` are below it."""

REDIRECT_URI: Final = "http://127.0.0.1:8717/callback"
"""Where Ecwid sends the browser back to, by default."""

_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def split(address: str) -> SplitResult | None:
    """The parts of a web address; None if it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and parts.hostname else None


def is_here(parts: SplitResult) -> bool:
    """Whether an address is one of this machine that a listener can have."""
    return parts.scheme == "http" and parts.hostname in _HERE


def _is_redirect(address: str) -> bool:
    found = split(address)
    return found is not None and not found.fragment


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginSettings(Settings):
    """How the token is obtained; ``login`` alone needs most of them."""

    auth_method: Literal["token", "oauth"] = setting(
        "Authentication method",
        "Where the access token comes from: token is the token of a custom app, oauth is what the "
        "command login has stored.",
        default="token",
    )
    client_id: str | None = setting(
        "Client ID",
        "The ID of the OAuth app that logs in. It is on the app's page in Ecwid.",
        default=None,
    )
    client_secret: str | None = setting(
        "Client secret",
        "The secret of the OAuth app that logs in. Only the command login needs it.",
        secret=True,
        default=None,
    )
    redirect_uri: str = setting(
        "Redirect URI",
        "Where Ecwid sends the browser after login: an address of this machine that is registered "
        "for the app.",
        rule=f"should look like {REDIRECT_URI}",
        check=_is_redirect,
        default=REDIRECT_URI,
    )
    scopes: str | None = setting(
        "Scopes",
        "The scopes that login asks for, separated by spaces. By default, those that the streams "
        "need.",
        default=None,
    )
    oauth_url: str = setting(
        "OAuth URL",
        "The address of Ecwid's OAuth, without /authorize and /token.",
        rule=f"should look like {OAUTH_URL}",
        check=lambda address: split(address) is not None,
        default=OAUTH_URL,
    )


def login_problems(config: Mapping[str, Any]) -> Iterator[SettingError]:
    """Say where the app's secret would be sent without encryption."""
    address = config.get("oauth_url") or OAUTH_URL
    found = split(address) if isinstance(address, str) else None
    if found is not None and found.scheme != "https" and not is_here(found):
        yield SettingError(
            "oauth_url", f"is {address!r}, and has to be https: the client secret is sent there"
        )


def app_problems(config: Mapping[str, Any], prefix: str) -> Iterator[SettingError]:
    """Say what the app that logs in lacks.

    Args:
        config: The settings.
        prefix: Of the environment variables that set them, such as ``TAP_ECWID``.
    """
    for name in ("client_id", "client_secret"):
        if not is_given(config.get(name)):
            yield SettingError(
                name,
                f"is not set: set it in the environment ({prefix}_{name.upper()}) or in the "
                "settings. It is on the app's page in Ecwid",
            )
