"""What reading a shop takes: tap-ecwid, and the ways there are without it.

uv run python benchmarks/reading.py [--case NAME …] [--skip-slow] [--runs 3]

Everybody reads the same sandbox over HTTP, in a process of its own, one after another; what a
rival needs is installed by uv into an environment of its own. The figures are those of whole
processes, start included. Each run is checked for the number of records; requests and refusals are
the sandbox's own count. Shops are kept in output/benchmarks/, logs of all runs too.

Cases:
  sandbox    how fast the sandbox is, so that it is not what is measured
  shop       1,000 products, 3,000 orders, 2,000 customers
  small      all streams of a shop that has a page of each
  cpu        20,000 orders, 10,000 customers, 5,000 products; no latency, no limit
  memory     the peak, for ten times as many records
  unchanged  a second run, when nothing has changed
  limit      3,000 requests at Ecwid's limit, alone and beside another client (ten minutes)
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contest import (
    BIN,
    HERE,
    OK,
    OUTPUT,
    STORE,
    TOKEN,
    Contestant,
    Shop,
    contest,
    installed,
    other_client,
    pages_a_second,
    polled,
    target,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from contest import Run

LISTS = ("products", "orders", "customers")
FOUR = ("products", "product_variations", "orders", "customers")
ALL = (
    *FOUR,
    "categories",
    "customer_groups",
    "discount_coupons",
    "abandoned_carts",
    "product_reviews",
    "store_profile",
)
SHOPS = {
    "shop": ["--products=1000", "--orders=3000", "--customers=2000"],
    "tiny": ["--size=tiny"],
    "small": ["--size=small"],
    "cpu": ["--products=5000", "--orders=20000", "--customers=10000"],
    "once": ["--products=1000", "--orders=4000", "--customers=2000"],
    "tenfold": ["--products=10000", "--orders=40000", "--customers=20000"],
    "limit": ["--products=50", "--orders=30000", "--customers=500"],
}
PER_MINUTE = 600
OTHERS = 200


def rival(title: str, script: str, *arguments: str, streams: Sequence[str]) -> Contestant:
    """Somebody who reads in another way."""
    command = [installed(script), str(HERE / "rivals" / script), *arguments]
    return Contestant(title=title, command=command, streams=streams)


def catalog() -> dict[str, Any]:
    """What tap-ecwid has."""
    config = written("discover.json", {"store_id": STORE, "access_token": TOKEN})
    found = subprocess.run(
        [BIN / "tap-ecwid", "--config", config, "--discover"], check=True, capture_output=True
    )
    decoded: dict[str, Any] = json.loads(found.stdout)
    return decoded


def ours(
    shop: Shop,
    streams: Sequence[str],
    *,
    title: str = "tap-ecwid",
    settings: Mapping[str, object] | None = None,
    every: bool = False,
) -> Contestant:
    """tap-ecwid, with some of its streams, or with every one there is; some are checked."""
    chosen = catalog()
    for stream in chosen["streams"]:
        root = next(entry for entry in stream["metadata"] if not entry["breadcrumb"])
        root["metadata"]["selected"] = every or stream["tap_stream_id"] in streams
    config = {"api_url": shop.api_url, "store_id": STORE, "access_token": TOKEN, **(settings or {})}
    command = [
        str(BIN / "tap-ecwid"),
        f"--config={written(f'{shop.name}-config.json', config)}",
        f"--catalog={written(f'{shop.name}-catalog.json', chosen)}",
    ]
    return Contestant(title=title, command=command, streams=streams)


def naive(shop: Shop, title: str, variations: str) -> Contestant:
    """The tap of the SDK's template."""
    schemas = OUTPUT / "schemas"
    schemas.mkdir(parents=True, exist_ok=True)
    for stream in catalog()["streams"]:
        (schemas / f"{stream['tap_stream_id']}.json").write_text(json.dumps(stream["schema"]))
    settings = {
        "url": shop.url,
        "token": TOKEN,
        "schemas": str(schemas),
        "variations": variations,
    }
    config = written(f"{shop.name}-naive-{variations}.json", settings)
    streams = LISTS if variations == "none" else FOUR
    return rival(title, "naive.py", f"--config={config}", streams=streams)


