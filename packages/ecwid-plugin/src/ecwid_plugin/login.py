"""Login by OAuth: the user allows the app on Ecwid's page, and the app gets a token for the code.

Ecwid documents no PKCE, so it isn't used. A code is exchanged only once: a second exchange would
revoke the token from the first.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import msgspec

from ecwid_api.connecting import Transport
from ecwid_api.decoding import decode, read_body
from ecwid_api.errors import LoginError, ProtocolError, SettingError
from ecwid_api.http_settings import MIB, HttpSettings
from ecwid_api.secret_texts import KNOWN
from ecwid_plugin.callback import Callback, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_OK: Final = 200
_REMEDY: Final = "Is oauth_url the address of Ecwid's OAuth?"
_WORD: Final = re.compile(r"[a-z_]{1,40}")
_FAILED: Final = Page(
    "Login failed",
    "Nothing was stored. See the terminal for what to do. You can close this page.",
    HTTPStatus.BAD_REQUEST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The OAuth app.

    Attributes:
        client_id: Its ID.
        client_secret: Its secret.
        redirect_uri: Where Ecwid sends the browser back to.
        oauth_url: The address of Ecwid's OAuth, without ``/authorize`` and ``/token``.
        http: Proxy, certificates and timeouts.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    oauth_url: str
    http: HttpSettings = field(default_factory=HttpSettings)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> App:
        """The app that the settings name. The settings must be complete."""
        KNOWN.add(config["client_secret"])
        return cls(
            client_id=config["client_id"],
            client_secret=config["client_secret"],
            redirect_uri=config["redirect_uri"],
            oauth_url=config["oauth_url"].rstrip("/").removesuffix("/authorize"),
            http=HttpSettings.of(config),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A token from Ecwid. It doesn't expire.

    Attributes:
        access_token: The token.
        store_id: The store that it is for.
        scopes: What it may do; empty if Ecwid doesn't say.
        email: The account's address; None if Ecwid doesn't say.
    """

    access_token: str = field(repr=False)
    store_id: int
    scopes: tuple[str, ...] = ()
    email: str | None = None


class _Given(msgspec.Struct):
    access_token: str
    store_id: int | str
    scope: str = ""
    email: str | None = None


def authorize_url(app: App, scopes: Collection[str], state: str) -> str:
    """The address of the page on which the user allows the app.

    Args:
        app: The app.
        scopes: The scopes that it asks for.
        state: Comes back with the answer, and ties it to this login.
    """
    asked = {
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "response_type": "code",
        "scope": " ".join(scopes),
        "state": state,
    }
    return f"{app.oauth_url}/authorize?{urlencode(asked)}"


def exchange(app: App, code: str) -> Granted:
    """Exchange a code for a token. The code can't be used again.

    Raises:
        LoginError: Ecwid refuses the code.
        SettingError: Ecwid doesn't accept the app or its secret, or can't be reached.
        ProtocolError: The answer isn't an OAuth answer.
    """
    form = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "code": code,
        "redirect_uri": app.redirect_uri,
        "grant_type": "authorization_code",
    }
    address = f"{app.oauth_url}/token"
    try:
        with (
            httpx2.Client(
                headers={"Accept": "application/json"},
                transport=Transport(app.http, address),
                trust_env=False,
                timeout=httpx2.Timeout(app.http.read_timeout, connect=app.http.connect_timeout),
            ) as client,
            client.stream("POST", address, data=form) as response,
        ):
            content = read_body(response, address, MIB, remedy=_REMEDY)
    except httpx2.HTTPError as error:
        raise SettingError(
            "oauth_url",
            f"{address} gave no answer ({type(error).__name__}): check the address and the "
            "network, and run login again",
        ) from None
    try:
        answer = decode(content, address, MIB, remedy=_REMEDY)
    except ValueError:
        answer = None
    if response.status_code != _OK:
        raise _refusal(app, response.status_code, answer)
    try:
        given = msgspec.convert(answer, _Given)
        store_id = int(given.store_id)
    except ValueError:
        # The decoder's own message could show the token.
        raise ProtocolError(f"{address}: the answer holds no token and store id") from None
    if not given.access_token:
        raise ProtocolError(f"{address}: the answer holds no token")
    KNOWN.add(given.access_token)
    return Granted(
        access_token=given.access_token,
        store_id=store_id,
        scopes=tuple(given.scope.replace(",", " ").split()),
        email=given.email,
    )


