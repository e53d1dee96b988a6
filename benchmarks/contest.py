"""A sandbox, those who read from it or write to it, and what each of them took."""

from __future__ import annotations

import collections
import functools
import http.client
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
OUTPUT = HERE.parent / "output" / "benchmarks"
TOKEN = "secret_sandbox"  # noqa: S105 - it opens nothing but the sandbox
STORE = "1003"
NOW = "2026-01-01"
"""The shops' last day: long ago, so that nothing is fresh."""
TIMEOUT = 600
OK = 200
REFUSED = 429

STREAMS = {
    "product": "products",
    "category": "categories",
    "order": "orders",
    "customer": "customers",
    "customer_group": "customer_groups",
    "coupon": "discount_coupons",
    "abandoned_cart": "abandoned_carts",
    "review": "product_reviews",
    "store_profile": "store_profile",
}
"""The sandbox's kinds, and the streams that hold them."""

_RECORD = re.compile(rb'\{"type": ?"RECORD", ?"stream": ?"([^"]+)"')
_COUNTS = re.compile(rb'\{"type": ?"COUNTS"')
_STATE = re.compile(rb'\{"type": ?"STATE"')


def installed(script: str) -> str:
    """The Python of a rival's own environment, made where it is missing."""
    path = str(HERE / "rivals" / script)
    subprocess.run(["uv", "sync", "--quiet", "--script", path], check=True)
    found = subprocess.run(
        ["uv", "python", "find", "--script", path], check=True, capture_output=True, text=True
    )
    return found.stdout.strip()


def written(name: str, value: object) -> str:
    """A file for a command."""
    path = OUTPUT / name
    path.write_text(json.dumps(value))
    return str(path)


class Shop:
    """A sandbox that serves a shop, in a process of its own."""

    def __init__(self, name: str, options: Sequence[str]) -> None:
        """Start it; its shop is made the first time and kept."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        self.name = name
        command = [
            str(BIN / "ecwid-sandbox"),
            "serve",
            "--port=0",
            "--control",
            f"--now={NOW}",
            f"--store-id={STORE}",
            f"--database={OUTPUT / name}.db",
            *options,
        ]
        try:
            self._start(command)
        except RuntimeError:
            # Made by another version, or another shop under this name.
            self._start([*command, "--fresh"])

    def _start(self, command: Sequence[str]) -> None:
        environment = {**os.environ, "ECWID_SANDBOX_TOKEN": TOKEN}
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
        )
        for line in self._process.stdout or ():
            if line.startswith("Serving"):
                self.api_url = line.split()[-1]
                return
        self._process.wait()
        raise RuntimeError(f"the sandbox ended with {self._process.returncode}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    @property
    def url(self) -> str:
        return f"{self.api_url}/{STORE}"

    def request(self, method: str, path: str, body: object = None) -> tuple[int, Any, str | None]:
        """Ask the server: status, answer, Retry-After."""
        parts = urlsplit(self.api_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        try:
            content = None if body is None else json.dumps(body)
            headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
            connection.request(method, path, content, headers)
            response = connection.getresponse()
            return response.status, json.load(response), response.headers.get("Retry-After")
        finally:
            connection.close()

    def set(self, *, latency: float = 250, rate_limit: int = 600, **others: object) -> None:
        """Set latency, limit and whatever else, and forget who asked how often."""
        settings = {"latency": latency, "rate_limit": rate_limit, **others}
        self.request("POST", "/_sandbox/settings", settings)
        self.request("POST", "/_sandbox/reset-requests")

    def requests(self) -> list[dict[str, Any]]:
        """What was asked since ``set``."""
        answer = self.request("GET", "/_sandbox/requests")[1]
        found: list[dict[str, Any]] = answer["requests"]
        if answer["count"] > len(found):
            print(f"  of {answer['count']:,} requests the sandbox knows the last {len(found):,}:")
        return found

    def all(self, path: str, fields: str) -> Iterator[dict[str, Any]]:
        """Some fields of all objects of a list, page by page; latency and limit are off then."""
        self.set(latency=0, rate_limit=0)
        offset, total = 0, 1
        while offset < total:
            query = f"limit=100&offset={offset}&responseFields=total,items({fields})"
            _, page, _ = self.request("GET", f"/api/v3/{STORE}/{path}?{query}")
            yield from page["items"]
            offset, total = offset + 100, page["total"]

    @functools.cached_property
    def expected(self) -> dict[str, int]:
        """How many records each stream has to give."""
        documents = self.request("GET", "/_sandbox")[1]["documents"]
        counts = {stream: documents[kind] for kind, stream in STREAMS.items()}
        products = self.all("products", "combinations(id)")
        variations = sum(len(product.get("combinations", ())) for product in products)
        return {**counts, "product_variations": variations}


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """Somebody who reads a shop, or writes to it.

    Attributes:
        title: What it is called in the table.
        command: How it is run.
        streams: What it is to deliver.
        source: The file that it reads from its standard input.
        slow: Whether it takes minutes.
        runs: How often it is run; the run with the median time counts.
        timeout: Seconds after which it is killed.
    """

    title: str
    command: Sequence[str]
    streams: Sequence[str] = ()
    source: Path = Path(os.devnull)
    slow: bool = False
    runs: int = 1
    timeout: float = TIMEOUT


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A row of the table.

    Attributes:
        title: Whose it is.
        seconds: Wall time of the whole process.
        requests: Requests that came by themselves.
        inner: Requests within batches.
        refused: Of both, those answered with 429.
        records: How many records were read, or written.
        cpu: Processor time of the whole process.
        megabytes: Its peak memory.
    """

    title: str
    seconds: float
    requests: int
    inner: int
    refused: int
    records: int
    cpu: float
    megabytes: float

    def print(self, ours: Figures | None, problem: str = "") -> None:
        """Print it, beside ours where that is known."""
        times = ("", "")
        if ours:
            times = (f"{self.seconds / ours.seconds:.1f}", f"{self.cpu / ours.cpu:.1f}")
        print(
            f"{self.title:<38}{self.seconds:>10,.2f}{self.requests:>10,}{self.inner:>8,}"
            f"{self.refused:>6,}{self.records:>9,}{self.cpu:>8.2f}{self.megabytes:>9.0f}"
            f"{times[0]:>8}{times[1]:>7}" + (f"  WRONG: {problem}" if problem else ""),
            flush=True,
        )