def warm(shop: Shop) -> None:
    """Let the sandbox make each page once: whoever comes first shall not pay for the others."""
    shop.set(latency=0, rate_limit=0)
    contestants = [ours(shop, ALL), rival("loop", "loop.py", *LISTS, streams=LISTS)]
    environment = {"SHOP_URL": shop.url, "SHOP_TOKEN": TOKEN}
    for contestant in contestants:
        subprocess.run(
            contestant.command,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )


def several(contestants: Iterable[Contestant], runs: int) -> list[Contestant]:
    """The same, so many runs each, except of those that take minutes."""
    return [c if c.slow else replace(c, runs=runs) for c in contestants]


def slow(contestant: Contestant) -> Contestant:
    """One that takes minutes."""
    return replace(contestant, slow=True)


def case_sandbox(_: argparse.Namespace) -> None:
    with Shop("cpu", SHOPS["cpu"]) as shop:
        print("\nsandbox: pages of 100 a second, no latency, compressed before")
        for path, most in (("orders", 200), ("products", 50), ("customers", 100)):
            pages_a_second(shop, path, most, seconds=2)
            target(f"{path} pages a second", pages_a_second(shop, path, most), 500)


def case_shop(options: argparse.Namespace) -> None:
    with Shop("shop", SHOPS["shop"]) as shop:
        warm(shop)
        contestants = [
            ours(shop, FOUR),
            rival("plain loop", "loop.py", *LISTS, streams=FOUR),
            naive(shop, "naive tap, without variations", "none"),
            rival("dlt, variations nested", "dlt_rest_api.py", "nested", streams=LISTS),
            rival("tap-rest-api-msdk", "rest_api_msdk.py", streams=FOUR),
            rival("dlt, parallelized", "dlt_rest_api.py", "parallelized", streams=FOUR),
            slow(rival("dlt, sequential", "dlt_rest_api.py", "sequential", streams=FOUR)),
            slow(naive(shop, "naive tap, unpartitioned", "unpartitioned")),
            slow(naive(shop, "naive tap", "partitioned")),
        ]
        if options.skip_slow:
            contestants = [c for c in contestants if not c.slow]
        runs = contest("shop", shop, several(contestants, options.runs))
    by_title = {found.title: found for found in runs}
    first = runs[0]
    target("requests", len(first.requests), 70, most=True)
    target("refused", first.refused, 0, most=True)
    for title, bound in (("dlt, parallelized", 12), ("naive tap", 40)):
        if title in by_title:
            target(f"wall of {title} / ours", by_title[title].seconds / first.seconds, bound)


def case_small(options: argparse.Namespace) -> None:
    with Shop("tiny", SHOPS["tiny"]) as shop:
        warm(shop)
        tap = ours(shop, ALL, every=True)
        [first] = contest("small, to see the requests", shop, [tap])
        asked = dict.fromkeys(
            f"{request['path'].lstrip('/')}?{request['query']}"
            for request in first.requests
            if request["path"] != "/batch"
        )
        path = written("asked.txt", "")
        Path(path).write_text("\n".join(asked))
        loop = rival("the same, one after the other", "one_by_one.py", path, streams=())
        runs = contest("small", shop, several([tap, loop], options.runs))
    print(f"  first output after {runs[0].first:.2f} s; {len(asked)} requests one after the other")
    target("wall of the loop / ours", runs[1].seconds / runs[0].seconds, 5)


def case_cpu(options: argparse.Namespace) -> None:
    with Shop("cpu", SHOPS["cpu"]) as shop:
        warm(shop)
        contestants = [
            ours(shop, LISTS),
            rival("bare fetch, decode, encode", "floor.py", *LISTS, streams=LISTS),
            rival("plain loop", "loop.py", *LISTS, streams=FOUR),
            naive(shop, "naive tap, without variations", "none"),
            rival("dlt, variations nested", "dlt_rest_api.py", "nested", streams=LISTS),
            rival("tap-rest-api-msdk", "rest_api_msdk.py", streams=FOUR),
        ]
        if options.skip_slow:
            contestants = contestants[:4]
        runs = contest("cpu", shop, several(contestants, options.runs), latency=0, rate_limit=0)
    rates = [found.count / found.cpu for found in runs]
    for found, rate in zip(runs, rates, strict=True):
        print(f"  {found.title:<32}{rate:>8,.0f} records a CPU second")
    target("records a CPU second, ours / naive", rates[0] / rates[3], 2.5)
    target("CPU, ours / bare", runs[0].cpu / runs[1].cpu, 1.3, most=True)


