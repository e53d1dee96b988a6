"""OAuth: an app asks for a token, somebody allows it on a page, the app gets it for a code.

These routes are Ecwid's (there on ``my.ecwid.com``), errors are those of RFC 6749.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ecwid_sandbox.server.oauth.consent_page import STYLE, Question, consent_page, refusal_page
from ecwid_sandbox.server.oauth.redirects import RedirectError, checked_redirect
from ecwid_sandbox.server.plan import scopes_in_words
from ecwid_sandbox.server.storage.kinds import PROFILE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from ecwid_sandbox.server.sandbox import Sandbox

OAUTH_PREFIX: Final = "/api/oauth/"

_ALWAYS: Final = "read_store_profile"
_PUBLIC: Final = "public_storefront"
_PUBLIC_SCOPES: Final = frozenset({_ALWAYS, _PUBLIC, "read_catalog"})
_COOKIE: Final = "ecwid_sandbox_consent"
_QUESTION_TTL: Final = 600
# A code that is too old is still known for a while, to see that it is used twice.
_REMEMBERED: Final = 3_600
_FORM: Final = "application/x-www-form-urlencoded"
_PAGE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_TOKEN_HEADERS: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class _PageError(Exception):
    """The browser can't be sent back: what is wrong is said on a page."""


class _AuthorizeError(Exception):
    """The app hears of it: the browser is sent back with an error."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.code = code


class _TokenError(Exception):
    """The app gets no token."""

    def __init__(self, code: str, problem: str, status: int = 400) -> None:
        super().__init__(problem)
        self.code = code
        self.status = status


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What an app wants.

    Attributes:
        redirect: Where the browser goes afterwards.
        given: Whether the app said so, or left it to what is registered.
        scopes: What it wants to do.
        state: What it gets back as it is; None where it sent nothing.
    """

    redirect: str
    given: bool
    scopes: frozenset[str]
    state: str | None


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """A question that waits for an answer, from the browser that has the cookie."""

    wish: _Wish
    cookie: str
    until: float


@dataclass(kw_only=True)
class _Code:
    """What was allowed, until the app fetches its token; and what it fetched."""

    sandbox: Sandbox
    wish: _Wish
    until: float
    tokens: list[str] = field(default_factory=list)
    used: bool = False


