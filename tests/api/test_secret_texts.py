"""Secrets are hidden in any text, however it has them, and nothing else is."""

from __future__ import annotations

import base64

import pytest

from ecwid_api.secret_texts import HIDDEN, SecretTexts, passwords_in
from encodings_of_text import ENCODINGS

SECRETS = ["secret_Zr9xKq7LmB2v", 'pass "word"/\\+?&=100%', "ключ-к-замку", "a<b>c&d'e"]


@pytest.mark.parametrize("name", ENCODINGS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_hidden_however_it_is_written(secret, name):
    hidden = SecretTexts(SECRETS)
    text = f"before {ENCODINGS[name](secret)} after"
    for shown in (hidden.hide(text), hidden.hide_bytes(text.encode()).decode()):
        assert HIDDEN in shown
        assert shown.startswith("before ")
        assert shown.endswith(" after")
        # Of base64 that has more in it, the rest stays.
        assert len(shown) < len("before  after") + len(HIDDEN) + 20


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "secret_Zr9xKq7LmB2",
        '{"a": "x\\u00e9\\n%41 &#65; \\\\"}',
        "50% off + 10%",
        "\ud800",
        base64.b64encode(b"something else, of some length").decode(),
    ],
)
def test_other_texts_stay_as_they_are(text):
    assert SecretTexts(SECRETS).hide(text) == text


def test_bytes_that_are_no_text_stay_as_they_are():
    content = bytes(range(256))
    assert SecretTexts(SECRETS).hide_bytes(content) == content


def test_short_secrets_are_not_hidden_everywhere():
    assert SecretTexts(["12345"]).hide("id 12345") == "id 12345"
    assert SecretTexts(["12345"], shortest=1).hide("id 12345") == f"id {HIDDEN}"


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_secrets_are_found_in_pieces(size):
    content = b"x" * 500 + SECRETS[0].encode() + b"y" * 500
    pieces = [content[n : n + size] for n in range(0, len(content), size)]
    assert SecretTexts(SECRETS).are_in(pieces)
    assert not SecretTexts(SECRETS).are_in(pieces[: len(pieces) // 3])


def test_passwords_of_addresses():
    assert passwords_in("http://u:p%40ss@host") == {"p%40ss", "p@ss"}
    assert passwords_in("http://host:80") == passwords_in("http://[x") == set()