def heading(case: str, latency: float, rate_limit: int, more: str = "") -> None:
    """Print what stands above the rows."""
    limit = f"{rate_limit} requests a minute" if rate_limit else "no limit"
    print(f"\n{case}: {latency:.0f} ms an answer, {limit}{more}", flush=True)
    print(
        f"{'':<38}{'wall s':>10}{'requests':>10}{'inner':>8}{'429s':>6}{'records':>9}{'CPU s':>8}"
        f"{'peak MB':>9}{'x wall':>8}{'x CPU':>7}",
        flush=True,
    )


@dataclass(kw_only=True)
class Run:
    """What a run took and gave."""

    title: str
    streams: Sequence[str]
    code: int
    seconds: float
    cpu: float
    megabytes: float
    first: float
    requests: list[dict[str, Any]]
    records: Mapping[str, int] = field(default_factory=dict)
    state: bytes = b""
    last: bytes = b""

    @property
    def direct(self) -> int:
        """How many requests came by themselves, not within a batch."""
        return sum(not request["batch"] for request in self.requests)

    @property
    def writes(self) -> int:
        """How many requests were to change something, within batches too."""
        return sum(
            request["method"] != "GET" and not request["path"].startswith("/batch")
            for request in self.requests
        )

    def figures(self, records: int | None = None) -> Figures:
        """The row of the table; for so many records where they weren't counted."""
        return Figures(
            title=self.title,
            seconds=self.seconds,
            requests=self.direct,
            inner=len(self.requests) - self.direct,
            refused=self.refused,
            records=self.count if records is None else records,
            cpu=self.cpu,
            megabytes=self.megabytes,
        )

    @property
    def count(self) -> int:
        """How many records came."""
        return sum(self.records.values())

    @property
    def refused(self) -> int:
        """How many requests were answered with 429."""
        return sum(request["status"] == REFUSED for request in self.requests)

    def problem(self, expected: Mapping[str, int]) -> str:
        """Why the run doesn't count; empty where it does."""
        if self.code:
            return f"ended with {self.code}"
        wrong = [
            f"{stream}: {self.records.get(stream, 0):,} of {expected[stream]:,}"
            for stream in self.streams
            if self.records.get(stream, 0) != expected[stream]
        ]
        return "; ".join(wrong)


class _Reader:
    """Reads what a contestant writes, as a loader would, and counts it."""

    def __init__(self) -> None:
        self.records: collections.Counter[str] = collections.Counter()
        self.state = b""
        self.last = b""
        self.first = 0.0

    def read(self, pipe: int, began: float) -> None:
        """Read to the end."""
        rest = b""
        while block := os.read(pipe, 1 << 20):
            self.first = self.first or time.perf_counter() - began
            *lines, rest = (rest + block).split(b"\n") if b"\n" in block else (rest + block,)
            for line in lines:
                self.last = line or self.last
                found = _RECORD.match(line)
                if found:
                    self.records[found[1].decode()] += 1
                elif _STATE.match(line):
                    self.state = line
                elif _COUNTS.match(line):
                    self.records.update(json.loads(line)["records"])


