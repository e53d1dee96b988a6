"""An app asks for a token, somebody allows it on a page, the app uses what it got."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from ecwid_sandbox.testing import running_sandbox

REDIRECT = "http://127.0.0.1:9999/back"


class Page(HTMLParser):
    """The form of a consent page, as a browser would send it."""

    def __init__(self, text):
        super().__init__()
        self.fields = {}
        self.buttons = []
        self.action = None
        self.stores = []
        self.forbidden = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag in ("script", "style") or any(n == "style" or n[:2] == "on" for n in found):
            self.forbidden.append(tag)
        if tag == "form":
            self.action = found["action"], found["method"]
        elif tag == "input":
            self.fields[found["name"]] = found["value"]
        elif tag == "button":
            self.buttons.append((found["name"], found["value"]))
        elif tag == "option":
            self.stores.append(found["value"])


class App:
    """An app, and the browser of whoever uses it."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.browser = httpx2.Client()
        self.base = sandbox.authorize_url.removesuffix("/api/oauth/authorize")

    def ask(self, **changes):
        asked = {
            "client_id": "sandbox-app",
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": "read_catalog read_orders",
            "state": "a b&c",
            **changes,
        }
        sent = {name: value for name, value in asked.items() if value is not None}
        return self.browser.get(self.sandbox.authorize_url, params=sent)

    def page(self, **changes):
        response = self.ask(**changes)
        assert response.status_code == 200, response.text
        return Page(response.text)

    def answer(self, page, decision="allow", **changes):
        path, method = page.action
        form = {**page.fields, "decision": decision, **changes}
        return self.browser.request(method.upper(), f"{self.base}{path}", data=form)

    def code(self, **changes):
        return sent_back(self.answer(self.page(**changes)))["code"]

    def exchange(self, code, /, **changes):
        form = {
            "client_id": "sandbox-app",
            "client_secret": "sandbox-app-secret",
            "code": code,
            "redirect_uri": REDIRECT,
            "grant_type": "authorization_code",
            **changes,
        }
        sent = {name: value for name, value in form.items() if value is not None}
        return httpx2.post(self.sandbox.token_url, data=sent)

    def token(self, **changes):
        response = self.exchange(self.code(**changes))
        assert response.status_code == 200, response.text
        return response.json()

    def get(self, token, path, **options):
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.get(f"{self.sandbox.store_url}{path}", headers=headers, **options)


def sent_back(response, where=REDIRECT):
    assert response.status_code == 302
    address, _, query = response.headers["location"].partition("?")
    assert address == where
    return dict(parse_qsl(query, keep_blank_values=True))


def refused(response, status, error):
    assert response.status_code == status, response.text
    assert response.json()["error"] == error
    assert response.headers["cache-control"] == "no-store"
    assert "sandbox-app-secret" not in response.text


@pytest.fixture
def app():
    with running_sandbox(size="tiny") as sandbox:
        app = App(sandbox)
        yield app
        app.browser.close()


def test_from_the_page_to_the_first_request(app):
    response = app.ask()
    page = Page(response.text)
    assert not page.forbidden
    assert page.buttons == [("decision", "allow"), ("decision", "deny")]
    assert "sandbox-app" in response.text
    assert "Fernweh &amp; Filter" in response.text
    assert "Read orders and abandoned carts." in response.text
    assert REDIRECT in response.text
    back = sent_back(app.answer(page))
    assert back["state"] == "a b&c"
    response = app.exchange(back["code"])
    assert response.headers["cache-control"] == "no-store"
    given = response.json()
    assert given["access_token"].startswith("secret_")
    assert given["token_type"] == "Bearer"
    assert given["store_id"] == app.sandbox.store_id
    assert given["scope"].split() == ["read_catalog", "read_orders", "read_store_profile"]
    profile = app.get(given["access_token"], "/profile").json()
    assert given["email"] == profile["account"]["accountEmail"]
    assert "public_token" not in given


