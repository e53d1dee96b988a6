"""What goes wrong while writing: nothing is written twice, nothing is lost."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from ecwid_sandbox.testing import Fault, running_sandbox
from target_run import command, encoded, records, run_target, state, writes


def rows(count):
    return [{"sku": f"S-{n}", "name": f"Name {n}", "price": n + 1} for n in range(count)]


def prices(sandbox):
    """Prices of our products by SKU; a SKU that is there twice fails."""
    found = {}
    for product in sandbox.shop.all("product"):
        if product["sku"].startswith("S-"):
            assert product["sku"] not in found, product["sku"]
            found[product["sku"]] = product["price"]
    return found


def expected(count):
    return {row["sku"]: row["price"] for row in rows(count)}


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(path="^/batch", method="POST", drop="before")],
        [Fault(path="^/batch", method="POST", drop="after", times=2)],
        [Fault(path="^/batch", method="POST", status=500)],
        [Fault(path="^/batch", method="POST", garbage=True)],
        [Fault(path="^/batch", method="POST", cut=0.5)],
        [Fault(path="^/batch", method="POST", status=429, retry_after=1)],
        [Fault(path="^/batch", method="GET", status=400, code="WRONG_PARAMETER")],
        [Fault(path="^/batch", method="GET", status=503, times=3)],
        [Fault(path="^/batch", method="GET", drop="after", times=2)],
        [Fault(path="^/products", method="POST", status=500, times=3)],
        [Fault(path="^/products", method="POST", status=500, times=6)],
        [Fault(path="^/products", method="POST", drop="before", times=9)],
    ],
    ids=lambda faults: " ".join(
        f"{f.method}-{f.drop or f.status or f.cut or 'garbage'}-{f.times}" for f in faults
    ),
)
def test_faults_on_the_way_write_nothing_twice(sandbox, tmp_path, faults):
    sandbox.faults.add(*faults)
    messages = [*records("products", *rows(20)), state({"at": 20})]
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert prices(sandbox) == expected(20)
    assert run.states == [{"at": 20}]
    assert sandbox.faults.waiting() == []


def test_inner_requests_above_the_limit_are_sent_again(tmp_path):
    with running_sandbox(size="tiny", rate_limit=60) as sandbox:
        sandbox.faults.add(
            Fault(path="^/products", method="POST", status=429, code="RATE_LIMITED", times=3)
        )
        messages = [*records("products", *rows(10)), state({"at": 10})]
        run = run_target(tmp_path, sandbox, messages)
        assert run.code == 0, run.log
        assert prices(sandbox) == expected(10)


def test_a_creation_of_which_only_the_answer_was_lost_is_found_again(sandbox, tmp_path):
    # Ecwid tries what failed inside a batch again by itself, which can't be helped; here it fails
    # for good after the first one was carried out.
    sandbox.faults.add(
        Fault(path="^/customer_groups", method="POST", drop="after"),
        Fault(path="^/customer_groups", method="POST", status=500, times=5),
    )
    messages = [*records("customer_groups", {"name": "Only once"}), state({"at": 1})]
    run = run_target(tmp_path, sandbox, messages, search_lag=4)
    assert run.code == 0, run.log
    names = [group["name"] for group in sandbox.shop.all("customer_group")]
    assert names.count("Only once") == 1
    assert "1 created" in run.log


LOST = [
    # Carried out, and its answer is lost, unreadable or an error.
    [
        Fault(path="^/products", method="POST", drop="after"),
        Fault(path="^/products", method="POST", status=500, times=5),
    ],
    [Fault(path="^/products", method="POST", garbage=True)],
    # Batches are refused, so that it goes alone.
    [
        Fault(path="^/batch", method="POST", status=403, times=99),
        Fault(path="^/products", method="POST", drop="after"),
    ],
    [
        Fault(path="^/batch", method="POST", status=403, times=99),
        Fault(path="^/products", method="POST", garbage=True),
    ],
]


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(LOST[0], id="500", marks=pytest.mark.soak),
        pytest.param(LOST[1], id="unreadable"),
        pytest.param(LOST[2], id="alone-lost", marks=pytest.mark.soak),
        pytest.param(LOST[3], id="alone-unreadable", marks=pytest.mark.soak),
    ],
)
def test_what_was_created_is_found_however_long_the_search_lags(sandbox, tmp_path, faults):
    sandbox.set(index_lag=2)
    sandbox.faults.add(*faults)
    later = {"sku": "S-0", "price": 9}
    messages = [*records("products", *rows(1), later), state({"at": 1})]
    run = run_target(tmp_path, sandbox, messages, search_lag=4)
    assert run.code == 0, run.log
    assert prices(sandbox) == {"S-0": 9}
    assert run.states == [{"at": 1}]


@pytest.mark.parametrize("stream", ["products", "customer_groups"])
def test_the_next_run_is_not_misled_by_a_search_that_lags(sandbox, tmp_path, stream):
    """A run wants what the shop had before the last one, and the search still shows that."""
    if stream == "products":
        row, field, values = {"sku": "S-0", "name": "N"}, "price", (5, 9)
    else:
        row, field, values = {"externalReferenceId": "G"}, "name", ("Old", "New")
    for lag, value in ((0, values[0]), (30, values[1]), (30, values[0])):
        sandbox.set(index_lag=lag)
        rows = records(stream, {**row, field: value})
        settings = {"search_lag": 30, "streams": {stream: {"key": next(iter(row))}}}
        run = run_target(tmp_path, sandbox, [*rows, state({"at": 1})], **settings)
        assert run.code == 0, run.log
    kind = {"products": "product", "customer_groups": "customer_group"}[stream]
    (found,) = (one for one in sandbox.shop.all(kind) if row.items() <= one.items())
    assert found[field] == values[0]


def test_what_was_created_is_looked_for_even_after_the_lag(sandbox, tmp_path):
    """The whole list was read before it was created, and the input goes on for longer."""
    sandbox.set(index_lag=0)
    sandbox.faults.add(*(Fault(path="^/products", method="POST", cut=0.5) for _ in range(4)))
    messages = [*records("products", *rows(12)), state({"at": 12})]
    run = run_target(tmp_path, sandbox, messages, search_lag=0)
    assert run.code == 0, run.log
    assert prices(sandbox) == expected(12)
    assert "12 created" in run.log


def test_what_was_not_created_is_created_in_the_end(sandbox, tmp_path):
    sandbox.faults.add(Fault(path="^/products", method="POST", status=500, times=6))
    messages = [*records("products", *rows(1)), state({"at": 1})]
    run = run_target(tmp_path, sandbox, messages, search_lag=1)
    assert run.code == 0, run.log
    assert prices(sandbox) == {"S-0": 1}
    assert "1 created" in run.log


@pytest.mark.parametrize("alone", [False, True])
def test_a_doubt_outlives_the_run(sandbox, tmp_path, alone):
    """The run is killed after a creation was carried out, before anybody knows."""
    sandbox.set(index_lag=4)
    if alone:
        sandbox.faults.add(Fault(path="^/batch", method="POST", status=403, times=99))
    sandbox.faults.add(
        Fault(path="^/products", method="POST", drop="after"),
        Fault(path="^/products", method="POST", status=500, times=5),
    )
    messages = [*records("products", *rows(1)), state({"at": 1})]
    process = start(tmp_path, sandbox, search_lag=7)
    process.stdin.write(encoded(messages))
    process.stdin.close()
    until(lambda: "S-0" in prices(sandbox))
    if not alone:
        # The answer of the batch has come.
        until(lambda: not sandbox.faults.waiting())
        time.sleep(1)
    process.kill()
    process.wait()
    sandbox.faults.clear()
    run = run_target(tmp_path, sandbox, messages, search_lag=7)
    assert run.code == 0, run.log
    assert prices(sandbox) == {"S-0": 1}
    assert run.states == [{"at": 1}]


def test_an_adjustment_that_may_have_been_made_is_not_made_again(sandbox, tmp_path):
    products = sandbox.shop.keys("product")[:3]
    for key in products:
        sandbox.shop.update("product", key, {"quantity": 10, "unlimited": False})
    sandbox.faults.add(
        Fault(path=f"^/products/{products[0]}/inventory", drop="after"),
        Fault(path=f"^/products/{products[0]}/inventory", status=500, times=5),
    )
    settings = {"streams": {"stock": {"action": "adjustProductStock"}}, "on_error": "skip"}
    messages = records("stock", *({"productId": key, "quantityDelta": -1} for key in products))
    run = run_target(tmp_path, sandbox, messages, **settings)
    assert run.code == 0, run.log
    assert [sandbox.shop.get("product", key)["quantity"] for key in products] == [9, 9, 9]
    (line,) = run.rejected
    assert line["reason"] == "unknown outcome"
    assert "Look into the shop" in line["message"]


def test_a_stuck_batch_is_asked_for_by_the_next_run(sandbox, tmp_path):
    sandbox.faults.add(Fault(stuck="forever"))
    messages = [*records("products", *rows(150)), state({"at": 150})]
    run = run_target(tmp_path, sandbox, messages, batch_wait=2)
    assert run.code == 1
    assert run.states == []
    assert "was not done within" in run.log
    sandbox.faults.clear()
    run = run_target(tmp_path, sandbox, messages)
    assert run.code == 0, run.log
    assert prices(sandbox) == expected(150)
    assert run.states == [{"at": 150}]


def start(tmp_path, sandbox, **settings):
    return subprocess.Popen(
        command(tmp_path, sandbox, **settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_signal_ends_the_run_with_a_true_state(sandbox, tmp_path):
    sandbox.set(batch_latency=40)
    messages = records("products", *rows(30))
    messages.insert(11, state({"at": 10}))
    messages.insert(22, state({"at": 20}))
    process = start(tmp_path, sandbox, batch_size=10)
    process.stdin.write(encoded(messages))
    process.stdin.flush()
    until(lambda: len(writes(sandbox)) >= 13)
    process.send_signal(signal.SIGTERM)
    out, log = process.communicate(timeout=30)
    assert process.returncode == 143, log
    assert "Traceback" not in log
    states = [json.loads(line) for line in out.splitlines()]
    written = len(prices(sandbox))
    assert written in {10, 20, 30}
    assert states
    assert states[-1]["at"] <= written


def await_handler(process):
    """Wait until the process handles SIGTERM: before, Python itself would end it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status = Path(f"/proc/{process.pid}/status").read_text()
        caught = next(x for x in status.splitlines() if x.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.05)
    raise TimeoutError


