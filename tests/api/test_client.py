"""What the client does with each kind of answer, and that it tells nobody the token."""

from __future__ import annotations

import logging
import time

import httpx2
import pytest

from ecwid_api import errors
from ecwid_api.bearer_token import BearerToken
from ecwid_api.client import Client
from ecwid_api.http_settings import normal_address
from ecwid_api.retrying import Patience, retry_after
from operations import make_operation

READ = make_operation()
WRITE = make_operation("POST", "/products", id="createProduct", answer="status")


def answering(*answers):
    """Give one answer after the other, and remember the requests."""
    left = list(answers)

    def answer(request):
        answer.requests.append(request)
        following = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(following, Exception):
            raise following
        return following

    answer.requests = []
    return answer


def error(status, code=None, message="no", **options):
    return httpx2.Response(status, json={"errorCode": code, "errorMessage": message}, **options)


def test_the_request_goes_to_the_store_with_the_token_in_a_header(client_over):
    answer = answering(httpx2.Response(200, json={"total": 0, "items": []}))
    client_over(answer).call(READ, query={"enabled": True, "keyword": None, "limit": 5})
    (request,) = answer.requests
    assert str(request.url) == "http://ecwid.test/api/v3/1003/products?enabled=true&limit=5"
    assert request.headers["Authorization"] == "Bearer secret_x"
    assert "gzip" in request.headers["Accept-Encoding"]


def test_path_values_are_escaped_as_ecwid_decodes_them(client_over):
    answer = answering(httpx2.Response(200, json={}))
    operation = make_operation(path="/discount_coupons/{id}")
    client_over(answer).call(operation, path={"id": "A+B/50 %"})
    assert answer.requests[0].url.raw_path == b"/api/v3/1003/discount_coupons/A%2BB%2F50%20%25"


def test_the_token_goes_to_no_other_server(client_over):
    answer = answering(
        httpx2.Response(302, headers={"Location": "http://elsewhere.test/"}),
    )
    with pytest.raises(errors.RejectedError):
        client_over(answer).call(READ)
    assert [r.url.host for r in answer.requests] == ["ecwid.test"]
    auth = BearerToken("secret_x", httpx2.URL("http://ecwid.test"))
    other = httpx2.Request("GET", "http://elsewhere.test/")
    next(auth.sync_auth_flow(other))
    assert "Authorization" not in other.headers
    assert "secret_x" not in repr(auth)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (error(403, "INVALID_API_TOKEN"), errors.AccessError, "access_token is not accepted"),
        (httpx2.Response(401), errors.AccessError, "access_token is not accepted"),
        (httpx2.Response(403), errors.UnavailableError, "why is unknown. The token may"),
        (error(403, None, "Go away"), errors.UnavailableError, "403: Go away. There is no error"),
        (
            httpx2.Response(403, json={"message": "Blocked by WAF"}),
            errors.UnavailableError,
            "403: Blocked by WAF. There is no error code",
        ),
        (
            httpx2.Response(
                403,
                text="<!DOCTYPE html><html><head><title>Forbidden</title><style>a{}</style></head>"
                "<body><h1>Request&nbsp;blocked</h1>\n<script>x()</script>Ray 7</body></html>",
            ),
            errors.UnavailableError,
            "403: Forbidden Request blocked Ray 7. There is no error code",
        ),
        (error(403, "SOMETHING_NEW", "?"), errors.UnavailableError, "What SOMETHING_NEW means is"),
        (error(403, "WRONG_DOMAIN_FORMAT", "no"), errors.RejectedError, "WRONG_DOMAIN_FORMAT: no"),
        (error(403, "INSUFFICIENT_APP_SCOPE"), errors.ScopeError, "scope read_catalog"),
        (error(404, "STORE_NOT_FOUND"), errors.AccessError, "store_id 1003 is not a store"),
        (error(404, "PRODUCT_NOT_FOUND"), errors.NotFoundError, "PRODUCT_NOT_FOUND"),
        (error(402, "NOT_AVAILABLE_ON_CURRENT_PLAN"), errors.UnavailableError, "upgrade"),
        (error(403, "NOT_ALLOWED_ON_CURRENT_PLAN"), errors.UnavailableError, "upgrade"),
        (error(403, "DISCOUNTS_FEATURE_NOT_AVAILABLE"), errors.UnavailableError, "switch it on"),
        (error(402, "STORE_IS_SUSPENDED"), errors.AccessError, "store_id 1003 is suspended"),
        (error(402, None, "Pay"), errors.UnavailableError, "402: Pay. The store's plan doesn't"),
        (httpx2.Response(400, text="Bad\nlimit"), errors.RejectedError, "400: Bad limit. There"),
        (
            httpx2.Response(400, content=b'{"errorMessage": "line one\n line two"}'),
            errors.RejectedError,
            "400: line one line two. There is no error code",
        ),
        (
            httpx2.Response(404, text="<html><title>Not Found</title><h1>Not Found</h1></html>"),
            errors.NotFoundError,
            "404: Not Found. That is a page",
        ),
        (httpx2.Response(400, json=["odd"]), errors.RejectedError, "status 400. There is no error"),
        (
            httpx2.Response(400, json={"errorCode": 7, "errorMessage": {"a": 1}}),
            errors.RejectedError,
            'status 400, 7: {"a": 1}',
        ),
        (error(400, "WRONG_PARAMETER", "bad limit"), errors.RejectedError, "bad limit"),
        (
            httpx2.Response(400, content=b'{"errorMessage": "\xff"}'),
            errors.RejectedError,
            "status 400",
        ),
        (error(409, "SKU_ALREADY_EXISTS"), errors.RejectedError, "SKU_ALREADY_EXISTS"),
    ],
)
def test_final_answers_are_errors_that_say_what_to_do(client_over, answer, kind, words):
    answers = answering(answer)
    with pytest.raises(kind) as caught:
        client_over(answers).call(READ)
    assert words in str(caught.value)
    assert len(answers.requests) == 1