def _refusal(app: App, status: int, answer: object) -> LoginError | SettingError:
    word = answer.get("error") if isinstance(answer, dict) else None
    word = word if isinstance(word, str) else ""
    if word == "invalid_client":
        return SettingError(
            "client_secret",
            f"is not accepted by Ecwid for client_id {app.client_id}: copy both again from the "
            "app's page",
        )
    if word == "invalid_grant":
        return LoginError(
            "Ecwid doesn't accept the code: it is valid for a few minutes, once, and for the same "
            "redirect_uri. Run login again"
        )
    return LoginError(
        f"Ecwid gives no token: status {status}{_shown(word)}. "
        "Check the app's settings in Ecwid, and run login again"
    )


def _shown(word: str) -> str:
    """OAuth's error code, unless something else stands in its place."""
    return f", {word}" if _WORD.fullmatch(word) else ""


def _denied(word: str) -> LoginError | SettingError:
    if word == "access_denied":
        return LoginError(
            "The app was denied on Ecwid's page: nothing was stored. Run login again, and allow it"
        )
    if word == "invalid_scope":
        return SettingError(
            "scopes", "contains one that Ecwid doesn't give this app: choose others"
        )
    return LoginError(f"Ecwid refuses the request{_shown(word)}: check the app's settings in Ecwid")


def log_in_with_browser(
    app: App,
    scopes: Collection[str],
    *,
    keep: Callable[[Granted], None],
    show: Callable[[str], None],
    timeout: float,
) -> Granted:
    """Send the user to Ecwid's page, wait for the browser to come back, and store the token.

    Args:
        app: The app.
        scopes: The scopes to ask for.
        keep: Stores the token, before the browser shows success.
        show: Called with the page's address when the listener is ready.
        timeout: Seconds to wait for the user.

    Raises:
        LoginError: There was no answer, the app was denied, or Ecwid refuses the code.
        SettingError: The app or its scopes are wrong.
        ProtocolError: The answer isn't an OAuth answer.
    """
    state = secrets.token_urlsafe(32)
    with Callback(app.redirect_uri, state) as callback:
        show(authorize_url(app, scopes, state))
        answer = callback.wait(timeout)
        page = _FAILED
        try:
            if answer.code is None:
                raise _denied(answer.error or "")
            granted = exchange(app, answer.code)
            keep(granted)
            page = Page(
                "You are logged in",
                f"Store {granted.store_id} is ready to use. You can close this page.",
            )
        finally:
            answer.page.set_result(page)
    return granted


def log_in_by_hand(
    app: App,
    scopes: Collection[str],
    *,
    keep: Callable[[Granted], None],
    show: Callable[[str], None],
    ask: Callable[[], str],
) -> Granted:
    """Show the page's address, and take the code that the user pastes.

    Args:
        app: The app.
        scopes: The scopes to ask for.
        keep: Stores the token.
        show: Called with the page's address.
        ask: Returns the code, or the whole address that the browser was sent to.

    Raises:
        LoginError: The app was denied, Ecwid refuses the code, or the address belongs to another
            login.
        SettingError: The app or its scopes are wrong.
        ProtocolError: The answer isn't an OAuth answer.
    """
    state = secrets.token_urlsafe(32)
    show(authorize_url(app, scopes, state))
    granted = exchange(app, _code(ask().strip(), state))
    keep(granted)
    return granted


def _code(text: str, state: str) -> str:
    if not text:
        raise LoginError(
            "There was no code. Run login again, and paste the address that the browser was sent to"
        )
    if "://" not in text:
        return text
    given = {name: values[-1] for name, values in parse_qs(urlsplit(text).query).items()}
    if not secrets.compare_digest(given.get("state", "").encode(), state.encode()):
        raise LoginError(
            "That address belongs to another login (its state differs). Run login again"
        )
    if "error" in given:
        raise _denied(given["error"])
    if "code" not in given:
        raise LoginError("That address contains no code. Run login again")
    return given["code"]
