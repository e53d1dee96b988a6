"""Real streams, mutated, into the target, and real answers: each fault is a rejection or one line.

A night's test. ``ECWID_FUZZ_SECONDS`` and ``ECWID_FUZZ_SEED`` say how long, and from which seed.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

import pytest

from ecwid_sandbox.testing import running_sandbox
from mutating_server import mutating
from mutations import garbled, mutated
from raw_server import serving
from target_run import command, records, target

SECONDS = float(os.environ.get("ECWID_FUZZ_SECONDS", "600"))
SEED = int(os.environ.get("ECWID_FUZZ_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
SLOWEST = 60

STREAMS = {
    "erp": {"entity": "products", "key": "sku", "payload": {"price": "=price", "name": "=name"}},
    "stock": {"action": "adjustProductStock", "key": "sku", "payload": {"quantityDelta": "=q"}},
    "gone": {"entity": "products", "action": "delete", "key": "sku"},
    "coupons_gone": {"entity": "discount_coupons", "action": "delete"},
    "pictures": {"action": "uploadMainProductImage", "key": "sku"},
    "files": {"entity": "product_files"},
    "by_path": {"action": "PUT /products/{productId}", "path": {"productId": "=id"}},
    "shipped": {"entity": "orders", "action": "update", "payload": {"trackingNumber": "=id"}},
}
KINDS = {
    "products": "product",
    "categories": "category",
    "customers": "customer",
    "discount_coupons": "coupon",
    "orders": "order",
    "product_types": "product_type",
    "customer_groups": "customer_group",
    "erp": "product",
    "gone": "product",
    "by_path": "product",
    "coupons_gone": "coupon",
    "shipped": "order",
}
OWN = {
    "stock": [{"sku": "A", "q": 1}],
    "pictures": [{"sku": "A", "url": "https://shop.example/a.png"}, {"sku": "A", "base64": "aGk="}],
    "files": [{"productId": 1, "path": "a.txt"}, {"productId": 1, "name": "x", "base64": "aGk="}],
}


def streams(sandbox):
    """Messages of all streams, as they should be."""
    for stream in {**KINDS, **OWN}:
        rows = OWN.get(stream)
        if rows is None:
            try:
                rows = list(sandbox.shop.all(KINDS[stream]))[:5] * 6
            except KeyError:
                continue
        yield records(stream, *json.loads(json.dumps(rows, default=str)))


def lines(chance, messages):
    """The messages as lines, some of them changed."""
    for whole in messages:
        message = whole
        schema = message["type"] == "SCHEMA"
        if chance.random() < (0.02 if schema else 0.5):
            if schema or chance.random() < 0.05:
                message = mutated(chance, message, times=chance.randint(1, 2))
            else:
                row = mutated(chance, message["record"], times=chance.randint(1, 4))
                message = {**message, "record": row}
        try:
            line = json.dumps(message).encode()
        except (ValueError, RecursionError):
            continue
        yield garbled(chance, line) if chance.random() < 0.02 else line


def run(folder, sandbox, content, **settings):
    begun = time.monotonic()
    done = subprocess.run(
        command(folder, sandbox, start=target(), **settings),
        input=content,
        capture_output=True,
        timeout=SLOWEST,
        check=False,
        cwd=folder,
    )
    return done, time.monotonic() - begun


def problem_of(done, settings=None):
    """What is wrong with how a run ended; None if nothing is.

    Args:
        done: The process.
        settings: How it was run, where all that was wrong was in its input.
    """
    log = done.stderr.decode(errors="replace")
    for word in ("Traceback", "defect", "can't be used (", "no outcome"):
        if word in log:
            return f"{word} in the log"
    if done.returncode not in {0, 1}:
        return f"exit {done.returncode}"
    errors = [line for line in log.splitlines() if "| ERROR " in line]
    if len(errors) != done.returncode:
        return f"{len(errors)} lines of errors, and exit {done.returncode}"
    if settings is None:
        return None
    skips = settings["on_error"] == settings["on_invalid"] == "skip"
    # A message's fault, or a server's that was tried again and again.
    known = ("| input has line", "| stream ", "Run again later")
    if done.returncode and skips and not any(words in log for words in known):
        return "a record's fault has ended the run"
    return None


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 300)
def test_mutated_streams(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    end = time.monotonic() + SECONDS
    found, count, number, slowest = [], 0, SEED, 0.0
    while time.monotonic() < end:
        with running_sandbox(size="tiny") as sandbox:
            whole = list(streams(sandbox))
            for _ in range(25):
                number += 1
                chance = random.Random(number)
                chosen = chance.sample(whole, chance.randint(1, 3))
                content = b"\n".join(line for one in chosen for line in lines(chance, one)) + b"\n"
                settings = {
                    "on_error": chance.choice(["skip", "skip", "fail"]),
                    "on_invalid": chance.choice(["skip", "skip", "fail"]),
                    "on_null": chance.choice(["ignore", "reject"]),
                    "unknown_fields": chance.choice(["warn", "fail", "ignore"]),
                    "dry_run": chance.random() < 0.2,
                    "results": chance.random() < 0.5,
                    "hard_delete": chance.random() < 0.3,
                    "files_dir": str(tmp_path),
                    "streams": STREAMS,
                }
                try:
                    done, seconds = run(tmp_path, sandbox, content, **settings)
                    problem = problem_of(done, settings)
                except subprocess.TimeoutExpired:
                    problem, seconds = f"no end after {SLOWEST} s", SLOWEST
                count += content.count(b"\n")
                slowest = max(slowest, seconds)
                if problem:
                    (tmp_path / f"{number}.jsonl").write_bytes(content)
                    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
                    found.append(f"seed {number}: {problem}: {last}")
                if time.monotonic() > end:
                    break
    sys.stdout.write(f"seeds {SEED}-{number}, {count} lines, slowest run {slowest:.1f} s\n")
    assert not found, "\n".join(found[:50])


@pytest.mark.soak
@pytest.mark.timeout(SECONDS + 300)
def test_mutated_answers(tmp_path):
    end = time.monotonic() + SECONDS
    found, answers, number, slowest = [], 0, SEED, 0.0
    while time.monotonic() < end:
        with running_sandbox(size="tiny") as sandbox:
            upstream = sandbox.url.partition("/api/")[0]
            whole = list(streams(sandbox))
            for _ in range(25):
                number += 1
                chance = random.Random(number)
                messages = [m for one in chance.sample(whole, 3) for m in one]
                content = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
                folder = tmp_path / str(number)
                folder.mkdir()
                with serving(mutating(chance, upstream)) as server:
                    try:
                        done, seconds = run(
                            folder,
                            sandbox,
                            content,
                            api_url=server.url,
                            on_error="skip",
                            files_dir=str(tmp_path),
                            activate_version=chance.random() < 0.5,
                            max_attempts=2,
                            request_timeout=5,
                            batch_wait=5,
                            search_lag=1,
                            requests_per_minute=100_000,
                            streams=STREAMS,
                        )
                        problem = problem_of(done)
                    except subprocess.TimeoutExpired:
                        problem, seconds = f"no end after {SLOWEST} s", SLOWEST
                    answers += len(server.heads)
                slowest = max(slowest, seconds)
                if problem:
                    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
                    found.append(f"seed {number}: {problem}: {last}")
                if time.monotonic() > end:
                    break
    sys.stdout.write(f"seeds {SEED}-{number}, {answers} answers, slowest run {slowest:.1f} s\n")
    assert not found, "\n".join(found[:50])