@pytest.mark.parametrize(
    "passing",
    [
        httpx2.Response(500),
        httpx2.Response(503),
        httpx2.Response(408),
        httpx2.Response(429),
        httpx2.ReadTimeout("late"),
        httpx2.ConnectError("no"),
        httpx2.RemoteProtocolError("cut"),
        httpx2.Response(200, content=b'{"total": 1, "it'),
        httpx2.Response(200, content=b"<html>a proxy's page</html>"),
        httpx2.Response(200, content=b'{"name": "\xff"}'),
    ],
)
def test_what_may_pass_is_tried_again(client_over, passing):
    answers = answering(passing, httpx2.Response(200, json={"total": 7}))
    assert client_over(answers).call(READ) == {"total": 7}
    assert len(answers.requests) == 2


@pytest.mark.parametrize(
    "unsure", [httpx2.Response(500), httpx2.ReadTimeout("late"), httpx2.ReadError("cut")]
)
def test_a_creation_that_may_have_happened_is_not_sent_again(client_over, unsure):
    answers = answering(unsure)
    with pytest.raises(errors.GaveUpError, match="once"):
        client_over(answers).call(WRITE, body={"name": "x"})
    assert len(answers.requests) == 1


@pytest.mark.parametrize("harmless", [httpx2.Response(429), httpx2.ConnectError("no")])
def test_a_creation_that_was_not_taken_is_sent_again(client_over, harmless):
    answers = answering(harmless, httpx2.Response(200, json={"id": 1}))
    assert client_over(answers).call(WRITE, body={"name": "x"}) == {"id": 1}


def test_it_gives_up_in_the_end_and_says_so(client_over):
    answers = answering(httpx2.Response(500))
    with pytest.raises(errors.GaveUpError, match="tried 4 times"):
        client_over(answers).call(READ)
    assert len(answers.requests) == 4


def test_an_unreachable_server_is_the_setting_s_fault(client_over):
    with pytest.raises(errors.SettingError, match=r"api_url http://ecwid.test/api/v3 can't be"):
        client_over(answering(httpx2.ConnectError("no"))).call(READ)


