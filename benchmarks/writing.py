"""What writing to a shop takes: target-ecwid, and the ways there are without it.

uv run python benchmarks/writing.py [--case NAME …] [--part 300 | --whole] [--rivals-only]

Everybody writes the same Singer messages to a sandbox of its own over HTTP, in a process of its
own, one after another; what a rival needs is installed by uv into an environment of its own. The
figures are those of whole processes, start included. Each shop is looked at afterwards: the right
number of products, no SKU twice, the right values, and the others as they were. Requests and
refusals are the sandbox's own count. Messages, shops and logs are kept in output/benchmarks/.

Who writes one record after the other takes more than an hour for 10,000 of them: those are measured
with the first --part of the messages, and a second row tells what all would take at that pace.

Cases:
  sandbox    how fast the sandbox is, so that it is not what is measured
  upsert     10,000 products by sku, half of them new, and the same messages again
  stock      1,000 adjustments of stock
  cpu        own cost per record: no latency, no limit; and what the SDK takes to write nothing
  memory     the peak, for ten times as many records; no latency, no limit
  look-up    prices of some products of 50,000, and of all: look them up, or list the shop
  counted    upsert and stock where requests within batches count against the limit (20 minutes)
"""

from __future__ import annotations

import argparse
import collections
import functools
import json
import math
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from contest import (
    BIN,
    HERE,
    OUTPUT,
    STORE,
    TOKEN,
    Contestant,
    Shop,
    heading,
    installed,
    median,
    run,
    target,
    written,
)
from reading import ours as reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from contest import Figures, Run

LATENCY = 250
PER_MINUTE = 600
BATCH_LATENCY = 30
PAGE = 100
BATCH = 500
ADJUSTMENTS = 1_000
EMPTY = ["--size=empty", "--max-products=1000000"]
FIELDS = "id,sku,name,price,costPrice,weight,enabled,quantity,unlimited"
NEEDED = ("streams", "batch_requests_count", "work_dir")
STATE_EVERY = 1_000
KNOWN = {"batch_requests_count": False}
"""What target-ecwid knows of the limit after a first run."""
STREAMS = {
    "articles": {"entity": "products", "action": "upsert", "key": "sku"},
    "stock": {
        "entity": "products",
        "action": "PUT /products/{productId}/inventory",
        "path": {"productId": "=productId"},
    },
}
"""What target-ecwid is told of the streams."""

SCHEMAS = {
    "articles": {
        "sku": {"type": "string"},
        "name": {"type": ["null", "string"]},
        "price": {"type": ["null", "number"]},
        "costPrice": {"type": ["null", "number"]},
        "weight": {"type": ["null", "number"]},
        "quantity": {"type": ["null", "integer"]},
    },
    "stock": {"productId": {"type": "integer"}, "quantityDelta": {"type": "integer"}},
}
KEYS = {"articles": ["sku"], "stock": ["productId"], "products": ["id"]}


@dataclass(frozen=True, kw_only=True)
class Load:
    """Messages to be written.

    Attributes:
        name: Of the file.
        stream: Of the records.
        schema: Of the stream.
        records: What is to be written.
    """

    name: str
    stream: str
    schema: Mapping[str, Any]
    records: Sequence[Mapping[str, Any]]

    def first(self, count: int) -> Load:
        """The first records alone."""
        return replace(self, name=f"{self.name}-{count}", records=self.records[:count])

    def state(self, count: int) -> dict[str, Any]:
        """The state behind so many records."""
        return {"bookmarks": {self.stream: {"replication_key_value": count}}}

    def file(self) -> Path:
        """The messages in a file: a schema, the records, and a state behind every thousand."""
        path = OUTPUT / f"{self.name}.jsonl"
        with path.open("w") as lines:

            def put(kind: str, **rest: object) -> None:
                lines.write(json.dumps({"type": kind, **rest}) + "\n")

            keys = KEYS[self.stream]
            put("SCHEMA", stream=self.stream, schema=self.schema, key_properties=keys)
            for count, record in enumerate(self.records, 1):
                put("RECORD", stream=self.stream, record=record)
                if count % STATE_EVERY == 0 and count < len(self.records):
                    put("STATE", value=self.state(count))
            put("STATE", value=self.state(len(self.records)))
        return path


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Somebody who writes.

    Attributes:
        title: What it is called in the table.
        command: How it is run for a shop.
        one_by_one: Whether it takes too long to be measured whole.
        states: Whether it hands on the state that it read.
    """

    title: str
    command: Callable[[Shop], Sequence[str]]
    one_by_one: bool = True
    states: bool = True


def ours(**more: object) -> Writer:
    """target-ecwid with our streams and further settings."""

    def command(shop: Shop) -> Sequence[str]:
        work = OUTPUT / "work"
        shutil.rmtree(work, ignore_errors=True)
        settings = {
            "api_url": shop.api_url,
            "store_id": STORE,
            "access_token": TOKEN,
            "work_dir": str(work),
            "streams": STREAMS,
            **more,
        }
        return [
            str(BIN / "target-ecwid"),
            f"--config={written(f'{shop.name}-config.json', settings)}",
        ]

    return Writer(title="target-ecwid", command=command, one_by_one=False)


def lacking() -> list[str]:
    """The settings that target-ecwid hasn't got yet."""
    command = [BIN / "target-ecwid", "--about", "--format=json"]
    found = subprocess.run(command, check=True, capture_output=True)
    known = json.loads(found.stdout)["settings"]["properties"]
    return [name for name in NEEDED if name not in known]


