"""What is at addresses: those that are sent, and those of the shop's own pictures and files."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import time
import zlib

import httpx2
import pytest

from ecwid_sandbox.server import fetching
from ecwid_sandbox.testing import running_sandbox

CLOSED = "http://127.0.0.1:1/a.png"


def product(own):
    return own.sandbox.shop.keys("product")[0]


def a_film(own):
    path = f"/products/{product(own)}/gallery/video"
    return f"{path}/{own.post(path, {'url': 'https://vimeo.com/fernweh'})['id']}"


def an_option(own):
    option = {"name": "Logo", "type": "FILES"}
    body = {"email": "a@shop.example", "items": [{"name": "x", "selectedOptions": [option]}]}
    number = own.post("/orders", body)["id"]
    item = own.get(f"/orders/{number}")["items"][0]["id"]
    return f"/orders/{number}/items/{item}/options/Logo"


def a_variation(own):
    base = f"/products/{product(own)}/combinations"
    number = own.post(base, {"options": [{"name": "Size", "value": "XXL"}]})["id"]
    return f"{base}/{number}/image"


UPLOADS = {
    "a picture": lambda own: ("POST", f"/products/{product(own)}/image"),
    "one more": lambda own: ("POST", f"/products/{product(own)}/gallery"),
    "of a film": lambda own: ("PUT", a_film(own)),
    "a variation's": lambda own: ("POST", a_variation(own)),
    "a category's": lambda own: (
        "POST",
        f"/categories/{own.sandbox.shop.keys('category')[0]}/image",
    ),
    "a logo": lambda own: ("PUT", "/profile/logo"),
    "a file": lambda own: ("POST", f"/products/{product(own)}/files"),
    "a buyer's file": lambda own: ("POST", an_option(own)),
}


@pytest.mark.parametrize("upload", UPLOADS)
def test_an_address_is_fetched_and_a_broken_one_is_refused(own, web, upload):
    method, path = UPLOADS[upload](own)
    for url in (f"{web}/a.png", f"{web}/moved.png"):
        query = {"externalUrl": url, "fileName": "a.png"}
        number = own.send(method, path, params=query).raise_for_status().json()["id"]
        assert number
    before = list(own.sandbox.shop.all("product"))
    for url in (f"{web}/gone.png", f"{web}/empty.png", f"{web}/cut.png", CLOSED, "ftp://a/b"):
        query = {"externalUrl": url, "fileName": "a.png"}
        refused = own.send(method, path, params=query)
        assert (refused.status_code, refused.json()["errorCode"]) == (422, "WRONG_URL"), url
        assert url in refused.json()["errorMessage"]
    assert list(own.sandbox.shop.all("product")) == before


def test_what_is_fetched_later_may_be_broken(own, web):
    path = f"/products/{product(own)}"
    for name, status in (("a.png", 200), ("gone.png", 404)):
        own.post(f"{path}/image/async", {"url": f"{web}/{name}", "width": 9, "height": 9})
        shown = own.get(path)
        assert httpx2.get(shown["imageUrl"]).status_code == status
    assert shown["originalImageUrl"] == f"{web}/gone.png"


@pytest.mark.parametrize("value", [{"a": 1}, [3], "wide", "0", -2, True, 0.5])
def test_a_picture_has_a_size(own, value):
    """Sources call it a text and a number: both will do, and nothing else."""
    path = f"/products/{product(own)}/image/async"
    refused = own.post(path, {"url": CLOSED, "width": value, "height": 3}, 400)
    assert refused["errorCode"] in {"WRONG_PARAMETER", "INCORRECT_IMAGE_SIZE"}
    assert "width" in refused["errorMessage"]
    assert own.post(path, {"url": CLOSED, "width": "3", "height": 3})["id"]


def test_all_pictures_at_once_or_none(own, web):
    path = f"/products/{product(own)}"
    before = own.get(path)
    media = {"mainMedia": {"imageUrl": f"{web}/a.png"}, "galleryMedia": [{"imageUrl": CLOSED}]}
    assert own.put(f"{path}/media", media, 422)["errorCode"] == "WRONG_URL"
    assert own.get(path) == before


def test_others_are_answered_while_something_is_fetched(own):
    """The address is one of the sandbox's own, which answers late."""
    own.sandbox.set(latency=20)
    path = f"/products/{product(own)}"
    picture = own.get(path)["imageUrl"]
    sent = own.send("POST", f"{path}/gallery", params={"externalUrl": picture})
    sent.raise_for_status()
    added = own.get(path)["galleryImages"][-1]
    assert httpx2.get(added["url"]).content == httpx2.get(picture).content


def test_in_a_batch(own, web):
    path = f"products/{product(own)}/gallery?externalUrl={web}"
    requests = [{"path": f"{path}/{name}", "method": "POST"} for name in ("a.png", "gone.png")]
    ticket = own.post("/batch?stopOnFirstFailure=false", requests)["ticket"]
    while (told := own.get("/batch", ticket=ticket))["status"] != "COMPLETED":
        time.sleep(0.002)
    assert [one["httpStatusCode"] for one in told["responses"]] == [200, 422]


