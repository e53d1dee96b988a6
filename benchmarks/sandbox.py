"""How fast the sandbox is: it must never be what is measured.

A shop is made and served in this machine; one process asks, over HTTP. Pages and look-ups are asked
for by as many connections as --connections says.

uv run python benchmarks/sandbox.py [--case generate pages lookups writes] [--products 50000]
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TOKEN = "secret_sandbox"  # noqa: S105 - it opens nothing but the sandbox
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
STORE = "/api/v3/1003"
FIELDS = {
    "products": "total,items(id,sku,name,price,updated)",
    "orders": "total,items(id,total,email,createDate,items(sku,quantity))",
}


@contextmanager
def serving(*options: str) -> Iterator[tuple[str, float]]:
    """A sandbox in a process of its own; its host and port, and the seconds until it answers."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.json"
        command = [sys.executable, "-m", "ecwid_sandbox", "serve", "--port=0", "--rate-limit=0"]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, f"--state={state}", *options], stdout=subprocess.DEVNULL
        )
        try:
            while not state.exists():
                if process.poll() is not None:
                    raise SystemExit(f"the sandbox ended with {process.returncode}")
                time.sleep(0.02)
            ready = time.perf_counter() - began
            yield urlsplit(json.loads(state.read_text(encoding="utf-8"))["url"]).netloc, ready
        finally:
            process.terminate()
            process.wait()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> bytes:  # noqa: ANN401 - any JSON
    """The body of an answer."""
    content = None if body is None else json.dumps(body)
    connection.request(method, f"{STORE}{path}", content, HEADERS)
    response = connection.getresponse()
    found = response.read()
    if response.status != http.client.OK:
        raise SystemExit(f"{method} {path}: {response.status} {found[:200]!r}")
    return found


def rate(where: str, paths: Sequence[str], connections: int) -> float:
    """Requests a second, asked for one after the other by each connection."""
    shares = [paths[place::connections] for place in range(connections)]

    def work(share: Sequence[str]) -> None:
        connection = http.client.HTTPConnection(where)
        for path in share:
            ask(connection, "GET", path)
        connection.close()

    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(paths) / (time.perf_counter() - began)


def tell(what: str, figure: float, unit: str) -> None:
    """Print a row."""
    print(f"{what:<58}{figure:>12,.1f} {unit}", flush=True)


def case_generate(options: argparse.Namespace) -> None:
    """A large shop: 10,000 products, 40,000 customers, 100,000 orders."""
    with serving("--size=large", f"--orders={options.orders}") as (_, ready):
        tell(f"{options.orders:,} orders: from start to the first answer", ready, "s")


def case_pages(options: argparse.Namespace) -> None:
    """Pages of 100 from all over the lists."""
    sizes = ("--size=medium", "--products=10000", "--orders=10000")
    with serving(*sizes) as (where, _):
        for name, fields in FIELDS.items():
            for title, query in (("whole", ""), ("responseFields", f"&responseFields={fields}")):
                offsets = itertools.islice(itertools.cycle(range(0, 9_900, 100)), options.requests)
                paths = [f"/{name}?limit=100&offset={offset}{query}" for offset in offsets]
                found = rate(where, paths, options.connections)
                tell(f"pages of 100 {name}, {title}", found, "pages/s")


def case_lookups(options: argparse.Namespace) -> None:
    """One document by what tells it apart, in a shop that is written to meanwhile."""
    with serving(f"--products={options.products}") as (where, _):
        connection = http.client.HTTPConnection(where)
        skus = [
            product["sku"]
            for offset in range(0, 2_000, 100)
            for product in json.loads(ask(connection, "GET", f"/products?offset={offset}"))["items"]
        ]
        emails = [
            customer["email"]
            for offset in range(0, 500, 100)
            for customer in json.loads(ask(connection, "GET", f"/customers?offset={offset}"))[
                "items"
            ]
        ]
        for title, paths in (
            ("sku", [f"/products?sku={quote(sku)}" for sku in skus]),
            (
                "email",
                [f"/customers?useExactEmailMatch=true&email={quote(email)}" for email in emails],
            ),
        ):
            chosen = paths[: options.requests]
            found = rate(where, chosen, options.connections)
            tell(f"look-ups by {title}, {options.products:,} products", found, "requests/s")
        products = json.loads(ask(connection, "GET", "/products?limit=100"))["items"]
        rounds = products[:50]
        began = time.perf_counter()
        for product in rounds:
            ask(connection, "GET", f"/products?sku={quote(product['sku'])}")
            ask(connection, "PUT", f"/products/{product['id']}", {"price": product["price"] + 1})
        found = 2 * len(rounds) / (time.perf_counter() - began)
        tell("look-up by sku and a write, in turn", found, "requests/s")
        began = time.perf_counter()
        pages = 20
        for product, offset in zip(products, range(0, 100 * pages, 100), strict=False):
            ask(connection, "GET", f"/products?offset={offset}&sortBy=UPDATED_TIME_ASC")
            ask(connection, "PUT", f"/products/{product['id']}", {"price": product["price"] + 2})
        found = pages / (time.perf_counter() - began)
        tell("page by time of update and a write, in turn", found, "pages/s")
        connection.close()


def case_writes(options: argparse.Namespace) -> None:
    """Requests within batches, one batch after the other."""
    with serving(f"--products={options.products}") as (where, _):
        connection = http.client.HTTPConnection(where)
        listed = json.loads(ask(connection, "GET", "/products?limit=100"))["items"]
        known = [product["id"] for product in listed]
        category = next(p["categoryIds"][0] for p in listed if p.get("categoryIds"))
        new = {"price": 5, "enabled": True, "quantity": 3}
        for title, requests in (
            (
                "stock changes",
                [
                    {
                        "path": f"/products/{known[n % 100]}",
                        "method": "PUT",
                        "body": {"quantity": n},
                    }
                    for n in range(500)
                ],
            ),
            (
                "new products",
                [
                    {"path": "/products", "method": "POST", "body": {**new, "name": f"New {n}"}}
                    for n in range(500)
                ],
            ),
            (
                "new products of a category",
                [
                    {
                        "path": "/products",
                        "method": "POST",
                        "body": {**new, "name": f"Newer {n}", "categoryIds": [category]},
                    }
                    for n in range(50)
                ],
            ),
            (
                "look-ups by sku",
                [
                    {"path": f"/products?sku={quote(listed[n % 100]['sku'])}", "method": "GET"}
                    for n in range(500)
                ],
            ),
        ):
            began = time.perf_counter()
            ticket = json.loads(ask(connection, "POST", "/batch", requests))["ticket"]
            while True:
                status = json.loads(ask(connection, "GET", f"/batch?ticket={ticket}"))
                if status["status"] == "COMPLETED":
                    break
                time.sleep(0.01)
            seconds = time.perf_counter() - began
            codes = {response.get("httpStatusCode") for response in status["responses"]}
            if codes != {http.client.OK}:
                raise SystemExit(f"{title}: {codes}")
            tell(f"inner requests: {title}", len(requests) / seconds, "requests/s")
        connection.close()


CASES: dict[str, Callable[[argparse.Namespace], None]] = {
    "generate": case_generate,
    "pages": case_pages,
    "lookups": case_lookups,
    "writes": case_writes,
}


def main() -> None:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--products", type=int, default=50_000)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=2_000)
    parser.add_argument("--connections", type=int, default=2)
    chosen = parser.parse_args()
    for name in chosen.case:
        CASES[name](chosen)


if __name__ == "__main__":
    main()