def _rival(title: str, script: str, *, states: bool = True, **settings: str) -> Writer:
    python = installed(script)

    def command(shop: Shop) -> Sequence[str]:
        config = {"url": shop.url, "token": TOKEN, **settings}
        path = written(f"{shop.name}-{script}.json", config)
        return [python, str(HERE / "rivals" / script), f"--config={path}"]

    return Writer(title=title, command=command, states=states)


def record_sink(action: str) -> Writer:
    """The target of the SDK's template."""
    return _rival("RecordSink of singer-sdk", "record_sink.py", action=action)


def idle_sink() -> Writer:
    """The same, and nothing is sent."""
    writer = _rival("singer-sdk, nothing sent", "record_sink.py", action="nothing")
    return replace(writer, one_by_one=False)


def hotglue() -> list[Writer]:
    """The target of hotglue's SDK, where that can be installed."""
    try:
        return [_rival("HotglueSink", "hotglue_sink.py", states=False)]
    except subprocess.CalledProcessError:
        print("hotglue-singer-sdk can't be installed here", flush=True)
        return []


def products(shop: Shop) -> dict[int, dict[str, Any]]:
    """What is looked at of a shop, by id."""
    return {product["id"]: product for product in shop.all("products", FIELDS)}


def _options(count: int) -> list[str]:
    return [*EMPTY, f"--products={count}"]


@functools.cache
def before(count: int) -> Mapping[int, dict[str, Any]]:
    """The products of a shop that nobody has written to."""
    with Shop(f"products-{count}", _options(count)) as shop:
        return products(shop)


@contextmanager
def fresh(count: int) -> Iterator[Shop]:
    """A shop with so many products that nobody has written to."""
    before(count)
    name = f"products-{count}-written"
    for suffix in ("", "-wal", "-shm"):
        (OUTPUT / f"{name}.db{suffix}").unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(OUTPUT / f"products-{count}.db")) as made,
        closing(sqlite3.connect(OUTPUT / f"{name}.db")) as copy,
    ):
        made.backup(copy)
    with Shop(name, _options(count)) as shop:
        yield shop


def _schema(stream: str) -> dict[str, Any]:
    return {"type": "object", "properties": SCHEMAS[stream]}