def test_retry_after_is_honoured(client_over):
    answers = answering(
        httpx2.Response(429, headers={"Retry-After": "17"}), httpx2.Response(200, json={})
    )
    client = client_over(answers)
    client.call(READ)
    assert sum(client.pacer.waited) == pytest.approx(17)


def test_a_retry_after_of_nothing_does_not_use_up_all_attempts_at_once(client_over):
    answers = answering(
        *[httpx2.Response(429, headers={"Retry-After": "0"})] * 3, httpx2.Response(200, json={})
    )
    client = client_over(answers)
    client.call(READ)
    assert sum(client.pacer.waited) >= 0.25 + 0.5 + 1


def test_an_absurd_retry_after_is_not_waited_for(client_over):
    answers = answering(httpx2.Response(429, headers={"Retry-After": "86400"}))
    client = client_over(answers, patience=Patience(longest_refusal=300))
    with pytest.raises(errors.GaveUpError, match="86400 s"):
        client.call(READ)
    assert client.pacer.waited == []


def test_a_server_s_clock_is_known_from_its_answers(client_over):
    answers = answering(
        httpx2.Response(200, json={}, headers={"Date": "Fri, 01 Jan 2038 00:00:00 GMT"})
    )
    client = client_over(answers)
    client.call(READ)
    assert client.server_time() == pytest.approx(2145916800, abs=5)


def test_neither_token_nor_people_reach_the_log(client_over, caplog):
    caplog.set_level(logging.DEBUG)
    answers = answering(httpx2.Response(500), httpx2.Response(200, json={"email": "eve@shop.test"}))
    client_over(answers).call(READ, query={"email": "adam@shop.test"})
    assert "/products" in caplog.text
    for secret in ("secret_x", "adam@shop.test", "eve@shop.test"):
        assert secret not in caplog.text


@pytest.mark.parametrize("token", ["secret_a\nX-Evil: 1", "secret a", "sécret"])
def test_a_token_that_can_t_be_one_is_refused_without_being_told(token):
    with pytest.raises(errors.SettingError) as caught:
        Client(store_id=1, access_token=token)
    assert token not in str(caught.value)


@pytest.mark.parametrize("url", ["app.ecwid.com/api/v3", "ftp://x/", "", "http://"])
def test_a_url_that_is_none_is_refused(url):
    with pytest.raises(errors.SettingError, match="api_url"):
        Client(store_id=1, access_token="secret_x", api_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "http://ECWID.Test/api/v3",
        "HTTP://ecwid.test/api/v3/",
        "http://ecwid.test:80/api/v3",
        " http://ecwid.test/api/v3",
    ],
)
def test_a_server_is_the_same_however_its_address_is_written(url):
    answer = answering(httpx2.Response(200, json={}))
    with Client(
        store_id=1003, access_token="secret_x", api_url=url, transport=httpx2.MockTransport(answer)
    ) as client:
        client.call(READ)
    (request,) = answer.requests
    assert request.headers["Authorization"] == "Bearer secret_x"
    assert str(request.url) == "http://ecwid.test/api/v3/1003/products"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://APP.ecwid.com:443/api/v3/", "https://app.ecwid.com/api/v3"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("https://u:P%40@Host:443", "https://u:P%40@host"),
        ("https://host:80/", "https://host:80"),
        ("ftp://host", None),
        ("https://", None),
        ("https://host:port", None),
        ("https://[x", None),
        ("https://a\\b", None),
        ("https://a\nb", None),
        ("", None),
    ],
)
def test_the_one_form_of_an_address(url, wanted):
    assert normal_address(url) == wanted


@pytest.mark.parametrize(
    "value",
    [
        "nan",
        "inf",
        "-inf",
        "1e400",
        "",
        "soon",
        "Fri, 01 Jan 99999 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Fri, 99 Xxx 2026 00:00:00 GMT",
        "1" * 5000,
        "\x00",
    ],
)
def test_times_that_no_clock_shows_are_ignored(client_over, value):
    assert retry_after(value) is None
    answer = httpx2.Response(200, json={}, headers={"Date": value.encode()})
    client = client_over(answering(answer))
    client.call(READ)
    assert client.server_time() == pytest.approx(time.time(), abs=60)
