"""The mappings in pipelines/moving, and the sample shops in examples/moving."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from target_run import keyed, run_target, state

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "pipelines" / "moving"
SHOPS = ROOT / "examples" / "moving"
REFERRED = {"products", "custom_collections", "product_categories"}
KINDS = ("created", "updated", "deleted", "unchanged", "rejected")


def loaders(name):
    """The settings of a mapping's loaders, by their names."""
    project = yaml.safe_load((MAPPINGS / f"{name}.yml").read_text())
    return {loader["name"]: loader["config"] for loader in project["plugins"]["loaders"]}


def sample(name):
    """The records of a sample shop: stream -> records, those that others refer to last."""
    paths = sorted((SHOPS / name).glob("*.jsonl"), key=lambda path: path.stem in REFERRED)
    return {path.stem: [json.loads(x) for x in path.read_text().splitlines()] for path in paths}


def messages_of(streams):
    found = [line for name, rows in streams.items() for line in keyed(name, *rows)]
    return [*found, state({"at": "end"})]


def planned(folder, sandbox, messages, settings):
    """What a plan says: stream -> how many of each kind."""
    run = run_target(folder, sandbox, messages, plan="move.plan", **settings)
    assert run.code == 0, run.log
    last = (folder / "move.plan").read_text().splitlines()[-1]
    counts = json.loads(last)["streams"]
    return {name: {k: one[k] for k in KINDS if one.get(k)} for name, one in counts.items()}


def counted_in(log):
    """What a run's log says: stream -> how many of each kind."""
    found = {}
    for line in log.splitlines():
        if " created, " in line:
            stream, _, counts = line.rpartition("| ")[2].partition(": ")
            pairs = (part.split() for part in counts.split(", "))
            found[stream.strip()] = {kind: int(n) for n, kind in pairs if int(n)}
    return {name: counts for name, counts in found.items() if counts}