class OAuth:
    """The routes of OAuth, for all shops of a server. The first one's options name the app."""

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        self._sandboxes = {sandbox.options.store_id: sandbox for sandbox in sandboxes}
        self._first = sandboxes[0]
        self._options = self._first.options
        self._asked: dict[str, _Asked] = {}
        self._codes: dict[str, _Code] = {}

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route(f"{OAUTH_PREFIX}authorize", self.authorize, methods=["GET"]),
            Route(f"{OAUTH_PREFIX}authorize", self.decide, methods=["POST"]),
            Route(f"{OAUTH_PREFIX}token", self.token, methods=["GET", "POST"]),
            Route(f"{OAUTH_PREFIX}style.css", self.style, methods=["GET"]),
        ]

    async def style(self, _: Request) -> Response:
        """What the pages look like."""
        return Response(STYLE, media_type="text/css")

    # Asking somebody

    async def authorize(self, request: Request) -> Response:
        """Ask whether the app may do what it wants."""
        pairs = request.query_params.multi_items()
        asked = dict(pairs)
        try:
            redirect = self._redirect(pairs)
        except (_PageError, RedirectError) as error:
            return _page(refusal_page(str(error)), 400)
        try:
            scopes = _wanted(pairs)
        except _AuthorizeError as error:
            problem = {"error": error.code, "error_description": str(error)}
            return _sent_back(redirect, problem, asked.get("state"))
        wish = _Wish(
            redirect=redirect,
            given="redirect_uri" in asked,
            scopes=scopes,
            state=asked.get("state"),
        )
        now = self._first.clock.now()
        self._asked = {name: kept for name, kept in self._asked.items() if kept.until > now}
        consent = secrets.token_urlsafe(24)
        cookie = request.cookies.get(_COOKIE) or secrets.token_urlsafe(24)
        self._asked[consent] = _Asked(wish=wish, cookie=cookie, until=now + _QUESTION_TTL)
        words = scopes_in_words()
        parts = urlsplit(redirect)
        question = Question(
            app=self._options.client_id,
            stores={number: _name(sandbox) for number, sandbox in self._sandboxes.items()},
            scopes={name: words[name] for name in sorted(scopes)},
            destination=f"{parts.scheme}://{parts.netloc}{parts.path}",
            consent=consent,
        )
        # A policy can't name addresses in brackets.
        origin = "" if "[" in parts.netloc else f"//{parts.netloc}"
        page = _page(consent_page(question), 200, f"{parts.scheme}:{origin}")
        page.set_cookie(
            _COOKIE, cookie, httponly=True, samesite="strict", path=OAUTH_PREFIX.rstrip("/")
        )
        return page

    def _redirect(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Where the browser may be sent back to.

        Raises:
            _PageError: The app isn't known, or says two things at once.
            RedirectError: It isn't allowed there.
        """
        names = [name for name, _ in pairs]
        for name in ("client_id", "redirect_uri"):
            if names.count(name) > 1:
                raise _PageError(f"The parameter {name} is there more than once.")
        asked = dict(pairs)
        if asked.get("client_id") != self._options.client_id:
            raise _PageError("There is no app with this client_id.")
        return checked_redirect(asked.get("redirect_uri"), self._options.redirect_uris)

    async def decide(self, request: Request) -> Response:
        """Take the answer. A question can be answered once, by the browser that was asked."""
        form = dict(_form(await request.body()))
        asked = self._asked.get(form.get("consent", ""))
        now = self._first.clock.now()
        cookie = request.cookies.get(_COOKIE, "")
        mine = asked is not None and secrets.compare_digest(asked.cookie, cookie)
        if asked is None or not mine or asked.until <= now:
            problem = "This page is too old, or was answered already. Begin again in the app."
            return _page(refusal_page(problem), 403)
        store = form.get("store", "")
        sandbox = self._sandboxes.get(int(store)) if store.isdecimal() else None
        decision = form.get("decision")
        if sandbox is None or decision not in ("allow", "deny"):
            return _page(refusal_page("The answer can't be read."), 400)
        del self._asked[form["consent"]]
        if decision == "deny":
            return _sent_back(asked.wish.redirect, {"error": "access_denied"}, asked.wish.state)
        code = secrets.token_urlsafe(24)
        until = sandbox.clock.now() + self._options.oauth_code_ttl
        self._codes = {
            name: kept
            for name, kept in self._codes.items()
            if kept.until + _REMEMBERED > kept.sandbox.clock.now()
        }
        self._codes[code] = _Code(sandbox=sandbox, wish=asked.wish, until=until)
        return _sent_back(asked.wish.redirect, {"code": code}, asked.wish.state)

    # Giving the token

    async def token(self, request: Request) -> Response:
        """Give a token for a code; as a form, or as a query as older documentation has it."""
        try:
            given = self._exchange(await _sent(request))
        except _TokenError as error:
            body = {"error": error.code, "error_description": str(error)}
            return JSONResponse(body, error.status, _TOKEN_HEADERS)
        return JSONResponse(given, headers=_TOKEN_HEADERS)

    def _exchange(self, pairs: Sequence[tuple[str, str]]) -> dict[str, str | int]:
        sent = dict(pairs)
        if len(sent) < len(pairs):
            raise _TokenError("invalid_request", "A parameter is there more than once")
        for name in ("grant_type", "client_id", "client_secret", "code"):
            if not sent.get(name):
                raise _TokenError("invalid_request", f"The parameter {name} is missing")
        if sent["grant_type"] != "authorization_code":
            raise _TokenError("unsupported_grant_type", "It must be authorization_code")
        secret = self._options.client_secret.encode()
        known = secrets.compare_digest(sent["client_secret"].encode(), secret)
        if sent["client_id"] != self._options.client_id or not known:
            raise _TokenError("invalid_client", "The app or its secret is not known", 401)
        code = self._codes.get(sent["code"])
        if code is None:
            raise _TokenError("invalid_grant", "There is no such code")
        if code.used:
            # Somebody else may have the code: whoever came first loses the token again.
            code.sandbox.tokens.revoke(code.tokens)
            raise _TokenError("invalid_grant", "The code was used already")
        if code.sandbox.clock.now() >= code.until:
            raise _TokenError("invalid_grant", "The code is too old")
        if sent.get("redirect_uri", None if code.wish.given else code.wish.redirect) != (
            code.wish.redirect
        ):
            raise _TokenError("invalid_grant", "The redirect_uri is another one")
        return _given(code)


async def _sent(request: Request) -> list[tuple[str, str]]:
    """The parameters of a request for a token.

    Raises:
        _TokenError: They come in a way that isn't OAuth's.
    """
    if request.method == "GET":
        return request.query_params.multi_items()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise _TokenError("invalid_request", f"The body must be {_FORM}")
    return _form(await request.body())


def _given(code: _Code) -> dict[str, str | int]:
    sandbox, scopes = code.sandbox, code.wish.scopes
    code.used = True
    profile = sandbox.shop.get(PROFILE, sandbox.options.store_id)
    found: dict[str, str | int] = {
        "access_token": sandbox.tokens.grant(scopes, "secret"),
        "token_type": "Bearer",
        "scope": " ".join(sorted(scopes)),
        "store_id": sandbox.options.store_id,
        "email": profile["account"]["accountEmail"],
    }
    if _PUBLIC in scopes:
        found["public_token"] = sandbox.tokens.grant(_PUBLIC_SCOPES, "public")
    code.tokens = [str(found[name]) for name in ("access_token", "public_token") if name in found]
    return found


def _wanted(pairs: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The scopes that are asked for, and the one that everybody gets.

    Raises:
        _AuthorizeError: Something else is asked for than the sandbox, or Ecwid, has.
    """
    asked = dict(pairs)
    for name in ("response_type", "scope", "state"):
        if [found for found, _ in pairs].count(name) > 1:
            raise _AuthorizeError("invalid_request", f"{name} is there more than once")
    if not asked.get("response_type"):
        raise _AuthorizeError("invalid_request", "response_type is missing")
    if asked["response_type"] != "code":
        raise _AuthorizeError("unsupported_response_type", "response_type must be code")
    scopes = asked.get("scope", "").split()
    if not scopes:
        raise _AuthorizeError("invalid_scope", "scope is missing")
    unknown = sorted(set(scopes) - set(scopes_in_words()))
    if unknown:
        # Characters that RFC 6749 doesn't let stand in a description.
        named = " ".join(unknown).replace('"', "'").replace("\\", "/")
        raise _AuthorizeError("invalid_scope", f"There is no scope {named}")
    return frozenset({*scopes, _ALWAYS})


def _name(sandbox: Sandbox) -> str:
    settings = sandbox.shop.get(PROFILE, sandbox.options.store_id).get("settings", {})
    return str(settings.get("storeName") or "A shop without a name")


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True)


def _sent_back(redirect: str, result: dict[str, str], state: str | None) -> Response:
    query = urlencode(result if state is None else {**result, "state": state})
    mark = "&" if urlsplit(redirect).query else "?"
    return RedirectResponse(f"{redirect}{mark}{query}", 302, _PAGE_HEADERS)


def _page(content: str, status: int, destination: str = "") -> HTMLResponse:
    # Browsers look at form-action also where the answer to a form sends them on.
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {destination}".rstrip()
    )
    return HTMLResponse(content, status, {**_PAGE_HEADERS, "Content-Security-Policy": policy})


def oauth_routes(sandboxes: Sequence[Sandbox]) -> Starlette:
    """The routes of OAuth as an application."""
    return Starlette(routes=OAuth(sandboxes).routes())