def test_the_page_is_one_that_nothing_can_be_put_into(app):
    response = app.ask(state='"><script>', redirect_uri=f"{REDIRECT}?a=%22%3E%3Cb%3E")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9999" in policy
    assert "<b>" not in response.text
    assert "<script" not in response.text
    local = app.ask(redirect_uri="http://[::1]:9999/back")
    assert local.headers["content-security-policy"].endswith("form-action 'self' http:")
    style = app.browser.get(f"{app.base}/api/oauth/style.css")
    assert style.headers["content-type"].startswith("text/css")
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_a_token_may_do_what_was_allowed(app):
    reader = app.token(scope="read_catalog")["access_token"]
    other = app.token(scope="read_orders")["access_token"]
    assert app.get(reader, "/products").status_code == 200
    response = app.get(reader, "/orders")
    assert (response.status_code, response.json()["errorCode"]) == (403, "INSUFFICIENT_APP_SCOPE")
    assert "read_orders" in response.json()["errorMessage"]
    assert app.get(other, "/orders").status_code == 200
    assert app.get(other, "/products").status_code == 403
    assert app.get(app.sandbox.token, "/products").status_code == 200
    assert app.get(reader, "/profile").status_code == 200
    told = app.get(reader, "/application/token").json()
    assert told["permissions"] == ["read_catalog", "read_store_profile"]
    headers = {"Authorization": f"Bearer {reader}"}
    response = httpx2.post(f"{app.sandbox.store_url}/products", json={"name": "x"}, headers=headers)
    assert response.json()["errorCode"] == "INSUFFICIENT_APP_SCOPE"


def test_a_public_token_reads_what_everybody_may_see(app):
    given = app.token(scope="public_storefront read_catalog read_orders")
    token = given["public_token"]
    assert token.startswith("public_")
    assert app.get(token, "/products").status_code == 200
    assert app.get(token, "/orders").status_code == 403
    assert app.get(given["access_token"], "/orders").status_code == 200


def test_the_page_for_people_shows_no_token(app):
    token = app.token()["access_token"]
    app.get(token, f"/storage/{token}")
    app.get(app.sandbox.token, f"/products?keyword={app.sandbox.token}")
    shown = httpx2.get(f"{app.base}/_page/state").text
    assert "/storage/" in shown
    assert token not in shown
    assert app.sandbox.token not in shown


def test_each_token_has_a_limit_of_its_own(app):
    first, second = (app.token(scope="read_catalog")["access_token"] for _ in range(2))
    app.sandbox.clock.stop()
    app.sandbox.set(rate_limit=2)
    assert [app.get(first, "/products").status_code for _ in range(3)] == [200, 200, 429]
    assert app.get(second, "/products").status_code == 200


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"client_id": "other"}, "no app"),
        ({"client_id": None}, "no app"),
        ({"redirect_uri": None}, "missing"),
        ({"redirect_uri": "https://example.com/back"}, "not on this machine"),
        ({"redirect_uri": "http://127.0.0.1@example.com/"}, "not an address"),
        ({"redirect_uri": "http://127.0.0.1.example.com/"}, "not on this machine"),
        ({"redirect_uri": "http://example.com\\@127.0.0.1/"}, "not an address"),
        ({"redirect_uri": "javascript:alert(1)//127.0.0.1"}, "not an address"),
        ({"redirect_uri": "http://127.0.0.1:9/#part"}, "not an address"),
        ({"redirect_uri": "http://127.0.0.1:99999/"}, "not an address"),
        ({"redirect_uri": "//127.0.0.1/back"}, "not an address"),
        ({"redirect_uri": [REDIRECT, "http://localhost/"]}, "more than once"),
    ],
)
def test_nobody_is_sent_where_nothing_is_known(app, changes, problem):
    response = app.ask(**changes)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert problem in response.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": ["code", "code"]}, "invalid_request"),
        ({"scope": "read_catalog read_minds"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
    ],
)
def test_the_app_hears_of_its_mistakes(app, changes, error):
    back = sent_back(app.ask(**changes))
    assert back["error"] == error
    assert back["state"] == "a b&c"
    assert "code" not in back


def test_denied(app):
    back = sent_back(app.answer(app.page(), "deny"))
    assert back == {"error": "access_denied", "state": "a b&c"}
    back = sent_back(app.answer(app.page(state=None), "deny"))
    assert back == {"error": "access_denied"}


def test_a_query_in_the_address_stays(app):
    response = app.answer(app.page(redirect_uri=f"{REDIRECT}?shop=7", state=None))
    assert [*sent_back(response)] == ["shop", "code"]


def test_an_answer_counts_once_and_from_the_browser_that_was_asked(app):
    page = app.page()
    with httpx2.Client() as stranger:
        response = stranger.post(
            app.sandbox.authorize_url, data={**page.fields, "decision": "allow"}
        )
    assert response.status_code == 403
    assert app.answer(page, consent="made-up").status_code == 403
    assert app.answer(page, decision="maybe").status_code == 400
    assert app.answer(page, store="1004").status_code == 400
    assert app.answer(page).status_code == 302
    assert app.answer(page).status_code == 403
    page = app.page()
    app.sandbox.clock.advance(3_600)
    assert app.answer(page).status_code == 403


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "other"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token"}, 400, "unsupported_grant_type"),
        ({"code": "made-up"}, 400, "invalid_grant"),
        ({"redirect_uri": f"{REDIRECT}/else"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_grant"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"code": None}, 400, "invalid_request"),
        ({"code": ["a", "b"]}, 400, "invalid_request"),
    ],
)
def test_no_token(app, changes, status, error):
    code = app.code()
    refused(app.exchange(code, **changes), status, error)
    # A mistake doesn't cost the code.
    assert app.exchange(code).status_code == 200