def run(contestant: Contestant, shop: Shop, case: str, environment: Mapping[str, str]) -> Run:
    """Let somebody read or write, once."""
    slug = re.sub(r"\W+", "-", f"{case}-{contestant.title}").strip("-")
    report = OUTPUT / f"{slug}.json"
    launcher = [sys.executable, "-I", "-S", str(HERE / "measured.py"), str(report)]
    reader = _Reader()
    report.unlink(missing_ok=True)
    with (OUTPUT / f"{slug}.log").open("wb") as log, contestant.source.open("rb") as source:
        began = time.perf_counter()
        process = subprocess.Popen(
            [*launcher, *contestant.command],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        end = threading.Timer(contestant.timeout, os.killpg, (process.pid, signal.SIGKILL))
        end.start()
        if process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        reader.read(process.stdout.fileno(), began)
        process.wait()
        end.cancel()
    try:
        took = json.loads(report.read_text())
    except FileNotFoundError:
        took = {"code": -9, "seconds": time.perf_counter() - began, "cpu": 0, "megabytes": 0}
    return Run(
        title=contestant.title,
        streams=contestant.streams,
        requests=shop.requests(),
        first=reader.first,
        records=reader.records,
        state=reader.state,
        last=reader.last,
        **took,
    )


def contest(
    case: str,
    shop: Shop,
    contestants: Sequence[Contestant],
    *,
    latency: float = 250,
    rate_limit: int = 600,
) -> list[Run]:
    """Let all of them read, one after another, and print what each took; the first is ours."""
    environment = {"SHOP_URL": shop.url, "SHOP_TOKEN": TOKEN}
    # Counted first: that asks the shop too.
    expected = shop.expected
    heading(case, latency, rate_limit)
    counted: list[Run] = []
    for contestant in contestants:
        runs = []
        for _ in range(contestant.runs):
            shop.set(latency=latency, rate_limit=rate_limit)
            runs.append(run(contestant, shop, case, environment))
        found = median(runs)
        counted.append(found)
        found.figures().print(counted[0].figures(), found.problem(expected))
    return counted


def median(runs: Sequence[Run]) -> Run:
    """The run that took the median time."""
    middle = statistics.median_low(found.seconds for found in runs)
    return next(found for found in runs if found.seconds == middle)


def target(what: str, value: float, bound: float, *, most: bool = False) -> None:
    """Print whether a target was met: at least the bound, or at most."""
    met = value <= bound if most else value >= bound
    relation = "at most" if most else "at least"
    print(
        f"  {'met   ' if met else 'MISSED'} {what}: {value:,.2f} ({relation} {bound:,})", flush=True
    )


@contextmanager
def polled(shop: Shop, other: str = "") -> Iterator[list[tuple[float, int]]]:
    """When how many requests had been answered, those for the path ``other`` left out."""
    seen: list[tuple[float, int]] = []
    done = threading.Event()

    def poll() -> None:
        while not done.wait(0.5):
            requests = shop.requests()
            count = sum(r["path"] != other and r["status"] == OK for r in requests)
            seen.append((time.perf_counter(), count))

    thread = threading.Thread(target=poll)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@contextmanager
def other_client(shop: Shop, per_minute: int, path: str) -> Iterator[collections.Counter[int]]:
    """Somebody else with the same token, who asks for a path at an even pace."""
    statuses: collections.Counter[int] = collections.Counter()
    done = threading.Event()

    def ask() -> None:
        wait = 0.0
        while not done.wait(wait):
            began = time.perf_counter()
            status, _, retry_after = shop.request("GET", f"/api/v3/{STORE}{path}")
            statuses[status] += 1
            wait = max(0.0, began + 60 / per_minute - time.perf_counter())
            if retry_after:
                wait = float(retry_after)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield statuses
    finally:
        done.set()
        thread.join()


def pages_a_second(
    shop: Shop, path: str, pages: int, seconds: float = 3, clients: int = 4
) -> float:
    """How many pages the sandbox serves at the most: a raw load over a few connections."""
    parts = urlsplit(shop.api_url)
    counts = [0] * clients

    def load(number: int) -> None:
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                offset = (number + counts[number] * clients) % pages * 100
                connection.sendall(
                    f"GET /api/v3/{STORE}/{path}?limit=100&offset={offset} HTTP/1.1\r\n"
                    f"Host: {parts.netloc}\r\nAccept-Encoding: gzip\r\n"
                    f"Authorization: Bearer {TOKEN}\r\n\r\n".encode()
                )
                head, _, body = _until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                left = length - len(body)
                while left > 0:
                    left -= len(connection.recv(min(left, 1 << 20)))
                counts[number] += 1

    shop.set(latency=0, rate_limit=0)
    threads = [threading.Thread(target=load, args=(number,)) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def _until(connection: socket.socket, mark: bytes) -> bytes:
    found = b""
    while mark not in found:
        found += connection.recv(65536)
    return found
