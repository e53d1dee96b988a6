"""Runs the target in this process: many small runs, where starting a command would take longest."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
from pathlib import Path
from typing import Any

from target_ecwid.target import TargetEcwid
from target_run import encoded, records, writes


@dataclasses.dataclass
class Outcome:
    """What a run did."""

    results: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    log: str
    written: list[Any]


def write_here(config, shop, stream, *rows):
    """Write records in this process.

    Args:
        config: The target's settings.
        shop: A sandbox.
        stream: The records' stream.
        rows: The records.
    """
    work = Path(config["work_dir"]) / str(shop.store_id)
    for name in ("results.jsonl", "rejected.jsonl"):
        (work / name).unlink(missing_ok=True)
    shop.reset_requests()
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    loggers = [logging.getLogger(name) for name in (None, "target-ecwid")]
    for logger in loggers:
        logger.addHandler(handler)
    try:
        target = TargetEcwid(config=config, parse_env_config=False)
        target.publish(io.StringIO(encoded(records(stream, *rows))))
    finally:
        for logger in loggers:
            logger.removeHandler(handler)
    found = {
        name: [json.loads(x) for x in (work / name).read_text().splitlines()]
        if (work / name).exists()
        else []
        for name in ("results.jsonl", "rejected.jsonl")
    }
    return Outcome(found["results.jsonl"], found["rejected.jsonl"], said.getvalue(), writes(shop))