def test_a_body_that_is_no_form(app):
    refused(httpx2.post(app.sandbox.token_url, json={"code": app.code()}), 400, "invalid_request")


def test_a_code_is_good_for_minutes(app):
    app.sandbox.clock.stop()
    code = app.code()
    app.sandbox.clock.advance(299)
    assert app.exchange(code).status_code == 200
    code = app.code()
    app.sandbox.clock.advance(300)
    refused(app.exchange(code), 400, "invalid_grant")


def test_a_code_that_comes_twice_ends_its_token(app):
    code = app.code()
    token = app.exchange(code).json()["access_token"]
    assert app.get(token, "/products").status_code == 200
    refused(app.exchange(code), 400, "invalid_grant")
    assert app.get(token, "/products").json()["errorCode"] == "INVALID_API_TOKEN"


def test_older_documentation_asks_with_a_query(app):
    query = {
        "client_id": "sandbox-app",
        "client_secret": "sandbox-app-secret",
        "code": app.code(),
        "redirect_uri": REDIRECT,
        "grant_type": "authorization_code",
    }
    assert "access_token" in httpx2.get(app.sandbox.token_url, params=query).json()


def test_an_app_that_goes_takes_its_tokens_along(app):
    token = app.token(scope="read_catalog")["access_token"]
    own = httpx2.delete(f"{app.sandbox.store_url}/application", headers=app.sandbox.headers)
    assert own.status_code == 200
    assert app.get(token, "/products").status_code == 403
    # It can be installed again.
    assert app.get(app.token()["access_token"], "/products").status_code == 200
    assert app.get(app.sandbox.token, "/products").status_code == 403


def test_registered_addresses():
    options = {
        "client_id": "My <App>",
        "client_secret": "hush",
        "redirect_uris": frozenset({"https://app.example.com/oauth"}),
    }
    with running_sandbox(size="empty", **options) as sandbox:
        app = App(sandbox)
        asked = {"client_id": "My <App>"}
        assert app.ask(**asked).status_code == 400
        for wrong in (
            "https://app.example.com/oauth/../else",
            "https://app.example.com/oauth/%2e%2e/else",
            "https://app.example.com/oauthelse",
            "https://app.example.com:444/oauth",
            "http://app.example.com/oauth",
        ):
            assert app.ask(**asked, redirect_uri=wrong).status_code == 400, wrong
        below = "https://app.example.com/oauth/done"
        sent_back(app.answer(app.page(**asked, redirect_uri=below)), below)
        page = app.page(**asked, redirect_uri=None)
        assert "My &lt;App&gt;" in app.ask(**asked, redirect_uri=None).text
        back = sent_back(app.answer(page), "https://app.example.com/oauth")
        given = app.exchange(back["code"], **asked, client_secret="hush", redirect_uri=None)
        assert given.status_code == 200
        app.browser.close()


def test_one_of_several_shops():
    with running_sandbox(size="empty", stores=2) as sandbox:
        app = App(sandbox)
        page = app.page()
        assert page.stores == ["1003", "1004"]
        code = sent_back(app.answer(page, store="1004"))["code"]
        given = app.exchange(code).json()
        assert given["store_id"] == 1004
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        assert httpx2.get(f"{sandbox.url}/1004/products", headers=headers).status_code == 200
        assert httpx2.get(f"{sandbox.url}/1003/products", headers=headers).status_code == 403
        app.browser.close()


def test_tokens_outlive_the_server(tmp_path):
    chosen = {"size": "empty", "database": tmp_path / "shop.db", "now": 1_767_225_600}
    with running_sandbox(**chosen) as sandbox:
        app = App(sandbox)
        token = app.token(scope="read_catalog")["access_token"]
        app.browser.close()
    with running_sandbox(**chosen) as sandbox:
        headers = {"Authorization": f"Bearer {token}"}
        assert httpx2.get(f"{sandbox.store_url}/products", headers=headers).status_code == 200
    assert urlsplit(sandbox.authorize_url).path == "/api/oauth/authorize"