def articles(count: int) -> Load:
    """Every other one is in a shop of half as many products, with other values; the rest is new."""
    found: list[dict[str, Any]] = []
    for number, product in enumerate(before(count // 2).values(), 1):
        price = round(product["price"] * 1.05 + 1, 2)
        values = {
            "costPrice": round(price / 2, 2),
            "weight": 0.5 + number % 40 / 8,
            "quantity": 1 + number % 250,
        }
        found.append({"sku": product["sku"], "name": product["name"], "price": price, **values})
        name = f"Article {number} of the ERP"
        found.append({"sku": f"ERP-{number:06}", "name": name, "price": price, **values})
    name = f"articles-{count}"
    return Load(name=name, stream="articles", schema=_schema("articles"), records=found)


def stock(count: int) -> Load:
    """An adjustment of each product that has a limited stock, up to so many."""
    limited = [number for number, p in before(2 * count).items() if not p["unlimited"]][:count]
    if len(limited) < count:
        raise RuntimeError(f"only {len(limited)} products have a limited stock")
    records = [
        {"productId": number, "quantityDelta": 1 + place % 7}
        for place, number in enumerate(limited)
    ]
    return Load(name=f"stock-{count}", stream="stock", schema=_schema("stock"), records=records)


def unchanged(count: int, shop: int) -> Load:
    """The prices that so many products of a shop have."""
    some = list(before(shop).values())[:count]
    records = [{"sku": product["sku"], "price": product["price"]} for product in some]
    name = f"prices-{count}"
    return Load(name=name, stream="articles", schema=_schema("articles"), records=records)


def whole_products(count: int) -> Load:
    """All that tap-ecwid reads of a shop's products, their prices changed."""
    records = []
    schema: dict[str, Any] = {}
    with Shop(f"products-{count}", _options(count)) as shop:
        shop.set(latency=0, rate_limit=0)
        command = reader(shop, ["products"]).command
        found = subprocess.run(command, check=True, capture_output=True)
    for line in found.stdout.splitlines():
        message = json.loads(line)
        if message["type"] == "SCHEMA":
            schema = message["schema"]
        elif message["type"] == "RECORD":
            record = message["record"]
            records.append({**record, "price": round(record["price"] * 1.05 + 1, 2)})
    return Load(name=f"whole-{count}", stream="products", schema=schema, records=records)


def expected(load: Load, known: Mapping[int, dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """What is looked at of the shop afterwards, without new ids, and how many products are new."""
    result = {number: dict(product) for number, product in known.items()}
    if load.stream == "stock":
        for record in load.records:
            result[record["productId"]]["quantity"] += record["quantityDelta"]
        return list(result.values()), 0
    fields = FIELDS.split(",")
    by_sku = {product["sku"]: number for number, product in known.items()}
    new = []
    for record in load.records:
        values = {name: record[name] for name in fields if record.get(name) is not None}
        if values.get("quantity") is not None:
            values["unlimited"] = False
        number = by_sku.get(record["sku"])
        if number is None:
            new.append(values)
        else:
            result[number] |= values
    return [*result.values(), *new], len(new)


def problem(
    found: Run, writer: Writer, load: Load, shop: Shop, known: Mapping[int, dict[str, Any]]
) -> str:
    """Why a run doesn't count; empty where it does."""
    if found.code:
        return f"ended with {found.code}"
    after = products(shop)
    wanted, new = expected(load, known)
    wrong = []
    if len(after) != len(known) + new:
        wrong.append(f"{len(after):,} products, not {len(known) + new:,}")
    skus = collections.Counter(product["sku"] for product in after.values())
    twice = [sku for sku, count in skus.items() if count > 1]
    if twice:
        wrong.append(f"{len(twice):,} SKUs more than once, such as {twice[0]}")
    by_sku = {product["sku"]: product for product in after.values()}
    others = [w for w in wanted if not w.items() <= by_sku.get(w["sku"], {}).items()]
    if others:
        is_now = by_sku.get(others[0]["sku"])
        wrong.append(f"{len(others):,} products are not as they should be: {others[0]} is {is_now}")
    if writer.states and not _is(found.last, load.state(len(load.records))):
        wrong.append(f"the last state is {found.last[:80]!r}")
    return "; ".join(wrong)


def _is(line: bytes, state: object) -> bool:
    try:
        return bool(json.loads(line) == state)
    except ValueError:
        return False


@dataclass(kw_only=True)
class Conditions:
    """How the sandbox behaves, and what is measured in it.

    Attributes:
        case: What it is called.
        options: Those of the command line.
        latency: Milliseconds an answer.
        rate_limit: Requests a minute.
        batch_latency: Milliseconds a request within a batch.
        counts: Whether those count against the limit.
        ours: Our row, that the others stand beside.
    """

    case: str
    options: argparse.Namespace
    latency: float = LATENCY
    rate_limit: int = PER_MINUTE
    batch_latency: float = BATCH_LATENCY
    counts: bool = False
    ours: Figures | None = None

    def heading(self, more: str = "") -> None:
        """Begin the table."""
        inner = f", {self.batch_latency:.0f} ms a request of a batch"
        if self.rate_limit:
            inner += f", which {'counts' if self.counts else 'does not count'}"
        heading(self.case + more, self.latency, self.rate_limit, inner)

    def run(self, writer: Writer, load: Load, shop: Shop) -> Run:
        """Let somebody write, once."""
        shop.set(
            latency=self.latency,
            rate_limit=self.rate_limit,
            batch_latency=self.batch_latency,
            batch_counts=self.counts,
        )
        contestant = Contestant(
            title=writer.title, command=writer.command(shop), source=load.file(), timeout=4 * 3600
        )
        return run(contestant, shop, f"{self.case}-{load.name}", {})

    def row(self, found: Run, records: int, wrong: str, *, partly: bool = False) -> Figures:
        """Print what was measured; ours is the first, and a part isn't compared with it."""
        figures = found.figures(records)
        self.ours = self.ours or (None if self.options.rivals_only else figures)
        figures.print(None if partly else self.ours, wrong)
        return figures

    def whole_row(self, found: Run, start: Run, part: int, whole: int) -> Figures:
        """Print what all records would take, at the pace of a part of them."""
        measured = found.figures(part)

        def all_of(amount: float, once: float = 0) -> float:
            return once + (amount - once) * whole / part

        figures = replace(
            measured,
            title=f"  worked out for {whole:,}",
            seconds=all_of(measured.seconds, start.seconds),
            cpu=all_of(measured.cpu, start.cpu),
            requests=round(all_of(measured.requests)),
            inner=round(all_of(measured.inner)),
            records=whole,
        )
        figures.print(self.ours)
        return figures


@dataclass(kw_only=True)
class Result:
    """What somebody's runs took.

    Attributes:
        first: The run.
        wrong: Why it doesn't count; empty where it does.
        second: The run with the same messages again, where there was one.
        second_wrong: The same of that.
        start: The run without records, where all records are worked out from a part.
        size: How many records were written.
        row: The row for all records.
    """

    first: Run
    wrong: str
    second: Run | None = None
    second_wrong: str = ""
    start: Run | None = None
    size: int
    row: Figures | None = None


def contest(
    conditions: Conditions,
    writers: Iterable[Writer],
    load: Load,
    count: int,
    *,
    again: bool = False,
) -> dict[str, Result]:
    """Let all of them write to fresh shops of so many products, one after another; by title."""
    results: dict[str, Result] = {}
    conditions.heading()
    for writer in writers:
        result = _result(conditions, writer, load, count, again=again)
        results[writer.title] = result
        result.row = _rows(conditions, result, result.first, result.wrong, len(load.records))
    if again:
        table = replace(conditions, ours=None)
        table.heading(", again")
        for result in results.values():
            if result.second:
                _rows(table, result, result.second, result.second_wrong, len(load.records))
    return results


def _result(
    conditions: Conditions, writer: Writer, load: Load, count: int, *, again: bool
) -> Result:
    options = conditions.options
    known = before(count)
    partly = writer.one_by_one and not options.whole and len(load.records) > options.part
    mine = load.first(options.part) if partly else load
    found: list[tuple[Run, str]] = []
    repeated: list[tuple[Run, str]] = []
    for _ in range(1 if writer.one_by_one else options.runs):
        with fresh(count) as shop:
            for runs in (found, repeated) if again else (found,):
                one = conditions.run(writer, mine, shop)
                runs.append((one, problem(one, writer, mine, shop, known)))
    first, wrong = _counted(found)
    result = Result(first=first, wrong=wrong, size=len(mine.records))
    if again:
        result.second, result.second_wrong = _counted(repeated)
    if partly:
        with fresh(count) as shop:
            result.start = conditions.run(writer, load.first(0), shop)
    return result


def _rows(conditions: Conditions, result: Result, found: Run, wrong: str, whole: int) -> Figures:
    figures = conditions.row(found, result.size, wrong, partly=result.start is not None)
    if result.start is None:
        return figures
    return conditions.whole_row(found, result.start, result.size, whole)


def _counted(found: Sequence[tuple[Run, str]]) -> tuple[Run, str]:
    """The median run; but one that doesn't count, where there is one."""
    for one, wrong in found:
        if wrong:
            return one, wrong
    return median([one for one, _ in found]), ""


def our_result(results: Mapping[str, Result]) -> Result | None:
    """What ours took, if it ran and what it did counts."""
    result = results.get(ours().title)
    if result and (result.wrong or result.second_wrong):
        print("  MISSED all: a run of target-ecwid doesn't count", flush=True)
        return None
    return result


def operations(found: Run) -> None:
    """Print what was asked how often."""
    for title, inner in (("by themselves", False), ("within batches", True)):
        counts = collections.Counter(
            f"{request['operation'] or request['path']}"
            for request in found.requests
            if bool(request["batch"]) is inner
        )
        text = ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
        print(f"  {title}: {text or 'none'}", flush=True)


def _writers(options: argparse.Namespace, *rivals: Writer, **more: object) -> list[Writer]:
    return [*([] if options.rivals_only else [ours(**more)]), *rivals]


def case_sandbox(options: argparse.Namespace) -> None:
    load = articles(options.records)
    known = {product["sku"]: number for number, product in before(options.records // 2).items()}
    requests = [
        {"method": "PUT", "path": f"/products/{known[record['sku']]}", "body": record}
        if record["sku"] in known
        else {"method": "POST", "path": "/products", "body": record}
        for record in load.records
    ]
    print("\nsandbox: writes a second in batches, no latency", flush=True)
    with fresh(options.records // 2) as shop:
        shop.set(latency=0, rate_limit=0, batch_latency=0, batch_counts=False)
        batches = f"/api/v3/{STORE}/batch"
        began = time.perf_counter()
        for first in range(0, len(requests), BATCH):
            path = f"{batches}?allowParallelMode=true&stopOnFirstFailure=false"
            ticket = shop.request("POST", path, requests[first : first + BATCH])[1]["ticket"]
            while shop.request("GET", f"{batches}?ticket={ticket}")[1]["status"] != "COMPLETED":
                time.sleep(0.05)
        rate = len(requests) / (time.perf_counter() - began)
    # One after the other is two requests of a quarter of a second for each record.
    pace = 60 * 1000 / (2 * LATENCY)
    print(f"  {rate:,.0f}; 60 times the pace of two requests a record is {pace:,.0f}", flush=True)


def case_upsert(options: argparse.Namespace) -> None:
    load = articles(options.records)
    conditions = Conditions(case="upsert by sku", options=options)
    naive = record_sink("upsert")
    writers = _writers(options, naive, *hotglue())
    results = contest(conditions, writers, load, options.records // 2, again=True)
    result = our_result(results)
    if result is None or result.second is None:
        return
    first, second, other = result.first, result.second, results[naive.title]
    operations(first)
    target("requests", first.direct, 120, most=True)
    target("refused", first.refused, 0, most=True)
    target("wall", first.seconds, 90, most=True)
    if other.row and not other.wrong:
        target("wall of RecordSink / ours", other.row.seconds / first.seconds, 60)
    operations(second)
    target("writes, again", second.writes, 0, most=True)
    target("requests, again", second.direct, 60, most=True)
    target("refused, again", second.refused, 0, most=True)


def case_stock(options: argparse.Namespace) -> None:
    conditions = Conditions(case="stock", options=options)
    writers = _writers(options, record_sink("stock"), *hotglue(), **KNOWN)
    result = our_result(contest(conditions, writers, stock(ADJUSTMENTS), 2 * ADJUSTMENTS))
    if result:
        operations(result.first)
        target("requests", result.first.direct, 12, most=True)
        target("refused", result.first.refused, 0, most=True)


def case_cpu(options: argparse.Namespace) -> None:
    # Nobody waits for answers here, and what a few hundred records take is lost in the start.
    options = argparse.Namespace(**{**vars(options), "part": max(options.part, 2_000)})
    half = options.records // 2
    for load, rivals in (
        (articles(options.records), [record_sink("upsert"), *hotglue()]),
        (whole_products(half), []),
    ):
        conditions = Conditions(
            case=f"cpu, {load.stream}", options=options, latency=0, rate_limit=0, batch_latency=0
        )
        cpu_of(conditions, _writers(options, *rivals, **KNOWN), load, half)


def cpu_of(conditions: Conditions, writers: Sequence[Writer], load: Load, count: int) -> None:
    results = contest(conditions, writers, load, count)
    idle = idle_sink()
    rates = {}
    with fresh(count) as shop:
        # Nothing arrives in the shop, so that there is nothing to check.
        found = conditions.run(idle, load, shop)
        wrong = f"ended with {found.code}" if found.code else ""
        results[idle.title] = Result(first=found, wrong=wrong, size=len(load.records))
        conditions.row(found, len(load.records), wrong)
        for writer in (*writers, idle):
            result = results[writer.title]
            start = result.start or conditions.run(writer, load.first(0), shop)
            rates[writer.title] = result.size / (result.first.cpu - start.cpu)
            print(
                f"  {writer.title:<32}{rates[writer.title]:>8,.0f} records a CPU second "
                f"({start.cpu:.2f} s of its start not counted)",
                flush=True,
            )
    if our_result(results):
        rate = rates[ours().title]
        target("records a CPU second", rate, 5_000)
        print(f"  {rate / rates[idle.title]:.1f} times those of the SDK that sends nothing")


def case_memory(options: argparse.Namespace) -> None:
    peaks = []
    for times in (1, 10):
        count = options.records * times
        conditions = Conditions(
            case=f"memory, {count:,} records",
            options=options,
            latency=0,
            rate_limit=0,
            batch_latency=0,
        )
        result = our_result(
            contest(conditions, _writers(options, **KNOWN), articles(count), count // 2)
        )
        if result is None:
            return
        peaks.append(result.first.megabytes)
    target("peak MB", peaks[0], 120, most=True)
    target("peak MB at 10 times the records", peaks[1], 120, most=True)
    target("peak, 10 times / once", peaks[1] / peaks[0], 1.1, most=True)


def case_counted(options: argparse.Namespace) -> None:
    half = options.records // 2
    for load, count, look_ups in (
        (articles(options.records), half, math.ceil(half / PAGE)),
        (stock(ADJUSTMENTS), 2 * ADJUSTMENTS, 0),
    ):
        conditions = Conditions(case=f"counted, {load.stream}", options=options, counts=True)
        result = our_result(contest(conditions, _writers(options), load, count))
        if result is None:
            continue
        found = result.first
        operations(found)
        # A page of 100 is the cheapest look-up, and each record is a request.
        fewest = len(load.records) + look_ups
        target("requests / fewest possible", len(found.requests) / fewest, 1.05, most=True)
        # A refusal shows that they count.
        target("refused", found.refused, 1, most=True)
        # The limit lets as many through at once as it allows in a minute.
        at_least = 60 * (math.ceil(fewest / PER_MINUTE) - 1)
        print(f"  with the fewest requests the limit alone takes {at_least:,} s", flush=True)
        if at_least:
            target("wall / that", found.seconds / at_least, 1.1, most=True)


def case_look_up(options: argparse.Namespace) -> None:
    """Without a limit: what is compared is the number of requests that would count against it."""
    whole = 50_000
    for counts in (False, True):
        conditions = Conditions(
            case="look-up",
            options=options,
            latency=0,
            rate_limit=0,
            batch_latency=0,
            counts=counts,
        )
        conditions.heading(f", requests in batches {'count' if counts else 'do not count'}")
        writer = ours(batch_requests_count=counts, requests_per_minute=1_000_000)
        for count in (500, 2_000, 8_000, 10_000, whole):
            load = unchanged(count, whole)
            with fresh(whole) as shop:
                found = conditions.run(writer, load, shop)
            conditions.row(found, count, f"ended with {found.code}" if found.code else "")
            # A batch takes three requests of its own, and has 500 look-ups, or 25 pages.
            pages = math.ceil(whole / PAGE)
            list_all = 3 * math.ceil(pages / 25) + (pages if counts else 0)
            look_up = 3 * math.ceil(count / BATCH) + (count if counts else 0)
            needed = len(found.requests) if counts else found.direct
            target(
                f"{count:,}: requests / cheaper way",
                needed / min(list_all, look_up),
                1.1,
                most=True,
            )


CASES: dict[str, Callable[[argparse.Namespace], None]] = {
    "sandbox": case_sandbox,
    "upsert": case_upsert,
    "stock": case_stock,
    "cpu": case_cpu,
    "memory": case_memory,
    "look-up": case_look_up,
    "counted": case_counted,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", action="extend", nargs="+", choices=CASES, help="default: all")
    parser.add_argument("--records", type=int, default=10_000, help="how many are upserted")
    parser.add_argument(
        "--part", type=int, default=300, help="records for those who write one after the other"
    )
    parser.add_argument("--whole", action="store_true", help="all records for those too (hours)")
    parser.add_argument("--runs", type=int, default=1, help="of ours; the median counts")
    parser.add_argument("--skip-slow", action="store_true", help="leave out the case counted")
    parser.add_argument("--rivals-only", action="store_true", help="leave target-ecwid out")
    options = parser.parse_args()
    missing = [] if options.rivals_only else lacking()
    if missing:
        sys.exit(
            f"this target-ecwid has no setting {', '.join(missing)}: it can't be measured; "
            "--rivals-only measures the others"
        )
    for name in options.case or CASES:
        if options.case or name != "counted" or not options.skip_slow:
            CASES[name](options)


if __name__ == "__main__":
    main()