def case_memory(options: argparse.Namespace) -> None:
    peaks = []
    for name in ("once", "tenfold"):
        with Shop(name, SHOPS[name]) as shop:
            warm(shop)
            [found] = contest(f"memory, {name}", shop, several([ours(shop, ALL)], options.runs))
            peaks.append(found.megabytes)
    target("peak MB", peaks[0], 120, most=True)
    target("peak MB at 10 times the records", peaks[1], 120, most=True)
    target("peak, 10 times / once", peaks[1] / peaks[0], 1.1, most=True)


def case_unchanged(options: argparse.Namespace) -> None:
    with Shop("small", SHOPS["small"]) as shop:
        warm(shop)
        [first] = contest("unchanged, first run", shop, [ours(shop, ALL, every=True)])
        state = written("state.json", json.loads(first.state)["value"])
        # It delivers what it has to read whole, and the last second again: no number to check.
        command = [*ours(shop, ALL, every=True).command, f"--state={state}"]
        again = Contestant(title="tap-ecwid, second run", command=command, streams=())
        [second] = contest("unchanged, second run", shop, several([again], options.runs))
    sent = [request for request in second.requests if not request["batch"]]
    print("  " + _paths(sent))
    target("requests", len(sent), 10, most=True)


def _paths(requests: Iterable[Mapping[str, Any]]) -> str:
    counts = collections.Counter(request["path"] for request in requests)
    return ", ".join(f"{path} {count}" for path, count in counts.items())


def sustained(seen: Sequence[tuple[float, int]], burst: int) -> float:
    """Requests a second behind the burst that the limit lets through at once.

    Whole bursts are counted: who sends 600 requests at once every minute is at the limit, wherever
    in the minute the reading ends.
    """
    whole = seen[-1][1] // burst * burst
    if whole <= burst:
        return 0.0
    begun, ended = (next((at for at, n in seen if n >= count), 0.0) for count in (burst, whole))
    return (whole - burst) / (ended - begun)


def case_limit(options: argparse.Namespace) -> None:
    del options
    settings = {"streams": {"orders": {"page_size": 10}}}
    with Shop("limit", SHOPS["limit"]) as shop:
        tap = ours(shop, ["orders"], title="alone", settings=settings)
        with polled(shop) as seen:
            [found] = contest("limit", shop, [tap])
    _page_size(found, 3_000)
    target("share of the limit", sustained(seen, PER_MINUTE) * 60 / PER_MINUTE, 0.97)
    target("refused", found.refused, 0, most=True)
    path = "/profile"
    with Shop("cpu", SHOPS["cpu"]) as shop:
        tap = ours(shop, ["orders"], title="beside another client", settings=settings)
        with polled(shop, path) as seen, other_client(shop, OTHERS, path) as statuses:
            [found] = contest("limit", shop, [tap])
    _page_size(found, 2_000 + statuses.total())
    left = PER_MINUTE - OTHERS
    share = sustained(seen, left) * 60 / left
    wanted = found.seconds * OTHERS / 60
    print(f"  the other client got {statuses[OK]:,} of {wanted:,.0f} answers: {dict(statuses)}")
    print(f"  of what it leaves we used {share:.0%}")
    target("refused, both together", found.refused, 0, most=True)
    target("exit code", found.code, 0, most=True)


def _page_size(found: Run, requests: int) -> None:
    if len(found.requests) < 0.9 * requests:
        print(f"  page_size has no effect: {len(found.requests):,} of {requests:,} requests")


CASES: dict[str, Callable[[argparse.Namespace], None]] = {
    "sandbox": case_sandbox,
    "shop": case_shop,
    "small": case_small,
    "cpu": case_cpu,
    "memory": case_memory,
    "unchanged": case_unchanged,
    "limit": case_limit,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--case",
        action="extend",
        nargs="+",
        choices=CASES,
        help="default: all but limit",
    )
    parser.add_argument("--skip-slow", action="store_true", help="leave out what takes minutes")
    parser.add_argument("--runs", type=int, default=1, help="of each; the median counts")
    options = parser.parse_args()
    for name in options.case or itertools.islice(CASES, len(CASES) - 1):
        CASES[name](options)


if __name__ == "__main__":
    main()