def test_a_signal_ends_a_run_that_waits_for_input(sandbox, tmp_path):
    process = start(tmp_path, sandbox)
    process.stdin.write(encoded([*records("products", *rows(2))]))
    process.stdin.flush()
    await_handler(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130


def mixed(seed, count):
    """Creates, updates and deletes, and adjustments that must be made just once."""
    chance = random.Random(seed)
    messages = records(
        "products", *({"sku": f"S-{n}", "name": f"N {n}", "price": n + 1} for n in range(count))
    )
    changed = chance.sample(range(count), count // 3)
    messages += [
        {"type": "RECORD", "stream": "products", "record": {"sku": f"S-{n}", "price": 1000 + n}}
        for n in changed
    ]
    gone = chance.sample(range(count), count // 5)
    messages += [
        {
            "type": "RECORD",
            "stream": "products",
            "record": {"sku": f"S-{n}", "_sdc_deleted_at": "2025-01-01T00:00:00Z"},
        }
        for n in gone
    ]
    adjusted = [{"sku": f"A-{n % 10}", "quantityDelta": 1} for n in range(count)]
    messages += records("stock", *adjusted)
    messages.append(state({"at": "end"}))
    wanted = {f"S-{n}": float(n + 1) for n in range(count)}
    wanted |= {f"S-{n}": float(1000 + n) for n in changed}
    return messages, {sku: price for sku, price in wanted.items() if int(sku[2:]) not in set(gone)}


def killed_at_moments(tmp_path, kills, count):
    settings = {
        "streams": {"stock": {"action": "adjustProductStock", "key": "sku"}},
        "hard_delete": True,
        "batch_size": 100,
        # The sandbox has no limit here.
        "batch_requests_count": False,
    }
    chance = random.Random(kills)
    with running_sandbox(size="tiny", batch_latency=15) as sandbox:
        for n, key in enumerate(sandbox.shop.keys("product")[:10]):
            sandbox.shop.update("product", key, {"sku": f"A-{n}", "quantity": 0})
            sandbox.shop.update("product", key, {"unlimited": False})
        before = [p["quantity"] for p in sandbox.shop.all("product") if p["sku"][:2] == "A-"]
        messages, wanted = mixed(kills, count)
        (tmp_path / "input").write_text(encoded(messages))
        done = 0
        for _ in range(kills):
            with (tmp_path / "input").open() as source:
                process = subprocess.Popen(
                    command(tmp_path, sandbox, **settings),
                    stdin=source,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    cwd=tmp_path,
                )
                target = len(sandbox.requests) + chance.randrange(1, count // kills + 20)
                while process.poll() is None and len(sandbox.requests) < target:
                    time.sleep(0.002)
                process.kill()
                out, _ = process.communicate()
            done += bool(out)
            if process.returncode == 0:
                break
        run = run_target(tmp_path, sandbox, messages, **settings)
        assert run.code == 0, run.log
        assert prices(sandbox) == wanted
        after = [p["quantity"] for p in sandbox.shop.all("product") if p["sku"][:2] == "A-"]
        made = sum(after) - sum(before)
        assert made == count * (1 + done)


def test_killed_at_any_moment_the_next_run_makes_it_right(tmp_path):
    killed_at_moments(tmp_path, kills=5, count=300)


@pytest.mark.soak
def test_killed_at_fifty_moments_the_next_run_makes_it_right(tmp_path):
    killed_at_moments(tmp_path, kills=50, count=2500)
