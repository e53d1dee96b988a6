"""Runs tap-ecwid as a process and reads what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from preloaded import preloaded

BIN = Path(sys.executable).parent
"""The folder of the installed commands."""


def tap(function="tap_ecwid.cli:main"):
    """The start of the tap's command line, imports done."""
    return preloaded("tap-ecwid", function, "tap_ecwid", "ecwid_plugin", "ecwid_api")


def tap_with_children():
    """The tap, with the streams that stand in others' records selected too."""
    return tap("with_children:main")


def hasty_tap():
    """The same with less patience."""
    return tap("hasty_tap:main")


@dataclass
class TapRun:
    """What a run of the tap left behind."""

    code: int
    messages: list[dict]
    log: str
    output: bytes = b""
    state: dict | None = field(default=None)

    def __post_init__(self):
        states = [m["value"] for m in self.messages if m["type"] == "STATE"]
        self.state = states[-1] if states else None

    def of(self, kind, stream=None):
        return [
            m
            for m in self.messages
            if m["type"] == kind and (stream is None or m.get("stream") == stream)
        ]

    def exact(self, kind):
        """Messages of a type, with numbers as they are written."""
        lines = (json.loads(x, parse_float=Decimal) for x in self.output.splitlines())
        return [message for message in lines if message["type"] == kind]

    def records(self, stream):
        return [m["record"] for m in self.of("RECORD", stream)]


def settings_of(sandbox, **changes):
    """The tap's settings for a sandbox."""
    settings = {
        "api_url": sandbox.url,
        "store_id": sandbox.store_id,
        "access_token": sandbox.token,
    }
    return {k: v for k, v in (settings | changes).items() if v is not None}


def write_files(folder, settings, state=None, catalog=None):
    """The files that a run is started with, as command line arguments."""
    arguments = []
    for option, content in (("config", settings), ("state", state), ("catalog", catalog)):
        if content is not None:
            path = Path(folder) / f"{option}.json"
            path.write_text(json.dumps(content))
            arguments += [f"--{option}", str(path)]
    return arguments


def run_tap(folder, settings, *arguments, state=None, catalog=None, command=None, **environment):
    """Run the tap to its end; the installed command where ``command`` says so.

    Each line of its output has to be whole JSON: that is part of every test.
    """
    done = subprocess.run(
        [
            *(command or tap_with_children()),
            *write_files(folder, settings, state, catalog),
            *arguments,
        ],
        capture_output=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    lines = done.stdout.splitlines()
    messages = [json.loads(line) for line in lines]
    return TapRun(done.returncode, messages, done.stderr.decode(), done.stdout)


def discover(folder, settings):
    """The tap's catalog."""
    done = subprocess.run(
        [*tap(), *write_files(folder, settings), "--discover"],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def select(catalog, *streams):
    """A copy of the catalog in which only these streams are selected."""
    chosen = json.loads(json.dumps(catalog))
    for stream in chosen["streams"]:
        root_of(stream)["selected"] = stream["stream"] in streams
    return chosen


def root_of(stream):
    """The metadata of a catalog's stream itself."""
    return next(m["metadata"] for m in stream["metadata"] if not m["breadcrumb"])