def test_nothing_is_fetched_unless_wanted(own):
    own.sandbox.set(fetch_files=False)
    path = f"/products/{product(own)}"
    own.send("POST", f"{path}/image", params={"externalUrl": CLOSED}).raise_for_status()
    assert own.get(path)["originalImageUrl"] == CLOSED


@pytest.mark.parametrize(
    ("content", "ending", "kind"),
    [
        (b"\x89PNG\r\n", "png", "image/png"),
        (b"GIF89a", "gif", "image/gif"),
        (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    ],
)
def test_bytes_are_kept_and_served(own, content, ending, kind):
    path = f"/products/{product(own)}"
    number = own.send("POST", f"{path}/image", content=content).json()["id"]
    shown = own.get(path)["media"]["images"][0]
    for name, url in shown.items():
        if name.endswith("Url"):
            answer = httpx2.get(url)
            assert url.endswith(f"/{number}.{ending}")
            assert (answer.content, answer.headers["Content-Type"]) == (content, kind)
    assert httpx2.post(url).status_code == 405
    assert httpx2.head(url).status_code == 200


def test_a_page_that_is_uploaded_does_nothing(own):
    path = f"/products/{product(own)}/files"
    own.send("POST", path, content=b"<script>", params={"fileName": "a.html"}).raise_for_status()
    answer = httpx2.get(own.get(f"/products/{product(own)}")["files"][-1]["adminUrl"])
    assert answer.content == b"<script>"
    assert answer.headers["Content-Security-Policy"] == "sandbox"


def addresses(value):
    if isinstance(value, dict | list):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from addresses(entry)
    elif isinstance(value, str) and "/files/1003/" in value:
        yield value


def test_the_demo_shop_s_pictures_are_real(own):
    """Everything at an address of the sandbox's is there, of the size that its name says."""
    found = set()
    for kind in ("product", "category", "order", "store_profile", "abandoned_cart"):
        found |= set(addresses(list(own.sandbox.shop.all(kind))))
    assert len(found) > 50
    contents = {}
    for url in found:
        answer = own.client.get(url).raise_for_status()
        if url.endswith(".pdf"):
            assert answer.content.startswith(b"%PDF")
            continue
        contents[url] = answer.content
        width, height = struct.unpack(">II", answer.content[16:24])
        name = url.split("/")[-2]
        assert (width, height) == (3000 if name == "original" else int(name), width * 2 // 3)
        packed = answer.content.partition(b"IDAT")[2]
        assert len(zlib.decompressobj().decompress(packed)) == height * (width + 1)
        assert len(answer.content) < 100_000
    assert len(set(contents.values())) == len(contents)


@pytest.mark.parametrize(
    "name", ["", "nothing", "160/nobody-1.png", "400/../1.png", "file/1/a.pdf", "1500/9.png"]
)
def test_nothing_else_is_there(own, name):
    base = own.sandbox.url.removesuffix("/api/v3")
    for store in (1003, 1004):
        assert httpx2.get(f"{base}/files/{store}/{name}").status_code == 404


def test_over_tls_and_from_one_shop_to_another():
    with running_sandbox(size="tiny", tls=True, stores=2) as sandbox:
        first, second = sandbox.stores
        trusted = ssl.create_default_context(cafile=sandbox.ca)
        with httpx2.Client(verify=trusted) as client:
            source = next(first.shop.all("product"))
            url = f"{second.store_url}/products/{second.shop.keys('product')[0]}/image"
            query = {"externalUrl": source["imageUrl"]}
            client.post(url, params=query, headers=second.headers).raise_for_status()
            copy = next(second.shop.all("product"))["imageUrl"]
            assert "/files/1004/" in copy
            assert client.get(copy).content == client.get(source["imageUrl"]).content


def test_addresses_follow_the_server(tmp_path):
    """A shop in a file has its pictures wherever it is served."""
    path = tmp_path / "shop.db"
    for _ in range(2):
        with running_sandbox(size="tiny", database=path) as sandbox:
            found = json.dumps(list(sandbox.shop.all("product")))
            assert sandbox.url.removesuffix("/api/v3") in found
            assert "files.fernweh" not in found
            url = next(sandbox.shop.all("product"))["imageUrl"]
            assert httpx2.get(url).status_code == 200
            # What was read can be written: it doesn't stay at this address.
            number = sandbox.shop.keys("product")[0]
            sandbox.shop.update("product", number, {"subtitle": url})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
    ],
)
def test_private_networks_are_refused_whatever_their_names(monkeypatch, address, public):
    assert fetching._is_public(address) == public
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 0, "", (address, 1))]
    )
    tried = []

    class Refusing(socket.socket):
        def connect(self, target):
            tried.append(target)
            raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr("socket.socket", Refusing)
    found = fetching._fetch("http://pictures.example/a.png", None)
    assert bool(tried) == public
    assert ("private network" in found.problem) != public
