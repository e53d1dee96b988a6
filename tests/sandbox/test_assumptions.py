"""Where Ecwid's ways aren't known: what the sandbox does, and what it does instead when told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecwid_sandbox.server.plan import ASSUMPTIONS
from ecwid_sandbox.testing import running_sandbox

TEXTS = {"name": "Lamp", "nameTranslated": {"en": "Light", "de": "Licht"}}
README = Path(__file__).parents[2] / "packages" / "ecwid-sandbox" / "README.md"


def names(own, body):
    number = own.post("/products", TEXTS)["id"]
    own.put(f"/products/{number}", body)
    found = own.get(f"/products/{number}")
    return found["name"], found["nameTranslated"]


def both_differ(own):
    return names(own, {"name": "Torch", "nameTranslated": {"en": "Glow"}})[0]


def one_language(own):
    return "de" in names(own, {"nameTranslated": {"en": "Glow"}})[1]


def foreign(own):
    body = {"name": "x", "nameTranslated": {"fr": "y"}}
    response = own.send("POST", "/products", json=body)
    if response.status_code == 400:
        return 400
    return own.get(f"/products/{response.json()['id']}")["nameTranslated"]


def other_word(own):
    body = {"email": "a@shop.example", "total": 1, "paymentStatus": "BARTERED"}
    return own.send("POST", "/orders", json=body).status_code


def drafts(own):
    order = {"email": "a@shop.example", "total": 1, "paymentStatus": "INCOMPLETE"}
    own.post("/orders", order)
    assert own.get("/orders", paymentStatus="INCOMPLETE")["items"]
    return any(o["paymentStatus"] == "INCOMPLETE" for o in own.all("/orders"))


def gone(own):
    response = own.send("DELETE", "/products/1")
    return response.status_code, response.json().get("deleteCount")


def bought(own):
    """A product and a customer, before and after an order of theirs."""
    number = own.post("/products", {"name": "x", "price": 1, "quantity": 9})["id"]
    customer = own.post("/customers", {"email": "b@shop.example"})["id"]
    paths = (f"/products/{number}", f"/customers/{customer}")
    before = [own.get(path) for path in paths]
    own.sandbox.clock.advance(60)
    item = {"productId": number, "name": "x", "price": 1, "quantity": 2}
    own.post("/orders", {"email": "b@shop.example", "items": [item], "paymentStatus": "PAID"})
    after = [own.get(path) for path in paths]
    assert after[0]["quantity"] == 7
    assert after[1]["totalOrderCount"] == 1
    return [old["updated"] != new["updated"] for old, new in zip(before, after, strict=True)]


def last_second(own):
    at = own.get("/orders", limit=1)["items"][0]["createTimestamp"]
    return bool(own.get("/orders", createdFrom=at, createdTo=at)["items"])


CASES = {
    "translations-win": (both_differ, "Torch", "Glow"),
    "translations-merge": (one_language, False, True),
    "foreign-languages-dropped": (foreign, 400, {"en": "x"}),
    "other-words": (other_word, 400, 200),
    "drafts-hidden": (drafts, True, False),
    "gone-is-done": (gone, (404, None), (200, 0)),
    "stock-is-quiet": (lambda own: bought(own)[0], True, False),
    "customers-are-quiet": (lambda own: bought(own)[1], True, False),
    "ends-included": (last_second, False, True),
}


def test_each_assumption_is_tried():
    assert CASES.keys() == ASSUMPTIONS.keys()


@pytest.mark.parametrize("name", CASES)
def test_it_is_done_so_or_otherwise(own, name):
    act, usual, otherwise = CASES[name]
    assert act(own) == usual
    own.sandbox.set(assume={name})
    if name.endswith("quiet"):
        own.delete(f"/customers/{own.get('/customers', email='b@shop.example')['items'][0]['id']}")
    assert act(own) == otherwise


def test_names_that_mean_nothing():
    with pytest.raises(ValueError, match="drafts-hidden"):
        running_sandbox(size="empty", assume=frozenset({"drafts"})).__enter__()


def test_the_readme_has_them_all():
    rows = {
        tuple(cell.strip().strip("`") for cell in line.strip("|").split("|"))
        for line in README.read_text(encoding="utf-8").splitlines()
    }
    assert {(name, *words) for name, words in ASSUMPTIONS.items()} <= rows
