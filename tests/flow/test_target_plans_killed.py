"""A plan and its undo are killed at any moment, and go on where they were."""

from __future__ import annotations

import json
import random
import signal
import subprocess

import pytest

from ecwid_sandbox.testing import Fault
from target_run import (
    command,
    plan_of,
    records,
    run_command,
    settle,
    target,
)

SEEDS = 50


def shop_of(sandbox):
    """What the shop has, by what people know it by, without ids and times."""
    products = {
        p["sku"]: {n: p.get(n) for n in ("name", "price", "quantity", "enabled", "description")}
        for p in sandbox.shop.all("product")
    }
    categories = sorted(c["name"] for c in sandbox.shop.all("category"))
    assert len(products) == len(list(sandbox.shop.all("product")))
    return products, categories


def input_of(chance, there):
    """Messages that create, change and delete, and refer to one another."""
    rows = []
    for n, old in enumerate(chance.sample(there, min(len(there), 12))):
        if n % 4 == 3:
            rows.append({"sku": old["sku"], "_sdc_deleted_at": "2027-01-31T00:00:00Z"})
        else:
            rows.append({"sku": old["sku"], "name": f"Name {n}", "price": chance.randrange(99)})
    rows += [
        {"sku": f"NEW-{n}", "name": f"New {n}", "price": n, "categoryIds": [77_000 + n % 3]}
        for n in range(chance.randrange(1, 30))
    ]
    chance.shuffle(rows)
    categories = [{"id": 77_000 + n, "name": f"Category {n}"} for n in range(3)]
    return [*records("categories", *categories), *records("products", *rows)]


def killed_until_done(folder, sandbox, chance, words, **settings):
    """Run a command, and kill it at any moment, until it comes to its end."""
    for attempt in range(20):
        process = subprocess.Popen(
            [*target(), *words, *command(folder, sandbox, start=(), **settings)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        patience = chance.uniform(0.3, 1.5) if attempt < 4 else 120
        try:
            _, log = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.send_signal(chance.choice((signal.SIGKILL, signal.SIGTERM)))
            process.communicate(timeout=60)
            continue
        assert process.returncode in {0, 1, 143}, log
        if process.returncode == 0:
            return
    raise AssertionError(log)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=pytest.mark.soak if n != 1 else ()) for n in range(SEEDS)]
)
def test_a_plan_and_its_undo_are_carried_out_once_however_often_they_are_killed(
    sandbox, tmp_path, seed
):
    chance = random.Random(seed)
    settings = {
        "hard_delete": True,
        "source": "erp",
        "batch_size": chance.choice((3, 10, 500)),
        "search_lag": 4,
        "requests_per_minute": 100_000,
    }
    before = shop_of(sandbox)
    messages = input_of(chance, list(sandbox.shop.all("product")))
    path = plan_of(tmp_path, sandbox, messages, **settings)
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:-1]]
    for kind in chance.sample(({"status": 500}, {"drop": "after"}, {"cut": 0.5}), 2):
        sandbox.faults.add(Fault(path="^/batch", times=None, chance=0.15, seed=seed, **kind))
    killed_until_done(tmp_path, sandbox, chance, ["apply", str(path)], **settings)
    settle(sandbox)
    products, categories = shop_of(sandbox)
    for line in lines:
        key = line["key"].get("sku")
        if line["entity"] != "products":
            continue
        if line["kind"] == "deleted":
            assert key not in products
        else:
            wanted = {n: v for n, v in line["after"].items() if n in ("name", "price")}
            assert {n: products[key][n] for n in wanted} == wanted
    assert len(categories) == len(before[1]) + 3
    (run,) = json.loads(run_command(tmp_path, sandbox, "runs", "--json", **settings).stdout)
    assert run["state"] == "done"
    killed_until_done(tmp_path, sandbox, chance, ["undo", "last"], **settings)
    settle(sandbox)
    assert shop_of(sandbox) == before
