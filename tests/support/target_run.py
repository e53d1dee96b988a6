"""Runs target-ecwid as a process over messages, and reads what it leaves behind."""

from __future__ import annotations

import io
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from preloaded import preloaded
from tap_run import BIN, settings_of, write_files

STREAM_TYPES = {
    "id": "integer",
    "sku": "string",
    "name": "string",
    "price": "number",
    "quantity": "integer",
    "email": "string",
    "code": "string",
    "enabled": "boolean",
}


@dataclass
class TargetRun:
    """What a run of the target left behind."""

    code: int
    states: list
    log: str
    folder: Path

    def lines(self, name):
        """The lines of one of its files."""
        path = self.folder / name
        return [json.loads(x) for x in path.read_text().splitlines()] if path.exists() else []

    @property
    def rejected(self):
        return self.lines("rejected.jsonl")

    @property
    def results(self):
        return self.lines("results.jsonl")

    @property
    def plan(self):
        """The changes of its plan, without the lines around them."""
        return self.lines("plan.jsonl")[1:-1]


def schema(stream, *fields, **types):
    """A SCHEMA message; fields of no known type take anything."""
    known = {name: {"type": [STREAM_TYPES[name], "null"]} for name in fields}
    known |= {name: {"type": [kind, "null"]} if kind else {} for name, kind in types.items()}
    return {
        "type": "SCHEMA",
        "stream": stream,
        "schema": {"type": "object", "properties": known},
        "key_properties": [],
    }


def records(stream, *rows):
    """A SCHEMA message that takes anything, and a RECORD message for each row."""
    return [schema(stream), *({"type": "RECORD", "stream": stream, "record": row} for row in rows)]


def keyed(stream, *rows):
    """The same of a stream whose key is ``id``."""
    first, *others = records(stream, *rows)
    return [{**first, "key_properties": ["id"]}, *others]


def state(value):
    return {"type": "STATE", "value": value}


def target():
    """The start of the target's command line, imports done."""
    return preloaded(
        "target-ecwid", "target_ecwid.cli:main", "target_ecwid", "ecwid_plugin", "ecwid_api"
    )


def command(folder, sandbox, *, start=(str(BIN / "target-ecwid"),), **settings):
    """The command line that runs the target: the installed one if nothing else is said."""
    # The sandbox's search shows at once what is new, unless a test says otherwise.
    settings = {"search_lag": 1, **settings}
    settings = settings_of(sandbox, work_dir=str(Path(folder) / "work"), **settings)
    return [*start, *write_files(folder, settings)]


def encoded(messages):
    """Messages as lines; bytes are a line as it stands."""
    return "".join(
        message.decode("utf-8", "surrogateescape") + "\n"
        if isinstance(message, bytes)
        else json.dumps(message) + "\n"
        for message in messages
    )


def run_target(folder, sandbox, messages, **settings):
    """Run the target to its end."""
    done = subprocess.run(
        command(folder, sandbox, start=target(), **settings),
        input=encoded(messages),
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=600,
        check=False,
        cwd=folder,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "has a defect" not in done.stderr, done.stderr
    assert sandbox.token not in done.stderr + done.stdout
    states = [json.loads(x) for x in done.stdout.splitlines()]
    return TargetRun(
        done.returncode, states, done.stderr, Path(folder) / "work" / str(sandbox.store_id)
    )


def run_command(folder, sandbox, *words, **settings):
    """Run one of the target's own commands, such as ``apply``; its output is not parsed."""
    name, *rest = words
    config = command(folder, sandbox, start=(), **settings)
    done = subprocess.run(
        [*target(), name, *map(str, rest), *config],
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
        cwd=folder,
        stdin=subprocess.DEVNULL,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "has a defect" not in done.stderr, done.stderr
    assert sandbox.token not in done.stderr + done.stdout
    return done


def settle(sandbox):
    """Let time pass until searches see all that was written."""
    sandbox.clock.advance(sandbox.sandbox.options.index_lag)


def writes(sandbox):
    """What was written to the shop: method, path and status of each request that did."""
    return [
        (request.method, request.path)
        for request in sandbox.requests
        if request.method != "GET" and request.path != "/batch"
    ]


@dataclass
class Done:
    """What a run in this process did."""

    outcomes: list[tuple[str, str]]
    rejected: list[dict]
    written: list


def run_here(folder, shop, messages, **changes):
    """Run the target in this process."""
    from target_ecwid.target import TargetEcwid  # noqa: PLC0415 - most tests start a process

    work = Path(folder) / "work" / str(shop.store_id)
    settings = {"search_lag": 1, "on_error": "skip", "results": True, **changes}
    config = settings_of(
        shop, work_dir=str(Path(folder) / "work"), requests_per_minute=1_000_000, **settings
    )
    shop.reset_requests()
    TargetEcwid(config=config, parse_env_config=False).publish(io.StringIO(encoded(messages)))
    results, rejected = (
        [json.loads(x) for x in path.read_text().splitlines()] if path.exists() else []
        for path in (work / "results.jsonl", work / "rejected.jsonl")
    )
    return Done([(r["stream"], r["outcome"]) for r in results], rejected, writes(shop))


def plan_of(folder, sandbox, messages, **settings):
    """Make a plan; nothing may be written."""
    before = writes(sandbox)
    path = folder / "plan.jsonl"
    run = run_target(folder, sandbox, messages, plan=str(path), **settings)
    assert run.code == 0, run.log
    assert run.states == []
    assert writes(sandbox) == before
    return path


def product(sandbox, sku):
    """The one product of a shop with a SKU."""
    found = [p for p in sandbox.shop.all("product") if p.get("sku") == sku]
    assert len(found) == 1, found
    return found[0]
