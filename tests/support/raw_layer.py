"""Loads messages into a raw layer, and says what is in it, without the models."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from ecwid_warehouse.frames import lines_of
from ecwid_warehouse.layer import Layer
from ecwid_warehouse.loader import Loader


def input_of(messages):
    """The lines of messages; those that are bytes stay as they are."""
    return b"".join(m if isinstance(m, bytes) else json.dumps(m).encode() + b"\n" for m in messages)


def load(folder, *messages, check=lambda: None, stores=()):
    """Load messages within this process; states go to standard output."""
    with tempfile.TemporaryFile() as file:
        file.write(input_of(messages))
        file.seek(0)
        Loader(Layer(folder), stores).run(file.fileno(), check)


def killed_load(folder, messages, pieces):
    """Load messages in a process that is killed after so many pieces: the states that left it."""
    states = Path(folder) / "states"
    states.parent.mkdir(parents=True, exist_ok=True)
    child = os.fork()
    if child == 0:
        _load_and_die(folder, messages, pieces, states)
    os.waitpid(child, 0)
    found = [json.loads(line) for line in states.read_text().splitlines()]
    states.unlink()
    return found


def _load_and_die(folder, messages, pieces, states):
    import sys  # noqa: PLC0415 - of the child alone

    import ecwid_warehouse.loader as ours  # noqa: PLC0415 - of the child alone

    def check():
        nonlocal pieces
        pieces -= 1
        if pieces < 0:
            os._exit(9)

    ours._PIECE = 200
    with states.open("w") as sys.stdout:
        load(folder, *messages, check=check)
        sys.stdout.flush()
        os._exit(0)


def files(folder, stream=None):
    return Layer(folder).files(stream)


def current(folder, stream, key, changed=None):
    """The stream's records as the models have to see them: by key, without deleted ones."""
    listed = files(folder, stream)
    wholes = [one for one in listed if one.is_whole]
    rows = {}
    for file in listed:
        if wholes and file < wholes[-1]:
            continue
        for line in lines_of(Layer(folder).path(file)):
            row = json.loads(line)
            known = rows.get(row[key], {})
            is_older = changed in row and changed in known and row[changed] < known[changed]
            if not known.get("_sdc_deleted_at") and not is_older:
                rows[row[key]] = row
    return {k: row for k, row in rows.items() if not row.get("_sdc_deleted_at")}
