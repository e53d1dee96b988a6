"""Logging in by OAuth: somebody is asked on Ecwid's page, and the app gets a token for the code.

PKCE isn't used: nothing says that Ecwid has it. A code is exchanged once and never again: a second
time ends the token that came of the first.
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

from ecwid_api.connecting import proxy_for, tls_context
from ecwid_api.errors import LoginError, ProtocolError, SettingError
from ecwid_api.http_settings import HttpSettings
from ecwid_plugin.callback import Callback, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_OK: Final = 200
_WORD: Final = re.compile(r"[a-z_]{1,40}")
_FAILED: Final = Page(
    "That did not work",
    "Nothing was stored. The terminal says what to do; close this page.",
    HTTPStatus.BAD_REQUEST,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The app that asks.

    Attributes:
        client_id: What Ecwid calls it.
        client_secret: What it proves itself with.
        redirect_uri: Where the browser comes back to.
        oauth_url: Where Ecwid's OAuth is.
        http: Proxy, certificates and timeouts on the way there.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    oauth_url: str
    http: HttpSettings = field(default_factory=HttpSettings)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> App:
        """The app that the settings name; they have to be complete."""
        return cls(
            client_id=config["client_id"],
            client_secret=config["client_secret"],
            redirect_uri=config["redirect_uri"],
            oauth_url=config["oauth_url"].rstrip("/").removesuffix("/authorize"),
            http=HttpSettings.of(config),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What Ecwid gave. It has no end.

    Attributes:
        access_token: The token.
        store_id: The store that it is for.
        scopes: What it may do; empty where Ecwid doesn't say.
        email: Whose account it is; None where Ecwid doesn't say.
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


class _Refused(msgspec.Struct):
    error: str = ""


def authorize_url(app: App, scopes: Collection[str], state: str) -> str:
    """The address of the page on which somebody is asked.

    Args:
        app: Who asks.
        scopes: What for.
        state: What the answer has to bring back.
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
    """The token for a code. The code is worth nothing afterwards.

    Raises:
        LoginError: Ecwid gives none for this code.
        SettingError: Ecwid doesn't know the app or its secret, or can't be reached.
        ProtocolError: The answer isn't OAuth's.
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
        with httpx2.Client(
            headers={"Accept": "application/json"},
            verify=tls_context(app.http),
            proxy=proxy_for(app.http, address),
            trust_env=False,
            timeout=httpx2.Timeout(app.http.read_timeout, connect=app.http.connect_timeout),
        ) as client:
            response = client.post(address, data=form)
    except httpx2.HTTPError as error:
        raise SettingError(
            "oauth_url",
            f"{address} gave no answer ({type(error).__name__}): check the address and the "
            "network, and run it again",
        ) from None
    if response.status_code != _OK:
        raise _refusal(app, response)
    try:
        given = msgspec.json.decode(response.content, type=_Given)
        store_id = int(given.store_id)
    except ValueError:
        # The decoder's own message could show what it read.
        raise ProtocolError(f"{address}: the answer holds no token and store id") from None
    if not given.access_token:
        raise ProtocolError(f"{address}: the answer holds no token")
    return Granted(
        access_token=given.access_token,
        store_id=store_id,
        scopes=tuple(given.scope.replace(",", " ").split()),
        email=given.email,
    )


def _refusal(app: App, response: httpx2.Response) -> LoginError | SettingError:
    try:
        word = msgspec.json.decode(response.content, type=_Refused).error
    except ValueError:
        word = ""
    if word == "invalid_client":
        return SettingError(
            "client_secret",
            f"is not accepted by Ecwid for client_id {app.client_id}: copy both again from the "
            "app's page",
        )
    if word == "invalid_grant":
        return LoginError(
            "Ecwid doesn't accept the code: it is good for a few minutes, once, and for the same "
            "redirect_uri. Run it again"
        )
    return LoginError(
        f"Ecwid gives no token: status {response.status_code}{_shown(word)}. "
        "Look at the app's settings in Ecwid, and run it again"
    )


def _shown(word: str) -> str:
    """OAuth's word for a refusal, unless somebody put something else in its place."""
    return f", {word}" if _WORD.fullmatch(word) else ""


def _denied(word: str) -> LoginError | SettingError:
    if word == "access_denied":
        return LoginError(
            "It was denied on Ecwid's page: nothing was stored. Run it again, and allow it there"
        )
    if word == "invalid_scope":
        return SettingError("scopes", "has one that Ecwid doesn't give this app: name others")
    return LoginError(f"Ecwid refuses to ask{_shown(word)}: look at the app's settings in Ecwid")


def log_in_with_browser(
    app: App,
    scopes: Collection[str],
    *,
    keep: Callable[[Granted], None],
    show: Callable[[str], None],
    timeout: float,
) -> Granted:
    """Ask on Ecwid's page, wait for the browser to come back, and keep what was given.

    Args:
        app: Who asks.
        scopes: What for.
        keep: Stores what was given; only then the browser is told that it worked.
        show: Called with the page's address, once somebody listens for the answer.
        timeout: Seconds to wait for somebody's answer.

    Raises:
        LoginError: Nobody answered, or it was denied, or there is no token for the code.
        SettingError: The app, or what it asks for, isn't right.
        ProtocolError: The answer isn't OAuth's.
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
                f"Store {granted.store_id} can be used now. You may close this page.",
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
    """Show the page's address, and take the code from somebody who has been there.

    Args:
        app: Who asks.
        scopes: What for.
        keep: Stores what was given.
        show: Called with the page's address.
        ask: Gives the code, or the whole address that the browser was sent to.

    Raises:
        LoginError: It was denied, there is no token for the code, or the address belongs to
            another login.
        SettingError: The app, or what it asks for, isn't right.
        ProtocolError: The answer isn't OAuth's.
    """
    state = secrets.token_urlsafe(32)
    show(authorize_url(app, scopes, state))
    granted = exchange(app, _code(ask().strip(), state))
    keep(granted)
    return granted


def _code(text: str, state: str) -> str:
    if not text:
        raise LoginError("There was no code: run it again, and paste what the browser was sent to")
    if "://" not in text:
        return text
    given = {name: values[-1] for name, values in parse_qs(urlsplit(text).query).items()}
    if not secrets.compare_digest(given.get("state", "").encode(), state.encode()):
        raise LoginError("That address belongs to another login (its state differs): run it again")
    if "error" in given:
        raise _denied(given["error"])
    if "code" not in given:
        raise LoginError("That address has no code in it: run it again")
    return given["code"]
